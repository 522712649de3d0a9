package gpconnect

import (
	"strings"

	"ribble/internal/adapter/internal/stu3"
	"ribble/internal/record"
)

// Codes of Lists (GP Connect 1.6, lists for message structure; section 27.3).
const (
	allergyList       = "886921000000105"
	endedAllergyList  = "1103671000000101"
	medicineList      = "933361000000108"
	problemList       = "717711000000103"
	consultationsList = "1149501000000101"
	immunisationList  = "1102181000000102"
	investigationList = "887191000000108"
	uncategorisedList = "826501000000100"
	referralList      = "792931000000107"
	recallList        = "714311000000108"

	consultationCode = "325851000000107"
	topicCode        = "25851000000105"
	headingCode      = "24781000000107"

	secondarySystem   = "https://fhir.hl7.org.uk/STU3/CodeSystem/GPConnect-SecondaryListValues-1"
	linkedProblemList = "problems-linked-problems-not-relating-to-the-primary-query"
)

// area is one clinical area of the structured record: the parameter that asks for it, its primary Lists, and the sections it fills.
type area struct {
	parameter string
	lists     []string
	sections  record.Sections
	// noun is what the lists hold.
	noun string
}

var areas = [...]area{
	{"includeAllergies", []string{allergyList, endedAllergyList}, record.SectionsOf(record.Allergies), "allergies"},
	{"includeMedication", []string{medicineList}, record.SectionsOf(record.Medicines), "medicines"},
	{"includeConsultations", []string{consultationsList}, record.SectionsOf(record.Consultations), "consultations"},
	{"includeProblems", []string{problemList}, record.SectionsOf(record.Problems), "problems"},
	{"includeImmunisations", []string{immunisationList}, record.SectionsOf(record.Immunisations), "immunisations"},
	{"includeUncategorisedData", []string{uncategorisedList}, record.SectionsOf(record.Measurements, record.Other), "uncategorised data"},
	{"includeInvestigations", []string{investigationList}, record.SectionsOf(record.Results, record.Imaging), "investigations"},
	{"includeReferrals", []string{referralList}, record.SectionsOf(record.Referrals), "referrals"},
	{"includeDiaryEntries", []string{recallList}, record.SectionsOf(record.Appointments), "recalls"},
}

// contents says which area the items of a secondary List belong to, by a word of its code.
var contents = [...]struct {
	word      string
	parameter string
}{
	{"-allergies-", "includeAllergies"}, {"-medications-", "includeMedication"}, {"-uncategorised-data-", "includeUncategorisedData"},
	{"-immunisations-", "includeImmunisations"}, {"-investigations-", "includeInvestigations"}, {"-outbound-referrals-", "includeReferrals"},
	{"-diary-entries-", "includeDiaryEntries"}, {"consultations-problems-", "includeProblems"}, {"-consultations-related-", "includeConsultations"},
	{"-linked-problems-", "includeProblems"},
}

// listing is one List with its meaning.
type listing struct {
	n    int32
	list *stu3.List
	code string
	// sections are those to which its warnings and gaps apply; none for the Lists of a consultation's structure.
	sections record.Sections
}

func listCode(l *stu3.List) string {
	for i := range l.Code.Coding {
		if code := l.Code.Coding[i].Code; code != "" {
			return code
		}
	}
	return ""
}

// readLists learns the Lists of the answer, but for those that were superseded or repeat another.
func (r *reading) readLists() {
	for n := range r.items {
		list, ok := r.items[n].entity.(*stu3.List)
		if !ok || r.items[n].repeat || r.items[n].fate != record.Structural || list.Status == "entered-in-error" {
			continue
		}
		code := listCode(list)
		r.lists = append(r.lists, listing{n: int32(n), list: list, code: code, sections: sectionsOfList(code)})
	}
}

func sectionsOfList(code string) record.Sections {
	switch code {
	case consultationCode, topicCode, headingCode:
		return record.SectionsOf(record.Consultations)
	}
	for i := range areas {
		for _, primary := range areas[i].lists {
			if primary == code {
				return areas[i].sections
			}
		}
	}
	return sectionsOfSecondary(code)
}

func sectionsOfSecondary(code string) record.Sections {
	var set record.Sections
	switch {
	case strings.HasPrefix(code, "consultations-"):
		set = record.SectionsOf(record.Consultations)
	case strings.HasPrefix(code, "problems-"):
		set = record.SectionsOf(record.Problems)
	}
	if strings.Contains(code, "-documents-") {
		set |= record.SectionsOf(record.Documents)
	}
	for _, c := range contents {
		if strings.Contains(code, c.word) {
			set |= areaOf(c.parameter).sections
		}
	}
	return set
}

func areaOf(parameter string) area {
	for i := range areas {
		if areas[i].parameter == parameter {
			return areas[i]
		}
	}
	return area{}
}

func isPrimary(code string) bool {
	for i := range areas {
		for _, primary := range areas[i].lists {
			if primary == code {
				return true
			}
		}
	}
	return false
}
