// Package pds is the sandbox's Personal Demographics Service: FHIR R4, as the public specification of the PDS FHIR API describes it.
package pds

import (
	"iter"
	"net/http"
	"regexp"
	"sync"

	"ribble/internal/sandbox/story"
)

// Base is the path under which the real service, and this one, answers.
const Base = "/personal-demographics/FHIR/R4"

// Register is the national register of people that the service answers from.
type Register interface {
	// Person finds somebody by a present or an older NHS number.
	Person(nhsNumber string) (story.Person, bool)
	// Everybody yields who people are, without what anybody holds about them.
	Everybody() iter.Seq[story.Person]
}

// Service answers demographic questions about the people of a register.
type Service struct {
	register Register
	everyone func() []story.Person
}

// New makes a service. Warm may be called in the background so that the first search is as quick as the second.
func New(register Register) *Service {
	return &Service{register: register, everyone: sync.OnceValue(func() []story.Person {
		var all []story.Person
		for person := range register.Everybody() {
			all = append(all, person)
		}
		return all
	})}
}

// Warm reads the register once, as the first search would.
func (s *Service) Warm() { s.everyone() }

// Handler serves GET /Patient/{id}, GET /Patient?… and GET /Patient/{id}/RelatedPerson below Base.
func (s *Service) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+Base+"/Patient/{id}", s.retrieve)
	mux.HandleFunc("GET "+Base+"/Patient", s.search)
	mux.HandleFunc("GET "+Base+"/Patient/{id}/RelatedPerson", s.related)
	mux.HandleFunc(Base+"/", func(w http.ResponseWriter, _ *http.Request) { refuse(w, unsupported) })
	return requestID(mux)
}

var uuid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// requestID insists on X-Request-ID, which PDS makes mandatory, and gives it back with the correlation id.
func requestID(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get("X-Request-ID")
		switch {
		case id == "":
			refuse(w, missingValue.because("Missing value - 'X-Request-ID'"))
			return
		case !uuid.MatchString(id):
			refuse(w, invalidValue.because("Invalid value - '"+id+"' in header 'X-Request-ID'"))
			return
		}
		w.Header().Set("X-Request-ID", id)
		if correlation := r.Header.Get("X-Correlation-ID"); correlation != "" {
			w.Header().Set("X-Correlation-ID", correlation)
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Service) retrieve(w http.ResponseWriter, r *http.Request) {
	person, ok := s.find(w, r.PathValue("id"))
	if !ok {
		return
	}
	w.Header().Set("ETag", `W/"2"`)
	answer(w, http.StatusOK, render(person, whole))
}

// find answers the request itself when there is nobody to show.
func (s *Service) find(w http.ResponseWriter, number string) (story.Person, bool) {
	if !story.ValidNHSNumber(number) {
		refuse(w, invalidResourceID)
		return story.Person{}, false
	}
	person, ok := s.register.Person(number)
	if !ok {
		refuse(w, notFound)
		return story.Person{}, false
	}
	if person.Invalidated {
		refuse(w, invalidated)
		return story.Person{}, false
	}
	return person, true
}

func (s *Service) related(w http.ResponseWriter, r *http.Request) {
	person, ok := s.find(w, r.PathValue("id"))
	if !ok {
		return
	}
	bundle := newBundle()
	for i, relation := range person.Relations {
		// A restricted person's relatives would give the address away.
		if person.Restricted {
			break
		}
		bundle.add(relatedURL(r, person.NHSNumber, i), renderRelated(person.NHSNumber, i, relation), nil)
	}
	answer(w, http.StatusOK, bundle)
}
