// Package officer holds the pages of Privacy Officers: the alerts of their own organisation, and who looked at whose record and why; never anything clinical.
package officer

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/a-h/templ"

	"ribble/internal/access"
	"ribble/internal/audit"
	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/oversight"
	"ribble/internal/portal/middleware"
	"ribble/internal/record"
	"ribble/web/layout"
)

// Board shows the alerts of an organisation that are not closed; an oversight.Board is one.
type Board interface {
	Open(ctx context.Context, organisation string, limit int) ([]oversight.Alert, error)
}

// Events reads one event of the audit trail by its id, and says whether it is there.
type Events interface {
	Event(ctx context.Context, id string) (audit.Event, bool, error)
}

// Revealer opens the person of an event; *audit.Keys is one.
type Revealer interface {
	Reveal(ctx context.Context, e audit.Event) (record.NHSNumber, audit.Terms, error)
}

// Config is what the pages need.
type Config struct {
	Board Board
	// Events reads the trail; nil where this deployment gives the portal no leave to, and then the pages say so.
	Events Events
	Keys   Revealer
	Trail  *audit.Trail
	// Profiles is the table of rights; nil is the shipped one.
	Profiles *access.Profiles
	Now      func() time.Time
	// Browser names the browser that an agent text stands for.
	Browser func(agent string) string
	// Frame is the frame of every page: who is signed in, and the links of the top bar.
	Frame func(*http.Request) layout.Props
}

// Pages serves the pages of this audience.
type Pages struct{ Config }

// New makes the pages.
func New(c Config) *Pages { return &Pages{c} }

var errMayNot = fault.New(fault.Denied, "Your role does not look into alerts. It needs an activity of Privacy Officers, such as “Receive Legal Override and Emergency View Alerts”.")

// officer is who is signed in, when their role has the right; the routes let nobody else come here.
func (p *Pages) officer(r *http.Request) (identity.User, error) {
	u, ok := middleware.User(r.Context())
	if !ok || !p.Profiles.Holds(u, access.Audit) {
		return identity.User{}, errMayNot
	}
	return u, nil
}

// write sends a whole small page: rendered first, so that a fault in it never leaves half a page.
func write(w http.ResponseWriter, r *http.Request, page templ.Component) error {
	var b bytes.Buffer
	if err := page.Render(r.Context(), &b); err != nil {
		return fmt.Errorf("rendering a page: %w", err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, err := w.Write(b.Bytes())
	return err
}
