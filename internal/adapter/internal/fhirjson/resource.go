package fhirjson

import (
	"bytes"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// ResourceType looks ahead for the resourceType of the object that dec is about to read, without consuming anything. The bytes are valid until
// the next use of dec and are raw: an escaped type comes out as no known type, and the caller must compare the decoded value with
// what it took the resource for (Matches). It returns nil when there is none. It works only on decoders of a whole body (Decode).
func ResourceType(dec *jsontext.Decoder) []byte {
	b := bytes.TrimLeft(dec.UnreadBuffer(), " \t\r\n:,")
	if len(b) == 0 || b[0] != '{' {
		return nil
	}
	for b = space(b[1:]); len(b) > 0 && b[0] == '"'; {
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

// List is an array of resources or bundle entries that refuses to grow beyond MaxResources.
type List[T any] []T

// UnmarshalJSONFrom reads the array element by element.
func (l *List[T]) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if dec.PeekKind() != '[' {
		return json.UnmarshalDecode(dec, (*[]T)(l))
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() != ']' && dec.PeekKind() != 0 {
		if len(*l) == MaxResources {
			return ErrTooMany
		}
		var zero T
		*l = append(*l, zero)
		if err := json.UnmarshalDecode(dec, &(*l)[len(*l)-1]); err != nil {
			return err
		}
	}
	_, err := dec.ReadToken()
	return err
}
