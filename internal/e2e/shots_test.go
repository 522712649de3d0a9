package e2e

import (
	"os"
	"strings"
	"testing"
)

// stories are the records that people look at before a release, at the sizes of a desk and of a phone.
var stories = []string{
	"Edith Margaret", "Amelia Jane", "VARLEY, Leo", "DESAI", "ROBERTS", "EASTHAM", "ADEYEMI", "VARLEY, Susan", "IDDON, Norman", "PILKINGTON", "TATTERSALL", "TABLES", "ORMEROD", "THOMPSON",
}

// TestPictures takes pictures for people to look at; it needs SHOTS=folder and asserts only that nothing scrolls sideways.
func TestPictures(t *testing.T) {
	if os.Getenv("SHOTS") == "" {
		t.Skip("SHOTS names no folder")
	}
	p := tab(t)
	signIn(t, p, "nair")
	p.Shot("find-1366", false)
	only := os.Getenv("STORY")
	for _, story := range stories {
		if only != "" && !strings.Contains(only, story) {
			continue
		}
		name := strings.ToLower(strings.NewReplacer(",", "", " ", "-").Replace(story))
		p.Resize(1366, 768)
		open(p, person(t, story))
		p.Shot(name+"-1366", false)
		p.Shot(name+"-1366-full", true)
		p.Resize(390, 844)
		p.Shot(name+"-390", false)
		p.Shot(name+"-390-full", true)
		if got := p.Eval("document.documentElement.scrollWidth <= innerWidth"); got != "true" {
			t.Errorf("%s scrolls sideways on a phone", story)
		}
	}
}
