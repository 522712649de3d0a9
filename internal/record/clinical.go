package record

// Allergy is an allergy, an intolerance, or a statement that there is none (PRSB 30).
type Allergy struct {
	Head
	Agent Concept
	// Kind is allergy or intolerance, if said. Categories are food, medication, environment, biologic.
	Kind       string
	Categories []string
	// Criticality is low, high or unable-to-assess.
	Criticality string
	Reactions   []Reaction
	// Onset is when it first happened; OnsetWords holds an age, range or text sent instead.
	Onset          PartialDate
	OnsetWords     string
	LastOccurrence PartialDate
	EndedOn        PartialDate
	EndReason      string
	// Nil is the scope of a coded statement of absence ("all kinds", "drugs", …); empty for an allergy.
	Nil string
}

// Reaction is one manifestation of an allergy.
type Reaction struct {
	Manifestations []Concept
	Severity       string
	Description    string
	Route          Concept
}

// MedicineCourse says how a medicine is supplied; the three kinds are never mixed in one list.
type MedicineCourse uint8

// The courses of a medicine.
const (
	CourseUnknown MedicineCourse = iota
	Acute
	Repeat
	RepeatDispensing
	Delayed
	// Administered is given in hospital, not supplied to take home.
	Administered
	// Discharge is a medicine on a discharge list.
	Discharge
)

var courseWords = [...]string{"", "Acute", "Repeat", "Repeat dispensing", "Delayed", "Given in hospital", "Discharge"}

// String is the course in words.
func (c MedicineCourse) String() string { return courseWords[c] }

// Medicine is a plan (authorisation) with its issues below it (PRSB 31). Nothing in it is calculated (rule R10).
type Medicine struct {
	Head
	Product Concept
	Course  MedicineCourse
	// Dose is the dosage text as sent; DoseParts are the structured parts when no text came.
	Dose, PatientInstruction string
	DoseParts                []string
	LastIssued               PartialDate
	// PrescribedElsewhere is true when the source says another organisation prescribes; PrescribedBy says which.
	PrescribedElsewhere bool
	PrescribedBy        string
	RepeatsAllowed      string
	RepeatsIssued       string
	RepeatExpiry        PartialDate
	StoppedOn           PartialDate
	StopReason          string
	Quantity, Supply    string
	Reasons             []Concept
	// Prior is the plan this one continues (dose split, re-authorisation, brand switch).
	Prior  Ref
	Issued []MedicineIssue
}

// MedicineIssue is one issue (supply or administration) of a medicine.
type MedicineIssue struct {
	Key      ItemKey
	On       PartialDate
	Quantity string
	Supply   string
	Status   string
	Dose     string
	// EPS is the Electronic Prescription Service id; By the dispenser or giver.
	EPS, By string
	Notes   []string
}

// Problem is a problem or diagnosis (PRSB 17).
type Problem struct {
	Head
	Problem Concept
	// Significance is major or minor, if said; Roles are problem-list-item, encounter-diagnosis and so on.
	Significance string
	Roles        []Concept
	Onset        PartialDate
	OnsetWords   string
	EndedOn      PartialDate
	EndWords     string
	Severity     Concept
	Site         []Concept
	Links        []Ref
	Relations    []ProblemRelation
}

// ProblemRelation ties a problem to another: parent, child, sibling or the source's own word.
type ProblemRelation struct {
	Type string
	To   Ref
}

// AlertKind orders alerts by whom they protect first.
type AlertKind uint8

// Kinds of alert, in the order in which they are shown.
const (
	RiskToStaff AlertKind = iota
	ChildProtection
	Safeguarding
	RiskToSelf
	RiskToOthers
	LegalAlert
	ClinicalAlert
	CommunicationAlert
	OtherAlert
)

var alertWords = [...]string{"Risk to staff", "Child protection", "Safeguarding", "Risk to self", "Risk to others", "Legal", "Clinical", "Communication", "Other"}

// String is the kind in words.
func (k AlertKind) String() string { return alertWords[k] }

