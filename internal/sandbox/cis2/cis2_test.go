package cis2_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"

	"ribble/internal/sandbox/cis2"
)

var clientKey = func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
}()

var nair = cis2.Persona{
	ID: "nair", UserID: "900100000001", Title: "Dr", Given: "Priya", Family: "Nair", Assurance: 3,
	Roles: []cis2.Role{
		{ID: "1001", OrgCode: "RZB", OrgName: "Bowland", Code: "S8000:G8000:R8000", Title: "Consultant", ActivityCodes: []string{"B0360", "B0264"}},
		{ID: "1002", OrgCode: "Y99001", OrgName: "Hodder", Code: "S8000:G8002:R8009", Title: "Clerk", ActivityCodes: []string{"B0820"}},
	},
}

// place is a provider on a test server with a browser that stops at the portal's door.
type place struct {
	provider *cis2.Provider
	issuer   string
	browser  *http.Client
}

const portal = "http://127.0.0.1:9/callback"

func start(t *testing.T, logoutURI string, personas ...cis2.Persona) place {
	t.Helper()
	var handler http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	issuer := server.URL + cis2.Realm
	provider := cis2.New(cis2.Config{
		Issuer: issuer, Personas: personas,
		Client: cis2.Client{ID: "portal", Key: &clientKey.PublicKey, LogoutURI: logoutURI},
	})
	handler = provider.Handler()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return place{provider, issuer, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// assertion signs a client assertion; change may spoil it.
func assertion(t *testing.T, issuer string, change func(*jwt.RegisteredClaims)) string {
	t.Helper()
	claims := jwt.RegisteredClaims{
		Issuer: "portal", Subject: "portal", Audience: jwt.ClaimStrings{issuer + "/access_token"}, ID: rand.Text(),
		IssuedAt: jwt.NewNumericDate(time.Now()), ExpiresAt: jwt.NewNumericDate(time.Now().Add(time.Minute)),
	}
	if change != nil {
		change(&claims)
	}
	signed, err := jwt.NewWithClaims(jwt.SigningMethodRS512, claims).SignedString(clientKey)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// signIn opens the persona page and presses a button; it returns the code that reaches the portal.
func (p place) signIn(t *testing.T, authURL, persona, role string) url.Values {
	t.Helper()
	page, err := p.browser.Get(authURL)
	if err != nil {
		t.Fatal(err)
	}
	defer page.Body.Close()
	html, err := io.ReadAll(page.Body)
	if err != nil {
		t.Fatal(err)
	}
	request := regexp.MustCompile(`name="request" value="([^"]+)"`).FindSubmatch(html)
	if request == nil {
		t.Fatalf("no persona page: %d", page.StatusCode)
	}
	done, err := p.browser.PostForm(p.issuer+"/authorize", url.Values{"request": {string(request[1])}, "persona": {persona}, "role": {role}})
	if err != nil {
		t.Fatal(err)
	}
	defer done.Body.Close()
	at, err := done.Location()
	if err != nil {
		t.Fatalf("choosing a persona answered %d without a redirect", done.StatusCode)
	}
	return at.Query()
}

func TestAnOrdinaryClientLibrarySignsIn(t *testing.T) {
	p := start(t, "", nair)
	ctx := context.Background()
	provider, err := oidc.NewProvider(ctx, p.issuer)
	if err != nil {
		t.Fatalf("discovery: %v", err)
	}
	config := oauth2.Config{ClientID: "portal", Endpoint: provider.Endpoint(), RedirectURL: portal, Scopes: []string{"openid", "nationalrbacaccess", "selectedrole"}}
	config.Endpoint.AuthStyle = oauth2.AuthStyleInParams
	verifier := oauth2.GenerateVerifier()
	got := p.signIn(t, config.AuthCodeURL("the-state", oidc.Nonce("the-nonce"), oauth2.S256ChallengeOption(verifier)), "nair", "1001")
	if got.Get("state") != "the-state" {
		t.Errorf("state %q came back", got.Get("state"))
	}
	token, err := config.Exchange(ctx, got.Get("code"), oauth2.VerifierOption(verifier),
		oauth2.SetAuthURLParam("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
		oauth2.SetAuthURLParam("client_assertion", assertion(t, p.issuer, nil)))
	if err != nil {
		t.Fatalf("exchange: %v", err)
	}
	checkIDToken(t, provider, token)
	checkUserInfo(t, provider, token)
}

func checkIDToken(t *testing.T, provider *oidc.Provider, token *oauth2.Token) {
	t.Helper()
	raw, _ := token.Extra("id_token").(string)
	id, err := provider.Verifier(&oidc.Config{ClientID: "portal"}).Verify(context.Background(), raw)
	if err != nil {
		t.Fatalf("the ID token: %v", err)
	}
	if err := id.VerifyAccessToken(token.AccessToken); err != nil {
		t.Errorf("at_hash: %v", err)
	}
	type claims struct {
		Level    int    `json:"authentication_assurance_level"`
		Identity int    `json:"id_assurance_level"`
		Role     string `json:"selected_roleid"`
		ACR      string `json:"acr"`
		AZP      string `json:"azp"`
	}
	var got claims
	if err := id.Claims(&got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(claims{3, 3, "1001", "AAL3_ANY", "portal"}, got); diff != "" {
		t.Errorf("claims (-want +got):\n%s", diff)
	}
	if id.Nonce != "the-nonce" || id.Subject != nair.UserID {
		t.Errorf("nonce %q, subject %q", id.Nonce, id.Subject)
	}
}

func checkUserInfo(t *testing.T, provider *oidc.Provider, token *oauth2.Token) {
	t.Helper()
	info, err := provider.UserInfo(context.Background(), oauth2.StaticTokenSource(token))
	if err != nil {
		t.Fatalf("user information: %v", err)
	}
	type role struct {
		ID    string   `json:"person_roleid"`
		Org   string   `json:"org_code"`
		Codes []string `json:"activity_codes"`
	}
	var got struct {
		UserID string `json:"nhsid_useruid"`
		Name   string `json:"name"`
		Roles  []role `json:"nhsid_nrbac_roles"`
	}
	if err := info.Claims(&got); err != nil {
		t.Fatal(err)
	}
	want := []role{{"1001", "RZB", []string{"B0360", "B0264"}}, {"1002", "Y99001", []string{"B0820"}}}
	if diff := cmp.Diff(want, got.Roles); diff != "" {
		t.Errorf("roles (-want +got):\n%s", diff)
	}
	if got.UserID != nair.UserID || got.Name != "NAIR Priya Dr" {
		t.Errorf("user %q, name %q", got.UserID, got.Name)
	}
}

// redeem exchanges a fresh code with form values that change may spoil, and returns the status and the error code.
func redeem(t *testing.T, p place, change func(url.Values)) (int, string) {
	t.Helper()
	verifier := oauth2.GenerateVerifier()
	config := oauth2.Config{ClientID: "portal", Endpoint: oauth2.Endpoint{AuthURL: p.issuer + "/authorize"}, RedirectURL: portal, Scopes: []string{"openid"}}
	got := p.signIn(t, config.AuthCodeURL("s", oidc.Nonce("n"), oauth2.S256ChallengeOption(verifier)), "nair", "")
	form := url.Values{
		"grant_type": {"authorization_code"}, "code": {got.Get("code")}, "redirect_uri": {portal}, "code_verifier": {verifier},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}, "client_assertion": {assertion(t, p.issuer, nil)},
	}
	change(form)
	response, err := http.PostForm(p.issuer+"/access_token", form)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	code := regexp.MustCompile(`"error":"([^"]+)"`).FindSubmatch(body)
	if code == nil {
		return response.StatusCode, ""
	}
	return response.StatusCode, string(code[1])
}

func TestTokensAreRefused(t *testing.T) {
	p := start(t, "", nair)
	unsigned, err := jwt.NewWithClaims(jwt.SigningMethodNone, jwt.RegisteredClaims{Issuer: "portal", Subject: "portal"}).SignedString(jwt.UnsafeAllowNoneSignatureType)
	if err != nil {
		t.Fatal(err)
	}
	used := assertion(t, p.issuer, nil)
	redeem(t, p, func(v url.Values) { v.Set("client_assertion", used) })
	tests := []struct {
		name   string
		change func(url.Values)
		want   string
	}{
		{"as it should be", func(url.Values) {}, ""},
		{"another verifier", func(v url.Values) { v.Set("code_verifier", oauth2.GenerateVerifier()) }, "invalid_grant"},
		{"no verifier", func(v url.Values) { v.Del("code_verifier") }, "invalid_grant"},
		{"another redirect address", func(v url.Values) { v.Set("redirect_uri", "http://127.0.0.1:9/other") }, "invalid_grant"},
		{"a guessed code", func(v url.Values) { v.Set("code", "guess") }, "invalid_grant"},
		{"no assertion", func(v url.Values) { v.Del("client_assertion") }, "invalid_client"},
		{"an unsigned assertion", func(v url.Values) { v.Set("client_assertion", unsigned) }, "invalid_client"},
		{"an assertion used before", func(v url.Values) { v.Set("client_assertion", used) }, "invalid_client"},
		{"an assertion of another client", func(v url.Values) {
			v.Set("client_assertion", assertion(t, p.issuer, func(c *jwt.RegisteredClaims) { c.Subject = "other" }))
		}, "invalid_client"},
		{"an assertion for another provider", func(v url.Values) {
			v.Set("client_assertion", assertion(t, p.issuer, func(c *jwt.RegisteredClaims) { c.Audience = jwt.ClaimStrings{"https://elsewhere.example"} }))
		}, "invalid_client"},
		{"an expired assertion", func(v url.Values) {
			v.Set("client_assertion", assertion(t, p.issuer, func(c *jwt.RegisteredClaims) { c.ExpiresAt = jwt.NewNumericDate(time.Now().Add(-time.Minute)) }))
		}, "invalid_client"},
		{"an assertion that lives for a day", func(v url.Values) {
			v.Set("client_assertion", assertion(t, p.issuer, func(c *jwt.RegisteredClaims) { c.ExpiresAt = jwt.NewNumericDate(time.Now().Add(24 * time.Hour)) }))
		}, "invalid_client"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if status, got := redeem(t, p, tt.change); got != tt.want {
				t.Errorf("answered %d %q, want %q", status, got, tt.want)
			}
		})
	}
}

func TestACodeIsGoodOnce(t *testing.T) {
	p := start(t, "", nair)
	var first url.Values
	if _, problem := redeem(t, p, func(v url.Values) { first = v }); problem != "" {
		t.Fatalf("first use: %s", problem)
	}
	first.Set("client_assertion", assertion(t, p.issuer, nil))
	response, err := http.PostForm(p.issuer+"/access_token", first)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusBadRequest {
		t.Errorf("second use answered %d", response.StatusCode)
	}
}

func TestAuthorizationRequestsAreChecked(t *testing.T) {
	p := start(t, "", nair)
	good := url.Values{
		"client_id": {"portal"}, "redirect_uri": {portal}, "response_type": {"code"}, "scope": {"openid"}, "state": {"s"}, "nonce": {"n"},
		"code_challenge": {strings.Repeat("a", 43)}, "code_challenge_method": {"S256"},
	}
	tests := []struct {
		name, field, value string
		want               int
		errorCode          string
	}{
		{"as it should be", "state", "s", http.StatusOK, ""},
		{"unknown client", "client_id", "other", http.StatusBadRequest, ""},
		{"a redirect away from this machine", "redirect_uri", "https://evil.example/cb", http.StatusBadRequest, ""},
		{"implicit flow", "response_type", "token", http.StatusFound, "unsupported_response_type"},
		{"no openid", "scope", "profile", http.StatusFound, "invalid_scope"},
		{"no nonce", "nonce", "", http.StatusFound, "invalid_request"},
		{"plain challenge", "code_challenge_method", "plain", http.StatusFound, "invalid_request"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			values := url.Values{}
			for name, value := range good {
				values[name] = value
			}
			values.Set(tt.field, tt.value)
			response, err := p.browser.Get(p.issuer + "/authorize?" + values.Encode())
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			if response.StatusCode != tt.want {
				t.Errorf("answered %d, want %d", response.StatusCode, tt.want)
			}
			if at, err := response.Location(); err == nil && at.Query().Get("error") != tt.errorCode {
				t.Errorf("error %q, want %q", at.Query().Get("error"), tt.errorCode)
			}
		})
	}
}

func TestPullingTheSmartcardTellsThePortal(t *testing.T) {
	told := make(chan string, 1)
	portalServer := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { told <- r.PostFormValue("logout_token") }))
	defer portalServer.Close()
	p := start(t, portalServer.URL, nair)
	if _, problem := redeem(t, p, func(url.Values) {}); problem != "" {
		t.Fatal(problem)
	}
	ended, err := p.provider.RemoveSmartcard(context.Background(), "nair")
	if err != nil || ended != 1 {
		t.Fatalf("ended %d sessions, error %v", ended, err)
	}
	provider, err := oidc.NewProvider(context.Background(), p.issuer)
	if err != nil {
		t.Fatal(err)
	}
	id, err := provider.Verifier(&oidc.Config{ClientID: "portal"}).Verify(context.Background(), <-told)
	if err != nil {
		t.Fatalf("the logout token: %v", err)
	}
	var claims struct {
		SID    string              `json:"sid"`
		Events map[string]struct{} `json:"events"`
		Nonce  string              `json:"nonce"`
	}
	if err := id.Claims(&claims); err != nil {
		t.Fatal(err)
	}
	if _, ok := claims.Events["http://schemas.openid.net/event/backchannel-logout"]; !ok || claims.SID == "" || claims.Nonce != "" {
		t.Errorf("logout token claims %+v", claims)
	}
	if again, _ := p.provider.RemoveSmartcard(context.Background(), "nair"); again != 0 {
		t.Errorf("%d sessions were still there", again)
	}
}
