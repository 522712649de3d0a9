package portal_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// age makes every session's proof of who its user is so old.
func (p *pair) age(interval string) {
	p.t.Helper()
	conn, err := pgx.Connect(p.t.Context(), p.db.AdminURL)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = conn.Close(p.t.Context()) }()
	if _, err := conn.Exec(p.t.Context(), "UPDATE portal.session SET authenticated_at = now() - $1::interval", interval); err != nil {
		p.t.Fatal(err)
	}
}

// TestEmergencyAccessAsksForAFreshProof: who signed in long ago proves once more who they are before the form, and has a little longer to send it.
func TestEmergencyAccessAsksForAFreshProof(t *testing.T) {
	p := newPair(t)
	s := p.signedIn("nair", "100")
	const form = "/break-glass/no-handle"
	for _, c := range []struct {
		age        string
		form, send int
	}{{"0", 404, 404}, {"9 minutes", 404, 404}, {"11 minutes", 403, 404}, {"16 minutes", 403, 403}} {
		p.age(c.age)
		for _, asked := range []struct {
			method, path string
			fields       url.Values
			want         int
		}{{"GET", form, nil, c.form}, {"POST", "/break-glass", url.Values{"person": {"no-handle"}}, c.send}} {
			r := s.send(0, asked.method, asked.path, asked.fields)
			proves := strings.Contains(text(r), "Show that it is you")
			if r.StatusCode != asked.want || proves != (asked.want == http.StatusForbidden) {
				t.Errorf("%s after %s: %d, asked for a proof: %v", asked.method, c.age, r.StatusCode, proves)
			}
		}
	}
}

// TestAPageThatAsksByItselfKeepsNoSessionAlive: an open record and a list of alerts ask again and again, perhaps with nobody before them.
func TestAPageThatAsksByItselfKeepsNoSessionAlive(t *testing.T) {
	p := newPair(t)
	s := p.signedIn("nair", "100")
	conn, err := pgx.Connect(t.Context(), p.db.AdminURL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	idle := func() (minutes int) {
		t.Helper()
		if err := conn.QueryRow(t.Context(), "SELECT round(extract(epoch FROM max(idle_until) - now()) / 60) FROM portal.session WHERE ended_at IS NULL").Scan(&minutes); err != nil {
			t.Fatal(err)
		}
		return minutes
	}
	if _, err := conn.Exec(t.Context(), "UPDATE portal.session SET idle_until = now() + interval '5 minutes'"); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/record/no-handle/standing", "/officer/alerts/newest"} {
		if s.send(0, "GET", path, nil); idle() != 5 {
			t.Errorf("%s: %d minutes are left", path, idle())
		}
	}
	if s.send(0, "GET", "/find", nil); idle() != 15 {
		t.Errorf("a page of their own: %d minutes are left", idle())
	}
}
