package layout

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"ribble/internal/browser"
	"ribble/web"
	"ribble/web/internal/sample"
	"ribble/web/panel"
	"ribble/web/ui"
)

// region serves a record page whose panels arrive out of order and twice.
func region(t *testing.T) *httptest.Server {
	t.Helper()
	assets, err := web.Load()
	if err != nil {
		browser.Missing(t, err)
	}
	mux := http.NewServeMux()
	mux.Handle("/assets/", assets)
	mux.HandleFunc("/record", func(w http.ResponseWriter, r *http.Request) {
		stream(t, w, r, record(assets), parts())
	})
	mux.HandleFunc("/half", func(w http.ResponseWriter, r *http.Request) {
		stream(t, w, r, record(assets), []templ.Component{sample.Medicines().HTML()})
	})
	mux.HandleFunc("/other", func(w http.ResponseWriter, r *http.Request) {
		p := record(assets)
		p.Tab = "another"
		stream(t, w, r, p, parts())
	})
	mux.HandleFunc("/glass", func(w http.ResponseWriter, r *http.Request) {
		p := record(assets)
		p.Glass = glass
		stream(t, w, r, p, parts())
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

func stream(t *testing.T, w http.ResponseWriter, r *http.Request, p RecordProps, parts []templ.Component) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", browser.CSP)
	w.Header().Set("Cache-Control", "no-store")
	all := append([]templ.Component{RecordShell(p)}, parts...)
	if len(parts) > 1 {
		all = append(all, RecordEnd(p.Props))
	}
	for _, c := range all {
		if err := c.Render(r.Context(), w); err != nil {
			t.Error(err)
			return
		}
		w.(http.Flusher).Flush()
	}
}

// parts are the panels from the last section to the first, then the early ones once more.
func parts() []templ.Component {
	var out []templ.Component
	first := sample.Panels()
	for i := range first {
		p := first[len(first)-1-i]
		early := p
		early.Title, early.Blocks, early.Provisional = "OLD "+p.Title, nil, true
		p.Rendering = 2
		out = append(out, early.HTML(), p.HTML())
	}
	return append(out, sample.Snapshot().HTML(), sample.Nav().HTML(), panel.SourcesStrip{Rendering: 1, Asked: "OLD"}.HTML(),
		sample.Strip(2).HTML(), sample.Flags().HTML(), sample.PrintHead().HTML())
}

func record(assets URLs) RecordProps {
	p := RecordProps{
		Props: Props{
			Title: "Shared care record", Assets: assets, Region: "North Vale (invented people and organisations)",
			User:   &User{Name: "Dr Priya NAIR", Role: "Consultant geriatrician", Organisation: "Bowland Teaching Hospitals NHS Trust", Short: "Bowland"},
			Lock:   &ui.Action{Text: "Lock", URL: "/lock", Post: true},
			Links:  []ui.Action{{Text: "Find a person", URL: "/find"}, {Text: "Sign out", URL: "/signout", Post: true}},
			Footer: []ui.Action{{Text: "If Ribble is down: who to ring", URL: "/down"}},
		},
		Banner: sample.Banner(), Print: sample.PrintHead(), Asked: "Asking 8 sources at 14:02:09", Tab: "one",
		Stale: ui.NoteProps{Kind: ui.NoteCare, Icon: ui.IconClock, Lead: "Retrieved more than 15 minutes ago, at 14:02.", Text: "The sources may hold something newer."},
		Other: ui.NoteProps{Kind: ui.NoteLoud, Icon: ui.IconTwin, Lead: "A different patient is open in another tab.", Text: "This tab: ASHWORTH, Edith Margaret (Mrs), 999 141 1690.", Alert: true},
	}
	for _, s := range sample.Panels() {
		p.Sections = append(p.Sections, Section{ID: s.ID, Title: s.Title})
	}
	p.Sections = append(p.Sections, Section{ID: "socialcare", Title: "Social care"})
	return p
}

const shown = `[...document.querySelectorAll("h2")].filter(h => h.checkVisibility()).map(h => [h.getBoundingClientRect().top, h.textContent.trim()]).sort((a, b) => a[0] - b[0]).map(h => h[1]).join("|")`

func TestRecordStreamsWithoutScripts(t *testing.T) {
	server := region(t)
	p := browser.Open(t, 1366, 768)
	p.NoScript()
	p.Go(server.URL + "/record")
	p.Shot("record-noscript-1366", false)
	want := "Sources|Snapshot|Allergies: CONFLICT and INCOMPLETE|Medicines|Plans|Consultations|Results|Documents: waiting for 1 of 3 sources"
	if got := p.Eval(shown); got != want {
		t.Errorf("the page shows %q, want %q", got, want)
	}
	if got := p.Eval(`document.querySelector(".rb-record").shadowRoot.querySelector("slot[name=socialcare]").textContent.trim().replace(/\s+/g, " ")`); !strings.HasPrefix(got, "Social care") {
		t.Errorf("a section that did not arrive reads %q", got)
	}
}

// TestPanelsShowBeforeTheEnd holds the response open: what has arrived is read while the rest is waited for.
func TestPanelsShowBeforeTheEnd(t *testing.T) {
	assets, err := web.Load()
	if err != nil {
		browser.Missing(t, err)
	}
	release := make(chan struct{})
	mux := http.NewServeMux()
	mux.Handle("/assets/", assets)
	mux.HandleFunc("/record", func(w http.ResponseWriter, r *http.Request) {
		p := record(assets)
		stream(t, w, r, p, []templ.Component{sample.Medicines().HTML()})
		<-release
		if err := RecordEnd(p.Props).Render(r.Context(), w); err != nil {
			t.Error(err)
		}
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	p := browser.Open(t, 1366, 768)
	p.NoScript()
	p.Leave(server.URL + "/record")
	p.Until(`[...document.querySelectorAll("h2")].some(h => h.textContent === "Medicines" && h.checkVisibility())`)
	waiting := `[...document.querySelector(".rb-record").shadowRoot.querySelectorAll(".rb-flow .rb-section--wait")].filter(s => s.checkVisibility()).length`
	if got := p.Eval(waiting); got != "7" {
		t.Errorf("%s panels say that they are waited for, want the snapshot and 6 sections", got)
	}
	p.Shot("record-waiting", false)
	close(release)
	p.Until(`document.querySelector(".rb-end")`)
}

func TestRecordOnScreens(t *testing.T) {
	server := region(t)
	for _, size := range []struct {
		name          string
		width, height int64
	}{{"1366", 1366, 768}, {"1920", 1920, 1080}, {"390", 390, 844}, {"320", 320, 480}} {
		t.Run(size.name, func(t *testing.T) {
			p := browser.Open(t, size.width, size.height)
			p.Go(server.URL + "/record")
			p.Shot("record-"+size.name, false)
			p.Shot("record-full-"+size.name, true)
			if got := p.Eval("document.documentElement.scrollWidth <= innerWidth"); got != "true" {
				t.Errorf("the page scrolls sideways: %s wide", p.Eval("document.documentElement.scrollWidth"))
			}
			// Before axe-core, which itself tries to style the page.
			if c := p.Complaints(); len(c) > 0 {
				t.Errorf("the console says %q", c)
			}
			p.Axe("..")
		})
	}
}

func TestEmergencyAccess(t *testing.T) {
	server := region(t)
	for name, size := range map[string][2]int64{"1366": {1366, 768}, "390": {390, 844}} {
		p := browser.Open(t, size[0], size[1])
		p.Go(server.URL + "/glass")
		p.Shot("glass-"+name, false)
		p.Axe("..")
	}
}

func TestPaper(t *testing.T) {
	server := region(t)
	p := browser.Open(t, 794, 1123)
	p.Go(server.URL + "/record")
	p.Paper()
	p.Shot("record-paper", true)
	for selector, want := range map[string]string{".rb-print__head:last-of-type": "true", ".rb-nav:last-of-type": "false", ".rb-note__do": "false", ".rb-foot": "false", ".rb-own": "true", ".rb-person__name": "true"} {
		if got := p.Eval(`[...document.querySelectorAll("` + selector + `")].some(e => e.checkVisibility())`); got != want {
			t.Errorf("%s is printed: %s", selector, got)
		}
	}
	if got := p.Eval(`getComputedStyle(document.querySelector(".rb-record").shadowRoot.querySelector(".rb-print")).display`); got != "table-header-group" {
		t.Errorf("the identity repeats on each sheet as a table header group only, it is %q", got)
	}
}

func TestAnchorsLeadToSectionsBelowTheHeader(t *testing.T) {
	server := region(t)
	p := browser.Open(t, 1366, 768)
	for _, id := range []string{"results", "medicines", "sources"} {
		p.Go(server.URL + "/record#" + id)
		top := p.Eval(`Math.round(document.getElementById("` + id + `").getBoundingClientRect().top)`)
		head := p.Eval(`document.querySelector(".rb-record").shadowRoot.querySelector(".rb-head").offsetHeight`)
		if ok := p.Eval(top + " >= " + head + " && " + top + " < 400"); ok != "true" {
			t.Errorf("#%s stands at %s, the header ends at %s", id, top, head)
		}
		p.Shot("record-at-"+id, false)
	}
}

func TestIdleScreenLocks(t *testing.T) {
	assets, err := web.Load()
	if err != nil {
		browser.Missing(t, err)
	}
	locked := make(chan struct{}, 1)
	mux := http.NewServeMux()
	mux.Handle("/assets/", assets)
	mux.HandleFunc("POST /lock", func(http.ResponseWriter, *http.Request) { locked <- struct{}{} })
	mux.HandleFunc("/record", func(w http.ResponseWriter, r *http.Request) {
		p := record(assets)
		p.LockAfter = 1
		stream(t, w, r, p, parts())
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	browser.Open(t, 1366, 768).Go(server.URL + "/record")
	select {
	case <-locked:
	case <-time.After(20 * time.Second):
		t.Error("a screen that nobody used did not lock")
	}
}

func TestBarsComeWhenTrue(t *testing.T) {
	server := region(t)
	p := browser.Open(t, 1366, 768)
	p.Go(server.URL + "/record")
	bar := func(name string) string {
		return p.Eval(`document.querySelector(".rb-bar--` + name + `").checkVisibility({visibilityProperty: true})`)
	}
	due := `document.getAnimations().forEach(a => a.finish())`
	if bar("stale") != "false" || bar("broken") != "false" || bar("other") != "false" {
		t.Error("a bar shows before it is true")
	}
	p.Eval(due)
	if bar("stale") != "true" || bar("broken") != "false" {
		t.Error("after 15 minutes the page must say that it is old, and a whole page must not say that it broke off")
	}
	p.Eval(`new BroadcastChannel("ribble").postMessage({tab: "another", open: true})`)
	p.Eval(`(async () => {})()`)
	if got := p.Await(`new Promise(r => setTimeout(() => r(document.querySelector(".rb-bar--other").hidden), 100))`); got != "false" {
		t.Error("another tab shows another person, and this one does not say so")
	}
	p.Shot("record-bars", false)

	p.Go(server.URL + "/half")
	p.Eval(due)
	if bar("broken") != "true" {
		t.Error("a page that broke off must say so")
	}
	p.Shot("record-half", false)
}
