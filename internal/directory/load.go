package directory

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"ribble/internal/record"
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
	Feeds         []jsontext.Value `json:"feeds"`
	Spine         jsontext.Value   `json:"spine"`
	Unknown       jsontext.Value   `json:",embed"`
}

type organisationEntry struct {
	ODS     string         `json:"ods"`
	Name    string         `json:"name"`
	Short   string         `json:"short"`
	Badge   string         `json:"badge"`
	Kind    string         `json:"kind"`
	Phone   string         `json:"phone"`
	Officer string         `json:"privacy_officer"`
	Email   string         `json:"privacy_officer_email"`
	Unknown jsontext.Value `json:",embed"`
}

type feedEntry struct {
	ID           string         `json:"id"`
	Organisation string         `json:"organisation"`
	Protocol     Protocol       `json:"protocol"`
	Endpoint     string         `json:"endpoint"`
	Sections     []string       `json:"sections"`
	Stage        string         `json:"stage"`
	Planned      string         `json:"planned"`
	Batch        bool           `json:"batch"`
	DeadlineMS   int            `json:"deadline_ms"`
	Concurrency  int            `json:"concurrency"`
	AllowCIDR    []string       `json:"allow_cidr"`
	Unknown      jsontext.Value `json:",embed"`
}

type spineEntry struct {
	SSP      string         `json:"ssp"`
	FromASID string         `json:"from_asid"`
	Unknown  jsontext.Value `json:",embed"`
}

// loader gathers the directory and everything that is wrong with it.
type loader struct {
	problems      Problems
	more          int
	organisations map[string]record.Organisation
	officers      map[string]string
	emails        map[string]string
	feeds         []*Feed
	feedIDs       map[string]bool
	spine         Spine
}

// Load reads a directory file strictly. The error is Problems: all of them at once, with their places, or the one that ended the reading.
func Load(r io.Reader) (*Snapshot, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("reading directory file: %w", err)
	}
	if len(text) > maxFile {
		return nil, Problems{"the file is too large"}
	}
	var f file
	if err := json.Unmarshal(text, &f); err != nil {
		return nil, Problems{placeOf(err)}
	}
	l := &loader{organisations: make(map[string]record.Organisation, len(f.Organisations)), officers: map[string]string{}, emails: map[string]string{}, feedIDs: make(map[string]bool, len(f.Feeds))}
	l.load(f)
	if l.more > 0 {
		l.problems = append(l.problems, fmt.Sprintf("and %d more", l.more))
	}
	if len(l.problems) > 0 {
		return nil, l.problems
	}
	snapshot := newSnapshot(l.organisations, l.feeds, l.spine)
	snapshot.officers, snapshot.emails = l.officers, l.emails
	return snapshot, nil
}

func (l *loader) load(f file) {
	l.unknown("", f.Unknown)
	for i, raw := range f.Organisations {
		l.organisation(i, raw)
	}
	for i, raw := range f.Feeds {
		l.feed(i, raw)
	}
	l.readSpine(f.Spine)
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
