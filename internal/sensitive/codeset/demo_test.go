package codeset_test

import (
	"os"
	"strings"
	"testing"

	"ribble/internal/record"
	"ribble/internal/sensitive/codeset"
)

const demo = "../../../deploy/demo/sensitive"

// The demo's sets load, say that they are invented, and name what the sandbox's people have.
func TestDemoSets(t *testing.T) {
	s, err := codeset.Load(os.DirFS(demo), "manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := codeset.LoadWords(os.DirFS(demo), "words.csv"); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"manifest.json", "lists.csv", "words.csv"} {
		if text, err := os.ReadFile(demo + "/" + name); err != nil || !strings.Contains(string(text), "Invented by Ribble for tests and the demo; no claim of completeness.") {
			t.Errorf("%s does not say that it is invented (%v)", name, err)
		}
	}
	topics := map[string]bool{}
	for _, set := range s.All() {
		topics[set.Topic] = true
	}
	for _, known := range codeset.GeneralPractice {
		if !topics[known.Topic] {
			t.Errorf("the demo has no set for %s", known.Topic)
		}
	}
	in := s.InForce(october)
	const interweave = "https://fhir.interweavedigital.nhs.uk/CodeSystem/Interweave-"
	for _, c := range []record.Coding{{System: record.SNOMED, Code: "240589008"}, {System: interweave + "SocialCareRequesterType", Code: "ANON"}} {
		if s.Judge(&c).Named&in == 0 {
			t.Errorf("%s is not in a set", c.Code)
		}
	}
	if s.Judge(&record.Coding{System: interweave + "SocialCareContactReason", Code: "C"}).Named&in != 0 {
		t.Error("a set that is off is in force")
	}
}
