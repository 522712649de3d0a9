package audit

import (
	"bytes"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"ribble/internal/ledger/leaf"
)

// An event's body, version 2: a byte with the version, then a number whose bits say which of the fields below follow, in this order. Numbers are
// unsigned varints of the least length. A text that many events share is a number: its place, from 1, among the words of the row, which stand in the order
// in which they are first referred to; 0 is no text. Bytes stand after their number. What a row has beside the body (id, times, act, look, issuer, subject,
// organisation, reason, register, index of the person) is not repeated in it.
const (
	hasUser         = 1 << iota // one word: name and so on, see userWord
	hasSession                  // a word
	hasDevice                   // two words: address, agent
	hasPurpose                  // a word
	hasBasis                    // a word: the codes, joined
	hasRelationship             // a word
	hasOverride                 // bytes
	hasPerson                   // bytes: sealed; and the 10 bytes of the data key's id
	hasTraits                   // a byte: 1 surname, 2 household, 4 restricted; 12 bytes for each of the first two
	hasSections                 // a number: the set of sections, by their codes
	hasAsked                    // how many, and a word for each
	hasDirectory                // a number
	hasSources                  // how many, and each as source.append writes it
	hasSets                     // a word: joined
	hasDocument                 // a word: feed and organisation; 16 bytes of digest
	hasFound                    // a number
	hasAccount                  // bytes
	isProvisional
	hasBytes  // a number
	allFields = hasBytes<<1 - 1
)

// The optional parts of a source, and what follows for each, after two words (feed and organisation as one, and the state's code as a number).
const (
	sourceSections = 1 << iota // the set of sections, and half a byte for the state of each
	sourceCounts               // the set of those with a count, and a number for each
	sourceHeldBack             // the set of those with something withheld, and a number for each
	sourceItems                // 16 bytes
	sourceReceived             // a number
	sourceFates                // how many, and a number for each
	sourceTook                 // a number
	sourceWithheld             // how many, and for each a word and a number
	allParts       = sourceWithheld<<1 - 1
)

// joint stands between texts that are one word. No text of an event holds it: clip takes it out.
const joint = "\x00"

// The lengths of digests in an event.
const (
	indexSize = 16
	itemsSize = 16
	macSize   = 16
)

// sealKeys is the form of a data key's id: 16 letters and digits for 10 bytes.
var sealKeys = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

const sealKeySize = 10

// bodyWriter writes an event's body and gathers its words. The first thing that cannot be written stays in err.
type bodyWriter struct {
	body  []byte
	words []string
	err   error
}

// Entry gives the event as it is kept. The MAC is still missing.
func (e *Event) Entry() (Entry, error) {
	w := bodyWriter{body: make([]byte, 0, 256), words: make([]string, 0, 16)}
	w.event(e)
	if len(w.body) > MaxEventSize {
		w.fail("it is too large")
	}
	if w.err != nil {
		return Entry{}, fmt.Errorf("encoding the audit event: %w", w.err)
	}
	entry := Entry{
		ID: e.ID, At: e.At.UTC(), Act: e.Act, Look: e.Look, Issuer: e.User.Issuer, Subject: e.User.Subject, Organisation: e.User.Organisation,
		Reason: e.Reason, Register: e.Register, Body: w.body,
	}
	if len(w.words) > 0 {
		entry.Words = w.words
	}
	if e.Person != nil {
		entry.PersonIndex, entry.PersonKey = e.Person.Index, e.Person.IndexKey
	}
	return entry, nil
}

func (w *bodyWriter) fail(why string) {
	if w.err == nil {
		w.err = errors.New(why)
	}
}

func (w *bodyWriter) number(n uint64) { w.body = binary.AppendUvarint(w.body, n) }

// count writes a number that cannot be less than nought.
func (w *bodyWriter) count(n int64) {
	if n < 0 {
		w.fail("a number is less than nought")
	}
	w.number(uint64(n))
}

func (w *bodyWriter) bytes(text string) {
	w.number(uint64(len(text)))
	w.body = append(w.body, text...)
}

func (w *bodyWriter) fixed(b []byte, size int) {
	if len(b) != size {
		w.fail("a digest is of another length")
	}
	w.body = append(w.body, b...)
}

func (w *bodyWriter) word(text string) {
	if text == "" {
		w.number(0)
		return
	}
	at := slices.Index(w.words, text)
	if at < 0 {
		at = len(w.words)
		w.words = append(w.words, text)
	}
	w.number(uint64(at + 1))
}

