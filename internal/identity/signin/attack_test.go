package signin_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

func honestly(c jwt.MapClaims) string { return sign(jwt.SigningMethodRS256, signingKey(), c, nil) }

// ago is a time as a claim.
func ago(d time.Duration) int64 { return time.Now().Add(-d).Unix() }

// attack is one line of an attack table: an honest token but for what the line says.
type attack struct {
	Name string `json:"name"`
	// Want is the reason for which a sign-in must fail.
	Want string `json:"want"`
	// Header and Claims replace members; null leaves one out, unless Nulls keeps nulls among the claims. Drop leaves claims out.
	Header map[string]any `json:"header"`
	Claims map[string]any `json:"claims"`
	Nulls  bool           `json:"nulls"`
	Drop   []string       `json:"drop"`
	// Extra is put at the end of the payload as it stands: a name that is there already.
	Extra string `json:"extra"`
	// Sign says who signs, and how, when not the provider; Shape what becomes of the finished token.
	Sign  string `json:"sign"`
	Shape string `json:"shape"`
}

func attacks(t *testing.T, file string, least int) []attack {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	var list []attack
	names := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		var a attack
		d := json.NewDecoder(strings.NewReader(line))
		d.DisallowUnknownFields()
		if err := d.Decode(&a); err != nil || a.Name == "" || names[a.Name] {
			t.Fatalf("line %d of %s: %v", len(list)+1, file, err)
		}
		names[a.Name] = true
		list = append(list, a)
	}
	if len(list) < least {
		t.Fatalf("only %d attacks", len(list))
	}
	return list
}

// forge makes the token of the attack from the honest claims.
func (a attack) forge(issuer string, honest jwt.MapClaims) string {
	before := mustJSON(honest)
	for name, value := range a.Claims {
		honest[name] = filled(value, issuer, honest)
		if value == nil && !a.Nulls {
			delete(honest, name)
		}
	}
	for _, name := range a.Drop {
		delete(honest, name)
	}
	if a.Shape == "1MB" || a.Shape == "9KiB" {
		honest["x"] = strings.Repeat("x", map[string]int{"1MB": 1 << 20, "9KiB": 6 << 10}[a.Shape])
	}
	payload := mustJSON(honest)
	if a.Extra != "" {
		payload = append(payload[:len(payload)-1], ","+a.Extra+"}"...)
	}
	header := map[string]any{"alg": "RS256", "kid": "k1", "typ": "JWT"}
	sign := a.signer(header)
	for name, value := range a.Header {
		header[name] = filled(value, issuer, honest)
		if value == nil {
			delete(header, name)
		}
	}
	input := encode(mustJSON(header)) + "." + encode(payload)
	signed := input
	switch a.Sign {
	case "before":
		signed = encode(mustJSON(header)) + "." + encode(before)
	case "borrowed":
		signed = encode(mustJSON(map[string]any{"alg": "RS256", "kid": "k1"})) + "." + encode(payload)
	}
	return a.shape(input + "." + encode(sign(signed)))
}

// signer gives what signs, and puts its algorithm into the header.
func (a attack) signer(header map[string]any) func(string) []byte {
	with := func(method jwt.SigningMethod, key any) func(string) []byte {
		header["alg"] = method.Alg()
		return func(input string) []byte {
			signature, err := method.Sign(input, key)
			if err != nil {
				panic(err)
			}
			return signature
		}
	}
	switch a.Sign {
	case "nobody":
		return func(string) []byte { return nil }
	case "strange":
		return with(jwt.SigningMethodRS256, strangeKey())
	case "own":
		return with(jwt.SigningMethodES256, clientKey())
	case "es256":
		return with(jwt.SigningMethodES256, ellipticKey())
	case "rs512":
		return with(jwt.SigningMethodRS512, signingKey())
	case "ps256":
		return with(jwt.SigningMethodPS256, signingKey())
	case "hs256-pem":
		return with(jwt.SigningMethodHS256, publicPEM())
	case "hs256-modulus":
		return with(jwt.SigningMethodHS256, signingKey().N.Bytes())
	case "hs256-empty":
		return with(jwt.SigningMethodHS256, []byte{})
	case "hs512-client":
		return with(jwt.SigningMethodHS512, []byte(clientID))
	case "", "before", "borrowed":
		return with(jwt.SigningMethodRS256, signingKey())
	}
	panic("nobody signs like " + a.Sign)
}

