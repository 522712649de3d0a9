package app

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"ribble/internal/access"
	"ribble/internal/audit"
	"ribble/internal/config"
	"ribble/internal/directory"
	"ribble/internal/identity"
	"ribble/internal/onboarding"
	"ribble/internal/postgres"
	"ribble/internal/record"
)

// sourceDirectory keeps the directory of the database in force on this replica.
type sourceDirectory struct {
	holder *directory.Holder
	store  *postgres.Directory
	desk   *onboarding.Desk
	log    *slog.Logger
	// turn keeps two reloads apart, so that an older directory never follows a newer one.
	turn sync.Mutex
}

// directoryParts are what the directory needs besides the settings.
type directoryParts struct {
	db       *postgres.DB
	keys     *audit.Keys
	trail    onboarding.Trail
	profiles *access.Profiles
	log      *slog.Logger
}

// openDirectory puts the directory in force. An empty one is filled from the directory file first, in the operator's name.
func openDirectory(ctx context.Context, c config.Config, p directoryParts) (*sourceDirectory, error) {
	d := &sourceDirectory{holder: new(directory.Holder), store: p.db.Directory(), log: p.log}
	d.desk = &onboarding.Desk{
		Store: d.store, Checks: d.store, Trail: p.trail, Holder: d.holder, Reload: d.reload, Digests: p.keys.RegisterIndexes, Now: time.Now,
		MayAdminister: func(u identity.User) bool { return p.profiles.Holds(u, access.Administer) },
	}
	if err := d.reload(ctx); err != nil {
		return nil, fmt.Errorf("reading the directory: %w", err)
	}
	if d.holder.Current().Version() > 0 || c.DirectoryFile == "" {
		return d, nil
	}
	entries, err := readDirectory(c.DirectoryFile)
	if err != nil {
		return nil, err
	}
	if len(entries) == 0 {
		return d, nil
	}
	_, err = d.desk.Seed(ctx, operator(), entries)
	if seeded := d.reload(ctx); seeded == nil && d.holder.Current().Version() > 0 {
		err = nil // another replica may have come first
	}
	if err != nil {
		return nil, fmt.Errorf("filling the directory from its file: %w", directoryFault(err))
	}
	return d, nil
}

// directoryFault is the problems within an error, which its own words leave out.
func directoryFault(err error) error {
	if problems, ok := errors.AsType[directory.Problems](err); ok {
		return problems
	}
	return err
}

// readDirectory reads the entries of a directory file.
func readDirectory(path string) ([]directory.Entry, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening the directory file: %w", err)
	}
	defer f.Close()
	entries, err := directory.Parse(f)
	if err != nil {
		return nil, fmt.Errorf("loading the directory file: %w", err)
	}
	return entries, nil
}

// reload puts the directory of the database in force, unless it is so already. One that is not right changes nothing.
func (d *sourceDirectory) reload(ctx context.Context) error {
	d.turn.Lock()
	defer d.turn.Unlock()
	version, err := d.store.Version(ctx)
	if err != nil || version == d.holder.Current().Version() {
		return err
	}
	version, entries, err := d.store.Load(ctx)
	if err != nil {
		return err
	}
	snapshot, err := directory.Build(version, entries)
	if err != nil {
		return fmt.Errorf("version %d of the directory: %w", version, err)
	}
	d.holder.Replace(snapshot)
	return nil
}

// keep follows the directory for as long as the portal serves.
func (d *sourceDirectory) keep(ctx context.Context) {
	d.store.Watch(ctx, d.holder.Current().Version(), func(ctx context.Context) int64 {
		if err := d.reload(ctx); err != nil {
			d.log.ErrorContext(ctx, "a change of the directory could not be put in force; what was before stays", "reason", err.Error())
		} else {
			d.log.InfoContext(ctx, "the directory was changed", "version", d.holder.Current().Version())
		}
		return d.holder.Current().Version()
	})
}

// testDigests are the keyed digests by which the audience of a feed names a test person.
func testDigests(keys *audit.Keys) func(record.NHSNumber) []string {
	return func(n record.NHSNumber) []string {
		indexes := keys.RegisterIndexes(n)
		out := make([]string, len(indexes))
		for i, index := range indexes {
			out[i] = hex.EncodeToString(index.Value)
		}
		return out
	}
}

// Onboarding is the desk at which the directory is changed.
func (a *App) Onboarding() *onboarding.Desk { return a.directory.desk }

// directoryInForce is the directory for a command: that of the database, or that of the file where the database has none yet.
func directoryInForce(ctx context.Context, c config.Config, db *postgres.DB) (*directory.Snapshot, error) {
	version, entries, err := db.Directory().Load(ctx)
	if err != nil {
		return nil, err
	}
	if version == 0 && c.DirectoryFile != "" {
		if entries, err = readDirectory(c.DirectoryFile); err != nil {
			return nil, err
		}
	}
	return directory.Build(version, entries)
}
