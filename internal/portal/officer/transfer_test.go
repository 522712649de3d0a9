package officer_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"ribble/internal/audit"
	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/oversight/inquiry"
	"ribble/internal/portal/middleware"
	"ribble/internal/portal/officer"
)

// offered asks for an export about the person and gives the address of its file.
func (r *room) offered(format string) string {
	r.t.Helper()
	got, _ := r.post(officer.LooksPath, url.Values{"nhs": {person}, "purpose": {"person"}, "reference": {"SAR-0417"}})
	_, to := r.post(officer.ReportPath, url.Values{"asking": {token(r.t, got)}, "format": {format}})
	if !strings.HasPrefix(to, officer.TransferPath) || strings.Contains(to, person) {
		r.t.Fatalf("%s leads to %q: %v", format, to, r.err)
	}
	return to
}

// fetch asks for a file as the officer of RZB, with heads in pairs.
func (r *room) fetch(to string, heads ...string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r.sendTo(w, who(auditing, "RZB"), http.MethodGet, to, nil, heads...)
	return w
}

// TestAFileIsTheSameHoweverOftenItIsFetched, in whole or in ranges, while the log grows; each time is written down.
func TestAFileIsTheSameHoweverOftenItIsFetched(t *testing.T) {
	var c officer.Config
	r := peopled(t, func(given *officer.Config) { c = *given })
	random := rand.New(rand.NewPCG(5, 6))
	for _, format := range []string{"csv", "rows", "ndjson"} {
		to := r.offered(format)
		if last := r.last(); last.Act != audit.ActOfficerLooked || last.Reason != "export as "+format+" person" {
			t.Errorf("%s was asked for as %s %q", format, last.Act, last.Reason)
		}
		first := r.fetch(to)
		whole, tag := first.Body.String(), first.Header().Get("ETag")
		if first.Code != http.StatusOK || len(whole) < 300 || !strings.HasPrefix(tag, `"`) || first.Header().Get("Accept-Ranges") != "bytes" {
			t.Fatalf("%s: %d, %d bytes, tag %s: %v", format, first.Code, len(whole), tag, r.err)
		}
		for range 30 {
			r.happen(c.Trail, nurse, audit.ActTraced, "", "")
			from, to2 := random.IntN(len(whole)), len(whole)-1
			asked := fmt.Sprintf("bytes=%d-", from)
			if random.IntN(2) == 0 {
				to2 = from + random.IntN(len(whole)-from)
				asked += fmt.Sprint(to2)
			}
			w := r.fetch(to, "Range", asked, "If-Range", tag)
			if w.Code != http.StatusPartialContent || w.Body.String() != whole[from:to2+1] || w.Header().Get("ETag") != tag ||
				w.Header().Get("Content-Range") != fmt.Sprintf("bytes %d-%d/%d", from, to2, len(whole)) || w.Header().Get("Content-Length") != fmt.Sprint(to2+1-from) {
				t.Fatalf("%s, %s: %d with %d bytes, %v", format, asked, w.Code, w.Body.Len(), w.Header())
			}
			if last := r.last(); last.Act != audit.ActTrailExported || last.Reason != format+" person" || last.Person == nil {
				t.Errorf("%s, %s was written down as %s %q", format, asked, last.Act, last.Reason)
			}
		}
		if w := r.fetch(to); w.Body.String() != whole {
			t.Errorf("%s changed while the log grew", format)
		}
	}
}

// TestRangesThatAreNotServed: what cannot be gone on with is sent whole; a range behind the end is refused.
func TestRangesThatAreNotServed(t *testing.T) {
	r := peopled(t, unchanged)
	to := r.offered("rows")
	whole := r.fetch(to).Body.String()
	for _, heads := range [][]string{
		{"Range", "bytes=5-", "If-Range", `"another"`}, {"Range", "bytes=5-", "If-Range", "Mon, 30 Nov 2026 12:00:00 GMT"}, {"Range", "bytes=-5"}, {"Range", "bytes=0-1,4-5"},
		{"Range", "rows=1-"}, {"Range", "bytes=9-3"}, {"Range", "bytes=x-"},
	} {
		if w := r.fetch(to, heads...); w.Code != http.StatusOK || w.Body.String() != whole {
			t.Errorf("%v: %d with %d bytes", heads, w.Code, w.Body.Len())
		}
	}
	w := r.fetch(to, "Range", fmt.Sprintf("bytes=%d-", len(whole)))
	if w.Code != http.StatusRequestedRangeNotSatisfiable || w.Header().Get("Content-Range") != fmt.Sprintf("bytes */%d", len(whole)) || w.Body.Len() != 0 {
		t.Errorf("behind the end: %d, %v", w.Code, w.Header())
	}
}

