package signin

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	strict "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/oauth2"
)

const (
	// maxToken is the longest token that is looked at.
	maxToken = 8 << 10
	// maxAuthAge is how long ago the user may have proved who they are.
	maxAuthAge = 5 * time.Minute
)

// claims are the members of an ID token that this service acts on, decoded case-sensitively and once. Those that are here
// are checked here, also where the library has checked them, because the library's decoder ignores case.
type claims struct {
	Issuer          string   `json:"iss"`
	Subject         string   `json:"sub"`
	Audience        audience `json:"aud"`
	AuthorizedParty string   `json:"azp"`
	Expires         int64    `json:"exp"`
	IssuedAt        int64    `json:"iat"`
	NotBefore       int64    `json:"nbf"`
	AuthTime        int64    `json:"auth_time"`
	Nonce           string   `json:"nonce"`
	ACR             string   `json:"acr"`
	Level           int      `json:"authentication_assurance_level"`
	SelectedRole    string   `json:"selected_roleid"`
	SID             string   `json:"sid"`
	Tenant          string   `json:"tid"`
	ObjectID        string   `json:"oid"`

	// all is the whole payload, for the claims that a provider's entry names.
	all jsontext.Value
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

// verify checks an ID token for one transaction. The library checks form and signature with a key of the provider's set.
// Errors name what did not hold and quote nothing.
func (p *provider) verify(ctx context.Context, found *oidc.Provider, tokens *oauth2.Token, nonce string) (claims, error) {
	raw, ok := tokens.Extra("id_token").(string)
	if !ok || len(raw) > maxToken || !compact(raw) || typeOf(raw) == logoutType {
		return claims{}, refused(reasonToken, "the answer holds no ID token of the right form")
	}
	token, err := p.verifier(found).Verify(oidc.ClientContext(ctx, p.client), raw)
	if err != nil {
		return claims{}, refused(reasonToken, "the ID token's signature, issuer, audience or expiry does not hold")
	}
	if token.AccessTokenHash != "" && token.VerifyAccessToken(tokens.AccessToken) != nil {
		return claims{}, refused(reasonToken, "the access token is not the one the ID token names")
	}
	var payload json.RawMessage
	var c claims
	if err := errors.Join(token.Claims(&payload), strict.Unmarshal(payload, &c)); err != nil {
		return claims{}, refused(reasonToken, "the ID token's claims are malformed")
	}
	c.all = jsontext.Value(payload)
	if p.cfg.kind() != CIS2 {
		// Only CIS2 names the level itself; elsewhere such a claim is nothing.
		c.Level = p.level(c.all)
	}
	return c, p.check(c, nonce)
}

// verifier checks signature, issuer, audience and expiry. Its clock is behind ours by the tolerance; the other times are checked here.
func (p *provider) verifier(found *oidc.Provider) *oidc.IDTokenVerifier {
	behind := func() time.Time { return p.now().Add(-p.cfg.tolerance()) }
	return found.Verifier(&oidc.Config{ClientID: p.cfg.ClientID, SupportedSigningAlgs: p.cfg.Algorithms, Now: behind})
}

// compact says whether raw is three base64url parts and nothing else. Only that form is a JWT (RFC 7519, 3); the library's
// parser reads others too, and skips white space.
func compact(raw string) bool {
	foreign := func(r rune) bool {
		return (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_' && r != '.'
	}
	return strings.Count(raw, ".") == 2 && !strings.ContainsFunc(raw, foreign)
}

// check applies OpenID Connect Core 1.0, 3.1.3.7 and the assurance rule of NHS CIS2.
func (p *provider) check(c claims, nonce string) error {
	now, skew := p.now(), p.cfg.tolerance()
	authorised := c.AuthorizedParty == p.cfg.ClientID || c.AuthorizedParty == "" && len(c.Audience) == 1
	switch {
	case c.Issuer != p.cfg.Issuer || c.Subject == "" || !slices.Contains(c.Audience, p.cfg.ClientID) || !authorised:
		return refused(reasonToken, "the ID token is from or for someone else")
	case p.cfg.kind() == Entra && (c.Tenant != p.cfg.Tenant || c.ObjectID == ""):
		return refused(reasonToken, "the ID token is of another tenant, or of no user of it")
	case nonce == "" || c.Nonce != nonce:
		return refused(reasonToken, "the ID token is not the answer to this sign-in")
	case !at(c.Expires).Add(skew).After(now) || at(c.IssuedAt).After(now.Add(skew)) || at(c.NotBefore).After(now.Add(skew)):
		return refused(reasonToken, "the ID token is not valid at this time")
	case c.IssuedAt == 0 || now.Sub(at(c.IssuedAt)) > maxAuthAge+skew:
		return refused(reasonToken, "the ID token was not made just now")
	case at(c.AuthTime).After(now.Add(skew)) || now.Sub(at(c.AuthTime)) > maxAuthAge+skew:
		return refused(reasonStale, "the user did not authenticate just now")
	case c.Level < p.cfg.MinimumLevel || c.Level > 3 || p.cfg.kind() == CIS2 && !p.acrHolds(c.ACR):
		return refused(reasonAssurance, "the sign-in was not strong enough")
	default:
		return nil
	}
}

func at(seconds int64) time.Time { return time.Unix(seconds, 0) }

// acrLevels are the authentication context classes of NHS CIS2 and the level each stands for.
var acrLevels = map[string]int{"AAL1_USERPASS": 1, "AAL2_ANY": 2, "AAL2_OR_AAL3_ANY": 2, "AAL3_ANY": 3}

// acrHolds compares the class in the token with what was asked for. The request alone proves nothing: the user can change it.
func (p *provider) acrHolds(acr string) bool {
	if level, known := acrLevels[acr]; known {
		return level >= p.cfg.MinimumLevel
	}
	return len(p.cfg.ACR) == 0 || acr != "" && slices.Contains(p.cfg.ACR, acr)
}
