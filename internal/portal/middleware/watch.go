package middleware

import (
	"context"
	"errors"
	"net/http"
	"time"

	"ribble/internal/identity"
)

// errSessionGone cancels an answer whose session ended or was locked while it was being sent.
var errSessionGone = errors.New("the session ended or was locked")

// EndWithSession ends a long answer when its session ends or is locked elsewhere: a page that streams must not outlive its user's leave to see
// it. The session is looked up so often while the answer lasts; most answers are done before the first time. Put it after RequireUser.
func EndWithSession(cfg SessionConfig, every time.Duration) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			token, ok := cfg.Token(r)
			if !ok {
				next.ServeHTTP(w, r)
				return
			}
			ctx, cancel := context.WithCancelCause(r.Context())
			defer cancel(nil)
			go cfg.watch(ctx, token, every, cancel)
			next.ServeHTTP(w, r.WithContext(ctx))
		})
	}
}

func (cfg SessionConfig) watch(ctx context.Context, token identity.Token, every time.Duration, cancel context.CancelCauseFunc) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			session, err := cfg.Find(ctx, token.Hash(), cfg.now())
			if errors.Is(err, identity.ErrNoSession) || err == nil && !session.Locked.IsZero() {
				cancel(errSessionGone)
				return
			}
		}
	}
}
