package onboarding

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"ribble/internal/directory"
)

// Fault is what is wrong with one line of a list of organisations (or one entry of a Bundle, counted from 1); line 0 is the whole file.
type Fault struct {
	Line   int
	Reason string
}

// Faults are everything that is wrong with a list: nothing of it was taken.
type Faults []Fault

// Error lists the faults, one a line. It repeats nothing of the file but what a name of a column is.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.Reason
		if fault.Line > 0 {
			lines[i] = fmt.Sprintf("line %d: %s", fault.Line, fault.Reason)
		}
	}
	return strings.Join(lines, "\n")
}

// Bounds of a list of organisations.
const (
	maxFile          = 32 << 20
	maxOrganisations = 50_000
	maxFaults        = 100
)

var (
	odsForm = regexp.MustCompile(`^[A-Z0-9]{2,12}$`)
	// columns are those of the CSV file; the first, second and fifth must be there.
	columns  = []string{"ods", "name", "short", "badge", "kind", "phone", "parent"}
	required = []string{"ods", "name", "kind"}
	kinds    = []string{"acute", "gp-practice", "mental-health", "community", "council", "hospice", "care-home", "ambulance", "charity", "region", "store"}
)

// odsSystem is the naming system of ODS codes (UK Core Organization, odsOrganisationCode).
const odsSystem = "https://fhir.nhs.uk/Id/ods-organization-code"

// organisationRow is an organisation as a list has it.
type organisationRow struct {
	line   int
	values map[string]string
}

// ReadOrganisations reads organisations to be added or changed: CSV whose header names its columns (ods, name and kind; short, badge, phone and parent may
// be left out), or a FHIR R4 Bundle of Organization. What an organisation has beyond these in the directory stays. Any fault is in Faults, with its line.
func ReadOrganisations(from io.Reader, s *directory.Snapshot) ([]directory.Entry, error) {
	body, err := io.ReadAll(io.LimitReader(from, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("reading the file: %w", err)
	}
	if len(body) > maxFile {
		return nil, Faults{{0, fmt.Sprintf("the file is larger than %d MiB", maxFile>>20)}}
	}
	// Spreadsheets put a byte order mark in front.
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	read := readCSV
	if bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) {
		read = readBundle
	}
	l := &listed{s: s, seen: map[string]int{}}
	for _, row := range read(body, l) {
		l.take(row)
	}
	if l.more > 0 {
		l.faults = append(l.faults, Fault{0, fmt.Sprintf("and %d more", l.more)})
	}
	if len(l.faults) > 0 {
		return nil, l.faults
	}
	return l.entries, nil
}

// listed gathers a list and everything that is wrong with it.
type listed struct {
	s       *directory.Snapshot
	entries []directory.Entry
	seen    map[string]int
	faults  Faults
	more    int
}

func (l *listed) say(line int, reason string, args ...any) {
	if len(l.faults) == maxFaults {
		l.more++
		return
	}
	l.faults = append(l.faults, Fault{line, fmt.Sprintf(reason, args...)})
}

func readCSV(body []byte, l *listed) []organisationRow {
	if !utf8.Valid(body) {
		l.say(0, "the file is not in UTF-8")
		return nil
	}
	r := csv.NewReader(bytes.NewReader(body))
	header, err := r.Read()
	if err != nil || !goodHeader(header) {
		l.say(1, "the header must name the columns ods, name and kind; short, badge, phone and parent may follow")
		return nil
	}
	var rows []organisationRow
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows
		}
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			l.say(bad.StartLine, "%s", parseWords(bad.Err))
			if !errors.Is(bad.Err, csv.ErrFieldCount) {
				return rows // what follows a broken quotation cannot be told apart
			}
			continue
		}
		line, _ := r.FieldPos(0)
		if len(rows) == maxOrganisations {
			l.say(line, "there are more than %d organisations: split the file", maxOrganisations)
			return nil
		}
		row := organisationRow{line, make(map[string]string, len(fields))}
		for i, name := range header {
			row.values[name] = strings.TrimSpace(fields[i])
		}
		rows = append(rows, row)
	}
}

func parseWords(err error) string {
	if errors.Is(err, csv.ErrFieldCount) {
		return "has another number of fields than the header"
	}
	return "has quotation marks that do not match"
}

func goodHeader(header []string) bool {
	for i, name := range header {
		if !slices.Contains(columns, name) || slices.Contains(header[:i], name) {
			return false
		}
	}
	return !slices.ContainsFunc(required, func(name string) bool { return !slices.Contains(header, name) })
}

