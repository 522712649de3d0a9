// Package cis2 is an OpenID provider that behaves like NHS Care Identity Service 2, with invented people to sign in as.
package cis2

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Realm is the path of the issuer, as long as the real one's.
const Realm = "/openam/oauth2/realms/root/realms/NHSIdentity/realms/Healthcare"

// Client is the one relying party that the provider knows.
type Client struct {
	ID string
	// Key verifies the private_key_jwt assertions of the client.
	Key crypto.PublicKey
	// LogoutURI, when set, is sent a logout token when a session ends (OpenID Connect Back-Channel Logout 1.0).
	LogoutURI string
}

// Config says where the provider stands and whom it serves.
type Config struct {
	Issuer   string // origin and Realm, without a slash at the end
	Client   Client
	Personas []Persona
	Now      func() time.Time
	// HTTP sends logout tokens.
	HTTP *http.Client
}

// Provider is the OpenID provider. Its signing key and its sessions live in memory only.
type Provider struct {
	Config
	key func() *rsa.PrivateKey

	mu       sync.Mutex
	requests map[string]authRequest
	grants   map[string]grant
	tokens   map[string]session
	sessions map[string]session
	used     map[string]time.Time
}

// authRequest is a sign-in that waits for a persona to be picked.
type authRequest struct {
	redirectURI, state, nonce, challenge, acr string
	selectRole                                bool
	expires                                   time.Time
}

// grant is an authorization code that waits to be exchanged, once.
type grant struct {
	authRequest
	session session
}

// session is one persona signed in with one role.
type session struct {
	id, roleID string
	persona    Persona
	began      time.Time
}

// keyID names the signing key in the key set and in the tokens.
const keyID = "sandbox-signing-1"

// New makes a provider. Its key is made in the background, because an RSA key takes longer than all the rest.
func New(config Config) *Provider {
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.HTTP == nil {
		config.HTTP = &http.Client{Timeout: 5 * time.Second}
	}
	p := &Provider{
		Config: config, key: sync.OnceValue(newKey),
		requests: map[string]authRequest{}, grants: map[string]grant{}, tokens: map[string]session{},
		sessions: map[string]session{}, used: map[string]time.Time{},
	}
	go p.key()
	return p
}

func newKey() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic("the system's random source failed: " + err.Error())
	}
	return key
}

// Handler serves discovery, keys, the persona page, tokens, user information and logout below Realm.
func (p *Provider) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+Realm+"/.well-known/openid-configuration", p.discovery)
	mux.HandleFunc("GET "+Realm+"/connect/jwk_uri", p.keys)
	mux.HandleFunc("GET "+Realm+"/authorize", p.authorize)
	mux.HandleFunc("POST "+Realm+"/authorize", p.choose)
	mux.HandleFunc("POST "+Realm+"/access_token", p.token)
	mux.HandleFunc("GET "+Realm+"/userinfo", p.userinfo)
	mux.HandleFunc("POST "+Realm+"/userinfo", p.userinfo)
	mux.HandleFunc("GET "+Realm+"/connect/endSession", p.endSession)
	mux.HandleFunc("POST "+Realm+"/connect/endSession", p.endSession)
	return mux
}

// metadata is the discovery document (OpenID Connect Discovery 1.0), with the members that the real service gives.
type metadata struct {
	Issuer            string   `json:"issuer"`
	Authorization     string   `json:"authorization_endpoint"`
	Token             string   `json:"token_endpoint"`
	UserInfo          string   `json:"userinfo_endpoint"`
	JWKS              string   `json:"jwks_uri"`
	EndSession        string   `json:"end_session_endpoint"`
	Scopes            []string `json:"scopes_supported"`
	ResponseTypes     []string `json:"response_types_supported"`
	GrantTypes        []string `json:"grant_types_supported"`
	ACRValues         []string `json:"acr_values_supported"`
	SubjectTypes      []string `json:"subject_types_supported"`
	IDTokenAlgorithms []string `json:"id_token_signing_alg_values_supported"`
	AuthMethods       []string `json:"token_endpoint_auth_methods_supported"`
	AuthAlgorithms    []string `json:"token_endpoint_auth_signing_alg_values_supported"`
	ChallengeMethods  []string `json:"code_challenge_methods_supported"`
	Claims            []string `json:"claims_supported"`
	BackChannel       bool     `json:"backchannel_logout_supported"`
	BackChannelSID    bool     `json:"backchannel_logout_session_supported"`
}

