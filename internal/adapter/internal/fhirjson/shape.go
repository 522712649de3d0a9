package fhirjson

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// checkShape refuses bodies that are nested too deeply or hold too many objects, before anything is allocated for them. It reads the bytes
// outside strings only, and leaves every question of grammar to the decoder.
func checkShape(body []byte) error {
	if bytes.Count(body, []byte("{")) > maxObjects {
		return ErrTooMany
	}
	depth := 0
	for i := 0; i < len(body); {
		switch body[i] {
		case '"':
			i += stringLength(body[i:])
			continue
		case ' ':
			i += indentation(body[i:])
			continue
		case '{', '[':
			if depth++; depth > MaxDepth {
				return ErrTooDeep
			}
		case '}', ']':
			depth--
		}
		i++
	}
	return nil
}

// indentation is the length of the run of spaces that b starts with: half of a neatly printed record.
func indentation(b []byte) int {
	const spaces = ' ' * ones
	i := 1
	for i+8 <= len(b) && binary.LittleEndian.Uint64(b[i:]) == spaces {
		i += 8
	}
	for i < len(b) && b[i] == ' ' {
		i++
	}
	return i
}

// stringLength is the length of the JSON string that b starts with, quotes included; the whole of b if it does not end.
func stringLength(b []byte) int {
	for i := 1; i < len(b); {
		if i+8 <= len(b) {
			n := plainPrefix(binary.LittleEndian.Uint64(b[i:]))
			i += n
			if n == 8 {
				continue
			}
		}
		switch b[i] {
		case '"':
			return i + 1
		case '\\':
			i++
		}
		i++
	}
	return len(b)
}

const ones, highs = 0x0101010101010101, 0x8080808080808080

// plainPrefix is how many of the eight bytes of word come before the first quote or backslash (the zero-byte test on eight bytes at once,
// because this walk sees every byte of every answer; its lowest hit is always a true one).
func plainPrefix(word uint64) int {
	quotes, slashes := word^('"'*ones), word^('\\'*ones)
	found := ((quotes-ones)&^quotes | (slashes-ones)&^slashes) & highs
	return bits.TrailingZeros64(found) / 8
}
