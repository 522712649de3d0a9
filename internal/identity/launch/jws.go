package launch

import (
	"context"
	"encoding/base64"
	"slices"
	"strings"
	"unicode"

	strict "github.com/go-json-experiment/json"
	"github.com/golang-jwt/jwt/v5"
)

const (
	// maxToken is the longest token that is looked at.
	maxToken = 8 << 10
	// maxSubject bounds ids that come from outside.
	maxSubject = 200
)

// methods are all the ways of signing that a token may use. What is not here (none, and every algorithm with a shared secret)
// cannot be switched on by any configuration (RFC 8725, 3.1).
var methods = map[string]jwt.SigningMethod{"RS256": jwt.SigningMethodRS256, "PS256": jwt.SigningMethodPS256, "ES256": jwt.SigningMethodES256}

// header is all that a token's header may hold. A token that brings a key of its own, names an address for one, or demands an
// extension ("jwk", "jku", "x5u", "crit") has a member too many.
type header struct {
	Algorithm string `json:"alg"`
	KeyID     string `json:"kid"`
	Type      string `json:"typ"`
	// Thumbprint is sent by some libraries beside the key id; it is not used.
	Thumbprint string `json:"x5t"`
}

// token is a compact JWS, taken apart but not yet believed.
type token struct {
	header    header
	payload   []byte
	signed    string
	signature []byte
}

var part = base64.RawURLEncoding.Strict()

// take takes a compact JWS apart (RFC 7515, 7.1): three base64url parts, and nothing is decoded before the length and the
// number of parts are known.
func take(raw string) (token, error) {
	if len(raw) > maxToken {
		return token{}, refused(reasonTooLarge, "the token is longer than 8 KiB")
	}
	malformed := refused(reasonMalformed, "the token is not a compact JWS")
	if strings.Count(raw, ".") != 2 || strings.ContainsAny(raw, "\r\n") {
		return token{}, malformed
	}
	parts := strings.Split(raw, ".")
	var decoded [3][]byte
	for i, p := range parts {
		b, err := part.DecodeString(p)
		if err != nil || len(b) == 0 {
			return token{}, malformed
		}
		decoded[i] = b
	}
	t := token{payload: decoded[1], signature: decoded[2], signed: parts[0] + "." + parts[1]}
	if strict.Unmarshal(decoded[0], &t.header, strict.RejectUnknownMembers(true)) != nil {
		return token{}, malformed
	}
	return t, nil
}

// verify checks the signature with the launcher's own keys.
func (l *launcher) verify(ctx context.Context, t token) error {
	method := methods[t.header.Algorithm]
	if method == nil || !slices.Contains(l.Algorithms, t.header.Algorithm) {
		return refused(reasonAlgorithm, "the algorithm is not allowed for this issuer")
	}
	key, err := l.keys.find(ctx, t.header.KeyID, t.header.Algorithm)
	if err != nil {
		return err
	}
	if method.Verify(t.signed, t.signature, key) != nil {
		return refused(reasonSignature, "the signature does not hold")
	}
	return nil
}

// claims decodes a payload once, case-sensitively; a name given twice is refused.
func (t token) claims(into any) error {
	if strict.Unmarshal(t.payload, into) != nil {
		return refused(reasonMalformed, "the claims are malformed")
	}
	return nil
}

// audience is one string or a list of them (RFC 7519, 4.1.3).
type audience []string

// UnmarshalJSON reads either form.
func (a *audience) UnmarshalJSON(raw []byte) error {
	if len(raw) > 0 && raw[0] == '"' {
		*a = make(audience, 1)
		return strict.Unmarshal(raw, &(*a)[0])
	}
	return strict.Unmarshal(raw, (*[]string)(a))
}

// plain makes a name from outside fit for a page: one line, bounded, no control or direction characters.
func plain(name string) string {
	name = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar {
			return ' '
		}
		return r
	}, name)), " ")
	if runes := []rune(name); len(runes) > maxSubject {
		return string(runes[:maxSubject])
	}
	return name
}
