package epr

import (
	"crypto/ecdsa"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"ribble/internal/sandbox/story"
)

// life is how long a launch may be used: the browser takes it on at once.
const life = 45 * time.Second

// keyID names an organisation's signing key.
const keyID = "epr-1"

// claims are those of a signed launch.
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

// Launch signs a launch for one patient.
func (s *Server) Launch(ods string, by Clinician, patient story.Demographics) (string, error) {
	now := s.Now()
	return s.sign(ods, claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: s.Issuer(ods), Audience: jwt.ClaimStrings{s.Portal + "/launch"}, Subject: by.UserID, ID: secret(),
			IssuedAt: jwt.NewNumericDate(now), NotBefore: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(life)),
		},
		Practitioner: practitioner{by.Name, by.Profile}, Location: ods, Patient: patient.NHSNumber, BirthDate: patient.Born,
	})
}

func (s *Server) sign(ods string, c jwt.Claims) (string, error) {
	token := jwt.NewWithClaims(jwt.SigningMethodES256, c)
	token.Header["kid"] = keyID
	signed, err := token.SignedString(s.keys[ods])
	if err != nil {
		return "", fmt.Errorf("signing a token: %w", err)
	}
	return signed, nil
}

// KeySet is an organisation's public keys as a JWK set.
func (s *Server) KeySet(ods string) []byte {
	raw, err := json.Marshal(struct {
		Keys []jwk `json:"keys"`
	}{[]jwk{public(&s.keys[ods].PublicKey)}})
	if err != nil {
		panic("a key set of strings must encode: " + err.Error())
	}
	return raw
}

type jwk struct {
	Type      string `json:"kty"`
	Use       string `json:"use"`
	ID        string `json:"kid"`
	Algorithm string `json:"alg"`
	Curve     string `json:"crv"`
	X         string `json:"x"`
	Y         string `json:"y"`
}

func public(key *ecdsa.PublicKey) jwk {
	point, err := key.Bytes()
	if err != nil {
		panic("a key made here must encode: " + err.Error())
	}
	half := (len(point) - 1) / 2
	text := base64.RawURLEncoding.EncodeToString
	return jwk{"EC", "sig", keyID, "ES256", "P-256", text(point[1 : 1+half]), text(point[1+half:])}
}

func (s *Server) jwks(w http.ResponseWriter, r *http.Request) {
	site, ok := s.site(r)
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	// The key set is small and the connection is local: a failed write has no remedy.
	_, _ = w.Write(s.KeySet(site.ODS))
}

func secret() string {
	raw := make([]byte, 24)
	_, _ = rand.Read(raw) // never fails: crypto/rand ends the process rather than return weak bytes
	return base64.RawURLEncoding.EncodeToString(raw)
}
