package e2e

import (
	"testing"
)

// TestAdminPages looks at every page of an administrator, at the sizes of a desk and of a phone.
func TestAdminPages(t *testing.T) {
	p := tab(t)
	signInAs(t, p, "farrell", 0)
	p.Until(`document.querySelector("h1")?.innerText.startsWith("Sources")`)
	for _, page := range []struct{ name, path string }{
		{"sources", "/admin"}, {"organisations", "/admin/organisations"}, {"organisation", "/admin/organisations/RZB"}, {"organisation-new", "/admin/organisations/new"},
		{"agreements", "/admin/agreements"}, {"agreement-new", "/admin/agreements/new"}, {"feed", "/admin/feeds/bth"}, {"feed-edit", "/admin/feeds/bth/edit"},
		{"feed-off", "/admin/feeds/soh"}, {"approvals", "/admin/approvals"}, {"import", "/admin/import"}, {"history", "/admin/history/feed/bth"}, {"live", "/live"},
	} {
		for _, size := range []struct {
			name          string
			width, height int64
		}{{"1366", 1366, 768}, {"390", 390, 844}} {
			p.Resize(size.width, size.height)
			p.Go(region.URL + page.path)
			p.Until(`document.readyState === "complete" && document.querySelector("h1")`)
			p.Shot("admin-"+page.name+"-"+size.name, true)
			if got := p.Eval("document.documentElement.scrollWidth <= innerWidth"); got != "true" {
				t.Errorf("%s scrolls sideways at %s", page.name, size.name)
			}
		}
		p.Axe("../../web")
	}
}
