// Package epr is the records system of the sandbox's hospitals and practices: a list of patients, each with a button that opens the shared care
// record, by a signed launch or by SMART App Launch.
package epr

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"net/http"
	"sync"
	"time"

	"ribble/internal/sandbox/story"
)

// Clinician is somebody who works with the system of one organisation.
type Clinician struct {
	ID, UserID, Name string
	// Profile is the name of the user's role in this system, which the portal's table of roles must know.
	Profile string
}

// Site is the system of one organisation.
type Site struct {
	ODS, Name  string
	Clinicians []Clinician
	// Smart says that this organisation's system also does SMART App Launch.
	Smart bool
}

// Client is how the portal is known for SMART App Launch.
type Client struct {
	ID  string
	Key crypto.PublicKey
}

// Config says where the system stands and what it opens.
type Config struct {
	// Origin is the system's own address; it must be another site than the portal's, as in life.
	Origin string
	// Portal is the origin of the portal.
	Portal string
	World  *story.World
	Sites  []Site
	Client Client
	Now    func() time.Time
}

// Server is the running system.
type Server struct {
	Config
	keys map[string]*ecdsa.PrivateKey

	mu       sync.Mutex
	launches map[string]context
	codes    map[string]grant
	tokens   map[string]grant
}

// context is who has whom open in this system.
type context struct {
	site      Site
	clinician Clinician
	patient   story.Person
	localID   string
}

// New makes the system, with a signing key for each organisation.
func New(config Config) *Server {
	if config.Now == nil {
		config.Now = time.Now
	}
	s := &Server{Config: config, keys: map[string]*ecdsa.PrivateKey{}, launches: map[string]context{}, codes: map[string]grant{}, tokens: map[string]grant{}}
	for _, site := range config.Sites {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			panic("the system's random source failed: " + err.Error())
		}
		s.keys[site.ODS] = key
	}
	return s
}

// Issuer is the "iss" of an organisation's signed launches.
func (s *Server) Issuer(ods string) string { return s.Origin + "/" + ods }

// FHIR is the base of an organisation's FHIR server, the "iss" of its SMART launches.
func (s *Server) FHIR(ods string) string { return s.Issuer(ods) + "/fhir" }

// KeysURL is where an organisation's public keys are.
func (s *Server) KeysURL(ods string) string { return s.Issuer(ods) + "/jwks.json" }

// Key is an organisation's signing key, for integrators who try a launch by hand.
func (s *Server) Key(ods string) *ecdsa.PrivateKey { return s.keys[ods] }

// Handler serves the pages, the keys, the authorization server and the FHIR server.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.home)
	mux.HandleFunc("GET /{ods}", s.list)
	mux.HandleFunc("POST /{ods}/open", s.open)
	mux.HandleFunc("GET /{ods}/jwks.json", s.jwks)
	mux.HandleFunc("GET /{ods}/fhir/.well-known/smart-configuration", s.configuration)
	mux.HandleFunc("GET /{ods}/authorize", s.authorize)
	mux.HandleFunc("POST /{ods}/token", s.token)
	mux.HandleFunc("GET /{ods}/fhir/{type}/{id}", s.resource)
	return mux
}

func (s *Server) site(r *http.Request) (Site, bool) {
	for _, site := range s.Sites {
		if site.ODS == r.PathValue("ods") {
			return site, true
		}
	}
	return Site{}, false
}

func (site Site) clinician(id string) (Clinician, bool) {
	for _, c := range site.Clinicians {
		if c.ID == id || id == "" {
			return c, true
		}
	}
	return Clinician{}, false
}