// TestAFileFollowsTheRights: whoever may see less than before gets another file, under another validator, and no rest of the one before.
func TestAFileFollowsTheRights(t *testing.T) {
	r := peopled(t, unchanged)
	wide, narrow := who(overseeing, "RZP"), who(auditing, "RZP")
	ask := func(path string, form url.Values) *httptest.ResponseRecorder {
		return r.send(wide, http.MethodPost, path, form)
	}
	sealed := token(t, ask(officer.LooksPath, url.Values{"purpose": {"complaint"}, "reference": {"C-0417"}}).Body.String())
	to := ask(officer.ReportPath, url.Values{"asking": {sealed}, "format": {"rows"}}).Header().Get("Location")
	whole := r.send(wide, http.MethodGet, to, nil)
	if !strings.Contains(whole.Body.String(), "DOYLE") || !strings.Contains(whole.Body.String(), "OKAFOR") {
		t.Fatalf("the region's officer sees %d bytes: %v", whole.Body.Len(), r.err)
	}
	for _, heads := range [][]string{{"Range", "bytes=400-", "If-Range", whole.Header().Get("ETag")}, {"Range", "bytes=400-"}} {
		w := httptest.NewRecorder()
		r.sendTo(w, narrow, http.MethodGet, to, nil, heads...)
		if w.Code != http.StatusOK || strings.Contains(w.Body.String(), "DOYLE") || !strings.HasPrefix(w.Body.String(), "Log number") || w.Header().Get("ETag") == whole.Header().Get("ETag") {
			t.Errorf("after the right was taken away: %d with %d bytes", w.Code, w.Body.Len())
		}
	}
}

// TestFilesAreForWhoAsked: another session, another role and a forged address get nothing; an officer without the right is refused; and when it cannot be
// written down, nothing leaves.
func TestFilesAreForWhoAsked(t *testing.T) {
	r := peopled(t, unchanged)
	to := r.offered("csv")
	session, role := who(auditing, "RZB"), who(auditing, "RZB")
	session.Session, role.Role.ProfileID = "another", "2"
	for name, u := range map[string]identity.User{"another session": session, "another role": role} {
		if w := r.send(u, http.MethodGet, to, nil); w.Body.Len() > 0 || fault.KindOf(r.err) != fault.NotFound {
			t.Errorf("%s: %v", name, r.err)
		}
	}
	if w := r.send(who("B0360", "RZB"), http.MethodGet, to, nil); w.Body.Len() > 0 || fault.KindOf(r.err) != fault.Denied {
		t.Errorf("no officer: %v", r.err)
	}
	if w := r.fetch(to + "x"); w.Body.Len() > 0 || fault.KindOf(r.err) != fault.NotFound {
		t.Errorf("a forged address: %v", r.err)
	}
	r.trail.broken = true
	if w := r.fetch(to); w.Body.Len() > 0 || r.err == nil {
		t.Errorf("not written down: %d bytes left, %v", w.Body.Len(), r.err)
	}
}

var files = regexp.MustCompile(officer.TransferPath + `[A-Za-z0-9_-]+`)

