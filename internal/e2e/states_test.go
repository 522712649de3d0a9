package e2e

import (
	"strings"
	"testing"
)

// states are the words of the eleven states of a source, each on the page of a story in which it occurs.
var states = []struct {
	state, story, slot string
	words              []string
}{
	{"DATA", "LONSDALE", "medicines", []string{"sources that hold medicines answered"}},
	{"NIL_ASSERTED", "LONSDALE", "allergies", []string{"“No known allergy”, stated by ", "Retrieved "}},
	{"NONE_RECORDED", "HILL, Callum", "allergies", []string{"Allergies: nothing recorded", "has not been confirmed with the person that there are no allergies."}},
	{"NOT_KNOWN_HERE", "WALMSLEY", "sources", []string{"not known here.", "have no record they can share for this NHS number. This does not mean that the person was never seen there."}},
	{"REFUSED", "JOLLEY", "allergies", []string{"refused to share.", "The refusal is the source’s own decision and cannot be overridden here. Its allergies are missing from this list."}},
	{"REFUSED", "JOLLEY", "flags", []string{": REFUSED to share"}},
	{"WITHHELD", "CLARKE", "allergies", []string{"Some items in this section are withheld.", "What they are is not said."}},
	{"INCOMPLETE", "NOWAK", "flags", []string{": INCOMPLETE"}},
	{"INCOMPLETE", "NOWAK", "medicines", []string{": INCOMPLETE.", "What is shown below is not its whole list."}},
	{"UNAVAILABLE", "PILKINGTON", "medicines", []string{": no answer.", "medicines are missing from this list."}},
	{"UNAVAILABLE", "PILKINGTON", "flags", []string{": NO ANSWER"}},
	{"NOT_ASKED", "HILL, Callum", "allergies", []string{": not asked.", "not live yet"}},
	{"MISMATCH", "GREENHALGH", "allergies", []string{"answered about someone else.", "None of that answer is shown. The Ribble team and your Privacy Officer have been told."}},
	{"MISMATCH", "GREENHALGH", "flags", []string{"answered about SOMEONE ELSE"}},
	{"MISMATCH", "TATTERSALL", "medicines", []string{"None of these answers is shown."}},
	{"UNINTERPRETABLE", "DAVIES, Gareth", "allergies", []string{"cannot be read safely.", "It carries a mark that changes its meaning and that Ribble does not know. It is not shown."}},
	{"UNINTERPRETABLE", "DAVIES, Gareth", "flags", []string{"CANNOT BE READ SAFELY"}},
}

// TestElevenStates: whatever a source is in, its page says so in the words that were agreed.
func TestElevenStates(t *testing.T) {
	p := tab(t)
	signIn(t, p, "whitlow")
	at := ""
	for _, s := range states {
		if s.story != at {
			open(p, person(t, s.story))
			at = s.story
		}
		for _, w := range s.words {
			if got := p.Text("[slot=" + s.slot + "]"); !strings.Contains(got, w) {
				t.Errorf("%s, %s in %s: no %q in %q", s.state, s.story, s.slot, w, got)
			}
		}
	}
}
