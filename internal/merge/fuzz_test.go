package merge_test

import (
	"testing"

	"ribble/internal/merge"
	"ribble/internal/record"
)

// FuzzEntries reads three bytes as one entry: source, code and phase, identifier. Whatever comes, every entry stands in one group, and no group joins
// two entries of one source or two facts.
func FuzzEntries(f *testing.F) {
	f.Add([]byte{0, 1, 1, 1, 1, 1, 2, 1, 1})
	f.Add([]byte{0, 0, 1, 1, 0, 1, 0, 9, 2, 1, 9, 2, 1, 9, 2})
	f.Fuzz(func(t *testing.T, raw []byte) {
		var entries []*record.Allergy
		for i := 0; i+2 < len(raw) && len(entries) < 500; i += 3 {
			code, phase := "", record.Current
			if raw[i+1]&0x7f > 0 {
				code = string(rune('0' + raw[i+1]&0x0f))
			}
			if raw[i+1]&0x80 > 0 {
				phase = record.Ended
			}
			var ids []record.Identifier
			if raw[i+2] > 0 {
				ids = append(ids, record.Identifier{System: string(rune('s' + raw[i+2]>>6)), Value: string(rune('0' + raw[i+2]&0x3f))})
			}
			entries = append(entries, allergy(string(rune('a'+raw[i]%8)), string(raw[i:i+3]), code, phase, ids...))
		}
		seen := map[*record.Allergy]bool{}
		for _, g := range merge.Entries[record.Allergy](entries, key) {
			feeds := map[string]bool{}
			for _, m := range g.Members {
				if seen[m] || feeds[m.Source.Feed] || key(m) != key(g.One()) {
					t.Fatal("an entry twice, a source twice, or two facts in one group")
				}
				seen[m], feeds[m.Source.Feed] = true, true
			}
		}
		if len(seen) != len(entries) {
			t.Fatalf("%d of %d entries are in a group", len(seen), len(entries))
		}
	})
}
