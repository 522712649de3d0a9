package story

import "time"

// Book is a Region held in memory: whole stories, indexed by NHS number and by local id.
type Book struct {
	today         time.Time
	people        map[string]*Person
	patients      map[[2]string]*Person
	organisations map[string]Organisation
	records       map[string][]byte
}

// NewBook indexes the stories; a later person with the same number or local id replaces an earlier one.
func NewBook(today time.Time, organisations []Organisation, people []Person) *Book {
	b := &Book{
		today:         today,
		people:        make(map[string]*Person, len(people)),
		patients:      make(map[[2]string]*Person, len(people)),
		organisations: make(map[string]Organisation, len(organisations)),
		records:       map[string][]byte{},
	}
	for _, o := range organisations {
		b.organisations[o.ODS] = o
	}
	for i := range people {
		b.add(&people[i])
	}
	return b
}

func (b *Book) add(p *Person) {
	b.people[p.NHSNumber] = p
	for _, old := range p.Superseded {
		b.people[old] = p
	}
	for _, h := range p.Holdings {
		b.patients[[2]string{h.ODS, h.LocalID}] = p
	}
}

// ServeRecord makes the GP system answer with this message as it is for the person.
func (b *Book) ServeRecord(nhsNumber string, message []byte) { b.records[nhsNumber] = message }

// Person implements Region.
func (b *Book) Person(nhsNumber string) (Person, bool) { return found(b.people[nhsNumber]) }

// Patient implements Region.
func (b *Book) Patient(ods, localID string) (Person, bool) {
	return found(b.patients[[2]string{ods, localID}])
}

// Organisation implements Region.
func (b *Book) Organisation(ods string) (Organisation, bool) {
	o, ok := b.organisations[ods]
	return o, ok
}

// Today implements Region.
func (b *Book) Today() time.Time { return b.today }

// RawRecord implements Region.
func (b *Book) RawRecord(nhsNumber string) ([]byte, bool) {
	m, ok := b.records[nhsNumber]
	return m, ok
}

func found(p *Person) (Person, bool) {
	if p == nil {
		return Person{}, false
	}
	return *p, true
}
