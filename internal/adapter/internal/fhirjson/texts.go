package fhirjson

import (
	"encoding/binary"
	"strings"
)

// texts turns the strings of one answer into Go's: one that repeats, as code systems, codes and names do, is kept once, and those that do not
// are laid side by side in pieces of memory rather than each in its own.
type texts struct {
	known [512]string
	kept  pieces
}

// pieces hold texts side by side.
type pieces struct {
	last strings.Builder
	// next is the size of the next piece.
	next int
}

const (
	// longestShared is the longest text worth looking up.
	longestShared = 96
	// longestLaid is the longest text that is laid into a piece.
	longestLaid           = 512
	firstPiece, lastPiece = 128, 2048
)

func (t *texts) keep(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if len(b) > longestShared {
		return t.kept.lay(b)
	}
	known := &t.known[slot(b)]
	if *known != string(b) {
		*known = t.kept.lay(b)
	}
	return *known
}

// lay copies a text.
func (p *pieces) lay(b []byte) string {
	if len(b) > longestLaid {
		return string(b)
	}
	if p.last.Cap()-p.last.Len() < len(b) {
		p.next = max(min(2*p.next, lastPiece), firstPiece)
		p.last = strings.Builder{}
		p.last.Grow(max(p.next, len(b)))
	}
	start := p.last.Len()
	p.last.Write(b)
	return p.last.String()[start:]
}

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
