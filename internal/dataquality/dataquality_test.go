package dataquality

import (
	"testing"

	"pgregory.net/rapid"

	"ribble/internal/record"
)

// TestContact: a telephone number or an e-mail address, and nothing in which a sentence could hide.
func TestContact(t *testing.T) {
	for text, want := range map[string]bool{
		"01632 960001": true, "01632 960001 ext 12": true, "+44 1632 960 001": true, "(01632) 960-001, bleep 4471": true, "n.okafor@hodder.example": true,
		" 01632  960001 ": true,
		"":                false, "ring the ward": false, "ask her about the penicillin": false, "999 000 0018": false, "a@b": false, "01632 960001 she is allergic": false,
		"x@y.example and more": false, "0163296000112345678": false,
	} {
		if got, ok := contact(text); ok != want {
			t.Errorf("%q: %v (%q), want %v", text, ok, got, want)
		}
	}
}

// TestNoNumberIsKept: an id that holds an NHS number anywhere is not kept, whatever stands around it.
func TestNoNumberIsKept(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before, after := rapid.StringMatching(`[A-Za-z0-9.-]{0,20}`).Draw(t, "before"), rapid.StringMatching(`[A-Za-z0-9.-]{0,20}`).Draw(t, "after")
		if k := keepable(record.ItemKey{Type: "Condition", ID: before + "9990000018" + after}); k != (record.ItemKey{}) {
			t.Fatalf("kept %q", k.ID)
		}
	})
	if k := keepable(record.ItemKey{Type: "Condition", ID: "0d4a6c1e-7b1f-4a55-9a0c-1e2f3a4b5c6d"}); k.ID == "" {
		t.Error("a UUID is not kept")
	}
}
