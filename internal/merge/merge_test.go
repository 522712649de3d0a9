package merge_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"ribble/internal/merge"
	"ribble/internal/record"
)

func allergy(feed, id, code string, phase record.Phase, identifiers ...record.Identifier) *record.Allergy {
	a := &record.Allergy{Head: record.Head{Source: &record.SourceRef{Feed: feed}, Key: record.ItemKey{Type: "AllergyIntolerance", ID: id}, Phase: phase, Identifiers: identifiers}}
	if code != "" {
		a.Agent.Codings = []record.Coding{{System: record.SNOMED, Code: code}}
	}
	return a
}

func key(a *record.Allergy) merge.Key { return merge.Key{Code: a.Agent.MatchCode(), Phase: a.Phase} }

func TestEntries(t *testing.T) {
	id := record.Identifier{System: "https://example/id", Value: "1"}
	bare := record.Identifier{Value: "1"}
	for _, c := range []struct {
		name    string
		entries []*record.Allergy
		groups  []int
		differ  bool
	}{
		{"equal code in two sources", []*record.Allergy{allergy("a", "1", "91936005", record.Current), allergy("b", "1", "91936005", record.Current)}, []int{2}, false},
		{"equal code twice in one source", []*record.Allergy{allergy("a", "1", "91936005", record.Current), allergy("a", "2", "91936005", record.Current)}, []int{1, 1}, false},
		{"twice in one source, once in another", []*record.Allergy{allergy("a", "1", "9", record.Current), allergy("a", "2", "9", record.Current), allergy("b", "1", "9", record.Current)}, []int{2, 1}, false},
		{"another phase", []*record.Allergy{allergy("a", "1", "9", record.Current), allergy("b", "1", "9", record.Ended)}, []int{1, 1}, false},
		{"no code", []*record.Allergy{allergy("a", "1", "", record.Current), allergy("b", "1", "", record.Current)}, []int{1, 1}, false},
		{"equal identifier, no code", []*record.Allergy{allergy("a", "1", "", record.Current, id), allergy("b", "1", "", record.Current, id)}, []int{2}, false},
		{"equal identifier without system", []*record.Allergy{allergy("a", "1", "", record.Current, bare), allergy("b", "1", "", record.Current, bare)}, []int{1, 1}, false},
		{"equal identifier, other content", []*record.Allergy{allergy("a", "1", "9", record.Current, id), allergy("b", "1", "8", record.Current, id)}, []int{1, 1}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			groups := merge.Entries[record.Allergy](c.entries, key)
			if len(groups) != len(c.groups) {
				t.Fatalf("%d groups, want %d", len(groups), len(c.groups))
			}
			for i, g := range groups {
				if len(g.Members) != c.groups[i] || g.VersionsDiffer != c.differ {
					t.Errorf("group %d: %d members, versions differ %v", i, len(g.Members), g.VersionsDiffer)
				}
			}
		})
	}
}

// TestLosesNothing is the merge's part of the conservation law: whatever comes, each entry stands in exactly one group, no group has two
// entries of one source, and no group joins different codes.
func TestLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var entries []*record.Allergy
		for i := range rapid.IntRange(0, 40).Draw(t, "n") {
			feed := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "feed")
			code := rapid.SampledFrom([]string{"", "1", "2", "3"}).Draw(t, "code")
			phase := rapid.SampledFrom([]record.Phase{record.Current, record.Ended}).Draw(t, "phase")
			var ids []record.Identifier
			if v := rapid.IntRange(0, 5).Draw(t, "id"); v > 0 {
				ids = append(ids, record.Identifier{System: "s", Value: fmt.Sprint(v)})
			}
			entries = append(entries, allergy(feed, fmt.Sprint(i), code, phase, ids...))
		}
		seen := map[*record.Allergy]int{}
		for _, g := range merge.Entries[record.Allergy](entries, key) {
			feeds := map[string]bool{}
			for _, m := range g.Members {
				seen[m]++
				if feeds[m.Source.Feed] {
					t.Fatal("one source twice in a group")
				}
				feeds[m.Source.Feed] = true
				if key(m) != key(g.One()) {
					t.Fatal("different facts in one group")
				}
			}
		}
		if len(seen) != len(entries) {
			t.Fatalf("%d of %d entries are in a group", len(seen), len(entries))
		}
		for _, n := range seen {
			if n != 1 {
				t.Fatal("an entry stands in two groups")
			}
		}
	})
}
