package watch

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ribble/internal/audit"
	"ribble/internal/relationship"
)

// TestSingleRules: each rule speaks where it should and is silent beside it.
func TestSingleRules(t *testing.T) {
	register := Register{
		Staff: map[string]Member{
			"s1": {Person: "me", Surname: "NAME", Household: "HOME", Organisation: "RZB"},
			"s2": {Person: "other", Organisation: "RZB", Left: start.Add(-time.Hour)},
		},
		Employers: map[string][]string{"mate": {"RZB"}, "elsewhere": {"RZP"}},
		Listed:    map[string]bool{"vip": true},
	}
	look := func(change func(*Look)) Look {
		l := Look{
			At: start.Add(4 * time.Hour), Act: audit.ActIntent, User: User{"i", "s1"}, SDSUserID: "s1", Role: "R8001", Organisation: "RZB", Person: "p",
			Surname: "OTHER", Household: "ELSEWHERE", Relationship: relationship.Attending.String(),
		}
		change(&l)
		return l
	}
	for _, c := range []struct {
		name, rule string
		speaks     bool
		change     func(*Look)
	}{
		{"own", "own-record", true, func(l *Look) { l.Person = "me" }},
		{"own, only a check", "own-record", false, func(l *Look) { l.Person, l.Check = "me", true }},
		{"own, refused", "own-record", true, func(l *Look) { l.Person, l.Act = "me", audit.ActRefused }},
		{"own, other user", "own-record", false, func(l *Look) { l.Person, l.SDSUserID = "me", "s2" }},
		{"same home", "same-name-and-home", true, func(l *Look) { l.Household = "HOME" }},
		{"same name, with a relationship", "same-name-and-home", false, func(l *Look) { l.Surname = "NAME" }},
		{"same name, without", "same-name-and-home", true, func(l *Look) { l.Surname, l.Relationship = "NAME", "self-claimed" }},
		{"two without a home", "same-name-and-home", false, func(l *Look) { l.SDSUserID, l.Household, l.Surname = "s2", "", "" }},
		{"colleague", "colleague", true, func(l *Look) { l.Person = "mate" }},
		{"works elsewhere", "colleague", false, func(l *Look) { l.Person = "elsewhere" }},
		{"listed", "listed-person", true, func(l *Look) { l.Person = "vip" }},
		{"claimed", "self-claimed", true, func(l *Look) { l.Act = audit.ActRelationshipClaimed }},
		{"a look under a claim", "self-claimed", false, func(l *Look) { l.Relationship = "self-claimed" }},
		{"emergency access", "emergency-access", true, func(l *Look) { l.Act, l.Reason = audit.ActBreakGlassBegan, "unconscious" }},
		{"protected", "restricted-person", true, func(l *Look) { l.Protected = true }},
		{"leaver", "leaver", true, func(l *Look) { l.SDSUserID = "s2" }},
		{"still there", "leaver", false, func(*Look) {}},
		{"practice at night", "out-of-hours", true, func(l *Look) { l.Organisation, l.At = "Y99001", start.Add(16*time.Hour) }},
		{"practice by day", "out-of-hours", false, func(l *Look) { l.Organisation = "Y99001" }},
		{"hospital at night", "out-of-hours", false, func(l *Look) { l.At = start.Add(16 * time.Hour) }},
	} {
		found := New(Shipped(), func() Register { return register }).See(look(c.change))
		spoke := false
		for _, f := range found {
			spoke = spoke || f.Rule == c.rule
			if f.Words == "" || len(f.Facts) == 0 || f.Score < 1 || f.Score > 100 || f.Version != 1 {
				t.Errorf("%s: the finding explains nothing: %+v", c.name, f)
			}
		}
		if spoke != c.speaks {
			t.Errorf("%s: %s speaks: %t, want %t", c.name, c.rule, spoke, c.speaks)
		}
	}
}

func TestCountingRules(t *testing.T) {
	for _, c := range []struct {
		rule  string
		times int
		every time.Duration
		look  func(i int) Look
	}{
		{"many-records", 40, time.Minute, func(i int) Look { return Look{Act: audit.ActIntent, Person: fmt.Sprint(i)} }},
		{"many-searches-in-vain", 12, time.Minute, func(int) Look { return Look{Act: audit.ActTraced} }},
		{"emergency-access-often", 4, time.Hour, func(int) Look { return Look{Act: audit.ActBreakGlassBegan} }},
		{"one-person-again-and-again", 10, time.Hour, func(int) Look { return Look{Act: audit.ActIntent, Person: "p"} }},
		{"two-places-at-once", 2, time.Minute, func(i int) Look {
			return Look{Act: audit.ActIntent, Person: "p", Session: fmt.Sprint(i), Address: fmt.Sprint("10.0.0.", i)}
		}},
	} {
		w := New(Shipped(), func() Register { return Register{} })
		// A colleague of the same role does the thing once: the peers.
		peer := c.look(0)
		peer.At, peer.User, peer.Role, peer.Person = start, User{"i", "peer"}, "R", "x"
		w.See(peer)
		first := 0
		for i := 1; i <= c.times+3; i++ {
			l := c.look(i)
			l.At, l.User, l.Role, l.Organisation, l.Relationship = start.Add(time.Duration(i)*c.every), User{"i", "u"}, "R", "RZB", "attending"
			for _, f := range w.See(l) {
				if f.Rule == c.rule && first == 0 {
					first = i
				}
			}
		}
		if first != c.times {
			t.Errorf("%s first speaks at %d, want %d", c.rule, first, c.times)
		}
	}
}

