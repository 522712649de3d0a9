package panel

import "ribble/web/ui"

// Banner is the person banner (ISB 1505, R5): in view on the whole record page and printed on each sheet.
type Banner struct {
	// Name is "FAMILY, Given (Title)" (ISB 1506).
	Name string
	// Born is "03-Mar-1942 (84y)".
	Born string
	// Died is "02-Nov-2026", or empty when no source says that the person has died.
	Died string
	// Gender is the word as sent, or "Not Known".
	Gender string
	// NHSNumber is in 3-3-4 groups; NHSStatus says how it was checked: "traced, checked 18-Nov-2026 14:02".
	NHSNumber, NHSStatus string
	// Address, Phone and GP are one line each; a restricted person's read "Not shown: restricted".
	Address, Phone, GP string
	// Needs is the one flag in the first line, such as "hearing loss, face her"; may be empty.
	Needs string
}

// Flags are the warnings under the person's name, the worst first. They are sent again whenever they change.
type Flags struct {
	Flags []Flag
}

// Flag is one warning in the banner. The reading order is Lead, then Link, then Text.
type Flag struct {
	Kind ui.FlagKind
	// Icon replaces the usual icon of the kind; leave empty otherwise.
	Icon ui.Icon
	// Lead is bold text, may be empty.
	Lead string
	// Link is text that jumps to Href ("#allergies", "#sources"), may be empty.
	Link, Href string
	// Text is the rest, may be empty.
	Text string
}

// SourcesStrip lists every source that was asked or not asked, with its state in one plain sentence.
type SourcesStrip struct {
	Rendering int
	// Summary is the counts: Asked is bold ("8 asked"), Text follows ("at 14:02:09: 6 answered, 1 waiting."),
	// NotAsked is bold again ("1 not asked."); each may be empty.
	Asked, Text, NotAsked string
	// Notices are the loud source states, first of all.
	Notices []Notice
	Sources []Source
}

// Source is one organisation in the strip.
type Source struct {
	Badge ui.Badge
	// Name is the everyday name beside the badge; empty shows the badge's full one.
	Name string
	// Icon shows the state; empty for a plain answer.
	Icon ui.Icon
	// State is the bold word of the sentence ("Waiting", "Not asked", "NO ANSWER"); empty for a plain answer.
	State string
	// Text is the rest of the sentence: "Answered in 0.9 s." or ", 3.1 s so far, stops at 8.0 s".
	// Before State when StateLast is set ("Answered in 0.9 s. INCOMPLETE").
	Text      string
	StateLast bool
	// Look is the ground of the entry.
	Look SourceLook
}

// SourceLook is the ground of one entry of the sources strip.
type SourceLook uint8

// The grounds of an entry: answered, waiting, not asked, and a loud state (also told by icon and words).
const (
	SourceAnswered SourceLook = iota
	SourceWaiting
	SourceOff
	SourceLoud
)

// Nav is the navigation between the sections, with a count and the worst state of each.
type Nav struct {
	Items []NavItem
	// Retrieved is "18-Nov-2026 14:02"; Purpose is "direct care".
	Retrieved, Purpose string
	// Actions stand at the foot, such as "Ask all sources again".
	Actions []ui.Action
}

// NavItem is one section in the navigation.
type NavItem struct {
	// ID is the section's id; Title its title.
	ID, Title string
	// Count is the number of entries, or a word such as "waiting" or "conflict"; never a number while provisional (R4).
	Count string
	// Icons are the worst states, the worst first.
	Icons []ui.Icon
	// Hidden says the same in words for screen readers: "incomplete, some withheld".
	Hidden string
	// Look colours the count; words and icons carry the meaning.
	Look NavLook
}

// NavLook is the colour of a count in the navigation.
type NavLook uint8

// The colours of a count.
const (
	NavPlain NavLook = iota
	NavLoud
	NavWait
	NavHeld
)

// Snapshot is the one-screen summary: columns of cards, each a view over one section.
type Snapshot struct {
	Rendering int
	// Columns are three: allergies and plans; medicines; problems, contacts and appointments.
	Columns [][]SnapCard
}

// SnapCard is one card of the snapshot.
type SnapCard struct {
	// Section is the id of the section that the card summarises.
	Section string
	// Title and News as in Panel: "Allergies", "CONFLICT, INCOMPLETE".
	Title, News string
	// All is the text of the link to the section, such as "All 16".
	All string
	// Loud draws the red frame.
	Loud bool
	// Tight sets the lines closer: for long lists.
	Tight bool
	// Note is a standing line above the list, may be empty.
	Note  string
	Lines []SnapLine
	// Coverage lines stand at the foot of the card: an incomplete card is as loud as a full one (R3).
	Coverage []Coverage
}

// SnapLine is one line of a card: text and tags at the left, badges and date at the right.
type SnapLine struct {
	Lines  []Line
	Badges []ui.Badge
	// Date is as short as the source's precision allows, such as "Jun-1998"; may be empty.
	Date string
}

// PrintHead is the identity that repeats at the top of each printed page (R19).
type PrintHead struct {
	Banner Banner
	// PrintedBy is name, role and organisation of the signed-in user.
	PrintedBy string
	// Retrieved is "18-Nov-2026 14:02".
	Retrieved string
	// Missing lists what is not on these pages: "Pendle View (no answer), Brock Vale store (waiting)"; may be empty.
	Missing string
}
