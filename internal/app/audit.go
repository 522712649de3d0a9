package app

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"ribble/internal/audit"
	"ribble/internal/config"
	"ribble/internal/ledger"
	"ribble/internal/ledger/verify"
	"ribble/internal/postgres"
)

// ErrAuditUsage says how `ribble audit` is used.
var ErrAuditUsage = errors.New(`usage:
  ribble audit export -out FILE -purpose CODE [-from N] [-to N]
  ribble audit verify -export FILE -key PUB [-witness-key PUB [-checkpoints FILE]]
  ribble audit erase -reason CODE             the NHS number on standard input; prints the number of the request
  ribble audit erase -confirm REQUEST         by another operator: makes the person unreadable in the trail for ever
  ribble audit rewrap                         wraps every data key under the newest person key`)

// AuditVerify runs `ribble audit verify`: it needs public keys and files, and no settings. It says what is proven, or gives the first bad event as
// an error.
func AuditVerify(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("ribble audit verify", flag.ContinueOnError)
	flags.SetOutput(out)
	export := flags.String("export", "", "file that ribble audit export wrote")
	key := flags.String("key", "", "file of the ledger's public keys")
	witnessKey := flags.String("witness-key", "", "file of the witnesses' public keys")
	checkpoints := flags.String("checkpoints", "", "file of the checkpoints that a witness confirmed, from the witness's own machine")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *export == "" || *key == "" || flags.NArg() > 0 || *checkpoints != "" && *witnessKey == "" {
		return ErrAuditUsage
	}
	o := verify.Options{}
	var err error
	if o.LogKeys, err = publicKeys(*key); err != nil {
		return err
	}
	if o.WitnessKeys, err = publicKeys(*witnessKey); err != nil {
		return err
	}
	if *checkpoints != "" {
		f, err := os.Open(*checkpoints)
		if err != nil {
			return fmt.Errorf("opening the witness's checkpoints: %w", err)
		}
		defer f.Close()
		o.Outside = f
	}
	return verifyFile(*export, o, out)
}

func publicKeys(path string) ([]string, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading public keys: %w", err)
	}
	return strings.Fields(string(text)), nil
}

func verifyFile(path string, o verify.Options, out io.Writer) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("opening the export: %w", err)
	}
	defer f.Close()
	if bundle, err := verify.IsProof(f); err != nil || bundle {
		return errors.Join(err, verifyBundle(f, o, out))
	}
	report, err := verify.Export(f, o)
	if err != nil {
		return err
	}
	describe(report, len(o.WitnessKeys) > 0, out)
	if report.Finding != nil {
		return fmt.Errorf("the trail is not as it was: %w", report.Finding)
	}
	return nil
}

// verifyBundle checks a proof bundle: single events, each proven by itself.
func verifyBundle(f io.Reader, o verify.Options, out io.Writer) error {
	p, err := verify.Events(f, o)
	if err != nil {
		return err
	}
	for _, r := range p.Rows {
		fmt.Fprintf(out, "event %d is in the trail: %s, recorded at %s\n", r.Sequence, r.Act, r.RecordedAt.UTC().Format(time.RFC3339))
	}
	if p.Finding != nil {
		return fmt.Errorf("the bundle does not prove what it holds: %w", p.Finding)
	}
	if !p.At.IsZero() {
		fmt.Fprintf(out, "a witness confirmed them at %s\n", p.At.UTC().Format(time.RFC3339))
	}
	return nil
}

func describe(r verify.Report, witnessed bool, out io.Writer) {
	fmt.Fprintf(out, "events read: %d to %d\n", r.From, r.To)
	switch {
	case r.Proven < r.From:
		fmt.Fprintln(out, "proven: none")
	case witnessed:
		fmt.Fprintf(out, "proven: events %d to %d are as they were at %s, when a witness confirmed them\n", r.From, r.Proven, r.ProvenAt.UTC().Format(time.RFC3339))
	default:
		fmt.Fprintf(out, "proven: events %d to %d are as the ledger signed them; no witness's key was given, so nothing says when\n", r.From, r.Proven)
	}
	if r.Signed > r.Proven {
		fmt.Fprintf(out, "signed by the ledger, confirmed by no witness: events %d to %d\n", r.Proven+1, r.Signed)
	}
	if r.To > r.Signed {
		fmt.Fprintf(out, "not yet covered by a checkpoint: events %d to %d\n", r.Signed+1, r.To)
	}
	if f := r.Finding; f != nil && len(f.Evidence) > 0 {
		fmt.Fprintf(out, "evidence, signed by the ledger:\n%s\n", f.Evidence)
	}
}

