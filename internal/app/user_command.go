package app

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"ribble/internal/audit"
	"ribble/internal/config"
	"ribble/internal/directory"
	"ribble/internal/identity"
	"ribble/internal/identity/local"
	"ribble/internal/postgres"
	"ribble/internal/register"
	"ribble/internal/sponsor"
)

// ErrUserUsage says how `ribble user` is used.
var ErrUserUsage = errors.New(`usage: ribble user invite -login NAME -name NAME -role ROLE -org ODS [-until DAY] | list | reset LOGIN | lock LOGIN | unlock LOGIN | end LOGIN
       ribble user import -file FILE [-apply] | leavers -file FILE [-staff] [-apply] [-confirm NUMBER]`)

// User runs `ribble user`: it invites users to local accounts, lists these, and resets, locks, unlocks or ends them; it takes lists of new users, for an
// administrator to grant, and of leavers. Each change is written to the audit trail with the operator's name before it is made.
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
	trail := audit.NewTrail(db.Audit(), keys, time.Now)
	accounts, err := localAccounts(c, db, trail)
	if err != nil {
		return err
	}
	if accounts == nil {
		return errors.New("there are no local accounts without RIBBLE_ACCOUNT_KEY")
	}
	snapshot, err := directoryInForce(ctx, c, db)
	if err != nil {
		return err
	}
	desk := sponsorDesk(db, trail, accounts, func() *directory.Snapshot { return snapshot }, nil)
	// Whoever may run this command holds the keys of the installation. The users of a list take an administrator to grant.
	desk.MayAdminister = func(u identity.User) bool { return u.Issuer == Operator }
	host, _ := os.Hostname() // the trail then names no machine
	u := userCommand{accounts, desk, c, operator(), out, snapshot}
	return u.run(audit.WithDevice(ctx, audit.Device{Address: host, Agent: "ribble user"}), args[0], args[1:])
}

type userCommand struct {
	accounts *local.Accounts
	desk     *sponsor.Desk
	config   config.Config
	by       identity.User
	out      io.Writer
	// directory is the one in force.
	directory *directory.Snapshot
}

var statuses = map[string]local.Status{"lock": local.Locked, "unlock": local.Active, "end": local.Ended}

