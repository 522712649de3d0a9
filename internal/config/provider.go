package config

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"slices"

	"github.com/go-json-experiment/json"
)

// Provider is one OpenID Connect provider, as an entry of the JSON list in RIBBLE_OIDC_PROVIDERS.
type Provider struct {
	// ID stands in URLs (/sign-in/{id}): lower-case letters, digits and hyphens. Name is shown on the button.
	ID   string `json:"id"`
	Name string `json:"name"`
	// Issuer is compared character by character with "iss" of each token.
	Issuer   string `json:"issuer"`
	ClientID string `json:"client_id"`
	// KeyFile signs client assertions (private_key_jwt); KeyID names it to the provider; KeyAlgorithm is how it signs.
	KeyFile      string `json:"key_file"`
	KeyID        string `json:"key_id"`
	KeyAlgorithm string `json:"key_algorithm"`
	// Scopes are asked for besides "openid".
	Scopes []string `json:"scopes"`
	// ACR is asked for (acr_values); MinimumLevel is what the token itself must prove (authentication_assurance_level).
	ACR          []string `json:"acr_values"`
	MinimumLevel int      `json:"minimum_level"`
	// Algorithms are those that an ID token may be signed with.
	Algorithms []string `json:"algorithms"`
	// CAFile pins the provider's authority; empty means the system's.
	CAFile string `json:"ca_file,omitzero"`
	// Origins are further origins that the provider sends the browser on to; the page policy must let the sign-in form
	// lead there.
	Origins []string `json:"origins,omitzero"`

	// Key and Roots are what KeyFile and CAFile hold.
	Key   SigningKey `json:"-"`
	Roots Authority  `json:"-"`
}

// signingAlgorithms are the ways of signing this service accepts and uses: all asymmetric (RFC 8725, 3.1 and 3.2).
var signingAlgorithms = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}

var clientAlgorithms = []string{"RS256", "RS512", "PS256", "ES256"}

var origin = regexp.MustCompile(`^https://[a-z0-9.-]+(:[0-9]+)?$`)

var providerID = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,30}$`)

func (l *loader) providers(path string) []Provider {
	raw, err := os.ReadFile(path)
	if err != nil {
		l.problem("the file cannot be read")
		return nil
	}
	var list []Provider
	if err := json.Unmarshal(raw, &list, json.RejectUnknownMembers(true)); err != nil {
		l.problem("the file is not a JSON list of providers with known members only")
		return nil
	}
	if len(list) == 0 {
		l.problem("at least one provider must be given")
	}
	for i := range list {
		l.provider(&list[i], fmt.Sprintf("provider %d", i+1))
		if slices.ContainsFunc(list[:i], func(p Provider) bool { return p.ID == list[i].ID || p.Issuer == list[i].Issuer }) {
			l.problem("provider %d: its id and issuer must differ from every other's", i+1)
		}
	}
	return list
}

func (l *loader) provider(p *Provider, at string) {
	issuer, err := url.Parse(p.Issuer)
	for _, fault := range []struct {
		is   bool
		text string
	}{
		{!providerID.MatchString(p.ID), "id must be lower-case letters, digits and hyphens"},
		{p.ID == "callback" || p.ID == "role", "id is a reserved word"},
		{p.Name == "", "name is missing"},
		{err != nil || !safeURL(issuer) || issuer.RawQuery != "", "issuer must be an https address (http only on loopback)"},
		{p.ClientID == "", "client_id is missing"},
		{p.KeyID == "", "key_id is missing"},
		{!slices.Contains(clientAlgorithms, p.KeyAlgorithm), "key_algorithm must be one of RS256, RS512, PS256, ES256"},
		{p.MinimumLevel < 1 || p.MinimumLevel > 3, "minimum_level must be 1, 2 or 3"},
		{len(p.Algorithms) == 0, "algorithms must name at least one"},
		{slices.ContainsFunc(p.Algorithms, func(a string) bool { return !slices.Contains(signingAlgorithms, a) }), "algorithms may hold only RS, PS, ES 256-512 and EdDSA"},
		{slices.ContainsFunc(p.Origins, func(o string) bool { return !origin.MatchString(o) }), "origins must look like https://host"},
	} {
		if fault.is {
			l.problem("%s: %s", at, fault.text)
		}
	}
	if p.CAFile != "" {
		p.Roots = l.authority(p.CAFile)
	}
	if p.Key.signer, err = signer(l.secretText(p.KeyFile)); err != nil || !fits(p.Key.signer, p.KeyAlgorithm) {
		l.problem("%s: key_file must hold a PEM private key of at least 2048 bits (RSA) or on P-256, as key_algorithm wants", at)
	}
}

func fits(key crypto.Signer, algorithm string) bool {
	switch k := key.(type) {
	case *rsa.PrivateKey:
		return algorithm != "ES256" && k.N.BitLen() >= 2048
	case *ecdsa.PrivateKey:
		return algorithm == "ES256" && k.Curve == elliptic.P256()
	default:
		return false
	}
}

func signer(text []byte) (crypto.Signer, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("not a PEM file")
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	if key, err := x509.ParseECPrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("not a private key")
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, errors.New("not a key that signs")
	}
	return signer, nil
}