// TestALongExportHasParts: the page lists them; together they hold each entry once, and only the last says that it is the end.
func TestALongExportHasParts(t *testing.T) {
	r := peopled(t, func(c *officer.Config) { c.PartOf = 3 })
	got, _ := r.post(officer.LooksPath, url.Values{"purpose": {"complaint"}, "reference": {"C-0417"}})
	sealed, looked := token(t, got), int64(len(r.trail.rows))
	for _, format := range []string{"rows", "ndjson"} {
		listed, _ := r.post(officer.ReportPath, url.Values{"asking": {sealed}, "format": {format}})
		links := files.FindAllString(listed, -1)
		says(t, "the list of files", listed, "This export has", "Complete to log number", "-1-of-", "to the beginning")
		if len(links) < 2 {
			t.Fatalf("%s: %d files", format, len(links))
		}
		seen := map[string]bool{}
		for i, link := range links {
			w := r.fetch(link)
			if name := fmt.Sprintf("-%d-of-%d.", i+1, len(links)); !strings.Contains(w.Header().Get("Content-Disposition"), name) {
				t.Errorf("%s, file %d is called %s", format, i+1, w.Header().Get("Content-Disposition"))
			}
			lines := strings.Split(strings.TrimSpace(w.Body.String()), "\n")
			if format == "rows" {
				if last := lines[len(lines)-1]; (i == len(links)-1) != strings.HasPrefix(last, "end,complete to log number") || (i < len(links)-1) != strings.HasPrefix(last, "end of part,") {
					t.Errorf("file %d ends with %q", i+1, last)
				}
				lines = lines[1 : len(lines)-1]
			}
			for _, line := range lines {
				if seen[line] {
					t.Errorf("%s: twice: %s", format, line)
				}
				seen[line] = true
			}
		}
		if want := rowsOf(r.trail, "RZB", looked); len(seen) != want {
			t.Errorf("%s: %d entries in %d files, want %d", format, len(seen), len(links), want)
		}
	}
}

// rowsOf counts an organisation's entries up to a number.
func rowsOf(all *trail, organisation string, upTo int64) (n int) {
	for _, row := range all.rows {
		if row.Event.User.Organisation == organisation && row.Sequence <= upTo {
			n++
		}
	}
	return n
}

// breaking is a search that breaks off after so many rows, as a connection to the database may.
type breaking struct {
	*trail
	after int
}

func (b *breaking) Stream(ctx context.Context, q inquiry.Query, take func(inquiry.Row) error) (inquiry.Complete, error) {
	return b.trail.Stream(ctx, q, func(row inquiry.Row) error {
		if b.after--; b.after == 0 {
			return errBroke
		}
		return take(row)
	})
}

// TestADownloadGoesOn over HTTP: what came before the break and what comes after it are the file.
func TestADownloadGoesOn(t *testing.T) {
	search := &breaking{}
	var c officer.Config
	r := peopled(t, func(given *officer.Config) {
		search.trail = given.Log.Search.(*trail)
		given.Log.Search = search
		c = *given
	})
	for range 400 {
		r.happen(c.Trail, nurse, audit.ActTraced, "", "")
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		r.handler.ServeHTTP(w, q.WithContext(middleware.WithSession(q.Context(), identity.Session{ID: "s", User: who(auditing, "RZB")})))
	}))
	defer server.Close()
	to := r.offered("ndjson")
	want := r.fetch(to).Body.Bytes()
	search.after = 300
	before, head, err := get(t, server.URL+to)
	if err == nil || len(before) < 1000 || !bytes.HasPrefix(want, before) {
		t.Fatalf("%d of %d bytes before the break: %v", len(before), len(want), err)
	}
	after, _, err := get(t, server.URL+to, "Range", fmt.Sprintf("bytes=%d-", len(before)), "If-Range", head.Get("ETag"))
	if err != nil || !bytes.Equal(append(before, after...), want) {
		t.Errorf("%d bytes after %d, want %d in all: %v", len(after), len(before), len(want), err)
	}
	search.after = 1
	if _, _, err := get(t, server.URL+to); !errors.Is(err, errNoFile) {
		t.Errorf("broken before the first byte: %v", err)
	}
}

var errNoFile = errors.New("no file came")

func get(t *testing.T, address string, heads ...string) ([]byte, http.Header, error) {
	t.Helper()
	q, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(heads); i += 2 {
		q.Header.Set(heads[i], heads[i+1])
	}
	resp, err := http.DefaultClient.Do(q)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	if resp.Header.Get("Content-Disposition") == "" {
		return nil, nil, errNoFile
	}
	body, err := io.ReadAll(resp.Body)
	return body, resp.Header, err
}
