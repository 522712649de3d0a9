package codeset

import (
	"encoding/binary"
	"hash/fnv"
	"io/fs"
	"slices"

	"ribble/internal/record"
)

// The codes of SNOMED CT by which a record says that its person refuses to share it locally, or agrees to (features (d), "Dissent codes").
// Those of national stores are another matter: a deployment whose sources use one for local sharing adds it in its manifest.
var (
	dissentCodes = []manifestCode{{record.SNOMED, "416409005"}, {record.SNOMED, "320011000000108"}}
	consentCodes = []manifestCode{{record.SNOMED, "417370002"}, {record.SNOMED, "425691002"}}
)

// unset is what is known where no manifest was loaded.
var unset = func() *Sets {
	l := newLoader(nil)
	if err := l.finish(new(manifest), place{}); err != nil {
		panic("codeset: the program's own codes cannot be read: " + err.Error())
	}
	return l.sets
}()

// loader builds Sets from a manifest and its files.
type loader struct {
	files fs.FS
	sets  *Sets
	refs  map[manifestFile]*refset
	lists map[string]*list
	// members are the codes of each set, longs those that do not fit into a key.
	longs [][]longCode
}

func newLoader(files fs.FS) *loader {
	return &loader{files: files, sets: &Sets{index: newIndex()}, refs: map[manifestFile]*refset{}, lists: map[string]*list{}}
}

// Load reads a manifest and every file that it names, each once. The error is a Refusal with the file, the line and the reason: what is cut
// short, of an unknown format, of another length than the manifest says, or has lost more than a fifth of its members from one version to
// the next, is not taken at all.
func Load(files fs.FS, name string) (*Sets, error) {
	m, err := readManifest(files, name)
	if err != nil {
		return nil, err
	}
	l := newLoader(files)
	l.sets.text = m.text
	if err := l.learn(m, name); err != nil {
		return nil, err
	}
	if err := l.read(m); err != nil {
		return nil, err
	}
	for i := range m.Sets {
		if err := l.set(&m.Sets[i]); err != nil {
			return nil, err
		}
	}
	if err := l.finish(m, place{file: name}); err != nil {
		return nil, err
	}
	if err := l.sets.checkVersions(); err != nil {
		return nil, err
	}
	return l.sets, nil
}

func (l *loader) learn(m *manifest, name string) error {
	for address, short := range m.Systems {
		number, known := shortNames[short]
		if !known {
			return Refusal{File: name, Reason: "systems gives an address a meaning that is none of snomed, readv2 and ctv3"}
		}
		for _, spelling := range spellings(address) {
			l.sets.systems[spelling] = number
		}
	}
	return nil
}

// read reads every file once, whatever the number of sets that take members from it.
func (l *loader) read(m *manifest) error {
	rf2Files, topics := map[string][]*refset{}, map[string]bool{}
	var order []string
	for i := range m.Sets {
		topics[m.Sets[i].Topic] = true
	}
	for i := range m.Sets {
		for _, f := range m.Sets[i].Files {
			switch {
			case f.Format == formatList && l.lists[f.Name] == nil:
				l.lists[f.Name] = &list{sets: l.sets, topics: topics}
				if err := readLines(l.files, f.Name, l.lists[f.Name].read); err != nil {
					return err
				}
			case f.Format != formatList && l.refs[f] == nil:
				id, _ := identifier(f.Refset)
				l.refs[f] = &refset{id: id, full: f.Format == formatFull}
				if rf2Files[f.Name] == nil {
					order = append(order, f.Name)
				}
				rf2Files[f.Name] = append(rf2Files[f.Name], l.refs[f])
			}
		}
	}
	for _, name := range order {
		if err := readLines(l.files, name, newRF2(rf2Files[name]).read); err != nil {
			return err
		}
	}
	return nil
}

