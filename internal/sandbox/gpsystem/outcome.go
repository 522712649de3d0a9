package gpsystem

import (
	"net/http"
	"strings"

	"ribble/internal/sandbox/fhirout"
	"ribble/internal/sandbox/story"
)

const (
	outcomeProfile = "https://fhir.nhs.uk/STU3/StructureDefinition/GPConnect-OperationOutcome-1"
	spineCodes     = "https://fhir.nhs.uk/STU3/CodeSystem/Spine-ErrorOrWarningCode-1"
	proxyCodes     = "http://fhir.nhs.net/ValueSet/gpconnect-schedule-response-code-1-0"
)

// spineError is how one Spine error code travels (GP Connect 1.6, error handling guidance).
type spineError struct {
	status         int
	issue, display string
}

var spineErrors = map[string]spineError{
	"INVALID_NHS_NUMBER":           {400, "value", "Invalid NHS number"},
	"INVALID_IDENTIFIER_SYSTEM":    {400, "value", "Invalid identifier system"},
	"INVALID_IDENTIFIER_VALUE":     {400, "value", "Invalid identifier value"},
	"INVALID_PATIENT_DEMOGRAPHICS": {400, "invalid", "Invalid patient demographics"},
	"BAD_REQUEST":                  {400, "invalid", "Bad request"},
	"CONFLICTING_VALUES":           {400, "invalid", "Conflicting values"},
	"NO_PATIENT_CONSENT":           {403, "forbidden", "Patient has not provided consent to share data"},
	"NO_ORGANISATION_CONSENT":      {403, "forbidden", "Organisation has not provided consent to share data"},
	"NO_RELATIONSHIP":              {403, "forbidden", "No legitimate relationship exists with this patient"},
	"ACCESS DENIED":                {403, "forbidden", "Access denied"},
	"ACCESS_DENIED":                {403, "forbidden", "Access denied"},
	"PATIENT_NOT_FOUND":            {404, "not-found", "Patient record not found"},
	"ORGANISATION_NOT_FOUND":       {404, "not-found", "Organisation record not found"},
	"PRACTITIONER_NOT_FOUND":       {404, "not-found", "Practitioner record not found"},
	"NO_RECORD_FOUND":              {404, "not-found", "No record found"},
	"DUPLICATE_REJECTED":           {409, "duplicate", "Create would lead to creation of duplicate resource"},
	"INVALID_RESOURCE":             {422, "invalid", "Invalid validation of resource"},
	"INVALID_PARAMETER":            {422, "invalid", "Submitted parameter is not valid."},
	"REFERENCE_NOT_FOUND":          {422, "not-found", "FHIR reference not found"},
	"INTERNAL_SERVER_ERROR":        {500, "processing", "Unexpected internal server error"},
	"NOT_IMPLEMENTED":              {501, "not-supported", "FHIR resource not implemented"},
}

// failAs answers with the error a story asks for: a Spine code, or a proxy error whose name starts with SSP_.
func failAs(w http.ResponseWriter, code string) {
	if strings.HasPrefix(code, "SSP_") {
		failProxy(w, code)
		return
	}
	fail(w, code, "")
}

func fail(w http.ResponseWriter, code, diagnostics string) {
	e, ok := spineErrors[code]
	if !ok {
		code, e = "INTERNAL_SERVER_ERROR", spineErrors["INTERNAL_SERVER_ERROR"]
	}
	var out fhirout.Writer
	out.Object("", func() {
		out.String("resourceType", "OperationOutcome")
		out.Object("meta", func() { out.Strings("profile", outcomeProfile) })
		out.List("issue", func() {
			issue(&out, "error", e.issue, story.Coded(spineCodes, code, e.display), diagnostics)
		})
	})
	send(w, e.status, out.Bytes())
}

func issue(out *fhirout.Writer, severity, code string, details story.Concept, diagnostics string) {
	out.Object("", func() {
		out.String("severity", severity)
		out.String("code", code)
		out.Concept("details", details)
		out.String("diagnostics", diagnostics)
	})
}

// proxyErrors are what the Spine Security Proxy answers instead of the provider.
var proxyErrors = map[string]struct {
	status              int
	code, issue, system string
	display             string
}{
	"SSP_ASID_CHECK_FAILED":     {403, "403", "forbidden", proxyCodes, "ASID_CHECK_FAILED_MESSAGESENDER_200000000115"},
	"SSP_PARTYKEY_CHECK_FAILED": {403, "403", "forbidden", proxyCodes, "PARTYKEY_INTERACTION_CHECK_FAILED_MESSAGESENDER"},
	"SSP_FOT_CHECK_FAILED":      {403, "403", "forbidden", proxyCodes, "FOT_CHECK_FAILED_FROM_PARTY_TO_PARTY"},
	"SSP_MEDIA_TYPE":            {415, "415", "invalid", proxyCodes, "UNSUPPORTED_MEDIA_TYPE"},
	"SSP_ENDPOINT":              {502, "502", "processing", proxyCodes, "ERROR_COMMUNICATING_TO_ENDPOINT_URL_https://provider.sandbox.example/STU3/1"},
	"SSP_METHOD":                {405, "405", "forbidden", "https://fhir.nhs.uk/StructureDefinition/spine-operationoutcome-1", "405: Method Not Allowed"},
}

func failProxy(w http.ResponseWriter, name string) {
	e, ok := proxyErrors[name]
	if !ok {
		e = proxyErrors["SSP_ENDPOINT"]
	}
	var out fhirout.Writer
	out.Object("", func() {
		out.String("resourceType", "OperationOutcome")
		out.List("issue", func() {
			issue(&out, "error", e.issue, story.Coded(e.system, e.code, e.display), e.display)
		})
	})
	send(w, e.status, out.Bytes())
}
