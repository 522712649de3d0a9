package codeset

import (
	"math/bits"
	"slices"
	"strings"

	"ribble/internal/record"
)

// key is one code of one system in eight bytes: a SNOMED CT identifier as its number, which leaves the four highest bits free, or those four
// bits for another system and up to seven bytes of code. So 200,000 codes take a few megabytes, and a look-up allocates nothing.
type key uint64

const (
	tagShift = 60
	// packed is the longest code of another system that fits into a key, tags how many such systems there are.
	packed = 7
	tags   = 15
)

// system numbers a code system: none is one that no set names.
type system uint8

const (
	none system = iota
	snomed
	readV2
	ctv3
	// firstOther is the first of the systems that only a file names.
	firstOther
)

// shortNames are the names of code systems in manifests and lists; any other system goes by its own address.
var shortNames = map[string]system{"snomed": snomed, "readv2": readV2, "ctv3": ctv3}

// knownSystems are the addresses of the systems that the program knows by itself. dm+d shares its identifiers with SNOMED CT.
var knownSystems = map[string]system{
	record.SNOMED: snomed, record.DMD: snomed, "2.16.840.1.113883.6.96": snomed, record.ReadV2: readV2, record.CTV3: ctv3,
}

// snomedEditions begins the address of an edition or version of SNOMED CT.
const snomedEditions = record.SNOMED + "/"

// The bits kept for dissent and consent.
const (
	refusedBit Mask = 1 << MaxSets
	givenBit   Mask = 1 << (MaxSets + 1)
	ofSets     Mask = refusedBit - 1
)

// index finds the sets that name a code: an open hash table over the keys, and a map for codes too long to pack.
type index struct {
	keys   []key
	values []uint16
	// masks are the different combinations of sets that a code is in.
	masks []Mask
	long  map[longCode]Mask
	// systems numbers every system that a set names, in all its spellings; names says for each number which sets have codes of it.
	systems map[string]system
	names   []Mask
}

type longCode struct {
	system system
	code   string
}

// Verdict is what the sets say of one code.
type Verdict struct {
	// Named are the sets that name it; Unreadable those that could, had it been readable.
	Named, Unreadable Mask
	// Judged is true of a readable code of a system that the sets know.
	Judged bool
	// Refused and Given say that it records that the person does not agree, or agrees, to sharing the record.
	Refused, Given bool
}

// Judge looks a coding up. A code that is damaged (no code, no SNOMED CT identifier, a wrong check digit, not a Read code) is Unreadable for
// every set with codes of that system. A code without a system is looked up in every system. A system that no set names cannot be in one.
func (s *Sets) Judge(c *record.Coding) Verdict {
	if s == nil || len(s.names) == 0 {
		s = unset
	}
	switch number := s.number(c.System); {
	case number == snomed:
		return s.judgeSNOMED(c.Code)
	case number != none:
		return s.judgeOther(number, c.Code)
	case c.System == "" && c.Code != "":
		return s.judgeAnywhere(c.Code)
	}
	return Verdict{}
}

func (x *index) number(address string) system {
	switch {
	case address == record.SNOMED:
		return snomed
	case address == "":
		return none
	case strings.HasPrefix(address, snomedEditions):
		return snomed
	}
	return x.systems[address]
}

func (x *index) judgeSNOMED(code string) Verdict {
	n, whole := identifier(code)
	if !whole {
		return x.judgeExpression(code)
	}
	return verdict(x.find(n))
}

// judgeExpression judges each identifier of a post-coordinated expression; what is neither is unreadable.
func (x *index) judgeExpression(code string) Verdict {
	out, ids := Mask(0), 0
	for i := 0; i < len(code); {
		switch c := code[i]; {
		case c == '|':
			end := strings.IndexByte(code[i+1:], '|')
			if end < 0 {
				return x.unreadable(snomed)
			}
			i += end + 2
		case c >= '0' && c <= '9':
			end := i
			for end < len(code) && code[end] >= '0' && code[end] <= '9' {
				end++
			}
			n, whole := identifier(code[i:end])
			if !whole {
				return x.unreadable(snomed)
			}
			out |= x.find(n)
			ids++
			i = end
		case strings.IndexByte(" :+=,{}()<", c) >= 0:
			i++
		default:
			return x.unreadable(snomed)
		}
	}
	if ids == 0 {
		return x.unreadable(snomed)
	}
	return verdict(out)
}

func (x *index) judgeOther(number system, code string) Verdict {
	k, text, readable := x.normal(number, code)
	switch {
	case !readable:
		return x.unreadable(number)
	case k != 0:
		return verdict(x.find(k))
	}
	return verdict(x.long[longCode{number, text}])
}

