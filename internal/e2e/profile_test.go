package e2e

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"ribble/internal/browser"
	"ribble/internal/prove"
)

// TestProfileKeepsNothing: after a day's work the browser's profile holds no word of a record and no name. A page of somebody else's that may be kept is
// found in it: the search can find. The last searches are made in a browser that runs no script, and are open when it ends: nothing of ours can have tidied
// up behind them.
func TestProfileKeepsNothing(t *testing.T) {
	if missing != nil {
		browser.Missing(t, missing)
	}
	const (
		control = "zyxcontrolwvu"
		// mistyped is no NHS number.
		mistyped = "9991411691"
	)
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "max-age=3600")
		_, _ = io.WriteString(w, "<!doctype html><title>"+control+"</title><p>"+strings.Repeat(control+" ", 400))
	}))
	defer elsewhere.Close()
	c, err := browser.Start()
	if err != nil {
		browser.Missing(t, err)
	}
	defer c.Close()
	p := c.Shared(t, 1366, 768)
	p.Go(elsewhere.URL)
	signIn(t, p, "nair")
	open(p, edith)
	if !strings.Contains(p.Eval("document.documentElement.textContent"), "Beck Lane") {
		t.Fatal("the record does not hold what is looked for")
	}
	p.Go(elsewhere.URL + "/end")
	p.NoScript()
	findNumber(p, edith)
	p.Go(region.URL + "/find")
	p.Fill("#nhs", mistyped)
	p.Click(`form:has(#nhs) button`)
	p.Until(`document.querySelector(".nhsuk-error-summary")`)
	findName(p, "Ashworth", "", "3", "3", "1942")
	c.Quit()
	hits, files, err := prove.Search(c.Profile(), "Penicillin", "ASHWORTH", "Ashworth", "Beck Lane", edith, mistyped)
	if err != nil || files == 0 {
		t.Fatalf("%d files, %v", files, err)
	}
	for _, hit := range hits {
		t.Error(hit)
	}
	found, _, err := prove.Search(c.Profile(), control)
	if err != nil || len(found) == 0 {
		t.Errorf("the control is not found in %d files, %v", files, err)
	}
	t.Logf("%d files of the profile searched; the control is in %d places", files, len(found))
}
