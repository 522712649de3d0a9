package portal_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"html"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"ribble/internal/audit"
	"ribble/internal/browser"
	"ribble/internal/identity"
	"ribble/internal/identity/local"
	"ribble/internal/identity/signin"
	"ribble/internal/openrecord"
	"ribble/internal/oversight/inquiry"
	"ribble/internal/pgtest"
	"ribble/internal/portal"
	"ribble/internal/portal/clinician"
	"ribble/internal/portal/officer"
	"ribble/internal/postgres"
	"ribble/internal/seal"
	"ribble/web"
)

const (
	login      = "grace@beckside.example"
	passphrase = "tulip gravel Sunday ladder"
)

var beckside = identity.Organisation{ODS: "8Z902", Name: "Beckside Home Care"}

// estate is two replicas of the portal at one database, with local accounts. Records are not part of it.
type estate struct {
	t        *testing.T
	db       *pgtest.DB
	accounts *local.Accounts
	urls     [2]string
}

func newEstate(t *testing.T) *estate {
	t.Helper()
	assets, err := web.Load()
	if err != nil {
		browser.Missing(t, err)
	}
	e := &estate{t: t, db: pgtest.New(t)}
	secret := make([]byte, seal.KeySize)
	_, _ = rand.Read(secret)
	sealer, err := seal.New(secret)
	if err != nil {
		t.Fatal(err)
	}
	keys := audit.GenerateKeys()
	for i := range e.urls {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		e.urls[i] = "http://localhost" + strings.TrimPrefix(listener.Addr().String(), "127.0.0.1")
		server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: e.replica(e.urls[i], assets, sealer, keys)}}
		server.Start()
		t.Cleanup(server.Close)
	}
	return e
}

func (e *estate) replica(public string, assets *web.Assets, sealer *seal.Sealer, keys *audit.Keys) http.Handler {
	e.t.Helper()
	u, err := url.Parse(public)
	if err != nil {
		e.t.Fatal(err)
	}
	passkeys, err := local.NewPasskeys(u)
	if err != nil {
		e.t.Fatal(err)
	}
	open, log := e.db.Open(e.t), slog.New(slog.DiscardHandler)
	trail := audit.NewTrail(open.Audit(), keys, time.Now)
	e.accounts = &local.Accounts{
		Store: open.Accounts(), Trail: trail, Secrets: sealer, Passkeys: passkeys, Hasher: local.NewHasher(local.Cost{Time: 1, Memory: 64, Threads: 1}), Now: time.Now,
		EndSessions: func(ctx context.Context, issuer, subject string) error {
			_, err := open.Sessions().EndWhere(ctx, identity.Which{Issuer: issuer, Subject: subject})
			return err
		},
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		e.t.Fatal(err)
	}
	handler, err := portal.New(portal.Config{
		Clinician: clinician.Config{Open: new(openrecord.Flow), Trail: trail, Sealer: sealer, Log: log, Now: time.Now},
		Officer:   officer.Config{Queue: open.Queue()},
		SignIn: signin.Config{
			Providers: []signin.ProviderConfig{{
				ID: "other", Name: "another service", Issuer: "https://idp.example", ClientID: "c", Key: key, KeyID: "k", KeyAlgorithm: "ES256", MinimumLevel: 2, Algorithms: []string{"ES256"},
			}},
			PublicURL: public, Sealer: sealer, Sessions: open.Sessions(), Shared: open.Limits(), Auditor: trail, Log: log,
			Limits: func(string) signin.Limits {
				return signin.Limits{Idle: 15 * time.Minute, Linger: 30 * time.Minute, Absolute: 10 * time.Hour}
			},
		},
		Local: e.accounts, Assets: assets, Log: log, Now: time.Now, Region: "North Vale",
	})
	if err != nil {
		e.t.Fatal(err)
	}
	return handler
}

// invite gives the path of a fresh invitation.
func (e *estate) invite(name string) string {
	e.t.Helper()
	token, err := e.accounts.Invite(e.t.Context(), identity.User{Issuer: "urn:ribble:operator", Subject: "root"},
		local.NewAccount{Login: name, Name: "Grace Adebayo", Role: "care-worker", Organisation: beckside})
	if err != nil {
		e.t.Fatal(err)
	}
	return "/invitation/" + token.Cookie()
}

