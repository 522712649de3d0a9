package clinician

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"ribble/internal/audit"
	"ribble/internal/identity"
	"ribble/internal/openrecord"
	"ribble/internal/record"
	"ribble/internal/telemetry"
)

// ahead traces the person of a launch while the browser is still on its way from the page between to the record, so that the two do not add up.
// What it finds waits in this process, for the one request that the launch leads to, and is then forgotten. A request that comes to another
// replica, or too late, traces the person itself. It is the openrecord.Tracer of all looks.
type ahead struct {
	tracer openrecord.Tracer
	trail  *audit.Trail
	log    *slog.Logger

	mu    sync.Mutex
	waits map[string]*traced
}

// traced is a trace under way; done is closed when person and err stand.
type traced struct {
	done   chan struct{}
	person record.Person
	err    error
	forget *time.Timer
}

const (
	// aheadLife is how long a person waits to be fetched: a browser needs less than a second.
	aheadLife = 10 * time.Second
	// mostAhead bounds how many wait at once; more are traced by their own requests.
	mostAhead = 1000
)

// errTraceBroke is the state of a trace whose code panicked; its request makes its own.
var errTraceBroke = errors.New("tracing the person ahead broke off")

// begin starts the trace of a launched person, to be fetched once under the key, and returns at once.
func (a *ahead) begin(ctx context.Context, key string, u identity.User, number record.NHSNumber) {
	t := &traced{done: make(chan struct{}), err: errTraceBroke}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.waits) >= mostAhead || a.waits[key] != nil {
		return
	}
	a.waits[key] = t
	t.forget = time.AfterFunc(aheadLife, func() { a.fetch(key) })
	// The request that began it is answered long before it ends.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), aheadLife)
	telemetry.Go(a.log, "trace-ahead", func() {
		defer cancel()
		defer close(t.done)
		t.person, t.err = a.trace(ctx, u, number)
	}, nil)
}

// trace asks the national register and writes down that it did, before anybody can use what it said.
func (a *ahead) trace(ctx context.Context, u identity.User, number record.NHSNumber) (record.Person, error) {
	person, err := a.tracer.Trace(ctx, number, audit.Requester(u))
	note := audit.Note{Act: audit.ActTraced, User: u, NHSNumber: number}
	if err == nil {
		note.Found = 1
	}
	if noteErr := a.trail.Note(ctx, note); noteErr != nil {
		return record.Person{}, fmt.Errorf("writing down the trace: %w", noteErr)
	}
	return person, err
}

// fetch gives what waits under the key, and forgets it.
func (a *ahead) fetch(key string) *traced {
	a.mu.Lock()
	defer a.mu.Unlock()
	t := a.waits[key]
	if t != nil {
		t.forget.Stop()
		delete(a.waits, key)
	}
	return t
}

// Trace gives the person of a launch if they were traced ahead for this very request, and traces everybody else now.
func (a *ahead) Trace(ctx context.Context, number record.NHSNumber, by record.Requester) (record.Person, error) {
	if key, launched := ctx.Value(aheadKey{}).(string); launched {
		if t := a.fetch(key); t != nil {
			select {
			case <-t.done:
				if !errors.Is(t.err, errTraceBroke) {
					return t.person, t.err
				}
			case <-ctx.Done():
				return record.Person{}, ctx.Err()
			}
		}
	}
	return a.tracer.Trace(ctx, number, by)
}

// aheadKey is the context's key of the name under which a person may wait for a request.
type aheadKey struct{}

// launchKey names the launch of a handle: the same session, role and person; it says nothing of them.
func (p *Pages) launchKey(b bound) string {
	return p.handles.Sealer.Mark("launch", []byte(b.Session+"\x00"+b.Role+"\x00"+b.Number+"\x00"+b.Born))
}

// withLaunch lets the request of a launched record fetch the person who was traced ahead for it.
func (p *Pages) withLaunch(ctx context.Context, b bound) context.Context {
	if b.Born == "" {
		return ctx
	}
	return context.WithValue(ctx, aheadKey{}, p.launchKey(b))
}
