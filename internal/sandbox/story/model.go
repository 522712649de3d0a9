// Package story holds the lives of the sandbox region's people, from which every wire message is rendered.
//
// A story says what each organisation holds about a person and how that organisation behaves when asked; it knows no
// wire format. The servers (gpsystem, hospital, council) render the same values as STU3, R4 and Interweave messages.
// Every date is a string in FHIR precision ("2014", "2014-06", "2014-06-03", "2014-06-03T10:05:00+01:00") and is sent
// exactly as written, so a story may hold partial, offset-less or impossible dates on purpose.
package story

import "time"

// Region is what a server may ask about the world it stands in.
type Region interface {
	// Person finds somebody by NHS number, current or superseded.
	Person(nhsNumber string) (Person, bool)
	// Patient finds somebody by the local id one organisation gave them (Holding.LocalID).
	Patient(ods, localID string) (Person, bool)
	// Organisation finds an organisation by ODS code.
	Organisation(ods string) (Organisation, bool)
	// Today is the day on which the region stands still: dates of stories are relative to it.
	Today() time.Time
	// RawRecord is a whole GP Connect record served as it is instead of a rendered one.
	RawRecord(nhsNumber string) ([]byte, bool)
}

// Person is one life: who somebody is on PDS and what each organisation holds about them.
type Person struct {
	Demographics
	// Story says in one sentence what the person shows; empty for generated volume.
	Story string
	// Rule says what the person shows of who may see what; empty for all others, and such a person has no Story.
	Rule string
	// Practice is the ODS code of the registered GP practice; empty when none.
	Practice string
	// Restricted marks PDS confidentiality R: address, telephone and practice are not given out.
	Restricted bool
	// Invalidated makes PDS answer INVALIDATED_RESOURCE.
	Invalidated bool
	// Superseded lists older NHS numbers that now lead here.
	Superseded []string
	// Relations are the related persons PDS knows.
	Relations []RelatedPerson
	// Faults names the fault that an organisation (by ODS code) shows whenever it is asked about this person.
	Faults   map[string]string
	Holdings []Holding
}

// Holding finds what the organisation with this ODS code holds; false when it never met the person.
func (p *Person) Holding(ods string) (*Holding, bool) {
	for i := range p.Holdings {
		if p.Holdings[i].ODS == ods {
			return &p.Holdings[i], true
		}
	}
	return nil, false
}

// Demographics is who somebody is, or who one organisation believes they are.
type Demographics struct {
	NHSNumber string
	// Verification is the NHS number status code; empty means 01, "number present and verified".
	Verification string
	// NoNHSNumber leaves the number out of messages although the organisation was found by it.
	NoNHSNumber bool
	Name        Name
	OtherNames  []Name // previous, maiden, nickname
	Born        string
	Gender      string // male, female, other, unknown
	Died        string // date, or "true" when only the fact is known
	Address     Address
	Phones      []Phone
	Email       string
	Ethnicity   Concept
	Languages   []Language
	// ReplacedBy is the reference of another Patient that this one was merged into, sent as Patient.link.
	ReplacedBy string
	// Contacts are people to call, inside the Patient resource.
	Contacts []RelatedPerson
}

// Name is one name of a person.
type Name struct {
	Use            string // official (default), usual, maiden, old, nickname
	Prefix, Family string
	Given          []string
}

// Address is one postal address; an empty Postcode is left out.
type Address struct {
	Lines                    []string
	City, District, Postcode string
}

// Phone is one telephone number with its use (home, mobile, work).
type Phone struct{ Use, Number string }

// Language is a communication need.
type Language struct {
	Code, Display string
	Preferred     bool
	Interpreter   bool
}

// Kind says what sort of organisation one is.
type Kind string

// The kinds of organisation in the region.
const (
	GPPractice    Kind = "gp-practice"
	AcuteTrust    Kind = "acute"
	MentalHealth  Kind = "mental-health"
	CommunityCare Kind = "community"
	Hospice       Kind = "hospice"
	Council       Kind = "council"
	Laboratory    Kind = "laboratory"
	OtherService  Kind = "other"
)

// Supplier names the maker of a GP system; the two differ in ways GP Connect allows.
type Supplier string

// The two GP system suppliers of the region.
const (
	// Fellside sends legacy codings first, upper-case ids and CareConnect extension urls.
	Fellside Supplier = "Fellside"
	// Beckwater sends SNOMED first, quantities as text, other list titles, and does not implement diary entries.
	Beckwater Supplier = "Beckwater"
)

// Organisation is one participating (or merely named) organisation.
type Organisation struct {
	ODS, Name string
	Kind      Kind
	Supplier  Supplier // GP practices only
	ASID      string   // Spine accredited system id, GP practices only
	Address   Address
	Phone     string
	Staff     []Staff
	Places    []Place
	Teams     []Team
	// Unsupported lists R4 types this organisation does not serve at all; its CapabilityStatement lacks them.
	Unsupported []string
}

// Staff is somebody who works at an organisation; ID is unique there.
type Staff struct {
	ID         string
	Name       Name
	Gender     string
	SDSUserID  string
	SDSRoleID  string
	Registered Identifier // GMC, NMC ... number
	Role       Code       // for example R0260 General Medical Practitioner
	Specialty  Concept
	Phone      string
}

