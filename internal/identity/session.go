package identity

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"time"
)

// ErrNoSession means that no live session has the token: never issued, ended, or past its idle or absolute limit. The
// reasons are not told apart.
var ErrNoSession = errors.New("no such session")

// NewSession is a session to be stored. It holds nothing about any person but the user.
type NewSession struct {
	// ID is a non-secret id, fit for the audit trail (User.Session).
	ID string
	// TokenHash is the SHA-256 of the token in the cookie; the token itself is stored nowhere.
	TokenHash [32]byte
	// User is who signed in, in the one role of this session.
	User User
	// SID is the provider's own session id (OpenID Connect "sid"), by which back-channel logout names it; may be empty.
	SID string
	// InContext is set for a session that another system opened with one person in context: it is for this person only.
	InContext bool
	// Created is when the session began; Expires is its absolute end; Idle is how long it stays open without a request.
	Created, Expires time.Time
	Idle             time.Duration
	// Linger is how long it waits, locked, for its user to come back before it ends.
	Linger time.Duration
	// Address and Agent say where it was begun, for its user to recognise.
	Address, Agent string
}

// Session is a live session as found by its token, or one of its user's list.
type Session struct {
	ID string
	// User is as it was at sign-in; User.Session equals ID.
	User User
	SID  string
	// InContext is set for a session that is for one person only; see Searcher.
	InContext bool
	// Created and Expires are as given at creation; IdleUntil is when it locks if no further request comes.
	Created, Expires, IdleUntil time.Time
	// Authenticated is when the user last proved who they are: at sign-in, at unlocking, at a step-up.
	Authenticated time.Time
	// Locked is when it was locked, by its user or for want of use; zero while it is open. A locked session shows nothing about any person.
	Locked time.Time
	// Ends is when it ends by itself if its user does nothing more.
	Ends time.Time
	// Ended is when it was ended; zero for one that nobody ended.
	Ended time.Time
	// Previous is when the user signed in the time before; zero when that is not known.
	Previous time.Time
	// Address and Agent say where it was begun.
	Address, Agent string
}

// Live reports whether the session, open or locked, can still be used at the given time.
func (s Session) Live(now time.Time) bool { return s.Ended.IsZero() && now.Before(s.Ends) }

// RecentlyAuthenticated reports whether the user proved who they are within the time before now, and the session is open: what break-glass,
// export and administration ask for besides being signed in (step-up).
func RecentlyAuthenticated(s Session, within time.Duration, now time.Time) bool {
	return s.Locked.IsZero() && !s.User.IsZero() && !s.Authenticated.IsZero() && now.Sub(s.Authenticated) <= within
}

// Sessions keeps sessions where every replica of the portal sees them. Implementations must be safe for concurrent use.
type Sessions interface {
	// Create stores a session. It fails, storing nothing, when the token hash or the id exists already.
	Create(ctx context.Context, s NewSession) error
	// Find returns the session of the token, open or locked. It moves the idle limit of an open one on to now + Idle (it may do so at a
	// coarser step of at most a tenth of Idle, to save writes). It returns ErrNoSession for one unknown, ended, or past its end at now.
	Find(ctx context.Context, tokenHash [32]byte, now time.Time) (Session, error)
	// End ends the session at once on every replica. Ending one that is not live is not an error.
	End(ctx context.Context, tokenHash [32]byte) error
}

// Locks locks open sessions and opens locked ones again.
type Locks interface {
	// Lock locks the open session of the token at once on every replica, and says whether it was open.
	Lock(ctx context.Context, tokenHash [32]byte, now time.Time) (bool, error)
	// Renew opens a live session, notes that its user has just proved who they are, and gives it another token: the old one is dead from
	// then on. It returns ErrNoSession for a session that has ended meanwhile.
	Renew(ctx context.Context, r Renewal) error
}

// Renewal is what becomes of a session whose user has proved who they are once more.
type Renewal struct {
	// Old and New are the hashes of the token so far and of the one from now on.
	Old, New [32]byte
	// SID is the provider's session id of the new proof; empty keeps the old one.
	SID string
	At  time.Time
}

// Listing is what a user, or the provider on their behalf, sees and ends of all their sessions.
type Listing interface {
	// Of lists the sessions of a user that were live at or after the given time, the newest first, at most 100.
	Of(ctx context.Context, issuer, subject string, since time.Time) ([]Session, error)
	// EndWhere ends every live session that fits, at once on every replica, and gives the users of those that were ended.
	EndWhere(ctx context.Context, which Which) ([]User, error)
}

// Which names sessions of one issuer. Subject, SID and ID narrow it down; at least one of them must be given.
type Which struct {
	Issuer string
	// Subject is the user with that issuer; SID the provider's session id (OpenID Connect Back-Channel Logout 1.0); ID the session's own.
	Subject, SID, ID string
}

// What becomes of a session, as it is written down.
const (
	SessionBegan     = "signed-in"
	SessionEnded     = "signed-out"
	SessionLocked    = "locked"
	SessionUnlocked  = "unlocked"
	SessionSteppedUp = "stepped-up"
)

// Auditor writes the events of signing in and out. Each call returns only when the event is committed.
type Auditor interface {
	// SessionChanged writes what became of the user's session (one of the constants above) and the fixed reason for it.
	SessionChanged(ctx context.Context, u User, change, reason string) error
	// SignInFailed is told as much of the user as is known (often only the issuer, or nothing), one of the fixed reasons of the package that
	// calls, never text from outside, and how many failures the one event stands for.
	SignInFailed(ctx context.Context, u User, reason string, times int) error
}

// Token is the secret of one session: 256 random bits. It exists in the cookie only.
type Token [32]byte

// NewToken makes a token from the system's random source.
func NewToken() Token {
	var t Token
	_, _ = rand.Read(t[:]) // never fails: crypto/rand ends the process rather than return weak bytes
	return t
}

// ParseToken reads a token from a cookie value. Anything but the exact form of Token.Cookie is refused.
func ParseToken(cookie string) (Token, bool) {
	var t Token
	if len(cookie) != base64.RawURLEncoding.EncodedLen(len(t)) {
		return Token{}, false
	}
	n, err := base64.RawURLEncoding.Strict().Decode(t[:], []byte(cookie))
	return t, err == nil && n == len(t)
}

// Cookie is the token as a cookie value.
func (t Token) Cookie() string { return base64.RawURLEncoding.EncodeToString(t[:]) }

// Hash is what is stored and looked up in place of the token.
func (t Token) Hash() [32]byte { return sha256.Sum256(t[:]) }

// String hides the token, so that no log line or error can carry it.
func (t Token) String() string { return "[redacted]" }
