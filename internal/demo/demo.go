// Package demo puts a throw-away Postgres, the synthetic region and the portal together on one machine, for trying Ribble out and for tests in a browser.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"

	lists "ribble/deploy/demo"
	"ribble/internal/app"
	"ribble/internal/config"
	"ribble/internal/pgrun"
	"ribble/internal/postgres"
	"ribble/internal/sandbox"
)

// Options say what to run.
type Options struct {
	// Listen is the loopback address of the portal.
	Listen string
	// Seed and People make the invented region; Fixtures may name a folder of published records.
	Seed     uint64
	People   int
	Fixtures string
	// Settings override or add to the portal's settings.
	Settings map[string]string
	// Enrol, when set, adds people to the region before it is served.
	Enrol func(*sandbox.World)
	// Everybody puts all people of the region on the caseloads, but those who show the rules: for tests that are about something else.
	Everybody bool
}

// Demo is a running region with its portal.
type Demo struct {
	// URL is where the portal is.
	URL    string
	Region *sandbox.Region
	// Invitation is the path of an invitation to an account of Ribble's own that nobody has accepted yet.
	Invitation string
	// Cluster is the Postgres server under it.
	Cluster *pgrun.Cluster

	dir string
	// endWitness ends the witness of the audit trail.
	endWitness func()
	cancel     context.CancelFunc
	served     chan error
	app        *app.App
	// config and logs are for further replicas; replicas are those that run.
	config   config.Config
	logs     io.Writer
	replicas []func()
}

// Start runs everything and returns when a browser can open the portal. On an error nothing is left behind.
func Start(ctx context.Context, o Options, logs io.Writer) (_ *Demo, err error) {
	d := &Demo{served: make(chan error, 1), cancel: func() {}}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.Close())
		}
	}()
	if d.dir, err = os.MkdirTemp("", "ribble-demo-"); err != nil {
		return nil, fmt.Errorf("making a folder for keys: %w", err)
	}
	listener, err := net.Listen("tcp", o.Listen)
	if err != nil {
		return nil, fmt.Errorf("listening for the portal: %w", err)
	}
	d.URL = "http://" + listener.Addr().String()
	settings, err := d.prepare(ctx, o, logs)
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	c, err := config.Load(func(name string) (string, bool) { v, ok := settings[name]; return v, ok })
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	d.config, d.logs = c, logs
	if d.app, err = app.New(ctx, c, logs); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	if err = d.enrol(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("making the demo's account: %w", err), listener.Close())
	}
	if err = d.registers(ctx, o.Everybody); err != nil {
		return nil, errors.Join(fmt.Errorf("filling the demo's registers: %w", err), listener.Close())
	}
	serving, cancel := context.WithCancel(ctx)
	d.cancel = cancel
	go func() { d.served <- d.app.Serve(serving, listener) }()
	return d, nil
}

// prepare starts Postgres and the region, and gives the portal's settings.
func (d *Demo) prepare(ctx context.Context, o Options, logs io.Writer) (map[string]string, error) {
	var err error
	logf := func(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
	if d.Cluster, err = pgrun.Start(ctx, pgrun.Options{Logf: logf}); err != nil {
		return nil, fmt.Errorf("starting Postgres: %w", err)
	}
	urls, err := database(ctx, d.Cluster)
	if err != nil {
		return nil, err
	}
	if err := app.WriteKeys(d.dir); err != nil {
		return nil, err
	}
	if err := os.CopyFS(d.dir, lists.Sensitive); err != nil {
		return nil, fmt.Errorf("writing the sensitive code sets: %w", err)
	}
	d.Region, err = sandbox.Start(ctx, sandbox.Config{Seed: o.Seed, People: o.People, OutDir: d.dir, FixturesDir: o.Fixtures, Portal: d.URL, Enrol: o.Enrol})
	if err != nil {
		return nil, fmt.Errorf("starting the region: %w", err)
	}
	if err := d.agreeTestPeople(); err != nil {
		return nil, fmt.Errorf("agreeing test people: %w", err)
	}
	if err := d.startWitness(ctx); err != nil {
		return nil, err
	}
	settings := d.settings(urls)
	for name, value := range o.Settings {
		settings[name] = value
	}
	return settings, nil
}

// startWitness starts a witness with a folder and a key of its own. On one machine it proves nothing that its administrator could not undo; it
// shows how it is done.
func (d *Demo) startWitness(ctx context.Context) error {
	dir := filepath.Join(d.dir, "witness")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return fmt.Errorf("making a folder for the witness: %w", err)
	}
	settings, end, err := app.DemoWitness(ctx, dir, filepath.Join(d.dir, app.CheckpointKeyFile+".pub"))
	if err != nil {
		return fmt.Errorf("starting the witness: %w", err)
	}
	d.endWitness = end
	return os.WriteFile(filepath.Join(d.dir, witnessesFile), []byte(settings), 0o600)
}

