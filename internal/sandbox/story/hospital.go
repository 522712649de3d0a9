package story

// Encounter is a contact with or stay at a hospital, clinic or team.
type Encounter struct {
	Head
	Class        Code
	Status       string // planned, arrived, in-progress, finished, cancelled
	History      []StatusSpan
	Type         Concept
	Service      Concept
	Priority     Concept
	When         Period
	Reasons      []Concept
	Diagnoses    []Diagnosis
	People       []Participant
	Places       []Visit
	Admission    Admission
	Discharge    Discharge
	LegalStatus  []LegalStatus
	PartOf       string   // ID of a GROUPING encounter
	Episodes     []string // IDs
	MissingPlace string   // id of a Location that cannot be read
}

// StatusSpan is one earlier status with its time.
type StatusSpan struct {
	Status string
	When   Period
}

// Diagnosis points at a Problem by ID and says its use (AD, DD, CC) and rank.
type Diagnosis struct {
	Problem, Use string
	Rank         int
}

// Participant is somebody in a role (PPRF, ADM, DIS, ATND, REF, CON, PART).
type Participant struct {
	Role  string
	Actor Actor
	When  Period
}

// Visit is one place in which the person was.
type Visit struct {
	Place, Status string
	When          Period
}

// Admission is how and whence the person came.
type Admission struct{ Method, Source, Origin Concept }

// Discharge is how and where the person left.
type Discharge struct {
	Method, Destination, Disposition, Outcome, EmergencyStatus Concept
	SafeFrom                                                   string
}

// LegalStatus is the Mental Health Act status on admission or discharge.
type LegalStatus struct {
	Context        string // admission, discharge
	Classification string // two-digit England code
	Words          string
}

// Episode is a period under the care of a team, a caseload or pathway of health care.
type Episode struct {
	Head
	Type    Concept
	Status  string
	When    Period
	Manager Actor
	Team    string // ID of a CareTeam of the same Holding
	History []StatusSpan
}

// Appointment is a booked, past or missed appointment.
type Appointment struct {
	Head
	Status       string
	Start, End   string
	Minutes      int
	Service      Concept
	Specialty    Concept
	Type         Concept
	Reason       Concept
	With         Actor
	Place        string
	Channel      string // in-person, telephone, video
	Instruction  string
	Comment      string
	Description  string
	CancelReason Concept
}

// Procedure is an operation or therapy, done, planned or not done.
type Procedure struct {
	Head
	What         Concept
	Status       string
	When         string
	During       Period
	WhenWords    string
	Site         Concept
	Performers   []Participant
	Place        string
	Reason       Concept
	Outcome      Concept
	Complication []Concept
	FollowUp     []Concept
	Implant      string // device name with UDI
}

// Flag is an alert, a safeguarding mark, or a reasonable adjustment.
type Flag struct {
	Head
	What       Concept
	Categories []Code
	Status     string // active (default), inactive
	When       Period
	Author     Actor
	Details    []string // IDs of Conditions, Consents and Flags it speaks of
}

// CarePlan is a plan: care, crisis, ReSPECT, discharge.
type CarePlan struct {
	Head
	Category    Concept
	Title       string
	Description string
	Status      string
	Created     string
	When        Period
	Author      Actor
	Agreed      []Actor
	Activities  []Activity
	Goals       []Concept
	Addresses   []string // problem IDs
	Documents   []string // document IDs
}

// Activity is one line of a plan.
type Activity struct {
	What   Concept
	Words  string
	Status string
	When   Period
	By     Actor
}

// Questionnaire is a filled-in form: About Me, EPaCCS, an assessment tool.
type Questionnaire struct {
	Head
	Form   string // canonical url of the questionnaire
	Title  string
	Status string
	When   string
	Author Actor
	Groups []Question
}

// Question is one question with its answer, or a group of questions.
type Question struct {
	LinkID string
	What   string
	Code   Code // sent as an extension-free item code in definition order
	Answer []Value
	Items  []Question
}

// Consent is a recorded permission, refusal or advance decision.
type Consent struct {
	Head
	Scope    Code
	Category Concept
	Status   string
	When     string
	Until    string
	Permit   bool
	Deny     bool
	Basis    Concept
	Words    string
	Document string
}

// RelatedPerson is a relative, carer or other person who matters.
type RelatedPerson struct {
	Head
	Name         Name
	Gender       string
	Relationship []Concept
	// Roles are council support roles (MC, NOK, NR, LPA, KH ...).
	Roles      []SupportRole
	Phones     []Phone
	Address    Address
	When       Period
	Rank       int
	CopyLetter bool
	Inactive   bool
	Born       string
}

// SupportRole is a role of a carer with its time.
type SupportRole struct {
	Code, Display string
	When          Period
}

// CareTeam is a team around the person.
type CareTeam struct {
	Head
	Name    string
	Status  string
	When    Period
	Members []TeamMember
}

// TeamMember is one professional or relative in a team.
type TeamMember struct {
	Role  Concept
	Actor Actor
	// Related is the ID of a RelatedPerson instead of an Actor.
	Related string
	When    Period
}

// FamilyHistory is one relative's conditions.
type FamilyHistory struct {
	Head
	Relative   Concept
	Name       string
	Status     string
	When       string
	Died       bool
	Conditions []FamilyCondition
}

// FamilyCondition is one condition of a relative, with the age or words of onset.
type FamilyCondition struct {
	What       Concept
	OnsetWords string
	Note       string
}

// Composition is a structured document such as a discharge summary.
type Composition struct {
	Head
	Type     Concept
	Title    string
	Status   string
	When     string
	Author   Actor
	Sections []CompositionSection
}

// CompositionSection is one titled part with its words.
type CompositionSection struct {
	Title, Words string
	Code         Concept
	Entries      []string // IDs
}

// Other is a resource of a type that no section knows: Members is the JSON of its members beside resourceType, id,
// meta and subject, for example `"status":"active","code":{"text":"Low-salt diet"}`.
type Other struct {
	Head
	Type string
	// Subject is the member that holds the patient: subject (default), patient, individual.
	Subject string
	Members string
}
