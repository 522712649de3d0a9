package epr

import (
	"net/http"
	"strings"

	"ribble/internal/sandbox/story"
)

// resource serves the two resources that a launched app reads.
func (s *Server) resource(w http.ResponseWriter, r *http.Request) {
	bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	s.mu.Lock()
	g, known := s.tokens[bearer]
	s.mu.Unlock()
	if !ok || !known || s.Now().After(g.until) || r.PathValue("ods") != g.site.ODS {
		wrong(w, "invalid_token")
		return
	}
	switch r.PathValue("type") + "/" + r.PathValue("id") {
	case "Patient/" + g.localID:
		reply(w, http.StatusOK, patientResource(g))
	case "PractitionerRole/" + g.clinician.ID:
		reply(w, http.StatusOK, roleResource(g))
	default:
		http.NotFound(w, r)
	}
}

type identifier struct {
	System string `json:"system"`
	Value  string `json:"value"`
}

type patient struct {
	Type        string       `json:"resourceType"`
	ID          string       `json:"id"`
	Identifiers []identifier `json:"identifier"`
	Born        string       `json:"birthDate"`
}

func patientResource(g grant) patient {
	as := believed(g.patient, g.site.ODS)
	return patient{"Patient", g.localID, []identifier{{story.SystemNHSNumber, as.NHSNumber}}, as.Born}
}

type reference struct {
	Display    string     `json:"display"`
	Identifier identifier `json:"identifier"`
}

type coding struct {
	Code string `json:"code"`
}

type concept struct {
	Coding []coding `json:"coding"`
}

type role struct {
	Type         string    `json:"resourceType"`
	ID           string    `json:"id"`
	Practitioner reference `json:"practitioner"`
	Organisation reference `json:"organization"`
	Code         []concept `json:"code"`
}

func roleResource(g grant) role {
	return role{
		"PractitionerRole", g.clinician.ID,
		reference{g.clinician.Name, identifier{"https://fhir.nhs.uk/Id/sds-user-id", g.clinician.UserID}},
		reference{g.site.Name, identifier{"https://fhir.nhs.uk/Id/ods-organization-code", g.site.ODS}},
		[]concept{{[]coding{{g.clinician.Profile}}}},
	}
}