func (p *Provider) discovery(w http.ResponseWriter, _ *http.Request) {
	reply(w, http.StatusOK, metadata{
		Issuer: p.Issuer, Authorization: p.Issuer + "/authorize", Token: p.Issuer + "/access_token",
		UserInfo: p.Issuer + "/userinfo", JWKS: p.Issuer + "/connect/jwk_uri", EndSession: p.Issuer + "/connect/endSession",
		Scopes: []string{
			"openid", "profile", "email", "nhsperson", "associatedorgs", "nationalrbacaccess", "professionalmemberships",
			"organisationalmemberships", "selectedrole",
		},
		ResponseTypes: []string{"code"}, GrantTypes: []string{"authorization_code"},
		ACRValues:    []string{"AAL3_ANY", "AAL2_OR_AAL3_ANY", "AAL2_ANY", "AAL1_USERPASS"},
		SubjectTypes: []string{"public"}, IDTokenAlgorithms: []string{"RS256"},
		AuthMethods: []string{"private_key_jwt"}, AuthAlgorithms: assertionAlgorithms, ChallengeMethods: []string{"S256"},
		Claims: []string{
			"sub", "iss", "aud", "azp", "exp", "iat", "auth_time", "nonce", "amr", "acr", "at_hash", "sid", "id_assurance_level",
			"authentication_assurance_level", "selected_roleid", "name", "family_name", "given_name", "nhsid_useruid", "nhsid_nrbac_roles",
		},
		BackChannel: true, BackChannelSID: true,
	})
}

func (p *Provider) keys(w http.ResponseWriter, _ *http.Request) {
	type jwk struct {
		Type      string `json:"kty"`
		Use       string `json:"use"`
		ID        string `json:"kid"`
		Algorithm string `json:"alg"`
		Modulus   string `json:"n"`
		Exponent  string `json:"e"`
	}
	public := p.key().PublicKey
	exponent := []byte{byte(public.E >> 16), byte(public.E >> 8), byte(public.E)}
	reply(w, http.StatusOK, struct {
		Keys []jwk `json:"keys"`
	}{[]jwk{{
		"RSA", "sig", keyID, "RS256",
		base64.RawURLEncoding.EncodeToString(public.N.Bytes()), base64.RawURLEncoding.EncodeToString(exponent),
	}}})
}

// loopback keeps codes on this machine: the provider has no register of redirect addresses, and needs none if all are here.
func loopback(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.User != nil || u.Fragment != "" || (u.Scheme != "http" && u.Scheme != "https") {
		return false
	}
	host := u.Hostname()
	return host == "127.0.0.1" || host == "::1" || host == "localhost"
}

// remember keeps a value under a new random name and drops what has expired.
func (p *Provider) remember(ask authRequest) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.Now()
	for name, old := range p.requests {
		if old.expires.Before(now) {
			delete(p.requests, name)
		}
	}
	name := secret()
	ask.expires = now.Add(10 * time.Minute)
	p.requests[name] = ask
	return name
}

func secret() string {
	raw := make([]byte, 32)
	if _, err := rand.Read(raw); err != nil {
		panic("the system's random source failed: " + err.Error())
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

func reply(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	// The status has gone out; a failure here means that the asker has left.
	_ = json.NewEncoder(w).Encode(value)
}

// wrong is an error answer of RFC 6749 section 5.2.
func wrong(w http.ResponseWriter, status int, code, why string) {
	reply(w, status, struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}{code, why})
}

// back builds the address that returns the browser to the client.
func back(redirectURI string, values url.Values) string {
	separator := "?"
	if strings.Contains(redirectURI, "?") {
		separator = "&"
	}
	return fmt.Sprint(redirectURI, separator, values.Encode())
}
