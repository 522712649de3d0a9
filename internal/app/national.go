package app

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"sync"

	"ribble/internal/adapter/gpconnect"
	"ribble/internal/adapter/pds"
	"ribble/internal/adapter/sds"
	"ribble/internal/config"
	"ribble/internal/directory"
	"ribble/internal/findperson"
	"ribble/internal/outbound"
	"ribble/internal/record"
	"ribble/internal/telemetry"
)

// national is what the portal asks the country's own services: who a person is, and where a practice is asked.
type national struct {
	pds    *pds.Service
	sds    *sds.Service
	config config.Config
	// directory knows practices by name.
	directory *directory.Holder
	clients   []*outbound.Client
	log       *slog.Logger
	// onAnswer, which may be nil, is told of every request that a GP system answered.
	onAnswer func(outbound.Exchange)

	mu sync.Mutex
	// practices are the clients for the hosts of GP systems, made when SDS first names one.
	practices map[string]*outbound.Client
}

func newNational(c config.Config, holder *directory.Holder, log *slog.Logger) (*national, error) {
	n := &national{config: c, directory: holder, log: log, practices: map[string]*outbound.Client{}}
	demographics, err := n.client("pds", c.National.PDS.String())
	if err != nil {
		return nil, err
	}
	services, err := n.client("sds", c.National.SDS.String())
	if err != nil {
		return nil, err
	}
	n.pds, n.sds = pds.New(demographics, nil), sds.New(services, "")
	return n, nil
}

// spine is how practices are reached by the directory as it stands now.
func (n *national) spine() *gpconnect.Spine {
	is := n.directory.Current().Spine()
	asid := is.FromASID
	if asid == "" {
		asid = n.config.National.ASID
	}
	self := n.config.PublicURL.String()
	return &gpconnect.Spine{
		Proxy: is.SSP, Issuer: self, Device: gpconnect.Device{System: self, Value: n.config.National.ASID, Model: "Ribble", Version: "1"},
		ASID: func(string) string { return asid },
	}
}

// client makes the way out to one national service.
func (n *national) client(name, base string) (*outbound.Client, error) {
	c, err := outbound.New(n.way(name, base))
	if err != nil {
		return nil, fmt.Errorf("preparing to ask: %w", err)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.clients = append(n.clients, c)
	return c, nil
}

// gpSystem is the name of the way out to any GP system.
const gpSystem = "gp-system"

// way is what is approved for a national service or a GP system.
func (n *national) way(name, base string) outbound.Config {
	way := outbound.Config{
		Source: name, BaseURL: base, Networks: n.config.National.Networks, Roots: n.config.National.Roots.Pool(),
		Certificates: []tls.Certificate{n.config.National.Identity.Certificate()}, Timeout: n.config.Limits.Source, MaxBody: n.config.Limits.Answer, MaxConns: nationalConns,
	}
	if name == gpSystem {
		way.OnAnswer = n.onAnswer
	}
	return way
}

// nationalConns bounds the connections to one national service or GP system.
const nationalConns = 64

func (n *national) close() {
	for _, c := range n.clients {
		c.Close()
	}
}

// Trace reads the demographics of one NHS number.
func (n *national) Trace(ctx context.Context, number record.NHSNumber, by record.Requester) (record.Person, error) {
	person, err := n.pds.Trace(ctx, number, by)
	if err == nil {
		n.expect(ctx, person.Practice.ODS)
	}
	return n.named(person), err
}

// expect looks up where a practice is asked, as soon as a trace names it: whoever then asks the practice finds the answer there or on its way. The
// look-ups are about the practice and say nothing of the person.
func (n *national) expect(ctx context.Context, practice string) {
	if len(n.directory.Current().Practice(practice)) == 0 {
		return
	}
	for _, service := range gpconnect.Services {
		telemetry.Go(n.log, "expect-practice", func() {
			// A failure is told to whoever needs the endpoint.
			_, _ = n.sds.Practice(context.WithoutCancel(ctx), practice, service)
		}, nil)
	}
}

// named gives the practice the name and telephone that the directory has for it: the national demographics name it by its code alone.
func (n *national) named(p record.Person) record.Person {
	if o, ok := n.directory.Current().Organisation(p.Practice.ODS); ok && p.Practice.Name == "" {
		p.Practice.Name, p.Practice.Phone = o.Name, o.Phone
	}
	return p
}

// Search finds people by their details.
func (n *national) Search(ctx context.Context, q findperson.Query, by record.Requester) (findperson.Found, error) {
	found, err := n.pds.Search(ctx, pds.Query{Family: q.Family, Given: q.Given, Gender: q.Gender, Born: q.Born, Postcode: q.Postcode}, by)
	for i := range found.People {
		found.People[i] = n.named(found.People[i])
	}
	return findperson.Found{People: found.People, TooMany: found.TooMany}, err
}

// Practice finds where a practice answers an interaction.
func (n *national) Practice(ctx context.Context, ods, interaction string) (gpconnect.Endpoint, error) {
	e, err := n.sds.Practice(ctx, ods, interaction)
	return gpconnect.Endpoint{URL: e.URL, ASID: e.ASID}, err
}

// Do sends a request to the GP system that SDS named. Each host has a client of its own, with its own connections, limits and breaker, and
// may stand only in the networks that the national services may.
func (n *national) Do(ctx context.Context, req *http.Request) (*outbound.Answer, error) {
	c, err := n.practiceClient(req.URL)
	if err != nil {
		return nil, err
	}
	return c.Do(ctx, req)
}

func (n *national) practiceClient(to *url.URL) (*outbound.Client, error) {
	base := to.Scheme + "://" + to.Host
	n.mu.Lock()
	c, known := n.practices[base]
	n.mu.Unlock()
	if known {
		return c, nil
	}
	c, err := n.client(gpSystem, base)
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if other, raced := n.practices[base]; raced {
		return other, nil
	}
	n.practices[base] = c
	return c, nil
}