// joined writes texts as one word.
func (w *bodyWriter) joined(texts ...string) {
	for _, t := range texts {
		if strings.Contains(t, joint) {
			w.fail("a text holds a byte that parts texts")
		}
	}
	w.word(strings.Join(texts, joint))
}

// list writes texts, none of them empty, as one word.
func (w *bodyWriter) list(texts []string) {
	if slices.Contains(texts, "") {
		w.fail("a text of a list is empty")
	}
	w.joined(texts...)
}

func (w *bodyWriter) set(ids []string) (set uint64) {
	for _, id := range ids {
		code, known := sectionByID[id]
		if !known || set&(1<<code) != 0 {
			w.fail("a section is unknown or named twice")
		}
		set |= 1 << code
	}
	w.number(set)
	return set
}

func (w *bodyWriter) state(name string) uint64 {
	code, known := stateByName[name]
	if !known {
		w.fail("a state is unknown")
	}
	return code
}

// userWord is what a user's word says; issuer, subject and organisation stand in the row, the session in a word of its own.
func (u *User) userWord() []string {
	level := ""
	if u.AssuranceLevel != 0 {
		level = strconv.Itoa(u.AssuranceLevel)
	}
	return []string{u.SDSUserID, u.Name, u.RoleProfile, u.RoleCode, u.RoleName, u.OrganisationName, level}
}

// fields says which fields of an event there are.
func (e *Event) fields(user bool) (fields uint64) {
	add := func(bit uint64, there bool) {
		if there {
			fields |= bit
		}
	}
	add(hasUser, user)
	add(hasSession, e.User.Session != "")
	add(hasDevice, e.Device != Device{})
	add(hasPurpose, e.Purpose != "")
	add(hasBasis, len(e.Basis) > 0)
	add(hasRelationship, e.Relationship != "")
	add(hasOverride, e.Override != "")
	add(hasPerson, e.Person != nil)
	add(hasTraits, e.Traits != nil)
	add(hasSections, len(e.Sections) > 0)
	add(hasAsked, len(e.Asked) > 0)
	add(hasDirectory, e.Directory != 0)
	add(hasSources, len(e.Sources) > 0)
	add(hasSets, len(e.Sets) > 0)
	add(hasDocument, e.Document != nil)
	add(hasFound, e.Found != 0)
	add(hasAccount, e.Account != "")
	add(isProvisional, e.Provisional)
	add(hasBytes, e.Bytes != 0)
	return fields
}

func (w *bodyWriter) event(e *Event) {
	if e.Version != eventVersion || !slices.Contains(Acts, e.Act) || !e.At.Truncate(time.Microsecond).Equal(e.At) {
		w.fail("its version, act or time is none of an event")
	}
	user := e.User.userWord()
	fields := e.fields(slices.ContainsFunc(user, func(t string) bool { return t != "" }))
	w.body = append(w.body, eventVersion)
	w.number(fields)
	w.whoAndWhy(e, user, fields)
	if e.Person != nil {
		w.person(e.Person)
	}
	if e.Traits != nil {
		w.traits(e.Traits)
	}
	w.what(e, fields)
}

// whoAndWhy writes the fields up to the person.
func (w *bodyWriter) whoAndWhy(e *Event, user []string, fields uint64) {
	if fields&hasUser != 0 {
		w.joined(user...)
	}
	if fields&hasSession != 0 {
		w.word(e.User.Session)
	}
	if fields&hasDevice != 0 {
		w.word(e.Device.Address)
		w.word(e.Device.Agent)
	}
	if fields&hasPurpose != 0 {
		w.word(e.Purpose)
	}
	if fields&hasBasis != 0 {
		w.list(e.Basis)
	}
	if fields&hasRelationship != 0 {
		w.word(e.Relationship)
	}
	if fields&hasOverride != 0 {
		w.bytes(e.Override)
	}
}

func (w *bodyWriter) person(p *Person) {
	if len(p.Index) != 0 && len(p.Index) != indexSize || (len(p.Index) == 0) != (p.IndexKey == "") {
		w.fail("the person's index is of another length, or without its key")
	}
	w.bytes(string(p.Sealed))
	id, err := sealKeys.DecodeString(p.SealKey)
	if err != nil || sealKeys.EncodeToString(id) != p.SealKey {
		w.fail("the name of the data key is none")
	}
	w.fixed(id, sealKeySize)
}

func (w *bodyWriter) traits(t *Traits) {
	var kind byte
	if len(t.Surname) > 0 {
		kind |= 1
	}
	if len(t.Household) > 0 {
		kind |= 2
	}
	if t.Restricted {
		kind |= 4
	}
	w.body = append(w.body, kind)
	if len(t.Surname) > 0 {
		w.fixed(t.Surname, traitSize)
	}
	if len(t.Household) > 0 {
		w.fixed(t.Household, traitSize)
	}
}

