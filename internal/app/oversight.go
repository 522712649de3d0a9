package app

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"ribble/internal/access"
	"ribble/internal/audit"
	"ribble/internal/config"
	"ribble/internal/directory"
	"ribble/internal/identity/local"
	"ribble/internal/oversight/patrol"
	"ribble/internal/oversight/post"
	"ribble/internal/oversight/rulebook"
	"ribble/internal/oversight/watch"
	"ribble/internal/portal/handle"
	"ribble/internal/portal/officer"
	"ribble/internal/postgres"
	"ribble/internal/register"
	"ribble/internal/seal"
	"ribble/internal/telemetry"
)

// The rhythm of the watch: alerts are with officers within ten seconds (goal G23), and rules look back as far as the longest of their windows.
const (
	patrolEvery = time.Second
	memory      = 21 * 24 * time.Hour
	mailEvery   = 5 * time.Second
	mailLimit   = 30 * time.Second
)

// oversight is what watches the trail beside the portal, and what officers see of it.
type oversight struct {
	pages   officer.Config
	patrol  *patrol.Patrol
	postman *post.Postman
	closers []func()
}

// oversightParts are what the watch needs besides the settings.
type oversightParts struct {
	db       *postgres.DB
	keys     *audit.Keys
	trail    *audit.Trail
	region   region
	profiles *access.Profiles
	sealer   *seal.Sealer
	log      *slog.Logger
}

func newOversight(ctx context.Context, c config.Config, p oversightParts) (_ *oversight, err error) {
	o := &oversight{}
	defer func() {
		if err != nil {
			o.close()
		}
	}()
	rules, err := watchRules(c.WatchRulesFile)
	if err != nil {
		return nil, err
	}
	book := &rulebook.Desk{Store: p.db.Rulebook(), Trail: p.trail, Shipped: rules, Now: time.Now}
	o.pages = officer.Config{
		Queue: p.db.Queue(), Keys: p.keys, IndexKeys: p.db.PersonKeys().IndexKeys, Trail: p.trail, Tallies: p.db.Tallies(), Watch: officer.Watch{Book: book, Register: p.db.Patrol().Register},
		Region: p.region, Services: services(c), Handles: handle.Keeper{Sealer: p.sealer, Now: time.Now}, Portal: c.PublicURL.String(), Profiles: p.profiles, Now: time.Now,
	}
	for _, collector := range c.Collectors {
		o.pages.Collectors = append(o.pages.Collectors, officer.Collector(collector))
	}
	if o.postman, err = newPostman(c, p); err != nil {
		return nil, err
	}
	if c.Database.IGReader.Reveal() == "" {
		p.log.WarnContext(ctx, "no officer can read the audit trail and no rule watches it: there is no database role for that")
		return o, nil
	}
	return o, o.read(ctx, c, p, book)
}

// read opens the trail for officers and for the patrol.
func (o *oversight) read(ctx context.Context, c config.Config, p oversightParts, book *rulebook.Desk) error {
	reader, err := postgres.OpenOfficerReader(ctx, c.Database.IGReader.Reveal())
	if err != nil {
		return fmt.Errorf("opening the audit trail for officers: %w", err)
	}
	o.closers = append(o.closers, reader.Close)
	proofs, err := postgres.OpenLedger(ctx, c.Database.IGReader.Reveal(), "")
	if err != nil {
		return fmt.Errorf("opening the ledger for officers: %w", err)
	}
	o.closers = append(o.closers, proofs.Close)
	o.pages.Log = &officer.Log{Events: reader, Search: reader, Walk: reader, Ledger: proofs}
	// The public keys lie beside the secret ones where both are still on this machine; whoever checks a proof should have them from elsewhere anyway.
	if text, err := os.ReadFile(c.Keys.CheckpointFile + ".pub"); err == nil {
		o.pages.Log.Keys = strings.Fields(string(text))
	}
	for _, w := range c.Witnesses {
		o.pages.Log.WitnessKeys = append(o.pages.Log.WitnessKeys, w.Key)
	}
	o.patrol = &patrol.Patrol{Trail: reader, Store: p.db.Patrol(), Rules: book.Rules, Log: p.log, Every: patrolEvery, Memory: memory, Now: time.Now}
	return nil
}

