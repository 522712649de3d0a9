package r4map

import (
	"reflect"
	"slices"
	"strings"
	"sync"

	"ribble/internal/adapter/internal/r4"
	"ribble/internal/record"
)

// Set is all that one answer received: every bundle entry and every contained resource, in order, findable by reference.
type Set struct {
	items []item
	at    addresses
	// base is the address before "/Patient/…" of the accepted patient, when it was sent with a full address.
	base string
	// missing are references that were looked for and not found, so that they are asked for once.
	missing map[record.ItemKey]bool
}

// item is one received resource.
type item struct {
	r   r4.Resource
	key record.ItemKey
	// base is what its full address was before its key, "" when it had none or another.
	base string
	// container is the index of the resource this one is contained in, or -1.
	container int
	// asked is the type that the search was for, and feeds are the sections it was asked for; match is true when the server says, or does
	// not deny, that this is what was sought.
	asked string
	feeds record.Sections
	match bool
	// repeat marks the same content under the same id again, versions another content under the same id.
	repeat, versions bool
	// home is where the entry belongs, once that was asked.
	home           record.Section
	housed, placed bool
	fate           record.Fate
	actor          *record.Actor
}

// NewSet makes an empty set.
func NewSet() *Set {
	room := rooms.Get().(*itemRoom)
	return &Set{items: room.items, at: addresses{slots: room.slots}}
}

// itemRoom is the memory of a set, empty.
type itemRoom struct {
	items []item
	slots []int32
}

var rooms = sync.Pool{New: func() any { return new(itemRoom) }}

// giveBack wipes the memory of the set, which held a record, and lets the next have it; the set is empty afterwards.
func (s *Set) giveBack() {
	const most = 4096
	if cap(s.items) <= most && len(s.at.slots) <= 2*most {
		clear(s.items)
		clear(s.at.slots)
		rooms.Put(&itemRoom{s.items[:0], s.at.slots})
	}
	*s = Set{}
}

// Len is how many resources were received.
func (s *Set) Len() int { return len(s.items) }

// Add takes in the entries of one page of a search for the type, made for the sections; asked is "" for pages that answer no particular question.
func (s *Set) Add(asked string, feeds record.Sections, page *r4.Bundle) {
	s.items = slices.Grow(s.items, len(page.Entry))
	for i := range page.Entry {
		e := &page.Entry[i]
		if e.Resource.Resource == nil {
			continue
		}
		match := e.Search.Mode != "include" && e.Search.Mode != "outcome"
		s.add(item{r: e.Resource.Resource, asked: asked, feeds: feeds, match: match, container: -1, base: e.Base}, e.FullURL)
	}
}

func (s *Set) add(it item, fullURL string) {
	at := len(s.items)
	it.key = it.r.Head().Key()
	s.items = append(s.items, it)
	s.register(at, fullURL)
	s.contain(at)
	if bundle, ok := it.r.(*r4.Bundle); ok {
		s.Add("", it.feeds, bundle)
	}
}

// register makes the resource findable; of two under one id the first is the one that is found.
func (s *Set) register(at int, fullURL string) {
	it := &s.items[at]
	if fullURL != "" {
		s.addressed(at, fullURL)
	}
	if it.key.ID == "" {
		return
	}
	first := s.byKey(it.key)
	if first >= 0 && it.base != "" && it.base != s.items[first].base {
		s.addressed(at, it.base+"/"+it.key.Type+"/"+it.key.ID)
	}
	switch {
	case first < 0:
		s.enter(at)
	case reflect.DeepEqual(s.items[first].r, it.r):
		it.repeat = true
	default:
		it.versions, s.items[first].versions = true, true
	}
}

func (s *Set) contain(container int) {
	inside := s.items[container].r.Head().Contained
	for _, any := range inside {
		if any.Resource == nil {
			continue
		}
		h := any.Resource.Head()
		key := record.ItemKey{Type: h.ResourceType, ID: s.items[container].key.ID + "#" + h.ID}
		s.items = append(s.items, item{
			r: any.Resource, key: key, container: container, repeat: s.items[container].repeat, feeds: s.items[container].feeds,
		})
	}
}

