package faulttest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ribble/internal/audit"
	"ribble/internal/sandbox/story"
)

// telling are words of the entries that the demo's sets name, and of what tells of them: none may be anywhere in a page.
var telling = []string{
	"ermination", "hlamydia", "43C3", "7E086", "A7051", "57797005", "240589008", "HTLV", "wart", "Seen in confidence", "omestic violence", "412732008", "code-set", "demo-1",
	"sexual-health", "sexually",
}

// by adds up, over the sources of a look, what each rule withheld.
func by(e audit.Event) map[string]int {
	out := map[string]int{}
	for _, s := range e.Sources {
		for _, w := range s.Withheld {
			out[w.Rule] += w.Count
		}
	}
	return out
}

// TestSensitiveSets: entries that the sets name are withheld whole, with all that tells of them, whichever codes the practice uses; the page says
// only that something is, and the trail how much by which set.
func TestSensitiveSets(t *testing.T) {
	need(t)
	for _, c := range []struct {
		name, number string
		says         []string
		withheld     map[string]int
	}{
		{"SNOMED CT", story.Withheld, []string{"Migraine", "Hypertension"}, map[string]int{"sexual-health demo-1": 3, "termination-of-pregnancy demo-1": 3, "refers-to-withheld": 1}},
		{"Read alone", story.WithheldRead, []string{"Hypertension"}, map[string]int{"sexual-health demo-1": 3, "termination-of-pregnancy demo-1": 2, "refers-to-withheld": 1}},
		{"abuse", story.Abused, []string{"Migraine", "Hypertension", "Sleeps badly"}, map[string]int{"abuse demo-1": 2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := hire(t, region)
			p := v.open(t, c.number)
			open(t, c.name, p)
			for _, word := range telling {
				if at := strings.Index(string(p.body), word); at >= 0 {
					t.Errorf("the page tells %q: …%s…", word, p.body[max(0, at-200):min(len(p.body), at+100)])
				}
			}
			for _, word := range append(c.says, "Some items in this section are withheld") {
				if !strings.Contains(p.said(), word) {
					t.Errorf("the page does not say %q", word)
				}
			}
			told := finished(t, v)
			balanced(t, c.name, told)
			if diff := cmp.Diff(c.withheld, by(told)); diff != "" {
				t.Error(diff)
			}
			if len(told.Sets) == 0 {
				t.Error("the trail does not say which sets were in force")
			}
		})
	}
}

// TestDissentOfASource: what a practice sends of a person who has told it not to share is shown to nobody; another organisation's part is.
func TestDissentOfASource(t *testing.T) {
	need(t)
	v := hire(t, region)
	p := v.open(t, story.Dissented)
	open(t, "dissent", p)
	if said := p.said(); strings.Contains(said, "Amlodipine") || !strings.Contains(said, "Migraine") || !strings.Contains(said, "The person has chosen not to share this source.") {
		t.Error("the practice’s part is shown, or Bowland’s is not")
	}
	told := finished(t, v)
	if by(told)["dissent"] == 0 {
		t.Errorf("the trail does not tell of the dissent: %v", by(told))
	}
}