// start runs what watches until ctx ends.
func (o *oversight) start(ctx context.Context, log *slog.Logger) {
	if o.patrol != nil {
		telemetry.Go(log, "patrol", func() { o.patrol.Run(ctx) }, nil)
	}
	if o.postman != nil {
		telemetry.Go(log, "mail", func() { o.postman.Run(ctx) }, nil)
	}
}

func (o *oversight) close() {
	for _, end := range slices.Backward(o.closers) {
		end()
	}
}

// watchRules are the rules in force until officers change them.
func watchRules(path string) (watch.Set, error) {
	if path == "" {
		return watch.Shipped(), nil
	}
	f, err := os.Open(path)
	if err != nil {
		return watch.Set{}, fmt.Errorf("opening the rules that watch: %w", err)
	}
	defer f.Close()
	return watch.Load(f)
}

// newPostman tells officers by e-mail; nil where no server and no folder is given.
func newPostman(c config.Config, p oversightParts) (*post.Postman, error) {
	man := &post.Postman{
		Boxes: []post.Box{p.db.Mail(), p.db.Letters()}, Address: p.region.address(c.Mail.Region), Badge: p.region.badge, Portal: c.PublicURL.String(), Log: p.log, Every: mailEvery,
	}
	switch {
	case c.Mail.Folder != "":
		if err := os.MkdirAll(c.Mail.Folder, 0o700); err != nil {
			return nil, fmt.Errorf("making the folder for messages: %w", err)
		}
		man.Sender = post.Folder{Dir: c.Mail.Folder}
	case c.Mail.Server != "":
		man.Sender = post.SMTP{
			Server: c.Mail.Server, From: c.Mail.From, User: c.Mail.User, Password: c.Mail.Password.Reveal(), Plain: c.Mail.Plain, Timeout: mailLimit,
			TLS: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: c.Mail.Roots.Pool()},
		}
	default:
		return nil, nil
	}
	return man, nil
}

// services are the ways to sign in, as officers choose among them.
func services(c config.Config) []officer.Service {
	var out []officer.Service
	for _, p := range c.Providers {
		out = append(out, officer.Service{Issuer: p.Issuer, Name: p.Name})
	}
	return append(out, officer.Service{Issuer: local.Issuer, Name: "An account of Ribble’s own"}, officer.Service{Issuer: operator().Issuer, Name: "An operator of the portal"})
}

// address is where a letter goes: to the Privacy Officer, to who looks after the data, or to the administrators of the region.
func (r region) address(region string) func(post.Letter) string {
	return func(l post.Letter) string {
		switch {
		case l.Organisation == "":
			return region
		case l.Kind == post.Problem:
			return r.Current().QualityEmail(l.Organisation)
		}
		return r.Current().OfficerEmail(l.Organisation)
	}
}

// badge is an organisation's short code; one that is not in the directory is named by its ODS code.
func (r region) badge(ods string) string {
	if o, ok := r.Current().Organisation(ods); ok {
		return o.Badge
	}
	return ods
}

// Known reports whether a code is that of an organisation or of a feed.
func (r region) Known(code string) bool {
	if _, ok := r.Current().Organisation(code); ok {
		return true
	}
	return slices.ContainsFunc(r.Current().Feeds(), func(f *directory.Feed) bool { return f.ID == code })
}

// digests gives what the rules that watch compare of a person on a list.
func digests(keys *audit.Keys) func(register.WatchedRow) register.Digests {
	return func(r register.WatchedRow) register.Digests {
		traits := keys.StaffTraits(r.Surname, r.FirstLine, r.Postcode)
		return register.Digests{Person: keys.Indexes(r.Number)[0].Value, Surname: traits.Surname, Household: traits.Household, Left: r.Left}
	}
}
