package demo

import (
	"context"
	"fmt"
	"io"
	"time"

	"ribble/internal/identity"
	"ribble/internal/identity/local"
	"ribble/internal/sponsor"
)

// The demo's accounts of Ribble's own, of people at an organisation without a sign-in service. Their secrets are printed, and worth nothing elsewhere.
const (
	LocalLogin      = "grace@beckside.example"
	LocalPassphrase = "tulip gravel Sunday ladder"
	LocalSecret     = "KRUGKIDROVUWG2ZAMJZG653OEBTG66BA"
	// The sponsor vouches for the others of the organisation.
	SponsorLogin  = "ines@beckside.example"
	SponsorSecret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
)

var beckside = identity.Organisation{ODS: "8Z902", Name: "Beckside Home Care"}

// enrol makes the demo's accounts, an invitation that nobody has accepted yet, and requests that wait for the sponsor and for an administrator.
func (d *Demo) enrol(ctx context.Context) error {
	accounts := d.app.Local()
	if accounts == nil {
		return nil
	}
	grace := local.NewAccount{Login: LocalLogin, Name: "Grace Adebayo", Role: "care-worker", Organisation: beckside}
	ines := local.NewAccount{Login: SponsorLogin, Name: "Ines Whalley", Role: "sponsor", Organisation: beckside}
	for account, secret := range map[local.NewAccount]string{grace: LocalSecret, ines: SponsorSecret} {
		if err := enrolOne(ctx, accounts, account, secret); err != nil {
			return err
		}
	}
	invitation, err := accounts.Invite(ctx, operator, local.NewAccount{Login: "new@beckside.example", Name: "Nia Rees", Role: "care-worker", Organisation: beckside})
	if err != nil {
		return err
	}
	d.Invitation = "/invitation/" + invitation.Cookie()
	if _, known := d.app.Users().Organisation(beckside.ODS); !known {
		return nil // a region that begins empty
	}
	asks := sponsor.Form{Login: "tom@beckside.example", Name: "Tom Ashby", Job: "Night care worker", Organisation: beckside.ODS}
	if err := d.app.Users().Ask(ctx, asks); err != nil {
		return err
	}
	today := time.Now().UTC()
	vouched := sponsor.Form{
		Login: "ruth@beckside.example", Name: "Ruth Cole", Job: "Registered nurse", Organisation: beckside.ODS, Role: "care-nurse",
		Trained: today.AddDate(0, 0, -9).Format(time.DateOnly), Until: today.AddDate(0, 11, 0).Format(time.DateOnly),
	}
	sponsoring, err := accounts.Store.Find(ctx, SponsorLogin)
	if err != nil {
		return err
	}
	by, _ := sponsoring.User(time.Now())
	_, err = d.app.Users().Add(ctx, by, vouched)
	return err
}

// enrolOne makes an account that its user has set up.
func enrolOne(ctx context.Context, accounts *local.Accounts, n local.NewAccount, secret string) error {
	token, err := accounts.Invite(ctx, operator, n)
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
	code, err := local.CodeAt(secret, time.Now().Add(-30*time.Second))
	if err != nil {
		return err
	}
	f, err := accounts.NewTOTP(a.ID, secret, code)
	if err != nil {
		return err
	}
	_, _, err = accounts.Accept(ctx, token, a, hash, f)
	return err
}

func (d *Demo) describeAccount(out io.Writer) {
	fmt.Fprintf(out, "\nOr with an account of Ribble’s own, as Grace Adebayo of Beckside Home Care, who sees the summary:\n")
	fmt.Fprintf(out, "  %s/sign-in/local  login %s  passphrase %q\n  authenticator key %s\n", d.URL, LocalLogin, LocalPassphrase, LocalSecret)
	fmt.Fprintf(out, "  or as Ines Whalley, who vouches for the users there: login %s  the same passphrase  authenticator key %s\n", SponsorLogin, SponsorSecret)
	fmt.Fprintf(out, "  An invitation nobody has accepted yet (for passkeys, at http://localhost and this port): %s%s\n", d.URL, d.Invitation)
}
