package signin_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const clientID = "ribble"

var (
	signingKey = sync.OnceValue(func() *rsa.PrivateKey { return newRSA() })
	strangeKey = sync.OnceValue(func() *rsa.PrivateKey { return newRSA() })
	clientKey  = sync.OnceValue(func() *ecdsa.PrivateKey {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			panic(err)
		}
		return key
	})
)

func newRSA() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
}

// provider is a small OpenID provider that answers honestly until a test tells it otherwise.
type provider struct {
	t      *testing.T
	server *httptest.Server
	// forge, when set, makes the ID token from the honest claims; userInfo changes the user information.
	forge    func(honest jwt.MapClaims) string
	userInfo func(info map[string]any)
	fetched  int
	// discovery changes the provider's addresses; keysAsked counts how often its keys were asked for.
	discovery func(map[string]any)
	keysAsked atomic.Int32

	mu sync.Mutex
	// key signs from now on, under the name kid; faulty answers in place of the path that is broken.
	key    *rsa.PrivateKey
	kid    string
	broken string
	faulty http.HandlerFunc
	codes  map[string]url.Values
}

func newProvider(t *testing.T) *provider {
	p := &provider{t: t, codes: map[string]url.Values{}, key: signingKey(), kid: "k1"}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		d := map[string]any{
			"issuer": p.server.URL, "authorization_endpoint": p.server.URL + "/authorize", "token_endpoint": p.server.URL + "/token",
			"userinfo_endpoint": p.server.URL + "/userinfo", "jwks_uri": p.server.URL + "/keys",
			// What the provider says it might sign with must not widen what we accept.
			"id_token_signing_alg_values_supported": []string{"none", "HS256", "RS256", "RS512", "PS256", "ES256"},
		}
		if p.discovery != nil {
			p.discovery(d)
		}
		answer(w, d)
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		p.keysAsked.Add(1)
		p.mu.Lock()
		public, kid := p.key.PublicKey, p.kid
		p.mu.Unlock()
		answer(w, map[string]any{"keys": []any{map[string]string{
			"kty": "RSA", "use": "sig", "kid": kid, "n": encode(public.N.Bytes()), "e": encode(big.NewInt(int64(public.E)).Bytes()),
		}}})
	})
	mux.HandleFunc("POST /token", p.token)
	mux.HandleFunc("GET /userinfo", p.user)
	// An address that an attacker's token points to: nobody may come here.
	mux.HandleFunc("GET /attacker", func(http.ResponseWriter, *http.Request) { p.fetched++ })
	p.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		faulty := p.faulty
		if r.URL.Path != p.broken {
			faulty = nil
		}
		p.mu.Unlock()
		if faulty != nil {
			faulty(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(p.server.Close)
	return p
}

// rotate gives the provider another key.
func (p *provider) rotate(key *rsa.PrivateKey, kid string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.key, p.kid = key, kid
}

// fail breaks one address of the provider, until told otherwise.
func (p *provider) fail(path string, how http.HandlerFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.broken, p.faulty = path, how
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

// authorize does what the browser and the user do at the provider: it gives the values with which the browser comes back.
func (p *provider) authorize(location string) url.Values {
	p.t.Helper()
	u, err := url.Parse(location)
	if err != nil {
		p.t.Fatal(err)
	}
	q := u.Query()
	if q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" || q.Get("prompt") != "login" || q.Get("nonce") == "" {
		p.t.Fatalf("not the right question: %v", q)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	code := rand.Text()
	p.codes[code] = q
	return url.Values{"code": {code}, "state": {q.Get("state")}, "iss": {p.server.URL}}
}

func (p *provider) token(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	q, known := p.codes[r.PostFormValue("code")]
	delete(p.codes, r.PostFormValue("code"))
	p.mu.Unlock()
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	_, err := jwt.ParseWithClaims(r.PostFormValue("client_assertion"), &jwt.RegisteredClaims{}, func(*jwt.Token) (any, error) { return clientKey().Public(), nil },
		jwt.WithValidMethods([]string{"ES256"}), jwt.WithAudience(p.server.URL+"/token"), jwt.WithIssuer(clientID), jwt.WithSubject(clientID), jwt.WithExpirationRequired())
	if !known || err != nil || encode(sum[:]) != q.Get("code_challenge") || r.PostFormValue("redirect_uri") != q.Get("redirect_uri") {
		w.WriteHeader(http.StatusBadRequest)
		answer(w, map[string]string{"error": "invalid_grant"})
		return
	}
	answer(w, map[string]any{"access_token": "access", "token_type": "Bearer", "expires_in": 60, "id_token": p.idToken(q.Get("nonce"))})
}

func (p *provider) idToken(nonce string) string {
	now := time.Now().Unix()
	honest := jwt.MapClaims{
		"iss": p.server.URL, "aud": clientID, "sub": "555", "exp": now + 60, "iat": now, "auth_time": now, "nonce": nonce, "acr": "AAL3_ANY",
		"authentication_assurance_level": 3, "sid": "sid-1", "selected_roleid": "r1",
	}
	if p.forge != nil {
		return p.forge(honest)
	}
	return sign(jwt.SigningMethodRS256, signingKey(), honest, nil)
}

// sign makes a token with the given header members besides alg and kid.
func sign(method jwt.SigningMethod, key any, claims jwt.Claims, header map[string]any) string {
	token := jwt.NewWithClaims(method, claims)
	token.Header["kid"] = "k1"
	for name, value := range header {
		token.Header[name] = value
	}
	signed, err := token.SignedString(key)
	if err != nil {
		panic(err)
	}
	return signed
}

func (p *provider) user(w http.ResponseWriter, r *http.Request) {
	role := func(id, ods, code, name string) map[string]any {
		return map[string]any{"person_roleid": id, "org_code": ods, "role_code": code, "role_name": name, "activity_codes": []string{"B0360", "B0370"}}
	}
	info := map[string]any{
		"sub": "555", "nhsid_useruid": "555036630105", "name": "SMITH Jane (Dr)",
		"nhsid_nrbac_roles": []any{
			role("r1", "RXR", "S8000:G8000:R8000", `"Clinical":"Clinical Provision":"Clinical Practitioner Access Role"`),
			role("r2", "P81001", "S8000:G8000:R8001", `"Clinical":"Clinical Provision":"Nurse Access Role"`),
		},
		"nhsid_user_orgs": []any{map[string]any{"org_code": "RXR", "org_name": "Bowland Hospital"}},
	}
	if p.userInfo != nil {
		p.userInfo(info)
	}
	if r.Header.Get("Authorization") != "Bearer access" {
		w.WriteHeader(http.StatusUnauthorized)
	}
	answer(w, info)
}