// Audit runs the commands of `ribble audit` that need the database. Each is written to the trail before it is done, with the operator's name.
func Audit(ctx context.Context, c config.Config, owner config.Secret, args []string, in io.Reader, out io.Writer) error {
	if len(args) == 0 {
		return ErrAuditUsage
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
	store, err := postgres.OpenLedger(ctx, c.Database.Verifier.Reveal(), "")
	if err != nil {
		return err
	}
	defer store.Close()
	host, _ := os.Hostname() // the trail then names no machine
	ctx = audit.WithDevice(ctx, audit.Device{Address: host, Agent: "ribble audit"})
	o := auditor{audit.NewTrail(db.Audit(), keys, time.Now), keys, store, owner, bufio.NewReader(in), out}
	switch args[0] {
	case "export":
		return o.export(ctx, args[1:])
	case "erase":
		return o.erase(ctx, args[1:])
	case "rewrap":
		return o.rewrap(ctx)
	}
	return ErrAuditUsage
}

// auditor is an operator at work on the trail.
type auditor struct {
	trail *audit.Trail
	keys  *audit.Keys
	store *postgres.Ledger
	owner config.Secret
	in    *bufio.Reader
	out   io.Writer
}

// export writes an export, or goes on with one that was cut off. Without a purpose it is refused.
func (o auditor) export(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("ribble audit export", flag.ContinueOnError)
	flags.SetOutput(o.out)
	path := flags.String("out", "", "file to write; one that was cut off is continued")
	purpose := flags.String("purpose", "", "why, as a code of small letters: it is written to the trail")
	var r ledger.Range
	flags.Int64Var(&r.From, "from", 0, "first event; left out: the first there is")
	flags.Int64Var(&r.To, "to", 0, "last event; left out: the last there is")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *path == "" || *purpose == "" || r.From < 0 || r.To < 0 {
		return ErrAuditUsage
	}
	if err := o.trail.Note(ctx, audit.Note{Act: audit.ActTrailExported, User: operator(), Reason: *purpose}); err != nil {
		return err
	}
	f, done, err := openExport(*path)
	if err != nil {
		return err
	}
	if done != nil && done.Complete {
		return errors.Join(errors.New("the file is a whole export already"), f.Close())
	}
	err = ledger.Export(ctx, o.store, f, r, done)
	return errors.Join(err, f.Sync(), f.Close())
}

// openExport opens a new file, or one that was cut off, at the place where it goes on.
func openExport(path string) (*os.File, *ledger.Progress, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("opening the export: %w", err)
	}
	if info, err := f.Stat(); err == nil && info.Size() == 0 {
		return f, nil, nil
	}
	p, err := ledger.Resume(f)
	if err == nil && !p.Complete {
		_, err = f.Seek(p.Bytes, io.SeekStart)
		err = errors.Join(err, f.Truncate(p.Bytes))
	}
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("continuing the export: %w", err), f.Close())
	}
	return f, &p, nil
}

// rewrap wraps every data key under the newest person key, so that older ones can be taken out of the file.
func (o auditor) rewrap(ctx context.Context) error {
	if err := o.trail.Note(ctx, audit.Note{Act: audit.ActRegisterChanged, User: operator(), Reason: "data keys wrapped anew"}); err != nil {
		return err
	}
	n, err := postgres.RewrapPersonKeys(ctx, o.owner.Reveal(), o.keys.Rewrap)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(o.out, "%d data keys were wrapped anew\n", n)
	return err
}
