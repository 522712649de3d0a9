package gpconnect

import (
	"reflect"
	"strconv"
	"strings"
	"time"

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
		r.remark(record.Other, record.Uninterpretable, "An entry has a shape that cannot be read. It is not shown.")
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
		r.place(n, record.Structural)
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

// find resolves a reference from item n: relative, absolute, "#contained" or "List/id#contained".
func (r *reading) find(n int32, reference string) (int32, bool) {
	if reference == "" || strings.IndexByte(reference, ' ') >= 0 {
		return 0, false
	}
	if hash := strings.IndexByte(reference, '#'); hash >= 0 {
		return r.findContained(n, reference[:hash], reference[hash+1:])
	}
	key, ok := parseReference(reference)
	if !ok {
		return 0, false
	}
	found, ok := r.index[key]
	return found, ok
}

func (r *reading) findContained(n int32, container, id string) (int32, bool) {
	holder := n
	if container != "" {
		found, ok := r.find(n, container)
		if !ok {
			return 0, false
		}
		holder = found
	} else if inside := r.items[n].inside; inside >= 0 {
		holder = inside
	}
	for i := range r.items[holder].base.Contained {
		inner := r.items[holder].base.Contained[i].Common()
		if inner.ID == id {
			found, ok := r.index[record.ItemKey{Type: inner.ResourceType, ID: r.items[holder].key.ID + "#" + id}]
			return found, ok
		}
	}
	return 0, false
}

// parseReference takes "Type/id", also at the end of an absolute address or before "/_history/…".
func parseReference(reference string) (record.ItemKey, bool) {
	if history := strings.Index(reference, "/_history/"); history >= 0 {
		reference = reference[:history]
	}
	slash := strings.LastIndexByte(reference, '/')
	if slash <= 0 {
		return record.ItemKey{}, false
	}
	kind := reference[:slash]
	return record.ItemKey{Type: kind[strings.LastIndexByte(kind, '/')+1:], ID: reference[slash+1:]}, true
}

// wordsOf is what a source wrote as words, beside a reference or wrongly inside one (T11).
func wordsOf(ref stu3.Reference) string {
	if ref.Display == "" && strings.IndexByte(ref.Reference, ' ') >= 0 {
		return ref.Reference
	}
	return ref.Display
}

// ref points at another entry; one that was not sent, or is not shown, is said to be missing.
func (r *reading) ref(n int32, ref stu3.Reference) record.Ref {
	if ref.IsZero() {
		return record.Ref{}
	}
	found, ok := r.find(n, ref.Reference)
	if !ok {
		words := wordsOf(ref)
		return record.Ref{Words: words, Missing: ref.Reference != "" && words != ref.Reference}
	}
	it := &r.items[found]
	it.used = true
	if list, ok := it.entity.(*stu3.List); ok {
		return r.ofList(found, list, wordsOf(ref))
	}
	if it.placed && it.fate != record.Shown && it.fate != record.Structural {
		return record.Ref{Words: wordsOf(ref), Missing: true}
	}
	return record.Ref{Key: it.key, Words: wordsOf(ref)}
}

// ofList turns a link to a List of a consultation into one to the consultation (T10).
func (r *reading) ofList(n int32, list *stu3.List, words string) record.Ref {
	if words == "" {
		words = list.Title
	}
	if found, ok := r.find(n, list.Encounter.Reference); ok {
		return record.Ref{Key: r.items[found].key, Words: words}
	}
	return record.Ref{Words: words}
}

// refs converts a list of references, dropping empty ones.
func (r *reading) refs(n int32, list []stu3.Reference) []record.Ref {
	var out []record.Ref
	for i := range list {
		if ref := r.ref(n, list[i]); !ref.IsZero() {
			out = append(out, ref)
		}
	}
	return out
}

// head starts the head of a row for item n.
func (r *reading) head(n int32, identifiers []stu3.Identifier) record.Head {
	it := &r.items[n]
	h := record.Head{Source: &r.answer.Source, Key: it.key, Identifiers: stu3.RecordIdentifiers(identifiers), Labels: stu3.Labels(it.base.Meta.Security)}
	if it.versions {
		h.Issues = append(h.Issues, record.Issue{Kind: record.Contradiction, Text: "The practice sent two versions of this entry."})
	}
	return h
}

// within links a row to its consultation.
func (r *reading) within(h *record.Head, n int32, context stu3.Reference) {
	h.Encounter = r.ref(n, context)
	if h.Encounter.Missing {
		h.Issues = append(h.Issues, record.Issue{Kind: record.DanglingReference, Text: "Its consultation was not sent."})
	}
}

// check adds the issues that any row may have: a name that is only a code, dates that are none.
func (r *reading) check(h *record.Head, name record.Concept, more ...record.PartialDate) {
	if text := name.Name(); text == "" || name.Text == "" && strings.HasSuffix(text, "(no name sent)") {
		h.Issues = append(h.Issues, record.Issue{Kind: record.NoName, Text: "No name was sent for it."})
	}
	r.checkDates(h, more...)
}

func (r *reading) checkDates(h *record.Head, more ...record.PartialDate) {
	bad := h.When.Start.Precision == record.Bad || h.When.End.Precision == record.Bad || h.Recorded.Precision == record.Bad
	for _, d := range more {
		bad = bad || d.Precision == record.Bad
	}
	if bad {
		h.Issues = append(h.Issues, record.Issue{Kind: record.BadDate, Text: "A date that was sent is not a valid date."})
	}
}

// notFuture marks an event that is dated after the view (S17).
func (r *reading) notFuture(h *record.Head) {
	if at := r.now(); h.When.Start.After(at) {
		h.Issues = append(h.Issues, record.Issue{Kind: record.FutureDate, Text: "It is dated in the future."})
	}
}

func (r *reading) now() time.Time {
	if r.ask.At.IsZero() {
		return time.Now()
	}
	return r.ask.At
}
