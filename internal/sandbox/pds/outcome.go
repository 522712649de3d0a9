package pds

import (
	"encoding/json"
	"net/http"
)

const errorSystem = "https://fhir.nhs.uk/R4/CodeSystem/Spine-ErrorOrWarningCode"

// refusal is one way in which PDS says no: HTTP status, FHIR issue type and Spine error code.
type refusal struct {
	status                                int
	severity, issue, code, display, cause string
}

var (
	invalidResourceID = refusal{http.StatusBadRequest, "error", "value", "INVALID_RESOURCE_ID", "Resource Id is invalid", ""}
	missingValue      = refusal{http.StatusBadRequest, "error", "required", "MISSING_VALUE", "Required value is missing", ""}
	invalidValue      = refusal{http.StatusBadRequest, "error", "value", "INVALID_VALUE", "Provided value is invalid", ""}
	invalidSearch     = refusal{http.StatusBadRequest, "error", "value", "INVALID_SEARCH_DATA", "Search data is invalid", ""}
	tooFewValues      = refusal{http.StatusBadRequest, "error", "value", "TOO_FEW_VALUES_SUBMITTED", "Too few values submitted", ""}
	additional        = refusal{http.StatusBadRequest, "error", "structure", "ADDITIONAL_PROPERTIES", "Additional properties are invalid", ""}
	unsupported       = refusal{http.StatusBadRequest, "error", "processing", "UNSUPPORTED_SERVICE", "Unsupported Service", ""}
	notFound          = refusal{http.StatusNotFound, "information", "not-found", "RESOURCE_NOT_FOUND", "Resource not found", ""}
	invalidated       = refusal{http.StatusNotFound, "error", "processing", "INVALIDATED_RESOURCE",
		"Resource that has been marked as invalid was requested - invalid resources cannot be retrieved", ""}
	// Too many matches is no error for PDS: the status is 200.
	tooManyMatches = refusal{http.StatusOK, "information", "multiple-matches", "TOO_MANY_MATCHES", "Too Many Matches", ""}
)

func (f refusal) because(cause string) refusal {
	f.cause = cause
	return f
}

func refuse(w http.ResponseWriter, f refusal) {
	answer(w, f.status, operationOutcome{
		ResourceType: "OperationOutcome",
		Issue: []issue{{
			Severity: f.severity, Code: f.issue, Diagnostics: f.cause,
			Details: concept{Coding: []coding{{System: errorSystem, Version: "1", Code: f.code, Display: f.display}}},
		}},
	})
}

func answer(w http.ResponseWriter, status int, resource any) {
	w.Header().Set("Content-Type", "application/fhir+json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	// The status has gone out; a failure here means that the asker has left.
	_ = json.NewEncoder(w).Encode(resource)
}
