package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"ribble/internal/identity"
	"ribble/internal/postgres"
)

const (
	issuer = "https://identity.bench.invalid"
	// manyUsers share the views: the portal lets one user open 60 records and then one a minute.
	manyUsers    = 400
	viewsPerUser = 54
)

// user is a signed-in clinician.
type user struct {
	token  identity.Token
	cookie string
}

// signIn does what an identity provider would: it puts sessions into the table where the portal looks for them.
func signIn(ctx context.Context, urls postgres.URLs, users []*user) error {
	db, err := postgres.Open(ctx, postgres.Config{AppURL: urls[postgres.App], AuditURL: urls[postgres.AuditAppend]})
	if err != nil {
		return err
	}
	defer db.Close()
	now := time.Now()
	for i, u := range users {
		err := db.Sessions().Create(ctx, identity.NewSession{
			ID: fmt.Sprintf("bench-%d", i), TokenHash: u.token.Hash(), Created: now, Expires: now.Add(time.Hour), Idle: time.Hour,
			User: identity.User{
				Issuer: issuer, Subject: fmt.Sprint(i), Name: "BENCH Ann Dr", SDSUserID: fmt.Sprintf("5555%08d", i), AssuranceLevel: 3, SignedInAt: now,
				Role:         identity.Role{ProfileID: fmt.Sprintf("6666%08d", i), Code: "R8000", Name: "Clinical Practitioner", Activities: []string{"B0360"}},
				Organisation: identity.Organisation{ODS: "RB00", Name: "Benchmark source RB00"},
			},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// newUsers makes users who have yet to sign in.
func newUsers(n int) []*user {
	users := make([]*user, n)
	for i := range users {
		token := identity.NewToken()
		users[i] = &user{token: token, cookie: "__Host-ribble-session=" + token.Cookie()}
	}
	return users
}

var browser = &http.Client{
	Transport:     &http.Transport{MaxIdleConnsPerHost: 512, DisableCompression: true, ReadBufferSize: 64 << 10},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

func fetch(address string) ([]byte, error) {
	resp, err := browser.Get(address)
	if err != nil {
		return nil, err
	}
	return whole(resp)
}

// whole is the body of an answer that must be good.
func whole(resp *http.Response) ([]byte, error) {
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("answered %d: %.200s", resp.StatusCode, body)
	}
	return body, err
}

// request is one as a browser makes it when its user follows a link or sends a form of the portal itself.
func (p *portal) request(ctx context.Context, u *user, method, path string, form url.Values) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, p.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	for name, value := range map[string]string{
		"Cookie": u.cookie, "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "document", "Origin": p.url, "User-Agent": "bench",
	} {
		req.Header.Set(name, value)
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return browser.Do(req)
}

var personField = regexp.MustCompile(`name="person" value="([^"]+)"`)

// visit is a view that a user may make: the address stands for the person, and for nobody else's eyes.
type visit struct {
	user *user
	path string
}

// search types an NHS number and follows to the page with the result.
func (p *portal) search(ctx context.Context, u *user, number string) (*http.Response, error) {
	sent, err := p.request(ctx, u, http.MethodPost, "/find", url.Values{"nhs": {number}})
	if err != nil {
		return nil, err
	}
	_ = sent.Body.Close()
	if sent.StatusCode != http.StatusSeeOther {
		return nil, fmt.Errorf("the form of the search answered %d", sent.StatusCode)
	}
	return p.request(ctx, u, http.MethodGet, sent.Header.Get("Location"), nil)
}

// find takes a user from the search by NHS number to the address of the record.
func (p *portal) find(ctx context.Context, u *user, number string) (string, error) {
	found, err := p.search(ctx, u, number)
	if err != nil {
		return "", err
	}
	page, err := io.ReadAll(found.Body)
	_ = found.Body.Close()
	if err != nil {
		return "", err
	}
	field := personField.FindSubmatch(page)
	if field == nil {
		return "", fmt.Errorf("the search answered %d without a person", found.StatusCode)
	}
	opened, err := p.request(ctx, u, http.MethodPost, "/record", url.Values{"person": {string(field[1])}, "purpose": {"direct-care"}})
	if err != nil {
		return "", err
	}
	_ = opened.Body.Close()
	if opened.StatusCode != http.StatusSeeOther {
		return "", fmt.Errorf("opening the record answered %d", opened.StatusCode)
	}
	return opened.Header.Get("Location"), nil
}

// visits prepares so many views of a person, shared by as many users as their limits ask for.
func (r *rig) visits(ctx context.Context, p *portal, number string, n int) ([]visit, error) {
	out := make([]visit, 0, n)
	for len(out) < n {
		if p.next == len(r.users) {
			return nil, errors.New("the users of the benchmark have opened all they may")
		}
		u := r.users[p.next]
		path, err := p.find(ctx, u, number)
		if err != nil {
			return nil, err
		}
		p.spent[p.next]++
		for p.spent[p.next] < viewsPerUser && len(out) < n {
			p.spent[p.next]++
			out = append(out, visit{u, path})
		}
		if p.spent[p.next] >= viewsPerUser-1 {
			p.next++
		}
	}
	return out, nil
}

// trace searches for a person by NHS number and reads the answer.
func (p *portal) trace(ctx context.Context, u *user, number string) error {
	resp, err := p.search(ctx, u, number)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the search answered %d", resp.StatusCode)
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}
