// Package ukcore renders stories as FHIR R4 UK Core resources, for hospitals and (in Interweave dress) councils.
package ukcore

import (
	"strings"

	"ribble/internal/sandbox/fhirout"
	"ribble/internal/sandbox/r4server"
	"ribble/internal/sandbox/story"
)

// Base is the root of UK Core's canonical urls.
const (
	Base        = "https://fhir.hl7.org.uk/StructureDefinition/"
	CodeBase    = "https://fhir.hl7.org.uk/CodeSystem/"
	terminology = "http://terminology.hl7.org/CodeSystem/"
)

// Dialect is how one region or supplier dresses UK Core resources.
type Dialect struct {
	// Profiles gives meta.profile for a resource type.
	Profiles func(typ string) []string
	// IdentifierSystem gives the system of the identifier a server adds to an entry that has none.
	IdentifierSystem func(typ string) string
	// Tags are meta.tag entries for a resource owned by an organisation; nil sends none.
	Tags func(owner story.Organisation) []story.Code
}

// Sheet collects the resources of one person (or of an organisation) while they are rendered.
type Sheet struct {
	fhirout.Writer
	Region  story.Region
	Org     story.Organisation
	Person  *story.Person
	Holding *story.Holding
	Dialect Dialect

	chart  *r4server.Chart
	kinds  map[string]story.EntryKind
	links  []r4server.Link
	tokens []r4server.Token
	date   string
	stamp  string
}

// NewSheet starts a sheet; person and holding are nil for an organisation's own directory.
func NewSheet(region story.Region, ods string, d Dialect) *Sheet {
	org, _ := region.Organisation(ods)
	return &Sheet{
		Region: region, Org: org, Dialect: d, chart: &r4server.Chart{},
		stamp: region.Today().Format("2006-01-02") + "T06:00:00Z",
	}
}

// About makes the sheet that of one person.
func (s *Sheet) About(p *story.Person, h *story.Holding) {
	s.Person, s.Holding, s.kinds = p, h, h.Kinds()
}

// Chart is what was rendered so far.
func (s *Sheet) Chart() *r4server.Chart { return s.chart }

// Add renders one resource: its head here, the rest in fill.
func (s *Sheet) Add(typ, id string, head *story.Head, fill func()) {
	s.links, s.tokens, s.date = nil, nil, ""
	start := s.Len()
	s.Object("", func() {
		s.String("resourceType", typ)
		s.String("id", id)
		s.meta(typ, head)
		if head.Modifier != "" {
			s.List("modifierExtension", func() {
				s.Extension(head.Modifier, func() { s.Bool("valueBoolean", true) })
			})
		}
		fill()
	})
	body := append([]byte(nil), s.Bytes()[start:]...)
	s.Reset()
	s.chart.Add(r4server.Resource{Type: typ, ID: id, Body: body, Links: s.links, Tokens: s.tokens, Date: s.date})
}

func (s *Sheet) meta(typ string, head *story.Head) {
	s.Object("meta", func() {
		s.String("versionId", "1")
		s.String("lastUpdated", s.stamp)
		profiles := head.Profiles
		if len(profiles) == 0 {
			profiles = s.Dialect.Profiles(typ)
		}
		s.Strings("profile", profiles...)
		s.List("security", func() {
			for _, l := range head.Labels {
				s.Coding("", l)
			}
		})
		if s.Dialect.Tags != nil {
			s.List("tag", func() {
				for _, tag := range s.Dialect.Tags(s.owner(head)) {
					s.Coding("", tag)
				}
			})
		}
	})
}

func (s *Sheet) owner(head *story.Head) story.Organisation {
	if o, ok := s.Region.Organisation(head.Owner); ok {
		return o
	}
	return s.Org
}

// ID is the id on the wire of an entry of this person.
func (s *Sheet) ID(entry string) string { return s.Holding.LocalID + "." + entry }

// Identify writes the business identifiers, or the server's own.
func (s *Sheet) Identify(typ, id string, head *story.Head) {
	if len(head.Identifiers) > 0 {
		s.Identifiers("identifier", head.Identifiers...)
		return
	}
	s.Identifiers("identifier", story.Identifier{System: s.Dialect.IdentifierSystem(typ), Value: s.Org.ODS + "." + id})
}

// Date says what the date search parameters compare.
func (s *Sheet) Date(when string) { s.date = when }

