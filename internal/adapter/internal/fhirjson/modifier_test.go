package fhirjson_test

import (
	"testing"

	"ribble/internal/adapter/internal/fhirjson"
)

func TestModifiers(t *testing.T) {
	for raw, want := range map[string]int{
		`{"resourceType":"Observation"}`:                                                            0,
		`{"modifierExtension":[{"url":"x"}]}`:                                                       1,
		`{"entry":[{"modifierExtension":[{}]},{"item":{"modifierExtension":[{}]}}]}`:                2,
		`{"modifier\u0045xtension":[{}]}`:                                                           1,
		`{"note":"\u00e9 modifierExtension"}`:                                                       0,
		`{"extension":[{"url":"https://example.org/modifierExtensions"}],"\u006eote":"plain text"}`: 0,
	} {
		if got := fhirjson.Modifiers([]byte(raw)); got != want {
			t.Errorf("%s: %d, want %d", raw, got, want)
		}
	}
}