// set gathers the members of one set from its files.
func (l *loader) set(e *manifestEntry) error {
	s := member{Set: Set{Topic: e.Topic, Title: e.Title, Version: e.Version, From: e.day(), Opens: e.Opens, On: *e.On}}
	var long []longCode
	for _, f := range e.Files {
		if f.Format != formatList {
			found, err := l.refs[f].members(s.From)
			if err != nil {
				return err
			}
			s.keys, s.at = append(s.keys, found...), l.refs[f].at
			continue
		}
		codes := l.lists[f.Name].codes[e.Topic]
		if codes == nil {
			return Refusal{File: f.Name, Reason: "the file has no code of " + e.Topic}
		}
		s.keys, long, s.at = append(s.keys, codes.keys...), append(long, codes.long...), codes.at
	}
	slices.Sort(s.keys)
	s.keys = slices.Clip(slices.Compact(s.keys))
	long = slices.Compact(sortedLong(long))
	if s.Members = len(s.keys) + len(long); s.Members != e.Members {
		return s.at.refuse("the set %s %s ends here with %d members, and the manifest says %d: a file was cut short, or the manifest is of another version",
			s.Topic, s.Version, s.Members, e.Members)
	}
	s.print = fingerprint(&s, long)
	l.sets.list, l.longs = append(l.sets.list, s), append(l.longs, long)
	return nil
}

func fingerprint(s *member, long []longCode) uint64 {
	h := fnv.New64a()
	text := func(parts ...string) {
		for _, p := range parts {
			_, _ = h.Write(append([]byte(p), 0))
		}
	}
	text(s.Topic, s.Version)
	var eight [8]byte
	for _, k := range s.keys {
		binary.BigEndian.PutUint64(eight[:], uint64(k))
		_, _ = h.Write(eight[:])
	}
	for _, c := range long {
		text(c.code)
	}
	return h.Sum64()
}

func sortedLong(codes []longCode) []longCode {
	codes = slices.Clone(codes)
	slices.SortFunc(codes, func(a, b longCode) int {
		if a.system != b.system {
			return int(a.system) - int(b.system)
		}
		if a.code < b.code {
			return -1
		}
		if a.code > b.code {
			return 1
		}
		return 0
	})
	return codes
}

// finish builds the look-up.
func (l *loader) finish(m *manifest, at place) error {
	x := &l.sets.index
	room := len(dissentCodes) + len(consentCodes) + len(m.Dissent) + len(m.Consent)
	for i := range l.sets.list {
		room += len(l.sets.list[i].keys)
	}
	x.reserve(room)
	for i := range l.sets.list {
		l.fill(i)
	}
	l.sets.hideNotForPatient, l.sets.hideUnclassifiable = m.HideNotForPatient, m.HideUnclassifiable
	for _, kind := range []struct {
		codes []manifestCode
		bit   Mask
	}{{dissentCodes, refusedBit}, {m.Dissent, refusedBit}, {consentCodes, givenBit}, {m.Consent, givenBit}} {
		for _, c := range kind.codes {
			if !l.mark(c, kind.bit) {
				return at.refuse("dissent or consent has a code that is not one of its code system")
			}
		}
	}
	return nil
}

func (l *loader) fill(i int) {
	x, bit := &l.sets.index, Mask(1)<<i
	var seen [tags + 1]bool
	for _, k := range l.sets.list[i].keys {
		x.add(k, bit)
		seen[k>>tagShift] = true
	}
	for _, c := range l.longs[i] {
		x.long[c] |= bit
		x.names[c.system] |= bit
	}
	for tag, found := range seen {
		if found {
			x.names[systemOf(tag)] |= bit
		}
	}
}

// systemOf is the system of a key's highest four bits.
func systemOf(tag int) system {
	if tag == 0 {
		return snomed
	}
	return readV2 + system(tag-1) //nolint:gosec // G115: a tag has four bits
}

func (l *loader) mark(c manifestCode, bit Mask) bool {
	number, ok := l.sets.learn(c.System, none)
	if !ok || c.System == "" {
		return false
	}
	reader := list{sets: l.sets, number: number}
	k, text, readable := reader.key(c.Code)
	switch {
	case !readable:
		return false
	case k != 0:
		l.sets.add(k, bit)
	default:
		l.sets.long[longCode{number, text}] |= bit
	}
	return true
}
