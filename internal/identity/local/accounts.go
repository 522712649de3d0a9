package local

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"ribble/internal/identity"
	"ribble/internal/seal"
)

// Auditor writes down what happens to accounts. Each call returns only when the event is committed.
type Auditor interface {
	// SignInFailed is told who it was, as far as that is known, one of the fixed reasons of this package, and how many failures it stands for.
	SignInFailed(ctx context.Context, u identity.User, reason string, times int) error
	// AccountChanged is told who did it, to which account (its id), and one of the fixed changes of this package.
	AccountChanged(ctx context.Context, by identity.User, account, change string) error
}

// The reasons for which a local sign-in fails, and the changes of an account, as they stand in the audit trail.
const (
	reasonUnknown    = "local_unknown_name"
	reasonPassphrase = "local_passphrase"
	reasonStatus     = "local_not_active"
	reasonExpired    = "local_expired"
	reasonWaits      = "local_unconfirmed"
	reasonTooMany    = "local_too_many_failures"
	reasonCode       = "local_code"
	reasonReplay     = "local_replay"
	reasonRecovery   = "local_recovery_code"
	reasonPasskey    = "local_passkey"
	reasonInvitation = "local_invitation"

	changeInvited    = "invited"
	changeAccepted   = "accepted"
	changeTOTP       = "totp-enrolled"
	changePasskey    = "passkey-enrolled"
	changeRemoved    = "factor-removed"
	changeCodes      = "recovery-codes-made"
	changeCodeUsed   = "recovery-code-used"
	changePassphrase = "passphrase-changed"
	changeReset      = "reset"
)

// Failures allowed in a day, for the passphrase of one name and for the second step of one account (fault C08: with three live codes
// out of a million, 20 guesses succeed less than once in 16,000 days).
const (
	maxFailures   = 20
	failureWindow = 24 * time.Hour
)

// ever is when a sealed TOTP secret expires: not within the life of this program.
var ever = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// Accounts is all that can be done with local accounts.
type Accounts struct {
	Store Store
	Trail Auditor
	// Secrets seals TOTP secrets. Its keys must not be those of cookies and handles: these are changed often, and secrets are kept for years.
	Secrets *seal.Sealer
	// Passkeys is nil where the site's address cannot have them.
	Passkeys *Passkeys
	Hasher   *Hasher
	// EndSessions ends every session of a user on every replica.
	EndSessions func(ctx context.Context, issuer, subject string) error
	Now         func() time.Time
}

// Passphrase is the first step of a sign-in. It costs the same, in hashes, look-ups and events, whether there is such an account or not.
func (s *Accounts) Passphrase(ctx context.Context, login, passphrase string) (Account, error) {
	login = Login(login)
	number, allowed, err := s.take(ctx, "name", login)
	if err != nil {
		return Account{}, err
	}
	a, err := s.Store.Find(ctx, login)
	if err != nil && !errors.Is(err, ErrNoAccount) {
		return Account{}, fmt.Errorf("finding an account: %w", err)
	}
	right, old, err := s.Hasher.Check(ctx, a.Passphrase, clipped(passphrase))
	if err != nil {
		return Account{}, err
	}
	if reason := verdict(a, allowed, right, s.Now()); reason != "" {
		return Account{}, s.refuse(ctx, a.who(), reason)
	}
	if old {
		s.rehash(ctx, a, passphrase)
	}
	return a, s.Store.Give(ctx, number)
}

// clipped keeps a passphrase of any length from costing more than the longest allowed one.
func clipped(passphrase string) string {
	const most = MaxPassphrase * 4
	return passphrase[:min(len(passphrase), most)]
}

// verdict is why a first step fails, or empty.
func verdict(a Account, allowed, right bool, now time.Time) string {
	switch {
	case !allowed:
		return reasonTooMany
	case a.ID == "":
		return reasonUnknown
	case !right:
		return reasonPassphrase
	case a.Status != Active:
		return reasonStatus
	case a.Lapse(now) == Expired:
		return reasonExpired
	case a.Lapse(now) == Unconfirmed:
		return reasonWaits
	}
	return ""
}

// rehash brings a hash to the cost in use. A failure is no reason to refuse the user: the next sign-in tries again.
func (s *Accounts) rehash(ctx context.Context, a Account, passphrase string) {
	if hash, err := s.Hasher.Hash(ctx, passphrase); err == nil {
		_ = s.Store.SetPassphrase(ctx, a.ID, hash, false, s.Now(), func(context.Context) error { return nil })
	}
}

// take counts an attempt. The key is a digest, so that names nobody has are not kept as they were typed.
func (s *Accounts) take(ctx context.Context, kind, who string) (int64, bool, error) {
	now := s.Now()
	number, ok, err := s.Store.Take(ctx, s.Secrets.Mark("local attempt "+kind, []byte(who)), maxFailures, now.Add(-failureWindow), now)
	if err != nil {
		return 0, false, fmt.Errorf("counting an attempt: %w", err)
	}
	return number, ok, nil
}

// refuse writes down why, and gives the little that the caller may say.
func (s *Accounts) refuse(ctx context.Context, u identity.User, reason string) error {
	u.Issuer = Issuer
	if err := s.Trail.SignInFailed(context.WithoutCancel(ctx), u, reason, 1); err != nil {
		return fmt.Errorf("recording a failed sign-in: %w", err)
	}
	switch reason {
	case reasonTooMany:
		return ErrTooMany
	case reasonExpired:
		return ErrExpired
	case reasonWaits:
		return ErrUnconfirmed
	}
	return ErrWrong
}

