package signin_test

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ribble/internal/identity"
	"ribble/internal/identity/signin"
)

// installed gives the folder of a certified provider with its packages, fetched once and kept for later runs.
func installed(t *testing.T) string {
	t.Helper()
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("REQUIRE_BROWSER") != "" || os.Getenv("CI") == "true" {
				t.Fatalf("the acceptance provider needs %s", tool)
			}
			t.Skipf("the acceptance provider needs %s", tool)
		}
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	sum := sha256.New()
	files := []string{"package.json", "package-lock.json", "server.mjs"}
	for _, name := range files {
		sum.Write(read(t, name))
	}
	dir := filepath.Join(cache, fmt.Sprintf("ribble-oidc-provider-%x", sum.Sum(nil)[:8]))
	if _, err := os.Stat(dir); err == nil {
		return dir
	}
	making := t.TempDir()
	for _, name := range files {
		if err := os.WriteFile(filepath.Join(making, name), read(t, name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	npm := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
	npm.Dir = making
	if out, err := npm.CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v\n%s", err, out)
	}
	if err := os.MkdirAll(cache, 0o700); err != nil {
		t.Fatal(err)
	}
	// Another run may have been first; from another file system it is used where it is.
	if err := os.Rename(making, dir); err != nil {
		return making
	}
	return dir
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "oidcprovider", name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port
}

// certified is a portal whose provider is the certified one.
type certified struct {
	*portal
	issuer string
	// person is how the provider signs in whoever comes; user is the provider's side of the browser.
	person string
	user   *http.Client
}

func newCertified(t *testing.T, change func(*signin.ProviderConfig)) *certified {
	t.Helper()
	dir, port := installed(t), freePort(t)
	c := &certified{issuer: fmt.Sprintf("http://127.0.0.1:%d", port)}
	c.portal = newPortalWith(t, func(p *signin.ProviderConfig) {
		p.Issuer, p.Scopes, p.ACR = c.issuer, []string{"nationalrbacaccess"}, nil
		change(p)
	})
	key := filepath.Join(t.TempDir(), "client.jwk")
	// An uncompressed point: one byte that says so, then X and Y.
	point, err := clientKey().PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	jwk, err := json.Marshal(map[string]string{"kty": "EC", "crv": "P-256", "kid": "c1", "alg": "ES256", "use": "sig",
		"x": encode(point[1:33]), "y": encode(point[33:])})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(key, jwk, 0o600); err != nil {
		t.Fatal(err)
	}
	node := exec.CommandContext(t.Context(), "node", "server.mjs", fmt.Sprint(port), c.server.URL, key)
	// The portal's certificate is the test's own.
	node.Dir, node.Env = dir, append(os.Environ(), "NODE_TLS_REJECT_UNAUTHORIZED=0")
	out, err := node.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var complaints strings.Builder
	node.Stderr = &complaints
	if err := node.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = node.Process.Kill()
		_ = node.Wait()
		if t.Failed() {
			t.Log(complaints.String())
		}
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "READY") {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			c.newUser()
			return c
		}
	}
	t.Fatal("the provider did not start")
	return nil
}

func (c *certified) newUser() {
	jar, err := cookiejar.New(nil)
	if err != nil {
		c.t.Fatal(err)
	}
	c.user = &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		r.Header.Set("X-As", c.person)
		if strings.HasPrefix(r.URL.String(), c.server.URL) {
			return http.ErrUseLastResponse
		}
		return nil
	}}
}

