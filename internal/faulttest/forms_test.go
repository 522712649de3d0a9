package faulttest

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ribble/internal/record"
	"ribble/internal/sandbox"
	"ribble/internal/sandbox/story"
)

// form is one way in which a GP system's message is cut, damaged or about somebody else, and what must come of it.
type form struct {
	name   string
	change func(message []byte, number string) []byte
	want   record.State
	number string
}

// stray stands in whatever a message holds that must never be shown.
const stray = "Stray words of somebody else"

var (
	firstEntry    = regexp.MustCompile(`"entry"\s*:\s*\[`)
	firstAllergy  = regexp.MustCompile(`"resourceType"\s*:\s*"AllergyIntolerance"\s*,`)
	itsPatient    = regexp.MustCompile(`("resourceType"\s*:\s*"AllergyIntolerance"(?s:.*?)"reference"\s*:\s*"Patient/)[^"]+"`)
	thePatient    = regexp.MustCompile(`"resourceType"\s*:\s*"Patient"`)
	itsBirthDate  = regexp.MustCompile(`("birthDate"\s*:\s*")[^"]+"`)
	numberSystem  = regexp.MustCompile(`"https://fhir\.nhs\.uk/Id/nhs-number"`)
	anyPatientRef = regexp.MustCompile(`"Patient/([^"]+)"`)
)

func forms() []form {
	var all []form
	for n := 1; n < 16; n++ {
		all = append(all, form{name: fmt.Sprintf("cut at %d/16", n), want: record.Unavailable, change: func(m []byte, _ string) []byte { return m[:len(m)*n/16] }})
	}
	insert := func(resource string) func([]byte, string) []byte {
		return func(m []byte, _ string) []byte { return once(firstEntry, m, `${0}{"resource":`+resource+`},`) }
	}
	observation := `{"resourceType":"Observation","id":"stray","status":"final","code":{"text":"` + stray + `"},"effectiveDateTime":"2020-01-01",`
	return append(all,
		form{name: "a name twice", want: record.Unavailable, change: rewrite(firstAllergy, `${0}"code":{"text":"`+stray+`"},`)},
		form{name: "a name in other case", want: record.Data, change: rewrite(firstAllergy, `${0}"CODE":{"text":"`+stray+`"},`)},
		form{name: "another number", want: record.Mismatch, change: func(m []byte, number string) []byte {
			return bytes.ReplaceAll(m, []byte(number), []byte("9990000018"))
		}},
		form{name: "the number under another system", want: record.Mismatch, change: func(m []byte, _ string) []byte {
			return numberSystem.ReplaceAll(m, []byte(`"https://example.invalid/number"`))
		}},
		form{name: "another birth date", want: record.Mismatch, change: rewrite(itsBirthDate, `${1}1901-01-01"`)},
		form{name: "one entry about another", want: record.Mismatch, change: rewrite(itsPatient, `${1}stranger"`)},
		form{name: "one more entry about another", want: record.Mismatch, change: insert(observation + `"subject":{"reference":"Patient/stranger"}}`)},
		form{name: "one entry about another by number", want: record.Mismatch, change: insert(observation + `"subject":{"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000018"}}}`)},
		form{name: "one contained entry about another", want: record.Mismatch, change: func(m []byte, _ string) []byte {
			own := string(anyPatientRef.FindSubmatch(m)[1])
			return once(firstEntry, m, `${0}{"resource":`+strings.TrimSuffix(observation, `"effectiveDateTime":"2020-01-01",`)+`"subject":{"reference":"Patient/`+own+
				`"},"contained":[`+observation+`"subject":{"reference":"Patient/stranger"}}]}},`)
		}},
		form{name: "two patients", want: record.Mismatch, change: insert(`{"resourceType":"Patient","id":"stranger","identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000018"}],"name":[{"family":"` + stray + `"}],"birthDate":"1960-01-01"}`)},
		form{name: "no patient", want: record.Mismatch, change: rewrite(thePatient, `"resourceType":"Person"`)},
		form{name: "something after the end", want: record.Unavailable, change: func(m []byte, _ string) []byte { return append(slices.Clone(m), `{"resourceType":"Bundle"}`...) }},
	)
}

func rewrite(at *regexp.Regexp, to string) func([]byte, string) []byte {
	return func(m []byte, _ string) []byte { return once(at, m, to) }
}

// once expands the template into the first match alone.
func once(at *regexp.Regexp, m []byte, to string) []byte {
	i := at.FindSubmatchIndex(m)
	if i == nil {
		return nil
	}
	return append(at.Expand(slices.Clone(m[:i[0]]), []byte(to), m, i), m[i[1]:]...)
}

var damaged []form

// enrolForms makes a person for each form out of one published record, when those are here.
func enrolForms(w *sandbox.World) {
	damaged = nil
	for _, n := range w.Notable() {
		if !strings.HasPrefix(n.Shows, "allergies_contained_resolved: published record") {
			continue
		}
		message, _ := w.RawRecord(n.NHSNumber)
		whose, _ := w.Person(n.NHSNumber)
		middle := 700_000
		for _, f := range forms() {
			for ok := false; !ok; middle++ {
				f.number, ok = story.TestNumber(middle)
			}
			own := bytes.ReplaceAll(message, []byte(n.NHSNumber), []byte(f.number))
			p := whose
			p.NHSNumber, p.Story, p.Holdings = f.number, "", []story.Holding{{ODS: whose.Practice}}
			w.Add(p)
			w.ServeRecord(f.number, f.change(own, f.number))
			damaged = append(damaged, f)
		}
		return
	}
}

// TestDamagedMessages: a message that is cut or damaged is not shown in part, and one that is about somebody else not at all.
func TestDamagedMessages(t *testing.T) {
	need(t)
	if len(damaged) == 0 {
		t.Skip("the published records are not here: ../shared/fixtures")
	}
	v := hire(t, region)
	for _, f := range damaged {
		raw, _ := region.Region.World.RawRecord(f.number)
		if len(raw) == 0 {
			t.Fatalf("%s: the message could not be changed so", f.name)
		}
		p := v.open(t, f.number)
		if p.status != 200 || !p.ended() {
			t.Errorf("%s: status %d, ended %v", f.name, p.status, p.ended())
			continue
		}
		final(t, p, f.name)
		s := practice(finished(t, v))
		if s.State != f.want.String() || !strings.Contains(p.source("GP"), words[f.want]) {
			t.Errorf("%s: the practice is %s, want %s: %s", f.name, s.State, f.want, p.source("GP"))
		}
		if strings.Contains(string(p.body), stray) {
			t.Errorf("%s: what must never be shown is shown", f.name)
		}
		if f.want != record.Data && strings.Contains(strings.ToLower(p.say("allergies")), "penicillin") {
			t.Errorf("%s: a part of the message is shown: %s", f.name, p.say("allergies"))
		}
	}
}