// what writes the fields after the person.
func (w *bodyWriter) what(e *Event, fields uint64) {
	if fields&hasSections != 0 {
		w.set(e.Sections)
	}
	if fields&hasAsked != 0 {
		w.number(uint64(len(e.Asked)))
		for _, feed := range e.Asked {
			w.word(feed)
		}
	}
	if fields&hasDirectory != 0 {
		w.count(e.Directory)
	}
	if fields&hasSources != 0 {
		w.number(uint64(len(e.Sources)))
		for i := range e.Sources {
			w.source(&e.Sources[i])
		}
	}
	if fields&hasSets != 0 {
		w.list(e.Sets)
	}
	if fields&hasDocument != 0 {
		w.joined(e.Document.Feed, e.Document.Organisation)
		w.fixed(e.Document.Digest, itemsSize)
	}
	if fields&hasFound != 0 {
		w.count(int64(e.Found))
	}
	if fields&hasAccount != 0 {
		w.bytes(e.Account)
	}
	if fields&hasBytes != 0 {
		w.count(int64(e.Bytes))
	}
}

// parts says which parts of a source there are.
func (s *Source) parts() (parts uint64) {
	add := func(bit uint64, there bool) {
		if there {
			parts |= bit
		}
	}
	add(sourceSections, len(s.Sections) > 0)
	for i := range s.Sections {
		add(sourceCounts, s.Sections[i].Count != 0)
		add(sourceHeldBack, s.Sections[i].Withheld != 0)
	}
	add(sourceItems, len(s.Items) > 0)
	add(sourceReceived, s.Received != 0)
	add(sourceFates, len(s.Fates) > 0)
	add(sourceTook, s.TookMillis != 0)
	add(sourceWithheld, len(s.Withheld) > 0)
	return parts
}

func (w *bodyWriter) source(s *Source) {
	parts := s.parts()
	w.joined(s.Feed, s.Organisation)
	w.number(w.state(s.State))
	w.number(parts)
	if parts&sourceSections != 0 {
		w.sections(s.Sections)
	}
	if parts&sourceCounts != 0 {
		w.counts(s.Sections, func(s *Section) int { return s.Count })
	}
	if parts&sourceHeldBack != 0 {
		w.counts(s.Sections, func(s *Section) int { return s.Withheld })
	}
	if parts&sourceItems != 0 {
		w.fixed(s.Items, itemsSize)
	}
	if parts&sourceReceived != 0 {
		w.count(int64(s.Received))
	}
	if parts&sourceFates != 0 {
		w.number(uint64(len(s.Fates)))
		for _, n := range s.Fates {
			w.count(int64(n))
		}
	}
	if parts&sourceTook != 0 {
		w.count(s.TookMillis)
	}
	if parts&sourceWithheld != 0 {
		w.number(uint64(len(s.Withheld)))
		for _, held := range s.Withheld {
			w.word(held.Rule)
			w.count(int64(held.Count))
		}
	}
}

// sections writes the set and the states, in the order of the sections' codes: that of the page when this version was made.
func (w *bodyWriter) sections(list []Section) {
	var set uint64
	last := -1
	for i := range list {
		code, known := sectionByID[list[i].ID]
		if !known || int(code) <= last {
			w.fail("a section is unknown or out of order")
		}
		set, last = set|1<<code, int(code)
	}
	w.number(set)
	for i := range list {
		half := byte(w.state(list[i].State))
		if i%2 == 0 {
			w.body = append(w.body, half)
		} else {
			w.body[len(w.body)-1] |= half << 4
		}
	}
}

func (w *bodyWriter) counts(list []Section, of func(*Section) int) {
	var set uint64
	for i := range list {
		if of(&list[i]) != 0 {
			set |= 1 << sectionByID[list[i].ID]
		}
	}
	w.number(set)
	for i := range list {
		if n := of(&list[i]); n != 0 {
			w.count(int64(n))
		}
	}
}

// row is the entry as a row of the trail, before the database has numbered it.
func (e *Entry) row() leaf.Row {
	r := leaf.Row{
		ID: e.ID, At: e.At, Act: string(e.Act), Issuer: e.Issuer, Subject: e.Subject, Organisation: e.Organisation, Reason: e.Reason, Register: e.Register,
		PersonIndex: e.PersonIndex, PersonKey: e.PersonKey, Words: e.Words, Body: e.Body,
	}
	if !e.Look.IsZero() {
		r.Look = bytes.Clone(e.Look[:])
	}
	return r
}