// Tokens makes the codes of a concept findable under a search parameter.
func (s *Sheet) Tokens(param string, c story.Concept) {
	for _, code := range c.Codes {
		s.tokens = append(s.tokens, r4server.Token{Param: param, System: code.System, Code: code.Value})
	}
}

// Ref writes a reference and remembers it for _include under the search parameter.
func (s *Sheet) Ref(name, param, target, display string) {
	if target != "" {
		s.links = append(s.links, r4server.Link{Param: param, Target: target})
	}
	s.Reference(name, target, display)
}

// Subject writes who the resource is about: the person, unless the story names another or nobody.
func (s *Sheet) Subject(name string, head *story.Head) {
	switch {
	case head.NoSubject:
	case head.About != "":
		s.Ref(name, "patient", head.About, "")
	default:
		s.Ref(name, "patient", "Patient/"+s.Holding.LocalID, "")
	}
}

// Encounter writes the encounter an entry belongs to.
func (s *Sheet) Encounter(head *story.Head) {
	if head.Encounter != "" {
		s.Ref("encounter", "encounter", "Encounter/"+s.ID(head.Encounter), "")
	}
}

// Target is the reference of another entry by its id in the story; an unknown id dangles as the type given.
func (s *Sheet) Target(entry, otherwise string) string {
	switch {
	case entry == "":
		return ""
	case strings.Contains(entry, "/"):
		return entry
	}
	if typ, ok := types[s.kinds[entry]]; ok {
		return typ + "/" + s.ID(entry)
	}
	return otherwise + "/" + s.ID(entry)
}

// types is what each kind of entry is in R4.
var types = map[story.EntryKind]string{
	story.KindAllergy: "AllergyIntolerance", story.KindMedicine: "MedicationRequest", story.KindProblem: "Condition",
	story.KindReport: "DiagnosticReport", story.KindObservation: "Observation", story.KindImmunisation: "Immunization",
	story.KindReferral: "ServiceRequest", story.KindDocument: "DocumentReference", story.KindEncounter: "Encounter",
	story.KindEpisode: "EpisodeOfCare", story.KindAppointment: "Appointment", story.KindProcedure: "Procedure",
	story.KindFlag: "Flag", story.KindCarePlan: "CarePlan", story.KindQuestionnaire: "QuestionnaireResponse",
	story.KindConsent: "Consent", story.KindRelated: "RelatedPerson", story.KindCareTeam: "CareTeam",
	story.KindFamily: "FamilyMemberHistory", story.KindComposition: "Composition", story.KindService: "EpisodeOfCare",
	story.KindSupportReason: "Condition", story.KindAssessment: "Task", story.KindContact: "ServiceRequest",
	story.KindEquipment: "DeviceRequest",
}

// ActorRef is the reference and the display of an actor.
func (s *Sheet) ActorRef(a story.Actor) (target, display string) {
	switch {
	case a.Staff != "":
		return "Practitioner/" + a.Staff, or(a.Display, s.staffName(a.Staff))
	case a.Team != "":
		return "Organization/" + a.Team, or(a.Display, s.teamName(a.Team))
	case a.ODS != "":
		o, _ := s.Region.Organisation(a.ODS)
		return "Organization/" + a.ODS, or(a.Display, o.Name)
	default:
		return "", a.Display
	}
}

// Actor writes a reference to an actor, findable by _include under the parameter.
func (s *Sheet) Actor(name, param string, a story.Actor) {
	target, display := s.ActorRef(a)
	s.Ref(name, param, target, display)
}

// Actors writes a list of references to actors.
func (s *Sheet) Actors(name, param string, all ...story.Actor) {
	s.List(name, func() {
		for _, a := range all {
			s.Actor("", param, a)
		}
	})
}

func (s *Sheet) staffName(id string) string {
	for i := range s.Org.Staff {
		if s.Org.Staff[i].ID == id {
			return fhirout.FullName(s.Org.Staff[i].Name)
		}
	}
	return ""
}

func (s *Sheet) teamName(id string) string {
	for i := range s.Org.Teams {
		if s.Org.Teams[i].ID == id {
			return s.Org.Teams[i].Name
		}
	}
	return ""
}

func (s *Sheet) placeName(id string) string {
	for i := range s.Org.Places {
		if s.Org.Places[i].ID == id {
			return s.Org.Places[i].Name
		}
	}
	return ""
}

// Status is the status sent: entered-in-error when the story says so, else its own, else the usual one.
func Status(head *story.Head, own, usual string) string {
	if head.EnteredInError {
		return "entered-in-error"
	}
	return or(own, usual)
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
