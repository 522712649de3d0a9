package page

import (
	"ribble/web/layout"
	"ribble/web/ui"
)

// UsersProps are the properties of [Users], the page of whoever looks after users: what there is on the left, what can be done on the right.
type UsersProps struct {
	BoardProps
	// Nav are the links between the pages; the current one has no address.
	Nav      Places
	Problems []ui.Problem
	// Invitation is a link made just now, shown this once.
	Invitation *InvitationLink
	// Pick is a list from which some are chosen; it stands before the parts.
	Pick  *PickList
	Forms []ControlForm
}

// InvitationLink is the address by which one user sets their account up.
type InvitationLink struct{ For, URL string }

// PickList is a list with a box before each row, and one button for those that are chosen; the boxes are named "account".
type PickList struct {
	// ID is unique on the page.
	ID, Heading, Cover string
	Notes              []ui.NoteProps
	URL                string
	Fields             []ui.Field
	Head               []string
	Rows               []PickRow
	Button, Foot       string
	Do                 []ui.Action
}

// PickRow is one row of a [PickList]; its first cell heads it. Without a Value it cannot be chosen.
type PickRow struct {
	Value, Label string
	Cells        []Cell
}

// ControlForm is a form beside or below what it is about.
type ControlForm struct {
	// ID is unique on the page.
	ID, URL, Heading, Lead string
	Fields                 []ui.Field
	Controls               []Control
	Buttons                []ui.ButtonProps
	Foot                   string
}

// AskAccountProps are the properties of [AskAccount], the page on which somebody asks for an account; its controls are named "name", "login", "job" and
// "organisation".
type AskAccountProps struct {
	layout.Props
	URL                            string
	Problems                       []ui.Problem
	Name, Login, Job, Organisation ui.InputProps
	Back                           ui.Action
}

// AskedProps are the properties of [Asked].
type AskedProps struct {
	layout.Props
	// Steps are what happens next.
	Steps []string
	Back  ui.Action
}
