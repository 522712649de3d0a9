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
// found in it: the search can find. The NHS number that was searched for is another matter: the answer to a form is remembered together with the form
// until a script of ours has run, and a browser that saves its session before that has it on disk. It is logged, not judged.
func TestProfileKeepsNothing(t *testing.T) {
	if missing != nil {
		browser.Missing(t, missing)
	}
	const control = "zyxcontrolwvu"
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
	signOut(p)
	p.Go(elsewhere.URL + "/end")
	c.Quit()
	hits, files, err := prove.Search(c.Profile(), "Penicillin", "ASHWORTH", "Beck Lane")
	if err != nil || files == 0 {
		t.Fatalf("%d files, %v", files, err)
	}
	for _, hit := range hits {
		t.Error(hit)
	}
	numbers, _, err := prove.Search(c.Profile(), edith)
	t.Logf("the number that was searched for is in %d places, %v", len(numbers), err)
	found, _, err := prove.Search(c.Profile(), control)
	if err != nil || len(found) == 0 {
		t.Errorf("the control is not found in %d files, %v", files, err)
	}
	t.Logf("%d files of the profile searched; the control is in %d places", files, len(found))
}
