package verify

import (
	"bytes"
	"errors"
	"testing"

	"ribble/internal/ledger"
	"ribble/internal/postgres"
)

// TestProofBundle proves single events of a trail, and refuses a bundle that was changed anywhere.
func TestProofBundle(t *testing.T) {
	e := newEstate(t)
	urls, _ := e.urls(e.today)
	store, err := postgres.OpenLedger(t.Context(), urls[postgres.Verifier], "")
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	var out bytes.Buffer
	want := []int64{1, 7, 31, 60}
	if err := ledger.ProveEvents(t.Context(), store, &out, want); err != nil {
		t.Fatal(err)
	}
	o := Options{LogKeys: []string{e.public}, WitnessKeys: []string{e.witnessKey}}
	p, err := Events(bytes.NewReader(out.Bytes()), o)
	if err != nil || p.Finding != nil || len(p.Rows) != len(want) || p.At.IsZero() {
		t.Fatalf("%+v, %v", p, err)
	}
	for i, row := range p.Rows {
		if row.Sequence != want[i] {
			t.Errorf("event %d where %d was asked for", row.Sequence, want[i])
		}
	}
	if ok, err := IsProof(bytes.NewReader(out.Bytes())); err != nil || !ok {
		t.Errorf("not recognised: %v", err)
	}
	for at := 0; at < out.Len(); at += 11 {
		changed := bytes.Clone(out.Bytes())
		changed[at] ^= 4
		p, err := Events(bytes.NewReader(changed), o)
		if err == nil && p.Finding == nil && len(p.Rows) == len(want) {
			t.Errorf("a change at byte %d was not found", at)
		}
	}
	if err := ledger.ProveEvents(t.Context(), store, &out, []int64{61}); !errors.Is(err, ledger.ErrNotCovered) {
		t.Errorf("an event beyond the checkpoint: %v", err)
	}
	if _, err := Events(bytes.NewReader(e.export(t, e.today, ledger.Range{})), o); err == nil {
		t.Error("an export passed for a proof bundle")
	}
}
