package identity

import (
	"context"
	"time"
)

// Counted is something that happens and is counted where every replica sees it: a search by one user, a failed sign-in from one address.
type Counted struct {
	// Kind is a fixed word, such as "search-user"; Key is who or what is counted, of which only a hash is kept.
	Kind, Key string
	// Window is how far back the count reaches.
	Window time.Duration
}

// Counter counts, across all replicas. Implementations must be safe for concurrent use.
type Counter interface {
	// Count adds one to each and gives how often each has happened within its window, this time included, in the order given. The window
	// slides; a count may be off by a part of what came in the window before.
	Count(ctx context.Context, now time.Time, events ...Counted) ([]int, error)
}

// Spender lets a token be used once, whichever replica it is shown to.
type Spender interface {
	// Spend notes that the token was used and says whether this was the first time. The purpose is a fixed word; issuer and id name the token.
	// It must be remembered until it would be refused for its age anyway. On an error it must count as used.
	Spend(ctx context.Context, purpose, issuer, id string, until time.Time) (bool, error)
}

// Evenly runs work and returns its result no sooner than least after it began. Whoever measures cannot tell a short way through work (no such
// account) from a long one (a wrong passphrase), as long as least is longer than either.
func Evenly[T any](ctx context.Context, least time.Duration, work func() T) T {
	timer := time.NewTimer(least)
	defer timer.Stop()
	result := work()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	return result
}
