package codeset

import (
	"bytes"
	"hash/maphash"
	"slices"
	"time"
)

// header is that of a simple reference set file (SNOMED CT Release File Specification, 5.2.1 "Simple Reference Set").
const header = "id\teffectiveTime\tactive\tmoduleId\trefsetId\treferencedComponentId"

// The columns of such a file.
const (
	idColumn = iota
	timeColumn
	activeColumn
	moduleColumn
	refsetColumn
	componentColumn
	rf2Columns
)

// state is what one row says of one member from one day.
type state struct {
	component key
	row       uint64
	day       uint32
	active    bool
}

// refset collects the rows of one reference set.
type refset struct {
	id     key
	full   bool
	states []state
	at     place
	// latest is the newest day of a row, and where it stands: a snapshot says nothing of the days before.
	latest   uint32
	latestAt place
}

// rf2 reads a whole RF2 file; rows of reference sets that nobody wants are checked and left out.
type rf2 struct {
	wanted  []*refset
	seed    maphash.Seed
	columns [rf2Columns][]byte
	// module and set are the last ones that were checked: they hardly change from row to row.
	module, set []byte
	setID       key
}

func newRF2(wanted []*refset) *rf2 { return &rf2{wanted: wanted, seed: maphash.MakeSeed()} }

func (r *rf2) read(l *lines) error {
	if !l.next() || string(l.text) != header {
		if l.err != nil {
			return l.err
		}
		l.line = 1
		return l.refuse("unknown format: the heading is not that of an RF2 simple reference set")
	}
	for l.next() {
		if err := r.row(l); err != nil {
			return err
		}
	}
	if l.err != nil {
		return l.err
	}
	for _, w := range r.wanted {
		if len(w.states) == 0 {
			return l.refuse("the file has no row of reference set %d", w.id)
		}
	}
	return nil
}

func (r *rf2) row(l *lines) error {
	if err := l.columns('\t', r.columns[:]); err != nil {
		return err
	}
	component, whole := identifier(r.columns[componentColumn])
	day, isDay := dayOf(r.columns[timeColumn])
	active := r.columns[activeColumn]
	switch {
	case !isUUID(r.columns[idColumn]):
		return l.refuse("its id is no UUID")
	case !isDay:
		return l.refuse("its effectiveTime is no day")
	case len(active) != 1 || active[0] != '0' && active[0] != '1':
		return l.refuse("active is neither 0 nor 1")
	case !r.context():
		return l.refuse("its module or reference set is no SNOMED CT identifier")
	case !whole || !isConcept(r.columns[componentColumn]):
		return l.refuse("its component is no SNOMED CT concept identifier")
	}
	for _, w := range r.wanted {
		if w.id == r.setID {
			w.states = append(w.states, state{component, maphash.Bytes(r.seed, r.columns[idColumn]), day, active[0] == '1'})
			w.at = l.place
			if day > w.latest {
				w.latest, w.latestAt = day, l.place
			}
		}
	}
	return nil
}

func (r *rf2) context() bool {
	if module := r.columns[moduleColumn]; !bytes.Equal(module, r.module) {
		if _, whole := identifier(module); !whole {
			return false
		}
		r.module = append(r.module[:0], module...)
	}
	if set := r.columns[refsetColumn]; !bytes.Equal(set, r.set) {
		id, whole := identifier(set)
		if !whole {
			return false
		}
		r.set, r.setID = append(r.set[:0], set...), id
	}
	return true
}

// members are those of the reference set on the day, sorted. A full file holds every earlier state too, and the last until the day counts;
// a snapshot that is newer than the day cannot say what was in force on it.
func (w *refset) members(from time.Time) ([]key, error) {
	on := uint32(from.Year()*10000 + int(from.Month())*100 + from.Day()) //nolint:gosec // G115: a manifest's day has four digits of year
	if !w.full && w.latest > on {
		return nil, w.latestAt.refuse("the row is dated after the day from which the set is in force")
	}
	slices.SortFunc(w.states, func(a, b state) int {
		switch {
		case a.component != b.component:
			return compare(a.component, b.component)
		case a.row != b.row:
			return compare(a.row, b.row)
		}
		return compare(a.day, b.day)
	})
	var out []key
	for i := 0; i < len(w.states); {
		last, end := -1, i
		for end < len(w.states) && w.states[end].component == w.states[i].component && w.states[end].row == w.states[i].row {
			if w.states[end].day <= on {
				last = end
			}
			end++
		}
		if last >= 0 && w.states[last].active {
			out = append(out, w.states[last].component)
		}
		i = end
	}
	return slices.Compact(out), nil
}

func compare[T key | uint64 | uint32](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func isUUID(text []byte) bool {
	if len(text) != 36 {
		return false
	}
	for i, c := range text {
		switch {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if c != '-' {
				return false
			}
		case c >= '0' && c <= '9', c >= 'a' && c <= 'f', c >= 'A' && c <= 'F':
		default:
			return false
		}
	}
	return true
}

// dayOf reads "20261001".
func dayOf(text []byte) (day uint32, ok bool) {
	if len(text) != 8 {
		return 0, false
	}
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, false
		}
		day = day*10 + uint32(c-'0')
	}
	month, dom := day/100%100, day%100
	return day, day >= 1900_01_01 && month >= 1 && month <= 12 && dom >= 1 && dom <= 31
}
