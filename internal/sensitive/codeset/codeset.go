// Package codeset holds the dated, versioned code sets by which entries of a record are judged sensitive, and loads them strictly from files.
package codeset

import (
	"encoding/binary"
	"hash/fnv"
	"slices"
	"strconv"
	"time"
)

// Topics of the four sets of the joint GP IT committee ("General practice summary data sharing exclusion for ..."). A deployment may add its own.
const (
	GenderReassignment = "gender-reassignment"
	Termination        = "termination-of-pregnancy"
	AssistedConception = "assisted-conception"
	SexualHealth       = "sexual-health"
)

// Refset is a SNOMED CT UK simple reference set of one of the four topics.
type Refset struct{ ID, Topic, Title string }

// GeneralPractice are the four reference sets "General practice summary data sharing exclusion for ...". Their members come with a licensed
// release of SNOMED CT UK (RF2 refset files) and are never part of this program.
var GeneralPractice = []Refset{
	{"999004351000000109", GenderReassignment, "gender related issues"},
	{"999004361000000107", Termination, "termination of pregnancy"},
	{"999004371000000100", AssistedConception, "assisted fertilisation"},
	{"999004381000000103", SexualHealth, "sexually transmitted disease"},
}

// Set is one version of the set of one topic, as its manifest names it.
type Set struct {
	// Topic is its stable name in the audit trail and in reports; it never reaches the page. Title is for officers.
	Topic, Title string
	// Version is the release the members come from, From the day from which it is in force.
	Version string
	From    time.Time
	// Opens is the RBAC activity of those who may see what the set covers.
	Opens string
	// On is false for a set that is loaded, and can be tried out, but hides nothing.
	On bool
	// Members is how many codes it has.
	Members int
}

// Mask is a set of code sets: bit i stands for the i-th of Sets.All.
type Mask uint64

// MaxSets is how many versions of topics can be loaded together; two bits of a Mask are kept for dissent and consent.
const MaxSets = 62

// Each calls yield with the index in Sets.All of every set in the mask.
func (m Mask) Each(yield func(int)) {
	for i := 0; m != 0; i, m = i+1, m>>1 {
		if m&1 != 0 {
			yield(i)
		}
	}
}

// Sets are all code sets of a deployment at one moment. They never change; a new manifest makes new ones. A nil *Sets, and the zero
// Sets, have no code set; they know the codes of dissent that the program knows by itself.
type Sets struct {
	list []member
	index
	hideNotForPatient, hideUnclassifiable string
	// text is a fingerprint of the manifest.
	text uint64
}

// member is a set with its codes as keys, sorted: for comparing versions.
type member struct {
	Set
	keys []key
	// at is where the set ended in its files: the place that a refusal of the whole set names.
	at place
	// print is a fingerprint of the set: its topic, its version and its members.
	print uint64
}

// All are the loaded versions, in the order of the bits of a Mask.
func (s *Sets) All() []Set {
	if s == nil {
		return nil
	}
	all := make([]Set, len(s.list))
	for i := range s.list {
		all[i] = s.list[i].Set
	}
	return all
}

// Set is the i-th of All.
func (s *Sets) Set(i int) Set { return s.list[i].Set }

// InForce are the versions that apply at the time: of each topic the latest of those that are on and whose day has come. A version that is
// off takes no other's place. It allocates nothing.
func (s *Sets) InForce(at time.Time) Mask {
	var mask Mask
	if s == nil {
		return mask
	}
	for i := range s.list {
		if s.applies(i, at) && s.latest(i, at) {
			mask |= 1 << i
		}
	}
	return mask
}

// Trying are the sets that would apply at the time if the i-th were switched on and its day had come: for an officer who wants to know what
// it would hide.
func (s *Sets) Trying(at time.Time, i int) Mask {
	mask := s.InForce(at) | 1<<i
	for j := range s.list {
		if j != i && s.list[j].Topic == s.list[i].Topic {
			mask &^= 1 << j
		}
	}
	return mask
}

// Coming are the sets that apply once the day of each has come.
func (s *Sets) Coming() Mask { return s.InForce(time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)) }

// Latest are the last version of every topic, on or not: for an officer who wants to know what all that is loaded would hide.
func (s *Sets) Latest() Mask {
	var mask Mask
	if s == nil {
		return mask
	}
	for i := range s.list {
		later := func(m member) bool { return m.Topic == s.list[i].Topic && m.From.After(s.list[i].From) }
		if !slices.ContainsFunc(s.list, later) {
			mask |= 1 << i
		}
	}
	return mask
}

func (s *Sets) applies(i int, at time.Time) bool { return s.list[i].On && !s.list[i].From.After(at) }

// latest reports that no later version of the i-th set's topic applies.
func (s *Sets) latest(i int, at time.Time) bool {
	for j := range s.list {
		if s.list[j].Topic == s.list[i].Topic && s.list[j].From.After(s.list[i].From) && s.applies(j, at) {
			return false
		}
	}
	return true
}

// NotForPatient is the activity without which an entry that its source marked as not to be shown to the patient (NOPAT) is hidden from staff
// too; empty, the default, when it is only flagged.
func (s *Sets) NotForPatient() string {
	if s == nil {
		return ""
	}
	return s.hideNotForPatient
}

// Unclassifiable is the activity without which an entry of a type that no section knows is hidden when it carries no code that could be judged;
// empty, the default, when such entries are shown.
func (s *Sets) Unclassifiable() string {
	if s == nil {
		return ""
	}
	return s.hideUnclassifiable
}

// Beyond reports that a list names codes of systems other than SNOMED CT, dm+d and Read: labels, local codes, organisations.
func (s *Sets) Beyond() bool { return s != nil && len(s.names) > int(firstOther) }

// Same reports that two manifests, with all that they name, are the same.
func (s *Sets) Same(other *Sets) bool {
	if s == nil || other == nil {
		return s == other
	}
	return s.text == other.text && len(s.list) == len(other.list) && s.Whole() == other.Whole()
}

// Whole is the stamp of all that is loaded.
func (s *Sets) Whole() string { return s.Stamp(1<<len(s.All()) - 1) }

// Stamp is a short name for exactly these of the sets, with their members: it changes when any of them does.
func (s *Sets) Stamp(of Mask) string {
	if s == nil {
		return "0"
	}
	h := fnv.New64a()
	var eight [8]byte
	write := func(n uint64) {
		binary.BigEndian.PutUint64(eight[:], n)
		_, _ = h.Write(eight[:])
	}
	of.Each(func(i int) { write(s.list[i].print) })
	return strconv.FormatUint(h.Sum64(), 36)
}
