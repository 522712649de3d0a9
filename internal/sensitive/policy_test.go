package sensitive_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ribble/internal/access"
	"ribble/internal/identity"
	"ribble/internal/quarantine"
	"ribble/internal/record"
	"ribble/internal/relationship"
	"ribble/internal/sensitive"
	"ribble/internal/sensitive/codeset"
)

// Invented members: real identifiers of ordinary things, chosen only to have the right form.
var october = time.Date(2026, 10, 15, 0, 0, 0, 0, time.UTC)

const (
	secret     = "195967001"
	secretRead = "43C3."
	secretCTV3 = "XaXYZ"
	localCodes = "https://example.nhs.uk/codes"
	harmless   = "38341003"
	clinicODS  = "https://fhir.nhs.uk/Id/ods-organization-code"
	ownB       = "B9999"
)

const manifest = `{"sets":[
 {"topic":"sexual-health","title":"Sexual health","version":"1","in_force":"2026-10-01","opens":"B1611","on":true,"members":7,"files":[{"name":"l.csv","format":"list"}]},
 {"topic":"abuse","title":"Abuse","version":"1","in_force":"2026-10-01","opens":"` + ownB + `","on":true,"members":2,"files":[{"name":"l.csv","format":"list"}]},
 {"topic":"complaints","title":"Complaints","version":"1","in_force":"2026-10-01","opens":"B1611","on":false,"members":1,"files":[{"name":"l.csv","format":"list"}]}]%s}`

const members = "system,code,topic\nsnomed," + secret + ",sexual-health\nreadv2," + secretRead + ",sexual-health\nctv3," + secretCTV3 + ",sexual-health\n" +
	localCodes + ",S1,sexual-health\n" + localCodes + ",a long local code,sexual-health\n" + clinicODS + ",RXX01,sexual-health\n" +
	"http://terminology.hl7.org/CodeSystem/v3-ActCode,STD,sexual-health\n" + localCodes + ",A1,abuse\n" + localCodes + ",A2,abuse\n" + localCodes + ",C1,complaints\n"

