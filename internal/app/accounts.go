package app

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/user"
	"strings"
	"text/tabwriter"
	"time"

	"ribble/internal/audit"
	"ribble/internal/config"
	"ribble/internal/directory"
	"ribble/internal/identity"
	"ribble/internal/identity/local"
	"ribble/internal/postgres"
	"ribble/internal/seal"
)

// localAccounts gives what keeps local accounts; nil without a key for their second factors.
func localAccounts(c config.Config, db *postgres.DB, trail *audit.Trail) (*local.Accounts, error) {
	if len(c.Keys.Account) == 0 {
		return nil, nil
	}
	secrets, err := sealer(c.Keys.Account)
	if err != nil {
		return nil, fmt.Errorf("reading the account keys: %w", err)
	}
	passkeys, err := local.NewPasskeys(c.PublicURL)
	if err != nil {
		return nil, err
	}
	end := func(ctx context.Context, issuer, subject string) error {
		ended, err := db.Sessions().EndWhere(ctx, identity.Which{Issuer: issuer, Subject: subject})
		for _, u := range ended {
			err = errors.Join(err, trail.SessionChanged(ctx, u, identity.SessionEnded, "account"))
		}
		return err
	}
	return &local.Accounts{
		Store: db.Accounts(), Trail: trail, Secrets: secrets, Passkeys: passkeys, Hasher: local.NewHasher(local.Standard), EndSessions: end, Now: time.Now,
	}, nil
}

func sealer(keys []config.Key) (*seal.Sealer, error) {
	var raw [][]byte
	for _, k := range keys {
		raw = append(raw, k.Bytes())
	}
	return seal.New(raw...)
}

// Operator is the issuer of operators in the audit trail: whoever ran a command, by the name of their account on the machine.
const Operator = "urn:ribble:operator"

// ErrUserUsage says how `ribble user` is used.
var ErrUserUsage = errors.New("usage: ribble user invite -login NAME -name NAME -role ROLE -org ODS | list | reset LOGIN | lock LOGIN | unlock LOGIN | end LOGIN")

// User runs `ribble user`: it invites users to local accounts, lists these, and resets, locks, unlocks or ends them. Each change is
// written to the audit trail with the operator's name before it is made.
func User(ctx context.Context, c config.Config, args []string, out io.Writer) error {
	if len(args) == 0 {
		return ErrUserUsage
	}
	db, err := postgres.Open(ctx, databaseOf(c))
	if err != nil {
		return fmt.Errorf("opening the database: %w", err)
	}
	defer db.Close()
	keys, err := auditKeys(c, db)
	if err != nil {
		return err
	}
	accounts, err := localAccounts(c, db, audit.NewTrail(db.Audit(), keys, time.Now))
	if err != nil {
		return err
	}
	if accounts == nil {
		return errors.New("there are no local accounts without RIBBLE_ACCOUNT_KEY")
	}
	host, _ := os.Hostname() // the trail then names no machine
	known := func() (*directory.Snapshot, error) { return directoryInForce(ctx, c, db) }
	u := users{accounts, c, operator(), out, known}
	return u.run(audit.WithDevice(ctx, audit.Device{Address: host, Agent: "ribble user"}), args[0], args[1:])
}

// operator is who runs the command.
func operator() identity.User {
	u, err := user.Current()
	if err != nil {
		return identity.User{Issuer: Operator, Subject: fmt.Sprintf("uid %d", os.Getuid())}
	}
	return identity.User{Issuer: Operator, Subject: u.Username, Name: u.Name}
}

type users struct {
	accounts *local.Accounts
	config   config.Config
	by       identity.User
	out      io.Writer
	// directory reads the directory in force.
	directory func() (*directory.Snapshot, error)
}

var statuses = map[string]local.Status{"lock": local.Locked, "unlock": local.Active, "end": local.Ended}

func (u users) run(ctx context.Context, command string, args []string) error {
	switch {
	case command == "invite":
		return u.invite(ctx, args)
	case command == "list" && len(args) == 0:
		return u.list(ctx)
	case command == "reset" && len(args) == 1:
		token, err := u.accounts.Reset(ctx, u.by, args[0])
		if err != nil {
			return err
		}
		return u.link(token)
	case statuses[command] != "" && len(args) == 1:
		return u.accounts.SetStatus(ctx, u.by, args[0], statuses[command])
	}
	return ErrUserUsage
}

func (u users) invite(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("ribble user invite", flag.ContinueOnError)
	flags.SetOutput(u.out)
	var n local.NewAccount
	flags.StringVar(&n.Login, "login", "", "login name, best the e-mail address")
	flags.StringVar(&n.Name, "name", "", "the user's name, as shown on every page")
	flags.StringVar(&n.Role, "role", "", "one of: "+strings.Join(local.RoleKeys(), ", "))
	flags.StringVar(&n.Organisation.ODS, "org", "", "ODS code of the user's organisation, which must be in the directory")
	if err := flags.Parse(args); err != nil || flags.NArg() > 0 {
		return ErrUserUsage
	}
	snapshot, err := u.directory()
	if err != nil {
		return err
	}
	organisation, known := snapshot.Organisation(n.Organisation.ODS)
	if !known {
		return errors.New("the directory has no organisation of that code")
	}
	n.Organisation.Name = organisation.Name
	token, err := u.accounts.Invite(ctx, u.by, n)
	if err != nil {
		return err
	}
	return u.link(token)
}

// link prints an invitation: the one time that its token is seen.
func (u users) link(token identity.Token) error {
	_, err := fmt.Fprintf(u.out, "Give this link to the user and to nobody else. It works once, within seven days.\n%s/invitation/%s\n", u.config.PublicURL, token.Cookie())
	return err
}

func (u users) list(ctx context.Context) error {
	all, err := u.accounts.Store.List(ctx)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(u.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "LOGIN\tNAME\tROLE\tORGANISATION\tSTATUS\tCHANGED")
	for _, a := range all {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", a.Login, a.Name, a.Role, a.Organisation.ODS, a.Status, a.Changed.UTC().Format("2006-01-02 15:04Z"))
	}
	return table.Flush()
}
