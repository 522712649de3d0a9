package app

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"ribble/internal/audit"
	"ribble/internal/config"
	"ribble/internal/directory"
	"ribble/internal/identity"
	"ribble/internal/onboarding"
	"ribble/internal/postgres"
)

// ErrDirectoryUsage says how `ribble directory` is used.
var ErrDirectoryUsage = errors.New("usage: ribble directory export | import -file FILE [-organisations] [-reason TEXT] [-apply]")

// Directory runs `ribble directory`. Export writes the whole directory, without private keys, which it never holds. Import shows what a file would
// change, and with -apply asks for it: on an empty directory at once, otherwise an administrator approves it on the pages. The operator stands in the
// audit trail.
func Directory(ctx context.Context, c config.Config, args []string, out io.Writer) error {
	if len(args) == 0 || args[0] != "export" && args[0] != "import" {
		return ErrDirectoryUsage
	}
	db, err := postgres.Open(ctx, databaseOf(c))
	if err != nil {
		return fmt.Errorf("opening the database: %w", err)
	}
	defer db.Close()
	if args[0] == "export" {
		if len(args) > 1 {
			return ErrDirectoryUsage
		}
		_, entries, err := db.Directory().Load(ctx)
		if err != nil {
			return err
		}
		return directory.Write(out, entries)
	}
	keys, err := auditKeys(c, db)
	if err != nil {
		return err
	}
	// The file of the settings is for a portal that starts; here the operator names one.
	c.DirectoryFile = ""
	d, err := openDirectory(ctx, c, directoryParts{db: db, keys: keys, trail: audit.NewTrail(db.Audit(), keys, time.Now)})
	if err != nil {
		return err
	}
	// Whoever may run this command holds the keys of the installation. What they propose takes an administrator to approve.
	d.desk.MayAdminister = func(u identity.User) bool { return u.Issuer == Operator }
	host, _ := os.Hostname() // the trail then names no machine
	return directoryImport{d.desk, operator(), out}.run(audit.WithDevice(ctx, audit.Device{Address: host, Agent: "ribble directory"}), args[1:])
}

type directoryImport struct {
	desk *onboarding.Desk
	by   identity.User
	out  io.Writer
}

func (i directoryImport) run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("ribble directory import", flag.ContinueOnError)
	flags.SetOutput(i.out)
	path := flags.String("file", "", "directory file, or with -organisations a CSV file or a FHIR Bundle")
	organisations := flags.Bool("organisations", false, "the file holds organisations to be added or changed; everything else stays")
	reason := flags.String("reason", "import of a file", "why, for whoever approves")
	apply := flags.Bool("apply", false, "ask for the change, instead of only showing it")
	if flags.Parse(args) != nil || flags.NArg() > 0 || *path == "" {
		return ErrDirectoryUsage
	}
	entries, err := i.read(*path, *organisations)
	if err != nil {
		return err
	}
	empty := i.desk.Directory().Version() == 0
	if empty && *apply {
		if _, err = i.desk.Seed(ctx, i.by, entries); err == nil {
			_, err = fmt.Fprintf(i.out, "The directory was empty and holds %d entries now.\n", len(entries))
		}
		return directoryFault(err)
	}
	p := onboarding.Proposal{Reason: *reason, Entries: entries}
	differences, err := i.desk.Preview(p)
	if err != nil {
		return directoryFault(err)
	}
	if err := preview(i.out, differences); err != nil || !*apply {
		return err
	}
	change, err := i.desk.Propose(ctx, i.by, p)
	if err != nil {
		return directoryFault(err)
	}
	_, err = fmt.Fprintf(i.out, "Asked for as change %d. An administrator approves it until %s, or it ends by itself.\n", change.Number, change.ExpiresAt().UTC().Format("02-Jan-2006 15:04Z"))
	return err
}

// read reads the entries of a file: all of them for a directory file, those to be added or changed for organisations.
func (i directoryImport) read(path string, organisations bool) ([]directory.Entry, error) {
	if !organisations {
		entries, err := readDirectory(path)
		return i.desk.Whole(entries), err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening the file: %w", err)
	}
	defer f.Close()
	return onboarding.ReadOrganisations(f, i.desk.Directory())
}

// preview lists what would change, one entry a line, each with the members that differ.
func preview(out io.Writer, differences []onboarding.Difference) error {
	count := map[string]int{}
	for _, d := range differences {
		verb := "change"
		switch {
		case d.Before == "":
			verb = "add"
		case d.After == "":
			verb = "remove"
		}
		count[verb]++
		if _, err := fmt.Fprintf(out, "%-6s %s %s", verb, d.Kind, d.ID); err != nil {
			return err
		}
		for _, f := range d.Fields {
			if verb == "change" {
				_, _ = fmt.Fprintf(out, "\n       %s: %s -> %s", f.Name, orNothing(f.Before), orNothing(f.After))
			}
		}
		_, _ = fmt.Fprintln(out)
	}
	_, err := fmt.Fprintf(out, "%d to add, %d to change, %d to remove. Nothing is changed yet.\n", count["add"], count["change"], count["remove"])
	return err
}

func orNothing(text string) string {
	if text == "" {
		return "nothing"
	}
	return text
}
