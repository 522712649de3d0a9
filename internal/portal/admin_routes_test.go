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
	"ribble/internal/onboarding"
	"ribble/internal/portal/admin"
)

// rigBook is a store of changes that has none, and takes none.
type rigBook struct{}

func (rigBook) Propose(context.Context, onboarding.Change) error  { return nil }
func (rigBook) Decide(context.Context, onboarding.Decision) error { return onboarding.ErrUnknown }

func (rigBook) Change(context.Context, string) (onboarding.Change, error) {
	return onboarding.Change{}, onboarding.ErrUnknown
}

func (rigBook) Changes(context.Context, onboarding.Query) ([]onboarding.Change, error) {
	return nil, nil
}

func (rigBook) History(context.Context, directory.Key) ([]onboarding.Version, error) {
	return nil, nil
}

func (rigBook) LastCheck(context.Context, string) (onboarding.Check, error) {
	return onboarding.Check{}, nil
}

func (rigBook) ChecksOf(context.Context, string, int) ([]onboarding.Check, error) { return nil, nil }

func rigAdmin(trail *audit.Trail, s *directory.Snapshot) admin.Config {
	desk := &onboarding.Desk{
		Store: rigBook{}, Checks: rigBook{}, Trail: trail, Holder: directory.NewHolder(s), Reload: func(context.Context) error { return nil }, Now: time.Now,
		MayAdminister: func(u identity.User) bool { return (*access.Profiles)(nil).Holds(u, access.Administer) },
	}
	return admin.Config{Desk: desk, Checks: rigBook{}, Check: func(context.Context, identity.User, string) error { return nil }}
}

// TestOnlyAnImportIsLong: a list of organisations may be long, and nothing else.
func TestOnlyAnImportIsLong(t *testing.T) {
	g := newRig(t)
	s := whos(g)["administrator"]
	long := url.Values{"text": {"ods,name,kind\n" + strings.Repeat("x", 200<<10)}, "do": {"preview"}}
	if w := s.send(http.MethodPost, "/admin/import", long); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "Line 2") {
		t.Errorf("a long list: %d", w.Code)
	}
	for _, path := range []string{"/admin/organisations/new", "/find"} {
		if w := s.send(http.MethodPost, path, long); !strings.Contains(w.Body.String(), "The request is too large.") {
			t.Errorf("%s took a long form: %d", path, w.Code)
		}
	}
	long.Set("text", strings.Repeat("x", 17<<20))
	if w := s.send(http.MethodPost, "/admin/import", long); !strings.Contains(w.Body.String(), "The request is too large.") {
		t.Errorf("a list of 17 MiB: %d", w.Code)
	}
}

// TestAdministratorsBeginAtTheSources: their role opens no record, so the page that finds people is none of theirs.
func TestAdministratorsBeginAtTheSources(t *testing.T) {
	g := newRig(t)
	s := whos(g)["administrator"]
	if to := s.send(http.MethodGet, "/", nil).Header().Get("Location"); to != admin.Path {
		t.Errorf("they begin at %s", to)
	}
	if w := s.send(http.MethodGet, admin.Path, nil); strings.Contains(w.Body.String(), `href="/find"`) || !strings.Contains(w.Body.String(), "Bowland") {
		t.Error("the page is not theirs")
	}
}
