package audit

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"ribble/internal/ledger/leaf"
)

// Event reads the entry.
func (e *Entry) Event() (Event, error) {
	r := e.row()
	return Decode(&r)
}

// Decode reads an event from its row, and refuses one that no event is kept as: what it reads has one form alone, so that the same event is never two
// different rows.
func Decode(r *leaf.Row) (Event, error) {
	d := bodyReader{rest: r.Body, words: r.Words}
	if len(r.Body) > MaxEventSize || d.byte() != eventVersion || !slices.Contains(Acts, Act(r.Act)) || len(r.Look) != 0 && len(r.Look) != len(UUID{}) {
		return Event{}, errEncoding
	}
	e := Event{
		Version: eventVersion, ID: r.ID, At: r.At.UTC(), Act: Act(r.Act), User: User{Issuer: r.Issuer, Subject: r.Subject, Organisation: r.Organisation},
		Reason: r.Reason, Register: r.Register,
	}
	if len(r.Look) > 0 {
		if e.Look = UUID(r.Look); e.Look.IsZero() {
			return Event{}, errEncoding
		}
	}
	d.event(&e, r)
	if d.bad || len(d.rest) > 0 || d.seen != len(d.words) {
		return Event{}, errEncoding
	}
	return e, nil
}

// bodyReader takes a body apart. Once something is bad, it reads nothing but noughts.
type bodyReader struct {
	rest  []byte
	words []string
	// seen is how many words have been referred to: they come in order.
	seen int
	bad  bool
}

func (d *bodyReader) fail() {
	d.bad, d.rest = true, nil
}

func (d *bodyReader) byte() byte {
	if len(d.rest) == 0 {
		d.fail()
		return 0
	}
	b := d.rest[0]
	d.rest = d.rest[1:]
	return b
}

func (d *bodyReader) number() uint64 {
	n, size := binary.Uvarint(d.rest)
	if size <= 0 || size > 1 && d.rest[size-1] == 0 {
		d.fail()
		return 0
	}
	d.rest = d.rest[size:]
	return n
}

// some reads a number that is there because it is not nought.
func (d *bodyReader) some() int64 {
	n := d.number()
	if n == 0 || n > math.MaxInt64 {
		d.fail()
		return 0
	}
	return int64(n)
}

// many reads how many things follow, each of at least one byte.
func (d *bodyReader) many() int {
	n := d.some()
	if n > int64(len(d.rest)) {
		d.fail()
		return 0
	}
	return int(n)
}

func (d *bodyReader) take(n uint64) []byte {
	if n > uint64(len(d.rest)) {
		d.fail()
		return nil
	}
	b := d.rest[:n:n]
	d.rest = d.rest[n:]
	return b
}

// text reads bytes that are there because they are not empty.
func (d *bodyReader) text() string { return string(d.take(uint64(d.some()))) }

func (d *bodyReader) word() string {
	n := d.number()
	if n == 0 {
		return ""
	}
	if n > uint64(len(d.words)) || n > uint64(d.seen)+1 {
		d.fail()
		return ""
	}
	text := d.words[n-1]
	if int(n) > d.seen {
		if text == "" || slices.Contains(d.words[:d.seen], text) {
			d.fail()
		}
		d.seen++
	}
	return text
}

// someWord reads a word that is there because it is not empty.
func (d *bodyReader) someWord() string {
	text := d.word()
	if text == "" {
		d.fail()
	}
	return text
}

// joined reads so many texts that are one word.
func (d *bodyReader) joined(n int) []string {
	texts := strings.Split(d.someWord(), joint)
	if len(texts) != n {
		d.fail()
		return make([]string, n)
	}
	return texts
}

func (d *bodyReader) list() []string {
	texts := strings.Split(d.someWord(), joint)
	if slices.Contains(texts, "") {
		d.fail()
	}
	return texts
}

// set reads a set of sections that is not empty.
func (d *bodyReader) set() uint64 {
	set := uint64(d.some())
	if set>>len(sectionCodes) != 0 {
		d.fail()
		return 0
	}
	return set
}

func (d *bodyReader) state(code uint64) string {
	if code >= uint64(len(stateCodes)) {
		d.fail()
		return ""
	}
	return stateCodes[code].String()
}

func (d *bodyReader) event(e *Event, r *leaf.Row) {
	fields := d.number()
	if fields > allFields {
		d.fail()
	}
	d.whoAndWhy(e, fields)
	if fields&hasPerson != 0 {
		e.Person = d.person(r)
	} else if len(r.PersonIndex) > 0 || r.PersonKey != "" {
		d.fail()
	}
	if fields&hasTraits != 0 {
		e.Traits = d.traits()
	}
	d.what(e, fields)
}

func (d *bodyReader) whoAndWhy(e *Event, fields uint64) {
	if fields&hasUser != 0 {
		d.user(&e.User)
	}
	if fields&hasSession != 0 {
		e.User.Session = d.someWord()
	}
	if fields&hasDevice != 0 {
		if e.Device = (Device{Address: d.word(), Agent: d.word()}); e.Device == (Device{}) {
			d.fail()
		}
	}
	if fields&hasPurpose != 0 {
		e.Purpose = d.someWord()
	}
	if fields&hasBasis != 0 {
		e.Basis = d.list()
	}
	if fields&hasRelationship != 0 {
		e.Relationship = d.someWord()
	}
	if fields&hasOverride != 0 {
		e.Override = d.text()
	}
}

