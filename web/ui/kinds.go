package ui

// Icon names one symbol of the page's icon sprite (see [Sprite]). The empty Icon draws nothing.
type Icon string

// The icons. Each state of a source has its own, so that no state is told by colour alone (R21).
const (
	IconNone    Icon = ""
	IconData    Icon = "data"    // answered
	IconNil     Icon = "nil"     // a nil assertion: struck circle
	IconEmpty   Icon = "none"    // nothing recorded: empty circle
	IconWho     Icon = "who"     // person not known here
	IconStop    Icon = "stop"    // refused
	IconLock    Icon = "lock"    // withheld, locked, restricted
	IconPart    Icon = "part"    // incomplete, preliminary
	IconGone    Icon = "gone"    // no answer
	IconOff     Icon = "off"     // not asked
	IconSwap    Icon = "swap"    // answered about someone else
	IconCode    Icon = "code"    // cannot be read safely
	IconWait    Icon = "wait"    // waiting
	IconClash   Icon = "clash"   // conflict, differs
	IconTwin    Icon = "twin"    // similar people, another person
	IconClock   Icon = "clock"   // time left, stale
	IconAllergy Icon = "allergy" // allergy flag
	IconPlan    Icon = "plan"    // plan or document
	IconEar     Icon = "ear"     // needs and reasonable adjustments
	IconInfo    Icon = "info"    // information
)

// NoteKind is the look of a notice: its edge, ground and usual icon.
type NoteKind uint8

// The kinds of notice, one per look of the design language. The eleven source states map onto them:
// NIL_ASSERTED Nil, NONE_RECORDED None, NOT_KNOWN_HERE Care, REFUSED INCOMPLETE UNAVAILABLE UNINTERPRETABLE Loud,
// WITHHELD Held, NOT_ASKED Off, MISMATCH Mismatch, waiting Wait.
const (
	NoteInfo     NoteKind = iota // blue: standing information
	NoteNil                      // solid ink edge: somebody stated that there is none
	NoteNone                     // double edge: nothing recorded, not confirmed with the person
	NoteCare                     // amber: not known here, stale, deadlines
	NoteLoud                     // dark red: a gap in what is shown
	NoteHeld                     // violet: withheld, never says what
	NoteOff                      // dotted: not asked
	NoteWait                     // dashed blue: provisional
	NoteConflict                 // red frame: sources disagree
	NoteMismatch                 // double frame: answer about someone else
)

// CoverKind is the look of a coverage line.
type CoverKind uint8

// The three coverage looks: grey when every source answered, dark red with a gap, blue while waiting.
const (
	CoverFull CoverKind = iota
	CoverGap
	CoverWait
	CoverHeld // grey with a padlock: something is withheld
)

// FlagKind is the look of a flag in the person banner.
type FlagKind uint8

// The looks of a banner flag. Allergy and Loud are equally loud (R3).
const (
	FlagCare    FlagKind = iota // plain edge: needs, reasonable adjustments
	FlagAllergy                 // red edge: allergies
	FlagLoud                    // dark red: a gap, a mismatch, a death
	FlagPlan                    // navy edge: plans, restrictions
)

// TagKind is the look of a tag (a word in a small box).
type TagKind uint8

// The looks of a tag. TagSoft is regular weight for plain remarks such as "not coded".
const (
	TagPlain TagKind = iota
	TagLoud
	TagRed
	TagCare
	TagWait
	TagHeld
	TagDone
	TagSoft
)

// Badge is an organisation's own short code from the directory, drawn as a small box.
type Badge struct {
	// Code is at most five letters, such as "GP" or "BTH".
	Code string
	// Org is the organisation's full name, shown on hover and read by screen readers.
	Org string
	// Own says that this is the signed-in user's own organisation: filled instead of outlined.
	Own bool
}

// Field is one hidden form field.
type Field struct {
	Name, Value string
}

// Action is something the reader can do about what is said beside it.
type Action struct {
	// Text is the visible label, such as "Ask again".
	Text string
	// Hidden completes the label for screen readers, such as "Pendle View"; may be empty.
	Hidden string
	// URL is where the action goes; it never carries an NHS number or a name.
	URL string
	// Post makes the action a small form with one button, for everything that is audited or changes state.
	Post bool
	// Fields travel in the body of a Post.
	Fields []Field
}
