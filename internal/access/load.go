package access

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"ribble/internal/record"
)

// maxProfiles bounds a table of rights, in bytes; the shipped one is a thousandth of it.
const maxProfiles = 4 << 20

// Problems are everything that is wrong with a table of rights, each with its place in it.
type Problems []string

// Error lists the problems, one a line.
func (p Problems) Error() string { return "table of rights: " + strings.Join(p, "\n") }

var (
	activityForm = regexp.MustCompile(`^B[0-9]{4}$`)
	roleForm     = regexp.MustCompile(`^R[0-9]{4}$`)
	odsForm      = regexp.MustCompile(`^[A-Z0-9]{2,12}$`)
)

// profilesFile is the form of the table. Lists are kept raw at first, so that one bad entry does not hide the problems of the others.
type profilesFile struct {
	Version       string                    `json:"version"`
	Rights        map[string]jsontext.Value `json:"rights"`
	Activities    map[string]jsontext.Value `json:"activities"`
	Baseline      map[string]jsontext.Value `json:"baseline"`
	Smartcard     map[string]jsontext.Value `json:"smartcard"`
	LocalNever    jsontext.Value            `json:"local_never"`
	Organisations map[string]jsontext.Value `json:"organisations"`
	Unknown       map[string]jsontext.Value `json:",embed"`
}

// takingEntry is what an organisation takes away: from one role, or from all.
type takingEntry struct {
	Role    string   `json:"role"`
	Without []string `json:"without"`
}

// profileLoader gathers the table and everything that is wrong with it.
type profileLoader struct {
	problems Problems
	table    *Profiles
}

// LoadProfiles reads a table of rights strictly. The error is Problems: all of them at once, with their places.
func LoadProfiles(r io.Reader) (*Profiles, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxProfiles+1))
	if err != nil {
		return nil, fmt.Errorf("reading the table of rights: %w", err)
	}
	if len(text) > maxProfiles {
		return nil, Problems{"the file is too large"}
	}
	var f profilesFile
	if err := json.Unmarshal(text, &f); err != nil {
		return nil, Problems{placeIn("", err)}
	}
	l := &profileLoader{table: &Profiles{version: f.Version}}
	l.load(f)
	if len(l.problems) > 0 {
		return nil, l.problems
	}
	return l.table, nil
}

func (l *profileLoader) load(f profilesFile) {
	for _, name := range slices.Sorted(maps.Keys(f.Unknown)) {
		l.say(name, "is not known")
	}
	if strings.TrimSpace(f.Version) == "" {
		l.say("version", "must be given")
	}
	l.opens(f.Rights)
	l.activities(f.Activities)
	l.table.baseline = l.roles("baseline", f.Baseline)
	l.table.smartcard = l.roles("smartcard", f.Smartcard)
	if len(f.LocalNever) == 0 {
		l.say("local_never", "must be given")
	}
	l.table.localNever = l.rights("local_never", l.list("local_never", f.LocalNever))
	l.organisations(f.Organisations)
}

func (l *profileLoader) say(place, problem string) {
	l.problems = append(l.problems, place+": "+problem)
}

// list reads a list of codes.
func (l *profileLoader) list(place string, raw jsontext.Value) []string {
	var codes []string
	if len(raw) == 0 {
		return nil
	}
	if err := json.Unmarshal(raw, &codes); err != nil {
		l.problems = append(l.problems, placeIn(place, err))
	}
	for i, c := range codes {
		if slices.Contains(codes[:i], c) {
			l.say(fmt.Sprintf("%s[%d]", place, i), "the same code twice")
		}
	}
	return codes
}

// rights reads the names of rights.
func (l *profileLoader) rights(place string, codes []string) rightSet {
	var set rightSet
	for i, c := range codes {
		r, ok := rightOf(c)
		if !ok {
			l.say(fmt.Sprintf("%s[%d]", place, i), "is no right")
			continue
		}
		set |= 1 << r
	}
	return set
}

