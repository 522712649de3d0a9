package faulttest

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"ribble/internal/audit"
	"ribble/internal/record"
)

// entry is what this test reads of a published resource, apart from the program's own decoders.
type entry struct {
	Type       string    `json:"resourceType"`
	ID         string    `json:"id"`
	Status     string    `json:"status"`
	Intent     string    `json:"intent"`
	Code       concept   `json:"code"`
	Vaccine    concept   `json:"vaccineCode"`
	Comment    string    `json:"comment"`
	Subject    reference `json:"subject"`
	Medication reference `json:"medicationReference"`
	Value      struct {
		Value json.Number `json:"value"`
		Unit  string      `json:"unit"`
	} `json:"valueQuantity"`
	ValueString string `json:"valueString"`
	Note        []struct {
		Text string `json:"text"`
	} `json:"note"`
	Dosage             []dose    `json:"dosage"`
	Instruction        []dose    `json:"dosageInstruction"`
	Description        string    `json:"description"`
	DocumentType       concept   `json:"type"`
	Reason             []concept `json:"reasonCode"`
	Conclusion         string    `json:"conclusion"`
	Onset              string    `json:"onsetDateTime"`
	Contained          []entry   `json:"contained"`
	VerificationStatus string    `json:"verificationStatus"`
	Title              string    `json:"title"`
	Entries            []struct {
		Item struct {
			Reference string `json:"reference"`
			Display   string `json:"display"`
		} `json:"item"`
	} `json:"entry"`
}

type reference struct {
	Reference string `json:"reference"`
}

type dose struct {
	Text    string `json:"text"`
	Patient string `json:"patientInstruction"`
}

type concept struct {
	Text   string   `json:"text"`
	Coding []coding `json:"coding"`
}

type coding struct {
	Code    string `json:"code"`
	Display string `json:"display"`
}

// structural are the Lists of a consultation: itself, its topics and its headings.
var structural = map[string]bool{"325851000000107": true, "25851000000105": true, "24781000000107": true}

// UnmarshalJSON takes the first of a list: some resource types have lists where others have one.
func (c *concept) UnmarshalJSON(raw []byte) error {
	type plain concept
	if len(raw) > 0 && raw[0] == '[' {
		var list []plain
		if err := json.Unmarshal(raw, &list); err != nil || len(list) == 0 {
			return err
		}
		*c = concept(list[0])
		return nil
	}
	// A list's code is a word; nothing here reads it.
	var one plain
	if json.Unmarshal(raw, &one) == nil {
		*c = concept(one)
	}
	return nil
}

// names are the words of a concept of which one at least must stand on the page.
func (c concept) names() []string {
	out := []string{c.Text}
	for _, coding := range c.Coding {
		out = append(out, coding.Display)
	}
	return slices.DeleteFunc(out, func(s string) bool { return strings.TrimSpace(s) == "" })
}

// TestPublishedRecords opens every published GP Connect record, as published and put right, and holds the page against the message itself.
func TestPublishedRecords(t *testing.T) {
	need(t)
	if _, err := os.Stat(fixtures + "/gpconnect-structured"); err != nil {
		t.Skip("the published records are not here:", err)
	}
	v, opened := hire(t, region), 0
	for _, n := range region.Region.World.Notable() {
		raw, served := region.Region.World.RawRecord(n.NHSNumber)
		if !served || !strings.Contains(n.Shows, ":") {
			continue
		}
		opened++
		t.Run(strings.ReplaceAll(n.Shows, " ", "_"), func(t *testing.T) {
			p := v.open(t, n.NHSNumber)
			if p.status != 200 || !p.ended() {
				t.Fatalf("status %d, ended %v", p.status, p.ended())
			}
			final(t, p, n.Shows)
			told := finished(t, v)
			balanced(t, n.Shows, told)
			resources := parsed(t, raw)
			if strings.Contains(n.Shows, "to be quarantined") {
				quarantined(t, p, told, resources)
				return
			}
			complete(t, p, told, resources)
		})
	}
	if opened < 20 {
		t.Errorf("only %d published records", opened)
	}
}

func parsed(t *testing.T, raw []byte) map[string]entry {
	t.Helper()
	var bundle struct {
		Entry []struct {
			Resource entry `json:"resource"`
		} `json:"entry"`
	}
	if err := json.Unmarshal(raw, &bundle); err != nil {
		t.Fatal(err)
	}
	all := map[string]entry{}
	for i, e := range bundle.Entry {
		key := e.Resource.Type + "/" + e.Resource.ID
		if _, twice := all[key]; twice || e.Resource.ID == "" {
			key += fmt.Sprintf("#%d", i)
		}
		all[key] = e.Resource
		for _, c := range e.Resource.Contained {
			all[key+"#"+c.ID] = c
		}
	}
	return all
}

