// Package officer holds the pages of Privacy Officers: alerts as work, who looked at whose record and why, reports with their proofs, pictures and
// rules; never anything clinical.
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
	"ribble/internal/ledger"
	"ribble/internal/oversight/inquiry"
	"ribble/internal/oversight/patrol"
	"ribble/internal/oversight/picture"
	"ribble/internal/oversight/queue"
	"ribble/internal/oversight/rulebook"
	"ribble/internal/oversight/watch"
	"ribble/internal/portal/handle"
	"ribble/internal/portal/middleware"
	"ribble/internal/record"
	"ribble/web/layout"
	"ribble/web/page"
	"ribble/web/ui"
)

// Queue keeps alerts as work, and says how the work goes.
type Queue interface {
	queue.Store
	// Counts are how many alerts of an organisation are in each state.
	Counts(ctx context.Context, organisation string) (map[queue.State]int, error)
	// Handled is how many were closed since a time, and the median time that took.
	Handled(ctx context.Context, organisation string, since time.Time) (n int, median time.Duration, err error)
}

// Events reads one event of the audit trail by its id, and says whether it is there.
type Events interface {
	Event(ctx context.Context, id string) (audit.Event, bool, error)
}

// Search finds events: page by page, all of them one after the other in bounded memory, or where to cut them into parts.
type Search interface {
	Page(ctx context.Context, q inquiry.Query) (inquiry.Page, error)
	Stream(ctx context.Context, q inquiry.Query, take func(inquiry.Row) error) (inquiry.Complete, error)
	// Cuts are the places at which a result is cut into parts of so many events.
	Cuts(ctx context.Context, q inquiry.Query, each int) ([]inquiry.Place, inquiry.Complete, error)
}

// Keys find a person's events and open whose they are; *audit.Keys is one.
type Keys interface {
	Indexes(n record.NHSNumber) []audit.Index
	Reveal(ctx context.Context, e audit.Event) (record.NHSNumber, audit.Terms, error)
}

// Tallies are what happened, counted.
type Tallies interface {
	Counts(ctx context.Context, q picture.Query) ([]picture.Counts, error)
	Sources(ctx context.Context, q picture.Query) ([]picture.Source, error)
}

// Region is the directory as it stands at the moment of each question.
type Region interface {
	Organisation(ods string) (record.Organisation, bool)
	// Known reports whether a code is that of an organisation or of a feed.
	Known(code string) bool
}

// Service is a way in which users sign in: with the issuer's name for its users, the trail names them.
type Service struct{ Issuer, Name string }

// Log is the trail as officers may read it.
type Log struct {
	Events Events
	Search Search
	// Walk goes through all of it, for replays.
	Walk patrol.Trail
	// Ledger proves what is in it; Keys and WitnessKeys are the public keys that go with a proof.
	Ledger            ledger.Reader
	Keys, WitnessKeys []string
}

// Watch is the rules that watch.
type Watch struct {
	// Book says which rules are in force, and changes them.
	Book *rulebook.Desk
	// Register is the staff register as of now.
	Register func(ctx context.Context) (watch.Register, error)
}

// Config is what the pages need.
type Config struct {
	Queue Queue
	// Log is nil where this deployment gives the portal no leave to read the trail, and then the pages say so.
	Log  *Log
	Keys Keys
	// IndexKeys are the ids of all keys under which the trail's people are indexed.
	IndexKeys func(ctx context.Context) ([]string, error)
	Trail     *audit.Trail
	Tallies   Tallies
	Watch     Watch
	// Sets counts what other sensitive code sets would change; nil where nothing is counted.
	Sets   Sets
	Region Region
	// Services are the ways to sign in, the usual one first.
	Services []Service
	// Collectors are the systems that gather audit events of their organisations.
	Collectors []Collector
	// Handles seal what a page must remember about a person.
	Handles handle.Keeper
	// Portal is the public address of the portal.
	Portal string
	// Profiles is the table of rights; nil is the shipped one.
	Profiles *access.Profiles
	// PartOf is how many entries a file of an export has at most; 0 is the usual number.
	PartOf int
	Now    func() time.Time
	// Browser names the browser that an agent text stands for.
	Browser func(agent string) string
	// Frame is the frame of every page: who is signed in, and the links of the top bar.
	Frame func(*http.Request) layout.Props
}

// Pages serves the pages of this audience.
type Pages struct {
	Config
	desk *queue.Desk
}

// New makes the pages.
func New(c Config) *Pages {
	return &Pages{Config: c, desk: &queue.Desk{Store: c.Queue, Trail: c.Trail}}
}

var (
	errMayNot = fault.New(fault.Denied, "Your role does not look into alerts. It needs an activity of Privacy Officers, such as “Receive Legal Override and Emergency View Alerts”.")
	errNoLog  = fault.New(fault.Unavailable, "This portal has no leave to read the log. Ask your Ribble team.")
)

// officer is who is signed in, when their role has the right.
func (p *Pages) officer(r *http.Request) (identity.User, error) {
	u, ok := middleware.User(r.Context())
	if !ok || !p.Profiles.Holds(u, access.Audit) {
		return identity.User{}, errMayNot
	}
	return u, nil
}

// regional reports whether an officer watches over the whole region.
func (p *Pages) regional(u identity.User) bool { return p.Profiles.Holds(u, access.AuditRegion) }

// The addresses.
const (
	AlertsPath    = "/officer/alerts"
	NewestPath    = "/officer/alerts/newest"
	LooksPath     = "/officer/looks"
	ReportPath    = "/officer/looks/report"
	TransferPath  = "/officer/looks/file/"
	PicturesPath  = "/officer/pictures"
	RulesPath     = "/officer/rules"
	QuestionsPath = "/questions"
)

// places are the links between the pages; the one shown is words.
func places(here string) page.Places {
	all := page.Places{{Text: "Alerts", URL: AlertsPath}, {Text: "Who looked", URL: LooksPath}, {Text: "Pictures", URL: PicturesPath}, {Text: "Rules", URL: RulesPath}, {Text: "Code sets", URL: SetsPath}}
	for i := range all {
		if all[i].URL == here {
			all[i].URL = ""
		}
	}
	return all
}

// frame is the frame of a page of this title.
func (p *Pages) frame(r *http.Request, title string) layout.Props {
	props := p.Frame(r)
	props.Title = title
	return props
}

// organisation is an organisation as the directory names it; one that it does not know is named by its code.
func (p *Pages) organisation(ods string) record.Organisation {
	if o, ok := p.Region.Organisation(ods); ok {
		return o
	}
	return record.Organisation{ODS: ods, Name: ods, Badge: ods}
}

// done is a notice of something that was done.
func done(lead, text string) *ui.NoteProps {
	return &ui.NoteProps{Kind: ui.NoteNil, Icon: ui.IconData, Lead: lead, Text: text, Alert: true}
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

// moment is a time as the pages show it, by the clock of the United Kingdom.
func moment(t time.Time) string { return t.In(time.Local).Format("02-Jan-2006 15:04:05") }