// find gives the index of what a reference in the resource at from points at (FHIR R4 2.3.0), or -1.
func (s *Set) find(ref *r4.Reference, from int) int {
	if ref == nil || ref.Reference == "" {
		return -1
	}
	text := ref.Reference
	if id, ok := strings.CutPrefix(text, "#"); ok {
		return s.findContained(id, from)
	}
	key, relative := relativeKey(text)
	switch at, whole := s.at.whole[text]; {
	case whole:
		return at
	case relative:
		return s.byKey(key)
	}
	if at := s.byAddress(text); at >= 0 {
		return at
	}
	if key, ok := s.keyOf(text); ok {
		return s.byKey(key)
	}
	return -1
}

// relativeKey reads a reference that is no more than "Type/id", as nearly all are.
func relativeKey(text string) (record.ItemKey, bool) {
	slash := strings.IndexByte(text, '/')
	if slash < 1 || slash == len(text)-1 {
		return record.ItemKey{}, false
	}
	id := text[slash+1:]
	return record.ItemKey{Type: text[:slash], ID: id}, strings.IndexByte(id, '/') < 0 && strings.IndexByte(id, ' ') < 0
}

func (s *Set) findContained(id string, from int) int {
	container := from
	if s.items[from].container >= 0 {
		container = s.items[from].container
	}
	for at := container + 1; at < len(s.items) && s.items[at].container == container; at++ {
		if s.items[at].r.Head().ID == id {
			return at
		}
	}
	return -1
}

// keyOf reads "Type/id", also at the end of an address on the feed's own base and before "/_history/…".
func (s *Set) keyOf(text string) (record.ItemKey, bool) {
	if key, ok := relativeKey(text); ok {
		return key, true
	}
	if i := strings.Index(text, "/_history/"); i >= 0 {
		text = text[:i]
	}
	if strings.Contains(text, "://") {
		rest, ok := strings.CutPrefix(text, s.base+"/")
		if s.base == "" || !ok {
			return record.ItemKey{}, false
		}
		text = rest
	}
	resourceType, id, ok := strings.Cut(text, "/")
	if !ok || resourceType == "" || id == "" || strings.ContainsAny(id, "/ ") {
		return record.ItemKey{}, false
	}
	return record.ItemKey{Type: resourceType, ID: id}, true
}

// ownBase learns the base from the full address of the accepted patient, so that absolute references below it are understood.
func (s *Set) ownBase(p *r4.Patient) {
	for i := range s.items {
		if s.items[i].r == r4.Resource(p) && s.items[i].base != "" {
			s.base = s.items[i].base
		}
	}
}

// Missing gives the ids, by type, that the received resources refer to and that did not come, each only once, and the sections that would
// use them. Only what a row names and a source keeps apart is worth a question (section 0.5 of the section catalogue).
func (s *Set) Missing() (ids map[string][]string, feeds map[string]record.Sections) {
	ids, feeds = map[string][]string{}, map[string]record.Sections{}
	for at := range s.items {
		needs(s.items[at].r, func(ref *r4.Reference) {
			if ref == nil || ref.Reference == "" || s.find(ref, at) >= 0 {
				return
			}
			key, ok := s.keyOf(ref.Reference)
			if !ok || s.missing[key] || !fetchable[key.Type] || strings.ContainsAny(key.ID, ",|$\\") {
				return
			}
			if s.missing == nil {
				s.missing = map[record.ItemKey]bool{}
			}
			s.missing[key] = true
			ids[key.Type] = append(ids[key.Type], key.ID)
			feeds[key.Type] |= s.items[at].feeds
		})
	}
	return ids, feeds
}

// fetchable are the types that are read by id when they are missing.
var fetchable = map[string]bool{
	"Practitioner": true, "PractitionerRole": true, "Organization": true, "Location": true, "Medication": true, "Specimen": true,
	"Observation": true, "Device": true, "ServiceRequest": true, "ImagingStudy": true,
}