// client is a browser without scripts: it keeps cookies, also Secure ones on http://localhost, and says where its requests come from.
type client struct {
	t       *testing.T
	base    string
	cookies map[string]string
	// body, status and path are those of the last page.
	body, path string
	status     int
}

func (e *estate) client(replica int) *client {
	return &client{t: e.t, base: e.urls[replica], cookies: map[string]string{}}
}

func (c *client) get(path string) *client { return c.send("GET", path, "") }

func (c *client) post(path string, pairs ...string) *client {
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return c.send("POST", path, form.Encode())
}

func (c *client) send(method, path, body string) *client {
	c.t.Helper()
	for range 5 {
		request, err := http.NewRequestWithContext(c.t.Context(), method, c.base+path, strings.NewReader(body))
		if err != nil {
			c.t.Fatal(err)
		}
		request.Header.Set("Sec-Fetch-Site", "same-origin")
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		for name, value := range c.cookies {
			request.AddCookie(&http.Cookie{Name: name, Value: value})
		}
		response, err := http.DefaultTransport.RoundTrip(request)
		if err != nil {
			c.t.Fatal(err)
		}
		raw, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil {
			c.t.Fatal(err)
		}
		c.keep(response)
		c.body, c.path, c.status = html.UnescapeString(string(raw)), path, response.StatusCode
		if response.StatusCode != http.StatusSeeOther {
			return c
		}
		method, path, body = "GET", response.Header.Get("Location"), ""
	}
	c.t.Fatalf("round in circles at %s", path)
	return c
}

func (c *client) keep(r *http.Response) {
	if r.Header.Get("Cache-Control") != "no-store" {
		c.t.Errorf("%s may be kept: %q", c.path, r.Header.Get("Cache-Control"))
	}
	for _, k := range r.Cookies() {
		if !k.Secure || !k.HttpOnly || k.Path != "/" || !strings.HasPrefix(k.Name, "__Host-") {
			c.t.Errorf("the cookie %s is open to others", k.Name)
		}
		c.cookies[k.Name] = k.Value
		if k.MaxAge < 0 {
			delete(c.cookies, k.Name)
		}
	}
}

// sees checks the page that the last request led to.
func (c *client) sees(status int, words ...string) *client {
	c.t.Helper()
	if c.status != status {
		c.t.Fatalf("%s: status %d, want %d: %s", c.path, c.status, status, c.main())
	}
	for _, w := range words {
		if !strings.Contains(c.body, w) {
			c.t.Fatalf("%s does not say %q: %s", c.path, w, c.main())
		}
	}
	return c
}

// main is the page without its frame.
func (c *client) main() string {
	_, main, _ := strings.Cut(c.body, "<main")
	return main
}

// signedIn says whether pages for users open.
func (c *client) signedIn() bool {
	c.t.Helper()
	return c.get("/account").status == http.StatusOK && strings.Contains(c.body, "Your account")
}

var keyForm = regexp.MustCompile(`<code class="rb-key">([A-Z2-7 ]+)</code>`)

// key is the secret that the page shows for an authenticator app.
func (c *client) key() string {
	c.t.Helper()
	found := keyForm.FindStringSubmatch(c.body)
	if found == nil {
		c.t.Fatalf("%s shows no key: %s", c.path, c.main())
	}
	return strings.ReplaceAll(found[1], " ", "")
}

