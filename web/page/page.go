// Package page holds the pages without a record: sign-in, finding a person, and every page that says why not.
package page

import (
	"github.com/a-h/templ"

	"ribble/web/layout"
	"ribble/web/ui"
)

// SignInProps are the properties of [SignIn].
type SignInProps struct {
	layout.Props
	// Providers are the ways to sign in, the usual one first.
	Providers []Provider
	// Local leads to the sign-in with an account of Ribble's own; nil where there are none.
	Local *ui.Action
	// Ask leads to the page on which somebody asks for such an account; nil where there are none.
	Ask *ui.Action
	// Notice says why the reader is here again, such as a sign-in that failed; nil for none.
	Notice *ui.NoteProps
}

// Provider is one way to sign in.
type Provider struct {
	// Name is the button's text, "Sign in with NHS Care Identity"; Hint says for whom it is.
	Name, Hint string
	URL        string
	Fields     []ui.Field
}

// FindProps are the properties of [Find].
type FindProps struct {
	layout.Props
	// URL receives both forms by POST, with Fields in the body: what is searched for never stands in an address.
	URL    string
	Fields []ui.Field
	// Problems are listed above the forms; each control also says its own.
	Problems []ui.Problem
	Number   NumberForm
	Name     NameForm
	// Last says when the user signed in before: "Last signed in 17-Nov-2026 08:58 from 10.1.2.3, Edge on Windows."; empty when nothing is known.
	Last string
	// Silent are sentences about sources that do not answer; none while all do.
	Silent []string
	// Results is nil before a search.
	Results *Results
	// Confirm is the second step for a person who was chosen; nil before that.
	Confirm *Confirm
}

// NumberForm is the search by NHS number; its control is named "nhs".
type NumberForm struct {
	Value, Error string
}

// NameForm is the search by name and date of birth; its controls are named "family", "given", "day", "month", "year"
// and "gender".
type NameForm struct {
	Family, FamilyError string
	Given               string
	Day, Month, Year    string
	DateError           string
	// Gender is "", "female", "male", "other" or "unknown".
	Gender string
}

func (f NameForm) genders() []ui.Option {
	options := []ui.Option{{Value: "", Text: "Any"}, {Value: "female", Text: "Female"}, {Value: "male", Text: "Male"}, {Value: "other", Text: "Other"}}
	for i := range options {
		options[i].Chosen = options[i].Value == f.Gender
	}
	return options
}

// Results are the people who match a search.
type Results struct {
	// Title is "3 people match", "Nobody matches" or "Too many people match".
	Title string
	// Asked says of whom, when and for what: "Asked of the national demographics service, ...".
	Asked string
	// Similar is the warning when several have the same date of birth and a similar name (R6); empty for none.
	Similar string
	// Notice is another message, such as what to do when nobody matches; nil for none.
	Notice *ui.NoteProps
	People []Person
	// Foot explains marks in the list, such as a restricted address.
	Foot []string
}

// Person is one match.
type Person struct {
	// Name is "FAMILY, Given (Title)"; Born "03-Mar-1942 (84y)"; NHSNumber in 3-3-4 groups.
	Name, Born, NHSNumber string
	// Address and GP read "Not shown: restricted address" for a person whose whereabouts are protected.
	Address, GP string
	// Tags stand after the name: similar, died.
	Tags []string
	// Chosen marks the person to be confirmed; the others have the URL at which they are chosen, sealed.
	Chosen bool
	URL    string
}

// Confirm asks for what was checked with the person and why the record is opened (R6). Its controls are named
// "detail", "last4" and "purpose".
type Confirm struct {
	// Name is the person chosen.
	Name string
	URL  string
	// Fields travel in the body: the sealed handle of the person, never a number.
	Fields []ui.Field
	// Details are the second details that could have been checked; empty when no second detail is asked for.
	Details     []ui.Option
	DetailError string
	// AskLast4 asks for the last four digits of the NHS number that was checked.
	AskLast4   bool
	Last4Error string
	Purposes   []ui.Option
}

// ConfirmPersonProps are the properties of [ConfirmPerson]: the one person an NHS number belongs to.
type ConfirmPersonProps struct {
	layout.Props
	Person Person
	// Status says how the number was checked: "Traced, 18-Nov-2026 14:01:52".
	Status string
	// Notices warn of what must be known before opening: restricted, died, replaced number.
	Notices  []ui.NoteProps
	Problems []ui.Problem
	Confirm  Confirm
}

