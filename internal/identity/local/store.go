package local

import (
	"context"
	"time"
)

// Write is called inside a change, just before it is committed: it writes the event down. When it fails, nothing is changed.
type Write func(ctx context.Context) error

// Store keeps accounts where every replica sees them. Implementations must be safe for concurrent use.
type Store interface {
	finder
	usage
	keeper
	inviter
	overseer
}

type finder interface {
	// Find gives the account of a login name, ByID that of an id; ErrNoAccount for none.
	Find(ctx context.Context, login string) (Account, error)
	ByID(ctx context.Context, id string) (Account, error)
	// Credentials gives an account's second factors, oldest first, and the state of its recovery codes.
	Credentials(ctx context.Context, id string) (Credentials, error)
	// List gives every account, by login name.
	List(ctx context.Context) ([]Account, error)
}

// usage makes everything that may be used once be used once, across replicas, and counts failures before they happen: an attempt is taken
// first and given back when it succeeds, so that parallel guesses cannot slip past the limit.
type usage interface {
	// Take counts an attempt under a key and gives its number, unless limit were counted since the given time: then ok is false.
	Take(ctx context.Context, key string, limit int, since, now time.Time) (number int64, ok bool, err error)
	// Give takes an attempt out of the count.
	Give(ctx context.Context, number int64) error
	// UseStep marks a TOTP step as used. It is false when that step or a later one was used already.
	UseStep(ctx context.Context, factor string, step int64, now time.Time) (bool, error)
	// UsePasskey keeps the passkey's new record. It is false when the ceremony, named by its mark, was completed before.
	UsePasskey(ctx context.Context, f Factor, ceremony [32]byte, now time.Time) (bool, error)
	// UseCode uses up a recovery code. It is false when the account has no such unused code.
	UseCode(ctx context.Context, account string, code [32]byte, now time.Time, write Write) (bool, error)
}

type keeper interface {
	AddFactor(ctx context.Context, account string, f Factor, write Write) error
	// RemoveFactor returns ErrLastFactor, changing nothing, when it is the only one.
	RemoveFactor(ctx context.Context, account, factor string, write Write) error
	// ReplaceCodes makes these the only recovery codes.
	ReplaceCodes(ctx context.Context, account string, codes [][32]byte, write Write) error
	// SetPassphrase keeps a new hash. With a new version it voids sign-ins under way; without one it is the same passphrase at another cost.
	SetPassphrase(ctx context.Context, account, hash string, newVersion bool, now time.Time, write Write) error
}

type inviter interface {
	// Invite stores a new account with its invitation; ErrTaken when the login name is in use.
	Invite(ctx context.Context, a Account, i Invitation, write Write) error
	// Invited gives the account of an invitation that can still be used; ErrInvitation for any other.
	Invited(ctx context.Context, token [32]byte, now time.Time) (Account, error)
	// Accept uses the invitation up and makes the account active with everything at once; ErrInvitation when another was first.
	Accept(ctx context.Context, token [32]byte, e Enrolment, now time.Time, write Write) error
}

type overseer interface {
	// Reset takes everything from an account that proves who its user is, and gives it a new invitation.
	Reset(ctx context.Context, account string, i Invitation, write Write) error
	// SetStatus locks, unlocks or ends an account.
	SetStatus(ctx context.Context, account string, s Status, now time.Time, write Write) error
	// Forget removes what no longer matters: old attempts, ceremonies and invitations.
	Forget(ctx context.Context, now time.Time) error
}

// Invitation is a link by which an account is enrolled, once.
type Invitation struct {
	// Token is the SHA-256 of the token in the link; the token itself is kept nowhere.
	Token            [32]byte
	Created, Expires time.Time
}

// Enrolment is all that makes an account active.
type Enrolment struct {
	Passphrase string
	Factor     Factor
	Codes      [][32]byte
}
