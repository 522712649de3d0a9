package sensitive_test

import (
	"testing"

	"ribble/internal/record"
	"ribble/internal/sensitive"
)

func dated(code, when, recorded string) record.OtherEntry {
	h := head("Observation", code+when)
	h.When, h.Recorded = record.On(record.ParseDate(when)), record.ParseDate(recorded)
	return record.OtherEntry{Head: h, Name: snomed(code)}
}

const refusedLocal, refusedThird, agreedLocal, agreedShare, refusedNational = "416409005", "320011000000108", "417370002", "425691002", "416308001"

func TestDissent(t *testing.T) {
	ended := dated(refusedLocal, "2020-01-01", "")
	ended.Phase = record.Ended
	refuted := dated(refusedLocal, "2020-01-01", "")
	refuted.Phase = record.Refuted
	for _, k := range []struct {
		name    string
		entries []record.OtherEntry
		refused bool
	}{
		{"refused", []record.OtherEntry{dated(refusedLocal, "2024-01-01", "")}, true},
		{"refused to third parties", []record.OtherEntry{dated(refusedThird, "2024-01-01", "")}, true},
		{"refused, in an entry that has ended", []record.OtherEntry{ended}, true},
		{"refused, and ruled out", []record.OtherEntry{refuted}, false},
		{"refused for a national store only", []record.OtherEntry{dated(refusedNational, "2024-01-01", "")}, false},
		{"agreed later", []record.OtherEntry{dated(refusedLocal, "2024-01-01", ""), dated(agreedLocal, "2024-01-02", "")}, false},
		{"agreed later, in another way", []record.OtherEntry{dated(agreedShare, "2025", ""), dated(refusedThird, "2024-12", "")}, false},
		{"agreed before", []record.OtherEntry{dated(agreedLocal, "2023-12-31", ""), dated(refusedLocal, "2024-01-01", "")}, true},
		{"refused again", []record.OtherEntry{dated(refusedLocal, "2023-01-01", ""), dated(agreedLocal, "2024-01-01", ""), dated(refusedLocal, "2025-01-01", "")}, true},
		{"both on one day", []record.OtherEntry{dated(refusedLocal, "2024-01-01", ""), dated(agreedLocal, "2024-01-01", "")}, true},
		{"agreed in the month in which it was refused", []record.OtherEntry{dated(refusedLocal, "2024-01", ""), dated(agreedLocal, "2024-01-20", "")}, true},
		{"refused without a date", []record.OtherEntry{dated(refusedLocal, "", ""), dated(agreedLocal, "2024-01-01", "")}, true},
		{"refused on a date that is none", []record.OtherEntry{dated(refusedLocal, "soon", ""), dated(agreedLocal, "2024-01-01", "")}, true},
		{"agreed without a date", []record.OtherEntry{dated(refusedLocal, "2024-01-01", ""), dated(agreedLocal, "", "")}, true},
		{"agreed after the view", []record.OtherEntry{dated(refusedLocal, "2024-01-01", ""), dated(agreedLocal, "2026-12-01", "")}, true},
		{"refused long ago, written down after the agreement", []record.OtherEntry{dated(refusedLocal, "2020-01-01", "2025-06-01"), dated(agreedLocal, "2024-01-01", "")}, true},
		{"agreed, and never refused", []record.OtherEntry{dated(agreedLocal, "2024-01-01", "")}, false},
	} {
		t.Run(k.name, func(t *testing.T) {
			c := clear(t, record.Chart{Other: k.entries, Allergies: []record.Allergy{{Head: head("AllergyIntolerance", "1")}}}, detailed, sensitiveFlagged)
			a := c.Answer()
			if got := a.State == record.Refused && a.Detail == sensitive.NotShared; got != k.refused {
				t.Fatalf("the source is in state %s, %q", a.State, a.Detail)
			}
			if k.refused {
				empty(t, c, len(k.entries))
			}
		})
	}
}

// empty: nothing of a source that is not shared is left, and every entry is counted for the trail.
func empty(t *testing.T, c *sensitive.Cleared, others int) {
	t.Helper()
	a := c.Answer()
	for s := range record.AllSections.All {
		if _, rows := a.Chart.Count(s); rows > 0 || a.Coverage[s].State != record.Refused && a.Coverage[s].State != record.NotAsked {
			t.Errorf("%s: %d rows, state %s", s.ID(), rows, a.Coverage[s].State)
		}
	}
	if len(a.Patients) > 0 || len(a.Warnings) > 0 || len(c.Warnings()) > 0 {
		t.Error("details of the person are left")
	}
	if c.Withheld(record.Other) != others || c.Withheld(record.Allergies) != 1 || a.Account.Unaccounted() != 0 {
		t.Error("what is withheld is not counted")
	}
	if by := c.WithheldBy(); len(by) != 1 || by[0] != (sensitive.Count{Code: "dissent", N: others + 1}) {
		t.Errorf("withheld by %v", by)
	}
}

func TestConsentThatDenies(t *testing.T) {
	deny := func(change func(*record.LegalStatus)) record.LegalStatus {
		e := record.LegalStatus{Head: head("Consent", "1"), Kind: "Consent", Context: "denies"}
		e.Facts = []record.Fact{{Label: "About", Text: "Privacy Consent"}}
		change(&e)
		return e
	}
	for _, k := range []struct {
		name    string
		change  func(*record.LegalStatus)
		refused bool
	}{
		{"in force", func(*record.LegalStatus) {}, true},
		{"permits", func(e *record.LegalStatus) { e.Context = "permits" }, false},
		{"an advance decision", func(e *record.LegalStatus) { e.Kind = "Advance decision" }, false},
		{"about research", func(e *record.LegalStatus) { e.Facts[0].Text = "Research" }, false},
		{"about treatment, by its code", func(e *record.LegalStatus) { e.Coded([]record.Coding{{Code: "treatment"}}) }, false},
		{"no longer in force", func(e *record.LegalStatus) { e.Phase = record.Ended }, false},
		{"a draft", func(e *record.LegalStatus) { e.Phase = record.Draft }, false},
		{"its time is over", func(e *record.LegalStatus) { e.When.End = record.ParseDate("2026-01-01") }, false},
		{"its time is not over", func(e *record.LegalStatus) { e.When.End = record.ParseDate("2027") }, true},
	} {
		t.Run(k.name, func(t *testing.T) {
			c := clear(t, record.Chart{Legal: []record.LegalStatus{deny(k.change)}}, detailed, sensitiveFlagged)
			if got := c.Answer().State == record.Refused; got != k.refused {
				t.Errorf("refused: %v", got)
			}
		})
	}
}
