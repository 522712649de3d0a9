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
	// Created is when the session began; Expires is its absolute end; Idle is how long it lives without a request.
	Created, Expires time.Time
	Idle             time.Duration
}

// Session is a live session as found by its token.
type Session struct {
	ID string
	// User is as it was at sign-in; User.Session equals ID.
	User User
	SID  string
	// Created and Expires are as given at creation; IdleUntil is when it ends if no further request comes.
	Created, Expires, IdleUntil time.Time
}

// Sessions keeps sessions where every replica of the portal sees them. Implementations must be safe for concurrent use.
type Sessions interface {
	// Create stores a session. It fails, storing nothing, when the token hash or the id exists already.
	Create(ctx context.Context, s NewSession) error
	// Find returns the live session of the token and moves its idle limit on to now + Idle (it may do so at a coarser
	// step of at most a tenth of Idle, to save writes). It returns ErrNoSession for one unknown, ended, or past a limit at now.
	Find(ctx context.Context, tokenHash [32]byte, now time.Time) (Session, error)
	// End ends the session at once on every replica. Ending one that is not live is not an error.
	End(ctx context.Context, tokenHash [32]byte) error
	// EndBySID ends every session that the issuer knows as sid and says how many (OpenID Connect Back-Channel Logout 1.0).
	EndBySID(ctx context.Context, issuer, sid string) (int, error)
}

// Auditor writes the events of signing in and out. Each call returns only when the event is committed.
type Auditor interface {
	SignedIn(ctx context.Context, u User) error
	// SignInFailed is told the issuer ("" when not known) and one of the fixed reasons of this package, never text from outside.
	SignInFailed(ctx context.Context, issuer, reason string) error
	SignedOut(ctx context.Context, u User) error
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
