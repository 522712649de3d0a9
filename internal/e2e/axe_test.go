package e2e

import "testing"

// TestAxe runs axe-core over every kind of page that a clinician sees, at the sizes of a desk and of a phone.
func TestAxe(t *testing.T) {
	p := tab(t)
	p.Go(region.URL + "/sign-in")
	p.Axe("../../web")
	signIn(t, p, "tariq")
	p.Axe("../../web")
	findName(p, "Ashworth", "Edith", "3", "3", "1942")
	p.Axe("../../web")
	findNumber(p, "999 141 1691")
	p.Axe("../../web")
	p.Go(region.URL + "/no-such-page")
	p.Axe("../../web")
	for _, story := range []string{"Edith Margaret", "Amelia Jane", "DESAI", "ADEYEMI", "TATTERSALL", "PILKINGTON", "ASHWORTH, Edna"} {
		findNumber(p, person(t, story))
		p.Axe("../../web")
		open(p, person(t, story))
		p.Axe("../../web")
		p.Resize(390, 844)
		if got := p.Eval("document.documentElement.scrollWidth <= innerWidth"); got != "true" {
			t.Errorf("%s scrolls sideways on a phone", story)
		}
		p.Axe("../../web")
		p.Resize(1366, 768)
	}
}
