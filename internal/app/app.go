// Package app is the composition root: settings in, a running portal out.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"ribble/internal/audit"
	"ribble/internal/config"
	"ribble/internal/directory"
	"ribble/internal/fanout"
	"ribble/internal/findperson"
	"ribble/internal/identity/signin"
	"ribble/internal/openrecord"
	"ribble/internal/portal"
	"ribble/internal/portal/clinician"
	"ribble/internal/portal/middleware"
	"ribble/internal/postgres"
	"ribble/internal/seal"
	"ribble/internal/telemetry"
	"ribble/internal/telemetry/metric"
	"ribble/web"
)

// App is a portal that is ready to serve.
type App struct {
	handler http.Handler
	ops     http.Handler
	config  config.Config
	log     *slog.Logger
	// purge forgets sessions that ended before the given time.
	purge   func(ctx context.Context, before time.Time) (int, error)
	closers []func()
}

// New builds the portal from its settings. It refuses to start when anything is not as it must be: schema, grants, keys, directory, assets.
func New(ctx context.Context, c config.Config, logs io.Writer) (_ *App, err error) {
	a := &App{config: c, log: telemetry.NewLogger(logs, c.LogLevel)}
	defer func() {
		if err != nil {
			a.Close()
		}
	}()
	assets, err := web.Load()
	if err != nil {
		return nil, fmt.Errorf("loading the static files: %w", err)
	}
	db, err := postgres.Open(ctx, postgres.Config{AppURL: c.Database.App.Reveal(), AuditURL: c.Database.Audit.Reveal()})
	if err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	a.closers = append(a.closers, db.Close)
	keys, err := audit.LoadKeys(c.Keys.IndexFile, c.Keys.PersonFile)
	if err != nil {
		return nil, err
	}
	sealer, err := handleSealer(c)
	if err != nil {
		return nil, err
	}
	snapshot, err := loadDirectory(c.DirectoryFile)
	if err != nil {
		return nil, err
	}
	holder := directory.NewHolder(snapshot)
	national, err := newNational(c, holder)
	if err != nil {
		return nil, err
	}
	a.closers = append(a.closers, national.close)
	a.purge = db.Sessions().Purge
	trail := audit.NewTrail(db.Audit(), keys, time.Now)
	metrics, ready := metric.New(), telemetry.NewReadiness(a.log)
	ready.Add("database", db.Ready)
	ready.Add("audit", db.Audit().Ready)
	a.ops = opsHandler(metrics, ready)
	a.handler, err = portal.New(portal.Config{
		Clinician: clinician.Config{
			Find: &findperson.Flow{Register: national, Trail: trail, Now: time.Now},
			Open: &openrecord.Flow{
				Tracer: national, Trail: trail, Directory: holder, Sources: newSources(c, national), Asker: fanout.Asker{Log: a.log},
				Log: a.log, Now: time.Now, Soft: c.Limits.Soft,
			},
			Trail: trail, Sealer: sealer, Log: a.log, Now: time.Now,
		},
		SignIn: signin.Config{
			Providers: providers(c), PublicURL: c.PublicURL.String(), Sealer: sealer, Sessions: db.Sessions(), Auditor: trail, Log: a.log,
			Idle: c.Sessions.Idle, Absolute: c.Sessions.Absolute,
		},
		Sessions: db.Sessions(), Assets: assets, Log: a.log, HTTPS: c.PublicURL.Scheme == "https", Now: time.Now, Observe: observe(metrics),
		Region: c.Region,
	})
	if err != nil {
		return nil, fmt.Errorf("building the portal: %w", err)
	}
	return a, nil
}

// Handler is the portal as users see it.
func (a *App) Handler() http.Handler { return a.handler }

// Close lets go of everything New took.
func (a *App) Close() {
	for i := len(a.closers) - 1; i >= 0; i-- {
		a.closers[i]()
	}
	a.closers = nil
}

// drainLimit is how long open views may take to end when the program is asked to stop.
const drainLimit = 30 * time.Second

// Serve serves on the listener until ctx ends, then refuses new requests and lets open views end.
func (a *App) Serve(ctx context.Context, listener net.Listener) error {
	servers := []*http.Server{server(a.handler)}
	telemetry.Go(a.log, "forget-sessions", func() { a.forgetSessions(ctx) }, nil)
	failed := make(chan error, 2)
	go func() { failed <- a.serve(servers[0], listener) }()
	if a.config.OpsListen != "" {
		ops, err := net.Listen("tcp", a.config.OpsListen)
		if err != nil {
			return errors.Join(fmt.Errorf("listening for operations: %w", err), servers[0].Close())
		}
		servers = append(servers, server(a.ops))
		go func() { failed <- servers[1].Serve(ops) }()
	}
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainLimit)
	defer cancel()
	for _, s := range servers {
		err = errors.Join(err, s.Shutdown(drain))
	}
	return err
}

// Ended sessions are forgotten once a day; the audit trail keeps who signed in and when.
const (
	forgetEvery = 24 * time.Hour
	forgetAfter = 7 * 24 * time.Hour
)

func (a *App) forgetSessions(ctx context.Context) {
	tick := time.NewTicker(forgetEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			if _, err := a.purge(ctx, now.Add(-forgetAfter)); err != nil {
				a.log.ErrorContext(ctx, "ended sessions could not be forgotten")
			}
		}
	}
}

func (a *App) serve(s *http.Server, listener net.Listener) error {
	if a.config.TLS == nil {
		return s.Serve(listener)
	}
	s.TLSConfig = tlsConfig(a.config.TLS)
	return s.ServeTLS(listener, "", "")
}

func handleSealer(c config.Config) (*seal.Sealer, error) {
	var keys [][]byte
	for _, k := range c.Keys.Handle {
		keys = append(keys, k.Bytes())
	}
	sealer, err := seal.New(keys...)
	if err != nil {
		return nil, fmt.Errorf("reading the handle keys: %w", err)
	}
	return sealer, nil
}

func loadDirectory(path string) (*directory.Snapshot, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening the directory file: %w", err)
	}
	defer f.Close()
	snapshot, err := directory.Load(f)
	if err != nil {
		return nil, fmt.Errorf("loading the directory file: %w", err)
	}
	return snapshot, nil
}

func providers(c config.Config) []signin.ProviderConfig {
	out := make([]signin.ProviderConfig, len(c.Providers))
	for i, p := range c.Providers {
		out[i] = signin.ProviderConfig{
			ID: p.ID, Name: p.Name, Issuer: p.Issuer, ClientID: p.ClientID, Key: p.Key.Signer(), KeyID: p.KeyID, KeyAlgorithm: p.KeyAlgorithm,
			Scopes: p.Scopes, ACR: p.ACR, MinimumLevel: p.MinimumLevel, Algorithms: p.Algorithms, Roots: p.Roots.Pool(),
		}
	}
	return out
}

func observe(metrics *metric.Registry) func(middleware.Seen) {
	requests := metrics.Requests()
	return func(s middleware.Seen) { requests(s.Method, s.Route, s.Status, s.Took) }
}
