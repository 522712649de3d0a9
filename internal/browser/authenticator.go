package browser

import (
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// Authenticator is a passkey authenticator of one page.
type Authenticator struct {
	page *Page
	id   webauthn.AuthenticatorID
}

// Authenticator gives the page a passkey authenticator of its own, whose user always agrees and is always verified.
func (p *Page) Authenticator() Authenticator {
	p.t.Helper()
	if _, err := chromedp.Call(p.ctx, webauthn.Enable, webauthn.EnableParams{}); err != nil {
		p.t.Fatal(err)
	}
	made, err := chromedp.Call(p.ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal, HasResidentKey: true, HasUserVerification: true,
		IsUserVerified: true, AutomaticPresenceSimulation: true,
	}})
	if err != nil {
		p.t.Fatal(err)
	}
	return Authenticator{p, made.AuthenticatorID}
}

// Unverified makes the authenticator answer, from now on, that it did not verify its user: what a changed page or browser could bring about.
func (a Authenticator) Unverified() {
	a.page.t.Helper()
	bad := true
	_, err := chromedp.Call(a.page.ctx, webauthn.SetResponseOverrideBits, webauthn.SetResponseOverrideBitsParams{AuthenticatorID: a.id, IsBadUV: &bad})
	if err != nil {
		a.page.t.Fatal(err)
	}
}
