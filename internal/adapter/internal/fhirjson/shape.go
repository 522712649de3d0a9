package fhirjson

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// checkShape refuses bodies that are nested too deeply or hold too many objects, before anything is allocated for them. It counts the brackets
// outside strings only, and leaves every question of grammar to the decoder.
func checkShape(body []byte) error {
	if bytes.Count(body, []byte("{")) > maxObjects {
		return ErrTooMany
	}
	var n nesting
	for rest := n.words(body); len(rest) > 0; rest = n.words(rest) {
		if rest = n.bytes(rest); n.depth > MaxDepth {
			return ErrTooDeep
		}
	}
	return nil
}

// nesting is how deeply a walk through a body stands in brackets, and whether it stands in a string.
type nesting struct {
	depth int
	// quoted is ones in a string, else 0.
	quoted uint64
}

// words walks on eight bytes at a time, without a branch for any of them, because this walk sees every byte of every answer. It gives what is
// left from the first eight bytes that hold a backslash or could reach beyond the depth.
func (n *nesting) words(b []byte) []byte {
	depth, quoted := n.depth, n.quoted
	for len(b) >= 8 {
		word := binary.LittleEndian.Uint64(b)
		slashes := word ^ '\\'*ones
		// The product adds up, in each byte, the quotes up to there; an odd number is the inside of a string.
		inside := (equal(word, '"')*ones + quoted) & ones
		// One bit parts the square brackets from the curly ones.
		folded := word | ' '*ones
		opened := int(equal(folded, '{') &^ inside * ones >> 56)
		if (slashes-ones)&^slashes&highs != 0 || depth+opened > MaxDepth {
			break
		}
		depth += opened - int(equal(folded, '}')&^inside*ones>>56)
		quoted = inside >> 56 * ones
		b = b[8:]
	}
	n.depth, n.quoted = depth, quoted
	return b
}

// bytes walks on eight bytes one by one, or to the end, or beyond the depth.
func (n *nesting) bytes(b []byte) []byte {
	i := 0
	for ; i < min(8, len(b)) && n.depth <= MaxDepth; i++ {
		switch c := b[i]; {
		case c == '"':
			n.quoted ^= ones
		case n.quoted != 0:
			if c == '\\' {
				i++
			}
		case c == '{' || c == '[':
			n.depth++
		case c == '}' || c == ']':
			n.depth--
		}
	}
	return b[min(i, len(b)):]
}

// equal has a 1 in each byte of word that is c, and 0 in all others.
func equal(word uint64, c byte) uint64 {
	other := word ^ uint64(c)*ones
	return ^((other&^highs + ^uint64(highs)) | other) & highs >> 7
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
