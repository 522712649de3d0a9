// Package r4fake is a small FHIR R4 server for the tests of adapters: searches by patient and by id, includes left to the searcher, pages, and its own word on everything.
package r4fake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Server answers searches from the resources it was given. The zero value knows nobody.
type Server struct {
	// Patient is the JSON of the one patient; its searches by identifier find it whatever the number.
	Patient string
	// Resources are JSON texts, each with resourceType first.
	Resources []string
	// Types, when not nil, are the only types offered; others are 404.
	Types []string
	// PageSize bounds a page; 0 is no bound.
	PageSize int
	// Silent leaves out the self link; Deaf leaves our parameters out of it.
	Silent, Deaf bool
	// Careless takes any NHS number in a chained search for that of its patient.
	Careless bool
	// Replies takes over whole searches by type, for the odd answers of one test; "" takes over batches.
	Replies map[string]http.HandlerFunc

	mu   sync.Mutex
	seen []string
}

// Seen are the searches received: "METHOD Type?parameters", sorted. Those of a batch have "BATCH" for their method.
func (s *Server) Seen() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(slices.Values(s.seen))
}

// ServeHTTP answers one search, or a batch of them.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPost && strings.HasPrefix(r.Header.Get("Content-Type"), "application/fhir+json") {
		s.batch(w, r)
		return
	}
	s.search(w, r)
}

func (s *Server) search(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, "bad form", http.StatusBadRequest)
		return
	}
	base, resourceType := split(r.URL.Path)
	s.mu.Lock()
	s.seen = append(s.seen, r.Method+" "+resourceType+"?"+r.Form.Encode())
	s.mu.Unlock()
	if reply := s.Replies[resourceType]; reply != nil {
		reply(w, r)
		return
	}
	if s.Types != nil && resourceType != "Patient" && !slices.Contains(s.Types, resourceType) {
		http.NotFound(w, r)
		return
	}
	s.page(w, r, base, resourceType)
}

func split(path string) (base, resourceType string) {
	path = strings.TrimSuffix(path, "/_search")
	i := strings.LastIndexByte(path, '/')
	return path[:i], path[i+1:]
}

func (s *Server) page(w http.ResponseWriter, r *http.Request, base, resourceType string) {
	var found []string
	if s.knows(r.Form) {
		found = s.find(resourceType, r.Form.Get("_id"))
	}
	// A start that is no number is the first page.
	from, _ := strconv.Atoi(r.Form.Get("from"))
	to := len(found)
	if s.PageSize > 0 {
		to = min(from+s.PageSize, to)
	}
	address := "https://" + r.Host + base + "/" + resourceType + "?"
	var links []string
	form := r.Form
	form.Del("from")
	switch {
	case s.Deaf:
		links = append(links, link("self", address+"_count=100"))
	case !s.Silent:
		links = append(links, link("self", address+form.Encode()))
	}
	if to < len(found) {
		form.Set("from", strconv.Itoa(to))
		links = append(links, link("next", address+form.Encode()))
	}
	Searchset(w, links, found[min(from, to):to]...)
}

// knows resolves a chained search (FHIR R4 3.1.1.5.4): one that names the patient by identifier finds nothing when nobody has it.
func (s *Server) knows(form url.Values) bool {
	chain := form.Get("patient.identifier")
	if chain == "" || s.Careless {
		return true
	}
	var patient struct {
		Identifier []struct{ System, Value string }
	}
	if json.Unmarshal([]byte(s.Patient), &patient) != nil {
		return false
	}
	for _, i := range patient.Identifier {
		if i.System+"|"+i.Value == chain {
			return true
		}
	}
	return false
}

func (s *Server) find(resourceType, ids string) []string {
	if resourceType == "Patient" && s.Patient != "" {
		return []string{s.Patient}
	}
	var found []string
	for _, body := range s.Resources {
		var head struct{ ResourceType, ID string }
		if json.Unmarshal([]byte(body), &head) != nil || head.ResourceType != resourceType {
			continue
		}
		if ids == "" || slices.Contains(strings.Split(ids, ","), head.ID) {
			found = append(found, body)
		}
	}
	return found
}

func link(relation, address string) string {
	return fmt.Sprintf(`{"relation":%q,"url":%q}`, relation, address)
}

// Searchset writes a bundle of the resources with the links.
func Searchset(w http.ResponseWriter, links []string, resources ...string) {
	w.Header().Set("Content-Type", "application/fhir+json; charset=utf-8")
	entries := make([]string, len(resources))
	for i, body := range resources {
		entries[i] = `{"resource":` + body + `}`
	}
	_, _ = fmt.Fprintf(w, `{"resourceType":"Bundle","type":"searchset","link":[%s],"entry":[%s]}`, strings.Join(links, ","), strings.Join(entries, ","))
}

// Person is the JSON of a patient.
func Person(id, number, family, given, born string) string {
	return fmt.Sprintf(`{"resourceType":"Patient","id":%q,"identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":%q}],"name":[{"family":%q,"given":[%q]}],"birthDate":%q}`,
		id, number, family, given, born)
}