func (u userCommand) run(ctx context.Context, command string, args []string) error {
	switch {
	case command == "invite":
		return u.invite(ctx, args)
	case command == "import":
		return u.importUsers(ctx, args)
	case command == "leavers":
		return u.leavers(ctx, args)
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

func (u userCommand) invite(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("ribble user invite", flag.ContinueOnError)
	flags.SetOutput(u.out)
	var n local.NewAccount
	flags.StringVar(&n.Login, "login", "", "login name, best the e-mail address")
	flags.StringVar(&n.Name, "name", "", "the user's name, as shown on every page")
	flags.StringVar(&n.Role, "role", "", "one of: "+strings.Join(local.RoleKeys(), ", "))
	flags.StringVar(&n.Organisation.ODS, "org", "", "ODS code of the user's organisation, which must be in the directory")
	until := flags.String("until", "", "last day of access, as 2027-03-31; a year ahead when it is left out, and never more")
	if err := flags.Parse(args); err != nil || flags.NArg() > 0 {
		return ErrUserUsage
	}
	if *until != "" {
		day, err := time.Parse(time.DateOnly, *until)
		if n.Expires = day.AddDate(0, 0, 1); err != nil || !n.Expires.After(time.Now()) || time.Until(n.Expires) > local.AccountLife+24*time.Hour {
			return errors.New("the last day must be written like 2027-03-31, and lie at most a year ahead")
		}
	}
	organisation, known := u.directory.Organisation(n.Organisation.ODS)
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
func (u userCommand) link(token identity.Token) error {
	_, err := fmt.Fprintf(u.out, "Give this link to the user and to nobody else. It works once, within seven days.\n%s/invitation/%s\n", u.config.PublicURL, token.Cookie())
	return err
}

func (u userCommand) list(ctx context.Context) error {
	all, err := u.accounts.Store.List(ctx)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(u.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "LOGIN\tNAME\tROLE\tORGANISATION\tSTATUS\tCONFIRMED UNTIL\tENDS")
	for _, a := range all {
		status := string(a.Status)
		if lapse := a.Lapse(time.Now()); lapse != local.NoLapse && a.Status != local.Ended {
			status += ", " + string(lapse)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", a.Login, a.Name, a.Role, a.Organisation.ODS, status, stamp(a.ConfirmedUntil), stamp(a.Expires))
	}
	return table.Flush()
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04Z") }

// opened parses the flags of a command that takes a list, and opens it.
func (u userCommand) opened(flags *flag.FlagSet, args []string) (*os.File, error) {
	flags.SetOutput(u.out)
	path := flags.String("file", "", "the list, as CSV")
	if flags.Parse(args) != nil || flags.NArg() > 0 || *path == "" {
		return nil, ErrUserUsage
	}
	f, err := os.Open(*path)
	if err != nil {
		return nil, fmt.Errorf("opening the list: %w", err)
	}
	return f, nil
}

// importUsers shows what a list of new users would do, and with -apply vouches for all of them, for an administrator to grant.
func (u userCommand) importUsers(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("ribble user import", flag.ContinueOnError)
	apply := flags.Bool("apply", false, "vouch for the users, instead of only checking the list")
	f, err := u.opened(flags, args)
	if err != nil {
		return err
	}
	defer f.Close()
	review, err := u.desk.Review(ctx, u.by, f)
	if err != nil {
		return err
	}
	for _, r := range review.Requests() {
		fmt.Fprintf(u.out, "add %s, %s, at %s until %s\n", r.Login, r.Terms.Role, r.Organisation.ODS, r.Terms.Until.Format(time.DateOnly))
	}
	if !*apply {
		_, err = fmt.Fprintf(u.out, "%d users, and nothing is wrong. Nothing is kept yet.\n", len(review.Requests()))
		return err
	}
	batch, err := u.desk.Import(ctx, u.by, review)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(u.out, "%d users are vouched for. An administrator grants them: %s/users/request/%s\n", len(review.Requests()), u.config.PublicURL, batch)
	return err
}

// staffWhoLeft are the leavers on the list of staff: smartcard users, each in their role at one organisation.
func staffWhoLeft(from io.Reader) ([]sponsor.Leaver, error) {
	rows, err := register.ReadWatched(register.Staff, from)
	if err != nil {
		return nil, err
	}
	var out []sponsor.Leaver
	for i, r := range rows {
		if !r.Left.IsZero() {
			out = append(out, sponsor.Leaver{Line: i + 2, User: r.SDSUserID, Card: true, Organisation: r.Organisation, Last: r.Left.AddDate(0, 0, -1)})
		}
	}
	return out, nil
}

// leavers shows what a list of leavers would do, and with -apply does it.
func (u userCommand) leavers(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("ribble user leavers", flag.ContinueOnError)
	apply := flags.Bool("apply", false, "end the accounts, instead of only showing what would be done")
	confirm := flags.Int("confirm", 0, "how many accounts end, for a list that ends a large share of an organisation's")
	staff := flags.Bool("staff", false, "the list is the list of staff, as ribble watch import takes it: those who have left on it lose their sessions")
	f, err := u.opened(flags, args)
	if err != nil {
		return err
	}
	defer f.Close()
	read := sponsor.ReadLeavers
	if *staff {
		read = staffWhoLeft
	}
	list, err := read(f)
	if err != nil {
		return err
	}
	var found sponsor.Leavers
	if *apply {
		found, err = u.desk.Leave(ctx, u.by, list, *confirm)
	} else {
		found, err = u.desk.Foresee(ctx, u.by, list)
	}
	slices.SortStableFunc(found.Lines, func(a, b sponsor.Leaving) int { return a.Line - b.Line })
	for _, l := range found.Lines {
		fmt.Fprintf(u.out, "line %d: %s: %s\n", l.Line, l.User, l.Fate)
	}
	for _, s := range found.Large {
		fmt.Fprintf(u.out, "%d of the %d accounts of %s (%s) end: check that this is a list of leavers\n", s.Ends, s.Of, s.Organisation.Name, s.Organisation.ODS)
	}
	switch {
	case errors.Is(err, sponsor.ErrLarge):
		return fmt.Errorf("nothing was changed: so large a share must be confirmed with -confirm %d", found.Ends)
	case err != nil:
		return err
	case *apply:
		_, err = fmt.Fprintf(u.out, "%d accounts end. Each is in the audit trail.\n", found.Ends)
	default:
		_, err = fmt.Fprintf(u.out, "%d accounts would end. Nothing is changed yet.\n", found.Ends)
	}
	return err
}