// witnessesFile tells the portal of its witness.
const witnessesFile = "witnesses.json"

// database makes a fresh database with its roles and schema.
func database(ctx context.Context, cluster *pgrun.Cluster) (postgres.URLs, error) {
	urls, err := postgres.Bootstrap(ctx, cluster.URL(), postgres.Setup{Database: fmt.Sprintf("ribble_demo_%d", os.Getpid())})
	if err != nil {
		return nil, fmt.Errorf("making the database: %w", err)
	}
	if err := postgres.Migrate(ctx, urls[postgres.Owner]); err != nil {
		return nil, fmt.Errorf("migrating the database: %w", err)
	}
	return urls, nil
}

func (d *Demo) settings(urls postgres.URLs) map[string]string {
	settings := Settings(d.dir, d.Region, urls)
	settings["RIBBLE_LISTEN"], settings["RIBBLE_PUBLIC_URL"] = "127.0.0.1:0", d.URL
	return settings
}

// Settings are those of a portal in front of a region whose files, and the portal's own keys and lists, lie in one folder; its addresses are for the
// caller to add.
func Settings(dir string, region *sandbox.Region, urls postgres.URLs) map[string]string {
	in := func(name string) string { return filepath.Join(dir, name) }
	national := region.National()
	return map[string]string{
		"RIBBLE_REGION":       "region North Vale (invented people and organisations)",
		"RIBBLE_DATABASE_URL": urls[postgres.App], "RIBBLE_IG_DATABASE_URL": urls[postgres.IGReader],
		"RIBBLE_AUDIT_DATABASE_URL": urls[postgres.AuditAppend],
		"RIBBLE_INDEX_KEY":          in(app.IndexKeyFile), "RIBBLE_PERSON_KEY": in(app.PersonKeyFile), "RIBBLE_HANDLE_KEY": in(app.HandleKeyFile),
		"RIBBLE_ACCOUNT_KEY": in(app.AccountKeyFile), "RIBBLE_ROW_KEY": in(app.RowKeyFile), "RIBBLE_CHECKPOINT_KEY": in(app.CheckpointKeyFile),
		"RIBBLE_VERIFIER_DATABASE_URL": urls[postgres.Verifier], "RIBBLE_WITNESSES": in(witnessesFile),
		"RIBBLE_DIRECTORY": in(national.Directory), "RIBBLE_PDS_URL": national.PDS, "RIBBLE_SDS_URL": national.SDS,
		"RIBBLE_CONSUMER_ASID": national.FromASID, "RIBBLE_CONSUMER_ODS": "YRIB1",
		"RIBBLE_NATIONAL_CA": in(national.Authority), "RIBBLE_NATIONAL_CERT": in(national.Certificate), "RIBBLE_NATIONAL_KEY": in(national.Key),
		"RIBBLE_NATIONAL_NETWORKS": "127.0.0.0/8", "RIBBLE_OIDC_PROVIDERS": in(national.Providers), "RIBBLE_LAUNCHERS": in(national.Launchers),
		"RIBBLE_MAIL_FOLDER": in("mail"), "RIBBLE_NIGHTLY_CHECK": "off", "RIBBLE_TEST_PEOPLE": in(lists.TestPeopleFile),
		"RIBBLE_SENSITIVE": in("sensitive/manifest.json"),
	}
}

// Wait returns when ctx ends or the portal fails.
func (d *Demo) Wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-d.served:
		return err
	}
}

// Close ends everything and leaves nothing behind: no process, no folder.
func (d *Demo) Close() error {
	d.cancel()
	var errs []error
	for _, end := range d.replicas {
		end()
	}
	if d.app != nil {
		d.app.Close()
	}
	if d.endWitness != nil {
		d.endWitness()
	}
	if d.Region != nil {
		errs = append(errs, d.Region.Close())
	}
	if d.Cluster != nil {
		errs = append(errs, d.Cluster.Close())
	}
	if d.dir != "" {
		errs = append(errs, os.RemoveAll(d.dir))
	}
	return errors.Join(errs...)
}