func (a attack) shape(token string) string {
	parts := strings.Split(token, ".")
	switch a.Shape {
	case "", "1MB", "9KiB":
		return token
	case "cut-signature":
		return token[:len(token)-4]
	case "no-signature":
		return parts[0] + "." + parts[1] + "."
	case "signature-of-another":
		return parts[0] + "." + parts[1] + "." + encode(make([]byte, 256))
	case "two-parts":
		return parts[0] + "." + parts[1]
	case "four-parts":
		return token + ".x"
	case "five-parts":
		return token + ".x.y"
	case "dots":
		return strings.Repeat(".", 100_000)
	case "json":
		return `{"protected":"` + parts[0] + `","payload":"` + parts[1] + `","signature":"` + parts[2] + `","x":".."}`
	case "spaces":
		return " " + token + "\n"
	case "empty":
		return ""
	case "html":
		return "<html>"
	}
	panic("no shape " + a.Shape)
}

var clockClaim = regexp.MustCompile(`^\{now([+-][0-9]+)\}$`)

// filled puts addresses and times where a line names them.
func filled(value any, issuer string, honest jwt.MapClaims) any {
	switch v := value.(type) {
	case []any:
		for i := range v {
			v[i] = filled(v[i], issuer, honest)
		}
	case map[string]any:
		for name := range v {
			v[name] = filled(v[name], issuer, honest)
		}
	case string:
		if m := clockClaim.FindStringSubmatch(v); m != nil {
			seconds, _ := strconv.Atoi(m[1]) // the expression lets only numbers through
			return time.Now().Unix() + int64(seconds)
		}
		if v == "{strange-jwk}" {
			return map[string]string{"kty": "RSA", "kid": "k1", "n": encode(strangeKey().N.Bytes()), "e": encode(big.NewInt(int64(strangeKey().E)).Bytes())}
		}
		nonce, _ := honest["nonce"].(string)
		return strings.NewReplacer("{issuer}", issuer, "{ISSUER}", strings.ToUpper(issuer), "{nonce}", nonce).Replace(v)
	}
	return value
}

func mustJSON(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return raw
}

var ellipticKey = sync.OnceValue(func() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return key
})

