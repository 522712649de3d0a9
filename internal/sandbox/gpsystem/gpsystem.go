// Package gpsystem is a GP system supplier of the sandbox region: GP Connect Access Record Structured and Access
// Document (1.6, FHIR STU3) for all practices that use the supplier. It checks requests as strictly as the
// specification lets a provider, and answers only what the stories hold.
package gpsystem

import (
	"net/http"
	"strings"
	"time"

	"ribble/internal/sandbox/story"
)

// Interactions of GP Connect that this system answers.
const (
	prefix             = "urn:nhs:names:services:gpconnect:"
	structuredRecord   = prefix + "fhir:operation:gpc.getstructuredrecord-1"
	structuredMetadata = prefix + "structured:fhir:rest:read:metadata-1"
	findPatient        = prefix + "documents:fhir:rest:search:patient-1"
	findDocuments      = prefix + "documents:fhir:rest:search:documentreference-1"
	readDocument       = prefix + "documents:fhir:rest:read:binary-1"
)

// Server is one supplier's system.
type Server struct {
	region  story.Region
	dialect dialect
	supply  story.Supplier
	now     func() time.Time
}

// New makes the system of a supplier. It serves /{ods}/STU3/1/... for every practice of the region whose
// story.Organisation.Supplier is this one; other practices are ORGANISATION_NOT_FOUND. Tokens are checked against the
// wall clock.
func New(region story.Region, supplier story.Supplier) http.Handler {
	return &Server{region: region, dialect: dialects[supplier], supply: supplier, now: time.Now}
}

// ServeHTTP routes by practice and interaction.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	ods, rest, ok := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/STU3/1/")
	if !ok {
		fail(w, "ORGANISATION_NOT_FOUND", "No such service root")
		return
	}
	org, known := s.region.Organisation(ods)
	if !known || org.Supplier != s.supply {
		fail(w, "ORGANISATION_NOT_FOUND", "No such practice at this supplier")
		return
	}
	c := call{server: s, w: w, r: r, practice: org, root: "/" + ods + "/STU3/1"}
	c.route(rest)
}

// call is one request to one practice.
type call struct {
	server   *Server
	w        http.ResponseWriter
	r        *http.Request
	practice story.Organisation
	root     string
}

func (c *call) route(rest string) {
	parts := strings.Split(rest, "/")
	post := c.r.Method == http.MethodPost
	switch {
	case post && rest == "Patient/$gpc.getstructuredrecord":
		c.within(structuredRecord, c.structured)
	case post || c.r.Method != http.MethodGet:
		failProxy(c.w, "SSP_METHOD")
	case rest == "metadata":
		c.within(structuredMetadata, c.metadata)
	case rest == "Patient":
		c.within(findPatient, c.searchPatient)
	case len(parts) == 3 && parts[0] == "Patient" && parts[2] == "DocumentReference":
		c.within(findDocuments, func() { c.documents(parts[1]) })
	case len(parts) == 2 && parts[0] == "Binary":
		c.within(readDocument, func() { c.binary(parts[1]) })
	default:
		fail(c.w, "NOT_IMPLEMENTED", "This interaction is not implemented")
	}
}

// base is the service root as the consumer wrote it.
func (c *call) base() string {
	scheme := "http"
	if c.r.TLS != nil {
		scheme = "https"
	}
	asked, _, _ := strings.Cut(c.r.RequestURI, c.root)
	return scheme + "://" + c.r.Host + asked + c.root
}

// within checks headers and token for the interaction and then answers.
func (c *call) within(interaction string, answer func()) {
	if problem := c.checkHeaders(interaction); problem != "" {
		fail(c.w, "BAD_REQUEST", problem)
		return
	}
	scope := token{root: c.root, now: c.server.now()}
	if problem := scope.check(c.r.Header.Get("Authorization")); problem != "" {
		fail(c.w, "BAD_REQUEST", problem)
		return
	}
	answer()
}

// checkHeaders names the first Spine proxy header that is wrong; empty means all are right.
func (c *call) checkHeaders(interaction string) string {
	h := c.r.Header
	switch {
	case !isUUID(h.Get("Ssp-TraceID")):
		return "Ssp-TraceID must be a UUID"
	case !digits(h.Get("Ssp-From")):
		return "Ssp-From must be an ASID"
	case !digits(h.Get("Ssp-To")) || c.practice.ASID != "" && h.Get("Ssp-To") != c.practice.ASID:
		return "Ssp-To must be the ASID of this practice"
	case h.Get("Ssp-InteractionID") != interaction:
		return "Ssp-InteractionID does not belong to this request"
	case interaction == structuredRecord && !isFHIR(h.Get("Content-Type")):
		return "Content-Type must be application/fhir+json"
	case h.Get("Accept") != "" && interaction != readDocument && !isFHIR(h.Get("Accept")):
		return "Accept must be application/fhir+json"
	}
	return ""
}

func isFHIR(mime string) bool {
	kind, _, _ := strings.Cut(mime, ";")
	return strings.TrimSpace(kind) == "application/fhir+json"
}

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, r := range []byte(s) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (r == '-') || !dash && !strings.ContainsRune("0123456789abcdefABCDEF", rune(r)) {
			return false
		}
	}
	return true
}

// send writes a FHIR message.
func send(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/fhir+json;charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that has gone away is no concern of the sandbox
}
