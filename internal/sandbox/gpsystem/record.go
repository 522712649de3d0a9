package gpsystem

import (
	"strings"

	"ribble/internal/sandbox/fhirout"
	"ribble/internal/sandbox/story"
)

// record is one answer while it is written: the entries of a Bundle, and what they turned out to refer to.
type record struct {
	fhirout.Writer
	region  story.Region
	dialect *dialect
	org     story.Organisation
	person  *story.Person
	holding *story.Holding
	ask     *ask

	kinds map[string]story.EntryKind
	// links tells for each entry that consultations or problems refer to, which of them do.
	links map[string]linkage
	// context is the consultation in which an entry is an item.
	context map[string]string

	mentioned map[string]bool
	order     []string
	// base is the absolute service root, for addresses of documents.
	base string
}

// linkage says through what an entry is reached besides its own area.
type linkage struct{ consultation, problem bool }

func newRecord(c *call, p *story.Person, h *story.Holding, a *ask) *record {
	r := &record{
		region: c.server.region, dialect: &c.server.dialect, org: c.practice, person: p, holding: h, ask: a,
		kinds: h.Kinds(), links: map[string]linkage{}, context: map[string]string{}, mentioned: map[string]bool{},
		base: c.base(),
	}
	r.DescriptionURL, r.DescriptionName = r.dialect.descriptionURL, r.dialect.descriptionID
	r.findLinks()
	return r
}

// findLinks: entries linked from asked consultations or problems are sent even if their area was not asked for.
func (r *record) findLinks() {
	for i := range r.holding.Consultations {
		c := &r.holding.Consultations[i]
		for _, item := range items(c) {
			if item.Ref != "" {
				r.context[item.Ref] = c.EntryID(story.KindConsultation, i)
				r.link(item.Ref, linkage{consultation: r.ask.areas[story.Consultations]})
			}
		}
	}
	for i := range r.holding.Problems {
		p := &r.holding.Problems[i]
		for _, id := range append([]string{p.Item}, p.Links...) {
			r.link(id, linkage{problem: r.ask.areas[story.Problems]})
		}
	}
}

func (r *record) link(id string, l linkage) {
	old := r.links[id]
	r.links[id] = linkage{old.consultation || l.consultation, old.problem || l.problem}
}

func items(c *story.Consultation) []story.Item {
	var all []story.Item
	for i := range c.Topics {
		all = append(all, c.Topics[i].Items...)
		for _, h := range c.Topics[i].Headings {
			all = append(all, h.Items...)
		}
	}
	return all
}

// wanted says whether an entry of an area is sent at all.
func (r *record) wanted(area story.Area, id string) bool {
	l := r.links[id]
	return r.answers(area) || !r.refuses(area) && (l.consultation || l.problem)
}

// answers says whether the area was asked for and is answered with a List.
func (r *record) answers(area story.Area) bool {
	return r.ask.areas[area] && !r.refuses(area) && !in(r.holding.Behaviour.Omitted, area)
}

func (r *record) refuses(area story.Area) bool {
	b := &r.holding.Behaviour
	return in(r.dialect.missing, area) || in(b.NotImplemented, area) || in(b.Disabled, area)
}

func in(all []story.Area, area story.Area) bool {
	for _, a := range all {
		if a == area {
			return true
		}
	}
	return false
}

// add writes one entry: its head here, the rest in fill.
func (r *record) add(typ, id string, head *story.Head, fill func()) {
	r.Object("", func() {
		r.Object("resource", func() { r.resource(typ, id, head, fill) })
	})
}

func (r *record) resource(typ, id string, head *story.Head, fill func()) {
	r.String("resourceType", typ)
	r.String("id", id)
	r.Object("meta", func() {
		profiles := head.Profiles
		if len(profiles) == 0 {
			profiles = []string{profile(typ)}
		}
		r.Strings("profile", profiles...)
		r.List("security", func() {
			for _, l := range head.Labels {
				r.Coding("", l)
			}
		})
	})
	if head.Modifier != "" {
		r.List("modifierExtension", func() {
			r.Extension(head.Modifier, func() { r.Bool("valueBoolean", true) })
		})
	}
	fill()
}

func profile(typ string) string {
	switch typ {
	case "Condition":
		return profileBase + "ProblemHeader-Condition-1"
	case "HealthcareService", "QuestionnaireResponse":
		return "https://fhir.hl7.org.uk/STU3/StructureDefinition/CareConnect-" + typ + "-1"
	default:
		return profileBase + typ + "-1"
	}
}

func (r *record) id(entry string) string { return r.dialect.id(r.holding.LocalID, entry) }

