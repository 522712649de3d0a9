package bench

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"ribble/internal/app"
	"ribble/internal/audit"
	"ribble/internal/ledger"
	"ribble/internal/ledger/checkpoint"
	"ribble/internal/ledger/leaf"
	"ribble/internal/ledger/witness"
	"ribble/internal/outbound"
	"ribble/internal/postgres"
)

// trailWriter is the trail as the portal has it: sealed people, MACs, a ledger that makes checkpoints beside it, a witness over HTTP.
type trailWriter struct {
	*filled
	db     *postgres.DB
	store  *postgres.Ledger
	trail  *audit.Trail
	ledger *ledger.Ledger
	halted atomic.Pointer[error]
	ends   []func()
}

func (b *trailBench) writer(ctx context.Context, f *filled) (w *trailWriter, err error) {
	// What is measured is collected as the portal is.
	app.TuneMemory(os.LookupEnv)
	w = &trailWriter{filled: f}
	defer func() {
		if err != nil {
			w.close()
		}
	}()
	if w.db, err = postgres.Open(ctx, postgres.Config{AppURL: f.urls[postgres.App], AuditURL: f.urls[postgres.AuditAppend]}); err != nil {
		return w, err
	}
	w.ends = append(w.ends, w.db.Close)
	keys, err := audit.LoadKeys(f.keys, w.db.PersonKeys())
	if err != nil {
		return w, err
	}
	w.trail = audit.NewTrail(w.db.Audit(), keys, time.Now)
	return w, w.startLedger(ctx, b.dir, keys)
}

// startLedger opens the ledger and has it make checkpoints until the end.
func (w *trailWriter) startLedger(ctx context.Context, dir string, keys *audit.Keys) error {
	signers, err := signerFile(filepath.Join(dir, "log"), checkpoint.NewLogKey)
	if err != nil {
		return err
	}
	confirms, err := w.witness(dir, signers)
	if err != nil {
		return err
	}
	if w.store, err = postgres.OpenLedger(ctx, w.urls[postgres.Verifier], w.urls[postgres.AuditAppend]); err != nil {
		return err
	}
	w.ends = append(w.ends, w.store.Close)
	log := w.db.Audit()
	filled := int64(w.rows)
	since := sinceFilled{w.store, filled}
	w.ledger, err = ledger.Open(ctx, ledger.Config{
		Reader: since, Writer: w.store, Keys: signers, Witnesses: []ledger.Witness{confirms}, Authentic: keys.Authentic,
		Appended: func() int64 { return log.Appended() - filled }, Know: func(size int64) { log.Know(size + filled) },
		Halt: func(why error) { w.halted.Store(&why); log.Halt(why) }, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		return err
	}
	running, stop := context.WithCancel(ctx)
	var group sync.WaitGroup
	group.Go(func() { w.ledger.Run(running) })
	w.ends = append(w.ends, func() { stop(); group.Wait() })
	return nil
}

// witness starts a witness on a port of its own and gives a client for it.
func (w *trailWriter) witness(dir string, logs checkpoint.SignerFile) (*witness.Client, error) {
	signers, err := signerFile(filepath.Join(dir, "witness"), checkpoint.NewWitnessKey)
	if err != nil {
		return nil, err
	}
	keeps, err := witness.Open(dir, signers.Signers[0], logs.Verifiers)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	server := &http.Server{Handler: keeps.Handler(), ReadHeaderTimeout: time.Second}
	go func() { _ = server.Serve(listener) }()
	w.ends = append(w.ends, func() { _ = server.Close(); _ = keeps.Close() })
	address := "http://" + listener.Addr().String()
	client, err := outbound.New(outbound.Config{Source: "witness", BaseURL: address, Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, AllowHTTP: true})
	if err != nil {
		return nil, err
	}
	return witness.NewClient(client, address, signers.Verifiers[0]), nil
}

// signerFile reads a pair of keys, and makes it the first time.
func signerFile(path string, make func(name string) (secret, public string, err error)) (checkpoint.SignerFile, error) {
	if _, err := os.Stat(path); err != nil {
		secret, public, err := make(filepath.Base(path) + ".bench.invalid/audit")
		if err != nil {
			return checkpoint.SignerFile{}, err
		}
		if err := checkpoint.WriteKeyPair(path, secret, public); err != nil {
			return checkpoint.SignerFile{}, err
		}
	}
	return checkpoint.ReadSigners(path, time.Now)
}

// close ends everything, in the reverse order of its beginning.
func (w *trailWriter) close() {
	for i := len(w.ends) - 1; i >= 0; i-- {
		w.ends[i]()
	}
	w.ends = nil
}

// waiting is how many events no checkpoint covers yet.
func (w *trailWriter) waiting() int64 {
	return w.db.Audit().Appended() - int64(w.rows) - w.ledger.Size()
}

// broken says why the ledger stopped the writer, if it did.
func (w *trailWriter) broken() error {
	if why := w.halted.Load(); why != nil {
		return fmt.Errorf("the ledger stopped the trail: %w", *why)
	}
	return nil
}

// sinceFilled has the ledger begin after the events that were filled in: they were never signed for. It also keeps the ledger from rows that were
// inserted beside the trail, which come after all others.
type sinceFilled struct {
	*postgres.Ledger
	filled int64
}

// State gives sizes as if the trail had begun then.
func (s sinceFilled) State(ctx context.Context) (ledger.State, error) {
	state, err := s.Ledger.State(ctx)
	state.Head -= s.filled
	return state, err
}

// Rows gives rows with numbers as if the trail had begun then.
func (s sinceFilled) Rows(ctx context.Context, after int64, most int) ([]leaf.Row, error) {
	rows, err := s.Ledger.Rows(ctx, after+s.filled, most)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		if rows[i].Sequence >= beyond {
			return rows[:i], nil
		}
		rows[i].Sequence -= s.filled
	}
	return rows, nil
}
