package signin

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"slices"
	"time"
)

// Kind says where a provider's tokens name the user's roles, and how they state how strongly the user authenticated.
type Kind string

// The kinds.
const (
	// CIS2 is NHS Care Identity Service 2: national roles in the user information, levels in the ID token.
	CIS2 Kind = "cis2"
	// Entra is Microsoft Entra ID, as NHSmail uses it: groups or application roles in the ID token.
	Entra Kind = "entra"
	// OIDC is any other OpenID Connect provider, such as Keycloak; its claims are mapped by name.
	OIDC Kind = "oidc"
)

// The ways to prove to a provider who we are (OpenID Connect Core 1.0, 9).
const (
	PrivateKeyJWT     = "private_key_jwt"
	ClientSecretBasic = "client_secret_basic"
	ClientSecretPost  = "client_secret_post"
)

// ProviderConfig is one OpenID Connect provider that users may sign in with.
type ProviderConfig struct {
	// ID stands in URLs; Name is shown to users.
	ID, Name string
	// Kind is CIS2 when empty.
	Kind Kind
	// Issuer must equal the "iss" of each token, character by character.
	Issuer, ClientID string
	// ClientAuth is PrivateKeyJWT when empty. Key signs our client assertions; KeyID names it to the provider; KeyAlgorithm is RS256, RS512,
	// PS256 or ES256. Secret is for the other two ways.
	ClientAuth          string
	Key                 crypto.Signer
	KeyID, KeyAlgorithm string
	Secret              string
	// Scopes are asked for besides "openid".
	Scopes []string
	// ACR is asked for; MinimumLevel (1 to 3) is what the token itself must prove.
	ACR          []string
	MinimumLevel int
	// Levels say which claims of an ID token prove which level; not for CIS2, whose tokens name it.
	Levels []Level
	// Claims and Roles say what the claims mean; not for CIS2.
	Claims Claims
	Roles  []RoleRule
	// Tenant must equal the "tid" of each token; Entra only.
	Tenant string
	// Algorithms are those an ID token may be signed with: asymmetric ones only.
	Algorithms []string
	// ClockTolerance is how far the provider's clock may be from ours; zero means one minute.
	ClockTolerance time.Duration
	// Roots pins the provider's authority; nil means the system's.
	Roots *x509.CertPool
	// Origins are further origins ("https://host") on which the provider has addresses or to which it sends the browser on.
	Origins []string
}

// Level is one way in which a token proves how strongly its user authenticated: the claim ("acr", "amr", "acrs") has the value, or holds it in a list.
type Level struct {
	Claim, Value string
	Level        int
}

// Claims name the claims that say who the user is; dots lead into objects ("realm_access.roles").
type Claims struct {
	// UserInfo reads them from the user information rather than the ID token.
	UserInfo bool
	// Name is shown and audited; UserID is the national or professional id, which may be left out.
	Name, UserID string
	// Roles holds the values that the role rules translate.
	Roles string
	// Organisation holds the ODS code, or a list of them, for rules that name no organisation; OrganisationName its name.
	Organisation, OrganisationName string
}

// RoleRule translates one value of the roles claim into a role with its activities, for one organisation.
type RoleRule struct {
	// Value is a group id or role name, compared exactly.
	Value string
	// Code and Name are the job role; Activities what it may do.
	Code, Name string
	Activities []string
	// ODS and Organisation are whom the role acts for; empty means whom the organisation claim names.
	ODS, Organisation string
}

// maxTolerance is the largest difference of clocks that may be allowed for: more is a fault to be mended.
const maxTolerance = 2 * time.Minute

// algorithms are all that this package can be told to accept. What is not here (none, and every algorithm with a shared
// secret) cannot be switched on by any configuration.
var algorithms = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}

func (p ProviderConfig) check() error {
	switch {
	case len(p.Algorithms) == 0:
		return errors.New("no algorithm is allowed")
	case slices.ContainsFunc(p.Algorithms, func(a string) bool { return !slices.Contains(algorithms, a) }):
		return errors.New("an algorithm is not asymmetric")
	case p.MinimumLevel < 1 || p.MinimumLevel > 3:
		return errors.New("minimum level must be 1 to 3")
	case p.Issuer == "" || p.ClientID == "":
		return errors.New("issuer or client id is missing")
	case p.kind() == Entra && p.Tenant == "":
		return errors.New("the tenant is missing")
	case p.kind() != CIS2 && (len(p.Levels) == 0 || len(p.Roles) == 0 || p.Claims.Name == "" || p.Claims.Roles == ""):
		return errors.New("levels, roles or the names of claims are missing")
	case slices.ContainsFunc(p.Levels, func(l Level) bool { return l.Level < 1 || l.Level > 3 || l.Claim == "" || l.Value == "" }):
		return errors.New("a level is not one of 1 to 3, or names no claim")
	case p.ClockTolerance < 0 || p.ClockTolerance > maxTolerance:
		return errors.New("the clock tolerance is more than two minutes")
	}
	return p.checkClient()
}

func (p ProviderConfig) checkClient() error {
	if p.clientAuth() != PrivateKeyJWT {
		if p.Secret == "" || p.clientAuth() != ClientSecretBasic && p.clientAuth() != ClientSecretPost {
			return errors.New("the client secret is missing, or the way to use it unknown")
		}
		return nil
	}
	switch p.Key.(type) {
	case *rsa.PrivateKey, *ecdsa.PrivateKey:
		return nil
	default:
		return errors.New("the client key must be RSA or ECDSA")
	}
}

func (p ProviderConfig) kind() Kind {
	if p.Kind == "" {
		return CIS2
	}
	return p.Kind
}

func (p ProviderConfig) clientAuth() string {
	if p.ClientAuth == "" {
		return PrivateKeyJWT
	}
	return p.ClientAuth
}

func (p ProviderConfig) tolerance() time.Duration {
	if p.ClockTolerance == 0 {
		return time.Minute
	}
	return p.ClockTolerance
}
