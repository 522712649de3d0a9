package epr_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"ribble/internal/sandbox/epr"
	"ribble/internal/sandbox/story"
)

const portal = "http://127.0.0.1:8080"

// newServer is a running system with one hospital.
func newServer(t *testing.T) (*epr.Server, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	var s *epr.Server
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.Handler().ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	s = epr.New(epr.Config{
		Origin: server.URL, Portal: portal, World: story.NewWorld(1, 5, time.Now()), Client: epr.Client{ID: "ribble", Key: key.Public()},
		Sites: []epr.Site{{ODS: "RZB", Name: "Bowland", Smart: true, Clinicians: []epr.Clinician{{ID: "nair", UserID: "1", Name: "NAIR Priya Dr", Profile: "Consultant"}}}},
	})
	return s, key
}

func do(t *testing.T, req *http.Request) (int, string, http.Header) {
	t.Helper()
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body), resp.Header
}

func get(t *testing.T, address string) (int, string, http.Header) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	return do(t, req)
}

func post(t *testing.T, address string, form url.Values) (int, string, http.Header) {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return do(t, req)
}

var (
	button = regexp.MustCompile(`name="patient" value="([^"]+)"`)
	field  = regexp.MustCompile(`name="launch" value="([^"]+)"`)
)

// TestSignedLaunch presses a button of the list: the launch that it posts is about this patient, and the published key verifies it.
func TestSignedLaunch(t *testing.T) {
	s, _ := newServer(t)
	status, list, _ := get(t, s.Origin+"/RZB")
	local := button.FindStringSubmatch(list)
	if status != http.StatusOK || local == nil {
		t.Fatalf("%d, no patient in: %s", status, list)
	}
	_, page, _ := post(t, s.Origin+"/RZB/open", url.Values{"patient": {local[1]}, "by": {"signed"}})
	if !strings.Contains(page, `action="`+portal+`/launch"`) {
		t.Errorf("the launch goes elsewhere: %s", page)
	}
	claims := jwt.MapClaims{}
	_, err := jwt.ParseWithClaims(field.FindStringSubmatch(page)[1], claims, func(*jwt.Token) (any, error) { return &s.Key("RZB").PublicKey, nil })
	if err != nil || claims["location"] != "RZB" || claims["patient"] != s.World.Notable()[0].NHSNumber || claims["birthdate"] != "1942-03-03" {
		t.Errorf("%v, %v", claims["location"], err)
	}
	if _, set, _ := get(t, s.KeysURL("RZB")); set != string(s.KeySet("RZB")) {
		t.Errorf("published %s", set)
	}
	for _, address := range []string{"/RZX", "/RZB?as=nobody", "/RZX/jwks.json"} {
		if status, _, _ := get(t, s.Origin+address); status != http.StatusNotFound {
			t.Errorf("%s: %d", address, status)
		}
	}
}

// TestSmartIsStrict goes the SMART way, and at each step wrongly first: the sandbox refuses what a real system would.
func TestSmartIsStrict(t *testing.T) {
	s, key := newServer(t)
	_, list, _ := get(t, s.Origin+"/RZB")
	local := button.FindStringSubmatch(list)[1]
	// The verifier is the challenge's origin: S256 of "verifier".
	ask := func(change func(url.Values)) url.Values {
		_, _, h := post(t, s.Origin+"/RZB/open", url.Values{"patient": {local}, "by": {"smart"}})
		launched, err := url.Parse(h.Get("Location"))
		if err != nil {
			t.Fatal(err)
		}
		q := url.Values{
			"response_type": {"code"}, "client_id": {"ribble"}, "redirect_uri": {portal + "/back"}, "scope": {"launch openid fhirUser"}, "state": {"s"},
			"nonce": {"n"}, "aud": {launched.Query().Get("iss")}, "launch": {launched.Query().Get("launch")}, "code_challenge_method": {"S256"},
			"code_challenge": {"iMnq5o6zALKXGivsnlom_0F5_WYda32GHkxlV7mq7hQ"},
		}
		change(q)
		_, _, h = get(t, s.Issuer("RZB")+"/authorize?"+q.Encode())
		back, err := url.Parse(h.Get("Location"))
		if err != nil {
			t.Fatal(err)
		}
		return back.Query()
	}
	for _, name := range []string{"launch", "aud", "scope", "code_challenge", "response_type", "client_id", "redirect_uri"} {
		if q := ask(func(q url.Values) { q.Set(name, "x") }); q.Get("code") != "" {
			t.Errorf("a code in spite of a wrong %s", name)
		}
	}
	redeem := func(q url.Values, verifier string) (int, string) {
		assertion, err := jwt.NewWithClaims(jwt.SigningMethodES384, jwt.RegisteredClaims{
			Issuer: "ribble", Subject: "ribble", Audience: jwt.ClaimStrings{s.Issuer("RZB") + "/token"}, ID: rand.Text(), ExpiresAt: jwt.NewNumericDate(time.Now().Add(time.Minute)),
		}).SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		status, body, _ := post(t, s.Issuer("RZB")+"/token", url.Values{
			"code": {q.Get("code")}, "redirect_uri": {portal + "/back"}, "code_verifier": {verifier}, "client_assertion": {assertion},
		})
		return status, body
	}
	if status, _ := redeem(ask(func(url.Values) {}), "another"); status != http.StatusBadRequest {
		t.Errorf("tokens for another verifier: %d", status)
	}
	good := ask(func(url.Values) {})
	status, body := redeem(good, "verifier")
	var granted struct {
		Token   string `json:"access_token"`
		Patient string `json:"patient"`
	}
	if err := json.Unmarshal([]byte(body), &granted); err != nil || status != http.StatusOK || granted.Patient != local {
		t.Fatalf("%d %s", status, body)
	}
	if status, _ := redeem(good, "verifier"); status != http.StatusBadRequest {
		t.Errorf("a code used twice: %d", status)
	}
	for path, want := range map[string]int{"Patient/" + local: 200, "PractitionerRole/nair": 200, "Patient/other": 404} {
		req, err := http.NewRequest(http.MethodGet, s.FHIR("RZB")+"/"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if status, _, _ := do(t, req); status != http.StatusBadRequest {
			t.Errorf("%s without a token: %d", path, status)
		}
		req.Header.Set("Authorization", "Bearer "+granted.Token)
		if status, _, _ := do(t, req); status != want {
			t.Errorf("%s: %d", path, status)
		}
	}
}
