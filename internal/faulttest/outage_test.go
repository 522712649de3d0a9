package faulttest

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"ribble/internal/sandbox/fault"
)

// handle asks for a record and gives the address of its page without going there.
func (v *visitor) handle(t *testing.T, number string) string {
	t.Helper()
	form := found(v.find(t, number))
	if form == nil {
		t.Fatal("nobody was found")
	}
	stay := *v.http
	stay.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	there := visitor{d: v.d, http: &stay}
	p := there.post(t, "/record", form)
	to := p.header.Get("Location")
	if p.status != http.StatusSeeOther || !strings.HasPrefix(to, "/record/") {
		t.Fatalf("asking for a record gives status %d", p.status)
	}
	return to
}

// TestDatabaseDown: without its database the portal asks no source, says what to do, and is back soon after.
func TestDatabaseDown(t *testing.T) {
	need(t)
	if !region.Cluster.Private() {
		t.Skip("the database is not ours to stop")
	}
	v, number := hire(t, region), people[hodder].take()
	to, form := v.handle(t, number), found(v.find(t, number))
	region.Region.Control.Forget()
	if err := region.Cluster.Stop(); err != nil {
		t.Fatal(err)
	}
	for what, ask := range map[string]func() page{
		"opening": func() page { return v.get(t, to) }, "asking to open": func() page { return v.post(t, "/record", form) },
		"finding": func() page { return v.find(t, number) }, "the form": func() page { return v.get(t, "/find") },
	} {
		p := ask()
		if p.status != http.StatusServiceUnavailable || !strings.Contains(text(p.tree), "ring the person’s GP practice") {
			t.Errorf("%s without a database: status %d, and the page says %q", what, p.status, strings.Join(strings.Fields(text(p.tree)), " "))
		}
		if p.took > slack {
			t.Errorf("%s without a database took %s", what, p.took)
		}
		if strings.Contains(text(p.tree), "Mark ") {
			t.Errorf("%s without a database shows a record", what)
		}
	}
	if counts, _ := region.Region.Control.Requests(); len(counts) > 0 {
		t.Errorf("without a database these were asked: %v", counts)
	}
	restart(t, v, to, number)
}

// restart brings the database back and waits until the record opens without anybody's help.
func restart(t *testing.T, v *visitor, to, number string) {
	t.Helper()
	if err := region.Cluster.Restart(context.Background()); err != nil {
		t.Fatal(err)
	}
	for began := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		if p := v.get(t, to); p.status == http.StatusOK && p.ended() && p.shows(mark(bowland, number)) {
			t.Logf("open again %s after the database", time.Since(began).Round(time.Millisecond))
			return
		}
		if time.Since(began) > 15*time.Second {
			t.Fatal("the record does not open again")
		}
	}
}

// TestDatabaseGoesWhileSourcesAreAwaited: nothing clinical leaves once it cannot be written down, and the page says so.
func TestDatabaseGoesWhileSourcesAreAwaited(t *testing.T) {
	need(t)
	if !region.Cluster.Private() {
		t.Skip("the database is not ours to stop")
	}
	v, number := hire(t, region), people[hodder].take()
	to := v.handle(t, number)
	for _, id := range sources {
		strike(t, id, fault.Setting{LatencyMS: 1200})
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, region.URL+to, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "document"} {
		req.Header.Set(name, value)
	}
	resp, err := v.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	first := make([]byte, 4<<10)
	if _, err := io.ReadFull(resp.Body, first); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("the shell: status %d, %v", resp.StatusCode, err)
	}
	if err := region.Cluster.Stop(); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Errorf("the page breaks off: %v", err)
	}
	whole := append(first, rest...)
	for _, ods := range []string{bowland, hodder, wyrefield} {
		if bytes.Contains(whole, []byte("Mark "+ods)) {
			t.Errorf("what %s holds was shown without being written down", ods)
		}
	}
	if !bytes.Contains(rest, []byte("cannot write down who looks")) {
		t.Errorf("the page does not say why it ends: %s", rest)
	}
	for _, id := range sources {
		strike(t, id, fault.Setting{})
	}
	restart(t, v, to, number)
}

// TestTrailNamesNobody: the trail has no gap, and neither it nor the sessions name a person whose record was opened.
func TestTrailNamesNobody(t *testing.T) {
	need(t)
	v, number := hire(t, region), people[hodder].take()
	v.open(t, number)
	admin(t, func(db *pgx.Conn) error {
		var rows, first, last, intents, mine int64
		err := db.QueryRow(t.Context(), `SELECT count(*), min(sequence), max(sequence), count(*) FILTER (WHERE act = 'intent'),
			count(*) FILTER (WHERE a.subject = $1 AND act IN ('intent', 'disclosed', 'finished')) FROM audit.event e JOIN audit.agent a ON a.id = e.agent`, v.subject).Scan(&rows, &first, &last, &intents, &mine)
		if first != 1 || last != rows || intents == 0 || mine < 3 {
			t.Errorf("%d rows from %d to %d, %d intents, %d of this look", rows, first, last, intents, mine)
		}
		return err
	})
	admin(t, func(db *pgx.Conn) error {
		rows, err := db.Query(t.Context(), "SELECT e::text || encode(e.body, 'escape') FROM audit.event e UNION ALL SELECT encode(w.text, 'escape') FROM audit.word w UNION ALL SELECT s::text FROM portal.session s")
		if err != nil {
			return err
		}
		for rows.Next() {
			var row string
			if err := rows.Scan(&row); err != nil {
				return err
			}
			for _, word := range named(number) {
				if strings.Contains(strings.ToLower(row), word) {
					t.Errorf("a row of the database holds %q: %s", word, row)
				}
			}
		}
		return rows.Err()
	})
}

// named are the ways in which a row could name the person, or a test person at all.
func named(number string) []string {
	return []string{number, number[:3] + " " + number[3:6] + " " + number[6:], "ashworth", "edith", "beck lane", "penicillin", "mark r"}
}