func sets(t testing.TB, more string) *codeset.Sets {
	s, err := codeset.Load(fstest.MapFS{"m.json": {Data: fmt.Appendf(nil, manifest, more)}, "l.csv": {Data: []byte(members)}}, "m.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func policy(t testing.TB, more ...string) *sensitive.Policy {
	h := new(codeset.Holder)
	if err := h.Replace(sets(t, strings.Join(more, ""))); err != nil {
		t.Fatal(err)
	}
	return sensitive.NewPolicy(h)
}

func checked(a record.Answer) quarantine.Checked {
	return quarantine.Check(person(), a, quarantine.Other)
}

func snomed(code string) record.Concept {
	return record.Concept{Codings: []record.Coding{{System: record.SNOMED, Code: code}}}
}

func problem(id string, c record.Concept) record.Problem {
	return record.Problem{Head: head("Condition", id), Problem: c}
}

func TestActivityOpensASet(t *testing.T) {
	p := policy(t)
	chart := func() record.Chart {
		return record.Chart{Problems: []record.Problem{
			problem("std", snomed(secret)), problem("abuse", record.Concept{Codings: []record.Coding{{System: localCodes, Code: "A1"}}}), problem("open", snomed(harmless)),
			problem("off", record.Concept{Codings: []record.Coding{{System: localCodes, Code: "C1"}}}),
		}}
	}
	for _, k := range []struct {
		name       string
		activities []string
		want       []string
		by         []sensitive.Count
	}{
		{"no activity", []string{detailed}, []string{"open", "off"}, []sensitive.Count{{Code: "sexual-health 1", N: 1}, {Code: "abuse 1", N: 1}}},
		{"that for sensitive records", []string{detailed, sensitiveFlagged}, []string{"std", "open", "off"}, []sensitive.Count{{Code: "abuse 1", N: 1}}},
		{"both", []string{detailed, sensitiveFlagged, ownB}, []string{"std", "abuse", "open", "off"}, nil},
		{"the set's own without the other", []string{detailed, ownB}, []string{"open", "off"}, []sensitive.Count{{Code: "sexual-health 1", N: 1}, {Code: "abuse 1", N: 1}}},
	} {
		t.Run(k.name, func(t *testing.T) {
			c := p.Clear(grant(t, k.activities...), checked(answer(chart())))
			var got []string
			for _, e := range c.Answer().Chart.Problems {
				got = append(got, e.Key.ID)
			}
			if diff := cmp.Diff(k.want, got); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(k.by, c.WithheldBy()); diff != "" {
				t.Error(diff)
			}
			if n := c.Withheld(record.Problems); n != 4-len(k.want) {
				t.Errorf("%d counted as withheld", n)
			}
			cover := c.Answer().Coverage[record.Problems]
			if held := cover.State == record.Withheld && cover.Detail == sensitive.ByPortal; held != (len(k.want) < 4) {
				t.Errorf("the section says %s, %q", cover.State, cover.Detail)
			}
			if c.Answer().Account.Unaccounted() != 0 {
				t.Error("the account does not balance")
			}
		})
	}
}

// Emergency access opens no set, no label, and no refusal to share.
func TestBreakGlassOpensNothingHere(t *testing.T) {
	q := access.Request{
		User: identity.User{Issuer: "i", Subject: "s", AssuranceLevel: 3, Organisation: identity.Organisation{ODS: "RZB", Name: "Bowland"},
			Role: identity.Role{ProfileID: "1", Activities: []string{detailed, "B0168"}}},
		Person: person(), Purpose: access.DirectCare, At: now,
		Facts: access.Facts{
			OfficerNamed: true, Relationships: []relationship.Evidence{{Kind: relationship.Caseload, Organisation: "RZB"}},
			Override: access.Override{ID: "o", Reason: "r", Organisation: "RZB", From: now.Add(-time.Minute), Until: now.Add(time.Minute)},
		},
	}
	g, err := access.Decide(q)
	if err != nil || g.Override().ID == "" {
		t.Fatalf("no emergency access to try: %v", err)
	}
	chart := record.Chart{Problems: []record.Problem{problem("std", snomed(secret)), {Head: head("Condition", "label", veryRestricted)}}}
	if c := policy(t).Clear(g, checked(answer(chart))); len(c.Answer().Chart.Problems) != 0 {
		t.Error("emergency access opens what a set or a label hides")
	}
	chart = record.Chart{Problems: []record.Problem{problem("no", snomed("416409005")), problem("open", snomed(harmless))}}
	if c := policy(t).Clear(g, checked(answer(chart))); c.Answer().State != record.Refused {
		t.Error("emergency access opens a source that the person does not share")
	}
}

func TestUnreadableCodesFailClosed(t *testing.T) {
	p := policy(t)
	for _, k := range []struct {
		name   string
		coding record.Coding
		hidden bool
	}{
		{"a wrong check digit", record.Coding{System: record.SNOMED, Code: "195967002"}, true},
		{"no number", record.Coding{System: record.SNOMED, Code: "asthma"}, true},
		{"no code", record.Coding{System: record.SNOMED, Display: "Asthma"}, true},
		{"no code of a local system with sensitive codes", record.Coding{System: localCodes}, true},
		{"no Read code", record.Coding{System: record.ReadV2, Code: "43C3.0000"}, true},
		{"a system that no set names", record.Coding{System: "urn:x"}, false},
		{"another code", record.Coding{System: record.SNOMED, Code: harmless}, false},
		{"words alone", record.Coding{Display: "Asthma"}, false},
	} {
		t.Run(k.name, func(t *testing.T) {
			chart := func() record.Chart {
				return record.Chart{Problems: []record.Problem{problem("1", record.Concept{Text: "x", Codings: []record.Coding{k.coding}})}}
			}
			if c := p.Clear(grant(t, detailed), checked(answer(chart()))); (len(c.Answer().Chart.Problems) == 0) != k.hidden {
				t.Errorf("hidden: %v", !k.hidden)
			}
			if c := p.Clear(grant(t, detailed, sensitiveFlagged, ownB), checked(answer(chart()))); len(c.Answer().Chart.Problems) != 1 {
				t.Error("hidden from who may see every set")
			}
			if c := new(sensitive.Policy).Clear(grant(t, detailed), checked(answer(chart()))); len(c.Answer().Chart.Problems) != 1 {
				t.Error("hidden though no set could name it")
			}
		})
	}
}

func TestMarksForThePatientAndUnknownTypes(t *testing.T) {
	chart := func() record.Chart {
		return record.Chart{
			Documents: []record.Document{{Head: head("DocumentReference", "1", record.Label{System: "http://hl7.org/fhir/v3/ActCode", Code: "NOPAT"})}},
			Other: []record.OtherEntry{
				{Head: head("NutritionOrder", "1"), General: true, Name: record.Words("Diet")},
				{Head: head("RiskAssessment", "1"), General: true, Name: snomed(harmless)}, {Head: head("Observation", "1"), Name: record.Words("Words of a practice")},
			},
		}
	}
	for _, k := range []struct {
		more             string
		activity         string
		documents, other int
	}{
		{"", "", 1, 3}, {`,"hide_not_for_patient":"B1611"`, "", 0, 3}, {`,"hide_not_for_patient":"B1611"`, sensitiveFlagged, 1, 3},
		{`,"hide_unclassifiable":"B1611"`, "", 1, 2}, {`,"hide_unclassifiable":"B1611"`, sensitiveFlagged, 1, 3},
	} {
		c := policy(t, k.more).Clear(grant(t, detailed, k.activity), checked(answer(chart())))
		if d, o := len(c.Answer().Chart.Documents), len(c.Answer().Chart.Other); d != k.documents || o != k.other {
			t.Errorf("%s for %q: %d documents, %d others", k.more, k.activity, d, o)
		}
	}
}

// marks are the ways in which an entry is sensitive.
var marks = []record.Coding{
	{System: record.SNOMED, Code: secret}, {System: record.SNOMED, Code: harmless + " : 246075003 = " + secret}, {System: "urn:oid:2.16.840.1.113883.6.96", Code: secret},
	{System: record.DMD, Code: secret}, {System: record.ReadV2, Code: "43C3.00"}, {System: record.ReadV2, Code: "43C3"}, {System: record.CTV3, Code: secretCTV3},
	{System: localCodes, Code: "S1"}, {System: localCodes, Code: "a long local code"}, {System: localCodes, Code: "A2"}, {Code: secret}, {System: record.SNOMED, Code: "195967009"},
	{System: record.SNOMED}, {System: localCodes},
}

// plain are codes that no set names.
var plain = []record.Coding{
	{System: record.SNOMED, Code: harmless}, {System: record.SNOMED, Code: "73211009", Display: "Diabetes"}, {System: record.DMD, Code: "322236009"}, {System: record.ReadV2, Code: "C10.."},
	{System: record.CTV3, Code: "X40J4"}, {System: localCodes, Code: "B1"}, {System: "urn:x", Code: "S1"}, {System: "urn:x"}, {Code: "final"}, {Display: "words"},
	{System: "http://terminology.hl7.org/CodeSystem/v3-NullFlavor", Code: "UNK"}, {System: record.SNOMED, Code: "196421000000109"},
}

// region is a chart of many entries with who they are and what must become of them.
type region struct {
	*rand.Rand
	places []path
	chart  record.Chart
	n      int
	hidden map[record.ItemKey]bool
}

func (r *region) key() record.ItemKey {
	r.n++
	return record.ItemKey{Type: fmt.Sprintf("T%d", r.IntN(9)), ID: fmt.Sprint("e", r.n)}
}

func (r *region) some(list []record.Coding) record.Coding { return list[r.IntN(len(list))] }

func (r *region) entry(mark func(*record.Head, *[]record.Coding)) record.ItemKey {
	h := record.Head{Key: r.key(), Phase: record.Current}
	list := []record.Coding{r.some(plain), r.some(plain)}
	if mark != nil {
		mark(&h, &list)
		r.hidden[h.Key] = true
	}
	r.places[r.IntN(len(r.places))].add(&r.chart, h, list)
	return h.Key
}

// sensitive adds an entry that must go: for a code anywhere in it, for a label, for who wrote it, or for what it tells of.
func (r *region) sensitive() record.ItemKey {
	switch r.IntN(8) {
	case 0:
		return r.entry(func(h *record.Head, _ *[]record.Coding) {
			codes := []string{"R", "V", "no such code"}
			h.Labelled([]record.Label{normal, {System: normal.System, Code: codes[r.IntN(3)]}})
		})
	case 1:
		return r.entry(func(h *record.Head, _ *[]record.Coding) {
			h.Labelled([]record.Label{{System: "http://terminology.hl7.org/CodeSystem/v3-ActCode", Code: "STD"}})
		})
	case 2:
		return r.entry(func(h *record.Head, _ *[]record.Coding) {
			h.PerformedBy = []record.Actor{{Name: "a clinic", Identifiers: []record.Identifier{{System: clinicODS, Value: "RXX01"}}}}
		})
	case 3:
		// A chain: what tells of what tells of a sensitive entry.
		k := r.sensitive()
		for range r.IntN(3) + 1 {
			told := k
			k = r.entry(func(h *record.Head, _ *[]record.Coding) {
				h.Add().Tells = []record.ItemKey{{Type: "T", ID: "elsewhere"}, told}
			})
		}
		return k
	}
	return r.entry(func(_ *record.Head, list *[]record.Coding) { *list = slices.Insert(*list, r.IntN(3), r.some(marks)) })
}

// leads adds open entries that lead to others without telling of them.
func (r *region) leads(to record.ItemKey) {
	h := record.Head{Key: r.key(), Phase: record.Current, Rare: &record.HeadRare{Encounter: record.Ref{Key: to}}}
	link := record.Ref{Key: to, Words: "in words"}
	switch r.IntN(4) {
	case 0:
		r.chart.Problems = append(r.chart.Problems, record.Problem{Head: h, Links: []record.Ref{link, {Key: r.key()}}, Relations: []record.ProblemRelation{{To: link}}})
	case 1:
		r.chart.Referrals = append(r.chart.Referrals, record.Referral{Head: h, Attachments: []record.Ref{link}})
	case 2:
		r.chart.Medicines = append(r.chart.Medicines, record.Medicine{Head: h, Prior: link})
	case 3:
		r.chart.Encounters = append(r.chart.Encounters, record.Encounter{Head: h, Stay: link})
	}
}

// lists adds entries that show the words of others, and so must go with them.
func (r *region) lists(of record.ItemKey) {
	h := record.Head{Key: r.key(), Phase: record.Current}
	to := record.Ref{Key: of}
	r.hidden[h.Key] = true
	switch r.IntN(5) {
	case 0:
		r.chart.Encounters = append(r.chart.Encounters, record.Encounter{Head: h, Diagnoses: []record.EncounterDiagnosis{{Ref: to}}})
	case 1:
		r.chart.Consultations = append(r.chart.Consultations, record.Consultation{Head: h, Topics: []record.Topic{{Problems: []record.Ref{to}}}})
	case 2:
		items := []record.ConsultationItem{{Ref: to, Term: "in words"}}
		r.chart.Consultations = append(r.chart.Consultations, record.Consultation{Head: h, Topics: []record.Topic{{Headings: []record.ConsultationHeading{{Items: items}}}}})
	case 3:
		r.chart.Results = append(r.chart.Results, record.Report{Head: h, Items: []record.Result{{Rare: &record.ResultRare{Members: []record.Result{{Key: of}}}}}})
	case 4:
		h.Key, h.CrossListed = of, true
		r.chart.Other = append(r.chart.Other, record.OtherEntry{Head: h})
	}
}

// The suite of issue 4: 2,000 items that must go and 10,000 that must stay, in charts of a hundred and more.
func TestSensitiveItemsAreRecalledAndNoOthers(t *testing.T) {
	p, places := policy(t), paths()
	r := &region{Rand: rand.New(rand.NewPCG(4, 22)), places: places}
	labelled, unlabelled := 0, 0
	for labelled < 2000 || unlabelled < 10000 {
		r.chart, r.hidden = record.Chart{}, map[record.ItemKey]bool{}
		for range r.IntN(12) {
			k := r.sensitive()
			r.leads(k)
			if r.IntN(3) == 0 {
				r.lists(k)
			}
		}
		for range 80 {
			r.entry(nil)
		}
		want := map[record.ItemKey]bool{}
		for s := range record.AllSections.All {
			r.chart.Heads(s, func(h *record.Head) {
				if r.hidden[h.Key] {
					labelled++
				} else {
					want[h.Key] = true
					unlabelled++
				}
			})
		}
		c := p.Clear(grant(t, detailed), checked(answer(r.chart)))
		for s := range record.AllSections.All {
			c.Answer().Chart.Heads(s, func(h *record.Head) {
				if !want[h.Key] {
					t.Errorf("in %s a sensitive entry is shown", s.ID())
				}
				delete(want, h.Key)
			})
		}
		if len(want) > 0 {
			t.Errorf("%d entries are withheld for nothing", len(want))
		}
		if left := mentions(reflect.ValueOf(&c.Answer().Chart), func(k record.ItemKey) bool { return r.hidden[k] }); len(left) > 0 {
			t.Errorf("what is withheld is still referred to: %v", left)
		}
		if t.Failed() {
			return
		}
	}
	t.Logf("%d sensitive entries recalled, %d others shown", labelled, unlabelled)
}