// Current gives the account of a sign-in under way, if it is still as it was when the passphrase was right.
func (s *Accounts) Current(ctx context.Context, id string, version int) (Account, Credentials, error) {
	a, err := s.Store.ByID(ctx, id)
	if err != nil {
		return Account{}, Credentials{}, err
	}
	if a.Version != version || !a.Usable(s.Now()) {
		return Account{}, Credentials{}, ErrNoAccount
	}
	c, err := s.Store.Credentials(ctx, id)
	return a, c, err
}

// Code is the second step by an authenticator's code. Each step of the clock is used once, whichever replica is asked.
func (s *Accounts) Code(ctx context.Context, a Account, c Credentials, typed string) error {
	number, allowed, err := s.take(ctx, "second step", a.ID)
	if err != nil {
		return err
	}
	if !allowed {
		return s.refuse(ctx, a.who(), reasonTooMany)
	}
	matched, fresh, err := s.useCode(ctx, a, c, typed)
	switch {
	case err != nil:
		return err
	case !matched:
		return s.refuse(ctx, a.who(), reasonCode)
	}
	// A code that was used already was no guess, so it does not count as one.
	if err := s.Store.Give(ctx, number); err != nil {
		return err
	}
	if !fresh {
		return s.refuse(ctx, a.who(), reasonReplay)
	}
	return nil
}

func (s *Accounts) useCode(ctx context.Context, a Account, c Credentials, typed string) (matched, fresh bool, err error) {
	for _, f := range c.Factors {
		if f.Kind != TOTP {
			continue
		}
		secret, err := s.Secrets.Open(purpose(a.ID), f.Secret, s.Now())
		if err != nil {
			return false, false, errors.New("a second factor cannot be read: its key is not among those loaded")
		}
		if at, ok := step(string(secret), typed, s.Now()); ok {
			fresh, err := s.Store.UseStep(ctx, f.ID, at, s.Now())
			return true, fresh, err
		}
	}
	return false, false, nil
}

// purpose ties a sealed secret to its account: moved to another row it does not open.
func purpose(account string) string { return "local account totp " + account }

// CheckCode says whether a code is one that the signed-in user's authenticator shows now and was not used yet: for unlocking and for acts
// that ask for a fresh proof (signin.Codes).
func (s *Accounts) CheckCode(ctx context.Context, u identity.User, typed string) (bool, error) {
	if u.Issuer != Issuer {
		return false, nil
	}
	a, err := s.Store.ByID(ctx, u.Subject)
	if errors.Is(err, ErrNoAccount) || err == nil && !a.Usable(s.Now()) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	c, err := s.Store.Credentials(ctx, a.ID)
	if err != nil {
		return false, err
	}
	err = s.Code(ctx, a, c, typed)
	if errors.Is(err, ErrWrong) || errors.Is(err, ErrTooMany) {
		return false, nil
	}
	return err == nil, err
}

// Recovery is the second step by a recovery code.
func (s *Accounts) Recovery(ctx context.Context, a Account, typed string) error {
	number, allowed, err := s.take(ctx, "second step", a.ID)
	if err != nil {
		return err
	}
	if !allowed {
		return s.refuse(ctx, a.who(), reasonTooMany)
	}
	used, err := s.Store.UseCode(ctx, a.ID, codeHash(a.ID, typed), s.Now(), s.write(a.who(), a.ID, changeCodeUsed))
	if err != nil {
		return fmt.Errorf("using a recovery code: %w", err)
	}
	if !used {
		return s.refuse(ctx, a.who(), reasonRecovery)
	}
	return s.Store.Give(ctx, number)
}

// Passkey checks a browser's answer to a ceremony that Passkeys.Ask began. A ceremony of the second step names its account; in the
// other, the passkey does, and has verified the user.
func (s *Accounts) Passkey(ctx context.Context, state, answer []byte) (Account, error) {
	as, err := readAssertion(state, answer)
	if err != nil || s.Passkeys == nil {
		return Account{}, s.refuse(ctx, identity.User{}, reasonPasskey)
	}
	if named := as.session.UserID; len(named) > 0 {
		as.account = fmt.Sprintf("%x", named)
	}
	a, err := s.Store.ByID(ctx, as.account)
	if errors.Is(err, ErrNoAccount) || err == nil && !a.Usable(s.Now()) {
		return Account{}, s.refuse(ctx, a.who(), reasonPasskey)
	}
	if err != nil {
		return Account{}, err
	}
	c, err := s.Store.Credentials(ctx, a.ID)
	if err != nil {
		return Account{}, err
	}
	f, err := s.Passkeys.check(as, a, c.Factors)
	if err != nil {
		return Account{}, s.refuse(ctx, a.who(), reasonPasskey)
	}
	fresh, err := s.Store.UsePasskey(ctx, f, sha256.Sum256([]byte(as.session.Challenge)), s.Now())
	if err != nil {
		return Account{}, fmt.Errorf("using a passkey: %w", err)
	}
	if !fresh {
		return Account{}, s.refuse(ctx, a.who(), reasonReplay)
	}
	return a, nil
}

// write is the event of a change, to be written inside it.
func (s *Accounts) write(by identity.User, account string, changes ...string) Write {
	return func(ctx context.Context) error {
		for _, change := range changes {
			if err := s.Trail.AccountChanged(ctx, by, account, change); err != nil {
				return err
			}
		}
		return nil
	}
}