// opens reads which right opens which sections. Every section must be opened by one: else nobody could ever see it.
func (l *profileLoader) opens(entries map[string]jsontext.Value) {
	var all record.Sections
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		place := "rights." + name
		r, ok := rightOf(name)
		if !ok || !slices.Contains(clinical, r) {
			l.say(place, "is no right that opens sections")
			continue
		}
		for i, id := range l.list(place, entries[name]) {
			s, ok := record.SectionByID(id)
			switch at := fmt.Sprintf("%s[%d]", place, i); {
			case !ok:
				l.say(at, "is no section")
			case all.Has(s):
				l.say(at, "the section belongs to another right already")
			default:
				l.table.opens[r] |= record.SectionsOf(s)
				all |= record.SectionsOf(s)
			}
		}
	}
	for s := range (record.AllSections &^ all).All {
		l.say("rights", "no right opens the section "+s.ID())
	}
}

func (l *profileLoader) activities(entries map[string]jsontext.Value) {
	l.table.activities = make(map[string]rightSet, len(entries))
	for _, code := range slices.Sorted(maps.Keys(entries)) {
		place := "activities." + code
		if !activityForm.MatchString(code) {
			l.say(place, "must be an activity code such as B0360")
		}
		l.table.activities[code] = l.rights(place, l.list(place, entries[code]))
	}
	if len(entries) == 0 {
		l.say("activities", "at least one must be given")
	}
}

// roles reads lists of activities by job role. An activity that the table does not know would be a right that nobody gets: it is refused.
func (l *profileLoader) roles(member string, entries map[string]jsontext.Value) map[string][]string {
	out := make(map[string][]string, len(entries))
	for _, code := range slices.Sorted(maps.Keys(entries)) {
		place := member + "." + code
		if !roleForm.MatchString(code) {
			l.say(place, "must be a role code such as R8000")
		}
		out[code] = l.list(place, entries[code])
		for i, a := range out[code] {
			if _, known := l.table.activities[a]; !known {
				l.say(fmt.Sprintf("%s[%d]", place, i), "is not among the activities")
			}
		}
	}
	return out
}

// organisations reads what organisations take away. There is no way to give more here: rights come from activities alone.
func (l *profileLoader) organisations(entries map[string]jsontext.Value) {
	l.table.taken = make(map[string][]taking, len(entries))
	for _, ods := range slices.Sorted(maps.Keys(entries)) {
		place := "organisations." + ods
		if !odsForm.MatchString(ods) {
			l.say(place, "must be an ODS code: capital letters and digits")
		}
		var list []takingEntry
		if err := json.Unmarshal(entries[ods], &list, json.RejectUnknownMembers(true)); err != nil {
			l.problems = append(l.problems, placeIn(place, err))
			continue
		}
		for i, e := range list {
			at := fmt.Sprintf("%s[%d]", place, i)
			if e.Role != "" && !roleForm.MatchString(e.Role) {
				l.say(at+".role", "must be a role code such as R8000")
			}
			if len(e.Without) == 0 {
				l.say(at+".without", "must name at least one right")
			}
			l.table.taken[ods] = append(l.table.taken[ods], taking{e.Role, l.rights(at+".without", e.Without)})
		}
	}
}

// placeIn says where the text stops being of the right form, without quoting it.
func placeIn(place string, err error) string {
	if semantic, ok := errors.AsType[*json.SemanticError](err); ok {
		return strings.Trim(place+strings.ReplaceAll(string(semantic.JSONPointer), "/", "."), ".") + ": is not of the right kind"
	}
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		what := "not JSON"
		if errors.Is(err, jsontext.ErrDuplicateName) {
			what = "the same name twice"
		}
		return fmt.Sprintf("%s: %s (at byte %d)", strings.Trim(place+strings.ReplaceAll(string(syntax.JSONPointer), "/", "."), "."), what, syntax.ByteOffset)
	}
	return place + ": not JSON"
}
