package story

// Observation is anything observed: uncategorised GP data, vital signs, scores, social history, one result of a report.
type Observation struct {
	Head
	// Category is vital-signs, survey, exam, laboratory, social-history; empty sends none. StatementCategory puts a
	// GP observation into the immunisation List.
	Category       string
	What           Concept
	Value          Value
	Absent         Concept // dataAbsentReason
	Components     []Component
	When           string
	During         Period
	Issued         string
	Status         string // empty means final
	Comment        string
	Interpretation Concept
	Ranges         []Range
	BodySite       Concept
	Method         Concept
	Device         string
	Performers     []Actor
	Specimen       string        // ID of a specimen of the report
	Group          []Observation // members: sent as observations of their own, referred to by this one
	DerivedFrom    []string      // IDs
	Filed          []Filing
}

// StatementCategory marks consent, dissent and invitations about vaccination (GP Connect sends them in its List).
const StatementCategory = "vaccination-statement"

// Component is a part of an observation with a code and value of its own.
type Component struct {
	What   Concept
	Value  Value
	Absent Concept
}

// Report is a laboratory or imaging report: its groups, results and comments.
type Report struct {
	Head
	Category      Code // v2-0074: PAT, LAB, RAD ...; zero sends none
	Name          Concept
	Status        string // GP default unknown, R4 default final
	Effective     string
	Issued        string
	Labs          []Actor
	Interpreter   Actor
	Specimens     []Specimen
	Request       *TestRequest
	Results       []Observation
	MissingResult []string // ids referred to but never sent
	Conclusion    string
	Diagnoses     []Concept
	Form          *Attachment
	Study         *Study
	Filed         []Filing
}

// Specimen is what was taken.
type Specimen struct {
	ID                  string // unique within its report
	Accession           string
	Type                Concept
	Site                Concept
	Collected, Received string
	Fasting             Concept
	Notes               []string
}

// TestRequest is what was asked of the laboratory.
type TestRequest struct {
	ID     string
	What   Concept
	Reason Concept
	By     Actor
	On     string
	Status string
	Notes  []string
}

// Filing is a practice's comment when it filed a report or result.
type Filing struct {
	When, Comment string
	By            Actor
}

// Study is the imaging study behind a report; without a report it stands in Report with no Name and no Issued.
type Study struct {
	UID, Accession, Description, Started string
	Modality                             Code
	Alone                                bool // no report was written
}
