package e2e

import (
	"strings"
	"testing"
	"time"

	"ribble/internal/demo"
	accounts "ribble/internal/identity/local"
)

// TestCareHome: a care worker without a smartcard signs in with passphrase and authenticator, and sees the summary and no more.
func TestCareHome(t *testing.T) {
	p := tab(t)
	p.Go(region.URL + "/sign-in")
	p.Click(`a[href^="/sign-in/local"]`)
	p.Until(`document.querySelector("input[name=passphrase]")`)
	p.Fill("input[name=login]", demo.LocalLogin)
	p.Fill("input[name=passphrase]", demo.LocalPassphrase)
	p.Click(`form:has(#login) button`)
	p.Until(`document.querySelector("input[name=code]")`)
	code, err := accounts.CodeAt(demo.LocalSecret, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	p.Fill("input[name=code]", code)
	p.Click(`form:has(#code) button`)
	p.Until(`document.querySelector("h1")?.innerText === "Find a person"`)
	open(p, person(t, "Edith Margaret"))
	if got := p.Text(".rb-top__user"); !strings.Contains(got, "Grace Adebayo") || !strings.Contains(got, "Care worker") || !strings.Contains(got, "Beckside Home Care") {
		t.Errorf("the page says of the user %q", got)
	}
	p.Shot("care-home-1366", true)
	// The practice answers for whom it does not know by a national user id.
	if got := p.Text("[slot=allergies]"); !strings.Contains(got, "Allergy to penicillin") || !strings.Contains(got, "Hodder Valley") || strings.Contains(got, "Hodder Valley Medical Practice: no answer") {
		t.Errorf("the summary shows of allergies %q", got)
	}
	for _, hidden := range []string{"[slot=consultations]", "[slot=documents]", "[slot=legal]", "[slot=results]"} {
		if got := p.Text(hidden); !strings.Contains(got, "Not shown to your role") {
			t.Errorf("%s shows %q", hidden, got)
		}
	}
}
