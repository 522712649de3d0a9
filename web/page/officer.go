package page

import (
	"ribble/web/layout"
	"ribble/web/ui"
)

// AlertsProps are the properties of [Alerts] and of [AlertList].
type AlertsProps struct {
	layout.Props
	// Organisation is whose alerts these are.
	Organisation string
	// Refresh is the address of the list alone, by which a script keeps it fresh.
	Refresh string
	// Read says when the list was read; More that there are older ones beyond it.
	Read   string
	More   bool
	Alerts []AlertRow
}

// AlertRow is one alert of the list. It names nobody.
type AlertRow struct {
	// Kind is why it was raised, in words; Grave makes it loud.
	Kind  string
	Grave bool
	// At is when it happened; Reference names the alert in a letter or on the phone; URL opens it.
	At, Reference, URL string
}

// AlertProps are the properties of [Alert].
type AlertProps struct {
	layout.Props
	Kind, Reference, Raised string
	// Means says what to make of such an alert.
	Means string
	// Facts say who looked at whose record, when, why and how; Unread says why they cannot be read, and then there are none.
	Facts  []ui.Pair
	Unread string
	// Words are what the user wrote; empty when nothing was asked for.
	Words string
	Back  ui.Action
}
