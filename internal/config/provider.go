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
	"strings"
	"time"

	"github.com/go-json-experiment/json"
)

// Provider is one OpenID Connect provider, as an entry of the JSON list in RIBBLE_OIDC_PROVIDERS.
type Provider struct {
	// ID stands in URLs (/sign-in/{id}): lower-case letters, digits and hyphens. Name is shown on the button.
	ID   string `json:"id"`
	Name string `json:"name"`
	// Kind is "cis2" (when left out), "entra" or "oidc".
	Kind string `json:"kind,omitzero"`
	// Issuer is compared character by character with "iss" of each token.
	Issuer   string `json:"issuer"`
	ClientID string `json:"client_id"`
	// ClientAuth is "private_key_jwt" (when left out), "client_secret_basic" or "client_secret_post".
	ClientAuth string `json:"client_auth,omitzero"`
	// KeyFile signs client assertions (private_key_jwt); KeyID names it to the provider; KeyAlgorithm is how it signs.
	KeyFile      string `json:"key_file,omitzero"`
	KeyID        string `json:"key_id,omitzero"`
	KeyAlgorithm string `json:"key_algorithm,omitzero"`
	// SecretFile holds the client secret, for the other two ways.
	SecretFile string `json:"secret_file,omitzero"`
	// Scopes are asked for besides "openid".
	Scopes []string `json:"scopes"`
	// ACR is asked for (acr_values); MinimumLevel is what the token itself must prove (authentication_assurance_level).
	ACR          []string `json:"acr_values,omitzero"`
	MinimumLevel int      `json:"minimum_level"`
	// Levels, Claims and Roles say what the claims of a provider other than CIS2 mean.
	Levels []Level    `json:"levels,omitzero"`
	Claims Claims     `json:"claims,omitzero"`
	Roles  []RoleRule `json:"roles,omitzero"`
	// Tenant is the directory (tenant) id of an Entra provider.
	Tenant string `json:"tenant,omitzero"`
	// ClockTolerance is how far its clock may be from ours, such as "30s"; a minute when left out, two at most.
	ClockTolerance string `json:"clock_tolerance,omitzero"`
	// Algorithms are those that an ID token may be signed with.
	Algorithms []string `json:"algorithms"`
	// CAFile pins the provider's authority; empty means the system's.
	CAFile string `json:"ca_file,omitzero"`
	// Origins are further origins that the provider sends the browser on to; the page policy must let the sign-in form
	// lead there.
	Origins []string `json:"origins,omitzero"`

	// Key, Secret and Roots are what KeyFile, SecretFile and CAFile hold; Tolerance is what ClockTolerance says.
	Key       SigningKey    `json:"-"`
	Secret    Secret        `json:"-"`
	Roots     Authority     `json:"-"`
	Tolerance time.Duration `json:"-"`
}

// Level says that a claim of the ID token ("acr", "amr", "acrs") with this value proves this level of authentication (1 to 3).
type Level struct {
	Claim string `json:"claim"`
	Value string `json:"value"`
	Level int    `json:"level"`
}

// Claims name the claims that say who the user is; dots lead into objects ("realm_access.roles").
type Claims struct {
	// UserInfo reads them from the user information rather than the ID token.
	UserInfo bool   `json:"user_info,omitzero"`
	Name     string `json:"name"`
	UserID   string `json:"user_id,omitzero"`
	Roles    string `json:"roles"`
	// Organisation holds an ODS code, or several, for rules that name none; OrganisationName its name.
	Organisation     string `json:"organisation,omitzero"`
	OrganisationName string `json:"organisation_name,omitzero"`
}

// RoleRule translates one value of the roles claim, a group id or role name, into a role with its RBAC activities.
type RoleRule struct {
	Value      string   `json:"value"`
	Code       string   `json:"code"`
	Name       string   `json:"name"`
	Activities []string `json:"activities"`
	// ODS and Organisation are whom the role acts for; left out, the organisation claim says so.
	ODS          string `json:"ods,omitzero"`
	Organisation string `json:"organisation,omitzero"`
}

