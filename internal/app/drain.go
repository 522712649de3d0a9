package app

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"time"
)

const (
	// noticeLimit is how long a portal that was asked to end goes on taking requests. It says at once that it is not ready; whoever balances the load
	// asks at least every other second, and must not meet a closed door before it knows.
	noticeLimit = 3 * time.Second
	// drainLimit is how long open views may take to end after that.
	drainLimit = 27 * time.Second
)

var errEnding = errors.New("the portal is about to end")

// ending is whether the portal has been asked to end.
type ending struct{ begun atomic.Bool }

// ready is the check of readiness.
func (e *ending) ready(context.Context) error {
	if e.begun.Load() {
		return errEnding
	}
	return nil
}

// last wraps the portal so that its answers close their connections once it ends: a request sent on a connection that is about to be closed would be
// lost, and nobody may repeat a form by itself.
func (e *ending) last(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if e.begun.Load() {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}

// drain lets open views end. It takes no new requests after the time of notice.
func (e *ending) drain(ctx context.Context, notice time.Duration, servers []*http.Server) error {
	e.begun.Store(true)
	time.Sleep(notice)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainLimit)
	defer cancel()
	var err error
	for _, s := range servers {
		err = errors.Join(err, s.Shutdown(ctx))
	}
	return err
}