// TestQuiet: a rule says the same thing about the same two once, and again when its quiet time is over.
func TestQuiet(t *testing.T) {
	w := New(Shipped(), func() Register { return Register{Listed: map[string]bool{"p": true}} })
	n := 0
	for hour := range 50 {
		l := Look{At: start.Add(time.Duration(hour) * time.Hour), Act: audit.ActIntent, User: User{"i", "u"}, Person: "p", Organisation: "RZB", Relationship: "attending"}
		for _, f := range w.See(l) {
			if f.Rule == "listed-person" {
				n++
			}
		}
	}
	if n != 3 {
		t.Errorf("said %d times in 50 hours, want 3", n)
	}
}

func TestThresholdOfAnOrganisation(t *testing.T) {
	set := Set{Version: 2, Rules: []Rule{{ID: "r", Kind: "repeated", Score: 10, Window: Span(time.Hour), Threshold: 2, Quiet: Span(time.Minute), Thresholds: map[string]int{"A": 3, "B": 0}}}}
	for organisation, want := range map[string]int{"A": 3, "B": 0, "C": 2} {
		w, first := New(set, func() Register { return Register{} }), 0
		for i := 1; i <= 5; i++ {
			l := Look{At: start.Add(time.Duration(i) * time.Minute), Act: audit.ActIntent, User: User{"i", "u"}, Person: "p", Organisation: organisation}
			if len(w.See(l)) > 0 && first == 0 {
				first = i
			}
		}
		if first != want {
			t.Errorf("%s: first at %d, want %d", organisation, first, want)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"not JSON":     `{`,
		"no version":   `{"rules":[]}`,
		"unknown kind": `{"version":1,"rules":[{"id":"a","kind":"mood","score":1,"quiet":"1h"}]}`,
		"twice":        `{"version":1,"rules":[{"id":"a","kind":"leaver","score":1,"quiet":"1h"},{"id":"a","kind":"leaver","score":1,"quiet":"1h"}]}`,
		"no score":     `{"version":1,"rules":[{"id":"a","kind":"leaver","quiet":"1h"}]}`,
		"no quiet":     `{"version":1,"rules":[{"id":"a","kind":"leaver","score":1}]}`,
		"no window":    `{"version":1,"rules":[{"id":"a","kind":"volume","threshold":3,"score":1,"quiet":"1h"}]}`,
		"no threshold": `{"version":1,"rules":[{"id":"a","kind":"volume","window":"1h","score":1,"quiet":"1h"}]}`,
		"no hours":     `{"version":1,"rules":[{"id":"a","kind":"out-of-hours","score":1,"quiet":"1h"}]}`,
		"misspelt":     `{"version":1,"rules":[{"id":"a","kind":"leaver","scores":1,"quiet":"1h"}]}`,
		"more":         `{"version":1,"rules":[]} {}`,
	} {
		if _, err := Load(strings.NewReader(text)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// TestWindowCounts holds the sliding window against counting again from the beginning.
func TestWindowCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		span := time.Duration(rapid.IntRange(1, 50).Draw(t, "span")) * time.Second
		var sum spread
		w := newWindow(Span(span), func(_ int, from, to int) { sum.move(from, to) })
		type event struct {
			at  time.Time
			key int
		}
		var all []event
		at := start
		for range rapid.IntRange(1, 60).Draw(t, "events") {
			at = at.Add(time.Duration(rapid.IntRange(0, 20).Draw(t, "gap")) * time.Second)
			key := rapid.IntRange(0, 4).Draw(t, "key")
			all = append(all, event{at, key})
			got := w.add(at, key)
			want, keys := 0, map[int]bool{}
			for _, e := range all {
				if at.Sub(e.at) > span {
					continue
				}
				keys[e.key] = true
				if e.key == key {
					want++
				}
			}
			if got != want || sum.total != len(keys) {
				t.Fatalf("counted %d of %d, %d keys of %d", got, want, sum.total, len(keys))
			}
		}
	})
}

// TestOneDeskIsOnePlace: the port of an address tells two browsers apart, not two desks.
func TestOneDeskIsOnePlace(t *testing.T) {
	for address, want := range map[string]string{"10.1.2.3:50123": "10.1.2.3", "[fd00::1]:443": "fd00::1", "10.1.2.3": "10.1.2.3", "": ""} {
		if got := FromEvent(1, audit.Event{Device: audit.Device{Address: address}}).Address; got != want {
			t.Errorf("%q is at %q, want %q", address, got, want)
		}
	}
}
