// Package sandbox runs a whole invented region on this machine: national services, GP systems, hospitals, councils and a
// sign-in service, each on its own port, speaking the true wire formats over mutual TLS.
package sandbox

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"ribble/internal/sandbox/cis2"
	"ribble/internal/sandbox/epr"
	"ribble/internal/sandbox/fault"
	"ribble/internal/sandbox/pds"
	"ribble/internal/sandbox/pki"
	"ribble/internal/sandbox/story"
)

// ClientID is how the portal is known to the sign-in service.
const ClientID = "ribble-portal"

// FromASID is the accredited system id with which the portal asks GP systems.
const FromASID = "990000000001"

// Config says what region to run. The zero value of each field has a sensible meaning.
type Config struct {
	Seed   uint64    // 0 means 1
	People int       // made-up people beside the written stories; 0 means 5,000, negative means none
	Today  time.Time // the day on which stories stand still; zero means the real day
	Host   string    // loopback address to listen on; empty means 127.0.0.1
	// FirstPort is the port of the control API; the servers follow in a fixed order. 0 takes any free ports.
	FirstPort int
	// OutDir receives what the portal needs to know and hold; empty means that nothing is written.
	OutDir string
	// FixturesDir, when it exists, holds published GP records to be served as they are.
	FixturesDir string
	// LogoutURI is the portal's back-channel logout address, if any.
	LogoutURI string
	// Portal is the origin of the portal that the records systems open.
	Portal string
	// Enrol, when set, adds people to the region before it is served.
	Enrol func(*World)
}

// World is the people and organisations of a region.
type World = story.World

// Region is a running region.
type Region struct {
	World   *story.World
	Control *fault.Control
	SignIn  *cis2.Provider
	// Records is the records system of hospitals and practices, which opens the portal with one person in context.
	Records   *epr.Server
	Authority *pki.Authority
	// ControlURL is the base of the control API; Issuer is the sign-in service.
	ControlURL, Issuer string

	config    Config
	addresses map[string]string
	servers   []*http.Server
	running   sync.WaitGroup
	clientKey *rsa.PrivateKey
	// smartKey is the portal's key towards the records systems.
	smartKey *ecdsa.PrivateKey
}

// Start runs a region until Close is called or ctx ends. On an error nothing is left running.
func Start(ctx context.Context, config Config) (*Region, error) {
	config = withDefaults(config)
	r := &Region{config: config, addresses: map[string]string{}, World: story.NewWorld(config.Seed, config.People, config.Today)}
	if err := addFixtures(r.World, config.FixturesDir); err != nil {
		return nil, fmt.Errorf("reading the published records: %w", err)
	}
	if config.Enrol != nil {
		config.Enrol(r.World)
	}
	r.Control = fault.New(people{r.World})
	if err := r.start(); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	context.AfterFunc(ctx, func() { _ = r.Close() })
	return r, nil
}

func withDefaults(config Config) Config {
	if config.Seed == 0 {
		config.Seed = 1
	}
	if config.People == 0 {
		config.People = 5000
	}
	if config.Today.IsZero() {
		config.Today = time.Now()
	}
	if config.Host == "" {
		config.Host = "127.0.0.1"
	}
	return config
}

func (r *Region) start() error {
	key := make(chan error, 1)
	// An RSA key takes longer to make than everything else together.
	go func() {
		var err error
		r.clientKey, err = rsa.GenerateKey(rand.Reader, 2048)
		key <- err
	}()
	var err error
	if r.Authority, err = pki.New(time.Now()); err != nil {
		return fmt.Errorf("making the private authority: %w", err)
	}
	if r.smartKey, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader); err != nil {
		return fmt.Errorf("making the portal's key for records systems: %w", err)
	}
	open, err := r.listen()
	if err != nil {
		return err
	}
	if err := <-key; err != nil {
		open.close()
		return fmt.Errorf("making the portal's sign-in key: %w", err)
	}
	demographics := pds.New(r.World)
	if err := r.serveAll(open, demographics); err != nil {
		open.close()
		return err
	}
	go demographics.Warm()
	return r.write()
}

// listeners holds the open ports until each has its server.
type listeners map[string]net.Listener

func (l listeners) close() {
	for _, listener := range l {
		// Closing twice is harmless here.
		_ = listener.Close()
	}
}

// listen opens all ports before anything is served, because addresses stand inside messages.
func (r *Region) listen() (listeners, error) {
	open := listeners{}
	for i, id := range r.ids() {
		port := 0
		if r.config.FirstPort != 0 {
			port = r.config.FirstPort + i
		}
		listener, err := net.Listen("tcp", net.JoinHostPort(r.config.Host, fmt.Sprint(port)))
		if err != nil {
			open.close()
			return nil, fmt.Errorf("opening a port for %s: %w", id, err)
		}
		open[id] = listener
		r.addresses[id] = listener.Addr().String()
	}
	r.ControlURL = "http://" + r.addresses[controlID]
	r.Issuer = "http://" + r.addresses[signInID] + cis2.Realm
	return open, nil
}

// plain serves HTTP without TLS: the control API, and the sign-in page that a browser without our authority must open.
func (r *Region) plain(open listeners, id string, handler http.Handler) {
	r.run(open[id], handler)
}

// secure serves HTTPS that only clients of the region's authority may talk to.
func (r *Region) secure(open listeners, id, name string, handler http.Handler) error {
	cert, err := r.Authority.Server(name, id+".sandbox.invalid")
	if err != nil {
		return fmt.Errorf("issuing the certificate of %s: %w", id, err)
	}
	config := r.Authority.ServerTLS(cert)
	// Clients that dial an address send no server name, and then GetCertificate is asked only if there is no other way.
	config.Certificates, config.GetCertificate = nil, r.certificateFor(id, name, &cert)
	r.run(secured(open[id], config), r.Control.Source(id, name, handler))
	return nil
}

func (r *Region) run(listener net.Listener, handler http.Handler) {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ErrorLog: silent}
	r.servers = append(r.servers, server)
	r.running.Go(func() {
		// Serve ends with an error in every case; the one that matters is seen by the clients.
		_ = server.Serve(listener)
	})
}

// Close stops every server and lets go of requests that a fault is holding. It may be called more than once.
func (r *Region) Close() error {
	r.Control.Close()
	var failed error
	for _, server := range r.servers {
		failed = errors.Join(failed, server.Close())
	}
	r.running.Wait()
	return failed
}

// Address is the host and port of one server: its id as in the control API, "control" or "cis2".
func (r *Region) Address(id string) string { return r.addresses[id] }

// write leaves in OutDir what the portal needs: keys, certificates and the description of the region.
func (r *Region) write() error {
	dir := r.config.OutDir
	if dir == "" {
		return nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making the output folder: %w", err)
	}
	if err := r.Authority.WriteClient(dir, "portal.sandbox.invalid"); err != nil {
		return err
	}
	if err := pki.WriteKey(filepath.Join(dir, SignInKeyFile), r.clientKey); err != nil {
		return err
	}
	if err := r.writeLaunchers(dir); err != nil {
		return err
	}
	return r.describe(dir)
}
