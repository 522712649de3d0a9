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
	"time"

	"ribble/internal/audit"
	"ribble/internal/config"
	"ribble/internal/dataquality"
	"ribble/internal/fanout"
	"ribble/internal/findperson"
	"ribble/internal/health"
	"ribble/internal/identity"
	"ribble/internal/identity/local"
	"ribble/internal/identity/signin"
	"ribble/internal/ledger"
	"ribble/internal/openrecord"
	"ribble/internal/outbound"
	"ribble/internal/portal"
	"ribble/internal/portal/clinician"
	"ribble/internal/portal/consentdesk"
	"ribble/internal/portal/handle"
	"ribble/internal/portal/middleware"
	"ribble/internal/portal/quality"
	"ribble/internal/portal/users"
	"ribble/internal/postgres"
	"ribble/internal/reconcile"
	"ribble/internal/register"
	"ribble/internal/seal"
	"ribble/internal/sponsor"
	"ribble/internal/telemetry"
	"ribble/internal/telemetry/metric"
	"ribble/web"
)

// App is a portal that is ready to serve.
type App struct {
	handler *portal.Portal
	ops     http.Handler
	config  config.Config
	log     *slog.Logger
	// ending is whether it has been asked to end.
	ending ending
	// local is nil where there are no accounts of Ribble's own.
	local *local.Accounts
	// users looks after who has them; nil with local.
	users *sponsor.Desk
	// ledger proves the audit trail.
	ledger *ledger.Ledger
	// desk keeps the registers on which decisions rest.
	desk *register.Desk
	// directory keeps the organisations and feeds in force.
	directory *sourceDirectory
	// oversight watches the trail beside the portal.
	oversight *oversight
	// reconciler writes down which looks have no outcome.
	reconciler *reconcile.Reconciler
	// sets are the sensitive code sets.
	sets *codeSets
	// health is how the sources have served of late, checks tries their connections.
	health *health.Monitor
	counts health.Store
	// clock sounds an alarm when the machine's clock is set.
	clock *telemetry.ClockWatch
	// warnings tell by letter what ends soon.
	warnings *warnings
	checks   *ConnectionChecks
	// purge forgets sessions that ended long ago, and counts and used tokens that matter no more.
	purge   func(ctx context.Context, now time.Time) error
	closers []func()
}

