package demo

import (
	"context"
	"fmt"
	"io"
	"time"

	"ribble/internal/identity"
	"ribble/internal/identity/local"
)

// The demo's account of Ribble's own: somebody at an organisation without a sign-in service. Its secrets are printed, and worth nothing elsewhere.
const (
	LocalLogin      = "grace@beckside.example"
	LocalPassphrase = "tulip gravel Sunday ladder"
	LocalSecret     = "KRUGKIDROVUWG2ZAMJZG653OEBTG66BA"
)

var beckside = identity.Organisation{ODS: "8Z902", Name: "Beckside Home Care"}

// enrol makes the demo's account, and an invitation that nobody has accepted yet.
func (d *Demo) enrol(ctx context.Context) error {
	accounts, by := d.app.Local(), operator
	if accounts == nil {
		return nil
	}
	token, err := accounts.Invite(ctx, by, local.NewAccount{Login: LocalLogin, Name: "Grace Adebayo", Role: "care-worker", Organisation: beckside})
	if err != nil {
		return err
	}
	a, err := accounts.Invited(ctx, token)
	if err != nil {
		return err
	}
	hash, err := accounts.Hasher.Hash(ctx, LocalPassphrase)
	if err != nil {
		return err
	}
	// The code of the step before: that of this step is still good for signing in.
	code, err := local.CodeAt(LocalSecret, time.Now().Add(-30*time.Second))
	if err != nil {
		return err
	}
	f, err := accounts.NewTOTP(a.ID, LocalSecret, code)
	if err != nil {
		return err
	}
	if _, _, err := accounts.Accept(ctx, token, a, hash, f); err != nil {
		return err
	}
	invitation, err := accounts.Invite(ctx, by, local.NewAccount{Login: "new@beckside.example", Name: "Nia Rees", Role: "care-worker", Organisation: beckside})
	if err != nil {
		return err
	}
	d.Invitation = "/invitation/" + invitation.Cookie()
	return nil
}

func (d *Demo) describeAccount(out io.Writer) {
	fmt.Fprintf(out, "\nOr with an account of Ribble’s own, as Grace Adebayo of Beckside Home Care, who sees the summary:\n")
	fmt.Fprintf(out, "  %s/sign-in/local  login %s  passphrase %q\n  authenticator key %s\n", d.URL, LocalLogin, LocalPassphrase, LocalSecret)
	fmt.Fprintf(out, "  An invitation nobody has accepted yet (for passkeys, at http://localhost and this port): %s%s\n", d.URL, d.Invitation)
}
