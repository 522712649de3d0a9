// Command launch-example shows suppliers of records systems how to open Ribble with one person in context: it signs a launch and prints the
// page that posts it, or posts it itself and says what Ribble answered.
//
//	launch-example keys DIR    make a key pair: DIR/launch.key to keep, DIR/jwks.json to give to the region
//	launch-example page        print a page whose one button posts a launch
//	launch-example post        post a launch and print the status of the answer
//
// It imports nothing of Ribble, so that it can be copied as it is.
package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "launch-example:", err)
		os.Exit(1)
	}
}

var errUsage = errors.New("usage: launch-example keys DIR | page [flags] | post [flags]; -help lists the flags")

func run(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 2 && args[0] == "keys" {
		return makeKeys(args[1])
	}
	if len(args) == 0 || args[0] != "page" && args[0] != "post" {
		return errUsage
	}
	l, err := parse(args[1:])
	if err != nil {
		return err
	}
	signed, err := l.sign(time.Now())
	if err != nil {
		return err
	}
	if args[0] == "page" {
		return page.Execute(out, struct{ To, Launch string }{l.to, signed})
	}
	return post(ctx, out, l.to, signed)
}

// example is all that a launch says, and where it goes.
type example struct {
	to, keyFile, keyID string
	claims             claims
}

// claims are those of docs/guide-launch.md.
type claims struct {
	jwt.RegisteredClaims
	Practitioner practitioner `json:"practitioner"`
	Location     string       `json:"location"`
	Patient      string       `json:"patient"`
	BirthDate    string       `json:"birthdate"`
}

type practitioner struct {
	Name string `json:"name"`
	Role string `json:"role"`
}

func parse(args []string) (example, error) {
	var l example
	c := &l.claims
	flags := flag.NewFlagSet("launch-example", flag.ContinueOnError)
	flags.StringVar(&l.to, "to", "http://127.0.0.1:8080/launch", "launch address of Ribble, which is also the audience")
	flags.StringVar(&l.keyFile, "key", "launch.key", "private key `file` (PEM, P-256)")
	flags.StringVar(&l.keyID, "kid", "epr-1", "id of the key, as in the key set")
	flags.StringVar(&c.Issuer, "iss", "", "issuer, as agreed with the region")
	flags.StringVar(&c.Subject, "sub", "", "the user's own id in your system")
	flags.StringVar(&c.Practitioner.Name, "name", "", "the user's name")
	flags.StringVar(&c.Practitioner.Role, "role", "", "the user's role profile in your system")
	flags.StringVar(&c.Location, "location", "", "ODS code of the user's organisation")
	flags.StringVar(&c.Patient, "patient", "", "NHS number of the person who is open")
	flags.StringVar(&c.BirthDate, "birthdate", "", "date of birth of the person, as 1942-03-03")
	err := flags.Parse(args)
	c.Audience = jwt.ClaimStrings{l.to}
	return l, err
}

// life is how long a launch may be used. Ribble takes at most 60 seconds.
const life = 45 * time.Second

// sign completes the claims and signs them.
func (l example) sign(now time.Time) (string, error) {
	key, err := readKey(l.keyFile)
	if err != nil {
		return "", err
	}
	c := l.claims
	// An id that is never used again: Ribble takes each launch once.
	c.ID = rand.Text()
	c.IssuedAt, c.NotBefore, c.ExpiresAt = jwt.NewNumericDate(now), jwt.NewNumericDate(now), jwt.NewNumericDate(now.Add(life))
	token := jwt.NewWithClaims(jwt.SigningMethodES256, c)
	token.Header["kid"] = l.keyID
	signed, err := token.SignedString(key)
	if err != nil {
		return "", fmt.Errorf("signing the launch: %w", err)
	}
	return signed, nil
}

func readKey(path string) (*ecdsa.PrivateKey, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the key: %w", err)
	}
	block, _ := pem.Decode(raw)
	if block == nil {
		return nil, errors.New("reading the key: not a PEM file")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("reading the key: %w", err)
	}
	private, ok := key.(*ecdsa.PrivateKey)
	if !ok || private.Curve != elliptic.P256() {
		return nil, errors.New("reading the key: it must be on P-256")
	}
	return private, nil
}

// page is what your system sends to the browser when the user presses its button. It goes on by itself; the button is for browsers without
// scripts.
var page = template.Must(template.New("launch").Parse(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<title>Opening the shared care record</title>
<form method="post" action="{{.To}}">
<input type="hidden" name="launch" value="{{.Launch}}">
<button>Open the shared care record</button>
</form>
<script>document.forms[0].submit()</script>
</html>
`))

// post does what the browser would do, to try a launch without one. It uses the launch up.
func post(ctx context.Context, out io.Writer, to, signed string) error {
	body := strings.NewReader(url.Values{"launch": {signed}}.Encode())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, body)
	if err != nil {
		return fmt.Errorf("making the request: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("posting the launch: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	meaning := map[int]string{
		http.StatusOK: "accepted: a browser would now open the record", http.StatusForbidden: "refused: the region's audit trail says why",
		http.StatusServiceUnavailable: "Ribble cannot open records just now",
	}
	_, err = fmt.Fprintln(out, resp.Status, meaning[resp.StatusCode])
	return err
}

// makeKeys writes a new key pair. It never replaces one.
func makeKeys(dir string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("making the key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fmt.Errorf("encoding the key: %w", err)
	}
	point, err := key.PublicKey.Bytes()
	if err != nil {
		return fmt.Errorf("encoding the key: %w", err)
	}
	text := base64.RawURLEncoding.EncodeToString
	set, err := json.MarshalIndent(keySet{[]publicKey{{"EC", "sig", "epr-1", "ES256", "P-256", text(point[1:33]), text(point[33:])}}}, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding the key set: %w", err)
	}
	private := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	return errors.Join(write(filepath.Join(dir, "launch.key"), private, 0o400), write(filepath.Join(dir, "jwks.json"), append(set, '\n'), 0o644))
}

// keySet is a JWK set (RFC 7517).
type keySet struct {
	Keys []publicKey `json:"keys"`
}

type publicKey struct {
	Type      string `json:"kty"`
	Use       string `json:"use"`
	ID        string `json:"kid"`
	Algorithm string `json:"alg"`
	Curve     string `json:"crv"`
	X         string `json:"x"`
	Y         string `json:"y"`
}

func write(path string, content []byte, mode os.FileMode) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return fmt.Errorf("writing a key file: %w", err)
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Close())
}
