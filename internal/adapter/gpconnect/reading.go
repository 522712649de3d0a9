package gpconnect

import (
	"reflect"
	"strconv"

	"ribble/internal/adapter/internal/stu3"
	"ribble/internal/record"
)

// origin is the call that brought an item.
type origin uint8

const (
	fromRecord origin = iota
	fromVaccinations
	fromDocuments
)

// item is one received resource on its way to exactly one fate.
type item struct {
	entity stu3.Entity
	base   *stu3.Base
	key    record.ItemKey
	from   origin
	// inside is the item that contains this one, or -1.
	inside int32
	// row is the place in its chart list of the entry made from the item, or -1.
	row    int32
	fate   record.Fate
	placed bool
	// used is set when a row refers to the item.
	used bool
	// repeat is set when an earlier item is exactly the same.
	repeat bool
	// versions is set when another item has the same type and id but other content.
	versions bool
	actors   []record.Actor
}

// reading turns the decoded answer of one practice into the record, counting everything it meets (section 25 of the section catalogue).
type reading struct {
	ask    record.Ask
	asked  record.Sections
	answer *record.Answer
	items  []item
	index  map[record.ItemKey]int32
	// people are the ids of the Patient resources that are the traced person.
	people map[string]bool
	lists  []listing
	// roles joins a Practitioner to the one PractitionerRole that names it; several roles join none.
	roles map[int32]int32
	// comments are comment notes by the item they are derived from.
	comments map[int32][]int32
	// filings collects who filed the parts of the report that is being made.
	filings []record.Filing
	remarks [record.NumSections][]record.Remark
	missing [record.NumSections][]record.Remark
}

func newReading(ask record.Ask, asked record.Sections, answer *record.Answer) *reading {
	return &reading{ask: ask, asked: asked, answer: answer, people: map[string]bool{}}
}

// unreadableShape are the words for an entry that is no resource that can stand alone.
const unreadableShape = "An entry has a shape that cannot be read. It is not shown."

// load takes in every entry of a bundle, contained resources included.
func (r *reading) load(b *stu3.Bundle, from origin) {
	if r.index == nil {
		r.index = make(map[record.ItemKey]int32, len(b.Entry)+len(b.Entry)/8)
		r.items = make([]item, 0, len(b.Entry)+len(b.Entry)/8)
	}
	for i := range b.Entry {
		if entity := b.Entry[i].Resource.Entity; entity != nil {
			r.add(entity, from, -1)
			continue
		}
		r.answer.Account.Receive("entry without a resource")
		r.answer.Account.Place("entry without a resource", record.Unreadable)
		r.remark(record.Other, record.Uninterpretable, unreadableShape)
	}
}

func (r *reading) add(entity stu3.Entity, from origin, inside int32) {
	n := int32(len(r.items))
	base := entity.Common()
	r.items = append(r.items, item{entity: entity, base: base, key: r.newKey(base, inside), from: from, inside: inside, row: -1})
	r.enter(n)
	for i := range base.Contained {
		r.add(base.Contained[i].Entity, from, n)
	}
}

// newKey is the identity of an item inside this answer. Lists often have no id (T13); round brackets cannot occur in a real one.
func (r *reading) newKey(base *stu3.Base, inside int32) record.ItemKey {
	key := record.ItemKey{Type: base.ResourceType, ID: base.ID}
	if key.Type == "" {
		key.Type = "resource without a type"
	}
	if key.ID == "" {
		key.ID = "(" + strconv.Itoa(len(r.items)+1) + ")"
	}
	if inside >= 0 {
		key.ID = r.items[inside].key.ID + "#" + key.ID
	}
	return key
}

// enter makes an item findable. The same type and id twice is a repeat if the content is the same, else two versions that are both shown (T14).
func (r *reading) enter(n int32) {
	it := &r.items[n]
	before, twice := r.index[it.key]
	if !twice {
		r.index[it.key] = n
		return
	}
	if it.inside < 0 && reflect.DeepEqual(r.items[before].entity, it.entity) {
		it.repeat = r.place(n, record.Structural)
		return
	}
	it.versions, r.items[before].versions = true, true
	key := it.key
	for v := 2; twice; v++ {
		it.key.ID = key.ID + " (" + strconv.Itoa(v) + ")"
		_, twice = r.index[it.key]
	}
	r.index[it.key] = n
}

// supersede gives way to the call that asked for vaccinations not given too: its list replaces that of the whole-record call.
func (r *reading) supersede() {
	for n := range r.items {
		if _, vaccination := r.items[n].entity.(*stu3.Immunization); vaccination {
			r.retire(int32(n))
		}
	}
	for n := range r.items {
		list, ok := r.items[n].entity.(*stu3.List)
		if !ok || listCode(list) != immunisationList {
			continue
		}
		r.place(int32(n), record.Superseded)
		for i := range list.Entry {
			if member, found := r.find(int32(n), list.Entry[i].Item.Reference); found {
				if _, statement := r.items[member].entity.(*stu3.Observation); statement {
					r.retire(member)
				}
			}
		}
	}
}

func (r *reading) retire(n int32) {
	if it := &r.items[n]; !it.placed {
		r.place(n, record.Superseded)
		delete(r.index, it.key)
		it.key.ID += " (superseded)"
	}
}

// place gives an item its fate, once.
func (r *reading) place(n int32, f record.Fate) bool {
	it := &r.items[n]
	if it.placed {
		return false
	}
	it.fate, it.placed = f, true
	return true
}

// open reports whether an item may still become, or be part of, a row.
func (r *reading) open(n int32) bool { return !r.items[n].placed }

// settle counts every item under its fate; what nothing has claimed by now is something the rows use, or nothing refers to.
func (r *reading) settle() {
	account := &r.answer.Account
	for n := range r.items {
		it := &r.items[n]
		if !it.placed && it.used {
			it.fate = record.Used
		} else if !it.placed {
			it.fate = record.Unreferenced
		}
		account.Receive(it.key.Type)
		account.Place(it.key.Type, it.fate)
	}
	r.cover()
	r.answer.Settle(r.asked)
}
