package app

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"time"

	"ribble/internal/access"
	"ribble/internal/adapter/gpconnect"
	"ribble/internal/audit"
	"ribble/internal/config"
	"ribble/internal/directory"
	"ribble/internal/fanout"
	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/locator"
	"ribble/internal/onboarding"
	"ribble/internal/outbound"
	"ribble/internal/postgres"
	"ribble/internal/sourcecheck"
)

// ConnectionChecks runs connection checks against the feeds of the directory, whatever their stage, and keeps their results.
type ConnectionChecks struct {
	config   config.Config
	holder   *directory.Holder
	store    *postgres.Directory
	trail    *audit.Trail
	profiles *access.Profiles
	log      *slog.Logger
	// asks is how often a test person is asked for; 0 is the usual number.
	asks int
}

// errNoFeed: a check was asked for of a feed that does not exist.
var errNoFeed = errors.New("checking a feed that is not in the directory")

// People are the test people of the settings; none where these name no file.
func (k *ConnectionChecks) People() ([]sourcecheck.TestPerson, error) {
	return testPeople(k.config.TestPeopleFile)
}

func testPeople(path string) ([]sourcecheck.TestPerson, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening the list of test people: %w", err)
	}
	defer f.Close()
	return sourcecheck.ReadPeople(f)
}

// Run checks one feed over connections of its own and keeps the result, when a test person's record was read or something failed: a run that tried
// nothing is no evidence. The error is fault.NotFound, an access.Refusal, or about this portal.
func (k *ConnectionChecks) Run(ctx context.Context, feed string, by sourcecheck.By, people []sourcecheck.TestPerson) (sourcecheck.Report, error) {
	snapshot := k.holder.Current()
	f := snapshot.Feed(feed)
	if f == nil {
		return sourcecheck.Report{}, fault.Wrap(fault.NotFound, "The directory has no feed of that name.", errNoFeed)
	}
	seen := new(sourcecheck.Exchanges)
	n, err := newNational(k.config, k.holder, k.log)
	if err != nil {
		return sourcecheck.Report{}, err
	}
	defer n.close()
	n.onAnswer = seen.Add
	ways := newSources(k.config, n, k.log)
	ways.onAnswer = seen.Add
	defer ways.close()
	checker := sourcecheck.Checker{Trail: k.trail, Tracer: n, Asker: fanout.Asker{Log: k.log}, Profiles: k.profiles, Now: time.Now, Asks: k.asks}
	report, err := checker.Run(ctx, sourcecheck.Feed{
		ID: f.ID, Organisation: f.Organisation, Protocol: string(f.Protocol), GPConnect: f.Protocol == directory.GPConnect, Sections: f.Sections,
		Deadline: f.Deadline, Directory: snapshot.Version(), Seen: seen,
		Approved: func(ctx context.Context) (outbound.Config, error) { return ways.approved(ctx, f) },
		Source:   ways.Source(locator.Candidate{Feed: f, Organisation: f.Organisation, Sections: f.Sections}),
	}, by, people)
	if err != nil || !report.Passed() && report.Count(sourcecheck.Failed) == 0 {
		return report, err
	}
	return report, k.keep(ctx, f, by.User, report)
}

func (k *ConnectionChecks) keep(ctx context.Context, f *directory.Feed, by identity.User, r sourcecheck.Report) error {
	var result strings.Builder
	if err := r.WriteJSON(&result); err != nil {
		return fmt.Errorf("writing the report of a connection check: %w", err)
	}
	return k.store.KeepCheck(ctx, onboarding.Check{
		Feed: f.ID, At: r.Began, By: onboarding.Person{Issuer: by.Issuer, Subject: by.Subject, Name: by.Name, Organisation: by.Organisation.ODS},
		Connection: f.Connection(), Total: len(r.Checks) - r.Count(sourcecheck.NotTried), Failed: r.Count(sourcecheck.Failed), Warned: r.Count(sourcecheck.Warning),
		Result: result.String(),
	})
}

// Last is the newest report that was kept of a feed; nil when there is none.
func (k *ConnectionChecks) Last(ctx context.Context, feed string) (*sourcecheck.Report, error) {
	c, err := k.store.LastCheck(ctx, feed)
	if err != nil || c.Result == "" {
		return nil, err
	}
	r, err := sourcecheck.Read(strings.NewReader(c.Result))
	if err != nil {
		return nil, err
	}
	return &r, nil
}