// Place is a location of an organisation: site, ward, clinic, house.
type Place struct {
	ID, Name string
	Address  Address
	PartOf   string // ID of the place it lies in
	Phone    string
}

// Team is a named team of an organisation (council social-work teams, community teams).
type Team struct{ ID, Name, Phone string }

// Holding is everything one organisation holds about one person.
type Holding struct {
	ODS string
	// LocalID is the organisation's own id of the person: letters, digits and hyphens only, no dot.
	LocalID string
	// Local identifiers (hospital number, ODS-prefixed council number).
	Identifiers []Identifier
	// As overrides who the person is, for mismatches and contradictions; nil means as on PDS.
	As *Demographics
	// Practice overrides the GP practice the organisation believes in; empty means Person.Practice.
	Practice string
	// Registered is when the person came to this organisation.
	Registered string
	Behaviour  Behaviour

	Allergies     []Allergy
	Medicines     []Medicine
	Problems      []Problem
	Consultations []Consultation
	Reports       []Report
	Observations  []Observation
	Immunisations []Immunisation
	Referrals     []Referral
	Recalls       []Recall
	Documents     []Document

	Encounters     []Encounter
	Episodes       []Episode
	Appointments   []Appointment
	Procedures     []Procedure
	Flags          []Flag
	CarePlans      []CarePlan
	Questionnaires []Questionnaire
	Consents       []Consent
	Related        []RelatedPerson
	CareTeams      []CareTeam
	FamilyHistory  []FamilyHistory
	Compositions   []Composition
	Others         []Other

	Services       []Service
	SupportReasons []SupportReason
	Assessments    []Assessment
	Contacts       []Contact
	Equipment      []Equipment
}

// Area is a clinical area of GP Connect, named by its request parameter.
type Area string

// The clinical areas of GP Connect Access Record Structured 1.6.
const (
	Allergies      Area = "includeAllergies"
	Medication     Area = "includeMedication"
	Consultations  Area = "includeConsultations"
	Problems       Area = "includeProblems"
	Immunisations  Area = "includeImmunisations"
	Uncategorised  Area = "includeUncategorisedData"
	Investigations Area = "includeInvestigations"
	Referrals      Area = "includeReferrals"
	DiaryEntries   Area = "includeDiaryEntries"
)

// Behaviour is how an organisation answers about one person. The zero value answers plainly.
type Behaviour struct {
	// Error makes every clinical request fail with this Spine error code (GP Connect 1.5), for example
	// NO_PATIENT_CONSENT, PATIENT_NOT_FOUND, NO_RELATIONSHIP, INTERNAL_SERVER_ERROR, or a proxy code that starts with
	// SSP_ (SSP_ASID_CHECK_FAILED, SSP_FOT_CHECK_FAILED, SSP_ENDPOINT, SSP_METHOD). An R4 server answers with the same
	// HTTP status and an R4 OperationOutcome.
	Error string
	// Confidential lists GP areas whose List carries confidential-items.
	Confidential []Area
	// InTransit puts data-in-transit on every GP List: the date as "22-Dec-2020".
	InTransit string
	// AwaitingFiling lists GP areas whose List carries data-awaiting-filing.
	AwaitingFiling []Area
	// NotImplemented and Disabled answer an area by an OperationOutcome entry inside the 200.
	NotImplemented, Disabled []Area
	// Omitted areas are silently not answered: the List is absent although it was asked for.
	Omitted []Area
	// SecondPatient adds one more Patient to the answer.
	SecondPatient *Demographics
	// Outcomes are OperationOutcomes inside R4 searchsets, by the type searched.
	Outcomes []Outcome
	// IgnoresParameters makes an R4 server drop search parameters: its self link does not show them.
	IgnoresParameters bool
	// PageSize overrides the R4 server's page size.
	PageSize int
}

// Outcome is one OperationOutcome issue put into the searchset of a type; an empty Type means every search.
type Outcome struct {
	Type, Severity, Code, Text, Diagnostics string
	// InPlace leaves out all entries of the type: they failed validation and are replaced by the outcome.
	InPlace bool
}

// Head is what every clinical entry shares.
type Head struct {
	// ID names the entry within its Holding, for references from other entries; empty means one is made from the
	// position. Letters, digits and hyphens.
	ID string
	// Identifiers are business identifiers as sent; a server adds its own when none is given.
	Identifiers []Identifier
	// Encounter is the ID of a Consultation or Encounter of the same Holding; an unknown one dangles on purpose.
	Encounter              string
	Recorded               string
	RecordedBy, AssertedBy Actor
	Notes                  []string
	// Labels are meta.security labels (NOPAT, R, V ...).
	Labels []Code
	// Profiles replace the meta.profile the server would send.
	Profiles []string
	// Modifier is the url of an unknown modifierExtension: what it modifies cannot be understood.
	Modifier string
	// EnteredInError sends the entry with that status.
	EnteredInError bool
	// About makes the entry's subject another patient: a whole reference such as "Patient/9".
	About string
	// NoSubject leaves the subject out.
	NoSubject bool
	// Unlisted keeps a GP entry out of its primary List.
	Unlisted bool
	// Owner is the ODS code in the Interweave Provenance tag, when not the serving organisation.
	Owner string
}
