// Package sds is the sandbox's Spine Directory: which system and which address serve an organisation, as FHIR R4.
package sds

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/http"
	"net/url"
	"strings"
)

// Base is the path under which the real service, and this one, answers.
const Base = "/spine-directory/FHIR/R4"

// The identifier systems of the Spine Directory.
const (
	systemODS         = "https://fhir.nhs.uk/Id/ods-organization-code"
	systemInteraction = "https://fhir.nhs.uk/Id/nhsServiceInteractionId"
	systemPartyKey    = "https://fhir.nhs.uk/Id/nhsMhsPartyKey"
	systemASID        = "https://fhir.nhs.uk/Id/nhsSpineASID"
)

// Interactions lists the GP Connect interactions that every system of the sandbox is registered for.
var Interactions = []string{
	"urn:nhs:names:services:gpconnect:fhir:operation:gpc.getstructuredrecord-1",
	"urn:nhs:names:services:gpconnect:structured:fhir:rest:read:metadata-1",
	"urn:nhs:names:services:gpconnect:documents:fhir:rest:search:patient-1",
	"urn:nhs:names:services:gpconnect:documents:fhir:rest:search:documentreference-1",
	"urn:nhs:names:services:gpconnect:documents:fhir:rest:read:binary-1",
	"urn:nhs:names:services:gpconnect:documents:fhir:rest:read:metadata-1",
}

// Registration is one accredited system of an organisation. An empty ASID or Address is sent as such: both occur in life.
type Registration struct {
	ODS          string
	Manufacturer string
	PartyKey     string
	ASID         string
	Address      string
}

// Directory tells which systems an organisation has registered: none, one or several.
type Directory interface {
	Registrations(ods string) []Registration
}

// New serves GET /Device and GET /Endpoint below Base.
func New(directory Directory) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+Base+"/Device", func(w http.ResponseWriter, r *http.Request) { answer(w, r, directory, device) })
	mux.HandleFunc("GET "+Base+"/Endpoint", func(w http.ResponseWriter, r *http.Request) { answer(w, r, directory, endpoint) })
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { refuse(w, http.StatusNotFound, "No such resource") })
	return mux
}

// question is a checked search: organisation and interaction are mandatory for a Device, one of the identifiers for an Endpoint.
type question struct{ ods, interaction, partyKey string }

func parse(values url.Values) (question, error) {
	var ask question
	system, ods, ok := strings.Cut(values.Get("organization"), "|")
	if values.Has("organization") && (!ok || system != systemODS) {
		return ask, fmt.Errorf("HTTP 400: Missing or invalid 'organization' query parameter. Should be 'organization=%s|value'", systemODS)
	}
	ask.ods = strings.ToUpper(ods)
	for _, identifier := range values["identifier"] {
		system, value, _ := strings.Cut(identifier, "|")
		switch system {
		case systemInteraction:
			ask.interaction = value
		case systemPartyKey:
			ask.partyKey = value
		default:
			return ask, fmt.Errorf("HTTP 400: Invalid 'identifier' query parameter. Should be 'identifier=%s|value' or 'identifier=%s|value'", systemInteraction, systemPartyKey)
		}
	}
	if ask.ods == "" || (ask.interaction == "" && ask.partyKey == "") {
		return ask, fmt.Errorf("HTTP 400: Missing or invalid 'organization' or 'identifier' query parameter")
	}
	return ask, nil
}

func (q question) wants(r Registration) bool {
	return q.partyKey == "" || q.partyKey == r.PartyKey
}

func (q question) interactions() []string {
	if q.interaction == "" {
		return Interactions
	}
	for _, known := range Interactions {
		if known == q.interaction {
			return []string{known}
		}
	}
	return nil
}

func answer(w http.ResponseWriter, r *http.Request, directory Directory, render func(string, Registration, string) entry) {
	if id := r.Header.Get("X-Correlation-Id"); id != "" {
		w.Header().Set("X-Correlation-Id", id)
	}
	ask, err := parse(r.URL.Query())
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	found := bundle{ResourceType: "Bundle", ID: stableID(r.URL.String()), Type: "searchset", Link: []link{{"self", origin(r) + r.URL.String()}}, Entry: []entry{}}
	for _, registration := range directory.Registrations(ask.ods) {
		if !ask.wants(registration) {
			continue
		}
		for _, interaction := range ask.interactions() {
			found.Entry = append(found.Entry, render(origin(r), registration, interaction))
		}
	}
	found.Total = len(found.Entry)
	send(w, http.StatusOK, found)
}

func send(w http.ResponseWriter, status int, resource any) {
	w.Header().Set("Content-Type", "application/fhir+json")
	w.WriteHeader(status)
	// The status has gone out; a failure here means that the asker has left.
	_ = json.NewEncoder(w).Encode(resource)
}

func origin(r *http.Request) string {
	if r.TLS == nil {
		return "http://" + r.Host
	}
	return "https://" + r.Host
}

// stableID makes an id in the form of a UUID that is the same at every start.
func stableID(parts ...string) string {
	h := fnv.New128a()
	for _, part := range parts {
		h.Write([]byte(part))
	}
	sum := h.Sum(nil)
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:])
}
