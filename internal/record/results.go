package record

// Report is a laboratory, imaging or other diagnostic report: groups, results, and comments at their own level (PRSB 23).
type Report struct {
	Head
	Name       Concept
	Categories []Concept
	// Collected, Received, Issued and Filed are four different dates.
	Collected  Period
	Issued     PartialDate
	Lab        []Actor
	Conclusion string
	Items      []Result
	// NoReport is true for a request or a study without a report: "requested, no result sent", "images exist, no report sent".
	NoReport bool
	// Rare is what few reports have; nil where a report has none of it, as that around a single result.
	Rare *ReportRare
}

// ReportRare is what few reports have.
type ReportRare struct {
	Received     PartialDate
	Specimens    []Specimen
	Requested    []Concept
	RequestedWhy string
	Diagnoses    []Concept
	// ResultsNotSent counts results the report names but the source did not send.
	ResultsNotSent int
	Filing         []Filing
	// Accession and Sites serve imaging; Modality is the kind of image.
	Accession string
	Sites     []Concept
	Modality  string
	// Forms are whole reports attached as documents; text forms are already in Conclusion.
	Forms []Attachment
}

// Add gives what is rare in a report, to be added to.
func (r *Report) Add() *ReportRare {
	if r.Rare == nil {
		r.Rare = &ReportRare{}
	}
	return r.Rare
}

// Rarely is what is rare in a report, to be read.
func (r *Report) Rarely() ReportRare {
	if r.Rare == nil {
		return ReportRare{}
	}
	return *r.Rare
}

// Specimen is what was examined.
type Specimen struct {
	Type      Concept
	Site      Concept
	Collected Period
	Received  PartialDate
	Notes     []string
}

// Filing is a practice's note that it has seen a result.
type Filing struct {
	On      PartialDate
	By      []Actor
	Comment string
}

// Result is one test, a group of tests (with Members), or a panel (with Components).
type Result struct {
	Key    ItemKey
	Test   Concept
	Value  Value
	Ranges []ValueRange
	// Flag is the interpretation as sent, never worked out here.
	Flag     string
	Comments []string
	// Status is the raw status, Phase where it stands; When its own date if it has one.
	Status string
	Phase  Phase
	When   Period
	// Rare is what few results have; nil where one has none of it.
	Rare *ResultRare
}

// ResultRare is what few results have.
type ResultRare struct {
	Absent       Concept
	Method, Site Concept
	Specimen     string
	Members      []Result
	Components   []Result
	Issues       []Issue
}

// Add gives what is rare in a result, to be added to.
func (r *Result) Add() *ResultRare {
	if r.Rare == nil {
		r.Rare = &ResultRare{}
	}
	return r.Rare
}

// Rarely is what is rare in a result, to be read.
func (r *Result) Rarely() ResultRare {
	if r.Rare == nil {
		return ResultRare{}
	}
	return *r.Rare
}

// Flaw adds an issue.
func (r *Result) Flaw(kind IssueKind, text string) {
	rare := r.Add()
	rare.Issues = append(rare.Issues, Issue{Kind: kind, Text: text})
}

// Measured says how and where a result was measured, and why there is none.
func (r *Result) Measured(absent, method, site Concept) {
	if !absent.IsZero() || !method.IsZero() || !site.IsZero() {
		rare := r.Add()
		rare.Absent, rare.Method, rare.Site = absent, method, site
	}
}

// Measurement is a vital sign, a measurement or a score (PRSB 25, 27).
type Measurement struct {
	Head
	Result Result
	// Score is true for a total with parts, such as NEWS2.
	Score bool
	// Position and Device are as sent.
	Position, Device string
}

// Immunisation is a vaccination given, reported or not given, or a statement about one (PRSB 16).
type Immunisation struct {
	Head
	Vaccination    Concept
	Product        Concept
	NotGivenReason []Concept
	Dose, Sequence string
	Targets        []Concept
	Batch, Maker   string
	Expiry         PartialDate
	Site, Route    Concept
	// Reported is true when the source only heard of it (primarySource false).
	Reported     bool
	ReportOrigin Concept
	Reasons      []Concept
	// Statement is true for consent, dissent or invitation entries among the immunisations.
	Statement bool
}

// Procedure is a procedure or therapy (PRSB 18).
type Procedure struct {
	Head
	Procedure     Concept
	WhenWords     string
	Sites         []Concept
	Place         string
	Reasons       []Concept
	Outcome       Concept
	Complications []Concept
	FollowUp      []Concept
	Devices       []string
}

// Attachment is a document's body: never held, only pointed at; opening it is its own audited disclosure.
type Attachment struct {
	// URL is where the source keeps it, relative to or below the feed's endpoint. It never reaches a browser.
	URL         string
	ContentType string
	Title       string
	Size        int64
	Hash        string
	// Inline is the body when the source sent it inside the answer.
	Inline []byte
	// Placeholder is the source's reason for not offering a body.
	Placeholder string
	// Cleared names the rules under which the portal let it be shown: it is opened later only while the same ones hold.
	Cleared string
}

// Document is a letter or other document (PRSB 38).
type Document struct {
	Head
	Title      string
	Type       Concept
	Categories []Concept
	// Created and Indexed are two dates: when it was made, and when the source added it (HAZ 69).
	Created, Indexed PartialDate
	Covers           Period
	Authors          []Actor
	Custodian        string
	Attachments      []Attachment
	DocStatus        string
}
