package sandbox

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"time"

	"ribble/internal/sandbox/cis2"
	"ribble/internal/sandbox/council"
	"ribble/internal/sandbox/epr"
	"ribble/internal/sandbox/fault"
	"ribble/internal/sandbox/gpsystem"
	"ribble/internal/sandbox/hospital"
	"ribble/internal/sandbox/pds"
	"ribble/internal/sandbox/pki"
	"ribble/internal/sandbox/sds"
	"ribble/internal/sandbox/story"
)

// Ids of the servers that are no clinical source.
const (
	controlID   = "control"
	signInID    = "cis2"
	recordsID   = "epr"
	pdsID       = "pds"
	sdsID       = "sds"
	fellsideID  = "gp-fellside"
	beckwaterID = "gp-beckwater"
)

// fhirBase is the path of the FHIR base at hospitals and councils.
const fhirBase = "/fhir/R4"

// silent drops the complaints of net/http about connections that faults have broken.
var silent = log.New(io.Discard, "", 0)

// ids lists all servers in the order of their ports.
func (r *Region) ids() []string {
	ids := []string{controlID, signInID, pdsID, sdsID, fellsideID, beckwaterID}
	for _, o := range r.sources() {
		ids = append(ids, sourceID(o))
	}
	return append(ids, recordsID)
}

// sources are the organisations that have a server of their own.
func (r *Region) sources() []story.Organisation {
	var list []story.Organisation
	for _, o := range r.World.Organisations() {
		if f, ok := feedOf(o); ok && f.stage == live && o.Kind != story.GPPractice {
			list = append(list, o)
		}
	}
	return list
}

// sourceID names a source in the control API and in the directory by its badge.
func sourceID(o story.Organisation) string { return strings.ToLower(o.Short()) }

func (r *Region) serveAll(open listeners, demographics *pds.Service) error {
	r.SignIn = cis2.New(cis2.Config{
		Issuer: r.Issuer, Personas: Personas,
		Client: cis2.Client{ID: ClientID, Key: &r.clientKey.PublicKey, LogoutURI: r.config.LogoutURI},
	})
	r.plain(open, controlID, r.controlAPI())
	r.plain(open, signInID, r.Control.Source(signInID, "Sign-in service", r.SignIn.Handler()))
	r.Records = epr.New(epr.Config{
		Origin: r.recordsOrigin(), Portal: r.config.Portal, World: r.World, Sites: sites(), Client: epr.Client{ID: ClientID, Key: r.smartKey.Public()},
	})
	r.plain(open, recordsID, r.Control.Source(recordsID, "Records systems", r.Records.Handler()))
	nationals := []struct {
		id, name string
		handler  http.Handler
	}{
		{pdsID, "Personal Demographics Service", demographics.Handler()},
		{sdsID, "Spine Directory", sds.New(registrations{r})},
		{fellsideID, "GP system supplier Fellside", gpsystem.New(r.World, story.Fellside)},
		{beckwaterID, "GP system supplier Beckwater", gpsystem.New(r.World, story.Beckwater)},
	}
	for _, national := range nationals {
		if err := r.secure(open, national.id, national.name, national.handler); err != nil {
			return err
		}
	}
	for _, o := range r.sources() {
		handler := hospital.New(r.World, o.ODS)
		if o.Kind == story.Council {
			handler = council.New(r.World, o.ODS)
		}
		if err := r.secure(open, sourceID(o), o.Name, http.StripPrefix(fhirBase, handler)); err != nil {
			return err
		}
	}
	return nil
}

// certificateFor shows a bad certificate while the source has such a fault, and otherwise the good one.
func (r *Region) certificateFor(id, name string, good *tls.Certificate) func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	return func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		var bad tls.Certificate
		var err error
		switch r.Control.Present(id) {
		case fault.TLSExpired:
			bad, err = r.Authority.ExpiredServer(name)
		case fault.TLSWrongHost:
			bad, err = r.Authority.WrongHostServer(name)
		case fault.TLSOtherAuthority:
			bad, err = untrusted(name)
		default:
			return good, nil
		}
		return &bad, err
	}
}

