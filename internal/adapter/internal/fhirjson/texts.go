package fhirjson

import (
	"encoding/binary"
	"strings"
)

// texts turns the strings of one answer into Go's: one that repeats, as code systems, codes and names do, is kept once, and those that do not
// are laid side by side in pieces of memory rather than each in its own.
type texts struct {
	known [512]string
	piece strings.Builder
	// next is the size of the next piece.
	next int
}

const (
	// longestShared is the longest text worth looking up.
	longestShared = 96
	// longestLaid is the longest text that is laid into a piece.
	longestLaid           = 512
	firstPiece, lastPiece = 256, 4096
)

func (t *texts) keep(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if len(b) > longestShared {
		return t.lay(b)
	}
	known := &t.known[slot(b)]
	if *known != string(b) {
		*known = t.lay(b)
	}
	return *known
}

// lay copies a text.
func (t *texts) lay(b []byte) string {
	if len(b) > longestLaid {
		return string(b)
	}
	if t.piece.Cap()-t.piece.Len() < len(b) {
		t.next = max(min(2*t.next, lastPiece), firstPiece)
		t.piece = strings.Builder{}
		t.piece.Grow(max(t.next, len(b)))
	}
	start := t.piece.Len()
	t.piece.Write(b)
	return t.piece.String()[start:]
}

// forget drops everything, so that nothing of one answer is left for the next.
func (t *texts) forget() { *t = texts{} }

// slot is where a text is looked for. Two that share one take it from each other, which costs a copy and nothing else.
func slot(b []byte) uint {
	h := uint64(len(b))
	if n := len(b); n >= 8 {
		h ^= binary.LittleEndian.Uint64(b)*0x9e3779b97f4a7c15 ^ binary.LittleEndian.Uint64(b[n/2-4:])*0xc2b2ae3d27d4eb4f ^ binary.LittleEndian.Uint64(b[n-8:])
	} else {
		for _, c := range b {
			h = h<<8 | uint64(c)
		}
	}
	return uint(h * 0xd6e8feb86659fd93 >> 55)
}
