package launch_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"ribble/internal/identity"
	"ribble/internal/identity/launch"
	"ribble/internal/record"
	"ribble/internal/seal"
	"ribble/internal/telemetry"
)

const (
	origin    = "https://ribble.example"
	issuer    = "https://epr.example/RZB"
	number    = "9991411690"
	birthDate = "1942-03-03"
)

// keys of the launching system: two in its set, and one of somebody else.
var (
	ecKey    = sync.OnceValue(newEC)
	otherKey = sync.OnceValue(newEC)
	rsaKey   = sync.OnceValue(func() *rsa.PrivateKey {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		return key
	})
)

func newEC() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return key
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// keySet is the public side as a JWK set.
func keySet(ids ...string) []byte {
	point, err := ecKey().PublicKey.Bytes()
	if err != nil {
		panic(err)
	}
	set := fmt.Sprintf(`{"keys":[{"kty":"EC","use":"sig","kid":%q,"alg":"ES256","crv":"P-256","x":%q,"y":%q},`+
		`{"kty":"RSA","kid":"rsa-1","n":%q,"e":%q},{"kty":"oct","kid":"secret","k":"AAAA"},{"kty":"RSA","use":"enc","kid":"enc-1","n":"AQ","e":"AQAB"}]}`,
		append(ids, "epr-1")[0], b64(point[1:33]), b64(point[33:]), b64(rsaKey().N.Bytes()), b64(big.NewInt(int64(rsaKey().E)).Bytes()))
	return []byte(set)
}

// door is the launch handlers with everything around them in memory.
type door struct {
	t        *testing.T
	handlers *launch.Handlers
	log      *bytes.Buffer

	mu      sync.Mutex
	refused []string
	about   []record.NHSNumber
	users   []identity.User
	begun   []identity.User
	opened  []launch.Opening
	spent   map[string]bool
	// broken makes the session store fail; later moves the clock on.
	broken bool
	later  time.Duration
}

func launchers() []launch.Launcher {
	roles := []launch.Role{{Profile: "Consultant", Code: "R8000", Name: "Consultant", Activities: []string{"B0360", "B1611"}}}
	return []launch.Launcher{
		{
			ID: "bowland", Name: "Bowland EPR", Issuer: issuer, Organisation: identity.Organisation{ODS: "RZB", Name: "Bowland"}, Level: 2,
			Activities: []string{"B0360"}, Roles: roles, Algorithms: []string{"ES256"}, Keys: keySet(),
		},
		{
			ID: "fellside", Name: "Fellside EPR", Issuer: "https://epr.example/RZF", Organisation: identity.Organisation{ODS: "RZF", Name: "Fellside"}, Level: 2,
			Activities: []string{"B0360"}, Roles: append(roles, launch.Role{Profile: "*", Name: "Anybody"}), Algorithms: []string{"ES256"}, Keys: otherSet(),
		},
	}
}

// otherSet is a set under the same key id with somebody else's key.
func otherSet() []byte {
	point, err := otherKey().PublicKey.Bytes()
	if err != nil {
		panic(err)
	}
	return fmt.Appendf(nil, `{"keys":[{"kty":"EC","kid":"epr-1","crv":"P-256","x":%q,"y":%q}]}`, b64(point[1:33]), b64(point[33:]))
}

func newDoor(t *testing.T, list ...launch.Launcher) *door {
	t.Helper()
	d := &door{t: t, log: &bytes.Buffer{}, spent: map[string]bool{}}
	secret := make([]byte, seal.KeySize)
	_, _ = rand.Read(secret)
	sealer, err := seal.New(secret)
	if err != nil {
		t.Fatal(err)
	}
	if list == nil {
		list = launchers()
	}
	d.handlers, err = launch.New(launch.Config{
		Launchers: list, PublicURL: origin, Sealer: sealer, Spender: d, Auditor: d, Begin: d.begin, Log: telemetry.NewLogger(d.log, slog.LevelDebug),
		Pages: launch.Pages{Opening: d.draw, Refused: drawRefused}, Now: func() time.Time { return time.Now().Add(d.later) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Spend remembers a launch.
func (d *door) Spend(_ context.Context, purpose, issuer, id string, _ time.Time) (bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.broken {
		return false, errors.New("down")
	}
	first := !d.spent[purpose+issuer+"|"+id]
	d.spent[purpose+issuer+"|"+id] = true
	return first, nil
}

// LaunchRefused remembers a refusal.
func (d *door) LaunchRefused(_ context.Context, u identity.User, n record.NHSNumber, reason string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.refused, d.users, d.about = append(d.refused, reason), append(d.users, u), append(d.about, n)
	return nil
}

func (d *door) begin(_ http.ResponseWriter, _ *http.Request, u identity.User) (identity.User, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	u.Session = fmt.Sprintf("session-%d", len(d.begun)+1)
	d.begun = append(d.begun, u)
	return u, nil
}

func (d *door) draw(w http.ResponseWriter, _ *http.Request, o launch.Opening) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.opened = append(d.opened, o)
	_, err := w.Write([]byte("opening"))
	return err
}

func drawRefused(w http.ResponseWriter, _ *http.Request, status int, words string) error {
	w.WriteHeader(status)
	_, err := w.Write([]byte(words))
	return err
}

// post sends a signed launch as a browser does.
func (d *door) post(token string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, launch.Path, strings.NewReader(url.Values{"launch": {token}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return d.serve(r)
}

func (d *door) serve(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	// The portal bounds every body so.
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	d.handlers.Signed(w, r)
	return w
}

// parts are a launch before it is signed.
type parts struct {
	header, claims map[string]any
	key            any
	method         jwt.SigningMethod
}

func good() parts {
	now := time.Now().Unix()
	return parts{
		header: map[string]any{"alg": "ES256", "typ": "JWT", "kid": "epr-1"},
		claims: map[string]any{
			"iss": issuer, "aud": origin + "/launch", "sub": "u-17", "practitioner": map[string]any{"name": "NAIR Priya Dr", "role": "Consultant"},
			"location": "RZB", "patient": number, "birthdate": birthDate, "iat": now, "nbf": now, "exp": now + 60, "jti": rand.Text(),
		},
		key: ecKey(), method: jwt.SigningMethodES256,
	}
}

func (p parts) sign(t *testing.T) string {
	t.Helper()
	payload, err := json.Marshal(p.claims)
	if err != nil {
		t.Fatal(err)
	}
	return p.signBytes(t, payload)
}

// signBytes signs any payload.
func (p parts) signBytes(t *testing.T, payload []byte) string {
	t.Helper()
	kept := maps.Clone(p.header)
	maps.DeleteFunc(kept, func(_ string, v any) bool { return v == nil })
	head, err := json.Marshal(kept)
	if err != nil {
		t.Fatal(err)
	}
	text := b64(head) + "." + b64(payload)
	sig, err := p.method.Sign(text, p.key)
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + b64(sig)
}
