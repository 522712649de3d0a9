package fhirjson

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// ResourceType looks ahead for the resourceType of the object that comes next, without passing over anything. The bytes are valid as long as
// the body and are raw: an escaped type comes out as no known type, and the caller must compare the type it reads with what it
// took the resource for (Match). It is nil when there is none.
func (r *Reader) ResourceType() []byte {
	if r.peek() != '{' {
		return nil
	}
	if rest, ok := bytes.CutPrefix(r.body[r.pos:], typeFirst); ok {
		return text(rest)
	}
	for b := space(r.body[r.pos+1:]); len(b) > 0 && b[0] == '"'; {
		n := stringLength(b)
		name := b[:n]
		b = space(b[n:])
		if len(b) == 0 || b[0] != ':' {
			return nil
		}
		b = space(b[1:])
		if string(name) == `"resourceType"` {
			return text(b)
		}
		b = space(b[valueLength(b):])
		if len(b) == 0 || b[0] != ',' {
			return nil
		}
		b = space(b[1:])
	}
	return nil
}

// typeFirst is how nearly every resource begins, up to its type.
var typeFirst = []byte(`{"resourceType":`)

// Match refuses a resource whose type, once read, is not the one that it was taken for.
func (r *Reader) Match(decoded, peeked string) {
	if err := Matches(decoded, peeked); err != nil {
		r.Refuse(err)
	}
}

// Matches is nil when the decoded type is the one a resource was taken for by looking ahead, else ErrType: two readers of one
// message must never disagree about what it says.
func Matches(decoded, peeked string) error {
	if decoded != peeked {
		return ErrType
	}
	return nil
}

func space(b []byte) []byte { return bytes.TrimLeft(b, " \t\r\n") }

func text(b []byte) []byte {
	if len(b) == 0 || b[0] != '"' {
		return nil
	}
	if n := stringLength(b); n >= 2 {
		return b[1 : n-1]
	}
	return nil
}

// valueLength is the length of the JSON value that b starts with, by brackets and strings only.
func valueLength(b []byte) int {
	depth := 0
	for i := 0; i < len(b); {
		switch b[i] {
		case '"':
			i += stringLength(b[i:])
			if depth == 0 {
				return i
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth < 0 {
				return i
			} else if depth == 0 {
				return i + 1
			}
		case ',':
			if depth == 0 {
				return i
			}
		}
		i++
	}
	return len(b)
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

// plainPrefix is how many of the eight bytes of word come before the first quote or backslash (the zero-byte test on eight bytes at once;
// its lowest hit is always a true one).
func plainPrefix(word uint64) int {
	quotes, slashes := word^('"'*ones), word^('\\'*ones)
	found := ((quotes-ones)&^quotes | (slashes-ones)&^slashes) & highs
	return bits.TrailingZeros64(found) / 8
}

// List is an array of resources or bundle entries; the generator has it read so that it refuses to grow beyond MaxResources.
type List[T any] []T

// Raw is a value as it was sent. It is a part of the body, and valid as long as that.
type Raw []byte

// ReadJSON passes over the value.
func (v *Raw) ReadJSON(r *Reader) { *v = r.Skip() }
