package app

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"ribble/internal/audit"
	"ribble/internal/config"
	"ribble/internal/ledger"
	"ribble/internal/ledger/checkpoint"
	"ribble/internal/ledger/witness"
	"ribble/internal/outbound"
	"ribble/internal/postgres"
)

// databaseOf is what the portal needs of the database's roles.
func databaseOf(c config.Config) postgres.Config {
	return postgres.Config{
		AppURL: c.Database.App.Reveal(), AuditURL: c.Database.Audit.Reveal(), VerifierURL: c.Database.Verifier.Reveal(), IGReaderURL: c.Database.IGReader.Reveal(),
	}
}

// auditKeys are the keys of the audit trail; the data keys of people are in the database.
func auditKeys(c config.Config, db *postgres.DB) (*audit.Keys, error) {
	return audit.LoadKeys(audit.KeyFiles{Index: c.Keys.IndexFile, Person: c.Keys.PersonFile, Row: c.Keys.RowFile}, db.PersonKeys())
}

// openLedger checks the audit trail against its last checkpoint and its witnesses, and ties the ledger to the writer: a ledger that is broken stops it. It
// gives the rows that the ledger is about as well.
func openLedger(ctx context.Context, c config.Config, db *postgres.DB, keys *audit.Keys, log *slog.Logger) (_ *ledger.Ledger, rows *postgres.Ledger, end func(), err error) {
	signers, err := checkpoint.ReadSigners(c.Keys.CheckpointFile, time.Now)
	if err != nil {
		return nil, nil, nil, err
	}
	witnesses, endWitnesses, err := newWitnesses(c.Witnesses)
	if err != nil {
		return nil, nil, nil, err
	}
	if len(witnesses) == 0 {
		log.WarnContext(ctx, "the audit trail has no witness: nothing outside the database proves its past")
	}
	store, err := postgres.OpenLedger(ctx, c.Database.Verifier.Reveal(), c.Database.Audit.Reveal())
	if err != nil {
		endWitnesses()
		return nil, nil, nil, err
	}
	release := func() { store.Close(); endWitnesses() }
	l, err := ledger.Open(ctx, ledger.Config{
		Reader: store, Writer: store, Keys: signers, Witnesses: witnesses, Authentic: keys.Authentic,
		Appended: db.Audit().Appended, Know: db.Audit().Know, Halt: db.Audit().Halt, Log: log,
	})
	if err != nil {
		release()
		return nil, nil, nil, err
	}
	return l, store, func() { coverLast(ctx, l); release() }, nil
}

// coverLast has the last events covered before the portal ends: while nobody runs, nobody would.
func coverLast(ctx context.Context, l *ledger.Ledger) {
	const most = 3 * time.Second
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), most)
	defer cancel()
	_ = l.Round(ctx) // the next start does it otherwise
}

// witnessLimit bounds a call of a witness: it is a write to disk and back.
const witnessLimit = 3 * time.Second

func newWitnesses(list []config.Witness) (witnesses []ledger.Witness, end func(), err error) {
	var clients []*outbound.Client
	end = func() {
		for _, c := range clients {
			c.Close()
		}
	}
	for _, w := range list {
		key, err := checkpoint.NewVerifier(w.Key)
		if err != nil {
			end()
			return nil, nil, fmt.Errorf("reading a witness's key: %w", err)
		}
		client, err := outbound.New(outbound.Config{
			Source: "witness", BaseURL: w.URL.String(), Networks: w.Networks, AllowHTTP: w.URL.Scheme == "http", Roots: w.Roots.Pool(), Timeout: witnessLimit,
		})
		if err != nil {
			end()
			return nil, nil, err
		}
		clients = append(clients, client)
		witnesses = append(witnesses, witness.NewClient(client, w.URL.String(), key))
	}
	return witnesses, end, nil
}