// at goes through the provider's pages and gives the values with which the browser comes back.
func (c *certified) at(to string) url.Values {
	c.t.Helper()
	req, err := http.NewRequest("GET", to, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("X-As", c.person)
	resp, err := c.user.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	back, err := url.Parse(resp.Header.Get("Location"))
	if err != nil || back.Path != "/sign-in/callback" {
		c.t.Fatalf("the provider did not send the browser back: %d %s %s", resp.StatusCode, back, body)
	}
	return back.Query()
}

func (c *certified) signInAs(person string) (int, string) {
	c.t.Helper()
	c.person = person
	_, to, _ := c.visit("POST", "/sign-in/test", url.Values{"return": {"/find"}})
	status, body, _ := c.callback(c.at(to))
	return status, body
}

var levels = []signin.Level{{Claim: "acr", Value: "AAL3_ANY", Level: 3}, {Claim: "amr", Value: "mfa", Level: 2}}

func entra(p *signin.ProviderConfig) {
	p.Kind, p.ClientID, p.ClientAuth, p.Secret = signin.Entra, "basic", signin.ClientSecretBasic, "a secret of at least thirty-two characters"
	p.Tenant, p.Levels = "tenant-1", levels
	p.Claims = signin.Claims{Name: "name", UserID: "preferred_username", Roles: "groups"}
	p.Roles = []signin.RoleRule{
		{Value: "g-doctors", Code: "R8000", Name: "Doctor", Activities: []string{"B0360"}, ODS: "RZB", Organisation: "Bowland"},
		{Value: "g-nurses", Code: "R8001", Name: "Nurse", Activities: []string{"B0370"}, ODS: "RZB", Organisation: "Bowland"},
	}
}

func keycloak(p *signin.ProviderConfig) {
	p.Kind, p.ClientID, p.ClientAuth, p.Secret = signin.OIDC, "post", signin.ClientSecretPost, "a secret of at least thirty-two characters"
	p.Levels = levels
	p.Claims = signin.Claims{UserInfo: true, Name: "name", UserID: "employee", Roles: "realm_access.roles", Organisation: "ods", OrganisationName: "organisation"}
	p.Roles = []signin.RoleRule{{Value: "social-worker", Code: "R8003", Name: "Social worker", Activities: []string{"B0370"}}}
}

func certifiedCIS2(p *signin.ProviderConfig) { p.ClientID = "jwt" }

// TestCertifiedProvider signs in with a certified provider, in three kinds and by three ways of proving who the client is.
func TestCertifiedProvider(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*signin.ProviderConfig)
		person string
		want   identity.User
	}{
		"CIS2, private_key_jwt": {certifiedCIS2, "cis2-1 AAL3_ANY N3_SMARTCARD", identity.User{
			Subject: "cis2-1", Name: "NAIR Priya Dr", SDSUserID: "900100000001", AssuranceLevel: 3, Organisation: identity.Organisation{ODS: "RZB", Name: "Bowland"},
			Role: identity.Role{ProfileID: "9002-RZB", Code: "R8000", Name: "Clinical Practitioner", Activities: []string{"B0360"}},
		}},
		"Entra, client_secret_basic": {entra, "entra-1 1 mfa", identity.User{
			Subject: "11111111-2222-3333-4444-555555555555", Name: "Sana Khan", SDSUserID: "s.khan@nhs.example", AssuranceLevel: 2,
			Organisation: identity.Organisation{ODS: "RZB", Name: "Bowland"},
			Role:         identity.Role{ProfileID: "g-nurses@RZB", Code: "R8001", Name: "Nurse", Activities: []string{"B0370"}},
		}},
		"Keycloak-like, client_secret_post": {keycloak, "keycloak-1 AAL3_ANY pwd", identity.User{
			Subject: "keycloak-1", Name: "Tom Webb", SDSUserID: "W123", AssuranceLevel: 3, Organisation: identity.Organisation{ODS: "991", Name: "Wyrefield Council"},
			Role: identity.Role{ProfileID: "social-worker@991", Code: "R8003", Name: "Social worker", Activities: []string{"B0370"}},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			p := newCertified(t, c.change)
			if status, to := p.signInAs(c.person); status != http.StatusSeeOther || to != "/find" {
				t.Fatalf("%d %s; %s", status, to, p.log)
			}
			s := p.only()
			c.want.Issuer, c.want.Session, c.want.SignedInAt = p.issuer, s.ID, s.Created
			if diff := cmp.Diff(c.want, s.User); diff != "" {
				t.Error(diff)
			}
			if s.SID == "" {
				t.Error("no session id of the provider")
			}
		})
	}
}

func TestCertifiedProviderRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		change         func(*signin.ProviderConfig)
		person, reason string
	}{
		"a password is not enough":     {entra, "entra-1 1 pwd", "assurance_too_low"},
		"CIS2 with a password":         {certifiedCIS2, "cis2-1 AAL1_USERPASS USERPASS", "assurance_too_low"},
		"another tenant":               {func(p *signin.ProviderConfig) { entra(p); p.Tenant = "tenant-2" }, "entra-1 1 mfa", "token"},
		"no rule for any group":        {func(p *signin.ProviderConfig) { entra(p); p.Roles = p.Roles[:1] }, "entra-1 1 mfa", "no_role"},
		"a wrong secret":               {func(p *signin.ProviderConfig) { entra(p); p.Secret = strings.Repeat("x", 40) }, "entra-1 1 mfa", "exchange"},
		"a key the provider knows not": {func(p *signin.ProviderConfig) { certifiedCIS2(p); p.Key, p.KeyAlgorithm = strangeKey(), "RS256" }, "cis2-1 AAL3_ANY x", "exchange"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newCertified(t, c.change)
			status, body := p.signInAs(c.person)
			p.refused(status, body, c.reason)
		})
	}
}

var xsrf = regexp.MustCompile(`name="xsrf" value="([^"]+)"`)

// TestCertifiedLogout signs out at the provider, which tells the portal by itself: a logout token that nobody here made.
func TestCertifiedLogout(t *testing.T) {
	p := newCertified(t, certifiedCIS2)
	if status, to := p.signInAs("cis2-1 AAL3_ANY N3_SMARTCARD"); status != http.StatusSeeOther {
		t.Fatalf("%d %s; %s", status, to, p.log)
	}
	resp, err := p.user.Get(p.issuer + "/session/end")
	if err != nil {
		t.Fatal(err)
	}
	page, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	secret := xsrf.FindSubmatch(page)
	if secret == nil {
		t.Fatalf("no form to sign out with: %s", page)
	}
	resp, err = p.user.PostForm(p.issuer+"/session/end/confirm", url.Values{"xsrf": {string(secret[1])}, "logout": {"yes"}})
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	for range 100 {
		p.mu.Lock()
		left := len(p.sessions)
		p.mu.Unlock()
		if left == 0 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.sessions) != 0 || p.events[len(p.events)-1] != "signed-out cis2-1 provider" {
		t.Errorf("%d sessions, events %q; %s", len(p.sessions), p.events, p.log)
	}
}
