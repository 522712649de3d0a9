package prove

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	lists "ribble/deploy/demo"
	"ribble/internal/app"
	"ribble/internal/demo"
	"ribble/internal/pgrun"
	"ribble/internal/postgres"
	"ribble/internal/sandbox"
)

// estate is everything that stands around the claims: Postgres, the region, what breaks the wires between them, the portals, the users.
type estate struct {
	dir, ribble string
	log         io.Writer
	cluster     *pgrun.Cluster
	urls        postgres.URLs
	region      *sandbox.Region
	wires       *wires
	settings    map[string]string
	// public is the address by which browsers know the portals.
	public   string
	replicas []*replica
	users    []*user
	// people is how many users there are to be.
	people int
	// canary looks at a person in whose record every text holds the stem, a word that is nowhere else.
	canary *user
	stem   string
	// began is when the estate was built: what was written anywhere before is not its doing.
	began time.Time
	trail *trail
	keep  bool
}

// database is the name of the estate's database.
const database = "ribble_prove"

// build starts everything. What is there is to be closed, even after an error.
func build(ctx context.Context, o Options, log io.Writer) (e *estate, err error) {
	e = &estate{log: log, keep: o.Keep, began: time.Now(), stem: newStem(o.Seed), people: manyUsers}
	if o.Long {
		e.people = moreUsers
	}
	if e.dir, err = os.MkdirTemp("", "ribble-prove-"); err != nil {
		return e, fmt.Errorf("making a folder: %w", err)
	}
	for _, step := range []struct {
		what string
		do   func(context.Context) error
	}{
		{"building the programs", e.programs}, {"starting Postgres", e.postgres}, {"starting the region", e.startRegion}, {"breaking into the wires", e.rewire},
		{"filling the registers", e.registers}, {"signing in", e.signIn}, {"starting the portals", e.portals},
	} {
		if err := step.do(ctx); err != nil {
			return e, fmt.Errorf("%s: %w", step.what, err)
		}
	}
	return e, nil
}

func (e *estate) in(name string) string { return filepath.Join(e.dir, name) }

// programs builds the portal, and toxiproxy, which is none of the program's modules.
func (e *estate) programs(ctx context.Context) error {
	e.ribble = e.in("ribble")
	root, err := moduleRoot(ctx)
	if err != nil {
		return err
	}
	for _, args := range [][]string{
		// As it ships but for -trimpath, which would compile all of it anew beside the tests' own.
		{"build", "-o", e.ribble, "./cmd/ribble"},
		{"build", "-modfile=internal/tools/go.mod", "-o", e.in("toxiproxy"), "github.com/Shopify/toxiproxy/v2/cmd/server"},
	} {
		cmd := exec.CommandContext(ctx, "go", args...)
		cmd.Dir, cmd.Env = root, append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%w\n%s", err, out)
		}
	}
	return nil
}

// moduleRoot is the folder of the module from which this runs.
func moduleRoot(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("asking for the module: %w", err)
	}
	return filepath.Dir(strings.TrimSpace(string(out))), nil
}

func (e *estate) postgres(ctx context.Context) (err error) {
	// A server of somebody else's could not be killed.
	if e.cluster, err = pgrun.Start(ctx, pgrun.Options{Private: true}); err != nil {
		return err
	}
	if e.urls, err = postgres.Bootstrap(ctx, e.cluster.URL(), postgres.Setup{Database: database}); err != nil {
		return err
	}
	return postgres.Migrate(ctx, e.urls[postgres.Owner])
}

func (e *estate) startRegion(ctx context.Context) (err error) {
	if err := app.WriteKeys(e.dir); err != nil {
		return err
	}
	if err := os.CopyFS(e.dir, lists.Sensitive); err != nil {
		return err
	}
	ports, err := freePorts(1)
	if err != nil {
		return err
	}
	e.public = "http://" + ports[0]
	e.region, err = sandbox.Start(ctx, sandbox.Config{Seed: 1, People: -1, OutDir: e.dir, Portal: e.public, Enrol: e.enrol})
	return err
}

