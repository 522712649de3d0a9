package portal_test

import (
	"strings"
	"testing"

	"ribble/internal/browser"
)

// sizes are those of a phone and of a desk, on which the journey goes on.
var sizes = []struct {
	name          string
	width, height int64
}{{"390", 390, 844}, {"1366", 1366, 900}}

// at waits until the page with the heading has arrived.
func at(p *browser.Page, heading string) {
	p.Until(`document.readyState === "complete" && document.querySelector("h1")?.innerText.trim() === ` + "`" + heading + "`")
}

// look takes pictures of a page at both sizes, and has axe-core look at it.
func look(t *testing.T, p *browser.Page, name string) {
	t.Helper()
	for _, s := range sizes {
		p.Resize(s.width, s.height)
		p.Shot("account-"+name+"-"+s.name, true)
		if p.Eval("document.documentElement.scrollWidth <= innerWidth") != "true" {
			t.Errorf("%s scrolls sideways at %s", name, s.name)
		}
	}
	for _, c := range p.Complaints() {
		if !strings.Contains(c, "status of 422") {
			t.Errorf("%s: the console says %q", name, c)
		}
	}
	p.Axe("../../web")
}

// TestAccountInChromium enrols and signs in with a passkey of Chromium's virtual authenticator, and looks at every page on the way.
func TestAccountInChromium(t *testing.T) {
	e := newEstate(t)
	p := browser.Open(t, 1366, 900)
	device := p.Authenticator()
	p.Go(e.urls[0] + e.invite(login))
	at(p, "Set up your Ribble account")
	look(t, p, "welcome")
	p.Fill("input[name=passphrase]", "Password123456!")
	p.Fill("input[name=again]", "Password123456!")
	p.Click("form button")
	p.Until(`document.querySelector(".nhsuk-error-summary")`)
	look(t, p, "refused-passphrase")
	p.Fill("input[name=passphrase]", passphrase)
	p.Fill("input[name=again]", passphrase)
	p.Click("form button")
	at(p, "Protect your account")
	look(t, p, "first-factor")
	p.Click(".rb-passkey button")
	at(p, "Your recovery codes")
	look(t, p, "codes")
	p.Go(e.urls[0] + "/account")
	at(p, "Your account")
	look(t, p, "account")

	p.Click(`form[action="/sign-out"] button`)
	at(p, "Sign in")
	p.Go(e.urls[0] + "/sign-in/local?return=/account")
	at(p, "Sign in with your Ribble account")
	look(t, p, "sign-in")
	p.Click(".rb-passkey button")
	at(p, "Your account")

	p.Click(`form[action="/sign-out"] button`)
	at(p, "Sign in")
	p.Go(e.urls[0] + "/sign-in/local?return=/account")
	at(p, "Sign in with your Ribble account")
	p.Fill("input[name=login]", login)
	p.Fill("input[name=passphrase]", passphrase)
	p.Click(`form:has(#login) button`)
	at(p, "Show that it is you")
	look(t, p, "second-passkey")
	p.Click(".rb-passkey button")
	at(p, "Your account")
	p.Click(`a[href="/account/authenticator"]`)
	at(p, "Add an authenticator app")
	look(t, p, "authenticator")
	secret := p.Eval(`document.querySelector(".rb-key").innerText.replaceAll(" ", "")`)
	p.Fill("input[name=code]", codeIn(t, secret, -1))
	p.Click(`form:has(#code) button`)
	at(p, "Your account")
	look(t, p, "account-two")
	p.Click(`a[href="/account/passphrase"]`)
	at(p, "Change your passphrase")
	look(t, p, "passphrase")

	p.Go(e.urls[0] + "/sign-in/local")
	p.Fill("input[name=login]", login)
	p.Fill("input[name=passphrase]", passphrase)
	p.Click(`form:has(#login) button`)
	at(p, "Show that it is you")
	look(t, p, "second")
	p.Fill("input[name=code]", codeIn(t, secret, 0))
	p.Click(`form:has(#code) button`)
	p.Until(`location.pathname === "/find"`)

	// A passkey that did not verify its user is no sign-in by itself.
	device.Unverified()
	p.Go(e.urls[0] + "/sign-in/local")
	at(p, "Sign in with your Ribble account")
	p.Click(".rb-passkey button")
	p.Until(`document.querySelector(".nhsuk-error-summary")`)
	if got := p.Text("main"); !strings.Contains(got, "That passkey could not be used") {
		t.Errorf("an unverified passkey: %q", got)
	}
}
