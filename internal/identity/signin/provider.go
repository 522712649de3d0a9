package signin

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/oauth2"
	"golang.org/x/sync/singleflight"
)

const (
	// discoveryLife is how long a provider's addresses and keys are kept; after that a key the provider withdrew is gone here too.
	discoveryLife = time.Hour
	// assertionLife is short because an assertion is used at once; the provider refuses a second use by its jti.
	assertionLife = time.Minute
)

type provider struct {
	cfg      ProviderConfig
	redirect string
	client   *http.Client
	now      func() time.Time

	known atomic.Pointer[discovered]
	ask   singleflight.Group
}

type discovered struct {
	provider *oidc.Provider
	until    time.Time
}

func newProvider(cfg ProviderConfig, redirect string, now func() time.Time) *provider {
	return &provider{cfg: cfg, redirect: redirect, client: newClient(cfg.Roots, now), now: now}
}

// discover gives the provider's addresses, asking for them when they are not known or old. However many users sign in at
// once, a slow provider is asked once, and each waits no longer than for that. A failure is not remembered.
func (p *provider) discover(ctx context.Context) (*oidc.Provider, error) {
	if known := p.known.Load(); known != nil && p.now().Before(known.until) {
		return known.provider, nil
	}
	// Not the first user's context: the others must not fail when that one leaves. The client has its own time limit.
	asked := p.ask.DoChan("", func() (any, error) { return p.rediscover(context.WithoutCancel(ctx)) })
	select {
	case result := <-asked:
		found, _ := result.Val.(*oidc.Provider)
		return found, result.Err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *provider) rediscover(ctx context.Context) (*oidc.Provider, error) {
	found, err := oidc.NewProvider(oidc.ClientContext(ctx, p.client), p.cfg.Issuer)
	if err != nil {
		// The error may quote the answer.
		return nil, errors.New("discovering the provider")
	}
	keys, err := p.pinned(found)
	if err != nil {
		return nil, err
	}
	p.client.Transport.(*patient).watch(keys)
	p.known.Store(&discovered{found, p.now().Add(discoveryLife)})
	return found, nil
}

// pinned refuses a provider whose addresses lead away from its issuer, and gives the address of its keys. A look-alike that got hold of the
// discovery document alone could otherwise put its own keys in.
func (p *provider) pinned(found *oidc.Provider) (keys string, err error) {
	var more struct {
		Keys string `json:"jwks_uri"`
	}
	if err := found.Claims(&more); err != nil {
		return "", errors.New("reading the provider's addresses")
	}
	endpoint := found.Endpoint()
	addresses := []string{endpoint.AuthURL, endpoint.TokenURL, more.Keys}
	if p.cfg.kind() == CIS2 || p.cfg.Claims.UserInfo {
		addresses = append(addresses, found.UserInfoEndpoint())
	}
	for _, address := range addresses {
		if o := originOf(address); o != originOf(p.cfg.Issuer) && !slices.Contains(p.cfg.Origins, o) {
			return "", errors.New("an address of the provider is on another host")
		}
	}
	return more.Keys, nil
}

func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.User != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

func (p *provider) oauth(found *oidc.Provider) *oauth2.Config {
	endpoint := found.Endpoint()
	endpoint.AuthStyle = oauth2.AuthStyleInParams
	if p.cfg.clientAuth() == ClientSecretBasic {
		endpoint.AuthStyle = oauth2.AuthStyleInHeader
	}
	return &oauth2.Config{
		ClientID: p.cfg.ClientID, ClientSecret: p.cfg.Secret, Endpoint: endpoint, RedirectURL: p.redirect, Scopes: append([]string{oidc.ScopeOpenID}, p.cfg.Scopes...),
	}
}

// authorizeURL is where the browser is sent, for one transaction.
func (p *provider) authorizeURL(ctx context.Context, t transaction) (string, error) {
	found, err := p.discover(ctx)
	if err != nil {
		return "", err
	}
	options := []oauth2.AuthCodeOption{
		oidc.Nonce(t.Nonce), oauth2.S256ChallengeOption(t.Verifier),
		// CIS2 gives selected_roleid only for a fresh log-in, and a shared computer must not sign in whoever used it last.
		oauth2.SetAuthURLParam("prompt", "login"),
		oauth2.SetAuthURLParam("max_age", fmt.Sprint(int(maxAuthAge.Seconds()))),
	}
	if len(p.cfg.ACR) > 0 {
		options = append(options, oauth2.SetAuthURLParam("acr_values", strings.Join(p.cfg.ACR, " ")))
	}
	return p.oauth(found).AuthCodeURL(t.State, options...), nil
}

// exchange turns the code into tokens (OpenID Connect Core 1.0, 3.1.3), proving who we are as the provider asks for it.
func (p *provider) exchange(ctx context.Context, code, verifier string) (*oidc.Provider, *oauth2.Token, error) {
	found, err := p.discover(ctx)
	if err != nil {
		return nil, nil, err
	}
	options := []oauth2.AuthCodeOption{oauth2.VerifierOption(verifier)}
	if p.cfg.clientAuth() == PrivateKeyJWT {
		assertion, err := p.assertion(found.Endpoint().TokenURL)
		if err != nil {
			return nil, nil, err
		}
		options = append(options, oauth2.SetAuthURLParam("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
			oauth2.SetAuthURLParam("client_assertion", assertion))
	}
	tokens, err := p.oauth(found).Exchange(oidc.ClientContext(ctx, p.client), code, options...)
	if err != nil {
		// The error holds the provider's whole answer.
		return nil, nil, errors.New("exchanging the code")
	}
	return found, tokens, nil
}

// assertion is our private_key_jwt for one request (OpenID Connect Core 1.0, 9).
func (p *provider) assertion(audience string) (string, error) {
	id := make([]byte, 16)
	_, _ = rand.Read(id) // never fails: crypto/rand ends the process rather than return weak bytes
	now := p.now()
	token := jwt.NewWithClaims(jwt.GetSigningMethod(p.cfg.KeyAlgorithm), jwt.RegisteredClaims{
		Issuer: p.cfg.ClientID, Subject: p.cfg.ClientID, Audience: jwt.ClaimStrings{audience}, ID: hex.EncodeToString(id),
		IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(assertionLife)),
	})
	token.Header["kid"] = p.cfg.KeyID
	signed, err := token.SignedString(p.cfg.Key)
	if err != nil {
		return "", fmt.Errorf("signing the client assertion: %w", err)
	}
	return signed, nil
}
