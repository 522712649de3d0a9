package fanout_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"ribble/internal/access"
	"ribble/internal/audit"
	"ribble/internal/fanout"
	"ribble/internal/identity"
	"ribble/internal/record"
	"ribble/internal/relationship"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type storeOf struct{}

func (storeOf) Append(context.Context, audit.Entry) (audit.Position, error) {
	return audit.Position{Sequence: 1}, nil
}

func receipt(t testing.TB) audit.Receipt {
	t.Helper()
	number, _ := record.ParseNHSNumber("9991411690")
	now := time.Now()
	g, err := access.Decide(access.Request{
		User:   identity.User{Issuer: "i", Subject: "s", Name: "N", AssuranceLevel: 3, Role: identity.Role{ProfileID: "1", Activities: []string{"B0360"}}, Organisation: identity.Organisation{ODS: "BTH"}},
		Person: record.Person{NHSNumber: number, TracedAt: now}, Purpose: access.DirectCare, At: now,
		Facts: access.Facts{Relationships: []relationship.Evidence{{Kind: relationship.Caseload, Organisation: "BTH"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	r, err := audit.NewTrail(storeOf{}, audit.GenerateKeys(), time.Now).Begin(t.Context(), g, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// source is a source made of one function.
type source func(context.Context, record.Ask) record.Answer

func (s source) Ask(ctx context.Context, ask record.Ask) record.Answer { return s(ctx, ask) }

func target(feed string, s source) fanout.Target {
	return fanout.Target{Ref: record.SourceRef{Feed: feed}, Source: s, Sections: record.SectionsOf(record.Allergies), Deadline: 8 * time.Second}
}

func settled(feed string) record.Answer {
	a := record.Answer{Source: record.SourceRef{Feed: feed}, State: record.Data}
	a.Settle(record.SectionsOf(record.Allergies))
	return a
}

func after(feed string, d time.Duration) fanout.Target {
	return target(feed, func(ctx context.Context, _ record.Ask) record.Answer {
		select {
		case <-time.After(d):
			return settled(feed)
		case <-ctx.Done():
			return record.Failed(record.SourceRef{Feed: feed}, record.SectionsOf(record.Allergies), record.Unavailable, "gave up")
		}
	})
}

var asker = fanout.Asker{Log: slog.New(slog.NewTextHandler(io.Discard, nil))}

func TestOneAnswerEach(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		deaf := make(chan struct{})
		targets := []fanout.Target{
			after("slow", 3*time.Second), after("quick", time.Second), after("never", time.Hour),
			target("panics", func(context.Context, record.Ask) record.Answer { panic("a value that must not be logged") }),
			target("deaf", func(context.Context, record.Ask) record.Answer { <-deaf; return settled("deaf") }),
			target("other", func(context.Context, record.Ask) record.Answer { return settled("somebody else") }),
			target("unsettled", func(context.Context, record.Ask) record.Answer {
				return record.Answer{Source: record.SourceRef{Feed: "unsettled"}, State: record.Data}
			}),
		}
		began := time.Now()
		answers, err := asker.Ask(t.Context(), receipt(t), targets)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]record.State{}
		var order []string
		for a := range answers {
			if _, twice := got[a.Source.Feed]; twice {
				t.Errorf("%s answered twice", a.Source.Feed)
			}
			got[a.Source.Feed] = a.State
			order = append(order, a.Source.Feed)
		}
		if took := time.Since(began); took != 8*time.Second {
			t.Errorf("all ended after %v, want the deadline of 8 s", took)
		}
		close(deaf)
		want := map[string]record.State{
			"slow": record.Data, "quick": record.Data, "never": record.Unavailable, "panics": record.Unavailable, "deaf": record.Unavailable, "other": record.Unavailable, "unsettled": record.Unavailable,
		}
		for feed, state := range want {
			if got[feed] != state {
				t.Errorf("%s: %v, want %v", feed, got[feed], state)
			}
		}
		if len(got) != len(targets) || order[3] != "quick" || order[4] != "slow" {
			t.Errorf("answers in the order %v", order)
		}
	})
}

func TestNobodyIsAskedWithoutReceipt(t *testing.T) {
	var asked atomic.Int64
	_, err := asker.Ask(t.Context(), audit.Receipt{}, []fanout.Target{target("a", func(context.Context, record.Ask) record.Answer { asked.Add(1); return settled("a") })})
	if !errors.Is(err, fanout.ErrNoReceipt) || asked.Load() != 0 {
		t.Errorf("error %v, %d asked", err, asked.Load())
	}
}

func TestLeavingEndsTheQuestions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		answers, err := asker.Ask(ctx, receipt(t), []fanout.Target{after("a", time.Second), after("never", time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		<-answers
		cancel()
		synctest.Wait()
		if a := <-answers; a.State != record.Unavailable {
			t.Errorf("a question given up ended as %v", a.State)
		}
	})
}

func TestQuestionIsAboutTheReceipt(t *testing.T) {
	r := receipt(t)
	var ask record.Ask
	targets := []fanout.Target{{Ref: record.SourceRef{Feed: "a"}, Sections: record.AllSections, Deadline: time.Second, Source: source(func(_ context.Context, q record.Ask) record.Answer {
		ask = q
		return settled("a")
	})}}
	answers, err := asker.Ask(t.Context(), r, targets)
	if err != nil {
		t.Fatal(err)
	}
	<-answers
	if ask.Person.NHSNumber != r.Person().NHSNumber || ask.ID != r.ID() || ask.Requester.Organisation.ODS != "BTH" || ask.Sections != r.Grant().Sections() {
		t.Errorf("the question: %+v", ask)
	}
}

// observed writes down how questions ended.
type observed struct{ ended chan string }

func (o observed) Ended(feed string, state record.State, took time.Duration) {
	o.ended <- feed + " " + state.String() + " " + took.Round(time.Second).String()
}

// TestObserverHearsHowEachEnded, and nothing of those for whom nobody waited.
func TestObserverHearsHowEachEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := observed{make(chan string, 8)}
		k := asker
		k.Observer = o
		ctx, leave := context.WithCancel(t.Context())
		defer leave()
		panics := target("p", func(context.Context, record.Ask) record.Answer { panic("p") })
		answers, err := k.Ask(ctx, receipt(t), []fanout.Target{after("a", time.Second), after("late", time.Minute), panics})
		if err != nil {
			t.Fatal(err)
		}
		for range answers {
		}
		synctest.Wait()
		for _, want := range []string{"p UNAVAILABLE 0s", "a DATA 1s", "late UNAVAILABLE 8s"} {
			if got := <-o.ended; got != want {
				t.Errorf("heard %q, want %q", got, want)
			}
		}
		answers, err = k.Ask(ctx, receipt(t), []fanout.Target{after("b", time.Minute)})
		if err != nil {
			t.Fatal(err)
		}
		leave()
		for range answers {
		}
		synctest.Wait()
		if len(o.ended) != 0 {
			t.Errorf("heard %q of a view that nobody waited for", <-o.ended)
		}
	})
}
