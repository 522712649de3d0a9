// Package r4server is the FHIR R4 search engine of the sandbox: Patient look-up, searches with paging and includes,
// reads, Binary and the CapabilityStatement, over charts that hospital and council render from stories.
package r4server

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"

	"ribble/internal/sandbox/story"
)

// Renderer turns stories into FHIR R4 resources.
type Renderer interface {
	// Chart renders what the organisation holds about the person, their Patient first.
	Chart(p *story.Person, h *story.Holding) *Chart
	// Directory renders the organisation itself: its staff, places and teams.
	Directory() *Chart
}

// Config says what a server serves.
type Config struct {
	Region   story.Region
	ODS      string
	Renderer Renderer
	// Types are the resource types in the CapabilityStatement.
	Types []string
	// Software names the product in the CapabilityStatement.
	Software string
	// Organisation renders another organisation by its ODS code, for includes and reads.
	Organisation func(ods string) (*Resource, bool)
	// OutcomeMeta is the meta of an OperationOutcome as JSON, where a region tags them; it may be empty.
	OutcomeMeta []byte
}

// pageLimits: small pages on purpose, so that nobody forgets to follow next links.
const (
	defaultPage = 20
	largestPage = 50
	keptCharts  = 64
)

type server struct {
	Config
	types map[string]bool

	mu     sync.Mutex
	charts map[string]*Chart
	order  []string

	directory func() *Chart
}

// New makes the handler of one organisation. It expects paths from its own root ("/Patient", "/metadata"); the base
// of absolute links is read from the request as it arrived, so it may be mounted under any prefix.
func New(c Config) http.Handler {
	s := &server{Config: c, types: map[string]bool{}, charts: map[string]*Chart{}}
	s.directory = sync.OnceValue(c.Renderer.Directory)
	org, _ := c.Region.Organisation(c.ODS)
	for _, t := range c.Types {
		s.types[t] = true
	}
	for _, t := range org.Unsupported {
		delete(s.types, t)
	}
	return s
}

// ServeHTTP answers GET /metadata, GET /{Type}, POST /{Type}/_search, GET /{Type}/{id} and POST / with a batch of these; all else is refused.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	switch {
	case r.Method == http.MethodGet && len(parts) == 1 && parts[0] == "metadata":
		s.metadata(w)
	case r.Method == http.MethodPost && len(parts) == 1 && parts[0] == "":
		s.batch(w, r)
	case !s.types[parts[0]]:
		s.fail(w, refusal{http.StatusNotFound, "not-supported", "NOT_SUPPORTED", "This server does not hold " + short(parts[0])})
	case r.Method == http.MethodGet && len(parts) == 1, r.Method == http.MethodPost && len(parts) == 2 && parts[1] == "_search":
		s.search(w, r, parts[0])
	case r.Method == http.MethodGet && len(parts) == 2 && parts[1] != "_search":
		s.read(w, r, parts[0], parts[1])
	default:
		s.fail(w, refusal{http.StatusMethodNotAllowed, "not-supported", "METHOD_NOT_ALLOWED", "This server only reads"})
	}
}

// patientOf splits the local id of the person off a resource id ("12345.allergy-1"); an id without a dot is the
// person's own or belongs to the organisation.
func patientOf(id string) string {
	local, _, _ := strings.Cut(id, ".")
	return local
}

func (s *server) chart(local string) (*Chart, *story.Holding, bool) {
	p, ok := s.Region.Patient(s.ODS, local)
	if !ok {
		return nil, nil, false
	}
	h, ok := p.Holding(s.ODS)
	if !ok {
		return nil, nil, false
	}
	return s.rendered(&p, h), h, true
}

// rendered keeps the last few charts, because one view of a record makes some thirty searches of the same person.
func (s *server) rendered(p *story.Person, h *story.Holding) *Chart {
	s.mu.Lock()
	c, ok := s.charts[h.LocalID]
	s.mu.Unlock()
	if ok {
		return c
	}
	c = s.Renderer.Chart(p, h)
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.charts[h.LocalID]; !ok {
		s.charts[h.LocalID] = c
		s.order = append(s.order, h.LocalID)
	}
	if len(s.order) > keptCharts {
		delete(s.charts, s.order[0])
		s.order = s.order[1:]
	}
	return c
}

func (s *server) resolve(c *Chart, reference string) (*Resource, bool) {
	if r, ok := c.Find(reference); ok {
		return r, true
	}
	if r, ok := s.directory().Find(reference); ok {
		return r, true
	}
	if ods, ok := strings.CutPrefix(reference, "Organization/"); ok {
		return s.Organisation(ods)
	}
	return nil, false
}

func (s *server) read(w http.ResponseWriter, r *http.Request, typ, id string) {
	chart, h, ok := s.chart(patientOf(id))
	if !ok {
		chart = &Chart{}
	}
	if no := refused(h); no != nil {
		s.fail(w, *no)
		return
	}
	found, ok := s.resolve(chart, typ+"/"+id)
	if !ok {
		s.fail(w, refusal{http.StatusNotFound, "not-found", "RESOURCE_NOT_FOUND", "No such resource"})
		return
	}
	if typ == "Binary" && !strings.Contains(r.Header.Get("Accept"), "fhir+json") {
		serveContent(w, found.Body)
		return
	}
	s.send(w, http.StatusOK, found.Body)
}

// serveContent sends the bytes inside a Binary, as FHIR R4 asks when the client accepts another type than FHIR's.
func serveContent(w http.ResponseWriter, body []byte) {
	var binary struct {
		ContentType string `json:"contentType"`
		Data        []byte `json:"data"`
	}
	if err := json.Unmarshal(body, &binary); err != nil {
		http.Error(w, "unreadable document", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", binary.ContentType)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(binary.Data) // a client that has gone away is no concern of the sandbox
}

func (s *server) send(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/fhir+json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(body) // as above
}

func short(s string) string { return s[:min(len(s), 40)] }