// approved is what is approved for a feed: by its entry, or for a practice by the Spine Directory within the networks of the national services.
func (s *sources) approved(ctx context.Context, f *directory.Feed) (outbound.Config, error) {
	if f.Protocol != directory.GPConnect {
		return s.way(f)
	}
	address := s.national.spine().Proxy
	if address == "" {
		e, err := s.national.Practice(ctx, f.Organisation.ODS, gpconnect.Services[0])
		if err != nil {
			return outbound.Config{}, errors.New(fault.SafeText(err))
		}
		address = e.URL
	}
	u, err := url.Parse(address)
	if err != nil {
		return outbound.Config{}, fault.New(fault.Invalid, "The address that the Spine Directory has for the practice cannot be read.")
	}
	return s.national.way(gpSystem, u.Scheme+"://"+u.Host), nil
}

// close ends the connections to all feeds.
func (s *sources) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, made := range s.made {
		if made.client != nil {
			made.client.Close()
		}
	}
}

// ErrSourceUsage says how `ribble source` is used.
var ErrSourceUsage = errors.New("usage: ribble source check FEED|-all [-test-people FILE] [-asks N] [-json]")

// ErrSourceFailed says that a check failed or could not be made on a record; the report has said which.
var ErrSourceFailed = errors.New("the connection is not as it must be")

// Source runs `ribble source check`: it tries a feed, or every feed that has an address, on the test people of the file or of the settings, prints the
// report and what has changed since the last one, and keeps it. Every look at a test person stands in the audit trail with the operator's name.
func Source(ctx context.Context, c config.Config, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("ribble source check", flag.ContinueOnError)
	flags.SetOutput(out)
	people := flags.String("test-people", c.TestPeopleFile, "JSON file of test people")
	asks := flags.Int("asks", sourcecheck.DefaultAsks, "how often a test person is asked for to measure times")
	asJSON := flags.Bool("json", false, "print JSON")
	all := flags.Bool("all", false, "check every feed, one after another")
	if len(args) < 2 || args[0] != "check" {
		return ErrSourceUsage
	}
	feed, rest := args[1], args[2:]
	if strings.HasPrefix(feed, "-") {
		feed, rest = "", args[1:]
	}
	if flags.Parse(rest) != nil || flags.NArg() > 0 || *all == (feed != "") || *asks < 1 {
		return ErrSourceUsage
	}
	list, err := testPeople(*people)
	if err != nil {
		return err
	}
	k, end, err := openChecks(ctx, c)
	if err != nil {
		return err
	}
	defer end()
	k.asks = *asks
	return k.print(ctx, k.which(feed), list, *asJSON, out)
}

// openChecks makes what a command needs to check connections.
func openChecks(ctx context.Context, c config.Config) (*ConnectionChecks, func(), error) {
	db, err := postgres.Open(ctx, databaseOf(c))
	if err != nil {
		return nil, nil, fmt.Errorf("opening the database: %w", err)
	}
	k := &ConnectionChecks{config: c, store: db.Directory(), log: slog.New(slog.DiscardHandler)}
	keys, err := auditKeys(c, db)
	if err == nil {
		k.trail = audit.NewTrail(db.Audit(), keys, time.Now)
		k.profiles, err = profiles(c)
	}
	var snapshot *directory.Snapshot
	if err == nil {
		snapshot, err = directoryInForce(ctx, c, db)
	}
	if err != nil {
		db.Close()
		return nil, nil, err
	}
	k.holder = directory.NewHolder(snapshot)
	return k, db.Close, nil
}

// which are the ids of the feeds to be checked: the one that is named, or all that can be asked.
func (k *ConnectionChecks) which(feed string) []string {
	if feed != "" {
		return []string{feed}
	}
	var out []string
	for _, f := range k.holder.Current().Feeds() {
		if f.Endpoint != "" || f.Protocol == directory.GPConnect {
			out = append(out, f.ID)
		}
	}
	return out
}

func (k *ConnectionChecks) print(ctx context.Context, feeds []string, people []sourcecheck.TestPerson, asJSON bool, out io.Writer) error {
	by := operator()
	// Sources ask on whose behalf they are asked; an operator acts for the organisation that the portal is registered for.
	by.Organisation = identity.Organisation{ODS: k.config.National.Organisation, Name: k.config.National.Organisation}
	host, _ := os.Hostname() // the trail then names no machine
	ctx = audit.WithDevice(ctx, audit.Device{Address: host, Agent: "ribble source"})
	var wrong error
	for _, feed := range feeds {
		last, err := k.Last(ctx, feed)
		if err != nil {
			return err
		}
		report, err := k.Run(ctx, feed, sourcecheck.By{User: by, Operator: true}, people)
		if err != nil {
			return err
		}
		if !report.Passed() {
			wrong = ErrSourceFailed
		}
		if asJSON {
			err = report.WriteJSON(out)
		} else {
			err = report.WriteText(out, last)
		}
		if _, broken := fmt.Fprintln(out); err != nil || broken != nil {
			return errors.Join(err, broken)
		}
	}
	return wrong
}