// practice is what the trail says of the GP system.
func practice(told audit.Event) audit.Source {
	for _, s := range told.Sources {
		if strings.HasPrefix(s.Feed, "gp-") {
			return s
		}
	}
	return audit.Source{}
}

func quarantined(t *testing.T, p page, told audit.Event, resources map[string]entry) {
	t.Helper()
	if s := practice(told); s.State != record.Mismatch.String() || len(s.Fates) != record.NumFates || s.Fates[record.Quarantined] != s.Received {
		t.Errorf("the practice is %s, and of %d entries these became: %v", s.State, s.Received, s.Fates)
	}
	if !strings.Contains(p.source("GP"), "WRONG PERSON") || !strings.Contains(p.say("flags"), "SOMEONE ELSE") {
		t.Errorf("the page does not say so: %q, %q", p.source("GP"), p.say("flags"))
	}
	said := whole(p)
	for key, r := range resources {
		switch r.Type {
		case "AllergyIntolerance", "Condition", "Medication", "Immunization":
			for _, name := range append(r.Code.names(), r.Vaccine.names()...) {
				if len(name) > 8 && strings.Contains(said, one(name)) {
					t.Errorf("%s of a quarantined answer is shown", key)
				}
			}
		}
	}
}

// whole is all that the page says, with single spaces.
func whole(p page) string {
	var b strings.Builder
	for slot := range p.slots {
		b.WriteString(p.say(slot) + "\n")
	}
	return b.String()
}

func one(s string) string { return strings.Join(strings.Fields(s), " ") }

// complete reports everything in the message that a reader of the page does not find.
func complete(t *testing.T, p page, told audit.Event, resources map[string]entry) {
	t.Helper()
	s := practice(told)
	if s.State != record.Data.String() {
		t.Fatalf("the practice is %s: %s", s.State, p.say("sources"))
	}
	said := whole(p)
	missing := map[string][]string{}
	need := func(what, key string, words ...string) {
		if len(words) == 0 {
			return
		}
		for _, w := range words {
			if strings.Contains(said, one(w)) {
				return
			}
		}
		missing[what] = append(missing[what], fmt.Sprintf("%s %q", key, words))
	}
	each := func(what, key string, words ...string) {
		for _, w := range words {
			if strings.TrimSpace(w) != "" {
				need(what, key, w)
			}
		}
	}
	for key, r := range resources {
		if r.Status == "entered-in-error" || r.VerificationStatus == "entered-in-error" {
			continue
		}
		if r.Type == "Observation" && r.Subject.Reference == "" {
			// Whose it is was not sent: it cannot be read safely, and is counted as such.
			continue
		}
		if named := r.Code.names(); r.Type == "Observation" && slices.Contains(named, "Comment note") || slices.Contains(named, "Diagnostic studies report") {
			// A filing comment stands by its words, and a report by the tests in it.
			r.Code = concept{}
		}
		switch r.Type {
		case "AllergyIntolerance", "Condition", "DiagnosticReport", "ProcedureRequest", "Procedure", "Observation":
			need(r.Type+" name", key, r.Code.names()...)
		case "Immunization":
			need("Immunization vaccine", key, r.Vaccine.names()...)
		case "MedicationStatement":
			need("medicine name", key, resources[r.Medication.Reference].Code.names()...)
		case "DocumentReference":
			need("document", key, append([]string{r.Description}, r.DocumentType.names()...)...)
			each("document description", key, r.Description)
		case "Encounter":
			need("consultation", key, r.DocumentType.names()...)
		case "List":
			// Consultations, topics and headings are shown by their titles; what a practice system cannot send is shown in its words.
			if slices.ContainsFunc(r.Code.Coding, func(c coding) bool { return structural[c.Code] }) {
				each("title of a "+r.Code.Coding[0].Display, key, r.Title)
			}
			for _, e := range r.Entries {
				if e.Item.Reference == "" {
					each("words of a list", key, e.Item.Display)
				}
			}
		case "ReferralRequest":
			each("referral", key, r.Description)
			for _, reason := range r.Reason {
				need("referral reason", key, reason.names()...)
			}
		}
		each(r.Type+" comment", key, r.Comment, r.Conclusion, r.ValueString)
		if v := r.Value.Value.String(); v != "" && r.Type == "Observation" {
			each("value", key, v, r.Value.Unit)
		}
		for _, n := range r.Note {
			if r.Type != "List" {
				each(r.Type+" note", key, n.Text)
			}
		}
		for _, d := range append(r.Dosage, r.Instruction...) {
			each(r.Type+" dose", key, d.Text, d.Patient)
		}
	}
	for what, list := range missing {
		slices.Sort(list)
		t.Errorf("%d × %s not on the page: %s", len(list), what, strings.Join(list[:min(len(list), 4)], "; "))
	}
}
