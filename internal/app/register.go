package app

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"ribble/internal/access"
	"ribble/internal/audit"
	"ribble/internal/config"
	"ribble/internal/directory"
	"ribble/internal/identity"
	"ribble/internal/postgres"
	"ribble/internal/record"
	"ribble/internal/register"
)

// profiles is the table of rights; nil, the shipped one, where the settings name no other.
func profiles(c config.Config) (*access.Profiles, error) {
	if c.ProfilesFile == "" {
		return nil, nil
	}
	f, err := os.Open(c.ProfilesFile)
	if err != nil {
		return nil, fmt.Errorf("opening the table of rights: %w", err)
	}
	defer f.Close()
	return access.LoadProfiles(f)
}

// region is the directory as it stands at the moment of each question.
type region struct{ *directory.Holder }

// Organisation finds an organisation by its ODS code.
func (r region) Organisation(ods string) (record.Organisation, bool) {
	return r.Current().Organisation(ods)
}

// Officer is the Privacy Officer of an organisation.
func (r region) Officer(ods string) string { return r.Current().Officer(ods) }

// organisations are those that are asked about everybody; the practices are too many to choose from.
func (r region) organisations() []record.Organisation {
	var out []record.Organisation
	for _, f := range r.Current().Regional() {
		if !slices.ContainsFunc(out, func(o record.Organisation) bool { return o.ODS == f.Organisation.ODS }) {
			out = append(out, f.Organisation)
		}
	}
	return out
}

// deskParts are what the desk needs besides the settings.
type deskParts struct {
	db       *postgres.DB
	keys     *audit.Keys
	trail    *audit.Trail
	region   region
	tracer   register.Tracer
	profiles *access.Profiles
}

func newDesk(c config.Config, p deskParts) *register.Desk {
	return &register.Desk{
		Store: p.db.Registers(), Trail: p.trail, Alerts: p.db.Alerts(), Tracer: p.tracer, Index: p.keys.RegisterIndexes, Digests: digests(p.keys), Officer: p.region.Officer,
		MayBreakGlass: func(q access.Request) error {
			q.Profiles = p.profiles
			return access.MayBreakGlass(q)
		},
		MayRecord:      func(u identity.User) bool { return p.profiles.Holds(u, access.RecordConsent) },
		AsksPermission: c.PermissionToView, Now: time.Now,
	}
}

// How the commands are used.
var (
	ErrCaseloadUsage = errors.New("usage: ribble caseload import -org ODS -file FILE")
	ErrWatchUsage    = errors.New("usage: ribble watch import -kind staff|listed -file FILE")
)

// Caseload runs `ribble caseload import`: a file takes the place of an organisation's caseload, all of it or nothing. The operator stands in the
// audit trail.
func Caseload(ctx context.Context, c config.Config, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("ribble caseload import", flag.ContinueOnError)
	flags.SetOutput(out)
	ods := flags.String("org", "", "ODS code of the organisation, which must be in the directory")
	file := flags.String("file", "", "CSV with the header nhs_number,until, or a FHIR R4 List")
	if len(args) == 0 || args[0] != "import" || flags.Parse(args[1:]) != nil || flags.NArg() > 0 || *ods == "" || *file == "" {
		return ErrCaseloadUsage
	}
	return importList(ctx, c, list{*file, *ods}, out, caseloadOf(*ods))
}

// Watch runs `ribble watch import`: a file takes the place of the list of staff, or of the confidential list, of the whole region.
func Watch(ctx context.Context, c config.Config, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("ribble watch import", flag.ContinueOnError)
	flags.SetOutput(out)
	kind := flags.String("kind", "", "staff or listed")
	file := flags.String("file", "", "CSV with the header nhs_number,sds_user_id,organisation, for the rules that watch also ,surname,first_line,postcode,left (staff), or nhs_number (listed)")
	if len(args) == 0 || args[0] != "import" || flags.Parse(args[1:]) != nil || flags.NArg() > 0 || *file == "" ||
		*kind != string(register.Staff) && *kind != string(register.Listed) {
		return ErrWatchUsage
	}
	return importList(ctx, c, list{path: *file}, out, watched(register.LoadKind(*kind)))
}

// importer puts a file in the place of a list. One with a fault changes nothing.
type importer func(context.Context, *register.Desk, io.Reader) (register.Loaded, error)

func caseloadOf(ods string) importer {
	return func(ctx context.Context, d *register.Desk, from io.Reader) (register.Loaded, error) {
		rows, err := register.ReadCaseload(from, d.Now())
		if err != nil {
			return register.Loaded{}, err
		}
		return d.LoadCaseload(ctx, operator(), ods, rows)
	}
}

func watched(kind register.LoadKind) importer {
	return func(ctx context.Context, d *register.Desk, from io.Reader) (register.Loaded, error) {
		rows, err := register.ReadWatched(kind, from)
		if err != nil {
			return register.Loaded{}, err
		}
		return d.LoadWatched(ctx, operator(), kind, rows)
	}
}

// list is a file, and whose it is; empty for one of the whole region.
type list struct{ path, organisation string }

func importList(ctx context.Context, c config.Config, from list, out io.Writer, load importer) error {
	file, err := os.Open(from.path)
	if err != nil {
		return fmt.Errorf("opening the list: %w", err)
	}
	defer file.Close()
	db, err := postgres.Open(ctx, databaseOf(c))
	if err != nil {
		return fmt.Errorf("opening the database: %w", err)
	}
	defer db.Close()
	snapshot, err := directoryInForce(ctx, c, db)
	if err != nil {
		return err
	}
	if _, known := snapshot.Organisation(from.organisation); !known && from.organisation != "" {
		return errors.New("the directory has no organisation of that code")
	}
	keys, err := auditKeys(c, db)
	if err != nil {
		return err
	}
	desk := &register.Desk{Store: db.Registers(), Trail: audit.NewTrail(db.Audit(), keys, time.Now), Index: keys.RegisterIndexes, Digests: digests(keys), Now: time.Now}
	host, _ := os.Hostname() // the trail then names no machine
	loaded, err := load(audit.WithDevice(ctx, audit.Device{Address: host, Agent: "ribble import"}), desk, file)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%d people are on the list now; the trail names this load %s.\n", loaded.Rows, loaded.ID)
	return err
}
