package e2e

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"testing"

	"ribble/internal/browser"
	"ribble/internal/demo"
	"ribble/internal/record"
	"ribble/internal/sandbox"
	"ribble/web"
)

// region is the one demo of this test process; chromium the one browser. Either is nil where the machine lacks what it needs.
var (
	region   *demo.Demo
	chromium *browser.Chromium
	missing  error
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	flag.Parse()
	var logs io.Writer = io.Discard
	if testing.Verbose() {
		logs = os.Stderr
	}
	logs = io.MultiWriter(&logged, logs)
	if _, missing = web.Load(); missing != nil {
		return m.Run()
	}
	if chromium, missing = browser.Start(); missing != nil {
		return m.Run()
	}
	defer chromium.Close()
	var err, ill error
	enrol := func(w *sandbox.World) { ill = afflict(w) }
	if region, err = demo.Start(context.Background(), demo.Options{Listen: "127.0.0.1:0", People: 40, Seed: 1, Settings: quick, Everybody: true, Enrol: enrol}, logs); errors.Join(err, ill) != nil {
		err = errors.Join(err, ill)
		fmt.Fprintln(os.Stderr, "starting the demo:", err)
		return 1
	}
	code := m.Run()
	if err := region.Close(); err != nil {
		fmt.Fprintln(os.Stderr, "ending the demo:", err)
		return 1
	}
	return code
}

// quick are settings of the portal for these tests; empty means the demo's own.
var quick = map[string]string{}

// tab is a browser tab on a desk's screen, with nobody signed in.
func tab(t testing.TB) *browser.Page {
	t.Helper()
	if missing != nil {
		browser.Missing(t, missing)
	}
	p := chromium.Page(t, 1366, 768)
	t.Cleanup(func() { clean(t, p) })
	return p
}

// clean holds for every journey: nothing asked of anywhere else, no person in an address.
func clean(t testing.TB, p *browser.Page) {
	t.Helper()
	for _, asked := range p.Requests() {
		if !strings.HasPrefix(asked, region.URL) && !strings.HasPrefix(asked, origin(region.Region.Issuer)) && !strings.HasPrefix(asked, region.Region.Records.Origin) && !ownToBrowser(asked) {
			t.Errorf("a page asked for %s", asked)
		}
		for _, n := range region.Region.World.Notable() {
			if strings.Contains(asked, n.NHSNumber) {
				t.Error("an address holds an NHS number")
			}
		}
	}
}

// signIn goes through the sandbox's OpenID page as one of its personas, in their first role.
func signIn(t *testing.T, p *browser.Page, persona string) {
	t.Helper()
	signInAs(t, p, persona, 0)
	p.Until(`document.querySelector("h1")?.innerText === "Find a person"`)
}

func signInAs(t *testing.T, p *browser.Page, persona string, role int) {
	t.Helper()
	p.Go(region.URL + "/sign-in")
	p.Click(`form[action^="/sign-in/"] button`)
	p.Until(`document.title === "Sandbox sign-in"`)
	p.Click("#" + button(t, persona, role))
}

// button is the id of a persona's button on the sandbox's page.
func button(t *testing.T, persona string, role int) string {
	t.Helper()
	for _, who := range sandbox.Personas {
		if who.ID == persona && len(who.Roles) > role {
			return persona + "-" + who.Roles[role].ID
		}
		if who.ID == persona {
			return persona
		}
	}
	t.Fatalf("no persona %q", persona)
	return ""
}

// person gives the NHS number of a story by a word of its name and of what it shows.
func person(t testing.TB, words ...string) string {
	t.Helper()
	for _, n := range region.Region.World.Notable() {
		all := n.NHSNumber + " " + n.Name + " " + n.Shows
		matches := true
		for _, w := range words {
			matches = matches && strings.Contains(all, w)
		}
		if matches {
			return n.NHSNumber
		}
	}
	t.Fatalf("no story with %q", words)
	return ""
}

// findNumber looks a person up by NHS number, as far as the question whether it is the right one.
func findNumber(p *browser.Page, number string) {
	p.Go(region.URL + "/find")
	p.Fill("#nhs", number)
	p.Click(`form:has(#nhs) button`)
	p.Until(`document.readyState === "complete" && !document.querySelector("#nhs:not([aria-describedby*=error])")`)
}

// open opens a person's record and waits until every source has ended.
func open(p *browser.Page, number string) {
	findNumber(p, number)
	p.Click(`form[action="/record"] button`)
	whole(p)
}

func whole(p *browser.Page) {
	p.Until(`location.pathname.startsWith("/record/") && document.querySelector(".rb-end") && document.readyState === "complete"`)
}

// spaced is an NHS number as people read it.
func spaced(t *testing.T, number string) string {
	t.Helper()
	n, err := record.ParseNHSNumber(number)
	if err != nil {
		t.Fatal(err)
	}
	return n.Spaced()
}

// ownToBrowser reports addresses that Chromium asks itself for: its viewer for PDFs, and the icon of the sign-in service.
func ownToBrowser(address string) bool {
	return strings.HasPrefix(address, "chrome-extension:") || strings.HasPrefix(address, "data:") || strings.HasPrefix(address, "blob:") || strings.HasSuffix(address, "/favicon.ico")
}

// origin is scheme, host and port of an address.
func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return u.Scheme + "://" + u.Host
}
