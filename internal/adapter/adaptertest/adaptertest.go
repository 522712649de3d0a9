// Package adaptertest is the acceptance suite that every adapter of a record source passes: the right person, no person, the wrong person,
// and every way in which a source can fail, each over real TLS.
//
// A room supplies a Harness: how to build its source, and a few fake sources that speak its protocol. Faults of the transport and of
// the body are made here, from what the good fake source answers, so that they are the same for every protocol.
package adaptertest

import (
	"context"
	"net/http"
	"testing"
	"time"

	"go.uber.org/goleak"

	"ribble/internal/outbound"
	"ribble/internal/quarantine"
	"ribble/internal/record"
)

// Source is what the suite tests; fanout asks for the same.
type Source interface {
	Ref() record.SourceRef
	Supplies() record.Sections
	Ask(ctx context.Context, ask record.Ask) record.Answer
}

// What the fake sources put into their answers, so that the suite can look for it.
const (
	// Canary stands in every error body and must appear in no detail, error or log line.
	Canary = "canary-Zaphod-4711"
	// OddSystem and OddCode are a coding that no table knows; OddText is the text the source shows for it.
	OddSystem = "urn:oid:1.2.3.4.99999"
	OddCode   = "QQ-77-zz"
	OddText   = "Odd entry in the source's own words"
	// YearOnly is a date of which only the year is known.
	YearOnly = "1987"
	// FirstTwin and SecondTwin are the texts of two different resources under one type and id.
	FirstTwin  = "first of the two versions"
	SecondTwin = "second of the two versions"
	// LabelCode is the code of a security label (v3-Confidentiality) on one entry.
	LabelCode = "V"
)

// Harness is what one adapter supplies.
type Harness struct {
	// New builds the adapter. Everything it sends goes through client, to addresses below base (which ends with BasePath).
	New func(t testing.TB, client *outbound.Client, base string) Source
	// Batch builds the adapter for a feed that takes several searches in one request (FHIR R4 3.1.0.11); nil for protocols without. The fake
	// sources then answer batches as well.
	Batch func(t testing.TB, client *outbound.Client, base string) Source
	// Chained builds it for a feed that takes the person among them, and searches that name the person by NHS number (FHIR R4 3.1.1.5.4); the fake
	// sources then follow such a chain as well. It is nil where Batch is.
	Chained func(t testing.TB, client *outbound.Client, base string) Source
	// BasePath is the path of the endpoint, for example "/fhir/r4"; it may be empty.
	BasePath string
	// Ask is the question. Its person is the one Good answers about and has the name, birth date and NHS number that Good gives.
	Ask record.Ask
	// Kind says which rules of the identity check apply.
	Kind quarantine.SourceKind

	// Good answers every request about the person, with entries in at least one section that was asked for.
	Good http.Handler
	// Empty knows the person and holds nothing.
	Empty http.Handler
	// Unknown does not know the person, in the words of its protocol.
	Unknown http.Handler
	// Refused will not share, in the words of its protocol; nil when the protocol has none but 403.
	Refused http.Handler
	// Other answers about another person altogether.
	Other http.Handler
	// Foreign answers about the right person, with one entry about another.
	Foreign http.Handler
	// Odd answers with the odd things named by the constants above: an entry with OddText and the odd coding, one dated YearOnly, the two
	// twins under one type and id, and one with a security label.
	Odd http.Handler
	// Many answers with n entries.
	Many func(n int) http.Handler

	// Optional names requests whose failure may go unmentioned, for example for a capability statement; nil means none.
	Optional func(*http.Request) bool
}

// patience is how long the suite waits before it calls an adapter stuck. It is a limit for hangs, not a measure of speed.
const patience = 60 * time.Second

// Run puts the adapter through the whole suite. It replaces the default logger meanwhile, so that tests that call it must not run in parallel.
func Run(t *testing.T, h Harness) {
	// The caller's own test goroutines, and those of packages that keep one for good, are not the adapter's.
	before := goleak.IgnoreCurrent()
	logs := catchLogs(t)
	t.Run("people", h.people)
	t.Run("content", h.content)
	t.Run("failures", h.failures)
	t.Run("tolerable", h.tolerable)
	t.Run("transport", h.transport)
	t.Run("one request fails", h.oneFails)
	t.Run("batches", h.batches)
	t.Run("chained", h.chained)
	if words := h.secrets().in(logs.String()); words != "" {
		t.Errorf("the log holds %s", words)
	}
	if err := goleak.Find(before); err != nil {
		t.Errorf("goroutines were left behind: %v", err)
	}
}

// run asks one fake source and checks what holds of every answer.
func (h Harness) run(t *testing.T, handler http.Handler) record.Answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return h.runWithin(ctx, t, handler)
}

func (h Harness) runWithin(ctx context.Context, t *testing.T, handler http.Handler) record.Answer {
	t.Helper()
	server := NewServer(t, handler)
	defer server.Close()
	client := server.Client(t, h.BasePath)
	defer client.Close()
	return h.ask(ctx, t, h.New(t, client, server.URL+h.BasePath))
}

func (h Harness) ask(ctx context.Context, t *testing.T, source Source) record.Answer {
	t.Helper()
	done := make(chan record.Answer, 1)
	go func() { done <- source.Ask(ctx, h.Ask) }()
	select {
	case answer := <-done:
		h.invariants(t, source, answer)
		return answer
	case <-time.After(patience + 10*time.Second):
		t.Fatal("the adapter is stuck: Ask did not return after its context had ended")
		return record.Answer{}
	}
}
