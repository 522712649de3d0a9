package clinician

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/a-h/templ"

	"ribble/internal/audit"
	"ribble/internal/fault"
	"ribble/internal/findperson"
	"ribble/internal/identity"
	"ribble/internal/openrecord"
	"ribble/internal/portal/middleware"
	"ribble/internal/record"
	"ribble/internal/seal"
	"ribble/web/layout"
	"ribble/web/ui"
)

// Pages serves the pages of this audience.
type Pages struct {
	find  *findperson.Flow
	open  *openrecord.Flow
	trail *audit.Trail
	log   *slog.Logger
	now   func() time.Time
	frame func(*http.Request) layout.Props
	last  func(identity.Session) string
	handles
}

// Config is what the pages need.
type Config struct {
	Find   *findperson.Flow
	Open   *openrecord.Flow
	Trail  *audit.Trail
	Sealer *seal.Sealer
	Log    *slog.Logger
	Now    func() time.Time
	// Frame is the frame of every page: who is signed in, and the links of the top bar.
	Frame func(*http.Request) layout.Props
	// LastSignIn says when the user of the session signed in before; empty when that is not known.
	LastSignIn func(identity.Session) string
}

// New makes the pages.
func New(c Config) *Pages {
	return &Pages{find: c.Find, open: c.Open, trail: c.Trail, log: c.Log, now: c.Now, frame: c.Frame, last: c.LastSignIn, handles: handles{sealer: c.Sealer, now: c.Now}}
}

var errNobody = fault.New(fault.Denied, "You are not signed in. Sign in and try again.")

// user is who is signed in; the routes let nobody else come here.
func user(r *http.Request) (identity.User, error) {
	u, ok := middleware.User(r.Context())
	if !ok {
		return identity.User{}, errNobody
	}
	return u, nil
}

// ErrInContext is for whoever came from another system with one person in context and asks for anybody else.
var ErrInContext = fault.New(fault.Denied, "Your own system opened Ribble for one person. To see somebody else, open them there first.")

// searcher is the user as one who may look for people. A session that another system opened for one person gives none.
func searcher(r *http.Request) (identity.Searcher, error) {
	s, ok := middleware.Session(r.Context())
	if !ok {
		return identity.Searcher{}, errNobody
	}
	by, ok := s.Searcher()
	if !ok {
		return identity.Searcher{}, ErrInContext
	}
	return by, nil
}

// write sends a whole small page: rendered first, so that a fault in it never leaves half a page.
func write(w http.ResponseWriter, r *http.Request, status int, page templ.Component) error {
	var b bytes.Buffer
	if err := page.Render(r.Context(), &b); err != nil {
		return fmt.Errorf("rendering a page: %w", err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, err := w.Write(b.Bytes())
	return err
}

func render(ctx context.Context, b *bytes.Buffer, components ...templ.Component) error {
	for _, c := range components {
		if err := c.Render(ctx, b); err != nil {
			return fmt.Errorf("rendering a part of the record: %w", err)
		}
	}
	return nil
}

// token is the sealed stand-in for a person in a form.
func (p *Pages) token(who personHandle) ([]ui.Field, error) {
	t, err := sealed(p.handles, personPurpose, who)
	return []ui.Field{{Name: "person", Value: t}}, err
}

// personHandle names a person who was found; Similar asks for more care before the record opens.
type personHandle struct {
	bound
	Similar bool `json:"m,omitempty"`
	// ByNumber is true when the whole NHS number was typed: that is a confirmed detail already.
	ByNumber bool `json:"b,omitempty"`
}

// personOf opens a person token of this user.
func (p *Pages) personOf(r *http.Request, u identity.User) (personHandle, record.NHSNumber, error) {
	h, err := opened[personHandle](p.handles, personPurpose, r.PostFormValue("person"))
	if err != nil {
		return h, record.NHSNumber{}, err
	}
	number, err := h.number(u)
	return h, number, err
}
