package local

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"ribble/internal/identity"
)

// InvitationLife is how long an invitation can be used.
const InvitationLife = 7 * 24 * time.Hour

// NewAccount is whom to invite.
type NewAccount struct {
	Login, Name string
	// Role is a key of Roles.
	Role         string
	Organisation identity.Organisation
	// Expires is when the account ends; zero is in a year.
	Expires time.Time
}

func (n NewAccount) check() error {
	switch {
	case Login(n.Login) == "":
		return errors.New("the login name must not be empty, nor hold spaces; an e-mail address is best")
	case strings.TrimSpace(n.Name) == "" || len(n.Name) > maxLogin:
		return errors.New("the name is missing or too long")
	case n.Organisation.ODS == "":
		return errors.New("the organisation is missing")
	}
	if _, ok := Roles[n.Role]; !ok {
		return errors.New("the role must be one of: " + strings.Join(RoleKeys(), ", "))
	}
	return nil
}

// Invite makes an account that nobody can sign in to yet, and gives the token of its invitation: the one time that it is seen.
func (s *Accounts) Invite(ctx context.Context, by identity.User, n NewAccount) (identity.Token, error) {
	if err := n.check(); err != nil {
		return identity.Token{}, err
	}
	now := s.Now()
	a := Account{
		ID: NewID(), Login: Login(n.Login), Name: strings.TrimSpace(n.Name), Role: n.Role, Organisation: n.Organisation,
		Status: Invited, Version: 1, Created: now, Changed: now, Expires: n.Expires, ConfirmedUntil: now.Add(ConfirmationFor),
	}
	if a.Expires.IsZero() {
		a.Expires = now.Add(AccountLife)
	}
	token := identity.NewToken()
	if err := s.Store.Invite(ctx, a, Invitation{token.Hash(), now, now.Add(InvitationLife)}, s.write(by, a.ID, changeInvited)); err != nil {
		return identity.Token{}, fmt.Errorf("inviting: %w", err)
	}
	return token, nil
}

// Reset invites the user of an account anew: passphrase, second factors and recovery codes are gone, and every session is ended. It is the answer to a
// lost phone and to a stolen one. One who was never enrolled loses nothing but the invitation before.
func (s *Accounts) Reset(ctx context.Context, by identity.User, login string) (identity.Token, error) {
	a, err := s.Store.Find(ctx, Login(login))
	if err != nil {
		return identity.Token{}, err
	}
	if a.Status == Ended {
		return identity.Token{}, errors.New("the account has ended: invite the user anew under another login name")
	}
	now, token, change := s.Now(), identity.NewToken(), changeReset
	if a.Status == Invited {
		change = changeInvited
	}
	if err := s.Store.Reset(ctx, a.ID, Invitation{token.Hash(), now, now.Add(InvitationLife)}, s.write(by, a.ID, change)); err != nil {
		return identity.Token{}, fmt.Errorf("resetting: %w", err)
	}
	return token, s.EndSessions(ctx, Issuer, a.ID)
}

// SetStatus locks, unlocks or ends an account. Every session of one that is not active ends at once.
func (s *Accounts) SetStatus(ctx context.Context, by identity.User, login string, status Status) error {
	a, err := s.Store.Find(ctx, Login(login))
	if err != nil {
		return err
	}
	if a.Status == Ended || status == Active && a.Status != Locked {
		return fmt.Errorf("the account is %s and cannot become %s", a.Status, status)
	}
	if err := s.Store.SetStatus(ctx, a.ID, status, s.Now(), s.write(by, a.ID, string(status))); err != nil {
		return fmt.Errorf("changing the account: %w", err)
	}
	return s.EndSessions(ctx, Issuer, a.ID)
}

// Invited gives the account that an invitation is for.
func (s *Accounts) Invited(ctx context.Context, token identity.Token) (Account, error) {
	a, err := s.Store.Invited(ctx, token.Hash(), s.Now())
	if errors.Is(err, ErrInvitation) {
		if err := s.refuse(ctx, identity.User{}, reasonInvitation); !errors.Is(err, ErrWrong) {
			return Account{}, err
		}
		return Account{}, ErrInvitation
	}
	return a, err
}