func publicPEM() []byte {
	der, err := x509.MarshalPKIXPublicKey(signingKey().Public())
	if err != nil {
		panic(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

// TestForgedTokens tries every line of the table in place of an honest ID token, and an honest one to show that it is the line that fails.
func TestForgedTokens(t *testing.T) {
	p := newPortal(t)
	p.op.forge = func(c jwt.MapClaims) string { return attack{}.forge(p.op.server.URL, c) }
	if status, to, _ := p.callback(p.start("/")); status != http.StatusSeeOther || to != "/" {
		t.Fatalf("an honest token is refused: %d %s", status, to)
	}
	for _, a := range attacks(t, "token_attacks.jsonl", 100) {
		t.Run(a.Name, func(t *testing.T) {
			p := newPortal(t)
			p.op.forge = func(c jwt.MapClaims) string { return a.forge(p.op.server.URL, c) }
			status, body, _ := p.callback(p.start("/"))
			want := a.Want
			if want == "token" && len(p.events) == 1 && p.events[0] == "failed exchange" {
				// An answer too large or without a token is refused one step earlier.
				want = "exchange"
			}
			p.refused(status, body, want)
			if p.op.fetched != 0 {
				t.Error("an address in the token was visited")
			}
		})
	}
}

func TestUserInformation(t *testing.T) {
	roles := func(info map[string]any) []any { return info["nhsid_nrbac_roles"].([]any) }
	for name, c := range map[string]struct {
		change func(map[string]any)
		reason string
	}{
		"someone else":        {func(i map[string]any) { i["sub"] = "556" }, "token"},
		"no subject":          {func(i map[string]any) { delete(i, "sub") }, "token"},
		"no name":             {func(i map[string]any) { i["name"] = "\u202e \t" }, "token"},
		"no roles":            {func(i map[string]any) { i["nhsid_nrbac_roles"] = []any{} }, "no_role"},
		"roles missing":       {func(i map[string]any) { delete(i, "nhsid_nrbac_roles") }, "no_role"},
		"one id twice":        {func(i map[string]any) { roles(i)[1].(map[string]any)["person_roleid"] = "r1" }, "role_mismatch"},
		"role without id":     {func(i map[string]any) { roles(i)[1].(map[string]any)["person_roleid"] = "" }, "role_mismatch"},
		"role of no one":      {func(i map[string]any) { roles(i)[0].(map[string]any)["org_code"] = "" }, "role_mismatch"},
		"roles are no list":   {func(i map[string]any) { i["nhsid_nrbac_roles"] = "r1" }, "token"},
		"larger than we read": {func(i map[string]any) { i["x"] = strings.Repeat("x", 2<<20) }, "provider_unavailable"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPortal(t)
			p.op.userInfo = c.change
			status, body, _ := p.callback(p.start("/"))
			p.refused(status, body, c.reason)
		})
	}
}

func TestForgedCallbacks(t *testing.T) {
	change := func(name, value string) func(*portal, url.Values) {
		return func(_ *portal, v url.Values) { v.Set(name, value) }
	}
	for name, c := range map[string]struct {
		attack func(*portal, url.Values)
		reason string
	}{
		"state: other":             {change("state", "x"), "state"},
		"state: missing":           {change("state", ""), "state"},
		"issuer: other (mix-up)":   {change("iss", "https://evil.example"), "state"},
		"code: missing":            {change("code", ""), "provider_refused"},
		"code: unknown":            {change("code", "x"), "exchange"},
		"code: huge":               {change("code", strings.Repeat("x", 3000)), "provider_refused"},
		"error":                    {change("error", "server_error"), "provider_refused"},
		"cancelled":                {change("error", "access_denied"), "cancelled"},
		"browser of someone else":  {func(p *portal, _ url.Values) { p.browser = p.newBrowser() }, "state"},
		"too late":                 {func(p *portal, _ url.Values) { p.later = 11 * time.Minute }, "state"},
		"state of a later sign-in": {func(p *portal, v url.Values) { v.Set("state", p.start("/").Get("state")) }, "exchange"},
		"code of another sign-in": {func(p *portal, v url.Values) {
			mine := p.browser
			p.browser = p.newBrowser()
			v.Set("code", p.start("/").Get("code"))
			p.browser = mine
		}, "exchange"},
		"cookie altered": {func(p *portal, _ url.Values) { p.tamper(func(v string) string { return v[:len(v)-2] + "AA" }) }, "state"},
		"cookie of another kind": {func(p *portal, _ url.Values) {
			p.tamper(func(string) string { return strings.Repeat("A", 100) })
		}, "state"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPortal(t)
			v := p.start("/")
			c.attack(p, v)
			status, body, _ := p.callback(v)
			p.refused(status, body, c.reason)
		})
	}
}

// tamper changes the sign-in cookie in the browser.
func (p *portal) tamper(change func(string) string) {
	u, err := url.Parse(p.server.URL)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, c := range p.browser.Jar.Cookies(u) {
		p.browser.Jar.SetCookies(u, []*http.Cookie{{Name: c.Name, Value: change(c.Value), Path: "/", Secure: true}})
	}
}

func TestACallbackWorksOnce(t *testing.T) {
	p := newPortal(t)
	v := p.start("/")
	p.callback(v)
	if status, _, _ := p.callback(v); status != http.StatusBadRequest || len(p.sessions) != 1 {
		t.Errorf("replayed: %d, %d sessions", status, len(p.sessions))
	}
}

func TestUnknownProvider(t *testing.T) {
	p := newPortal(t)
	status, body, _ := p.visit("POST", "/sign-in/other", nil)
	p.refused(status, body, "state")
}

func TestTwoSessionCookiesAreNone(t *testing.T) {
	p := newPortal(t)
	p.callback(p.start("/"))
	req, err := http.NewRequest("POST", p.server.URL+"/sign-out", nil)
	if err != nil {
		t.Fatal(err)
	}
	// Cookie tossing: a second cookie of the name, put in front by a sibling host.
	req.Header.Set("Cookie", "__Host-ribble-session="+strings.Repeat("A", 43))
	resp, err := p.browser.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if len(p.sessions) != 1 {
		t.Error("one of two cookies was believed")
	}
}
