// Package pgrun finds a PostgreSQL server or starts a private, throw-away one, as root or as an ordinary user; for tests and the demo, never for production.
package pgrun

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Superuser is the name of the administrator of a private cluster.
const Superuser = "postgres"

// ErrNotOurs is returned by Stop, Crash and Restart when the server was given by DATABASE_URL: it belongs to somebody else.
var ErrNotOurs = errors.New("the server of DATABASE_URL is not ours to stop")

// Options says what kind of server Start should give. The zero value is a private cluster that is as safe as production,
// unless DATABASE_URL names a server.
type Options struct {
	// Private ignores DATABASE_URL: the caller means to stop the server, or to look into its files.
	Private bool
	// Volatile gives up durability (fsync off) for speed; only for tests that never ask what a power cut would leave.
	Volatile bool
	// Logf, when set, is told of slow steps (a download, an installation) in one line each.
	Logf func(format string, args ...any)
}

// Cluster is a running PostgreSQL server with its administrator's address.
type Cluster struct {
	url     string
	home    *home
	account account
	server  string
	port    int

	mu      sync.Mutex
	process *process
}

// Start gives a server that accepts connections. The order of places looked at is that of the package: DATABASE_URL, PG_BIN,
// the system's folders, PATH, the npm package, apt. The error of a machine that has none of them says what to install.
func Start(ctx context.Context, o Options) (*Cluster, error) {
	if o.Logf == nil {
		o.Logf = func(string, ...any) {}
	}
	if given := os.Getenv("DATABASE_URL"); given != "" && !o.Private {
		return adopt(given)
	}
	bin, err := findBinaries(ctx, o.Logf)
	if err != nil {
		return nil, err
	}
	return startPrivate(ctx, bin, o)
}

// adopt uses a server that is already there.
func adopt(given string) (*Cluster, error) {
	u, err := url.Parse(given)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
		return nil, errors.New("DATABASE_URL must have the form postgres://user:password@host:port/database")
	}
	return &Cluster{url: given}, nil
}

func startPrivate(ctx context.Context, bin string, o Options) (_ *Cluster, err error) {
	acct, err := chooseAccount()
	if err != nil {
		return nil, err
	}
	sweep(acct.temporaryFolder())
	h, err := newHome(acct)
	if err != nil {
		return nil, err
	}
	c := &Cluster{home: h, account: acct}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.Close())
		}
	}()
	if bin, err = reachable(bin, h, acct); err != nil {
		return nil, err
	}
	c.server = filepath.Join(bin, "postgres")
	password := rand.Text()
	if err := initialise(ctx, bin, h, acct, password, o.Volatile); err != nil {
		return nil, err
	}
	if err := c.startOnFreePort(ctx); err != nil {
		return nil, err
	}
	c.url = fmt.Sprintf("postgres://%s:%s@127.0.0.1:%d/postgres?sslmode=disable", Superuser, password, c.port)
	return c, nil
}

// startOnFreePort tries a few ports: between choosing one and using it somebody else may take it.
func (c *Cluster) startOnFreePort(ctx context.Context) error {
	var last error
	for range 5 {
		port, err := freePort()
		if err != nil {
			return err
		}
		c.port = port
		if last = c.startProcess(ctx); last == nil || ctx.Err() != nil {
			return last
		}
	}
	return last
}

func (c *Cluster) startProcess(ctx context.Context) error {
	p, err := launch(c.server, c.home, c.account, c.port)
	if err != nil {
		return err
	}
	if err := p.awaitReady(ctx, c.home); err != nil {
		p.kill()
		return err
	}
	c.process = p
	return nil
}

// URL is the administrator's address of the server's maintenance database.
func (c *Cluster) URL() string { return c.url }

// Private reports whether the server is ours: it may be stopped, and its files may be looked at.
func (c *Cluster) Private() bool { return c.home != nil }

// DataDir is the data folder of a private cluster, write-ahead log included; empty for a server that is not ours.
func (c *Cluster) DataDir() string {
	if c.home == nil {
		return ""
	}
	return c.home.data()
}

// LogFile is the server log of a private cluster; empty for a server that is not ours.
func (c *Cluster) LogFile() string {
	if c.home == nil {
		return ""
	}
	return c.home.log()
}

// Stop ends the server in good order and keeps its data, port and address for Restart.
func (c *Cluster) Stop() error { return c.halt(fastShutdown) }

// Crash ends the server at once, as a power cut would seem to its clients; Restart then goes through crash recovery.
func (c *Cluster) Crash() error { return c.halt(immediateShutdown) }

func (c *Cluster) halt(how shutdown) error {
	if c.home == nil {
		return ErrNotOurs
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.process == nil {
		return nil
	}
	err := c.process.stop(how)
	c.process = nil
	return err
}

// Restart starts the server again on the same port with the same data; a running server is stopped first.
func (c *Cluster) Restart(ctx context.Context) error {
	if err := c.Stop(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	return c.startProcess(ctx)
}

// Close ends a private server and removes everything it wrote; a server of DATABASE_URL is left alone. It may be called twice.
func (c *Cluster) Close() error {
	if c.home == nil {
		return nil
	}
	err := c.halt(immediateShutdown)
	return errors.Join(err, c.home.remove())
}
