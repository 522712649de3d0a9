package gpsystem

import (
	"slices"
	"strings"

	"ribble/internal/sandbox/story"
)

// primaryList is the List in which an area is answered.
type primaryList struct {
	area                 story.Area
	code, title, display string
}

// primary lists the areas in the order of the specification.
var primary = []primaryList{
	{story.Allergies, "886921000000105", "Allergies and adverse reactions", "Allergies and adverse reactions"},
	{story.Medication, "933361000000108", "Medications and medical devices", "Medications and medical devices"},
	{story.Problems, "717711000000103", "Problems", "Problems"},
	{story.Consultations, "1149501000000101", "List of consultations", "List of consultations"},
	{story.Immunisations, "1102181000000102", "Immunisations", "Immunisations"},
	{story.Investigations, "887191000000108", "Investigations and results", "Investigations and results"},
	{story.Uncategorised, "826501000000100", "Uncategorised data", "Miscellaneous record"},
	{story.Referrals, "792931000000107", "Outbound referral", "Outbound referral"},
	{story.DiaryEntries, "714311000000108", "Patient recall administration", "Patient recall administration"},
}

const (
	endedCode     = "1103671000000101"
	secondary     = "https://fhir.hl7.org.uk/STU3/CodeSystem/GPConnect-SecondaryListValues-1"
	emptyReasons  = "https://fhir.nhs.uk/STU3/CodeSystem/CareConnect-ListEmptyReasonCode-1"
	clinicalPlace = "1060971000000108"
)

// list writes the primary List of an area, if it was asked for and is answered.
func (r *record) list(area story.Area, entries []string) {
	if !r.answers(area) {
		return
	}
	i := slices.IndexFunc(primary, func(l primaryList) bool { return l.area == area })
	l := primary[i]
	r.listOf(listHead{
		area: area, code: story.Code{System: story.SystemSNOMED, Value: l.code, Display: l.display},
		title: or(r.dialect.titles[area], l.title),
	}, entries, nil)
}

// listHead is what names a primary or a secondary List.
type listHead struct {
	area  story.Area
	code  story.Code
	title string
}

// listOf writes one List; contained writes resources that live inside it only.
func (r *record) listOf(head listHead, entries []string, contained func()) {
	id := ""
	if r.dialect.listIDs {
		id = "list-" + head.code.Value
	}
	r.add("List", id, &story.Head{}, func() {
		if contained != nil {
			r.List("contained", contained)
		}
		warnings, words := r.warnings(head.area)
		r.List("extension", func() {
			r.ConceptExtension(gpConnect+"ClinicalSetting-1", story.SNOMED(clinicalPlace, "General practice service"))
			for _, w := range warnings {
				r.Extension(gpConnect+"ListWarningCode-1", func() { r.String("valueCode", w) })
			}
		})
		r.String("status", "current")
		r.String("mode", "snapshot")
		r.String("title", head.title)
		r.Concept("code", story.Concept{Codes: []story.Code{head.code}})
		r.subject("subject", &story.Head{})
		r.String("date", r.region.Today().Format("2006-01-02")+"T09:00:00+00:00")
		r.Code("orderedBy", "http://hl7.org/fhir/list-order", "event-date", "Sorted by Event Date")
		if len(entries) == 0 {
			words = append(words, r.dialect.nothing)
		}
		if len(words) > 0 {
			r.Notes([]string{strings.Join(words, " ")})
		}
		r.entries(entries)
		if len(entries) == 0 {
			r.Code("emptyReason", emptyReasons, "no-content-recorded", "No Content Recorded")
		}
	})
}

func (r *record) entries(targets []string) {
	r.List("entry", func() {
		for _, t := range targets {
			r.Object("", func() { r.Reference("item", t, "") })
		}
	})
}

// warnings gives the codes and, word for word, the texts that the specification sets for them.
func (r *record) warnings(area story.Area) (codes, words []string) {
	b := &r.holding.Behaviour
	if in(b.Confidential, area) {
		codes = append(codes, "confidential-items")
		words = append(words, "Items excluded due to confidentiality and/or patient preferences.")
	}
	if b.InTransit != "" {
		codes = append(codes, "data-in-transit")
		words = append(words, "Patient record transfer from previous GP practice not yet complete; information recorded before "+
			b.InTransit+" may be missing.")
	}
	if in(b.AwaitingFiling, area) {
		codes = append(codes, "data-awaiting-filing")
		words = append(words, "Patient record contains some items in the GP practice workflow that have not been reviewed for inclusion "+
			"in this message; for example, recent test results or letters.")
	}
	return codes, words
}

// secondaryNames are the middle parts of the code and title of the secondary Lists of each area.
var secondaryNames = map[story.Area]string{
	story.Allergies: "allergies", story.Medication: "medications", story.Immunisations: "immunisations",
	story.Investigations: "investigations", story.Uncategorised: "uncategorised data", story.Referrals: "outbound referrals",
	story.DiaryEntries: "diary entries", story.Problems: "problems",
}

// linked writes the secondary Lists: entries of an area that consultations and problems refer to.
func (r *record) linked(area story.Area, inConsultations, inProblems []string) {
	name := secondaryNames[area]
	if len(inConsultations) > 0 {
		r.secondaryList(area, "Consultations - "+name+" contained in consultations", inConsultations)
	}
	if len(inProblems) > 0 {
		r.secondaryList(area, "Problems - "+name+" related to problems", inProblems)
	}
}

func (r *record) secondaryList(area story.Area, title string, entries []string) {
	code := strings.ReplaceAll(strings.ReplaceAll(strings.ToLower(title), " - ", "-"), " ", "-")
	r.listOf(listHead{area: area, code: story.Code{System: secondary, Value: code, Display: title}, title: title}, entries, nil)
}

// listing gathers the references of one area for its three Lists.
type listing struct {
	r                                *record
	area                             story.Area
	all, inConsultations, inProblems []string
}

func (r *record) listing(area story.Area) *listing { return &listing{r: r, area: area} }

func (l *listing) note(entry, target string, head *story.Head) {
	if !head.Unlisted {
		l.all = append(l.all, target)
	}
	via := l.r.links[entry]
	if via.consultation {
		l.inConsultations = append(l.inConsultations, target)
	}
	if via.problem {
		l.inProblems = append(l.inProblems, target)
	}
}

func (l *listing) write() {
	l.r.list(l.area, l.all)
	l.r.linked(l.area, l.inConsultations, l.inProblems)
}
