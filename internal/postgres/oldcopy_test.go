package postgres_test

import (
	"errors"
	"testing"

	"ribble/internal/audit"
	"ribble/internal/ledger"
	"ribble/internal/pgtest"
)

// TestOldCopyIsLeftAgain: a portal that was led to an old copy for some rounds adds nothing to it, and goes on by itself where nothing is missing.
func TestOldCopyIsLeftAgain(t *testing.T) {
	p := newPortal(t, pgtest.New(t))
	r := p.mustReplica(t)
	for range 2 {
		r.note(t, 5)
		r.round(t)
	}
	script(t, p.db.AdminURL, guardsOff+`; CREATE TABLE kept_event AS SELECT * FROM audit.event WHERE sequence > 5; CREATE TABLE kept_checkpoint AS SELECT * FROM audit.checkpoint WHERE size > 5;
		CREATE TABLE kept_tile AS TABLE audit.tile;
		DELETE FROM audit.event WHERE sequence > 5; UPDATE audit.head SET size = 5; DELETE FROM audit.checkpoint WHERE size > 5; DELETE FROM audit.tile`)
	for range 2 {
		if err := r.ledger.Round(t.Context()); !errors.Is(err, ledger.ErrBroken) {
			t.Errorf("a round at an old copy: %v", err)
		}
		if err := r.trail.Note(t.Context(), audit.Note{Act: audit.ActSignedOut}); !errors.Is(err, audit.ErrNotWritten) {
			t.Errorf("an event at an old copy: %v", err)
		}
		if r.ledger.Ready(t.Context()) == nil {
			t.Error("ready at an old copy")
		}
	}
	script(t, p.db.AdminURL, guardsOff+`; INSERT INTO audit.event SELECT * FROM kept_event; UPDATE audit.head SET size = 10; INSERT INTO audit.checkpoint SELECT * FROM kept_checkpoint;
		INSERT INTO audit.tile SELECT * FROM kept_tile`)
	r.note(t, 1)
	r.round(t)
	if err := r.ledger.Ready(t.Context()); err != nil {
		t.Errorf("after the old copy: %v", err)
	}
	if report := p.verify(t, r); report.Finding != nil || report.Proven != 11 {
		t.Errorf("%+v", report)
	}
}
