package story

import (
	"fmt"
	"iter"
	"strconv"
	"strings"
	"sync"
	"time"
)

// World is the whole sandbox region: its organisations, its written life stories, and people made from a seed on demand.
type World struct {
	cal           calendar
	seed          uint64
	organisations map[string]Organisation
	ordered       []Organisation
	stories       []Person
	byNumber      map[string]int
	byLocalID     map[[2]string]int
	numbers       []string
	volume        map[string]int
	records       map[string][]byte

	mu    sync.Mutex
	cache map[int]Person
}

// cached is how many made-up people stay in memory: one page view asks for the same one some twenty times.
const cached = 128

// NewWorld makes the region. The same seed, number of people and day give the same region; people counts the made-up
// ones, beside whom the written stories always exist.
func NewWorld(seed uint64, people int, today time.Time) *World {
	w := &World{
		cal: newCalendar(today), seed: seed, ordered: organisations(),
		organisations: map[string]Organisation{}, byNumber: map[string]int{}, byLocalID: map[[2]string]int{},
		volume: make(map[string]int, people), records: map[string][]byte{}, cache: map[int]Person{},
	}
	for _, o := range w.ordered {
		w.organisations[o.ODS] = o
	}
	for _, p := range lives(w.cal) {
		w.Add(p)
	}
	w.enrol(people)
	return w
}

// enrol gives each made-up person an NHS number of the 999 range that no story uses.
func (w *World) enrol(people int) {
	for middle := int(w.seed % 997); len(w.numbers) < people; middle += 67 {
		// 67 and a million share no factor, so the steps meet every number once before they repeat one.
		number, ok := TestNumber(middle % 1_000_000)
		if _, taken := w.byNumber[number]; !ok || taken {
			continue
		}
		w.volume[number] = len(w.numbers)
		w.numbers = append(w.numbers, number)
	}
}

// Add puts one more person into the region, before it is served. Local ids that are not given are made.
func (w *World) Add(p Person) {
	n := len(w.stories)
	for i := range p.Holdings {
		h := &p.Holdings[i]
		if h.LocalID == "" {
			h.LocalID = fmt.Sprintf("%s-s%04d", prefixOf(h.ODS), 1000+n)
		}
		w.byLocalID[[2]string{h.ODS, h.LocalID}] = n
	}
	w.stories = append(w.stories, p)
	w.byNumber[p.NHSNumber] = n
	for _, old := range p.Superseded {
		w.byNumber[old] = n
	}
}

// AddOrganisation puts one more organisation into the region, before it is served.
func (w *World) AddOrganisation(o Organisation) {
	if _, known := w.organisations[o.ODS]; known {
		return
	}
	w.organisations[o.ODS] = o
	w.ordered = append(w.ordered, o)
}

// ServeRecord makes the GP system answer with this message, as it is, for the person.
func (w *World) ServeRecord(nhsNumber string, message []byte) { w.records[nhsNumber] = message }

// Person implements Region.
func (w *World) Person(nhsNumber string) (Person, bool) {
	if n, ok := w.byNumber[nhsNumber]; ok {
		return w.stories[n], true
	}
	if n, ok := w.volume[nhsNumber]; ok {
		return w.made(n), true
	}
	return Person{}, false
}

// Patient implements Region.
func (w *World) Patient(ods, localID string) (Person, bool) {
	if n, ok := w.byLocalID[[2]string{ods, localID}]; ok {
		return w.stories[n], true
	}
	digits, ok := strings.CutPrefix(localID, prefixOf(ods)+"-v")
	n, err := strconv.Atoi(digits)
	if !ok || err != nil || n < 0 || n >= len(w.numbers) {
		return Person{}, false
	}
	person := w.made(n)
	if h, known := person.Holding(ods); !known || h.LocalID != localID {
		return Person{}, false
	}
	return person, true
}

// Organisation implements Region.
func (w *World) Organisation(ods string) (Organisation, bool) {
	o, ok := w.organisations[ods]
	return o, ok
}

// Organisations lists everybody in the region in a fixed order.
func (w *World) Organisations() []Organisation { return w.ordered }

// Today implements Region.
func (w *World) Today() time.Time { return w.cal.today }

// RawRecord implements Region.
func (w *World) RawRecord(nhsNumber string) ([]byte, bool) {
	message, ok := w.records[nhsNumber]
	return message, ok
}

// Everybody yields who people are, without what anybody holds about them, for the demographics service.
func (w *World) Everybody() iter.Seq[Person] {
	return func(yield func(Person) bool) {
		for _, p := range w.stories {
			p.Holdings = nil
			if !yield(p) {
				return
			}
		}
		for n := range w.numbers {
			if !yield(w.identity(n)) {
				return
			}
		}
	}
}

// NHSNumberOf gives the NHS number behind a local patient id of an organisation, or "".
func (w *World) NHSNumberOf(ods, localID string) string {
	if p, ok := w.Patient(ods, localID); ok {
		return p.NHSNumber
	}
	return ""
}

// StandingFault gives the fault that an organisation always shows for a person, or "".
func (w *World) StandingFault(ods, nhsNumber string) string {
	n, ok := w.byNumber[nhsNumber]
	if !ok {
		return ""
	}
	return w.stories[n].Faults[ods]
}

// made gives a made-up person whole.
func (w *World) made(n int) Person {
	w.mu.Lock()
	person, ok := w.cache[n]
	w.mu.Unlock()
	if ok {
		return person
	}
	person = w.life(n)
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.cache) >= cached {
		clear(w.cache)
	}
	w.cache[n] = person
	return person
}

// prefixOf starts the local ids of an organisation.
func prefixOf(ods string) string {
	if badge, ok := badges[ods]; ok {
		return strings.ToLower(badge)
	}
	return strings.ToLower(ods)
}

// Notable is one written story, for lists of what there is to try.
type Notable struct {
	NHSNumber string `json:"nhs_number"`
	Name      string `json:"name"`
	Shows     string `json:"shows"`
}

// Notable lists the written stories in order: the main one first.
func (w *World) Notable() []Notable {
	var list []Notable
	for _, p := range w.stories {
		if p.Story != "" {
			list = append(list, Notable{p.NHSNumber, p.Name.String(), p.Story})
		}
	}
	return list
}

// Ruled lists the people who show who may see what.
func (w *World) Ruled() []Notable {
	var list []Notable
	for _, p := range w.stories {
		if p.Rule != "" {
			list = append(list, Notable{p.NHSNumber, p.Name.String(), p.Rule})
		}
	}
	return list
}

// String writes a name as the banner does: family name in capitals first.
func (n Name) String() string {
	name := strings.ToUpper(n.Family) + ", " + strings.Join(n.Given, " ")
	if n.Prefix != "" {
		name += " (" + n.Prefix + ")"
	}
	return name
}
