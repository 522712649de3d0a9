package sensitive_test

import (
	"testing"

	"ribble/internal/record"
)

// FuzzClear puts one coding of the fuzzer's at one of the places where an entry can have a code, beside a sensitive one at another entry. The sensitive
// entry is never shown; nothing that is shown was not there before; and who may see every set sees both.
func FuzzClear(f *testing.F) {
	for _, seed := range []struct{ system, code, display string }{
		{record.SNOMED, harmless, "Hypertension"}, {record.SNOMED, secret, ""}, {record.ReadV2, secretRead, ""}, {localCodes, "S1", "x"}, {"", "", ""}, {record.SNOMED, "195967002", "no check digit"}, {"http://snomed.info/sct/", secret, ""},
	} {
		f.Add(uint16(0), seed.system, seed.code, seed.display)
		f.Add(uint16(97), seed.system, seed.code, seed.display)
	}
	p, places := policy(f), paths()
	f.Fuzz(func(t *testing.T, at uint16, system, code, display string) {
		make := func() record.Chart {
			var chart record.Chart
			places[int(at)%len(places)].add(&chart, head("X", "fuzzed"), []record.Coding{{System: system, Code: code, Display: display}})
			places[0].add(&chart, head("X", "secret"), []record.Coding{{System: record.SNOMED, Code: secret}})
			return chart
		}
		shown := keys(p.Clear(grant(t, detailed), checked(answer(make()))).Answer().Chart)
		if shown["secret"] {
			t.Fatal("a sensitive entry is shown")
		}
		if system == record.SNOMED && code == secret && shown["fuzzed"] {
			t.Fatalf("a sensitive code at %s is shown", places[int(at)%len(places)].name)
		}
		if len(shown) > 1 {
			t.Fatalf("%d entries of two are shown", len(shown))
		}
		if all := keys(p.Clear(grant(t, detailed, sensitiveFlagged, ownB), checked(answer(make()))).Answer().Chart); len(all) != len(keys(make())) {
			t.Fatalf("who may see every set sees %d entries", len(all))
		}
	})
}

func keys(chart record.Chart) map[string]bool {
	found := map[string]bool{}
	for s := range record.AllSections.All {
		chart.Heads(s, func(h *record.Head) { found[h.Key.ID] = true })
	}
	return found
}