// The kinds of provider and the ways to prove to one who we are; the first of each is meant when none is given.
var (
	providerKinds = []string{"cis2", "entra", "oidc"}
	clientAuths   = []string{"private_key_jwt", "client_secret_basic", "client_secret_post"}
)

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
	if p.Kind == "" {
		p.Kind = providerKinds[0]
	}
	if p.ClientAuth == "" {
		p.ClientAuth = clientAuths[0]
	}
	issuer, err := url.Parse(p.Issuer)
	for _, fault := range []struct {
		is   bool
		text string
	}{
		{!providerID.MatchString(p.ID), "id must be lower-case letters, digits and hyphens"},
		{p.ID == "callback" || p.ID == "role" || p.ID == "local", "id is a reserved word"},
		{p.Name == "", "name is missing"},
		{err != nil || !safeURL(issuer) || issuer.RawQuery != "", "issuer must be an https address (http only on loopback)"},
		{p.ClientID == "", "client_id is missing"},
		{!slices.Contains(providerKinds, p.Kind), "kind must be cis2, entra or oidc"},
		{!slices.Contains(clientAuths, p.ClientAuth), "client_auth must be private_key_jwt, client_secret_basic or client_secret_post"},
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
	if p.ClockTolerance != "" {
		p.Tolerance = l.duration(p.ClockTolerance, time.Second, 2*time.Minute)
	}
	l.providerClient(p, at)
	if p.Kind != "cis2" {
		l.providerClaims(p, at)
	}
}

// providerClient reads what proves to the provider who we are.
func (l *loader) providerClient(p *Provider, at string) {
	if p.ClientAuth != "private_key_jwt" {
		if p.Secret.text = strings.TrimSpace(string(l.secretText(p.SecretFile))); len(p.Secret.text) < minSecret {
			l.problem("%s: secret_file must hold a secret of at least %d characters", at, minSecret)
		}
		return
	}
	if p.KeyID == "" {
		l.problem("%s: key_id is missing", at)
	}
	if !slices.Contains(clientAlgorithms, p.KeyAlgorithm) {
		l.problem("%s: key_algorithm must be one of RS256, RS512, PS256, ES256", at)
	}
	var err error
	if p.Key.signer, err = signer(l.secretText(p.KeyFile)); err != nil || !fits(p.Key.signer, p.KeyAlgorithm) {
		l.problem("%s: key_file must hold a PEM private key of at least 2048 bits (RSA) or on P-256, as key_algorithm wants", at)
	}
}

// providerClaims checks what a provider other than CIS2 must say about its claims.
func (l *loader) providerClaims(p *Provider, at string) {
	for _, fault := range []struct {
		is   bool
		text string
	}{
		{p.Kind == "entra" && p.Tenant == "", "tenant is missing"},
		{p.Claims.Name == "" || p.Claims.Roles == "", "claims must name those for name and roles"},
		{len(p.Levels) == 0, "levels must name at least one"},
		{slices.ContainsFunc(p.Levels, func(v Level) bool { return v.Claim == "" || v.Value == "" || v.Level < 1 || v.Level > 3 }), "each of levels needs claim, value and a level of 1, 2 or 3"},
		{len(p.Roles) == 0, "roles must name at least one"},
		{slices.ContainsFunc(p.Roles, func(r RoleRule) bool { return r.Value == "" || r.Name == "" || len(r.Activities) == 0 }), "each of roles needs value, name and activities"},
		{p.Claims.Organisation == "" && slices.ContainsFunc(p.Roles, func(r RoleRule) bool { return !odsCode.MatchString(r.ODS) }), "each of roles needs ods, as no claim names the organisation"},
	} {
		if fault.is {
			l.problem("%s: %s", at, fault.text)
		}
	}
}

// minSecret is the shortest client secret: shorter ones can be guessed from what they sign.
const minSecret = 32

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
