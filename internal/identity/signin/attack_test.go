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
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// raw makes a token from its parts, signed by nobody.
func raw(header, payload any, signature string) string {
	h, _ := json.Marshal(header)
	p, _ := json.Marshal(payload)
	return encode(h) + "." + encode(p) + "." + signature
}

func honestly(c jwt.MapClaims) string { return sign(jwt.SigningMethodRS256, signingKey(), c, nil) }

// with is an honest token but for one claim; a nil value leaves the claim out.
func with(name string, value any) func(*provider, jwt.MapClaims) string {
	return func(_ *provider, c jwt.MapClaims) string {
		c[name] = value
		if value == nil {
			delete(c, name)
		}
		return honestly(c)
	}
}

// ago is a time as a claim.
func ago(d time.Duration) int64 { return time.Now().Add(-d).Unix() }

func headed(alg string, more map[string]any) map[string]any {
	h := map[string]any{"alg": alg, "kid": "k1", "typ": "JWT"}
	for name, value := range more {
		h[name] = value
	}
	return h
}

func unsigned(alg string) func(*provider, jwt.MapClaims) string {
	return func(_ *provider, c jwt.MapClaims) string { return raw(headed(alg, nil), c, "") }
}

// strangely is a token of an attacker's key, with header members that point to it.
func strangely(header func(*provider) map[string]any) func(*provider, jwt.MapClaims) string {
	return func(op *provider, c jwt.MapClaims) string {
		return sign(jwt.SigningMethodRS256, strangeKey(), c, header(op))
	}
}

func header(name string, value any) func(*provider) map[string]any {
	return func(*provider) map[string]any { return map[string]any{name: value} }
}

