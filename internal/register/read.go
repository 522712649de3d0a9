package register

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"ribble/internal/record"
)

// Bounds of a list: a caseload is of one organisation.
const (
	maxList = 64 << 20
	// CaseloadLife is how long a person stays on a caseload whose file does not say until when.
	CaseloadLife = 90 * 24 * time.Hour
)

// The headers of the lists, as the first line of a CSV file has them.
const (
	caseloadHeader = "nhs_number,until"
	staffHeader    = "nhs_number,sds_user_id,organisation"
	listedHeader   = "nhs_number"
	// staffMore may follow in the header of staff: what the rules that watch compare, each of it optional.
	staffMore = ",surname,first_line,postcode,left"
)

var errTooLarge = fmt.Errorf("the file is larger than %d MiB", maxList>>20)

// ReadCaseload reads an organisation's caseload: CSV with the header "nhs_number,until" (the last day, as 2027-03-31, or nothing), or a FHIR R4 List
// whose items name people by their NHS number. Any fault in it is an error that names the line and repeats nothing of it.
func ReadCaseload(from io.Reader, now time.Time) ([]CaseloadRow, error) {
	body, err := readList(from)
	if err != nil {
		return nil, err
	}
	read := readCaseloadCSV
	if bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) {
		read = readFHIRList
	}
	rows, err := read(body, now)
	if err != nil {
		return nil, err
	}
	return oncePerPerson(rows), nil
}

func readList(from io.Reader) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(bufio.NewReader(from), maxList+1))
	if err != nil {
		return nil, fmt.Errorf("reading the file: %w", err)
	}
	if len(body) > maxList {
		return nil, errTooLarge
	}
	// Spreadsheets put a byte order mark in front.
	return bytes.TrimPrefix(body, []byte("\ufeff")), nil
}

// eachLine gives every line after the header to take, with the NHS number read.
func eachLine(body []byte, header string, take func(n record.NHSNumber, fields []string) error) error {
	r := csv.NewReader(bytes.NewReader(body))
	r.ReuseRecord = true
	r.FieldsPerRecord = strings.Count(header, ",") + 1
	for first := true; ; first = false {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) && !first {
			return nil
		}
		var bad *csv.ParseError
		switch {
		case errors.As(err, &bad) && !first:
			return fmt.Errorf("line %d: %w", bad.Line, bad.Err)
		case first && (err != nil || strings.Join(fields, ",") != header):
			return fmt.Errorf("line 1: the header must be %q", header)
		case err != nil:
			return fmt.Errorf("reading the file: %w", err)
		case first:
			continue
		}
		line, _ := r.FieldPos(0)
		n, err := record.ParseNHSNumber(fields[0])
		if err == nil {
			err = take(n, fields)
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
	}
}

var (
	errDay      = errors.New("the day must be written like 2027-03-31, or left out")
	errPassed   = errors.New("the day has passed")
	errNoUser   = errors.New("there is no user id")
	errNotODS   = errors.New("the organisation is not an ODS code")
	errNotList  = errors.New("the file is not a FHIR R4 List in force")
	errNoPerson = errors.New("the item does not name a person by NHS number")
)

func readCaseloadCSV(body []byte, now time.Time) ([]CaseloadRow, error) {
	var rows []CaseloadRow
	err := eachLine(body, caseloadHeader, func(n record.NHSNumber, fields []string) error {
		until, err := lastDay(fields[1], now)
		rows = append(rows, CaseloadRow{Number: n, Until: until})
		return err
	})
	return rows, err
}

// lastDay is the end of the day named, or of the usual life.
func lastDay(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return now.Add(CaseloadLife), nil
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return time.Time{}, errDay
	}
	if day = day.AddDate(0, 0, 1); !day.After(now) {
		return time.Time{}, errPassed
	}
	return day, nil
}