// Check says why the user of an account cannot have a passphrase.
func (a Account) Check(passphrase, again string) Problem {
	if p := CheckPassphrase(passphrase, a.Login, a.Name, a.Organisation.Name, strings.Split(a.Login, "@")[0]); p != "" {
		return p
	}
	if Normal(passphrase) != Normal(again) {
		return Differs
	}
	return ""
}

// NewTOTP makes a TOTP factor for the account, if typed is a code of the secret now. That code is used by it.
func (s *Accounts) NewTOTP(account, secret, typed string) (Factor, error) {
	at, ok := step(secret, typed, s.Now())
	if !ok {
		return Factor{}, ErrWrong
	}
	sealed := s.Secrets.Seal(purpose(account), []byte(secret), ever)
	return Factor{ID: NewID(), Kind: TOTP, Name: "Authenticator app", Secret: sealed, LastStep: at}, nil
}

// Accept makes an invited account active with its passphrase (hashed) and first second factor, and gives its recovery codes, to be
// shown once. Of any number of parallel calls for one invitation, one succeeds.
func (s *Accounts) Accept(ctx context.Context, token identity.Token, a Account, hash string, f Factor) (Account, []string, error) {
	codes := NewCodes()
	f.Created = s.Now()
	e := Enrolment{hash, f, codeHashes(a.ID, codes)}
	err := s.Store.Accept(ctx, token.Hash(), e, s.Now(), s.write(a.who(), a.ID, changeAccepted, enrolled(f), changeCodes))
	if errors.Is(err, ErrInvitation) {
		if err := s.refuse(ctx, a.who(), reasonInvitation); !errors.Is(err, ErrWrong) {
			return Account{}, nil, err
		}
		return Account{}, nil, ErrInvitation
	}
	if err != nil {
		return Account{}, nil, fmt.Errorf("enrolling: %w", err)
	}
	a, err = s.Store.ByID(ctx, a.ID)
	return a, codes, err
}

func enrolled(f Factor) string {
	if f.Kind == Passkey {
		return changePasskey
	}
	return changeTOTP
}

// AddFactor gives an active account one more second factor.
func (s *Accounts) AddFactor(ctx context.Context, by identity.User, f Factor) error {
	f.Created = s.Now()
	return s.Store.AddFactor(ctx, by.Subject, f, s.write(by, by.Subject, enrolled(f)))
}

// RemoveFactor takes a second factor from the user's own account, but never the last one.
func (s *Accounts) RemoveFactor(ctx context.Context, by identity.User, factor string) error {
	return s.Store.RemoveFactor(ctx, by.Subject, factor, s.write(by, by.Subject, changeRemoved))
}

// ReplaceCodes makes new recovery codes for the user's own account, to be shown once.
func (s *Accounts) ReplaceCodes(ctx context.Context, by identity.User) ([]string, error) {
	codes := NewCodes()
	return codes, s.Store.ReplaceCodes(ctx, by.Subject, codeHashes(by.Subject, codes), s.write(by, by.Subject, changeCodes))
}

// ChangePassphrase replaces the passphrase of the user's own account and ends all its sessions; the caller begins a new one.
func (s *Accounts) ChangePassphrase(ctx context.Context, by identity.User, present, next string) error {
	a, err := s.Store.ByID(ctx, by.Subject)
	if err != nil {
		return err
	}
	if _, err := s.Passphrase(ctx, a.Login, present); err != nil {
		return err
	}
	hash, err := s.Hasher.Hash(ctx, next)
	if err != nil {
		return err
	}
	if err := s.Store.SetPassphrase(ctx, a.ID, hash, true, s.Now(), s.write(by, a.ID, changePassphrase)); err != nil {
		return fmt.Errorf("changing the passphrase: %w", err)
	}
	return s.EndSessions(ctx, Issuer, a.ID)
}
