package fault

import (
	"bytes"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"ribble/internal/sandbox/story"
)

// The person of another record. Both numbers pass modulus 11; the second stands in when the first is the person asked for.
const (
	strangerNumber = "9990000018"
	otherStranger  = "9990000026"
)

// changed makes a fault of a function that rewrites the bytes of a true answer.
func changed(change func(*http.Request, []byte) []byte) func(*exchange) {
	return func(e *exchange) { e.rewrite(change) }
}

var (
	nhsValue     = regexp.MustCompile(`("value"\s*:\s*")(\d{10})(")`)
	birthDate    = regexp.MustCompile(`("birthDate"\s*:\s*")(\d{4})([^"]*")`)
	entries      = regexp.MustCompile(`"entry"\s*:\s*\[`)
	firstBrace   = regexp.MustCompile(`^\s*\{`)
	anyText      = regexp.MustCompile(`("(?:text|display|family)"\s*:\s*")`)
	patientRef   = regexp.MustCompile(`"reference"\s*:\s*"(Patient/[^"]+)"`)
	clinicalType = regexp.MustCompile(`"resourceType"\s*:\s*"(?:AllergyIntolerance|Condition|Observation|MedicationRequest|Flag|Encounter|Procedure|Immunization)"`)
)

func stranger(number string) string {
	if number == strangerNumber {
		return otherStranger
	}
	return strangerNumber
}

// anotherPerson changes every NHS number in the answer, as a source with mixed-up connections would (fault S08 and S27).
func anotherPerson(_ *http.Request, body []byte) []byte {
	return nhsValue.ReplaceAllFunc(body, func(match []byte) []byte {
		part := nhsValue.FindSubmatch(match)
		if !story.ValidNHSNumber(string(part[2])) {
			return match
		}
		return fmt.Appendf(nil, "%s%s%s", part[1], stranger(string(part[2])), part[3])
	})
}

func wrongBirthDate(_ *http.Request, body []byte) []byte {
	return birthDate.ReplaceAll(body, []byte("${1}1901${3}"))
}

// duplicateNames repeats the NHS number and the resource type: the two values of finding 2 of the safety analysis.
func duplicateNames(_ *http.Request, body []byte) []byte {
	body = replaceFirst(firstBrace, body, `{"resourceType":"Bundle",`)
	return replaceFirst(nhsValue, body, `${1}${2}${3},"value":"`+strangerNumber+`"`)
}

func caseVariantNames(_ *http.Request, body []byte) []byte {
	body = replaceFirst(firstBrace, body, `{"RESOURCETYPE":"Bundle",`)
	return replaceFirst(nhsValue, body, `${1}${2}${3},"VALUE":"`+strangerNumber+`"`)
}

func invalidUTF8(_ *http.Request, body []byte) []byte {
	return replaceFirst(anyText, body, "${1}\xff\xfe\xc3\x28")
}

func unknownModifier(_ *http.Request, body []byte) []byte {
	return replaceFirst(clinicalType, body,
		`${0},"modifierExtension":[{"url":"https://sandbox.invalid/StructureDefinition/changes-the-meaning","valueBoolean":true}]`)
}

// insert puts resources, each already wrapped as a Bundle entry, before the first entry of a Bundle.
func insert(body []byte, wrapped ...string) []byte {
	return prepend(entries, "entry", body, wrapped)
}

// prepend puts parts at the front of the array that the pattern opens, or makes that array at the top of the object.
func prepend(opening *regexp.Regexp, name string, body []byte, parts []string) []byte {
	at := opening.FindIndex(body)
	if at == nil {
		return replaceFirst(firstBrace, body, `{"`+name+`":[`+strings.ReplaceAll(join(parts), "$", "$$")+`],`)
	}
	rest := bytes.TrimLeft(body[at[1]:], " \r\n\t")
	comma := ","
	if len(rest) > 0 && rest[0] == ']' {
		comma = ""
	}
	return fmt.Appendf(nil, "%s%s%s%s", body[:at[1]], join(parts), comma, rest)
}

func join(parts []string) string { return strings.Join(parts, ",") }

func twoPatients(_ *http.Request, body []byte) []byte {
	if !bytes.Contains(body, []byte(`"Patient"`)) {
		return body
	}
	return insert(body, `{"resource":{"resourceType":"Patient","id":"stranger","identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"`+
		strangerNumber+`"}],"name":[{"use":"official","family":"STRANGER","given":["Another"]}],"gender":"female","birthDate":"1960-01-01"}}`)
}

func oneStrayEntry(_ *http.Request, body []byte) []byte {
	return insert(body, observation("stray", "Patient/stranger"))
}

// flooded adds observations of the same patient (fault S20); in a batch to the first answer that has any resource, because a flood for each would
// be a fault of the sandbox's own memory.
func flooded(e *exchange) {
	done := false
	e.rewrite(func(r *http.Request, body []byte) []byte {
		if done {
			return body
		}
		done = true
		return fiftyThousand(r, body)
	})
}

// fiftyThousand writes its flood at once, so that the fault is not that the sandbox is slow.
func fiftyThousand(r *http.Request, body []byte) []byte {
	before, after, _ := strings.Cut(observation("flood-", subjectOf(r, body)), `flood-`)
	var flood strings.Builder
	flood.Grow(50_000 * (len(before) + len(after) + len("flood-50000,")))
	for i := range 50_000 {
		if i > 0 {
			flood.WriteByte(',')
		}
		flood.WriteString(before)
		flood.WriteString("flood-")
		flood.WriteString(strconv.Itoa(i))
		flood.WriteString(after)
	}
	return insert(body, flood.String())
}

func observation(id, subject string) string {
	return fmt.Sprintf(`{"resource":{"resourceType":"Observation","id":%q,"status":"final","code":{"coding":[{"system":"http://snomed.info/sct",`+
		`"code":"364075005","display":"Heart rate"}]},"subject":{"reference":%q},"effectiveDateTime":"2020-01-01",`+
		`"valueQuantity":{"value":72,"unit":"beats/min"}}}`, id, subject)
}

func subjectOf(r *http.Request, body []byte) string {
	if match := patientRef.FindSubmatch(body); match != nil {
		return string(match[1])
	}
	if id := r.URL.Query().Get("patient"); id != "" {
		return "Patient/" + id
	}
	return "Patient/unknown"
}

func outcomeInside(severity string) func(*http.Request, []byte) []byte {
	return func(_ *http.Request, body []byte) []byte {
		return insert(body, `{"resource":{"resourceType":"OperationOutcome","issue":[`+
			issue(severity, "Part of this record could not be read")+`]},"search":{"mode":"outcome"}}`)
	}
}

// replaceFirst expands the template into the first match alone.
func replaceFirst(pattern *regexp.Regexp, body []byte, template string) []byte {
	at := pattern.FindSubmatchIndex(body)
	if at == nil {
		return body
	}
	out := append([]byte{}, body[:at[0]]...)
	out = pattern.Expand(out, []byte(template), body, at)
	return append(out, body[at[1]:]...)
}