// New builds the portal from its settings. It refuses to start when anything is not as it must be: schema, grants, keys, directory, assets.
func New(ctx context.Context, c config.Config, logs io.Writer) (_ *App, err error) {
	a := &App{config: c, log: telemetry.NewLogger(logs, c.LogLevel)}
	telemetry.TakeStandardLog(a.log)
	defer func() {
		if err != nil {
			a.Close()
		}
	}()
	assets, err := web.Load()
	if err != nil {
		return nil, fmt.Errorf("loading the static files: %w", err)
	}
	db, err := postgres.Open(ctx, databaseOf(c))
	if err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	a.closers = append(a.closers, db.Close)
	keys, err := auditKeys(c, db)
	if err != nil {
		return nil, err
	}
	proofs, rows, endProofs, err := openLedger(ctx, c, db, keys, a.log)
	if err != nil {
		return nil, fmt.Errorf("checking the audit trail: %w", err)
	}
	a.ledger = proofs
	a.closers = append(a.closers, endProofs)
	sealer, err := handleSealer(c)
	if err != nil {
		return nil, err
	}
	rights, err := profiles(c)
	if err != nil {
		return nil, err
	}
	trail := audit.NewTrail(db.Audit(), keys, time.Now).Within(c.Limits.Look)
	a.reconciler = &reconcile.Reconciler{
		Trail: rows, Store: db.Settlement(), Writer: trail, Authentic: keys.Authentic, Log: a.log, After: trail.Settled(), Every: reconcileEvery, Now: time.Now,
	}
	if a.directory, err = openDirectory(ctx, c, directoryParts{db: db, keys: keys, trail: trail, profiles: rights, log: a.log}); err != nil {
		return nil, err
	}
	if a.sets, err = newCodeSets(c, a.log); err != nil {
		return nil, err
	}
	holder := a.directory.holder
	national, err := newNational(c, holder, a.log)
	if err != nil {
		return nil, err
	}
	a.closers = append(a.closers, national.close)
	a.purge = func(ctx context.Context, now time.Time) error {
		_, err := db.Sessions().Purge(ctx, now.Add(-forgetAfter))
		_, other := db.Limits().Purge(ctx, now)
		return errors.Join(err, other, db.Accounts().Forget(ctx, now), db.Users().Forget(ctx, now.Add(-forgetRequestsAfter)), db.Registers().Purge(ctx, now.Add(-forgetAfter)),
			db.FeedHealth().Purge(ctx, now.Add(-24*time.Hour)))
	}
	a.sets.trail = trail
	if a.local, err = localAccounts(c, db, trail); err != nil {
		return nil, err
	}
	a.users = sponsorDesk(db, trail, a.local, holder.Current, rights)
	a.desk = newDesk(c, deskParts{db: db, keys: keys, trail: trail, region: region{holder}, tracer: national, profiles: rights})
	metrics, ready := metric.New(), telemetry.NewReadiness(a.log)
	metrics.LargeAnswers(func() (now, began, refused int64, took time.Duration) {
		w := outbound.LargeAnswers()
		return w.Now, w.Began, w.Refused, w.Took
	})
	a.clock = &telemetry.ClockWatch{Log: a.log, Stepped: metrics.ClockSteps(telemetry.Forward, telemetry.Backward)}
	ready.Add("ending", a.ending.ready)
	ready.Add("database", db.Ready)
	ready.Add("audit", db.Audit().Ready)
	ready.Add("ledger", proofs.Ready)
	a.ops = opsHandler(metrics, ready, a.sets.tally)
	a.oversight, err = newOversight(ctx, c, oversightParts{db: db, keys: keys, trail: trail, region: region{holder}, profiles: rights, sealer: sealer, log: a.log})
	if err != nil {
		return nil, err
	}
	a.oversight.pages.Sets = a.sets.tally
	a.closers = append(a.closers, a.oversight.close)
	ways := newSources(c, national, a.log)
	a.health = health.New(ways, time.Now)
	a.counts = db.FeedHealth()
	a.warnings = &warnings{directory: holder.Current, add: db.Letters().Add, now: time.Now, log: a.log}
	if err := a.health.Remember(ctx, a.counts); err != nil {
		return nil, err
	}
	a.checks = &ConnectionChecks{config: c, holder: holder, store: db.Directory(), trail: trail, profiles: rights, log: a.log}
	reports := &dataquality.Desk{Store: db.Problems(), Trail: trail, Now: time.Now, MayHandle: func(u identity.User) bool { return quality.MayHandle(rights, u) }}
	find := &findperson.Flow{Register: national, Trail: trail, Profiles: rights, Now: time.Now}
	a.handler, err = portal.New(portal.Config{
		Clinician: clinician.Config{
			Find: find,
			Open: &openrecord.Flow{
				Tracer: national, Registers: a.desk, Alerts: db.Alerts(), Profiles: rights, Trail: trail, Directory: holder, TestDigests: testDigests(keys),
				Sources: ways, Asker: fanout.Asker{Log: a.log, Observer: newObserver(a.health, holder, metrics), Room: roomForKept()}, Full: newFullness().reached, Sensitive: a.sets.policy(),
				Log: a.log, Now: time.Now, Soft: c.Limits.Soft, Usual: a.health.Usual, Source: c.Limits.Source, View: c.Limits.View,
			},
			Trail: trail, Sealer: sealer, Log: a.log, Now: time.Now, Desk: a.desk, Region: region{holder}, Quality: reports, Silent: silent(a.health, holder), Profiles: rights,
		},
		Officer: a.oversight.pages,
		Objections: consentdesk.Config{
			Find: find, Desk: a.desk, Organisations: region{holder}.organisations, Organisation: region{holder}.Organisation,
			Handles: handle.Keeper{Sealer: sealer, Now: time.Now}, Profiles: rights,
		},
		Quality: quality.Config{Desk: reports, Organisation: region{holder}.Organisation},
		Admin:   a.adminPages(),
		Users:   users.Config{Desk: a.users},
		Peek:    db.Sessions().Peek,
		SignIn: signin.Config{
			Providers: providers(c), PublicURL: c.PublicURL.String(), Sealer: sealer, Sessions: db.Sessions(), Shared: db.Limits(), Auditor: trail, Log: a.log,
			Limits: func(ods string) signin.Limits { return signin.Limits(c.Sessions.For(ods)) }, Now: time.Now,
			Local: signin.Local{Issuer: local.Issuer, Page: "/sign-in/local"},
		},
		Local:  a.local,
		Launch: launches(c, sealer, db.Limits(), trail, a.log),
		Assets: assets, Log: a.log, HTTPS: c.PublicURL.Scheme == "https", Now: time.Now, Observe: observe(metrics),
		Region: c.Region, Proxies: c.Proxies,
	})
	if err != nil {
		return nil, fmt.Errorf("building the portal: %w", err)
	}
	return a, nil
}

// Local keeps the accounts of Ribble's own; nil where there are none.
func (a *App) Local() *local.Accounts { return a.local }

// Users looks after who has an account of Ribble's own; nil where there are none.
func (a *App) Users() *sponsor.Desk { return a.users }

// Desk keeps the registers on which decisions rest.
func (a *App) Desk() *register.Desk { return a.desk }

