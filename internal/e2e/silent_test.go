package e2e

import "testing"

// TestASilentSourceIsSaid: on the page where clinicians begin, and with its sparks on the pages of administrators.
func TestASilentSourceIsSaid(t *testing.T) {
	p, admin := tab(t), tab(t)
	signIn(t, p, "nair")
	for range 3 {
		open(p, person(t, "Edith Margaret")) // Pendle View never answers about her
	}
	p.Go(region.URL + "/find")
	says(t, p, "main", "Pendle View Mental Health and Community NHS Trust", "answer", "missing from every record")
	looked(t, p, "silent-find")

	signInAs(t, admin, "farrell", 0)
	settled(admin, `document.querySelector("h1")?.innerText.startsWith("Sources")`)
	says(t, admin, "main", "NOT ANSWERING")
	looked(t, admin, "silent-sources")
	admin.Go(region.URL + "/admin/feeds/pvt")
	says(t, admin, "#health", "not answering", "Breaker", "left, to")
	looked(t, admin, "silent-feed")
	admin.Go(region.URL + "/admin/feeds/bth")
	says(t, admin, "#health", "answering", "closed: it is asked")
	looked(t, admin, "answering-feed")
	admin.Go(region.URL + "/live")
	looked(t, admin, "live")
	admin.Go(region.URL + "/admin/approvals")
	looked(t, admin, "approvals")
}
