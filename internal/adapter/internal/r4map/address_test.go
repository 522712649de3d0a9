package r4map

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"ribble/internal/adapter/internal/fhirjson"
	"ribble/internal/adapter/internal/r4"
	"ribble/internal/record"
)

// Whatever addresses and ids a source sends, a reference finds the first entry with that full address, else the first with that type and id on
// the feed's own base.
func TestReferencesFindTheFirst(t *testing.T) {
	found := 0
	rapid.Check(t, func(t *rapid.T) {
		oneOf := func(label string, words ...string) string { return rapid.SampledFrom(words).Draw(t, label) }
		texts := []string{"Patient/p1", "https://a.test/Patient/p1/_history/2", "Flag/1/2", "nothing", "", "/", "//", "a b/1", "Flag/a b"}
		byAddress, byKey := map[string]int{}, map[record.ItemKey]int{}
		b := new(r4.Bundle)
		for i := range rapid.IntRange(1, 90).Draw(t, "entries") {
			kind, id, base := oneOf("type", "Flag", "List", "Patient"), oneOf("id", "1", "2", "p1", "", "a b"), oneOf("base", "https://a.test", "https://a.test/fhir", "b", "")
			address := oneOf("address", base+"/"+kind+"/"+id, base+"/"+kind+"/"+id, base+"/Flag/1", kind+"/"+id, "urn:uuid:1", "")
			body, err := json.Marshal(map[string]any{"fullUrl": address, "resource": map[string]any{"resourceType": kind, "id": id, "text": map[string]any{"n": i}, "implicitRules": oneOf("rules", "", "x")}})
			if err != nil {
				t.Fatal(err)
			}
			var e r4.BundleEntry
			if err := fhirjson.Decode(body, &e); err != nil {
				t.Fatal(err)
			}
			b.Entry = append(b.Entry, e)
			if _, taken := byAddress[address]; !taken && address != "" {
				byAddress[address] = i
			}
			if _, taken := byKey[record.ItemKey{Type: kind, ID: id}]; !taken && id != "" {
				byKey[record.ItemKey{Type: kind, ID: id}] = i
			}
			texts = append(texts, address, kind+"/"+id, base+"/"+kind+"/"+id)
		}
		s := NewSet()
		s.Add("", 0, b)
		s.base = "https://a.test"
		for _, text := range texts {
			want := -1
			if at, ok := byAddress[text]; ok {
				want = at
			} else if key, ok := s.keyOf(text); ok {
				if at, ok := byKey[key]; ok {
					want = at
				}
			}
			if got := s.find(&r4.Reference{Reference: text}, 0); got != want {
				t.Fatalf("%q finds %d, want %d", text, got, want)
			}
			if want >= 0 {
				found++
			}
		}
		s.giveBack()
		if s.Len() != 0 || s.byAddress(texts[0]) >= 0 {
			t.Fatal("a set that was given back still has items")
		}
	})
	if found == 0 {
		t.Error("nothing was found")
	}
}

// What is given back holds nothing of anybody.
func TestRoomIsWiped(t *testing.T) {
	b, err := r4.DecodeBundle(sixSources()[0])
	if err != nil {
		t.Fatal(err)
	}
	s := NewSet()
	s.Add("", 0, b)
	items, slots := s.items[:cap(s.items)], s.at.slots
	s.giveBack()
	for i := range items {
		if items[i] != (item{}) {
			t.Fatalf("%+v", items[i])
		}
	}
	for _, place := range slots {
		if place != 0 {
			t.Fatal("a slot still leads somewhere")
		}
	}
}
