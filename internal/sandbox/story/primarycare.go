package story

// Allergy is an allergy, an intolerance, or a statement that there is none (code 716186003 and its kind).
type Allergy struct {
	Head
	Agent       Concept
	Kind        string   // allergy, intolerance; empty is not sent
	Category    []string // medication, environment, food, biologic
	Status      string   // active (default), inactive, resolved; "none" sends no clinical status
	Confidence  string   // R4 verification status: confirmed, unconfirmed, refuted
	Criticality string   // low, high, unable-to-assess
	Reactions   []Reaction
	Onset       string
	OnsetWords  string // R4 onsetString, e.g. "in childhood"
	LastTime    string
	Ended       string // end date of a resolved allergy; a GP system then contains it in the Ended List
	EndReason   string
}

// Reaction is one adverse reaction.
type Reaction struct {
	Manifestations []Concept
	Severity       string // mild, moderate, severe
	Description    string
	Route          Concept
}

// Course says how a medicine is prescribed.
type Course string

// The courses of GP Connect's PrescriptionType.
const (
	Acute            Course = "acute"
	Repeat           Course = "repeat"
	RepeatDispensing Course = "repeat-dispensing"
	Delayed          Course = "delayed-prescribing"
)

// Medicine is one authorisation (plan) with its issues; hospitals add doses given.
type Medicine struct {
	Head
	Product Concept
	Course  Course // empty for legacy entries
	Status  string // active, completed, stopped; R4 also on-hold, intended, not-taken, cancelled, draft
	// Intent overrides the intent of the R4 request: order (default), plan, proposal, option.
	Intent             string
	Dose               string // dosage text; empty sends the structured Timing instead
	DoseQuantity       Quantity
	Route              Concept
	Instruction        string // words to the patient
	PharmacyNote       string
	Authorised         Period
	LastIssued         string
	Elsewhere          string // where it is prescribed, when not at this practice
	RepeatsAllowed     int
	RepeatsIssued      int
	RepeatsUntil       string
	Stopped            string
	StopReason         string
	Quantity           Quantity
	QuantityWords      string
	SupplyDays         int
	Prior              string // ID of the medicine this continues
	Reason             Concept
	Category           string // R4: inpatient, outpatient, community, discharge
	StatementOnly      bool   // R4: sent as MedicationStatement without a request
	ByReference        bool   // R4: product in a Medication resource instead of a CodeableConcept
	Issues             []Issue
	Given              []Given
	Dispensed          []Dispense
	MissingIssues      bool // the issues are referred to by nobody: a plan without orders
	MissingProductName bool // R4: refers to a Medication that cannot be read
}

// Issue is one prescription made under a plan.
type Issue struct {
	ID            string
	On            string
	Status        string // active, completed, stopped
	Quantity      Quantity
	QuantityWords string
	SupplyDays    int
	Until         string
	EPS           string // electronic prescription id (groupIdentifier)
	By            Actor
	Dispenser     Actor
	Note          string
}

// Given is one dose given to the person in hospital or at home.
type Given struct {
	When   string
	Dose   Quantity
	Route  Concept
	Status string // completed (default), not-done, on-hold, in-progress
	Reason Concept
	By     Actor
	Words  string
}

// Dispense is one dispensing event.
type Dispense struct {
	When     string
	Quantity Quantity
	Status   string
	By       Actor
}

// Problem is a problem header or a diagnosis.
type Problem struct {
	Head
	What         Concept
	Status       string   // active, inactive, resolved, recurrence, remission; empty sends none
	Confidence   string   // R4 verification status
	Significance string   // major, minor
	Categories   []string // R4: problem-list-item, encounter-diagnosis; empty means the server's usual one
	Onset, Ended string
	OnsetWords   string // R4 onsetString
	Severity     Concept
	Stage        Concept
	BodySite     Concept
	Episode      string // new, review, end
	Item         string // ID of the entry that is the actual problem; empty makes an Observation of its own
	Links        []string
	LinkWords    []string // display-only links: "[Area] items are not supported by the provider system."
	Relations    []Relation
	Impairment   bool // reasonable-adjustment impairment, section 19
}

// Relation joins two problems: parent, child, sibling, as the source spells it.
type Relation struct{ Type, Target string }

// Consultation is one GP consultation; the order of topics, headings and items is meaning (HAZ 28).
type Consultation struct {
	Head
	Type       string // words: "GP Surgery", "Telephone call"
	When       Period
	Minutes    int
	Performers []Actor
	Present    []Actor
	Place      string // Place.ID
	Draft      bool
	Edited     string
	Topics     []Topic
}

// Topic is one part of a consultation; items without a heading come first.
type Topic struct {
	Title    string
	Problems []string // IDs of problems
	Items    []Item
	Headings []Heading
}

// Heading is a named group of items inside a topic.
type Heading struct {
	Title string
	Items []Item
}

// Item is one line of a consultation: the ID of an entry, or a comment made here, or words instead of an entry.
// A Ref that names no entry dangles on purpose; one with a slash is sent as it is.
type Item struct{ Ref, Comment, Words string }

// Immunisation is a vaccination given, reported or not given.
type Immunisation struct {
	Head
	Vaccination    Concept // the procedure
	Product        Concept // empty sends NullFlavor UNK
	NotGiven       bool
	NotGivenReason Concept
	When           string
	WhenWords      string // R4 occurrenceString
	Dose           Quantity
	Sequence       int
	SeriesOf       int
	Targets        []Concept
	Batch, Expiry  string
	Maker          string
	Site, Route    Concept
	GivenBy        Actor
	EnteredBy      Actor
	Reported       bool // not witnessed: primarySource false
	Origin         Concept
	Reasons        []Concept
	ParentPresent  bool
	Place          string
}

// Referral is an outbound referral, or a hospital's request for care.
type Referral struct {
	Head
	Reason      Concept
	Service     Concept
	Specialty   Concept
	Urgency     string // routine, urgent, asap, stat
	When        string
	From        Actor
	OnBehalfOf  string // ODS
	To          []Actor
	Status      string
	Description string
	Documents   []string // IDs of documents
	UBRN        string
	Category    Concept
}

// Recall is a GP diary entry: a plan, never an event.
type Recall struct {
	Head
	What   Concept
	Due    string
	DueEnd string
	By     Actor
	Reason Concept
}

// Document is a letter, report or file.
type Document struct {
	Head
	Title            string
	Type             Concept
	Category         Concept
	Created          string
	Indexed          string
	Covers           Period
	Author           Actor
	Custodian        string // ODS
	Attachment       Attachment
	Placeholder      string // why there is no content: no url is sent
	Status           string // current (default), superseded, entered-in-error
	DocStatus        string // preliminary, final, amended
	SecurityLabels   []Code
	Related          []string // IDs
	Replaces         string   // ID
	MasterIdentifier Identifier
}