// untrusted is a certificate of an authority made for this one purpose.
func untrusted(name string) (tls.Certificate, error) {
	other, err := pki.New(time.Now())
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("making another authority: %w", err)
	}
	return other.Server(name)
}

func secured(listener net.Listener, config *tls.Config) net.Listener {
	return tls.NewListener(listener, config)
}

// controlAPI adds to the faults what tests and demonstrations want to know: who there is, and pulling a smartcard.
//
//	GET  /stories                     the written stories: NHS number, name, what it shows
//	GET  /personas                    who can sign in
//	POST /smartcards/{persona}/remove end the sessions of a persona
func (r *Region) controlAPI() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", r.Control.Handler())
	mux.HandleFunc("GET /stories", func(w http.ResponseWriter, _ *http.Request) { reply(w, r.World.Notable()) })
	mux.HandleFunc("GET /personas", func(w http.ResponseWriter, _ *http.Request) { reply(w, Personas) })
	mux.HandleFunc("POST /smartcards/{persona}/remove", func(w http.ResponseWriter, req *http.Request) {
		ended, err := r.SignIn.RemoveSmartcard(req.Context(), req.PathValue("persona"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		reply(w, struct {
			Ended int `json:"ended"`
		}{ended})
	})
	return mux
}

func reply(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	// The status has gone out; a failure here means that the asker has left.
	_ = json.NewEncoder(w).Encode(value)
}

// people lets the fault control ask the world in the names of its sources.
type people struct{ world *story.World }

// NHSNumberOf implements fault.People. A GP system's local ids start with the code of the practice.
func (p people) NHSNumberOf(source, localID string) string {
	if strings.HasPrefix(source, "gp-") {
		practice, _, _ := strings.Cut(localID, "-")
		return p.world.NHSNumberOf(strings.ToUpper(practice), localID)
	}
	// Entries of a person have ids that begin with the person's own, up to a dot.
	local, _, _ := strings.Cut(localID, ".")
	return p.world.NHSNumberOf(p.ods(source), local)
}

// StandingFault implements fault.People.
func (p people) StandingFault(source, nhsNumber string) string {
	if !strings.HasPrefix(source, "gp-") {
		return p.world.StandingFault(p.ods(source), nhsNumber)
	}
	person, ok := p.world.Person(nhsNumber)
	if !ok {
		return ""
	}
	return person.Faults[person.Practice]
}

func (p people) ods(source string) string {
	for _, o := range p.world.Organisations() {
		if o.Kind != story.GPPractice && sourceID(o) == source {
			return o.ODS
		}
	}
	return ""
}

// registrations answers the Spine Directory's questions about practices.
type registrations struct{ region *Region }

// Registrations implements sds.Directory. Four practices are registered wrongly, each in a way that occurs in life.
func (d registrations) Registrations(ods string) []sds.Registration {
	o, ok := d.region.World.Organisation(ods)
	if !ok || o.Kind != story.GPPractice {
		return nil
	}
	id, manufacturer := fellsideID, "8Z801"
	if o.Supplier == story.Beckwater {
		id, manufacturer = beckwaterID, "8Z802"
	}
	right := sds.Registration{
		ODS: ods, Manufacturer: manufacturer, PartyKey: ods + "-900001", ASID: o.ASID,
		Address: "https://" + d.region.addresses[id] + "/" + ods + "/STU3/1",
	}
	switch story.Registration(ods) {
	case story.Unregistered:
		return nil
	case story.RegisteredTwice:
		second := right
		second.ASID, second.PartyKey, second.Manufacturer = "990001999999", ods+"-900002", "8Z803"
		return []sds.Registration{right, second}
	case story.BlankASID:
		right.ASID = ""
	case story.NoAddress:
		right.Address = ""
	}
	return []sds.Registration{right}
}
