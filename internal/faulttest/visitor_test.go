package faulttest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/html"

	"ribble/internal/demo"
	"ribble/internal/sandbox"
)

// visitor is one signed-in member of staff with a browser that runs no script.
type visitor struct {
	d       *demo.Demo
	http    *http.Client
	subject string
	left    int
}

var hired atomic.Int64

// hire signs in a member of staff whom no test has used.
func hire(t *testing.T, d *demo.Demo) *visitor {
	t.Helper()
	need(t)
	return signIn(t, d, fmt.Sprintf("tester-%d", hired.Add(1)-1))
}

func signIn(t *testing.T, d *demo.Demo, persona string) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	v := &visitor{d: d, left: visits, http: &http.Client{Jar: secureJar{jar}, Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 4}}}
	t.Cleanup(v.http.CloseIdleConnections)
	for _, p := range sandbox.Personas {
		if p.ID == persona {
			v.subject = p.UserID
		}
	}
	asked := v.post(t, "/sign-in/cis2", url.Values{"return": {"/"}})
	form := fields(asked.tree, func(f url.Values) bool { return f.Get("persona") == persona })
	if form == nil {
		t.Fatalf("the sign-in page offers no persona %q: status %d", persona, asked.status)
	}
	answer, err := v.send(t.Context(), http.MethodPost, d.Region.Issuer+"/authorize", form)
	if err != nil {
		t.Fatal(err)
	}
	if answer.status != http.StatusOK || !strings.Contains(string(answer.body), "Find a person") {
		t.Fatalf("signing in as %s ends with status %d at %s: %s\n%s", persona, answer.status, answer.url, answer.body, logs)
	}
	return v
}

// secureJar gives Secure cookies to 127.0.0.1 as browsers do.
type secureJar struct{ http.CookieJar }

func (j secureJar) Cookies(u *url.URL) []*http.Cookie {
	s := *u
	s.Scheme = "https"
	return j.CookieJar.Cookies(&s)
}

func (j secureJar) SetCookies(u *url.URL, c []*http.Cookie) {
	s := *u
	s.Scheme = "https"
	j.CookieJar.SetCookies(&s, c)
}

// page is one answer of the portal, as a reader without script sees it in the end.
type page struct {
	status int
	header http.Header
	url    *url.URL
	body   []byte
	tree   *html.Node
	took   time.Duration
	// slots holds the last child of each slot: the one that the style sheet leaves visible.
	slots map[string]*html.Node
}

func (v *visitor) send(ctx context.Context, method, address string, form url.Values) (page, error) {
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return page{}, err
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Origin", req.URL.Scheme+"://"+req.URL.Host)
	}
	for name, value := range map[string]string{"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"} {
		req.Header.Set(name, value)
	}
	return v.do(req)
}

func (v *visitor) do(req *http.Request) (page, error) {
	began := time.Now()
	resp, err := v.http.Do(req)
	if err != nil {
		return page{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	p := page{status: resp.StatusCode, header: resp.Header, url: resp.Request.URL, body: body, took: time.Since(began), slots: map[string]*html.Node{}}
	if err != nil {
		return p, err
	}
	if p.tree, err = html.Parse(strings.NewReader(string(body))); err != nil {
		return p, err
	}
	p.fill(p.tree)
	return p, nil
}

// fill finds the children of slots, leaving out the shadow root itself.
func (p *page) fill(n *html.Node) {
	for c := range n.ChildNodes() {
		if c.Type == html.ElementNode && c.Data == "template" {
			continue
		}
		if slot := attribute(c, "slot"); slot != "" && slot != "bars" {
			p.slots[slot] = c
		}
		p.fill(c)
	}
}

func (v *visitor) post(t *testing.T, path string, form url.Values) page {
	t.Helper()
	p, err := v.send(t.Context(), http.MethodPost, v.d.URL+path, form)
	if err != nil {
		t.Fatalf("POST %s: %v", path, err)
	}
	return p
}

func (v *visitor) get(t *testing.T, path string) page {
	t.Helper()
	p, err := v.send(t.Context(), http.MethodGet, v.d.URL+path, nil)
	if err != nil {
		t.Fatalf("GET %s: %v", path, err)
	}
	return p
}

// find looks a person up by NHS number.
func (v *visitor) find(t *testing.T, number string) page {
	t.Helper()
	return v.post(t, "/find", url.Values{"nhs": {number}})
}

// found is the form that opens the record of the person on a page of find.
func found(p page) url.Values {
	return fields(p.tree, func(f url.Values) bool { return f.Get("person") != "" })
}

// open finds a person and opens the record. When the visitor has opened many, another one takes over.
func (v *visitor) open(t *testing.T, number string) page {
	t.Helper()
	if v.left == 0 {
		*v = *hire(t, v.d)
	}
	v.left--
	asked := v.find(t, number)
	form := found(asked)
	if form == nil {
		return asked
	}
	return v.post(t, "/record", form)
}

// fields gives the first form of the page that fits, with its fields.
func fields(n *html.Node, fits func(url.Values) bool) url.Values {
	for f := range n.Descendants() {
		if f.Type != html.ElementNode || f.Data != "form" {
			continue
		}
		values := url.Values{}
		for i := range f.Descendants() {
			if i.Type == html.ElementNode && i.Data == "input" && attribute(i, "name") != "" {
				values.Add(attribute(i, "name"), attribute(i, "value"))
			}
		}
		if fits(values) {
			return values
		}
	}
	return nil
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// text is all the text of a node.
func text(n *html.Node) string {
	if n == nil {
		return ""
	}
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

// say is the text of one slot with its white space made single.
func (p page) say(slot string) string { return strings.Join(strings.Fields(text(p.slots[slot])), " ") }

// shows reports whether a text stands on the page as a reader sees it in the end.
func (p page) shows(what string) bool {
	for slot := range p.slots {
		if strings.Contains(p.say(slot), what) {
			return true
		}
	}
	return false
}

// strip is the list of sources without the notices above it.
func (p page) strip() string {
	said := p.say("sources")
	return said[max(strings.LastIndex(said, "does not exist."), 0):]
}

// ended reports whether the page says that nothing is missing from its stream.
func (p page) ended() bool {
	return p.slots["end"] != nil && strings.HasSuffix(strings.TrimSpace(string(p.body)), "</html>")
}

// source is what the sources strip says of one source, by its badge.
func (p page) source(badge string) string {
	strip := p.slots["sources"]
	if strip == nil {
		return ""
	}
	for li := range strip.Descendants() {
		if li.Type == html.ElementNode && li.Data == "li" {
			if said := strings.Join(strings.Fields(text(li)), " "); strings.HasPrefix(said, badge+" ") || strings.HasPrefix(said, badge) {
				return said
			}
		}
	}
	return ""
}
