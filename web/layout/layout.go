// Package layout is the frame of every page: head, top bar, footer, and the shell into which a record streams.
package layout

import (
	"fmt"
	"slices"

	"github.com/a-h/templ"

	"ribble/web/panel"
	"ribble/web/ui"
)

// URLs gives the address of a static file by its plain name; *web.Assets is one.
type URLs interface {
	URL(name string) string
}

// User is who is signed in, always in view (R5).
type User struct {
	// Name is "Dr Priya NAIR"; Role is the role of this session.
	Name, Role string
	// Organisation is the full name; Short the name for narrow screens.
	Organisation, Short string
}

// Props are the properties of every page.
type Props struct {
	// Title is the window's title: no name of a person, except on the record page where the deployment allows it.
	Title  string
	Assets URLs
	// First is a script that leaves the page at once for another; empty on most pages. It runs before anything else is loaded, and may find the
	// page half read.
	First string
	// User is nil when nobody is signed in or the screen is locked.
	User *User
	// Lock stays in view on narrow screens; nil when nobody is signed in.
	Lock *ui.Action
	// LockAfter is the time without use, in seconds, after which the script locks the screen; 0 leaves that to the
	// server. The server's own limit holds without a script.
	LockAfter int
	// Links stand in the top bar, and in the footer on narrow screens: find a person, change role, sign out.
	Links []ui.Action
	// Footer links stand in the footer only: who to ring if Ribble is down, accessibility.
	Footer []ui.Action
	// Region names the shared care record at the foot of the page.
	Region string
}

// PageProps are the properties of [Page].
type PageProps struct {
	Props
	// Narrow keeps lines short, for pages of text and forms.
	Narrow bool
	// Card draws the page as one card in the middle: sign-in, locked, refused.
	Card bool
	// Glass is the emergency access bar; nil outside emergency access.
	Glass *ui.GlassProps
}

func (p PageProps) mainClass() string {
	switch {
	case p.Card:
		return "rb-lock"
	case p.Narrow:
		return "rb-wrap rb-narrow"
	}
	return "rb-wrap"
}

// RecordProps are the properties of [RecordShell].
type RecordProps struct {
	Props
	Banner panel.Banner
	// Print is the first printed identity; it is sent again when it is known what is missing.
	Print panel.PrintHead
	// Sections are the sections in clinical order; each gets a slot and an in-page anchor.
	Sections []Section
	// Asked is what is being waited for: "Asking 8 sources at 14:02:09."
	Asked string
	// Tab is a random mark of this person in this session, the same in all tabs: it lets a tab see that another
	// tab shows someone else, without either knowing who (R7). Not derived from the NHS number.
	Tab string
	// Stale and Other are the bars for a record that is 15 minutes old and for another person in another tab.
	// Their texts are written here and hidden until they are true.
	Stale, Other ui.NoteProps
	// Glass is the emergency access bar; nil outside emergency access.
	Glass *ui.GlassProps
	// Standing is where the page asks every 20 seconds whether the record may stay open; empty when it need not ask.
	Standing string
}

// Section is one slot of the record page.
type Section struct {
	ID, Title string
}

// slots are the names for which stream.css hides every printing but the last; a test holds the two together.
var slots = []string{
	"print", "flags", "sources", "nav", "snapshot", "timeline", "allergies", "medicines", "problems", "alerts", "plans",
	"encounters", "consultations", "appointments", "referrals", "results", "imaging", "measurements", "immunisations",
	"procedures", "documents", "socialcare", "legal", "aboutme", "network", "history", "other",
}

// RecordShell prints the record page up to the place where panels follow: the head, the shadow tree that puts them in
// clinical order, and the person's identity. What follows is any number of panels, each flushed when it is ready, and
// then [RecordEnd]. A section without a rule in stream.css would show its old printings too, so it fails.
func RecordShell(p RecordProps) templ.Component {
	for _, s := range p.Sections {
		if !slices.Contains(slots, s.ID) {
			return failed{fmt.Errorf("laying out the record page: stream.css knows no section %q", s.ID)}
		}
	}
	return recordShell(p)
}