// bundle is a FHIR R4 Bundle of Organization, as far as the directory takes from it.
type bundle struct {
	Type  string `json:"resourceType"`
	Entry []struct {
		Resource struct {
			Type       string       `json:"resourceType"`
			Identifier []identifier `json:"identifier"`
			Name       string       `json:"name"`
			Kind       []struct {
				Coding []struct {
					Code string `json:"code"`
				} `json:"coding"`
			} `json:"type"`
			Telecom []struct {
				System string `json:"system"`
				Value  string `json:"value"`
			} `json:"telecom"`
			PartOf struct {
				Identifier identifier `json:"identifier"`
			} `json:"partOf"`
		} `json:"resource"`
	} `json:"entry"`
}

type identifier struct {
	System string `json:"system"`
	Value  string `json:"value"`
}

func readBundle(body []byte, l *listed) []organisationRow {
	var b bundle
	if err := json.Unmarshal(body, &b); err != nil || b.Type != "Bundle" {
		l.say(0, "the file is no FHIR Bundle")
		return nil
	}
	if len(b.Entry) > maxOrganisations {
		l.say(0, "there are more than %d organisations: split the file", maxOrganisations)
		return nil
	}
	rows := make([]organisationRow, 0, len(b.Entry))
	for i, e := range b.Entry {
		r := e.Resource
		if r.Type != "Organization" {
			l.say(i+1, "is no Organization")
			continue
		}
		row := organisationRow{i + 1, map[string]string{"name": strings.TrimSpace(r.Name), "parent": r.PartOf.Identifier.Value}}
		for _, id := range r.Identifier {
			if id.System == odsSystem {
				row.values["ods"] = id.Value
			}
		}
		for _, t := range r.Telecom {
			if t.System == "phone" && row.values["phone"] == "" {
				row.values["phone"] = t.Value
			}
		}
		for _, kind := range r.Kind {
			for _, c := range kind.Coding {
				if slices.Contains(kinds, c.Code) {
					row.values["kind"] = c.Code
				}
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// take checks one organisation and makes its entry, upon what the directory has of it.
func (l *listed) take(row organisationRow) {
	v, before := row.values, len(l.faults)+l.more
	ods := v["ods"]
	switch first, twice := l.seen[ods]; {
	case !odsForm.MatchString(ods):
		l.say(row.line, "ods must be an ODS code: capital letters and digits")
	case twice:
		l.say(row.line, "the same ODS code as in line %d", first)
	}
	l.seen[ods] = row.line
	if v["name"] == "" {
		l.say(row.line, "name must be given")
	}
	if !slices.Contains(kinds, v["kind"]) {
		l.say(row.line, "kind must be one of %s", strings.Join(kinds, ", "))
	}
	if utf8.RuneCountInString(v["badge"]) > maxBadge {
		l.say(row.line, "badge may have at most %d letters", maxBadge)
	}
	if parent := v["parent"]; parent != "" && (!odsForm.MatchString(parent) || parent == ods) {
		l.say(row.line, "parent must be the ODS code of another organisation")
	}
	if len(l.faults)+l.more > before {
		return
	}
	e, err := l.entry(ods, v)
	if err != nil {
		l.say(row.line, "cannot be kept")
		return
	}
	l.entries = append(l.entries, e)
}

const maxBadge = 5

func (l *listed) entry(ods string, values map[string]string) (directory.Entry, error) {
	object := map[string]jsontext.Value{}
	if was, ok := l.s.Entry(directory.Key{Kind: directory.KindOrganisation, ID: ods}); ok {
		if err := json.Unmarshal([]byte(was.Body), &object); err != nil {
			return directory.Entry{}, err
		}
	}
	for _, name := range columns {
		if value := values[name]; value != "" {
			object[name] = quoted(value)
		}
	}
	if len(object["short"]) == 0 {
		object["short"] = quoted(values["name"])
	}
	if len(object["badge"]) == 0 {
		object["badge"] = quoted(initials(values["name"]))
	}
	raw, err := json.Marshal(object)
	if err != nil {
		return directory.Entry{}, err
	}
	return directory.NewEntry(directory.KindOrganisation, raw)
}

// initials are the first letters of the words of a name that begin with a capital.
func initials(name string) string {
	var out []rune
	for _, word := range strings.Fields(name) {
		if first, _ := utf8.DecodeRuneInString(word); first >= 'A' && first <= 'Z' && len(out) < maxBadge {
			out = append(out, first)
		}
	}
	if len(out) == 0 {
		return "?"
	}
	return string(out)
}