// Handler is the portal as users see it.
func (a *App) Handler() http.Handler { return a.handler }

// Close lets go of everything New took.
func (a *App) Close() {
	for i := len(a.closers) - 1; i >= 0; i-- {
		a.closers[i]()
	}
	a.closers = nil
}

// Serve serves on the listener until ctx ends, then says that it is not ready, and lets open views end.
func (a *App) Serve(ctx context.Context, listener net.Listener) error {
	servers := []*http.Server{server(a.ending.last(a.handler))}
	telemetry.Go(a.log, "ledger", func() { a.ledger.Run(ctx) }, nil)
	telemetry.Go(a.log, "reconcile", func() { a.reconciler.Run(ctx) }, nil)
	a.oversight.start(ctx, a.log)
	telemetry.Go(a.log, "forget-sessions", func() { a.forgetSessions(ctx) }, nil)
	telemetry.Go(a.log, "lapses", func() { a.keepLapses(ctx) }, nil)
	telemetry.Go(a.log, "directory", func() { a.directory.keep(ctx) }, nil)
	telemetry.Go(a.log, "nightly-checks", func() { a.nightlyChecks().keep(ctx) }, nil)
	telemetry.Go(a.log, "endings", func() { a.warnings.keep(ctx) }, nil)
	telemetry.Go(a.log, "feed-health", func() { a.health.Run(ctx, a.counts, a.log) }, nil)
	telemetry.Go(a.log, "launch-keys", func() { a.handler.KeepLaunchKeys(ctx) }, nil)
	telemetry.Go(a.log, "clock", func() { a.clock.Run(ctx) }, nil)
	telemetry.Go(a.log, "code-sets", func() { a.sets.keep(ctx) }, nil)
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
	notice := time.Duration(0)
	select {
	case <-ctx.Done():
		// Without an address for operations nobody can ask whether it is ready.
		if a.config.OpsListen != "" {
			notice = noticeLimit
		}
	case err = <-failed:
	}
	return errors.Join(err, a.ending.drain(ctx, notice, servers))
}

// reconcileEvery is how often each replica looks for looks without an outcome.
const reconcileEvery = 5 * time.Second

// Ended sessions are forgotten when their users can no longer see them in their list; the audit trail keeps who signed in and when. Counters of
// users and addresses come and go all day.
const (
	forgetEvery = time.Hour
	forgetAfter = 31 * 24 * time.Hour
	// forgetRequestsAfter is how long requests for accounts are kept that nobody granted.
	forgetRequestsAfter = 90 * 24 * time.Hour
)

// lapsesEvery is how often the trail is told which accounts have lapsed. They lapse without it, on the second.
const lapsesEvery = time.Minute

func (a *App) keepLapses(ctx context.Context) {
	if a.users == nil {
		return
	}
	tick := time.NewTicker(lapsesEvery)
	defer tick.Stop()
	for {
		if err := a.users.Lapsed(ctx); err != nil && ctx.Err() == nil {
			a.log.ErrorContext(ctx, "the lapse of accounts could not be written down; it is tried again")
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (a *App) forgetSessions(ctx context.Context) {
	tick := time.NewTicker(forgetEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			if err := a.purge(ctx, now); err != nil {
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
	s, err := sealer(c.Keys.Handle)
	if err != nil {
		return nil, fmt.Errorf("reading the handle keys: %w", err)
	}
	return s, nil
}

func providers(c config.Config) []signin.ProviderConfig {
	out := make([]signin.ProviderConfig, len(c.Providers))
	for i, p := range c.Providers {
		out[i] = signin.ProviderConfig{
			ID: p.ID, Name: p.Name, Kind: signin.Kind(p.Kind), Issuer: p.Issuer, ClientID: p.ClientID, ClientAuth: p.ClientAuth, Key: p.Key.Signer(),
			KeyID: p.KeyID, KeyAlgorithm: p.KeyAlgorithm, Secret: p.Secret.Reveal(), Scopes: p.Scopes, ACR: p.ACR, MinimumLevel: p.MinimumLevel,
			Claims: signin.Claims(p.Claims), Tenant: p.Tenant, Algorithms: p.Algorithms, ClockTolerance: p.Tolerance, Roots: p.Roots.Pool(), Origins: p.Origins,
		}
		for _, l := range p.Levels {
			out[i].Levels = append(out[i].Levels, signin.Level(l))
		}
		for _, r := range p.Roles {
			out[i].Roles = append(out[i].Roles, signin.RoleRule(r))
		}
	}
	return out
}

func observe(metrics *metric.Registry) func(middleware.Seen) {
	requests := metrics.Requests()
	return func(s middleware.Seen) { requests(s.Method, s.Route, s.Status, s.Took) }
}
