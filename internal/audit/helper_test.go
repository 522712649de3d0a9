package audit

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"ribble/internal/access"
	"ribble/internal/identity"
	"ribble/internal/record"
	"ribble/internal/relationship"
)

var now = time.Date(2026, time.November, 21, 10, 30, 0, 123_456_789, time.UTC)

const (
	canaryNumber = "9990000018"
	canaryName   = "Zyxcanary"
)

func testUser() identity.User {
	return identity.User{
		Issuer: "https://cis2.example", Subject: "555", Name: "Okafor, Ngozi", SDSUserID: "555001",
		Role:         identity.Role{ProfileID: "r-1", Code: "R8000", Name: "Clinical Practitioner", Activities: []string{"B0360"}},
		Organisation: identity.Organisation{ODS: "RXX", Name: "Bowland"}, AssuranceLevel: 3, Session: "session-1", SignedInAt: now,
	}
}

func testNumber(t testing.TB) record.NHSNumber {
	t.Helper()
	n, err := record.ParseNHSNumber(canaryNumber)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func testRequest(t testing.TB) access.Request {
	t.Helper()
	person := record.Person{NHSNumber: testNumber(t), TracedAt: now}
	person.Names = []record.Name{{Use: "usual", Family: canaryName}}
	facts := access.Facts{Relationships: []relationship.Evidence{{Kind: relationship.Caseload, Organisation: testUser().Organisation.ODS}}}
	return access.Request{User: testUser(), Person: person, Purpose: access.DirectCare, At: now, Facts: facts}
}

func testGrant(t testing.TB) access.Grant {
	t.Helper()
	g, err := access.Decide(testRequest(t))
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// memory keeps entries as a Store must; fail makes its next appends fail.
type memory struct {
	mu      sync.Mutex
	entries []Entry
	fail    int
}

var errDown = errors.Join(ErrNotWritten, errors.New("down"))

func (m *memory) Append(_ context.Context, e Entry) (Position, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail > 0 {
		m.fail--
		return Position{}, errDown
	}
	for i, old := range m.entries {
		if old.ID == e.ID {
			return Position{int64(i + 1)}, nil
		}
	}
	m.entries = append(m.entries, e)
	return Position{int64(len(m.entries))}, nil
}

// last decodes the newest entry.
func (m *memory) last(t testing.TB) Event {
	t.Helper()
	if len(m.entries) == 0 {
		t.Fatal("nothing was written")
	}
	entry := m.entries[len(m.entries)-1]
	e, err := entry.Event()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func testTrail() (*Trail, *memory) {
	m := &memory{}
	return NewTrail(m, GenerateKeys(), func() time.Time { return now }), m
}

func begin(t testing.TB, trail *Trail) Receipt {
	t.Helper()
	r, err := trail.Begin(t.Context(), testGrant(t), []string{"gp", "bth-fhir"}, 7)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
