package faulttest

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"ribble/internal/audit"
	"ribble/internal/demo"
	"ribble/internal/oversight/inquiry"
	"ribble/internal/pgtest"
	"ribble/internal/sandbox"
	"ribble/internal/sandbox/cis2"
	"ribble/web"
)

// deadline is the longest that a source has in these tests, slack what the rest of a view may take on a loaded machine.
const (
	deadline = 4 * time.Second
	slack    = 6 * time.Second
)

// fixtures are the published records; they are no part of this repository.
const fixtures = "../../../shared/fixtures"

var (
	region  *demo.Demo
	logs    = new(logbook)
	missing error
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	flag.Parse()
	if _, missing = web.Load(); missing != nil {
		return m.Run()
	}
	sandbox.Personas = append(sandbox.Personas, staff()...)
	var err error
	if region, err = start(logs); err != nil {
		fmt.Fprintln(os.Stderr, "starting the demo:", err)
		return 1
	}
	code := m.Run()
	if err := region.Close(); err != nil {
		fmt.Fprintln(os.Stderr, "ending the demo:", err)
		return 1
	}
	return code
}

func start(out *logbook) (*demo.Demo, error) {
	return demo.Start(context.Background(), demo.Options{
		Listen: "127.0.0.1:0", People: 260, Seed: 1, Fixtures: fixtures, Enrol: enrol, Everybody: true,
		Settings: map[string]string{"RIBBLE_SOURCE_DEADLINE": deadline.String()},
	}, out)
}

// need skips a test on a machine that lacks the built static files.
func need(t *testing.T) {
	t.Helper()
	if missing != nil {
		t.Skip("the static files are not built:", missing)
	}
}

// logbook keeps all that the program logs.
type logbook struct {
	mu   sync.Mutex
	kept bytes.Buffer
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.kept.Write(p)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.kept.String()
}

// visits is how many records one member of staff opens before the portal's own limit on trawling would stop them.
const visits = 24

// staff are as many clinicians as these tests need, so that no limit on one of them is met by accident.
func staff() []cis2.Persona {
	var all []cis2.Persona
	for i := range 120 {
		all = append(all, cis2.Persona{
			ID: fmt.Sprintf("tester-%d", i), UserID: fmt.Sprintf("9101%08d", i), Title: "Dr", Given: "Test", Family: fmt.Sprintf("Person%d", i), Assurance: 3,
			Roles: []cis2.Role{{
				ID: fmt.Sprintf("9201%08d", i), OrgCode: "RZB", OrgName: "Bowland Teaching Hospitals NHS Trust", Code: "S8000:G8000:R8000",
				Name: `"Clinical":"Clinical Provision":"Clinical Practitioner Access Role"`, Title: "Tester", ActivityCodes: []string{"B0264", "B0360", "B0370", "B0820"},
			}},
		})
	}
	return append(all, emergencyStaff("glass-1", bowland), emergencyStaff("glass-2", fellside))
}

// emergencyStaff is a nurse with emergency access. Bowland has named a Privacy Officer, Fellside has not.
func emergencyStaff(id, ods string) cis2.Persona {
	n := map[string]string{bowland: "9102", fellside: "9103"}[ods]
	return cis2.Persona{
		ID: id, UserID: n + "00000001", Title: "Ms", Given: "Glass", Family: "Person" + ods, Assurance: 3,
		Roles: []cis2.Role{{
			ID: n + "00000002", OrgCode: ods, OrgName: ods, Code: "S8000:G8000:R8001", Name: `"Clinical":"Clinical Provision":"Nurse Access Role"`, Title: "Nurse",
			ActivityCodes: []string{"B0264", "B0360", "B0370", "B0820", "B0168"},
		}},
	}
}

// database is the address of the demo's database for its administrator.
func database(t *testing.T) string {
	t.Helper()
	u, err := url.Parse(region.Cluster.URL())
	if err != nil {
		t.Fatal(err)
	}
	u.Path = fmt.Sprintf("/ribble_demo_%d", os.Getpid())
	return u.String()
}

// last is the last entry of the audit trail of an act of this visitor's, of those that fit.
func last(t *testing.T, v *visitor, act audit.Act, fits func(audit.Event) bool) audit.Event {
	t.Helper()
	for _, e := range pgtest.Events(t, database(t), inquiry.Query{Acts: []audit.Act{act}}) {
		if e.User.Subject == v.subject && fits(e) {
			return e
		}
	}
	t.Fatalf("the trail has no %s of this visitor", act)
	return audit.Event{}
}

// admin opens the demo's database behind the portal's back, for one question.
func admin(t *testing.T, ask func(*pgx.Conn) error) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), database(t))
	if err != nil {
		t.Fatalf("opening the database as its administrator: %v", err)
	}
	if err := errors.Join(ask(conn), conn.Close(context.Background())); err != nil {
		t.Fatalf("asking the database as its administrator: %v", err)
	}
}
