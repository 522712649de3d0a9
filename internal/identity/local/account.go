// Package local holds accounts for organisations without an identity provider of their own, such as care homes and hospices: a passphrase and a second
// factor on every one of them.
//
// An account becomes active in one step, with passphrase, second factor and recovery codes together; there is no moment at which a
// passphrase alone would open it (OWASP ASVS 5.0 V6; ICO v Advanced, 2025).
package local

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"ribble/internal/identity"
)

// Issuer namespaces local accounts: a subject of it is never one of another provider.
const Issuer = identity.LocalIssuer

// assurance is the level a local sign-in proves: two factors, never a hardware-bound national identity (NHS CIS2 AAL2).
const assurance = 2

// Errors that tell an honest caller what to say; none tells whether an account exists.
var (
	// ErrNoAccount means that the store knows no such account.
	ErrNoAccount = errors.New("no such account")
	// ErrWrong means that what was given is not right: name, passphrase, code or passkey; which of them is not told apart.
	ErrWrong = errors.New("the sign-in details are not right")
	// ErrTooMany means that the limit of failures in a day is reached.
	ErrTooMany = errors.New("too many failed attempts")
	// ErrInvitation means that an invitation is unknown, used or past its end.
	ErrInvitation = errors.New("the invitation is not valid")
	// ErrLastFactor means that removing the factor would leave the account with none.
	ErrLastFactor = errors.New("the last second factor cannot be removed")
	// ErrTaken means that the login name belongs to another account.
	ErrTaken = errors.New("the login name is taken")
	// ErrExpired and ErrUnconfirmed mean that the passphrase is right, and that the account has lapsed: only its user is told.
	ErrExpired     = errors.New("the account has expired")
	ErrUnconfirmed = errors.New("the account is suspended until a sponsor confirms it")
)

// Status is where an account stands in its life.
type Status string

// The statuses.
const (
	// Invited: the link was made and not yet used. Nobody can sign in.
	Invited Status = "invited"
	// Active: passphrase and second factor are set.
	Active Status = "active"
	// Locked: an administrator has stopped it.
	Locked Status = "locked"
	// Ended: for good.
	Ended Status = "ended"
)

// Account is one local account. It says nothing about any person but its user.
type Account struct {
	// ID is 128 random bits in hex: the user's subject, and the handle that a passkey carries.
	ID string
	// Login is what the user types, as Login gives it; Name is shown on every page.
	Login, Name string
	// Role is a key of Roles.
	Role         string
	Organisation identity.Organisation
	Status       Status
	// Passphrase is the encoded hash (see Hasher); empty until the invitation is accepted.
	Passphrase string
	// Version goes up with each change of passphrase and each reset: a sign-in begun before it is void.
	Version int
	// Created and Changed are when it was made and last changed.
	Created, Changed time.Time
	// Expires is when it ends unless two people renew it; ConfirmedUntil is until when a sponsor's word holds that it is still needed.
	Expires, ConfirmedUntil time.Time
	// Trained is the day of the user's last training; zero where nobody has said.
	Trained time.Time
	// Request is the request that two people granted; empty for one that an operator made alone.
	Request string
}

// How long things last: an account at most a year, a sponsor's word a quarter.
const (
	AccountLife     = 365 * 24 * time.Hour
	ConfirmationFor = 92 * 24 * time.Hour
)

// Lapse is why an account whose status is Active opens nothing all the same. It needs no write: the clock decides, on every replica alike.
type Lapse string

// The lapses.
const (
	NoLapse Lapse = ""
	// Unconfirmed: no sponsor has confirmed within the quarter that the user still needs it. It comes back with the confirmation, whole.
	Unconfirmed Lapse = "unconfirmed"
	// Expired: past its last day. It comes back when two people renew it.
	Expired Lapse = "expired"
)

// Lapse says whether the account has lapsed. A time that is not known is none.
func (a Account) Lapse(now time.Time) Lapse {
	switch {
	case !a.Expires.IsZero() && !now.Before(a.Expires):
		return Expired
	case !a.ConfirmedUntil.IsZero() && !now.Before(a.ConfirmedUntil):
		return Unconfirmed
	}
	return NoLapse
}

// Lapses is when it lapses, if nobody does anything; zero when never.
func (a Account) Lapses() time.Time {
	if a.Expires.IsZero() || !a.ConfirmedUntil.IsZero() && a.ConfirmedUntil.Before(a.Expires) {
		return a.ConfirmedUntil
	}
	return a.Expires
}

// Usable reports whether its user can sign in and stay signed in.
func (a Account) Usable(now time.Time) bool { return a.Status == Active && a.Lapse(now) == NoLapse }

// Credentials are an account's second factors and what is left of its recovery codes.
type Credentials struct {
	Factors []Factor
	// CodesLeft is how many recovery codes are unused; CodeUsed is when one was last used.
	CodesLeft int
	CodeUsed  time.Time
}

// Kind is the kind of a second factor.
type Kind string

// The kinds.
const (
	TOTP    Kind = "totp"
	Passkey Kind = "passkey"
)

// Factor is one second factor.
type Factor struct {
	ID   string
	Kind Kind
	// Name is the user's own for it.
	Name string
	// Secret is the TOTP secret, sealed; LastStep the last step of which a code was used.
	Secret   string
	LastStep int64
	// Credential is the passkey's record (WebAuthn credential record) and CredentialID its id.
	Credential, CredentialID []byte
	Created, Used            time.Time
}

// NewID makes an id of 128 random bits.
func NewID() string {
	id := make([]byte, 16)
	_, _ = rand.Read(id) // never fails: crypto/rand ends the process rather than return weak bytes
	return hex.EncodeToString(id)
}

// maxLogin bounds a login name, in bytes.
const maxLogin = 200

// Login brings a login name into the one form in which it is kept and looked for. It is empty for text that no account can have.
func Login(typed string) string {
	login := strings.ToLower(norm.NFC.String(strings.TrimSpace(typed)))
	odd := func(r rune) bool { return r <= ' ' || r == 0x7f || r == utf8.RuneError }
	if len(login) > maxLogin || strings.ContainsFunc(login, odd) {
		return ""
	}
	return login
}

// User is who the account signs in as: the one role it was made with, as the table of roles defines it today. It is false for a role that the
// table does not hold, and for an account that is not active or has lapsed.
func (a Account) User(now time.Time) (identity.User, bool) {
	role, ok := Roles[a.Role]
	if !ok || !a.Usable(now) {
		return identity.User{}, false
	}
	return identity.User{
		Issuer: Issuer, Subject: a.ID, Name: a.Name, AssuranceLevel: assurance, Organisation: a.Organisation,
		Role: identity.Role{ProfileID: "local:" + a.Role, Code: role.Code, Name: role.Name, Activities: role.Activities},
	}, true
}

// who names the account in the audit trail, whatever its status.
func (a Account) who() identity.User {
	return identity.User{Issuer: Issuer, Subject: a.ID, Name: a.Name, Organisation: a.Organisation}
}
