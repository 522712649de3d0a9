package faulttest

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"ribble/internal/access"
	"ribble/internal/app"
	"ribble/internal/audit"
	"ribble/internal/health"
	"ribble/internal/oversight/inquiry"
	"ribble/internal/pgtest"
	"ribble/internal/sandbox/fault"
	"ribble/internal/sandbox/story"
	"ribble/internal/sourcecheck"
)

// testPeople writes a list of one known and one unknown test person.
func testPeople(t *testing.T, number string) string {
	t.Helper()
	known, _ := region.Region.World.Person(number)
	unknown, _ := story.TestNumber(990_001)
	list, err := json.Marshal([]map[string]any{
		{"nhs_number": number, "family": known.Name.Family, "given": strings.Join(known.Name.Given, " "), "born": known.Born, "gender": known.Gender, "shows": []string{"known"}},
		{"nhs_number": unknown, "family": "Nobody", "given": "Norman", "born": "1980-01-01", "gender": "male", "shows": []string{"unknown"}},
	})
	path := filepath.Join(t.TempDir(), "people.json")
	if err := errors.Join(err, os.WriteFile(path, list, 0o600)); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestSourceCheckCommand: an operator tries a hospital and a practice as they are, is told what failed and what has changed, and stands in the trail.
func TestSourceCheckCommand(t *testing.T) {
	need(t)
	number := people[hodder].take()
	file := testPeople(t, number)
	check := func(feed string, more ...string) (string, error) {
		var out bytes.Buffer
		err := region.CheckSource(t.Context(), append([]string{"check", feed, "-test-people", file, "-asks", "2"}, more...), &out)
		return out.String(), err
	}
	for _, feed := range []string{sources[bowland], sources[wyrefield], "gp-y99001"} {
		if text, err := check(feed); err != nil || !strings.Contains(text, "Connection check: 0 of ") {
			t.Errorf("%s: %v\n%s", feed, err, text)
		}
	}
	strike(t, sources[bowland], fault.Setting{Fault: "another-person"})
	text, err := check(sources[bowland])
	again, jsonErr := check(sources[bowland], "-json")
	strike(t, sources[bowland], fault.Setting{})
	if !errors.Is(err, app.ErrSourceFailed) || !strings.Contains(text, "Known test person: same identity back: was passed, is failed") {
		t.Errorf("with a fault: %v\n%s", err, text)
	}
	report, unread := sourcecheck.Read(strings.NewReader(again))
	if !errors.Is(jsonErr, app.ErrSourceFailed) || unread != nil || report.Of("identity").Result != sourcecheck.Failed {
		t.Errorf("as JSON: %v, %v", jsonErr, unread)
	}
	if strings.Contains(text+again, number) || strings.Contains(text+again, "Ashworth") {
		t.Error("the report says who the test person is")
	}
	var looks, alerts int
	for _, e := range pgtest.Events(t, database(t), inquiry.Query{Acts: []audit.Act{audit.ActIntent}}) {
		if e.User.Issuer == app.Operator && e.Purpose == access.ConnectionCheck.String() {
			looks++
		}
	}
	admin(t, func(db *pgx.Conn) error {
		return db.QueryRow(t.Context(), `SELECT count(*) FROM oversight.alert a JOIN audit.event e ON e.id = a.event JOIN audit.agent who ON who.id = e.agent
			WHERE who.issuer = $1`, app.Operator).Scan(&alerts)
	})
	if looks < 5*4-2 || alerts != 0 {
		t.Errorf("the trail has %d looks, %d alerts", looks, alerts)
	}
	if text, err := check("no-such-feed"); err == nil || text != "" {
		t.Errorf("a feed that is not there: %v\n%s", err, text)
	}
}

// TestHealthFollowsTheSources: what views see of a source is told to administrators and, in one line, to clinicians.
func TestHealthFollowsTheSources(t *testing.T) {
	need(t)
	v, l := hire(t, region), lanes[1]
	v.open(t, people[hodder].take())
	if f := region.Health().Feed(l.feed()); f.Answered == 0 || f.LastGood.IsZero() || f.Breaker != "closed" {
		t.Errorf("after a view: %+v", f)
	}
	if days, known := region.Health().Feed(l.feed()).CertificateDays(time.Now()); !known || days < 28 || days > 30 {
		t.Errorf("its certificate has %d days", days)
	}
	strike(t, sources[l.ods], fault.Setting{Fault: "status-500"})
	for range 3 {
		v.open(t, people[hodder].take())
	}
	strike(t, sources[l.ods], fault.Setting{})
	f := region.Health().Feed(l.feed())
	if f.Standing != health.NotAnswering || !strings.HasPrefix(f.Sentence(l.short), l.short+" has not answered since ") {
		t.Errorf("after three views in vain: %+v, %q", f, f.Sentence(l.short))
	}
	recovered(t, v, []lane{l})
	if f := region.Health().Feed(l.feed()); f.Standing == health.NotAnswering || f.Asked < 5 {
		t.Errorf("when it is back: %+v", f)
	}
}
