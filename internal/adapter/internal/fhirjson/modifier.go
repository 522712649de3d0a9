package fhirjson

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"
)

// Modifiers counts the modifierExtensions anywhere in a resource, so that no struct can forget one: each changes the meaning of what it stands
// on, and this portal knows none of them (FHIR 2.4.2; rule R14). The bytes were just validated. A text that merely looks like one counts
// too: the entry is then not shown, which is the safe side.
func Modifiers(raw []byte) int {
	const before, after = "modifier", `xtension"`
	count := 0
	// The capital letter is the rarest of the name: this walk sees every byte of every answer.
	for i := bytes.IndexByte(raw, 'E'); i >= 0; i = further(raw, i, 'E') {
		if bytes.HasSuffix(raw[:i], []byte(before)) && bytes.HasPrefix(raw[i+1:], []byte(after)) {
			count++
		}
	}
	// A name may hide behind escapes; then the names are read one by one.
	for i := bytes.IndexByte(raw, '\\'); i >= 0; i = further(raw, i+1, '\\') {
		if bytes.HasPrefix(raw[i+1:], []byte("u00")) {
			return readModifiers(raw)
		}
	}
	return count
}

// further is the next place of c after i, or -1.
func further(raw []byte, i int, c byte) int {
	if i+1 >= len(raw) {
		return -1
	}
	if n := bytes.IndexByte(raw[i+1:], c); n >= 0 {
		return i + 1 + n
	}
	return -1
}

func readModifiers(raw []byte) int {
	// The piece still begins with what parts it from the member's name, or from the element before.
	dec := jsontext.NewDecoder(bytes.NewReader(bytes.TrimLeft(raw, " \t\r\n:,")))
	for count := 0; ; {
		token, err := dec.ReadToken()
		if err != nil {
			return count
		}
		if token.Kind() == '"' && token.String() == "modifierExtension" {
			count++
		}
	}
}