// codeIn is what an authenticator app shows, so many steps from now.
func codeIn(t *testing.T, secret string, steps int) string {
	t.Helper()
	code, err := local.CodeAt(secret, time.Now().Add(time.Duration(steps)*30*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// enrol accepts an invitation with an authenticator app and gives its secret and the recovery codes. It uses the code of the step before.
func (c *client) enrol(path string) (secret string, codes []string) {
	c.t.Helper()
	c.get(path).sees(200, "Step 1 of 2", "Grace Adebayo", "Beckside Home Care (8Z902)", "Care worker")
	if c.path != "/invitation" {
		c.t.Errorf("the token stays in the address: %s", c.path)
	}
	c.post("/invitation/passphrase", "passphrase", passphrase, "again", passphrase).sees(200, "Step 2 of 2")
	secret = c.key()
	if picture := c.clone().get("/invitation/code.png"); !strings.HasPrefix(picture.body, "\x89PNG") {
		c.t.Error("no picture")
	}
	c.post("/invitation/code", "code", codeIn(c.t, secret, -1)).sees(200, "Your recovery codes", "Shown only now")
	codes = regexp.MustCompile(`[0-9a-z]{4}(-[0-9a-z]{4}){3}`).FindAllString(c.body, -1)
	if len(codes) != local.NumCodes {
		c.t.Fatalf("%d recovery codes", len(codes))
	}
	return secret, codes
}

func (c *client) clone() *client {
	cookies := map[string]string{}
	for k, v := range c.cookies {
		cookies[k] = v
	}
	return &client{t: c.t, base: c.base, cookies: cookies}
}

// TestLocalAccount goes from the invitation to the second device, over two replicas, without a script.
func TestLocalAccount(t *testing.T) {
	e := newEstate(t)
	c := e.client(0)
	secret, codes := c.enrol(e.invite(login))
	if !c.signedIn() {
		t.Fatal("not signed in after enrolling")
	}
	c.sees(200, "10 of 10 recovery codes left", "The only one: add another before removing it")
	c.get("/account/recovery-codes").sees(200, "10 of 10")

	other := e.client(1)
	other.post("/sign-in/local", "login", " GRACE@beckside.example", "passphrase", passphrase, "return", "/account").sees(200, "Show that it is you", "6-digit code")
	if other.clone().signedIn() {
		t.Fatal("signed in by a passphrase alone")
	}
	other.post("/sign-in/local/code", "code", codeIn(t, secret, 0)).sees(200, "Your account", "Grace Adebayo")
	other.post("/account/recovery-codes").sees(200, "Your recovery codes")
	fresh := regexp.MustCompile(`[0-9a-z]{4}(-[0-9a-z]{4}){3}`).FindString(other.body)

	third := e.client(0)
	third.post("/sign-in/local", "login", login, "passphrase", passphrase)
	third.post("/sign-in/local/recovery", "recovery", codes[0]).sees(422, "That recovery code is not right")
	third.post("/sign-in/local/recovery", "recovery", fresh).sees(200, "A recovery code was used on", "9 of 10")
	newSecret := third.get("/account/authenticator").sees(200, "Add an authenticator app").key()
	third.post("/account/authenticator", "code", "000").sees(422, "That code is not right")
	third.post("/account/authenticator", "code", codeIn(t, newSecret, 0)).sees(200, "Your account", "Remove")
	first := regexp.MustCompile(`name="factor" value="([0-9a-f]+)"`).FindStringSubmatch(third.body)[1]
	third.post("/account/remove", "factor", first).sees(200, "The only one")
	third.post("/account/passphrase", "present", "wrong", "passphrase", "another gravel Sunday ladder", "again", "another gravel Sunday ladder").sees(422, "That is not your present passphrase")
	third.post("/account/passphrase", "present", passphrase, "passphrase", "another gravel Sunday ladder", "again", "another gravel Sunday ladder").sees(200, "Your account")
	if c.signedIn() || other.signedIn() {
		t.Error("other sessions outlive a new passphrase")
	}
	if !third.signedIn() {
		t.Error("the session that changed the passphrase is gone")
	}
}

// TestNoWayAroundTheSecondStep has the ways to try.
func TestNoWayAroundTheSecondStep(t *testing.T) {
	e := newEstate(t)
	e.client(0).enrol(e.invite(login))
	invited := e.client(0)
	invited.get(e.invite("new@beckside.example"))
	invited.post("/invitation/passphrase", "passphrase", passphrase, "again", passphrase).sees(200, "Step 2 of 2")
	half := e.client(0)
	half.post("/sign-in/local", "login", login, "passphrase", passphrase).sees(200, "Show that it is you")
	for name, c := range map[string]*client{"invitation half accepted": invited, "sign-in half done": half, "nobody": e.client(1)} {
		for _, path := range []string{"/account", "/account/authenticator", "/account/authenticator/code.png", "/account/passphrase", "/account/recovery-codes", "/find", "/", "/sessions"} {
			if got := c.clone().get(path); !strings.HasPrefix(got.path, "/sign-in") {
				t.Errorf("%s: %s opens (%d)", name, path, got.status)
			}
		}
		for _, path := range []string{"/account/passkey", "/account/authenticator", "/account/remove", "/account/recovery-codes", "/account/passphrase", "/record", "/find"} {
			if got := c.clone().post(path, "code", "000000"); !strings.HasPrefix(got.path, "/sign-in") {
				t.Errorf("%s: posting to %s does something (%d)", name, path, got.status)
			}
		}
	}
	// A cookie of one step is of no use as that of another.
	for _, swap := range [][2]string{{"__Host-ribble-local", "__Host-ribble-session"}, {"__Host-ribble-local", "__Host-ribble-passkey"}, {"__Host-ribble-local", "__Host-ribble-codes"}, {"__Host-ribble-local", "__Host-ribble-invitation"}, {"__Host-ribble-local", "__Host-ribble-factor"}} {
		c := half.clone()
		c.cookies = map[string]string{swap[1]: c.cookies[swap[0]]}
		if c.signedIn() {
			t.Errorf("%s passes for %s", swap[0], swap[1])
		}
		if got := c.post("/sign-in/local/passkey", "answer", "{}"); got.status != 422 {
			t.Errorf("%s passes for %s: %d", swap[0], swap[1], got.status)
		}
	}
	half.post("/sign-in/local/code", "code", "000000").sees(422, "That code is not right")
	half.post("/sign-in/local/second-passkey", "answer", "{}").sees(422, "That passkey could not be used")
	half.post("/sign-in/local/recovery", "recovery", "").sees(422, "That recovery code is not right")
	e.client(0).post("/sign-in/local/code", "code", "000000").sees(422, "That took too long")
	e.client(0).post("/invitation/code", "code", "000000").sees(404, "Open the link in your invitation again")
}

// TestSameWords: nobody learns from the page whether there is an account.
func TestSameWords(t *testing.T) {
	e := newEstate(t)
	e.client(0).enrol(e.invite(login))
	e.invite("new@beckside.example")
	pages := map[string]string{}
	for _, name := range []string{login, "nobody@beckside.example", "new@beckside.example"} {
		c := e.client(0).post("/sign-in/local", "login", name, "passphrase", "not this one, surely").sees(422, "That is not right")
		page := strings.ReplaceAll(c.body, name, "NAME")
		pages[regexp.MustCompile(`data-options="[^>]*>`).ReplaceAllString(page, "")] = name
	}
	if len(pages) != 1 {
		t.Errorf("%d different pages", len(pages))
	}
	for _, path := range []string{"/invitation/x", "/invitation/" + identity.NewToken().Cookie()} {
		e.client(0).get(path).sees(404, "This invitation was used already, or is more than seven days old")
	}
}

// TestInvitationOnce: a link that was used opens nothing, also for whoever had opened it before.
func TestInvitationOnce(t *testing.T) {
	e := newEstate(t)
	path := e.invite(login)
	late := e.client(1)
	late.get(path)
	late.post("/invitation/passphrase", "passphrase", passphrase, "again", passphrase).sees(200, "Step 2 of 2")
	secret := late.key()
	// Looking at the link, as mail scanners do, uses nothing up.
	for range 3 {
		e.client(0).get(path).sees(200)
	}
	e.client(0).enrol(path)
	late.post("/invitation/code", "code", codeIn(t, secret, 0)).sees(404, "This invitation was used already")
	e.client(1).get(path).sees(404)
	if late.signedIn() {
		t.Error("two users of one invitation")
	}
}

// TestPassphraseAdvice: the page says why a passphrase is refused, and stays at the first step.
func TestPassphraseAdvice(t *testing.T) {
	e := newEstate(t)
	c := e.client(0)
	c.get(e.invite(login))
	for typed, words := range map[string]local.Problem{"short": local.TooShort, "Password123456!": local.Common, "Grace Adebayo 2026": local.OwnName, strings.Repeat("tulip gravel ", 11): local.TooLong} {
		c.post("/invitation/passphrase", "passphrase", typed, "again", typed).sees(422, string(words), "Step 1 of 2")
	}
	c.post("/invitation/passphrase", "passphrase", passphrase, "again", passphrase+"s").sees(422, string(local.Differs))
	c.get("/invitation").sees(200, "Step 1 of 2")
}

// TestEventsOfAnAccount: the trail names the account, who did what to it, and for which fixed reason somebody was refused.
func TestEventsOfAnAccount(t *testing.T) {
	e := newEstate(t)
	secret, _ := e.client(0).enrol(e.invite(login))
	c := e.client(0)
	c.post("/sign-in/local", "login", "nobody@beckside.example", "passphrase", "x")
	c.post("/sign-in/local", "login", login, "passphrase", passphrase)
	c.post("/sign-in/local/code", "code", "000000")
	c.post("/sign-in/local/code", "code", codeIn(t, secret, 0)).sees(200)
	got := e.events()
	want := []string{
		"account-changed invited urn:ribble:operator/root", "account-changed accepted urn:ribble:local", "account-changed totp-enrolled urn:ribble:local", "account-changed recovery-codes-made urn:ribble:local",
		"signed-in  urn:ribble:local", "sign-in-failed local_unknown_name urn:ribble:local/", "sign-in-failed local_code urn:ribble:local", "signed-in  urn:ribble:local",
	}
	if len(got) != len(want) {
		t.Fatalf("events %q", got)
	}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("event %d is %q, want %q", i, got[i], want[i])
		}
		if strings.Contains(got[i], "nobody@") || strings.Contains(got[i], passphrase) {
			t.Error("the trail holds what somebody typed")
		}
	}
}

func (e *estate) events() []string {
	e.t.Helper()
	var out []string
	for _, event := range slices.Backward(pgtest.Events(e.t, e.db.URLs[postgres.IGReader], inquiry.Query{})) {
		out = append(out, string(event.Act)+" "+event.Reason+" "+event.User.Issuer+"/"+event.User.Subject)
	}
	return out
}

// TestASessionEndsWithItsAccount: on the second, on every replica, with nobody doing anything; and until then nobody gets in again.
func TestASessionEndsWithItsAccount(t *testing.T) {
	e := newEstate(t)
	c := e.client(0)
	secret, _ := c.enrol(e.invite(login))
	conn, err := pgx.Connect(t.Context(), e.db.AdminURL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	change := func(statement string) {
		t.Helper()
		if _, err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	for column, words := range map[string]string{"expires_at": "Your access has expired", "confirmed_until": "Your account is suspended"} {
		change("UPDATE portal.account SET " + column + " = date_trunc('second', now()) + interval '3 hours'")
		change("DELETE FROM portal.session")
		change("UPDATE portal.account_factor SET last_step = 0")
		again := e.client(1)
		again.post("/sign-in/local", "login", login, "passphrase", passphrase, "return", "/account").sees(200, "Show that it is you")
		again.post("/sign-in/local/code", "code", codeIn(t, secret, 0)).sees(200, "Your account")
		var same bool
		if err := conn.QueryRow(t.Context(), "SELECT s.expires_at = a."+column+" FROM portal.session s JOIN portal.account a ON a.id = s.subject").Scan(&same); err != nil || !same {
			t.Errorf("%s: the session does not end with the account: %v", column, err)
		}
		half := e.client(0)
		half.post("/sign-in/local", "login", login, "passphrase", passphrase).sees(200, "Show that it is you")
		change("UPDATE portal.account SET " + column + " = now()")
		change("UPDATE portal.account_factor SET last_step = 0")
		half.post("/sign-in/local/code", "code", codeIn(t, secret, 0)).sees(422, "That took too long")
		e.client(0).post("/sign-in/local", "login", login, "passphrase", passphrase).sees(403, words)
		e.client(0).post("/sign-in/local", "login", login, "passphrase", "quite another passphrase").sees(422, "That is not right")
		change("ALTER TABLE portal.account DISABLE TRIGGER guard_account")
		change("UPDATE portal.account SET " + column + " = now() + interval '1 day'")
		change("ALTER TABLE portal.account ENABLE ALWAYS TRIGGER guard_account")
	}
}
