package e2e

import (
	"strings"
	"testing"
	"time"

	"ribble/internal/browser"
)

// hostile are texts of the story of Mr <b>TABLES</b>: each must stand on the page as it was sent, and do nothing.
var hostile = []string{
	`<script>alert('XSS')</script>`, `"><img src=x onerror=alert(1)>`, `javascript:alert(1)`, `{{constructor.constructor('alert(1)')()}}`, `</textarea><svg/onload=alert(1)>`,
	`=HYPERLINK("http://evil.example","click")`, `‘; DROP TABLE audit; --`, `%s%n%x`, `0 < K+ < 5 & rising`,
}

func TestHostileTextIsOnlyText(t *testing.T) {
	p := tab(t)
	signIn(t, p, "kerr")
	open(p, person(t, "TABLES"))
	for _, slot := range []string{"allergies", "medicines", "problems"} {
		got := p.Eval(`[...document.querySelectorAll("[slot=` + slot + `]")].at(-1).textContent`)
		for _, text := range hostile {
			if !strings.Contains(got, text) {
				t.Errorf("%s does not show %q as it was sent", slot, text)
			}
		}
	}
	if got := p.Eval(`document.querySelectorAll(".rb-record script, .rb-record img, .rb-record iframe, .rb-record [onload], .rb-record [onerror], .rb-record a[href^='javascript']").length`); got != "0" {
		t.Errorf("%s elements came out of the text", got)
	}
	if got := p.Text("[slot=person]"); !strings.Contains(got, "<B>TABLES</B>, Robert (Mr)") {
		t.Errorf("the banner says %q", got)
	}
	if c := p.Complaints(); len(c) > 0 {
		t.Errorf("the console says %q", c)
	}
}

// TestDocuments opens a text, a PDF and a web page: the web page arrives as its words only.
func TestDocuments(t *testing.T) {
	p := tab(t)
	signIn(t, p, "kerr")
	for kind, want := range map[string]string{"PDF": "application/pdf", "web page, shown as text": "text/plain", "text": "text/plain"} {
		open(p, person(t, "IDDON, Norman"))
		link := `[...document.querySelectorAll("[slot=documents] a[href^='/document/']")].find(a => a.checkVisibility() && a.innerText.startsWith("Open (` + kind + `"))`
		href := p.Eval(link + `?.href ?? ""`)
		if href == "" {
			t.Errorf("no document offers %q", kind)
			continue
		}
		p.Eval("void " + link + ".click()")
		r := arrived(t, p, href)
		if r.Status != 200 || !strings.HasPrefix(r.Headers["content-type"], want) || r.Headers["cache-control"] != "no-store" || !strings.Contains(r.Headers["content-security-policy"], "frame-ancestors 'none'") {
			t.Errorf("a document of kind %q answers %d %q", kind, r.Status, r.Headers)
		}
		if kind == "PDF" {
			continue // headless Chromium has no viewer for it
		}
		p.Until(`location.href === "` + href + `" && document.readyState === "complete"`)
		if got := p.Eval("document.body.innerText"); strings.Contains(got, "<script") || strings.Contains(got, "</") || strings.TrimSpace(got) == "" {
			t.Errorf("a document of kind %q reads %q", kind, got)
		}
	}
}

// arrived waits for the answer to one address.
func arrived(t *testing.T, p *browser.Page, url string) browser.Response {
	t.Helper()
	for range 500 {
		for _, r := range p.Responses() {
			if r.URL == url {
				return r
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("a document did not arrive")
	return browser.Response{}
}

// TestNothingRemains: answers are not to be kept, and after sign-out the way back shows nothing.
func TestNothingRemains(t *testing.T) {
	p := tab(t)
	signIn(t, p, "kerr")
	open(p, edith)
	for _, r := range p.Responses() {
		if strings.HasPrefix(r.URL, region.URL) && !strings.Contains(r.URL, "/assets/") && !strings.HasSuffix(r.URL, "/favicon.ico") && !strings.Contains(r.Headers["cache-control"], "no-store") {
			t.Errorf("%s may be kept: %q", r.URL, r.Headers["cache-control"])
		}
	}
	record := p.Eval("location.href")
	signOut(p)
	p.Back()
	nothing(t, p)
	p.Go(record)
	nothing(t, p)
}

func signOut(p *browser.Page) {
	p.Click(`.rb-top form[action="/sign-out"] button`)
	p.Until(`document.readyState === "complete" && !location.pathname.startsWith("/record/")`)
}

// nothing holds that no word of a person stands on the page.
func nothing(t *testing.T, p *browser.Page) {
	t.Helper()
	p.Until(`document.readyState === "complete"`)
	if got := p.Eval("document.documentElement.textContent"); strings.Contains(got, "ASHWORTH") || strings.Contains(got, "enicillin") {
		t.Error("after sign-out the record can still be seen")
	}
}
