package app

import (
	"context"
	"crypto/tls"
	"fmt"
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
)

// national is what the portal asks the country's own services: who a person is, and where a practice is asked.
type national struct {
	pds    *pds.Service
	sds    *sds.Service
	spine  *gpconnect.Spine
	config config.Config
	// directory knows practices by name.
	directory *directory.Holder
	clients   []*outbound.Client

	mu sync.Mutex
	// practices are the clients for the hosts of GP systems, made when SDS first names one.
	practices map[string]*outbound.Client
}

func newNational(c config.Config, holder *directory.Holder) (*national, error) {
	n := &national{config: c, directory: holder, practices: map[string]*outbound.Client{}}
	demographics, err := n.client("pds", c.National.PDS.String())
	if err != nil {
		return nil, err
	}
	spine, err := n.client("sds", c.National.SDS.String())
	if err != nil {
		return nil, err
	}
	n.pds, n.sds = pds.New(demographics, nil), sds.New(spine, "")
	snapshot := holder.Current()
	asid := snapshot.Spine().FromASID
	if asid == "" {
		asid = c.National.ASID
	}
	n.spine = &gpconnect.Spine{
		Proxy: snapshot.Spine().SSP, Issuer: c.PublicURL.String(), Device: gpconnect.Device{System: c.PublicURL.String(), Value: c.National.ASID, Model: "Ribble", Version: "1"},
		ASID: func(string) string { return asid },
	}
	return n, nil
}

// client makes the way out to one national service.
func (n *national) client(name, base string) (*outbound.Client, error) {
	c, err := outbound.New(outbound.Config{
		Source: name, BaseURL: base, Networks: n.config.National.Networks, Roots: n.config.National.Roots.Pool(),
		Certificates: []tls.Certificate{n.config.National.Identity.Certificate()}, Timeout: n.config.Limits.Source, MaxBody: n.config.Limits.Answer, MaxConns: nationalConns,
	})
	if err != nil {
		return nil, fmt.Errorf("preparing to ask: %w", err)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.clients = append(n.clients, c)
	return c, nil
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
	return n.named(person), err
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
	c, err := n.client("gp-system", base)
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
