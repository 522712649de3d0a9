package e2e

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"ribble/internal/browser"
)

// edith is the main story: allergies in conflict, one source silent, one incomplete.
const edith = "9991411690"

// headings are the sections as the page shows them, from top to bottom.
const headings = `[...document.querySelectorAll("h2")].filter(h => h.checkVisibility()).map(h => [h.getBoundingClientRect().top, h.innerText.replace(/:.*/s, "")]).sort((a, b) => a[0] - b[0]).map(h => h[1]).join("|")`

// clinicalOrder is the order of docs/design.md.
const clinicalOrder = "Sources|Snapshot|Allergies|Medicines|Problems|Alerts|Plans|Legal status|Results|Imaging and other reports|Measurements|Encounters and admissions|GP consultations|" +
	"Appointments|Referrals|Immunisations|Procedures|Documents|Social care|About me|Care network|Family and social history|Other|Timeline"

func TestOpenARecord(t *testing.T) {
	p := tab(t)
	openEdith(t, p)
	shown(t, p)
	if c := p.Complaints(); len(c) > 0 {
		t.Errorf("the console says %q", c)
	}
}

// TestOpenARecordWithoutScripts walks the same way with scripts off: nothing on it needs one.
func TestOpenARecordWithoutScripts(t *testing.T) {
	p := tab(t)
	p.NoScript()
	openEdith(t, p)
	shown(t, p)
}

func openEdith(t *testing.T, p *browser.Page) {
	t.Helper()
	signIn(t, p, "nair")
	findNumber(p, edith)
	if got := p.Text("main"); !strings.Contains(got, "ASHWORTH, Edith Margaret (Mrs)") || !strings.Contains(got, spaced(t, edith)) {
		t.Errorf("the question whether it is the right person reads %q", got)
	}
	p.Click(`form[action="/record"] button`)
	whole(p)
}

// shown holds for the whole page of the main story.
func shown(t *testing.T, p *browser.Page) {
	t.Helper()
	if got := p.Eval(headings); got != clinicalOrder {
		t.Errorf("the sections are\n%s\nwant\n%s", got, clinicalOrder)
	}
	if got := p.Eval(`[...document.querySelectorAll(".rb-section--wait")].filter(e => e.checkVisibility()).length`); got != "0" {
		t.Errorf("%s sections are still provisional", got)
	}
	for selector, words := range map[string][]string{
		"[slot=person]":    {"ASHWORTH, Edith Margaret (Mrs)", "Born 03-Mar-1942 (84y)", "NHS No. 999 141 1690", "Gender Female", "14 Beck Lane"},
		"[slot=top]":       {"Dr Priya NAIR", "Bowland Teaching Hospitals NHS Trust"},
		"[slot=flags]":     {"Pendle View: NO ANSWER", "Hodder Valley: INCOMPLETE", "Allergies: sources CONFLICT", "penicillin"},
		"[slot=sources]":   {"Sources", "Pendle View", "NO ANSWER", "An absence of information does not mean that it does not exist."},
		"[slot=snapshot]":  {"Allergies: CONFLICT and INCOMPLETE", "Bisoprolol", "Moderate frailty"},
		"[slot=allergies]": {"Sources disagree.", "Anaphylaxis", "Pendle View Mental Health and Community NHS Trust: no answer.", "Received 6 = shown 5 + grouped 1."},
		"[slot=medicines]": {"A GP list is not everything the person takes.", "Apixaban", "2 sources", "Stopped or ended"},
	} {
		for _, w := range words {
			if got := p.Text(selector); !strings.Contains(got, w) {
				t.Errorf("%s does not say %q but %q", selector, w, got)
			}
		}
	}
	if got := p.Text("[slot=allergies]"); strings.Contains(got, "No known allergies") {
		t.Error("no known allergies are claimed beside a gap")
	}
}

// TestKeyboardOnly goes from sign-in to a section of a record without a mouse.
func TestKeyboardOnly(t *testing.T) {
	p := tab(t)
	p.Go(region.URL + "/sign-in")
	focus(t, p, "Care Identity (sandbox)")
	p.Press(kb.Enter)
	p.Until(`document.title === "Sandbox sign-in"`)
	focus(t, p, "Sign in as WHITLOW Susan")
	p.Press(kb.Enter)
	p.Until(`document.querySelector("#nhs")`)
	focus(t, p, "NHS number")
	p.Press(edith + kb.Enter)
	p.Until(`document.querySelector('form[action="/record"]')`)
	focus(t, p, "Open the record")
	p.Press(kb.Enter)
	whole(p)
	focus(t, p, "Medicines")
	p.Press(kb.Enter)
	p.Until(`location.hash === "#medicines"`)
}

// focus presses Tab until the control with the given name has the focus, and holds that the focus can be seen.
func focus(t *testing.T, p *browser.Page, name string) {
	t.Helper()
	var passed []string
	for range 80 {
		p.Press(kb.Tab)
		got := p.Eval(`(e => (e.labels?.[0]?.innerText ?? "") + " " + e.textContent)(document.activeElement).replace(/\s+/g, " ").trim()`)
		if strings.Contains(got, name) {
			if p.Eval(`(s => s.outlineStyle !== "none" || s.boxShadow !== "none")(getComputedStyle(document.activeElement))`) != "true" {
				t.Errorf("nobody sees that %q has the focus", name)
			}
			return
		}
		passed = append(passed, got)
	}
	t.Fatalf("the keyboard does not reach %q but %.40q", name, passed)
}