func (d *bodyReader) user(u *User) {
	const texts = 7
	t := d.joined(texts)
	u.SDSUserID, u.Name, u.RoleProfile, u.RoleCode, u.RoleName, u.OrganisationName = t[0], t[1], t[2], t[3], t[4], t[5]
	if level := t[6]; level != "" {
		n, err := strconv.Atoi(level)
		if err != nil || n == 0 || strconv.Itoa(n) != level {
			d.fail()
		}
		u.AssuranceLevel = n
	}
	if !slices.ContainsFunc(t, func(t string) bool { return t != "" }) {
		d.fail()
	}
}

func (d *bodyReader) person(r *leaf.Row) *Person {
	if len(r.PersonIndex) != 0 && len(r.PersonIndex) != indexSize || (len(r.PersonIndex) == 0) != (r.PersonKey == "") {
		d.fail()
	}
	p := &Person{Index: r.PersonIndex, IndexKey: r.PersonKey, Sealed: d.take(d.number())}
	p.SealKey = sealKeys.EncodeToString(d.take(sealKeySize))
	return p
}

func (d *bodyReader) traits() *Traits {
	kind := d.byte()
	if kind > 7 {
		d.fail()
	}
	t := &Traits{Restricted: kind&4 != 0}
	if kind&1 != 0 {
		t.Surname = d.take(traitSize)
	}
	if kind&2 != 0 {
		t.Household = d.take(traitSize)
	}
	return t
}

func (d *bodyReader) what(e *Event, fields uint64) {
	if fields&hasSections != 0 {
		set := d.set()
		e.Sections = make([]string, 0, bits.OnesCount64(set))
		for ; set != 0; set &= set - 1 {
			e.Sections = append(e.Sections, sectionCodes[bits.TrailingZeros64(set)].ID())
		}
	}
	if fields&hasAsked != 0 {
		e.Asked = make([]string, d.many())
		for i := range e.Asked {
			e.Asked[i] = d.word()
		}
	}
	if fields&hasDirectory != 0 {
		e.Directory = d.some()
	}
	if fields&hasSources != 0 {
		e.Sources = make([]Source, d.many())
		for i := range e.Sources {
			d.source(&e.Sources[i])
		}
	}
	if fields&hasSets != 0 {
		e.Sets = d.list()
	}
	if fields&hasDocument != 0 {
		names := d.joined(2)
		e.Document = &Document{Feed: names[0], Organisation: names[1], Digest: d.take(itemsSize)}
	}
	if fields&hasFound != 0 {
		e.Found = int(d.some())
	}
	if fields&hasAccount != 0 {
		e.Account = d.text()
	}
	e.Provisional = fields&isProvisional != 0
	if fields&hasBytes != 0 {
		e.Bytes = int(d.some())
	}
}

func (d *bodyReader) source(s *Source) {
	names := d.joined(2)
	s.Feed, s.Organisation = names[0], names[1]
	s.State = d.state(d.number())
	parts := d.number()
	if parts > allParts || parts&sourceSections == 0 && parts&(sourceCounts|sourceHeldBack) != 0 {
		d.fail()
	}
	if parts&sourceSections != 0 {
		d.sections(s, parts)
	}
	if parts&sourceItems != 0 {
		s.Items = d.take(itemsSize)
	}
	if parts&sourceReceived != 0 {
		s.Received = int(d.some())
	}
	if parts&sourceFates != 0 {
		s.Fates = make([]int, d.many())
		for i := range s.Fates {
			n := d.number()
			if n > math.MaxInt64 {
				d.fail()
			}
			s.Fates[i] = int(n)
		}
	}
	if parts&sourceTook != 0 {
		s.TookMillis = d.some()
	}
	if parts&sourceWithheld != 0 {
		s.Withheld = make([]Withheld, d.many())
		for i := range s.Withheld {
			s.Withheld[i].Rule = d.word()
			n := d.number()
			if n > math.MaxInt64 {
				d.fail()
			}
			s.Withheld[i].Count = int(n)
		}
	}
}

func (d *bodyReader) sections(s *Source, parts uint64) {
	set := d.set()
	s.Sections = make([]Section, bits.OnesCount64(set))
	rest := set
	var both byte
	for i := range s.Sections {
		if i%2 == 0 {
			both = d.byte()
		} else {
			both >>= 4
		}
		s.Sections[i] = Section{ID: sectionCodes[bits.TrailingZeros64(rest)].ID(), State: d.state(uint64(both & 15))}
		rest &= rest - 1
	}
	if len(s.Sections)%2 == 1 && both>>4 != 0 {
		d.fail()
	}
	if parts&sourceCounts != 0 {
		d.counts(set, s.Sections, func(s *Section, n int) { s.Count = n })
	}
	if parts&sourceHeldBack != 0 {
		d.counts(set, s.Sections, func(s *Section, n int) { s.Withheld = n })
	}
}

// counts reads a number for some of the sections of a set.
func (d *bodyReader) counts(set uint64, list []Section, to func(*Section, int)) {
	some := d.set()
	if some&^set != 0 {
		d.fail()
		return
	}
	for i := range list {
		section := set & -set
		set &= set - 1
		if some&section != 0 {
			to(&list[i], int(d.some()))
		}
	}
}
