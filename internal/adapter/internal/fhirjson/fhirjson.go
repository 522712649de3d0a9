// Package fhirjson decodes FHIR JSON from sources that are not trusted: once, strictly, and within limits of size, depth and number.
package fhirjson

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
)

// The limits of one answer (D-rules of the fault catalogue: a hostile or broken source costs its own answer and nothing else).
const (
	// MaxBody is the greatest decoded body in bytes.
	MaxBody = 16 << 20
	// MaxDepth is how deeply objects and arrays may be nested.
	MaxDepth = 64
	// MaxResources is how many resources one answer may hold, contained ones included.
	MaxResources = 20_000
	// maxObjects bounds what a body of many tiny objects can become in memory; the largest real records hold 5,000 objects per megabyte.
	maxObjects = 600_000
)

// The ways in which a body can be refused. None of them carries any part of the body.
var (
	ErrTooLarge  = errors.New("body too large")
	ErrTooDeep   = errors.New("body nested too deeply")
	ErrTooMany   = errors.New("body holds too many entries")
	ErrMalformed = errors.New("body is not strict JSON of the expected shape")
	// ErrType says that a resource is not of the type it was decoded as.
	ErrType = errors.New("resource type is unclear")
)

// Decode reads the one JSON value in body into what v points at: names are case-sensitive, duplicate names and invalid UTF-8 are refused, and
// so is anything after the value. v keeps no reference to body. An error wraps one of the sentinel errors and, beyond it, gives only an offset.
func Decode(body []byte, v SelfReader) error {
	m := Borrow()
	defer m.abandon()
	return m.Decode(body, v)
}

// Decode is like the function, but what it lays may be looked at only until the memory is returned.
func (m *Memory) Decode(body []byte, v SelfReader) error {
	if m == nil {
		return Decode(body, v)
	}
	if len(body) > MaxBody {
		return ErrTooLarge
	}
	r := readers.Get().(*Reader)
	defer r.release()
	r.body, r.memory = body, m
	v.ReadJSON(r)
	if r.peek(); r.err == nil && r.pos < len(body) {
		r.Refuse(ErrMalformed)
	}
	if r.err == ErrMalformed {
		return malformed(body, r.pos)
	}
	return r.err
}

// malformed is the error for a body that is refused; one that holds too much besides is called that, because whoever asked can then ask for less.
func malformed(body []byte, at int) error {
	if bytes.Count(body, []byte("{")) > maxObjects {
		return ErrTooMany
	}
	return fmt.Errorf("%w (at byte %d)", ErrMalformed, at)
}

// readers are used again: the table of texts is the larger part of one.
var readers = sync.Pool{New: func() any { return new(Reader) }}

// release wipes the reader: nothing of one answer may be left for the next, nor the memory that an unusual one took.
func (r *Reader) release() {
	*r = Reader{names: wiped(r.names, 1<<10), scratch: wiped(r.scratch, 1<<16)}
	readers.Put(r)
}

// wiped gives an emptied list to use again, or none when it has grown beyond most.
func wiped[T any](list []T, most int) []T {
	if cap(list) > most {
		return nil
	}
	clear(list[:cap(list)])
	return list[:0]
}
