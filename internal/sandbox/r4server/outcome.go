package r4server

import (
	"net/http"
	"slices"

	"ribble/internal/sandbox/fhirout"
	"ribble/internal/sandbox/story"
)

// refusal is an answer that is an OperationOutcome instead of a Bundle.
type refusal struct {
	status            int
	issue, code, text string
}

// refusalOf gives the R4 form of the error code a story asks for.
func refusalOf(code string) refusal {
	switch code {
	case "NO_PATIENT_CONSENT", "NO_ORGANISATION_CONSENT", "NO_RELATIONSHIP", "ACCESS_DENIED", "ACCESS DENIED":
		return refusal{http.StatusForbidden, "forbidden", "ACCESS_DENIED", "This record may not be shared"}
	case "PATIENT_NOT_FOUND", "NO_RECORD_FOUND":
		return refusal{http.StatusNotFound, "not-found", "RESOURCE_NOT_FOUND", "No such person"}
	case "TOO_MANY_REQUESTS":
		return refusal{http.StatusTooManyRequests, "throttled", code, "Too many requests"}
	case "SERVICE_UNAVAILABLE":
		return refusal{http.StatusServiceUnavailable, "transient", code, "The record system is down for maintenance"}
	default:
		return refusal{http.StatusInternalServerError, "exception", "INTERNAL_SERVER_ERROR", "The record system failed"}
	}
}

func (s *server) fail(w http.ResponseWriter, r refusal) {
	s.send(w, r.status, s.outcomeDetailed(story.Outcome{Severity: "error", Code: r.issue, Text: r.text}, r.code))
}

func (s *server) outcomeBody(o story.Outcome) []byte { return s.outcomeDetailed(o, "") }

// outcomeDetailed always carries details.text, which may be shown to an end user (Interweave's contract).
func (s *server) outcomeDetailed(o story.Outcome, code string) []byte {
	var out fhirout.Writer
	out.Object("", func() {
		out.String("resourceType", "OperationOutcome")
		out.Raw("meta", s.OutcomeMeta)
		out.List("issue", func() {
			out.Object("", func() {
				out.String("severity", o.Severity)
				out.String("code", o.Code)
				details := story.Words(o.Text)
				if code != "" {
					details.Codes = story.Coded("https://fhir.nhs.uk/R4/CodeSystem/Spine-ErrorOrWarningCode", code, "").Codes
				}
				out.Concept("details", details)
				out.String("diagnostics", o.Diagnostics)
			})
		})
	})
	return out.Bytes()
}

// outcomesFor picks the outcomes a story puts into searches of this type; the second result says that they stand in
// place of the resources.
func outcomesFor(h *story.Holding, typ string) (found []story.Outcome, instead bool) {
	if h == nil {
		return nil, false
	}
	for _, o := range h.Behaviour.Outcomes {
		if o.Type == typ || o.Type == "" && typ != "Patient" {
			found = append(found, o)
			instead = instead || o.InPlace
		}
	}
	return found, instead
}

// metadata is the CapabilityStatement: what can be read here and how it can be searched.
func (s *server) metadata(w http.ResponseWriter) {
	var out fhirout.Writer
	out.Object("", func() {
		out.String("resourceType", "CapabilityStatement")
		out.String("status", "active")
		out.String("date", s.Region.Today().Format("2006-01-02"))
		out.String("kind", "instance")
		out.Object("software", func() { out.String("name", s.Software) })
		out.String("fhirVersion", "4.0.1")
		out.Strings("format", "application/fhir+json")
		out.List("rest", func() {
			out.Object("", func() {
				out.String("mode", "server")
				out.List("resource", func() { s.capabilities(&out) })
				out.List("interaction", func() {
					out.Object("", func() { out.String("code", "batch") })
				})
			})
		})
	})
	s.send(w, http.StatusOK, out.Bytes())
}

func (s *server) capabilities(out *fhirout.Writer) {
	params := slices.Concat([]string{"patient", chain}, tokenParams, dateParams)
	for _, t := range s.Types {
		if !s.types[t] {
			continue
		}
		out.Object("", func() {
			out.String("type", t)
			out.List("interaction", func() {
				for _, code := range []string{"read", "search-type"} {
					out.Object("", func() { out.String("code", code) })
				}
			})
			out.List("searchParam", func() {
				for _, p := range params {
					out.Object("", func() { out.String("name", p) })
				}
			})
		})
	}
}
