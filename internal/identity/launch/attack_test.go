package launch_test

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"ribble/internal/identity/launch"
)

// TestAttacks posts every launch of the table: none lets anybody in, each is written down for its reason, and all read alike.
func TestAttacks(t *testing.T) {
	table, err := os.ReadFile("testdata/attacks.tsv")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(table)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(f) != 3 {
			t.Fatalf("the line has %d fields: %s", len(f), line)
		}
		n++
		t.Run(f[0], func(t *testing.T) {
			d := newDoor(t)
			w := attack(t, d, f[1])
			if w.Code != http.StatusForbidden || w.Body.String() != launch.GoBack || len(w.Result().Cookies()) != 0 {
				t.Errorf("%d %q", w.Code, w.Body)
			}
			wantIn := 0
			if f[1] == "twice" {
				wantIn = 1
			}
			if len(d.begun) != wantIn || len(d.opened) != wantIn {
				t.Errorf("%d sessions begun, %d pages on the way to a record", len(d.begun), len(d.opened))
			}
			if len(d.refused) != 1 || d.refused[0] != f[2] {
				t.Errorf("written down as %q, want %q", d.refused, f[2])
			}
			for _, secret := range []string{number, birthDate, "[refused]"} {
				if strings.Contains(d.log.String(), secret) {
					t.Errorf("the log says %q", secret)
				}
			}
		})
	}
	if n < 60 {
		t.Errorf("only %d attacks", n)
	}
}

// attack changes a good launch as the table says and posts it.
func attack(t *testing.T, d *door, changes string) *httptest.ResponseRecorder {
	t.Helper()
	p := good()
	rest, post := []string{}, d.post
	for _, change := range strings.Split(changes, " ") {
		name, value, _ := strings.Cut(change, "=")
		// A value in JSON may hold spaces.
		if i := strings.Index(changes, change); strings.Contains(value, ":") && strings.ContainsAny(value, `{"`) && strings.Count(changes, "=") == 1 {
			_, value, _ = strings.Cut(changes[i:], "=")
		}
		switch name {
		case "claim", "header":
			p.set(t, name, value)
		case "drop":
			delete(p.claims, value)
		case "alg", "key":
			p.signer(t, name, value)
		case "after":
			later, err := time.ParseDuration(value)
			if err != nil {
				t.Fatal(err)
			}
			d.later = later
		case "raw", "form", "twice":
			rest = append(rest, name, value)
		}
	}
	if len(rest) == 0 {
		return post(p.sign(t))
	}
	switch rest[0] {
	case "twice":
		token := p.sign(t)
		if w := post(token); w.Code != http.StatusOK {
			t.Fatalf("the first was refused: %q", d.refused)
		}
		return post(token)
	case "form":
		return d.serve(request(t, rest[1], p.sign(t)))
	}
	return post(raw(t, rest[1], p))
}

