package gpconnect

import (
	"github.com/go-json-experiment/json"

	"ribble/internal/record"
)

type parameters struct {
	ResourceType string      `json:"resourceType"`
	Parameter    []parameter `json:"parameter"`
}

type parameter struct {
	Name            string      `json:"name"`
	ValueIdentifier *identifier `json:"valueIdentifier,omitempty"`
	ValueBoolean    *bool       `json:"valueBoolean,omitempty"`
	Part            []parameter `json:"part,omitempty"`
}

var yes = true

// parts are the parts an area must have. There are no others: filters may not stand beside consultations or problems (SRC02-01), and would
// hide what is recorded (HAZ 100).
var parts = map[string][]parameter{
	"includeAllergies":  {{Name: "includeResolvedAllergies", ValueBoolean: &yes}},
	"includeMedication": {{Name: "includePrescriptionIssues", ValueBoolean: &yes}},
}

// areasFor are the clinical areas that fill the sections.
func areasFor(sections record.Sections) []area {
	var out []area
	for _, a := range areas {
		if a.sections&sections != 0 {
			out = append(out, a)
		}
	}
	return out
}

// body is the Parameters resource of $gpc.getstructuredrecord.
func body(person record.NHSNumber, include []parameter) ([]byte, error) {
	list := []parameter{{Name: "patientNHSNumber", ValueIdentifier: &identifier{record.NHSNumberSystem, person.Digits()}}}
	return json.Marshal(parameters{ResourceType: "Parameters", Parameter: append(list, include...)})
}

// wholeRecord asks for every wanted area at once (call A of section 24).
func wholeRecord(wanted []area) []parameter {
	var out []parameter
	for _, a := range wanted {
		out = append(out, parameter{Name: a.parameter, Part: parts[a.parameter]})
	}
	return out
}

// vaccinations asks for immunisations alone, those not given included, which may not stand beside other areas (call B).
func vaccinations() []parameter {
	return []parameter{{Name: "includeImmunisations", Part: []parameter{{Name: "includeNotGiven", ValueBoolean: &yes}}}}
}