// Alert is a flag, a risk or a safeguarding concern (PRSB 5, 7, 29).
type Alert struct {
	Head
	Alert      Concept
	Kind       AlertKind
	Categories []Concept
	Authority  Actor
	// SensitiveKind marks categories shown by role only (section 27.4: MARAC, MAPPA, ALPERP, …).
	SensitiveKind bool
}

// Plan is a care plan, a resuscitation decision, an end-of-life or contingency plan, or a pointer to one (PRSB 33-37).
type Plan struct {
	Head
	Type           Concept
	Title, Summary string
	// Decision is a coded decision such as "not for attempted CPR"; it is shown in its own words.
	Decision   Concept
	Review     PartialDate
	Authors    []Actor
	Custodian  string
	Activities []PlanActivity
	// Attachment is set when the plan is, or has, a document that can be opened.
	Attachment *Attachment
}

// PlanActivity is one line of a plan: an activity, a goal, a question and its answer.
type PlanActivity struct{ Label, Text, Status string }

// LegalStatus is a legal status, capacity assessment, authority or consent (PRSB 6).
type LegalStatus struct {
	Head
	// Kind is what sort of status: "Mental Health Act", "DoLS", "Lasting power of attorney", "Capacity", "Advance decision", "Consent".
	Kind      string
	Status    Concept
	Context   string
	Authority Actor
	// InForce is the source's own word; validity is never computed.
	Attachment *Attachment
}

// Setting is where an encounter took place.
type Setting uint8

// Settings of an encounter.
const (
	SettingOther Setting = iota
	Inpatient
	Emergency
	Outpatient
	Community
	MentalHealth
	Ambulance
	Virtual
)

var settingWords = [...]string{"Other contact", "Inpatient", "Emergency", "Outpatient", "Community", "Mental health", "Ambulance or 111", "Virtual"}

// String is the setting in words.
func (s Setting) String() string { return settingWords[s] }

// Encounter is a contact or an admission (PRSB 12-14).
type Encounter struct {
	Head
	Setting    Setting
	ClassWords string
	Types      []Concept
	Service    Concept
	Reasons    []Concept
	Diagnoses  []EncounterDiagnosis
	People     []Participant
	Places     []Place
	// Admission and discharge details are words of the source.
	Admission, Discharge []Fact
	Stay                 Ref
	Pathway              bool
}

// EncounterDiagnosis is a diagnosis with its use (admission, discharge, …) in an encounter.
type EncounterDiagnosis struct {
	Condition Concept
	Ref       Ref
	Use, Rank string
}

// Participant is a person with a role in an encounter or appointment.
type Participant struct {
	Role   string
	Actor  Actor
	Period Period
}

// Place is a location with its time.
type Place struct {
	Name, Status string
	Period       Period
}

// Consultation is a GP consultation with its structure and item order kept (PRSB 2, 12; HAZ 28).
type Consultation struct {
	Head
	Type   Concept
	People []Participant
	Place  string
	Topics []Topic
}

// Topic is a consultation topic; items without a heading stand in a heading with an empty title.
type Topic struct {
	Title    string
	Problems []Ref
	Headings []ConsultationHeading
}

// ConsultationHeading is a category of a topic, its title as sent.
type ConsultationHeading struct {
	Title string
	Items []ConsultationItem
}

// ConsultationItem is one line: term, value and comment in the order in which they were sent.
type ConsultationItem struct {
	Ref Ref
	// Term is the name of the entry, Value its value, Comment the free text.
	Term, Value, Comment string
}

// Appointment is an appointment, or with Recall true a GP diary entry: a plan, never an event (PRSB 15; HAZ 76-81).
type Appointment struct {
	Head
	Recall       bool
	Service      Concept
	Specialty    Concept
	Type         Concept
	Reasons      []Concept
	With         []Participant
	Place        string
	Channel      string
	Instruction  string
	Cancellation string
}

// Referral is a referral or request for care: written, which does not mean received (PRSB 11).
type Referral struct {
	Head
	Reason        Concept
	Service       Concept
	Specialty     Concept
	Urgency       string
	From, To      []Actor
	Description   string
	RequestNumber string
	Attachments   []Ref
}