func publicPEM(t *testing.T) []byte {
	der, err := x509.MarshalPKIXPublicKey(signingKey().Public())
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

func TestForgedTokens(t *testing.T) {
	elliptical, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	strangeJWK := map[string]string{
		"kty": "RSA", "kid": "k1", "n": encode(strangeKey().N.Bytes()), "e": encode(big.NewInt(int64(strangeKey().E)).Bytes()),
	}
	attacks := map[string]func(*provider, jwt.MapClaims) string{
		"none": unsigned("none"), "None": unsigned("None"), "NONE": unsigned("NONE"), "nOnE": unsigned("nOnE"), "empty algorithm": unsigned(""),
		"none with a signature": func(_ *provider, c jwt.MapClaims) string {
			return raw(headed("none", nil), c, honestly(c)[strings.LastIndex(honestly(c), ".")+1:])
		},
		"no algorithm":        func(_ *provider, c jwt.MapClaims) string { return raw(map[string]any{"kid": "k1"}, c, "") },
		"algorithm as a list": func(_ *provider, c jwt.MapClaims) string { return raw(map[string]any{"alg": []string{"RS256"}}, c, "") },
		"RS256 unsigned":      unsigned("RS256"),
		"shared secret: public key as PEM": func(_ *provider, c jwt.MapClaims) string {
			return sign(jwt.SigningMethodHS256, publicPEM(t), c, nil)
		},
		"shared secret: modulus": func(_ *provider, c jwt.MapClaims) string {
			return sign(jwt.SigningMethodHS256, signingKey().N.Bytes(), c, nil)
		},
		"shared secret: client id": func(_ *provider, c jwt.MapClaims) string {
			return sign(jwt.SigningMethodHS512, []byte(clientID), c, nil)
		},
		"algorithm not allowed":     func(_ *provider, c jwt.MapClaims) string { return sign(jwt.SigningMethodRS512, signingKey(), c, nil) },
		"padding not allowed":       func(_ *provider, c jwt.MapClaims) string { return sign(jwt.SigningMethodPS256, signingKey(), c, nil) },
		"other kind of key":         func(_ *provider, c jwt.MapClaims) string { return sign(jwt.SigningMethodES256, elliptical, c, nil) },
		"our own client key":        func(_ *provider, c jwt.MapClaims) string { return sign(jwt.SigningMethodES256, clientKey(), c, nil) },
		"strange key, known kid":    strangely(header("kid", "k1")),
		"strange key, no kid":       strangely(header("kid", "")),
		"kid is a path":             strangely(header("kid", "../../../../dev/null")),
		"kid is SQL":                strangely(header("kid", "k1' OR '1'='1")),
		"kid is a URL":              strangely(func(op *provider) map[string]any { return map[string]any{"kid": op.server.URL + "/attacker"} }),
		"kid is a command":          strangely(header("kid", "|touch /tmp/x")),
		"kid is a number":           strangely(header("kid", 1)),
		"jku":                       strangely(func(op *provider) map[string]any { return map[string]any{"jku": op.server.URL + "/attacker"} }),
		"x5u":                       strangely(func(op *provider) map[string]any { return map[string]any{"x5u": op.server.URL + "/attacker"} }),
		"key in the header":         strangely(header("jwk", strangeJWK)),
		"certificate in the header": strangely(header("x5c", []string{"MIIB"})),
		"unknown critical extension": func(_ *provider, c jwt.MapClaims) string {
			return sign(jwt.SigningMethodRS256, signingKey(), c, map[string]any{"crit": []string{"x"}, "x": 1})
		},
		"payload not encoded": func(_ *provider, c jwt.MapClaims) string {
			return sign(jwt.SigningMethodRS256, signingKey(), c, map[string]any{"crit": []string{"b64"}, "b64": false})
		},
		"payload changed": func(_ *provider, c jwt.MapClaims) string {
			parts := strings.Split(honestly(c), ".")
			c["sub"] = "556"
			return raw(headed("RS256", nil), c, parts[2])
		},
		"signature cut":      func(_ *provider, c jwt.MapClaims) string { return honestly(c)[:len(honestly(c))-4] },
		"signature missing":  func(_ *provider, c jwt.MapClaims) string { s := honestly(c); return s[:strings.LastIndex(s, ".")+1] },
		"two parts":          func(_ *provider, c jwt.MapClaims) string { s := honestly(c); return s[:strings.LastIndex(s, ".")] },
		"four parts":         func(_ *provider, c jwt.MapClaims) string { return honestly(c) + ".x" },
		"five parts (JWE)":   func(_ *provider, c jwt.MapClaims) string { return honestly(c) + ".x.y" },
		"100,000 dots":       func(*provider, jwt.MapClaims) string { return strings.Repeat(".", 100_000) },
		"1 MB":               func(_ *provider, c jwt.MapClaims) string { c["x"] = strings.Repeat("x", 1<<20); return honestly(c) },
		"9 KiB, well signed": func(_ *provider, c jwt.MapClaims) string { c["x"] = strings.Repeat("x", 6<<10); return honestly(c) },
		"empty":              func(*provider, jwt.MapClaims) string { return "" },
		"not a token":        func(*provider, jwt.MapClaims) string { return "<html>" },
		"JSON form": func(_ *provider, c jwt.MapClaims) string {
			parts := strings.Split(honestly(c), ".")
			return `{"protected":"` + parts[0] + `","payload":"` + parts[1] + `","signature":"` + parts[2] + `","x":".."}`
		},
		"spaces around": func(_ *provider, c jwt.MapClaims) string { return " " + honestly(c) + "\n" },

		"issuer: other":        with("iss", "https://evil.example"),
		"issuer: slash at end": func(op *provider, c jwt.MapClaims) string { return with("iss", op.server.URL+"/")(op, c) },
		"issuer: capitals":     func(op *provider, c jwt.MapClaims) string { return with("iss", strings.ToUpper(op.server.URL))(op, c) },
		"issuer: look-alike":   func(op *provider, c jwt.MapClaims) string { return with("iss", op.server.URL+".evil.example")(op, c) },
		"issuer: missing":      with("iss", nil),
		"issuer: list":         func(op *provider, c jwt.MapClaims) string { return with("iss", []string{op.server.URL})(op, c) },
		"audience: other":      with("aud", "someone-else"),
		"audience: capitals":   with("aud", "RIBBLE"),
		"audience: missing":    with("aud", nil),
		"audience: two":        with("aud", []string{clientID, "someone-else"}),
		"authorised: someone":  with("azp", "someone-else"),
		"subject: missing":     with("sub", nil),
		"subject: number":      with("sub", 555),
		"nonce: missing":       with("nonce", nil),
		"nonce: empty":         with("nonce", ""),
		"nonce: replayed":      with("nonce", "of-an-earlier-sign-in"),
		"nonce: null":          func(_ *provider, c jwt.MapClaims) string { c["nonce"] = json.RawMessage("null"); return honestly(c) },
		"nonce: under other name": func(_ *provider, c jwt.MapClaims) string {
			c["NONCE"] = c["nonce"]
			delete(c, "nonce")
			return honestly(c)
		},
		"expired":               with("exp", ago(time.Second)),
		"expiry: missing":       with("exp", nil),
		"expiry: text":          with("exp", "never"),
		"expiry: negative":      with("exp", -1),
		"not yet valid":         with("nbf", ago(-10*time.Minute)),
		"not yet valid, nearly": with("nbf", ago(-2*time.Minute)),
		"issued in future":      with("iat", ago(-10*time.Minute)),
		"issued long ago":       with("iat", ago(time.Hour)),
		"issue time: missing":   with("iat", nil),
		"logout token": func(_ *provider, c jwt.MapClaims) string {
			delete(c, "nonce")
			c["events"] = map[string]any{"http://schemas.openid.net/event/backchannel-logout": struct{}{}}
			return sign(jwt.SigningMethodRS256, signingKey(), c, map[string]any{"typ": "logout+jwt"})
		},
		"other access token": with("at_hash", "AAAAAAAAAAAAAAAAAAAAAA"),
	}
	for name, forge := range attacks {
		t.Run(name, func(t *testing.T) { refusedToken(t, forge, "token") })
	}
	reasons := map[string]map[string]func(*provider, jwt.MapClaims) string{
		"assurance_too_low": {
			"level 1":        with("authentication_assurance_level", 1),
			"level 0":        with("authentication_assurance_level", 0),
			"level 4":        with("authentication_assurance_level", 4),
			"level missing":  with("authentication_assurance_level", nil),
			"level negative": with("authentication_assurance_level", -3),
			"level under another name": func(_ *provider, c jwt.MapClaims) string {
				c["Authentication_Assurance_Level"] = 3
				return with("authentication_assurance_level", nil)(nil, c)
			},
			"acr password":   with("acr", "AAL1_USERPASS"),
			"acr unknown":    with("acr", "AAL9"),
			"acr missing":    with("acr", nil),
			"acr lower case": with("acr", "aal3_any"),
		},
		"authentication_too_old": {
			"authenticated yesterday":  with("auth_time", ago(24*time.Hour)),
			"authenticated in future":  with("auth_time", ago(-time.Hour)),
			"authenticated at no time": with("auth_time", nil),
		},
		"role_mismatch": {
			"role of nobody":    with("selected_roleid", "r9"),
			"role in capitals":  with("selected_roleid", "R1"),
			"role with a space": with("selected_roleid", "r1 "),
			"several roles":     with("selected_roleid", "r1,r2"),
		},
		"token": {
			"level as text": with("authentication_assurance_level", "3"), "level 2.5": with("authentication_assurance_level", 2.5),
			"role as a list": with("selected_roleid", []string{"r1"}),
		},
	}
	for reason, attacks := range reasons {
		for name, forge := range attacks {
			t.Run(name, func(t *testing.T) { refusedToken(t, forge, reason) })
		}
	}
}

func refusedToken(t *testing.T, forge func(*provider, jwt.MapClaims) string, reason string) {
	t.Helper()
	p := newPortal(t)
	p.op.forge = func(c jwt.MapClaims) string { return forge(p.op, c) }
	status, body, _ := p.callback(p.start("/"))
	if reason == "token" && len(p.events) == 1 && p.events[0] == "failed exchange" {
		// An answer too large or without a token is refused one step earlier.
		reason = "exchange"
	}
	p.refused(status, body, reason)
	if p.op.fetched != 0 {
		t.Error("an address in the token was visited")
	}
}

// TestDuplicateClaims signs a payload in which one name stands twice: different readers would see different users.
func TestDuplicateClaims(t *testing.T) {
	for _, extra := range []string{`"sub":"556"`, `"nonce":"x"`, `"authentication_assurance_level":3`} {
		p := newPortal(t)
		p.op.forge = func(c jwt.MapClaims) string {
			payload, err := json.Marshal(c)
			if err != nil {
				t.Fatal(err)
			}
			h, _ := json.Marshal(headed("RS256", nil))
			input := encode(h) + "." + encode(append(payload[:len(payload)-1], []byte(","+extra+"}")...))
			signature, err := jwt.SigningMethodRS256.Sign(input, signingKey())
			if err != nil {
				t.Fatal(err)
			}
			return input + "." + encode(signature)
		}
		status, body, _ := p.callback(p.start("/"))
		p.refused(status, body, "token")
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
