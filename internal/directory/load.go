package directory

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// maxFile bounds a directory file; the whole of England's is a tenth of it.
const maxFile = 128 << 20

// maxProblems is how many problems are listed; a file with more is of the wrong kind.
const maxProblems = 100

// Problems are everything that is wrong with a directory file, each with its place in it.
type Problems []string

// Error lists the problems, one a line.
func (p Problems) Error() string {
	return "directory file: " + strings.Join(p, "\n")
}

// file is the form of the directory file. Members are kept raw at first so that one bad entry does not hide the problems of the others.
type file struct {
	Organisations []jsontext.Value `json:"organisations"`
	Agreements    []jsontext.Value `json:"agreements"`
	Feeds         []jsontext.Value `json:"feeds"`
	Spine         jsontext.Value   `json:"spine"`
	Unknown       jsontext.Value   `json:",embed"`
}

// loader gathers the directory and everything that is wrong with it.
type loader struct {
	problems   Problems
	more       int
	snapshot   *Snapshot
	agreements map[string]*Agreement
	feedIDs    map[string]bool
	// at counts the entries of each kind, for their places.
	at map[Kind]int
}

// Load reads a directory file strictly. The error is Problems: all of them at once, with their places, or the one that ended the reading.
func Load(r io.Reader) (*Snapshot, error) {
	entries, err := Parse(r)
	if err != nil {
		return nil, err
	}
	return Build(0, entries)
}

// Build makes the directory of a version from all its entries. The error is Problems: all of them at once, each with its place.
func Build(version int64, entries []Entry) (*Snapshot, error) {
	s := &Snapshot{version: version, entries: entries, places: make(map[Key]int, len(entries)), members: make(map[string]*Participant, len(entries))}
	l := &loader{snapshot: s, agreements: map[string]*Agreement{}, feedIDs: make(map[string]bool, len(entries)), at: map[Kind]int{}}
	l.load(entries)
	if l.more > 0 {
		l.problems = append(l.problems, fmt.Sprintf("and %d more", l.more))
	}
	if len(l.problems) > 0 {
		return nil, l.problems
	}
	s.look()
	return s, nil
}

// load reads the entries kind by kind: a feed names an organisation and an agreement, an agreement its parties.
func (l *loader) load(entries []Entry) {
	readers := map[Kind]func(place string, raw jsontext.Value){
		KindOrganisation: l.organisation, KindAgreement: l.agreement, KindFeed: l.feed, KindSpine: l.readSpine,
	}
	for i, e := range entries {
		l.snapshot.places[e.Key] = i
		if readers[e.Kind] == nil {
			l.say(string(e.Kind), "is no kind of entry")
		}
	}
	for _, kind := range Kinds {
		for _, e := range entries {
			if e.Kind == kind {
				readers[kind](l.place(kind), jsontext.Value(e.Body))
			}
		}
	}
	if l.at[KindSpine] == 0 {
		l.readSpine("spine", nil)
	}
}

// place is where an entry stands in the file.
func (l *loader) place(kind Kind) string {
	n := l.at[kind]
	l.at[kind]++
	if kind == KindSpine {
		return "spine"
	}
	return fmt.Sprintf("%ss[%d]", kind, n)
}

func (l *loader) say(place, problem string, args ...any) {
	if len(l.problems) == maxProblems {
		l.more++
		return
	}
	l.problems = append(l.problems, place+": "+fmt.Sprintf(problem, args...))
}

// unknown reports every member of a part that has no meaning here: a misspelt one must not be taken for an absent one.
func (l *loader) unknown(place string, raw jsontext.Value) {
	if len(raw) == 0 {
		return
	}
	dec := jsontext.NewDecoder(strings.NewReader(string(raw)))
	_, _ = dec.ReadToken()
	for dec.PeekKind() == '"' {
		name, err := dec.ReadToken()
		if err != nil {
			return
		}
		l.say(join(place, name.String()), "is not known")
		if dec.SkipValue() != nil {
			return
		}
	}
}

// decode reads one entry; what does not fit is reported with its place inside the entry.
func (l *loader) decode(place string, raw jsontext.Value, into any) bool {
	err := json.Unmarshal(raw, into)
	if err == nil {
		return true
	}
	if semantic, ok := errors.AsType[*json.SemanticError](err); ok {
		l.say(place+strings.ReplaceAll(string(semantic.JSONPointer), "/", "."), "is not of the right kind")
		return false
	}
	l.say(place, "cannot be read")
	return false
}

// placeOf says where a file stops being JSON of the right form, without quoting it.
func placeOf(err error) string {
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		if errors.Is(err, jsontext.ErrDuplicateName) {
			return fmt.Sprintf("%s: the same name twice (at byte %d)", pointer(syntax.JSONPointer), syntax.ByteOffset)
		}
		return fmt.Sprintf("%s: not JSON (at byte %d)", pointer(syntax.JSONPointer), syntax.ByteOffset)
	}
	if semantic, ok := errors.AsType[*json.SemanticError](err); ok {
		return pointer(semantic.JSONPointer) + ": is not of the right kind"
	}
	return "not JSON"
}

func pointer(p jsontext.Pointer) string {
	if p == "" {
		return "top level"
	}
	return strings.ReplaceAll(strings.TrimPrefix(string(p), "/"), "/", ".")
}

func join(place, member string) string {
	if place == "" {
		return member
	}
	return place + "." + member
}
