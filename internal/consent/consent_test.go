package consent_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ribble/internal/consent"
	"ribble/internal/record"
)

var now = time.Date(2026, 11, 18, 14, 0, 0, 0, time.UTC)

func entry(s consent.Stance, d consent.Direction, organisation string, sections ...record.Section) consent.Entry {
	return consent.Entry{Organisation: organisation, Sections: record.SectionsOf(sections...), Direction: d, Stance: s, From: now.Add(-time.Hour)}
}

func TestObjections(t *testing.T) {
	ended := entry(consent.Objected, consent.Supply, "RXX", record.Plans)
	ended.Until = now
	s := consent.Standing{
		entry(consent.Objected, consent.Supply, "RXX", record.Results), entry(consent.Agreed, consent.Supply, "RXX", record.Results),
		entry(consent.Objected, consent.View, "", record.Documents), entry(consent.Objected, consent.View, "RYY", record.Alerts), ended,
	}
	if got := s.Withholds("RXX", now); got != record.SectionsOf(record.Results) {
		t.Errorf("RXX withholds %b", got)
	}
	if got := s.Bars("RYY", now); got != record.SectionsOf(record.Documents, record.Alerts) {
		t.Errorf("RYY is barred from %b", got)
	}
	if got := s.Bars("RXX", now.Add(-2*time.Hour)); got != 0 {
		t.Errorf("before anything was said RXX was barred from %b", got)
	}
	if got := s.Conflicts(now); len(got) != 1 || got[0][0].Stance != consent.Agreed || got[0][1].Stance != consent.Objected {
		t.Errorf("conflicts %+v", got)
	}
}

// TestAnAgreementNeverOpens: whatever else is said, adding an agreement changes nothing, and adding an objection never opens anything.
func TestAnAgreementNeverOpens(t *testing.T) {
	one := rapid.Custom(func(t *rapid.T) consent.Entry {
		e := entry(consent.Stance(rapid.IntRange(1, 2).Draw(t, "stance")), consent.Direction(rapid.IntRange(1, 2).Draw(t, "direction")),
			rapid.SampledFrom([]string{"", "RXX", "RYY"}).Draw(t, "organisation"))
		e.Sections = record.Sections(rapid.Uint32Range(1, uint32(record.AllSections)).Draw(t, "sections"))
		return e
	})
	rapid.Check(t, func(t *rapid.T) {
		s := consent.Standing(rapid.SliceOf(one).Draw(t, "standing"))
		more := one.Draw(t, "more")
		before, after := s.Bars("RXX", now)|s.Withholds("RXX", now), append(s[:len(s):len(s)], more)
		got := after.Bars("RXX", now) | after.Withholds("RXX", now)
		if got&before != before || more.Stance == consent.Agreed && got != before {
			t.Fatalf("%b became %b", before, got)
		}
	})
}

func TestObjectionsToSupplyAreNamed(t *testing.T) {
	in := entry(consent.Objected, consent.Supply, "RXX", record.Plans)
	in.ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
	ahead, agreed, over, view := in, in, in, in
	ahead.From, agreed.Stance, over.Until, view.Direction = now.Add(time.Minute), consent.Agreed, now, consent.View
	if got := (consent.Standing{ahead, agreed, over, view}).Withheld(now); got != nil {
		t.Errorf("named %q", got)
	}
	if got := (consent.Standing{in, over}).Withheld(now); !slices.Equal(got, []string{"0f8fad5b"}) {
		t.Errorf("named %q", got)
	}
}
