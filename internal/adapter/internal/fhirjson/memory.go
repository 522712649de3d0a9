package fhirjson

import "sync"

// Memory is where the answers of one asking are laid that are read, mapped and given up together. What is laid in it is wiped and used again for
// the next asking, which may be about somebody else; texts and shared lists are left to whoever keeps them. A Memory is for one goroutine at a
// time. Nil is none: then everything is left to whoever keeps it.
type Memory struct{ layers []layer }

// memories are those that nobody has: all of them are wiped.
var memories = sync.Pool{New: func() any { return new(Memory) }}

// mostKept is the most that one asking leaves for the next, so that one huge answer does not keep its memory.
const mostKept = 2 << 20

// Borrow gives a memory in which nothing is laid.
func Borrow() *Memory { return memories.Get().(*Memory) }

// Return wipes the memory and lets others have it: no value that was laid in it may be looked at afterwards.
func (m *Memory) Return() {
	if m.wipe() <= mostKept {
		memories.Put(m)
	}
}

// Again lets go of everything that was laid: the same body is about to be read in another way.
func (m *Memory) Again() {
	if m != nil {
		m.wipe()
	}
}

// wipe empties the memory and gives the bytes that it keeps for what comes next.
func (m *Memory) wipe() (kept int) {
	for _, l := range m.layers {
		if l != nil {
			kept += l.wipe()
		}
	}
	return kept
}

// abandon leaves everything to whoever keeps a part of it.
func (m *Memory) abandon() {
	for _, l := range m.layers {
		if l != nil {
			l.forget()
		}
	}
	memories.Put(m)
}

// layer gives the slab of the type with the place among those laid.
func (r *Reader) layer(place int) layer {
	if m := r.memory; m != nil && place < len(m.layers) && m.layers[place] != nil {
		return m.layers[place]
	}
	return r.newLayer(place)
}

func (r *Reader) newLayer(place int) layer {
	if r.memory == nil {
		r.memory = new(Memory)
	}
	m := r.memory
	laid.RLock()
	defer laid.RUnlock()
	m.layers = append(m.layers, make([]layer, max(0, len(laid.slabs)-len(m.layers)))...)
	m.layers[place] = laid.slabs[place]()
	return m.layers[place]
}