// rewire puts a proxy before every source of the directory, before the demographics and before Postgres.
func (e *estate) rewire(ctx context.Context) (err error) {
	if e.wires, err = startWires(ctx, e.in("toxiproxy"), e.log); err != nil {
		return err
	}
	directory := e.region.Directory()
	for i, f := range directory.Feeds {
		u, err := url.Parse(f.Endpoint)
		if err != nil || u.Host == "" {
			continue
		}
		if u.Host, err = e.wires.put(f.ID, u.Host); err != nil {
			return err
		}
		directory.Feeds[i].Endpoint = u.String()
	}
	raw, err := json.Marshal(directory)
	if err != nil {
		return err
	}
	if err := os.WriteFile(e.in(sandbox.DirectoryFile), raw, 0o600); err != nil {
		return err
	}
	at, err := url.Parse(e.cluster.URL())
	if err != nil {
		return err
	}
	through, err := e.wires.put(postgresWire, at.Host)
	if err != nil {
		return err
	}
	urls := postgres.URLs{}
	for role, address := range e.urls {
		urls[role] = strings.Replace(address, at.Host, through, 1)
	}
	e.settings = demo.Settings(e.dir, e.region, urls)
	e.settings["RIBBLE_PUBLIC_URL"] = e.public
	// The browsers come as through a load balancer, each from a desk of its own.
	e.settings["RIBBLE_PROXIES"] = "127.0.0.0/8"
	// The witness and the people of connection checks are the demo's own.
	delete(e.settings, "RIBBLE_WITNESSES")
	delete(e.settings, "RIBBLE_TEST_PEOPLE")
	return os.Mkdir(e.in("mail"), 0o700)
}

// postgresWire is the name of the wire to Postgres.
const postgresWire = "postgres"

// registers puts each user's person on the caseload of the user's organisation.
func (e *estate) registers(ctx context.Context) error {
	lists := map[string]string{}
	for _, u := range e.users {
		lists[u.employer] += u.number + ",\n"
	}
	for ods, list := range lists {
		if err := os.WriteFile(e.in("caseload.csv"), []byte("nhs_number,until\n"+list), 0o600); err != nil {
			return err
		}
		cmd := exec.CommandContext(ctx, e.ribble, "caseload", "import", "-org", ods, "-file", e.in("caseload.csv"))
		cmd.Env = environment(e.settings)
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%w\n%s", err, out)
		}
	}
	return nil
}

func environment(settings map[string]string) []string {
	env := os.Environ()
	for name, value := range settings {
		env = append(env, name+"="+value)
	}
	return env
}

func (e *estate) portals(ctx context.Context) (err error) {
	for i := range 2 {
		r, err := e.newReplica(fmt.Sprintf("portal-%d", i+1))
		if err != nil {
			return err
		}
		e.replicas = append(e.replicas, r)
		if err := r.start(ctx); err != nil {
			return err
		}
	}
	e.trail, err = openTrail(ctx, e)
	return err
}

// admin opens the database behind the portals' back.
func (e *estate) admin(ctx context.Context) (*pgx.Conn, error) {
	u, err := url.Parse(e.cluster.URL())
	if err != nil {
		return nil, err
	}
	u.Path = "/" + database
	return pgx.Connect(ctx, u.String())
}

// mend brings everything back to health: wires whole, sources well, the database up, the portals ready.
func (e *estate) mend(ctx context.Context) error {
	e.region.Control.Reset()
	if err := e.wires.heal(); err != nil {
		return err
	}
	for _, r := range e.replicas {
		if !r.running() {
			if err := r.start(ctx); err != nil {
				return err
			}
		}
		if err := r.awaitReady(time.Minute); err != nil {
			return err
		}
	}
	return nil
}

// close ends every process and removes every file.
func (e *estate) close() {
	for _, r := range e.replicas {
		r.kill()
	}
	var errs []error
	if e.trail != nil {
		e.trail.close()
	}
	if e.wires != nil {
		e.wires.close()
	}
	if e.region != nil {
		errs = append(errs, e.region.Close())
	}
	if e.cluster != nil {
		errs = append(errs, e.cluster.Close())
	}
	if e.keep {
		fmt.Fprintln(e.log, "kept", e.dir)
	} else if e.dir != "" {
		errs = append(errs, os.RemoveAll(e.dir))
	}
	if err := errors.Join(errs...); err != nil {
		fmt.Fprintln(e.log, "clearing up:", err)
	}
}
