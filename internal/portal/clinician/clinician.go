package clinician

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/a-h/templ"

	"ribble/internal/access"
	"ribble/internal/audit"
	"ribble/internal/fault"
	"ribble/internal/findperson"
	"ribble/internal/identity"
	"ribble/internal/openrecord"
	"ribble/internal/portal/handle"
	"ribble/internal/portal/middleware"
	"ribble/internal/record"
	"ribble/internal/register"
	"ribble/internal/seal"
	"ribble/web/layout"
	"ribble/web/ui"
)

// Pages serves the pages of this audience.
type Pages struct {
	find  *findperson.Flow
	open  *openrecord.Flow
	ahead *ahead
	trail *audit.Trail
	log   *slog.Logger
	now   func() time.Time
	frame func(*http.Request) layout.Props
	last  func(identity.Session) string
	// silent are sentences about sources that do not answer.
	silent func() []string
	// handles seals what stands for a person in forms and addresses.
	handles handle.Keeper
	desk    Desk
	quality Quality
	region  Region
	// profiles is the table of rights; nil is the shipped one.
	profiles *access.Profiles
}

// Desk keeps what users and people state about access to a record; *register.Desk is one.
type Desk interface {
	About(ctx context.Context, n record.NHSNumber, u identity.User) (access.Facts, error)
	Claim(ctx context.Context, u identity.User, n record.NHSNumber, c register.Claim) error
	BreakGlass(ctx context.Context, u identity.User, n record.NHSNumber, c register.Claim) (access.Override, error)
	EndBreakGlass(ctx context.Context, u identity.User, n record.NHSNumber, id string) error
	Permit(ctx context.Context, u identity.User, n record.NHSNumber, answer register.Answer) error
}

// Region tells whom to ring and who is told; *directory.Snapshot is one at its moment.
type Region interface {
	// Organisation finds an organisation by its ODS code.
	Organisation(ods string) (record.Organisation, bool)
	// Officer is the Privacy Officer of an organisation; empty when it has named none.
	Officer(ods string) string
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
	// Silent are sentences about sources that do not answer, one for each organisation; nil where nothing is counted.
	Silent func() []string
	Desk   Desk
	Region Region
	// Quality takes reports of a problem with an entry.
	Quality Quality
	// Profiles is the table of rights; nil is the shipped one.
	Profiles *access.Profiles
}

// New makes the pages.
func New(c Config) *Pages {
	open := *c.Open
	early := &ahead{tracer: open.Tracer, trail: c.Trail, log: c.Log, waits: map[string]*traced{}}
	open.Tracer = early
	return &Pages{
		find: c.Find, open: &open, ahead: early, trail: c.Trail, log: c.Log, now: c.Now, frame: c.Frame, last: c.LastSignIn, silent: c.Silent,
		handles: handle.Keeper{Sealer: c.Sealer, Now: c.Now}, desk: c.Desk, quality: c.Quality, region: c.Region, profiles: c.Profiles,
	}
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
	t, err := handle.Seal(p.handles, personPurpose, who)
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
	h, err := handle.Open[personHandle](p.handles, personPurpose, r.PostFormValue("person"))
	if err != nil {
		return h, record.NHSNumber{}, err
	}
	number, err := h.Person(u)
	return h, number, err
}
