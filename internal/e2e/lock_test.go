package e2e

import (
	"strings"
	"testing"

	"ribble/internal/browser"
)

// sizesOfLock are a desk's screen and a phone's.
var sizesOfLock = []struct {
	name          string
	width, height int64
}{{"1366", 1366, 768}, {"390", 390, 844}}

// seen takes pictures of a page at both sizes, and has axe-core look at it.
func seen(t *testing.T, p *browser.Page, name string) {
	t.Helper()
	for _, s := range sizesOfLock {
		p.Resize(s.width, s.height)
		p.Shot(name+"-"+s.name, false)
		if p.Eval("document.documentElement.scrollWidth <= innerWidth") != "true" {
			t.Errorf("%s scrolls sideways at %s", name, s.name)
		}
	}
	p.Axe("../../web")
	p.Resize(1366, 768)
}

// TestLockAndUnlock locks the screen over an open record with one action, and comes back to the record by proving who is there.
func TestLockAndUnlock(t *testing.T) {
	p := tab(t)
	signIn(t, p, "nair")
	number := person(t, "frail")
	open(p, number)
	address := p.Eval("location.pathname")
	if !strings.Contains(p.Text("body"), spaced(t, number)) {
		t.Fatal("the record does not show whose it is")
	}
	p.Click(".rb-top__lock button")
	p.Until(`document.readyState === "complete" && document.querySelector("h1")?.innerText.trim() === "Locked"`)
	if text := p.Text("html"); strings.Contains(text, spaced(t, number)) || !strings.Contains(text, "Dr Priya NAIR") || p.Eval("document.title") != "Locked" {
		t.Errorf("the locked page says %q", text)
	}
	seen(t, p, "locked")
	p.Back()
	p.Until(`document.readyState === "complete"`)
	if text := p.Text("html"); strings.Contains(text, spaced(t, number)) {
		t.Error("going back shows the record of a locked session")
	}
	p.Go(region.URL + address)
	if got := p.Eval("document.querySelector('h1').innerText.trim()"); got != "Locked" {
		t.Fatalf("the record's address shows %q", got)
	}
	p.Click(`form[action="/unlock"] button`)
	p.Until(`document.title === "Sandbox sign-in"`)
	p.Click("#" + button(t, "nair", 0))
	whole(p)
	if p.Eval("location.pathname") != address {
		t.Error("unlocking does not lead back to the record")
	}
}

// TestSessionsPage signs in at two places and ends one from the other.
func TestSessionsPage(t *testing.T) {
	here, there := tab(t), tab(t)
	// Other journeys may have left this user signed in elsewhere.
	signIn(t, here, "doyle")
	here.Go(region.URL + "/sessions")
	here.Click(`form[action="/sessions/end-all"] button`)
	here.Until(`location.pathname === "/sign-in"`)
	signIn(t, there, "doyle")
	signIn(t, here, "doyle")
	here.Go(region.URL + "/find")
	if !strings.Contains(here.Text("main"), "Last signed in") {
		t.Error("the page does not say when the user signed in before")
	}
	here.Go(region.URL + "/sessions")
	if got := here.Text("h2"); !strings.Contains(got, "Signed in now") || !strings.Contains(here.Text("main"), "this one") {
		t.Errorf("the page says %q", here.Text("main"))
	}
	seen(t, here, "sessions")
	here.Click(`tr:not(.rb-sel) form[action="/sessions/end"] button`)
	here.Until(`document.readyState === "complete" && document.querySelectorAll('form[action="/sessions/end"]').length === 1`)
	there.Go(region.URL + "/find")
	if got := there.Eval("location.pathname"); got != "/sign-in" {
		t.Errorf("the ended session is at %s", got)
	}
	seen(t, there, "sign-in")
	here.Click(`form[action="/sessions/end-all"] button`)
	here.Until(`location.pathname === "/sign-in"`)
}

// TestLocksWithoutScripts has the page go to the locked page by itself.
func TestLocksWithoutScripts(t *testing.T) {
	p := tab(t)
	signIn(t, p, "nair")
	p.NoScript()
	p.Go(region.URL + "/find")
	content := p.Eval(`document.querySelector('meta[http-equiv="refresh"]')?.content`)
	if seconds, to, _ := strings.Cut(content, ";"); to != "url=/locked" || len(seconds) != 3 {
		t.Errorf("the page goes on by %q", content)
	}
	p.Click(".rb-top__lock button")
	p.Until(`document.querySelector("h1")?.innerText.trim() === "Locked"`)
}

// TestLocksWhenNobodyUsesTheScreen lets the page's own clock run ahead: a warning comes a minute before, a key puts it off, and then the screen locks.
func TestLocksWhenNobodyUsesTheScreen(t *testing.T) {
	p := tab(t)
	signIn(t, p, "nair")
	p.Go(region.URL + "/find")
	const bar = `document.querySelector(".rb-top__lock b")`
	ahead := func(seconds string) {
		p.Eval(`(Date.now = ((now) => () => now() + ` + seconds + ` * 1000)(Date.now), 0)`)
	}
	if p.Eval(bar+".hidden") != "true" {
		t.Fatal("the warning stands there at once")
	}
	ahead(`(Number(document.querySelector(".rb-top__lock").dataset.after) - 50)`)
	p.Until("!" + bar + ".hidden")
	if got := p.Text(".rb-top__lock b"); got != "This screen locks in 60 seconds. Touch it or press a key to stay." {
		t.Errorf("the warning says %q", got)
	}
	for _, s := range sizesOfLock {
		p.Resize(s.width, s.height)
		p.Shot("warning-"+s.name, false)
	}
	p.Press("a")
	p.Until(bar + ".hidden")
	ahead(`Number(document.querySelector(".rb-top__lock").dataset.after)`)
	p.Until(`document.readyState === "complete" && document.querySelector("h1")?.innerText.trim() === "Locked"`)
}
