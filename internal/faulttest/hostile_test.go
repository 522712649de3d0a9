package faulttest

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"golang.org/x/net/html"
)

// intents is how many looks have begun.
func intents(t *testing.T) (n int) {
	t.Helper()
	admin(t, func(db *pgx.Conn) error {
		return db.QueryRow(t.Context(), "SELECT count(*) FROM audit.event WHERE act IN ('intent', 'open-requested')").Scan(&n)
	})
	return n
}

// ask sends a request exactly as given: nothing is added but the cookies.
func (v *visitor) ask(t *testing.T, method, path string, body io.Reader, header map[string]string) page {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, v.d.URL+path, body)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range header {
		req.Header.Set(name, value)
	}
	stay := *v.http
	stay.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	there := visitor{d: v.d, http: &stay}
	p, err := there.do(req)
	if err != nil {
		t.Fatalf("%s: %v", method, err)
	}
	return p
}

// TestRequestsFromElsewhere: no other site can make a clinician's browser search, open, sign out or write a look into the trail.
func TestRequestsFromElsewhere(t *testing.T) {
	need(t)
	v := hire(t, region)
	number := people[hodder].take()
	form := found(v.find(t, number))
	to := v.handle(t, number)
	before, asked := intents(t), counted(t)
	form.Set("nhs", number)
	for name, header := range map[string]map[string]string{
		"cross-site":            {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
		"same-site":             {"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:1"},
		"null origin":           {"Origin": "null"},
		"another origin":        {"Origin": "https://evil.example"},
		"nothing":               {},
		"nothing but a method":  {"X-HTTP-Method-Override": "GET"},
		"cross-site, no origin": {"Sec-Fetch-Site": "cross-site"},
	} {
		header["Content-Type"] = "application/x-www-form-urlencoded"
		for _, path := range []string{"/find", "/record", "/sign-out", "/sign-in/cis2"} {
			if p := v.ask(t, http.MethodPost, path, strings.NewReader(form.Encode()), header); p.status != http.StatusForbidden {
				t.Errorf("POST %s, %s: status %d", path, name, p.status)
			}
		}
	}
	for name, header := range map[string]map[string]string{
		"cross-site":  {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document"},
		"same-site":   {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Dest": "document"},
		"an image":    {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "image"},
		"a frame":     {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "iframe"},
		"a script":    {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "empty"},
		"nothing":     {},
		"a reference": {"Referer": region.URL + "/find"},
	} {
		if p := v.ask(t, http.MethodGet, to, nil, header); p.status != http.StatusForbidden {
			t.Errorf("GET of a record, %s: status %d", name, p.status)
		}
	}
	visit := map[string]string{"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "document", "Origin": region.URL}
	for _, method := range []string{http.MethodHead, http.MethodPut, http.MethodDelete, http.MethodPatch, http.MethodTrace, http.MethodOptions, "PROPFIND"} {
		if p := v.ask(t, method, to, nil, visit); p.status < 400 {
			t.Errorf("%s of a record: status %d", method, p.status)
		}
	}
	if after := intents(t); after != before {
		t.Errorf("%d looks were written down", after-before)
	}
	if now := counted(t); now != asked {
		t.Errorf("%d requests went out", now-asked)
	}
	if p := v.get(t, to); p.status != http.StatusOK || !p.shows(mark(hodder, number)) {
		t.Errorf("after all that the record itself: status %d", p.status)
	}
}

var changing = regexp.MustCompile(`[0-9a-f]{32}|content="\d+;url=/locked"|value="[A-Za-z0-9_-]{20,}"|\?back=[A-Za-z0-9_-]+`)

// TestHandles: a handle that is changed, cut, of another kind or another's is answered like one that never was.
func TestHandles(t *testing.T) {
	need(t)
	v, other := hire(t, region), hire(t, region)
	number, another := people[hodder].take(), people[hodder].take()
	view, form := v.handle(t, number), found(v.find(t, number))
	p := v.get(t, view)
	token, document := strings.TrimPrefix(view, "/record/"), ""
	for n := range p.slots["documents"].Descendants() {
		if n.Type == html.ElementNode && strings.HasPrefix(attribute(n, "href"), "/document/") {
			document = strings.TrimPrefix(attribute(n, "href"), "/document/")
		}
	}
	if document == "" {
		t.Fatal("the record offers no document")
	}
	if d := v.get(t, "/document/"+document); d.status != http.StatusOK {
		t.Errorf("the document itself: status %d", d.status)
	}
	theirs := strings.TrimPrefix(other.handle(t, another), "/record/")
	region.Region.Control.Forget()
	before := intents(t)
	never := normal(v.get(t, "/record/"+strings.Repeat("A", len(token))))
	for name, path := range map[string]string{
		"changed at the front": "/record/" + flip(token, 0), "changed in the middle": "/record/" + flip(token, len(token)/2), "changed at the end": "/record/" + flip(token, len(token)-1),
		"cut": "/record/" + token[:len(token)-1], "halved": "/record/" + token[:len(token)/2], "lengthened": "/record/" + token + "A", "one letter": "/record/A",
		"padded": "/record/" + token + "=", "another session's": "/record/" + theirs, "a document's": "/record/" + document, "a person's": "/record/" + form.Get("person"),
		"a number": "/record/" + number, "escaped": "/record/" + token[:8] + "%00" + token[8:], "long": "/record/" + strings.Repeat("A", 20_000),
		"a document's, changed": "/document/" + flip(document, len(document)/2), "a document's, cut": "/document/" + document[:len(document)-2], "a view's as a document's": "/document/" + token,
		"a person's as a document's": "/document/" + form.Get("person"), "another session's as a document's": "/document/" + theirs,
	} {
		if got := normal(v.get(t, path)); got != never {
			t.Errorf("a handle that is %s is answered otherwise than one that never was: %s", name, differ(got, never))
		}
	}
	for name, path := range map[string]string{"view": view, "document": "/document/" + document} {
		if got, want := normal(other.get(t, path)), normal(other.get(t, "/record/AAAA")); got != want {
			t.Errorf("the %s of another session is answered otherwise than one that never was: %s", name, differ(got, want))
		}
	}
	for name, person := range map[string]string{"changed": flip(form.Get("person"), 30), "another session's": found(other.find(t, another)).Get("person"), "a view's": token, "a document's": document, "empty": ""} {
		if got := v.post(t, "/record", url.Values{"person": {person}}); got.status != http.StatusNotFound {
			t.Errorf("a person's token that is %s: status %d", name, got.status)
		}
		if got := v.get(t, "/find/"+url.PathEscape(person)); got.status != http.StatusNotFound && person != "" {
			t.Errorf("a person's token that is %s, as a search: status %d", name, got.status)
		}
	}
	if counts, _ := region.Region.Control.Requests(); counts["bth"]+counts["gp-fellside"] > 0 || intents(t) != before {
		t.Errorf("asked %v, and %d looks were written down", counts, intents(t)-before)
	}
}

// normal is a page as a stranger could compare it: status, length apart from what differs by chance, and words.
func normal(p page) string {
	said := string(p.body)
	for _, own := range []string{p.url.Path, p.url.EscapedPath()} {
		said = strings.ReplaceAll(said, html.EscapeString(own), "…")
	}
	return http.StatusText(p.status) + " " + changing.ReplaceAllString(said, "…")
}

// differ gives the place from which two pages are not the same.
func differ(a, b string) string {
	at := 0
	for at < min(len(a), len(b)) && a[at] == b[at] {
		at++
	}
	return a[max(at-80, 0):min(at+80, len(a))] + " | " + b[max(at-80, 0):min(at+80, len(b))]
}

func flip(token string, at int) string {
	b := []byte(token)
	if b[at] == 'A' {
		b[at] = 'B'
	} else {
		b[at] = 'A'
	}
	return string(b)
}

// TestOddRequests: forms that are far too large, paths that are not there and cookies that are doubled do no harm.
func TestOddRequests(t *testing.T) {
	need(t)
	v := hire(t, region)
	visit := map[string]string{"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "document", "Origin": region.URL, "Content-Type": "application/x-www-form-urlencoded"}
	before := counted(t)
	for name, body := range map[string]io.Reader{
		"a megabyte":           strings.NewReader("nhs=" + strings.Repeat("9", 1<<20)),
		"a megabyte in chunks": io.MultiReader(strings.NewReader("nhs="), strings.NewReader(strings.Repeat("9", 1<<20))),
		"many fields":          strings.NewReader(strings.Repeat("nhs=1&", 10_000)),
		"broken escapes":       strings.NewReader("nhs=%zz%"),
	} {
		p := v.ask(t, http.MethodPost, "/find", body, visit)
		if to := p.header.Get("Location"); p.status == http.StatusSeeOther && strings.HasPrefix(to, "/find/") {
			p = v.ask(t, http.MethodGet, to, nil, visit)
		}
		if p.status < 400 || p.status >= 500 {
			t.Errorf("a form of %s: status %d", name, p.status)
		}
	}
	for _, path := range []string{"/nowhere", "/record", "/record/", "/document", "/document/", "/find/x", "/.git/config", "/assets/", "/assets/../../etc/passwd", "/debug/pprof/", "/metrics", "/record/a/b", "//evil.example/", "/%2e%2e/%2e%2e/etc/passwd"} {
		if p := v.ask(t, http.MethodGet, path, nil, visit); p.status != http.StatusNotFound && p.status != http.StatusMethodNotAllowed {
			t.Errorf("GET %s: status %d", path, p.status)
		}
	}
	if now := counted(t); now != before {
		t.Errorf("%d requests went out", now-before)
	}
	u, _ := url.Parse(region.URL)
	cookie := ""
	for _, c := range v.http.Jar.Cookies(u) {
		if strings.HasSuffix(c.Name, "session") {
			cookie = c.Name + "=" + c.Value
		}
	}
	none := visitor{d: region, http: &http.Client{}}
	for name, sent := range map[string]string{"doubled": cookie + "; " + cookie, "changed": flip(cookie, len(cookie)-5), "none": ""} {
		header := map[string]string{"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "document", "Cookie": sent}
		if p := none.ask(t, http.MethodGet, "/find", nil, header); p.status != http.StatusSeeOther || !strings.HasPrefix(p.header.Get("Location"), "/sign-in") {
			t.Errorf("a cookie that is %s: status %d", name, p.status)
		}
	}
}