// oncePerPerson keeps the row that lasts longest of each person.
func oncePerPerson(rows []CaseloadRow) []CaseloadRow {
	place := make(map[record.NHSNumber]int, len(rows))
	kept := rows[:0]
	for _, r := range rows {
		if i, twice := place[r.Number]; twice {
			kept[i].Until = later(kept[i].Until, r.Until)
			continue
		}
		place[r.Number] = len(kept)
		kept = append(kept, r)
	}
	return kept
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// fhirList is what is read of a FHIR R4 List of people.
type fhirList struct {
	ResourceType string `json:"resourceType"`
	Status       string `json:"status"`
	Entry        []struct {
		Deleted bool `json:"deleted"`
		Item    struct {
			Identifier struct {
				System string `json:"system"`
				Value  string `json:"value"`
				Period struct {
					End string `json:"end"`
				} `json:"period"`
			} `json:"identifier"`
		} `json:"item"`
	} `json:"entry"`
}

func readFHIRList(body []byte, now time.Time) ([]CaseloadRow, error) {
	var list fhirList
	if json.Unmarshal(body, &list) != nil || list.ResourceType != "List" || list.Status != "current" {
		return nil, errNotList
	}
	rows := make([]CaseloadRow, 0, len(list.Entry))
	for i, e := range list.Entry {
		if e.Deleted {
			continue
		}
		id := e.Item.Identifier
		n, err := record.ParseNHSNumber(id.Value)
		if err == nil && id.System != record.NHSNumberSystem {
			err = errNoPerson
		}
		until := now
		if err == nil {
			until, err = lastDay(id.Period.End, now)
		}
		if err != nil {
			return nil, fmt.Errorf("entry %d: %w", i+1, err)
		}
		rows = append(rows, CaseloadRow{n, until})
	}
	return rows, nil
}

// ReadWatched reads a list of people over whose records somebody keeps watch: for Staff CSV with the header "nhs_number,sds_user_id,organisation", for
// Listed with the header "nhs_number". Faults are as in ReadCaseload.
func ReadWatched(kind LoadKind, from io.Reader) ([]WatchedRow, error) {
	body, err := readList(from)
	if err != nil {
		return nil, err
	}
	var rows []WatchedRow
	seen := map[WatchedRow]bool{}
	take := func(row WatchedRow) {
		if !seen[row] {
			seen[row] = true
			rows = append(rows, row)
		}
	}
	if kind == Listed {
		err = eachLine(body, listedHeader, func(n record.NHSNumber, _ []string) error {
			take(WatchedRow{Number: n})
			return nil
		})
		return rows, err
	}
	header := staffHeader
	if first, _, _ := bytes.Cut(body, []byte("\n")); strings.TrimSpace(string(first)) == staffHeader+staffMore {
		header += staffMore
	}
	err = eachLine(body, header, func(n record.NHSNumber, fields []string) error {
		row := WatchedRow{Number: n, SDSUserID: strings.Clone(fields[1]), Organisation: strings.Clone(fields[2])}
		err := row.readMore(fields[3:])
		take(row)
		return errors.Join(row.check(), err)
	})
	return rows, err
}

// readMore reads what may follow: family name, first line and postcode of the home, and the day on which somebody left.
func (r *WatchedRow) readMore(fields []string) error {
	if len(fields) == 0 {
		return nil
	}
	r.Surname, r.FirstLine, r.Postcode = strings.Clone(fields[0]), strings.Clone(fields[1]), strings.Clone(fields[2])
	if fields[3] == "" {
		return nil
	}
	day, err := time.ParseInLocation(time.DateOnly, fields[3], time.Local)
	if err != nil {
		return errDay
	}
	r.Left = day.AddDate(0, 0, 1)
	return nil
}

func (r WatchedRow) check() error {
	switch {
	case r.SDSUserID == "" || len(r.SDSUserID) > 32:
		return errNoUser
	case !ods(r.Organisation):
		return errNotODS
	}
	return nil
}

// ods reports whether a text can be an ODS code: up to 12 capital letters and digits.
func ods(text string) bool {
	return text != "" && len(text) <= 12 && !slices.ContainsFunc([]byte(text), func(c byte) bool { return (c < 'A' || c > 'Z') && (c < '0' || c > '9') })
}