// set sets one claim or member of the header; a number with a sign is seconds from now.
func (p parts) set(t *testing.T, where, value string) {
	t.Helper()
	name, text, _ := strings.Cut(value, ":")
	into := p.claims
	if where == "header" {
		into = p.header
	}
	if strings.HasPrefix(text, "+") || strings.HasPrefix(text, "-") && len(text) < 8 {
		seconds, err := strconv.ParseInt(strings.TrimPrefix(text, "+"), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		into[name] = time.Now().Unix() + seconds
		return
	}
	if text == "null" {
		into[name] = nil
		return
	}
	if !json.Valid([]byte(text)) {
		t.Fatalf("%q is not JSON", text)
	}
	into[name] = json.RawMessage(text)
}

// signer picks another algorithm or key.
func (p *parts) signer(t *testing.T, name, value string) {
	t.Helper()
	switch value {
	case "none", "NONE":
		p.header["alg"], p.method, p.key = value, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType
	case "HS256":
		p.header["alg"], p.method, p.key = value, jwt.SigningMethodHS256, []byte(keySet())
	case "PS256":
		p.header["alg"], p.header["kid"], p.method = value, "rsa-1", jwt.SigningMethodPS256
	case "rsa":
		p.key = rsaKey()
	case "other":
		p.key = otherKey()
	case "pem":
		der, err := x509.MarshalPKIXPublicKey(rsaKey().Public())
		if err != nil {
			t.Fatal(err)
		}
		p.key = pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	default:
		t.Fatalf("no %s %q", name, value)
	}
}

// raw damages the compact form.
func raw(t *testing.T, how string, p parts) string {
	t.Helper()
	token := p.sign(t)
	f := strings.Split(token, ".")
	payload, err := json.Marshal(p.claims)
	if err != nil {
		t.Fatal(err)
	}
	switch how {
	case "unsigned":
		return f[0] + "." + f[1] + "."
	case "cut":
		return token[:len(token)-2]
	case "zeros":
		return f[0] + "." + f[1] + "." + b64(make([]byte, 64))
	case "der":
		sig, err := base64.RawURLEncoding.DecodeString(f[2])
		if err != nil {
			t.Fatal(err)
		}
		der, err := asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:])})
		if err != nil {
			t.Fatal(err)
		}
		return f[0] + "." + f[1] + "." + b64(der)
	case "flip":
		changed := bytes.Replace(payload, []byte(number), []byte("9993425842"), 1)
		return f[0] + "." + b64(changed) + "." + f[2]
	case "four":
		return token + "." + f[2]
	case "two":
		return f[0] + "." + f[1]
	case "dots":
		return strings.Repeat(".", 60_000)
	case "long":
		p.claims["filler"] = strings.Repeat("x", 8<<10)
		return p.sign(t)
	case "huge":
		return strings.Repeat("x", 1<<20)
	case "empty":
		return ""
	case "garbage":
		return "\x00\xff<script>.\u202e.{}"
	case "json":
		return `{"protected":"` + f[0] + `","payload":"` + f[1] + `","signature":"` + f[2] + `"}`
	case "padded":
		return f[0] + "==." + f[1] + "." + f[2]
	case "break":
		return f[0] + ".\n" + f[1] + "." + f[2]
	case "space":
		return " " + token
	case "duplicate":
		return p.signBytes(t, append([]byte(`{"patient":"9993425842",`), payload[1:]...))
	case "list":
		return p.signBytes(t, []byte(`["`+issuer+`"]`))
	case "deep":
		return p.signBytes(t, []byte(`{"iss":"`+issuer+`","x":`+strings.Repeat("[", 2000)+"}"))
	case "latin":
		return p.signBytes(t, append([]byte("{\"x\":\"\xe9\","), payload[1:]...))
	case "longid":
		p.claims["jti"] = strings.Repeat("i", 1000)
		return p.sign(t)
	case "longsub":
		p.claims["sub"] = strings.Repeat("s", 1000)
		return p.sign(t)
	}
	t.Fatalf("no way %q", how)
	return ""
}

// request damages the form around a good launch.
func request(t *testing.T, how, token string) *http.Request {
	t.Helper()
	form := url.Values{"launch": {token}}
	method, path, kind, body := http.MethodPost, launch.Path, "application/x-www-form-urlencoded", form.Encode()
	dest := "document"
	switch how {
	case "none":
		body = "lunch=" + token
	case "two":
		body += "&" + body
	case "query":
		path, body = path+"?"+body, ""
	case "json":
		kind, body = "application/json", `{"launch":"`+token+`"}`
	case "multipart":
		var b bytes.Buffer
		m := multipart.NewWriter(&b)
		if m.WriteField("launch", token) != nil || m.Close() != nil {
			t.Fatal("writing the form")
		}
		kind, body = m.FormDataContentType(), b.String()
	case "get":
		method, path, body = http.MethodGet, path+"?"+body, ""
	case "frame":
		dest = "iframe"
	case "fetch":
		dest = "empty"
	default:
		t.Fatalf("no way %q", how)
	}
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Sec-Fetch-Dest", dest)
	return r
}