// MessageProps are the properties of the pages that say one thing: [Refused], [Unavailable], [Error], [SignedOut], [NoRole].
type MessageProps struct {
	layout.Props
	// Heading is the page's title.
	Heading string
	// Text says what happened, in plain words.
	Text []string
	// Todo says what the reader can do, step by step.
	Todo []string
	// Contacts are whom to ring instead (R22).
	Contacts []Contact
	// Reference finds this event in the log; empty when there is none.
	Reference string
	// Actions lead away from here, the usual one first.
	Actions []ui.Action
}

// Contact is somebody to ring.
type Contact struct {
	Name, Phone, When string
}

// LockedProps are the properties of [Locked].
type LockedProps struct {
	layout.Props
	// SignedIn is "Dr Priya NAIR, Consultant geriatrician, Bowland ...": the user, never a person of a record.
	SignedIn string
	// LockedAt says when and why: "18-Nov-2026 14:17:09, after 15 minutes without use".
	LockedAt string
	// SignsOutAt is "14:47".
	SignsOutAt string
	// Problem says why the last try did not unlock; empty when there was none.
	Problem string
	// Left is where to go on to when only this tab has put its page away and the session is still in use; nil when it is locked.
	Left *ui.Action
	// Code is the form for a six-digit code; nil when the provider unlocks.
	Code *CodeForm
	// Others lead elsewhere: unlock with the provider, sign out.
	Others []ui.Action
}

// StepUpProps are the properties of [StepUp].
type StepUpProps struct {
	layout.Props
	// SignedIn is "Dr Priya NAIR, Consultant geriatrician, Bowland ...".
	SignedIn string
	// Problem says why the last try was not enough; empty when there was none.
	Problem string
	// Code is the form for a six-digit code; nil when the provider is asked.
	Code *CodeForm
	// Others lead elsewhere: prove with the provider, go back.
	Others []ui.Action
}

// SessionsProps are the properties of [Sessions].
type SessionsProps struct {
	layout.Props
	// Live are the sessions that can be used now, Past those that have ended of late; each the newest first.
	Live, Past []SessionRow
	// EndURL receives the session to end, as "session"; EndAllURL ends all.
	EndURL, EndAllURL string
	// Reach says how far Past reaches: "the last 30 days".
	Reach string
}

// SessionRow is one session of the user.
type SessionRow struct {
	// ID names it in the form; This marks the one in which the page is read.
	ID   string
	This bool
	// Began is "18-Nov-2026 14:02"; State is "open, locks at 14:17", "locked since 14:17", "ended 14:47".
	Began, State string
	// Role is the role and organisation; Where the address; Browser its name, "Chrome on Windows".
	Role, Where, Browser string
}

// CodeForm asks for a code from an authenticator; its control is named "code".
type CodeForm struct {
	URL    string
	Fields []ui.Field
	Error  string
}

// ChooseRoleProps are the properties of [ChooseRole]; its control is named "role".
type ChooseRoleProps struct {
	layout.Props
	// Name is the user's.
	Name   string
	URL    string
	Fields []ui.Field
	// Roles are the roles of the user, each for one organisation; never combined.
	Roles []ui.Option
	Error string
}

// OpeningProps are the properties of [Opening].
type OpeningProps struct {
	layout.Props
	// For is "Dr Priya NAIR, Consultant geriatrician, Bowland ...": the user, never the person.
	For string
	URL string
	// Fields travel in the body: the sealed handle of the person, never a number.
	Fields []ui.Field
}

// goingOn is the frame with the script that goes on to the record.
func (p OpeningProps) goingOn() layout.Props {
	p.First = "go.js"
	return p.Props
}

// Refused says that this user may not open this, why, and what to do.
func Refused(p MessageProps) templ.Component { return message(p, ui.IconStop) }

// Unavailable says that Ribble cannot open records now, and whom to ring (R22).
func Unavailable(p MessageProps) templ.Component { return message(p, ui.IconGone) }

// Error says that something failed here, with the reference under which it is logged.
func Error(p MessageProps) templ.Component { return message(p, ui.IconGone) }

// SignedOut says that the session has ended.
func SignedOut(p MessageProps) templ.Component { return message(p, ui.IconLock) }

// NoRole says that the user has signed in but has no role that may use Ribble.
func NoRole(p MessageProps) templ.Component { return message(p, ui.IconWho) }
