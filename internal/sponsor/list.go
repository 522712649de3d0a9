package sponsor

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"ribble/internal/identity"
)

// Fault is what is wrong with one line of a list; line 0 is the whole list.
type Fault struct {
	Line   int
	Reason string
}

// Faults are everything that is wrong with a list: nothing of it was taken.
type Faults []Fault

// Error lists the faults, one a line. It repeats nothing of the list.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.String()
	}
	return strings.Join(lines, "\n")
}

// String is the fault with its line.
func (f Fault) String() string {
	if f.Line == 0 {
		return "The list " + f.Reason
	}
	return fmt.Sprintf("Line %d: %s", f.Line, f.Reason)
}

// Bounds of a list: an organisation without a sign-in service of its own is small.
const (
	MaxLines  = 5_000
	maxList   = 4 << 20
	maxFaults = 100
)

// The headers of the lists, as their first line has them.
const (
	UsersHeader   = "login,name,job,organisation,role,trained,until"
	LeaversHeader = "user,left"
)

// table reads a list line by line and gathers everything that is wrong with it.
type table struct {
	faults Faults
	more   int
}

func (t *table) say(line int, reason string) {
	if len(t.faults) == maxFaults {
		t.more++
		return
	}
	t.faults = append(t.faults, Fault{line, reason})
}

// result gives the faults, if there are any.
func (t *table) result() error {
	if t.more > 0 {
		t.faults = append(t.faults, Fault{0, fmt.Sprintf("has %d faults more", t.more)})
	}
	if len(t.faults) > 0 {
		return t.faults
	}
	return nil
}

// lines gives every line after the header to take. A list that is not one, or is too long, is a fault of the whole and gives none.
func (t *table) lines(from io.Reader, header string, take func(line int, fields []string)) {
	body, err := io.ReadAll(io.LimitReader(from, maxList+1))
	// Spreadsheets put a byte order mark in front.
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	switch {
	case err != nil:
		t.say(0, "cannot be read")
		return
	case len(body) > maxList:
		t.say(0, fmt.Sprintf("is larger than %d MiB", maxList>>20))
		return
	case !utf8.Valid(body):
		t.say(0, "is not in UTF-8: save it as “CSV UTF-8”")
		return
	}
	r := csv.NewReader(bytes.NewReader(body))
	first, err := r.Read()
	if err != nil || strings.Join(first, ",") != header {
		t.say(1, "the header must be exactly "+header)
		return
	}
	for n := 0; ; n++ {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			if n == 0 {
				t.say(0, "has no line after its header")
			}
			return
		}
		if bad, ok := errors.AsType[*csv.ParseError](err); ok {
			if !errors.Is(bad.Err, csv.ErrFieldCount) {
				t.say(bad.StartLine, "has quotation marks that do not match, so what follows cannot be read")
				return
			}
			t.say(bad.StartLine, fmt.Sprintf("has %d parts, and the header has %d", len(fields), strings.Count(header, ",")+1))
			continue
		}
		line, _ := r.FieldPos(0)
		if n == MaxLines {
			t.faults, t.more = nil, 0
			t.say(line, fmt.Sprintf("there are more than %d lines: split the list", MaxLines))
			return
		}
		for i := range fields {
			fields[i] = strings.TrimSpace(fields[i])
		}
		take(line, fields)
	}
}

// Review is a list of new users in which nothing is wrong.
type Review struct{ requests []Request }

// Requests are the users of the list, as they will be vouched for.
func (r Review) Requests() []Request { return r.requests }

// Review checks a list of new users with the header UsersHeader. The error is Faults: every line that is wrong, with the reason.
func (d *Desk) Review(ctx context.Context, by identity.User, from io.Reader) (Review, error) {
	scope, err := d.Scope(by)
	if err != nil {
		return Review{}, err
	}
	var (
		t      table
		review Review
		batch  = newID()
		lines  []int
		seen   = map[string]int{}
	)
	t.lines(from, UsersHeader, func(line int, f []string) {
		r, wrong := d.newcomer(scope, Form{Login: f[0], Name: f[1], Job: f[2], Organisation: f[3], Role: f[4], Trained: f[5], Until: f[6]})
		for _, p := range wrong {
			if p.Text == notADay {
				p.Text += ", written like 2027-03-31"
			}
			t.say(line, p.Field+" "+p.Text)
		}
		if first, twice := seen[r.Login]; twice && r.Login != "" {
			t.say(line, fmt.Sprintf("login is the same as in line %d", first))
		} else {
			seen[r.Login] = line
		}
		r.ID, r.Batch = newID(), batch
		review.requests, lines = append(review.requests, r), append(lines, line)
	})
	if err := d.clashes(ctx, &t, review.requests, lines); err != nil {
		return Review{}, err
	}
	if err := t.result(); err != nil {
		return Review{}, err
	}
	return review, nil
}

// clashes finds login names of a list that are in use, or wait already.
func (d *Desk) clashes(ctx context.Context, t *table, list []Request, lines []int) error {
	logins := make([]string, len(list))
	for i, r := range list {
		logins[i] = r.Login
	}
	accounts, waiting, err := d.Store.Known(ctx, logins)
	if err != nil {
		return said(err)
	}
	for i, login := range logins {
		if accounts[login] || waiting[login] {
			t.say(lines[i], "login "+taken(accounts[login]))
		}
	}
	return nil
}

// Import vouches for every user of a list, in one transaction: all of them or none. It gives the batch that waits for a second person.
func (d *Desk) Import(ctx context.Context, by identity.User, r Review) (string, error) {
	if len(r.requests) == 0 {
		return "", ErrUnknown
	}
	return r.requests[0].Batch, d.vouch(ctx, by, r.requests)
}
