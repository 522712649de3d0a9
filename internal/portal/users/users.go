// Package users holds the pages on which people ask for local accounts, sponsors vouch for the users of their organisation, and administrators grant, import and end.
package users

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/identity/local"
	"ribble/internal/portal/middleware"
	"ribble/internal/record"
	"ribble/internal/sponsor"
	"ribble/web/layout"
	"ribble/web/page"
	"ribble/web/ui"
)

// Config is what the pages need.
type Config struct {
	Desk *sponsor.Desk
	// PublicURL is the address of the portal, for invitations.
	PublicURL string
	// Counter counts requests by address and organisation, across replicas.
	Counter identity.Counter
	// Network is what one sender can be taken to own of the address of a request.
	Network func(*http.Request) string
	// Frame is the frame of every page.
	Frame func(*http.Request) layout.Props
	Now   func() time.Time
}

// Pages serves the pages.
type Pages struct{ Config }

// New makes the pages.
func New(c Config) *Pages { return &Pages{c} }

// The addresses of the pages; AskPath is for everybody.
const (
	Path         = "/users"
	OfPath       = Path + "/of/"
	RequestPath  = Path + "/request/"
	AccountPath  = Path + "/account/"
	ConfirmPath  = Path + "/confirm"
	AddPath      = Path + "/add"
	ImportPath   = Path + "/import"
	LeaversPath  = Path + "/leavers"
	AskPath      = "/request-account"
	AskedPath    = "/request-account/sent"
	notSignedIn  = "Your role looks after no users."
	pageSize     = 200
	mostShown    = 50
	mostProblems = 100
)

// looker is who is signed in, and whose users they look after.
func (p *Pages) looker(r *http.Request) (identity.User, sponsor.Scope, error) {
	u, ok := middleware.User(r.Context())
	if !ok {
		return u, sponsor.Scope{}, fault.New(fault.Denied, notSignedIn)
	}
	scope, err := p.Desk.Scope(u)
	return u, scope, err
}

// board begins a page.
func (p *Pages) board(r *http.Request, heading, current string) page.UsersProps {
	b := page.UsersProps{BoardProps: page.BoardProps{Props: p.Frame(r), Heading: heading}, Nav: page.Places{
		{Text: "Users", URL: Path}, {Text: "Add a user", URL: AddPath}, {Text: "Import", URL: ImportPath}, {Text: "Leavers", URL: LeaversPath},
	}}
	for i := range b.Nav {
		if b.Nav[i].URL == current {
			b.Nav[i].URL = ""
		}
	}
	b.Title, b.Done = heading, doneNote(r.URL.Query().Get("done"))
	return b
}

// draw sends a whole page: rendered first, so that a fault in it never leaves half a page.
func draw(w http.ResponseWriter, r *http.Request, status int, c templ.Component) error {
	var b bytes.Buffer
	if err := c.Render(r.Context(), &b); err != nil {
		return fmt.Errorf("rendering a page: %w", err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, err := w.Write(b.Bytes())
	return err
}

func redirect(w http.ResponseWriter, r *http.Request, path, done string) error {
	http.Redirect(w, r, path+"?done="+url.QueryEscape(done), http.StatusSeeOther)
	return nil
}

// problems turns an error that whoever is at the page can put right into words for it; false for any other.
func problems(err error, href string) ([]ui.Problem, bool) {
	if wrong, ok := errors.AsType[sponsor.Problems](err); ok {
		var out []ui.Problem
		for _, p := range wrong {
			out = append(out, ui.Problem{Text: labels[p.Field] + " " + p.Text, Href: "#" + hrefOf[p.Field]})
		}
		return out, true
	}
	if faults, ok := errors.AsType[sponsor.Faults](err); ok {
		var out []ui.Problem
		for _, f := range faults {
			out = append(out, ui.Problem{Text: f.String(), Href: href})
		}
		return out, true
	}
	if kind := fault.KindOf(err); kind == fault.Invalid || kind == fault.Denied && !errors.Is(err, sponsor.ErrDenied) {
		return []ui.Problem{{Text: fault.SafeText(err), Href: href}}, true
	}
	return nil, false
}

// problemOf is what is wrong with one field.
func problemOf(err error, field string) string {
	wrong, _ := errors.AsType[sponsor.Problems](err)
	for _, p := range wrong {
		if p.Field == field {
			return labels[field] + " " + p.Text
		}
	}
	return ""
}

func words(text string) page.Cell { return page.Cell{Text: text} }

func whole(text string) page.Cell { return page.Cell{Text: text, Whole: true} }

func tagged(kind ui.TagKind, text string) page.Cell { return page.Cell{Text: text, Tag: &kind} }

func link(text, url, sub string) page.Cell {
	return page.Cell{Link: &ui.Action{Text: text, URL: url}, Sub: sub}
}

// count says how many there are of something.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// day is a day of UTC, as accounts have them; lastDay the one that ends at a moment.
func day(t time.Time) string {
	if t.IsZero() || t.Year() < 2 {
		return "not given"
	}
	return t.UTC().Format("02-Jan-2006")
}

func lastDay(ends time.Time) string { return day(ends.Add(-time.Second)) }

func moment(t time.Time) string { return t.In(time.Local).Format("02-Jan-2006 15:04") }

func usual(name string) string { return record.StaffName(name).Usual() }

func roleName(key string) string { return local.Roles[key].Name }
