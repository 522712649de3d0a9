package cis2

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// assertionAlgorithms are the algorithms with which a client may sign; an unsigned or shared-key assertion is refused.
var assertionAlgorithms = []string{"RS256", "RS384", "RS512", "PS256", "PS512", "ES256"}

// tokenLife is how long an ID token and its access token are good for.
const tokenLife = time.Hour

func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	if r.PostFormValue("grant_type") != "authorization_code" {
		wrong(w, http.StatusBadRequest, "unsupported_grant_type", "only authorization_code is offered")
		return
	}
	if err := p.checkClient(r); err != nil {
		wrong(w, http.StatusUnauthorized, "invalid_client", err.Error())
		return
	}
	p.mu.Lock()
	g, ok := p.grants[r.PostFormValue("code")]
	delete(p.grants, r.PostFormValue("code"))
	p.mu.Unlock()
	if err := g.redeem(r, ok, p.Now()); err != nil {
		wrong(w, http.StatusBadRequest, "invalid_grant", err.Error())
		return
	}
	access := secret()
	idToken, err := p.sign(p.claims(g, access))
	if err != nil {
		wrong(w, http.StatusInternalServerError, "server_error", "the token could not be signed")
		return
	}
	p.mu.Lock()
	p.tokens[access] = g.session
	p.sessions[g.session.id] = g.session
	p.mu.Unlock()
	reply(w, http.StatusOK, struct {
		Access  string `json:"access_token"`
		Type    string `json:"token_type"`
		Expires int    `json:"expires_in"`
		Scope   string `json:"scope"`
		ID      string `json:"id_token"`
	}{access, "Bearer", int(tokenLife.Seconds()), "openid nationalrbacaccess selectedrole", idToken})
}

// checkClient verifies the private_key_jwt assertion (RFC 7523 section 3, OpenID Connect Core section 9): signed by the
// client's key, from and about the client, for this endpoint, short-lived and never seen before.
func (p *Provider) checkClient(r *http.Request) error {
	if r.PostFormValue("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" {
		return errors.New("a private_key_jwt client assertion is needed")
	}
	var claims jwt.RegisteredClaims
	_, err := jwt.ParseWithClaims(r.PostFormValue("client_assertion"), &claims,
		func(*jwt.Token) (any, error) { return p.Client.Key, nil },
		jwt.WithValidMethods(assertionAlgorithms), jwt.WithIssuer(p.Client.ID), jwt.WithSubject(p.Client.ID),
		jwt.WithExpirationRequired(), jwt.WithTimeFunc(p.Now), jwt.WithLeeway(5*time.Second))
	if err != nil {
		return fmt.Errorf("checking the client assertion: %w", err)
	}
	if !slices.Contains(claims.Audience, p.Issuer+"/access_token") && !slices.Contains(claims.Audience, p.Issuer) {
		return errors.New("the client assertion is for another audience")
	}
	if claims.ExpiresAt.After(p.Now().Add(5*time.Minute + 10*time.Second)) {
		return errors.New("the client assertion lives longer than 5 minutes")
	}
	return p.once(claims.ID, claims.ExpiresAt.Time)
}

func (p *Provider) once(id string, expires time.Time) error {
	if id == "" {
		return errors.New("the client assertion has no jti")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for old, until := range p.used {
		if until.Before(p.Now().Add(-time.Minute)) {
			delete(p.used, old)
		}
	}
	if _, seen := p.used[id]; seen {
		return errors.New("the client assertion was used before")
	}
	p.used[id] = expires
	return nil
}

// redeem checks that the code is known, fresh, for this redirect address, and that the PKCE verifier fits (RFC 7636).
func (g grant) redeem(r *http.Request, known bool, now time.Time) error {
	if !known || now.Sub(g.session.began) > time.Minute {
		return errors.New("the code is not known, used or too old")
	}
	if r.PostFormValue("redirect_uri") != g.redirectURI {
		return errors.New("the redirect address differs")
	}
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if subtle.ConstantTimeCompare([]byte(base64.RawURLEncoding.EncodeToString(sum[:])), []byte(g.challenge)) != 1 {
		return errors.New("the code verifier does not fit the challenge")
	}
	return nil
}

// idClaims are the claims of the CIS2 ID token.
type idClaims struct {
	jwt.RegisteredClaims
	AuthorizedParty string   `json:"azp"`
	AuthTime        int64    `json:"auth_time"`
	Nonce           string   `json:"nonce"`
	AMR             []string `json:"amr"`
	ACR             string   `json:"acr"`
	IDAssurance     int      `json:"id_assurance_level"`
	AuthAssurance   int      `json:"authentication_assurance_level"`
	SelectedRole    string   `json:"selected_roleid,omitempty"`
	AccessTokenHash string   `json:"at_hash"`
	SessionID       string   `json:"sid"`
	TokenName       string   `json:"tokenName"`
	Realm           string   `json:"realm"`
}

func (p *Provider) claims(g grant, access string) idClaims {
	now := p.Now()
	hash := sha256.Sum256([]byte(access))
	persona := g.session.persona
	return idClaims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: p.Issuer, Subject: persona.UserID, Audience: jwt.ClaimStrings{p.Client.ID},
			IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(tokenLife)),
		},
		AuthorizedParty: p.Client.ID, AuthTime: g.session.began.Unix(), Nonce: g.nonce,
		AMR: []string{persona.amr()}, ACR: persona.acr(), IDAssurance: 3, AuthAssurance: persona.Assurance,
		SelectedRole: g.session.roleID, AccessTokenHash: base64.RawURLEncoding.EncodeToString(hash[:16]),
		SessionID: g.session.id, TokenName: "id_token", Realm: "/NHSIdentity/Healthcare",
	}
}

func (p *Provider) sign(claims jwt.Claims) (string, error) {
	token := jwt.NewWithClaims(jwt.SigningMethodRS256, claims)
	token.Header["kid"] = keyID
	signed, err := token.SignedString(p.key())
	if err != nil {
		return "", fmt.Errorf("signing a token: %w", err)
	}
	return signed, nil
}

func (p *Provider) userinfo(w http.ResponseWriter, r *http.Request) {
	bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	p.mu.Lock()
	s, known := p.tokens[bearer]
	p.mu.Unlock()
	if !ok || !known || p.Now().Sub(s.began) > tokenLife {
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		wrong(w, http.StatusUnauthorized, "invalid_token", "the access token is not known or too old")
		return
	}
	reply(w, http.StatusOK, s.persona.userInfo())
}
