// Package admin holds the pages on which administrators of the region bring organisations and feeds on: two people for every change, and nothing of any
// person on them.
package admin

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"ribble/internal/access"
	"ribble/internal/directory"
	"ribble/internal/fault"
	"ribble/internal/health"
	"ribble/internal/identity"
	"ribble/internal/onboarding"
	"ribble/internal/portal/middleware"
	"ribble/internal/record"
	"ribble/web/layout"
	"ribble/web/page"
	"ribble/web/ui"
)

// Proposals are what one person can ask for; *onboarding.Desk takes them.
type Proposals interface {
	Propose(ctx context.Context, by identity.User, p onboarding.Proposal) (onboarding.Change, error)
	Preview(p onboarding.Proposal) ([]onboarding.Difference, error)
	Step(ctx context.Context, by identity.User, m onboarding.Move) (onboarding.Change, error)
	Suspend(ctx context.Context, by identity.User, feed, reason string) (onboarding.Change, error)
	Rollback(ctx context.Context, by identity.User, id, reason string) (onboarding.Change, error)
}

// Decisions are what a second person decides, and the first takes back.
type Decisions interface {
	Approve(ctx context.Context, by identity.User, id string) (onboarding.Change, error)
	Refuse(ctx context.Context, by identity.User, id, words string) error
	Withdraw(ctx context.Context, by identity.User, id string) error
}

// Register is the directory with its changes and what stands in the way of a feed.
type Register interface {
	Directory() *directory.Snapshot
	Change(ctx context.Context, id string) (onboarding.Change, error)
	Changes(ctx context.Context, q onboarding.Query) ([]onboarding.Change, error)
	History(ctx context.Context, k directory.Key) ([]onboarding.Version, error)
	Gate(ctx context.Context, feed string, to directory.Stage) ([]onboarding.Line, error)
}

// Marks makes of people and files what the directory keeps of them.
type Marks interface {
	// TestPerson is how a test person stands in the audience of a feed: never the number itself.
	TestPerson(n record.NHSNumber) string
	// Whole is what changes when a whole directory file takes the place of everything.
	Whole(entries []directory.Entry) []directory.Entry
}

// Desk is where the directory is changed; *onboarding.Desk is one.
type Desk interface {
	Proposals
	Decisions
	Register
	Marks
}

// Checks are the connection checks that were run, the newest first.
type Checks interface {
	ChecksOf(ctx context.Context, feed string, limit int) ([]onboarding.Check, error)
}

// Health says how a feed stands; *health.Monitor does.
type Health interface {
	Feed(id string) health.Feed
}

// Config is what the pages need.
type Config struct {
	Desk   Desk
	Checks Checks
	// Check runs a connection check and keeps its result; nil where this deployment cannot.
	Check func(ctx context.Context, by identity.User, feed string) error
	// Health says how a feed has answered of late; nil where nothing counts that.
	Health Health
	// Region names the shared care record.
	Region string
	// Profiles is the table of rights; nil is the shipped one.
	Profiles *access.Profiles
	Now      func() time.Time
	// Frame is the frame of every page: who is signed in, and the links of the top bar.
	Frame func(*http.Request) layout.Props
}

// Pages serves the pages of this audience.
type Pages struct{ Config }

// New makes the pages.
func New(c Config) *Pages { return &Pages{c} }

// The addresses of the pages; LivePath is for everybody.
const (
	Path              = "/admin"
	OrganisationsPath = Path + "/organisations"
	AgreementsPath    = Path + "/agreements"
	FeedsPath         = Path + "/feeds"
	ApprovalsPath     = Path + "/approvals"
	HistoryPath       = Path + "/history"
	ImportPath        = Path + "/import"
	LivePath          = "/live"
)

// Right is what these pages need of a role.
const Right = access.Administer

var errMayNot = fault.New(fault.Denied, "Your role does not administer the region.")

// administrator is who is signed in, when their role has the right.
func (p *Pages) administrator(r *http.Request) (identity.User, error) {
	u, ok := middleware.User(r.Context())
	if !ok || !p.Profiles.Holds(u, Right) {
		return identity.User{}, errMayNot
	}
	return u, nil
}

// board begins a page.
func (p *Pages) board(r *http.Request, heading, current string) page.BoardProps {
	b := page.BoardProps{Props: p.Frame(r), Heading: heading, Places: p.places(r.Context(), current)}
	b.Title = heading
	return b
}

// places are the links between the pages; the current one is words.
func (p *Pages) places(ctx context.Context, current string) page.Places {
	links := page.Places{
		{Text: "Sources", URL: Path}, {Text: "Organisations", URL: OrganisationsPath}, {Text: "Agreements", URL: AgreementsPath},
		{Text: "Import", URL: ImportPath}, {Text: "Approvals" + p.waiting(ctx), URL: ApprovalsPath}, {Text: "Who is live", URL: LivePath},
	}
	for i := range links {
		if links[i].URL == current {
			links[i].URL = ""
		}
	}
	return links
}

// waiting counts the changes that wait for a second person, as the link to them says it; nothing where that cannot be told.
func (p *Pages) waiting(ctx context.Context) string {
	list, err := p.Desk.Changes(ctx, onboarding.Query{State: onboarding.Waiting})
	if err != nil || len(list) == 0 {
		return ""
	}
	return fmt.Sprintf(" (%d)", len(list))
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

// day is a date of the directory, whose days are those of UTC; empty for none.
func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("02-Jan-2006")
}

// moment is a time as the pages show it.
func moment(t time.Time) string { return t.In(time.Local).Format("02-Jan-2006 15:04") }

func words(text string) page.Cell { return page.Cell{Text: text} }

func whole(text string) page.Cell { return page.Cell{Text: text, Whole: true} }

func tagged(kind ui.TagKind, text string) page.Cell { return page.Cell{Text: text, Tag: &kind} }

func link(text, url string) page.Cell { return page.Cell{Link: &ui.Action{Text: text, URL: url}} }

// count says how many there are of something.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
