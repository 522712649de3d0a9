package portal_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"ribble/internal/audit"
)

// searched is how many searches are written down.
func (g *rig) searched() int { return g.events[audit.ActTraced] + g.events[audit.ActSearched] }

// TestASearchIsAskedForByItsAddress: what was typed stands neither in the address nor in the form whose answer the page is; looking once is one event,
// and looking again is another.
func TestASearchIsAskedForByItsAddress(t *testing.T) {
	g := newRig(t)
	g.tell()
	s, colleague := g.sit("v", "RXX", everyone), g.sit("w", "RXX", everyone)
	number := numberOf("related").Digits()
	for name, c := range map[string]struct {
		typed  url.Values
		status int
		shows  string
		events int
	}{
		"a number":           {url.Values{"nhs": {" " + number + " "}}, http.StatusOK, "ASHWORTH", 1},
		"no number":          {url.Values{"nhs": {"9991411691"}}, http.StatusUnprocessableEntity, "not a valid NHS number", 0},
		"nothing":            {url.Values{"nhs": {""}}, http.StatusUnprocessableEntity, "not a valid NHS number", 0},
		"a name":             {url.Values{"family": {"Ashworth"}, "day": {"3"}, "month": {"3"}, "year": {"1942"}}, http.StatusOK, "match", 1},
		"a name and no date": {url.Values{"family": {"Ashworth"}}, http.StatusUnprocessableEntity, `value="Ashworth"`, 0},
		"an empty form":      {nil, http.StatusUnprocessableEntity, "Enter the family name.", 0},
	} {
		t.Run(name, func(t *testing.T) {
			before := g.searched()
			sent := s.send(http.MethodPost, "/find", c.typed)
			to := sent.Header().Get("Location")
			if sent.Code != http.StatusSeeOther || !strings.HasPrefix(to, "/find/") || strings.ContainsAny(to, "?#") || g.searched() != before {
				t.Fatalf("%d to %s, %d events", sent.Code, to, g.searched()-before)
			}
			for _, values := range c.typed {
				for _, v := range values {
					if v = strings.TrimSpace(v); len(v) > 4 && strings.Contains(to, v) {
						t.Errorf("%s stands in %s", v, to)
					}
				}
			}
			for again := range 2 {
				w := s.send(http.MethodGet, to, nil)
				if w.Code != c.status || !strings.Contains(w.Body.String(), c.shows) || g.searched()-before != (again+1)*c.events {
					t.Errorf("looking %d times: %d, %d events", again+1, w.Code, g.searched()-before)
				}
			}
			before = g.searched()
			if w := colleague.send(http.MethodGet, to, nil); w.Code != http.StatusNotFound || g.searched() != before {
				t.Errorf("a colleague who has the address: %d", w.Code)
			}
		})
	}
}

// TestWhatIsTooLongForAnAddress is refused at once, with what was typed, and nobody is asked.
func TestWhatIsTooLongForAnAddress(t *testing.T) {
	g := newRig(t)
	g.tell()
	s := g.sit("v", "RXX", everyone)
	long := strings.Repeat("Ashworth-", 1000)
	for _, typed := range []url.Values{{"nhs": {long}}, {"family": {long}, "day": {"3"}, "month": {"3"}, "year": {"1942"}}} {
		w := s.send(http.MethodPost, "/find", typed)
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "too long to search for") || !strings.Contains(w.Body.String(), long) || g.searched() != 0 {
			t.Errorf("%d, %d events", w.Code, g.searched())
		}
	}
}