// judgeAnywhere looks in every system, because a source that leaves the system out may mean any of them.
func (x *index) judgeAnywhere(code string) Verdict {
	var all Mask
	if n, whole := identifier(code); whole {
		all |= x.find(n)
	}
	for i := range x.names[readV2:] {
		number := readV2 + system(i)
		switch k, text, readable := x.normal(number, code); {
		case !readable:
		case k != 0:
			all |= x.find(k)
		default:
			all |= x.long[longCode{number, text}]
		}
	}
	out := verdict(all)
	out.Judged = all != 0
	return out
}

func verdict(m Mask) Verdict {
	return Verdict{Named: m & ofSets, Judged: true, Refused: m&refusedBit != 0, Given: m&givenBit != 0}
}

func (x *index) unreadable(number system) Verdict {
	return Verdict{Unreadable: x.names[number] & ofSets}
}

// normal gives the one form of a code by which it is kept and looked up: packed, or 0 and its text when it is too long.
func (x *index) normal(number system, code string) (k key, text string, readable bool) {
	if number == readV2 || number == ctv3 {
		if code, readable = read(number, code); !readable {
			return 0, "", false
		}
		return pack(number, code, readLength), code, true
	}
	if code = strings.TrimSpace(code); code == "" {
		return 0, "", false
	}
	if len(code) > packed || number-readV2 >= tags || strings.IndexByte(code, 0) >= 0 {
		return 0, code, true
	}
	return pack(number, code, len(code)), code, true
}

// pack fills up to the length with dots, as Read codes are.
func pack(number system, code string, length int) key {
	var k key
	for i := range packed {
		c := byte(0)
		switch {
		case i < len(code):
			c = code[i]
		case i < length:
			c = '.'
		}
		k = k<<8 | key(c)
	}
	return k | key(number-readV2+1)<<tagShift
}

// readLength is that of a Read code; version 2 may add the two digits of a term.
const readLength = 5

// read gives a Read code without its term code and without closing dots being needed; anything else is not one.
func read(number system, code string) (string, bool) {
	if number == readV2 && len(code) == readLength+2 {
		code = code[:readLength]
	}
	if len(code) == 0 || len(code) > readLength {
		return "", false
	}
	for i := range len(code) {
		switch c := code[i]; {
		case c >= '0' && c <= '9', c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c == '.':
		default:
			return "", false
		}
	}
	return code, code[0] != '.'
}

// slot is where the search for a key begins (multiplicative hashing; the table's length is a power of two).
func (x *index) slot(k key) uint64 {
	return uint64(k) * 0x9E3779B97F4A7C15 >> (65 - bits.Len(uint(len(x.keys))))
}

func (x *index) find(k key) Mask {
	if len(x.keys) == 0 {
		return 0
	}
	for i := x.slot(k); ; i = (i + 1) & uint64(len(x.keys)-1) {
		switch x.keys[i] {
		case 0:
			return 0
		case k:
			return x.masks[x.values[i]]
		}
	}
}

// reserve makes room for n keys at a load of at most a half.
func (x *index) reserve(n int) {
	length := 1 << bits.Len(uint(2*n+1))
	x.keys, x.values = make([]key, length), make([]uint16, length)
}

func (x *index) add(k key, bit Mask) {
	for i := x.slot(k); ; i = (i + 1) & uint64(len(x.keys)-1) {
		switch x.keys[i] {
		case 0:
			x.keys[i], x.values[i] = k, x.combination(bit)
			return
		case k:
			x.values[i] = x.combination(x.masks[x.values[i]] | bit)
			return
		}
	}
}

func (x *index) combination(m Mask) uint16 {
	at := slices.Index(x.masks, m)
	if at < 0 {
		at = len(x.masks)
		x.masks = append(x.masks, m)
	}
	return uint16(at)
}

// learn numbers a system by every spelling in use; ok is false when there are too many.
func (x *index) learn(address string, as system) (number system, ok bool) {
	if n, known := shortNames[address]; known {
		return n, true
	}
	if n := x.number(address); n != none {
		return n, true
	}
	if as == none {
		if len(x.names) > 255 {
			return none, false
		}
		as = system(len(x.names))
		x.names = append(x.names, 0)
	}
	for _, spelling := range spellings(address) {
		x.systems[spelling] = as
	}
	return as, true
}

// spellings are the forms in which one address of a code system is met.
func spellings(address string) []string {
	bare := strings.TrimSuffix(strings.TrimPrefix(address, "urn:oid:"), "/")
	out := []string{address, bare, bare + "/"}
	if rest, ok := strings.CutPrefix(bare, "https://"); ok {
		out = append(out, "http://"+rest)
	}
	if rest, ok := strings.CutPrefix(bare, "http://"); ok {
		out = append(out, "https://"+rest)
	}
	if bare != "" && strings.Trim(bare, "0123456789.") == "" {
		out = append(out, "urn:oid:"+bare)
	}
	return out
}

func newIndex() index {
	x := index{systems: map[string]system{}, names: make([]Mask, firstOther), long: map[longCode]Mask{}}
	for address, number := range knownSystems {
		for _, spelling := range spellings(address) {
			x.systems[spelling] = number
		}
	}
	return x
}
