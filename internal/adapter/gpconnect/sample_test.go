package gpconnect

import "strings"

// patientJSON is the test person as a practice holds them.
const patientJSON = `{"resourceType":"Patient","id":"p","identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"` + testNumber + `",
	"extension":[{"url":"https://fhir.nhs.uk/STU3/StructureDefinition/Extension-CareConnect-GPC-NHSNumberVerificationStatus-1","valueCodeableConcept":{"coding":[{"code":"01"}]}}]}],
	"name":[{"use":"official","family":"Skelly","given":["Horace"],"prefix":["Mr"]}],"gender":"male","birthDate":"1925-04-21",
	"managingOrganization":{"reference":"Organization/o"}}`

const organisationJSON = `{"resourceType":"Organization","id":"o","identifier":[{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"B82617"}],"name":"Coxwold Surgery","telecom":[{"system":"phone","value":"01632 960001"}]}`

// bundle wraps resources, the person and the practice first.
func bundle(resources ...string) string {
	all := append([]string{patientJSON, organisationJSON}, resources...)
	return `{"resourceType":"Bundle","type":"collection","id":"t","entry":[{"resource":` + strings.Join(all, `},{"resource":`) + `}]}`
}

// list is a primary or secondary List of references; warnings are codes of the warning extension.
func list(code string, items []string, warnings ...string) string {
	var b strings.Builder
	b.WriteString(`{"resourceType":"List","status":"current","subject":{"reference":"Patient/p"},"code":{"coding":[{"system":"http://snomed.info/sct","code":"` + code + `"}]}`)
	if len(warnings) > 0 {
		b.WriteString(`,"extension":[`)
		for i, w := range warnings {
			if i > 0 {
				b.WriteString(",")
			}
			b.WriteString(`{"url":"https://fhir.nhs.uk/STU3/StructureDefinition/Extension-CareConnect-GPC-ListWarningCode-1","valueCode":"` + w + `"}`)
		}
		b.WriteString(`]`)
	}
	if len(items) == 0 {
		b.WriteString(`,"note":[{"text":"Information not available."}],"emptyReason":{"coding":[{"code":"no-content-recorded"}]}}`)
		return b.String()
	}
	b.WriteString(`,"entry":[{"item":{"reference":"` + strings.Join(items, `"}},{"item":{"reference":"`) + `"}}]}`)
	return b.String()
}

// emptyLists are all the primary Lists, empty, except those given.
func emptyLists(except ...string) []string {
	var out []string
	for _, a := range areas {
		for _, code := range a.lists {
			if !strings.Contains(strings.Join(except, " "), code) {
				out = append(out, list(code, nil))
			}
		}
	}
	return out
}

func allergy(id, more string) string {
	return `{"resourceType":"AllergyIntolerance","id":"` + id + `","clinicalStatus":"active","verificationStatus":"unconfirmed","patient":{"reference":"Patient/p"},"assertedDate":"2019-03"` + more + `}`
}

func coded(system, code, display string) string {
	return `"code":{"coding":[{"system":"` + system + `","code":"` + code + `","display":"` + display + `"}]}`
}

func snomed(code, display string) string { return coded("http://snomed.info/sct", code, display) }

func observation(id, more string) string {
	return `{"resourceType":"Observation","id":"` + id + `","status":"final","subject":{"reference":"Patient/p"},"effectiveDateTime":"2020-01-02"` + more + `}`
}