func (r *record) identify(head *story.Head, id string) {
	if len(head.Identifiers) > 0 {
		r.Identifiers("identifier", head.Identifiers...)
		return
	}
	value := strings.ReplaceAll(r.holding.LocalID+id, "-", "")
	r.Identifiers("identifier", story.Identifier{System: r.dialect.identifiers + r.org.ODS, Value: value})
}

// types is what each kind of entry is in STU3.
var types = map[story.EntryKind]string{
	story.KindAllergy: "AllergyIntolerance", story.KindMedicine: "MedicationRequest", story.KindProblem: "Condition",
	story.KindConsultation: "Encounter", story.KindReport: "DiagnosticReport", story.KindObservation: "Observation",
	story.KindImmunisation: "Immunization", story.KindReferral: "ReferralRequest", story.KindRecall: "ProcedureRequest",
	story.KindDocument: "DocumentReference", story.KindQuestionnaire: "QuestionnaireResponse",
}

// areaOf is the clinical area of each kind that has one.
var areaOf = map[story.EntryKind]story.Area{
	story.KindAllergy: story.Allergies, story.KindMedicine: story.Medication, story.KindProblem: story.Problems,
	story.KindReport: story.Investigations, story.KindObservation: story.Uncategorised, story.KindRecall: story.DiaryEntries,
	story.KindImmunisation: story.Immunisations, story.KindReferral: story.Referrals, story.KindConsultation: story.Consultations,
}

// point writes a reference to another entry, or the words the specification sets for an area that is not supported.
func (r *record) point(name, entry, words string) {
	if area, ok := areaOf[r.kinds[entry]]; ok && r.refuses(area) {
		r.Reference(name, "", areaWords[area]+" items are not supported by the provider system.")
		return
	}
	r.Reference(name, r.target(entry, "Observation"), words)
}

var areaWords = map[story.Area]string{
	story.Allergies: "Allergy", story.Medication: "Medication", story.Problems: "Problem", story.Consultations: "Consultation",
	story.Investigations: "Investigation", story.Uncategorised: "Uncategorised", story.DiaryEntries: "Diary entry",
	story.Immunisations: "Immunisation", story.Referrals: "Referral",
}

// target is the reference of another entry; an id that nobody has dangles as the type given.
func (r *record) target(entry, otherwise string) string {
	switch {
	case entry == "":
		return ""
	case strings.ContainsAny(entry, "/ "):
		return entry
	}
	if typ, ok := types[r.kinds[entry]]; ok {
		otherwise = typ
	}
	return otherwise + "/" + r.id(entry)
}

func (r *record) patientRef() string { return "Patient/" + r.holding.LocalID }

// subject writes who the entry is about: the person, unless the story names another or nobody.
func (r *record) subject(name string, head *story.Head) {
	switch {
	case head.NoSubject:
	case head.About != "":
		r.Reference(name, head.About, "")
	default:
		r.Reference(name, r.patientRef(), "")
	}
}

// encounterOf is the consultation an entry belongs to, by its own word or because it is an item there.
func (r *record) encounterOf(head *story.Head, entry string) string {
	if head.Encounter != "" {
		return "Encounter/" + r.id(head.Encounter)
	}
	if c := r.context[entry]; c != "" {
		return "Encounter/" + r.id(c)
	}
	return ""
}

// actorRef is the reference and the display of an actor; whoever is mentioned is sent at the end of the Bundle.
func (r *record) actorRef(a story.Actor) (target, display string) {
	switch {
	case a.Staff != "":
		target = "Practitioner/" + a.Staff
	case a.Team != "":
		target = "HealthcareService/" + a.Team
	case a.ODS != "":
		target = "Organization/" + a.ODS
	}
	r.mention(target)
	return target, a.Display
}

func (r *record) mention(target string) {
	if target != "" && !r.mentioned[target] {
		r.mentioned[target] = true
		r.order = append(r.order, target)
	}
}

func (r *record) actor(name string, a story.Actor) {
	target, display := r.actorRef(a)
	r.Reference(name, target, display)
}

func (r *record) actors(name string, all ...story.Actor) {
	r.List(name, func() {
		for _, a := range all {
			r.actor("", a)
		}
	})
}

func (r *record) place(name, id string) {
	if id != "" {
		r.mention("Location/" + id)
		r.Reference(name, "Location/"+id, "")
	}
}

// concept writes a CodeableConcept in the supplier's order of codings.
func (r *record) concept(name string, c story.Concept) { r.Concept(name, r.dialect.order(c)) }

func (r *record) concepts(name string, all ...story.Concept) {
	r.List(name, func() {
		for _, c := range all {
			r.concept("", c)
		}
	})
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
