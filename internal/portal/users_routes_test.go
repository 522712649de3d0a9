package portal_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"ribble/internal/access"
	"ribble/internal/audit"
	"ribble/internal/directory"
	"ribble/internal/identity"
	"ribble/internal/identity/local"
	"ribble/internal/portal/users"
	"ribble/internal/sponsor"
)

// rigRoll is a store of users that has none, and takes none.
type rigRoll struct{ sponsor.Store }

func (rigRoll) Ask(context.Context, sponsor.Request) error { return nil }

func (rigRoll) Requests(context.Context, sponsor.Query) ([]sponsor.Request, error) { return nil, nil }

func (rigRoll) Waiting(context.Context, sponsor.State, string, sponsor.Person, time.Time) (int, error) {
	return 3, nil
}

func (rigRoll) Known(context.Context, []string) (accounts, waiting map[string]bool, err error) {
	return nil, nil, nil
}

func (rigRoll) Members(context.Context, sponsor.Filter) ([]local.Account, error) { return nil, nil }

func (rigRoll) Member(context.Context, string) (local.Account, error) {
	return local.Account{}, sponsor.ErrUnknown
}

func (rigRoll) Tallies(context.Context, string, time.Time) ([]sponsor.Tally, error) { return nil, nil }

func rigUsers(trail *audit.Trail, s *directory.Snapshot) users.Config {
	holds := func(r access.Right) func(identity.User) bool {
		return func(u identity.User) bool { return (*access.Profiles)(nil).Holds(u, r) }
	}
	return users.Config{Desk: &sponsor.Desk{
		Store: rigRoll{}, Trail: trail, MayAdminister: holds(access.Administer), MaySponsor: holds(access.Sponsor), Now: time.Now,
		Organisation: func(ods string) (identity.Organisation, bool) {
			o, ok := s.Organisation(ods)
			return identity.Organisation{ODS: o.ODS, Name: o.Name}, ok
		},
	}}
}

// TestSponsorsBeginAtTheirUsers: their role opens no record.
func TestSponsorsBeginAtTheirUsers(t *testing.T) {
	g := newRig(t)
	s := whos(g)["sponsor"]
	if to := s.send(http.MethodGet, "/", nil).Header().Get("Location"); to != users.Path {
		t.Errorf("they begin at %s", to)
	}
	w := s.send(http.MethodGet, users.Path, nil)
	if body := w.Body.String(); strings.Contains(body, `href="/find"`) || strings.Contains(body, `href="/admin"`) || !strings.Contains(body, "Users of") || !strings.Contains(body, "Users (3)") {
		t.Error("the page is not theirs")
	}
	if w := whos(g)["clinician"].send(http.MethodGet, "/find", nil); strings.Contains(w.Body.String(), `href="/users"`) {
		t.Error("a clinician is led to the users")
	}
}

// TestAnInvitationNeedsAFreshProof: a screen that was left open makes none.
func TestAnInvitationNeedsAFreshProof(t *testing.T) {
	g := newRig(t)
	stale := g.sit("21", "RXX", identity.Role{ProfileID: "v", Code: "R8008", Activities: []string{"B1300"}}, func(s *identity.Session) { s.Authenticated = time.Now().Add(-16 * time.Minute) })
	if w := stale.send(http.MethodPost, users.AccountPath+"x/invite", nil); !strings.Contains(w.Body.String(), "Show that it is you") {
		t.Errorf("made without a fresh proof: %d", w.Code)
	}
	if w := whos(g)["sponsor"].send(http.MethodPost, users.AccountPath+"x/invite", nil); w.Code != http.StatusNotFound {
		t.Errorf("with one, of an account that is not there: %d", w.Code)
	}
}

// TestAskingIsForAnybody: and what was typed is kept when something is wrong with it.
func TestAskingIsForAnybody(t *testing.T) {
	g := newRig(t)
	form := url.Values{"name": {"Grace Adebayo"}, "login": {"grace@bowland.example"}, "job": {"Nurse"}, "organisation": {"RXX"}}
	nobody := &sitting{g: g}
	if w := nobody.send(http.MethodPost, users.AskPath, form); w.Code != http.StatusSeeOther || w.Header().Get("Location") != users.AskedPath {
		t.Errorf("asked: %d", w.Code)
	}
	form.Set("organisation", "nowhere")
	if w := nobody.send(http.MethodPost, users.AskPath, form); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "not one that takes part") || !strings.Contains(w.Body.String(), "grace@bowland.example") {
		t.Errorf("an organisation that takes no part: %d", w.Code)
	}
}
