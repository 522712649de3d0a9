package queue_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"ribble/internal/audit"
	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/oversight"
	"ribble/internal/oversight/queue"
	"ribble/internal/oversight/watch"
)

// desk is a queue in memory with one alert; log holds what happened, in order.
type desk struct {
	item   queue.Item
	log    []string
	broken error
}

func (d *desk) List(context.Context, queue.Filter) ([]queue.Item, error) {
	return []queue.Item{d.item}, nil
}

func (d *desk) Get(_ context.Context, organisation, id string) (queue.Item, []queue.Step, bool, error) {
	return d.item, nil, organisation == d.item.Organisation && id == d.item.ID, nil
}

func (d *desk) Questions(_ context.Context, u watch.User) ([]queue.Item, error) {
	if u == d.item.User && d.item.State == queue.Asked {
		return []queue.Item{d.item}, nil
	}
	return nil, nil
}

func (d *desk) Move(_ context.Context, _ string, m queue.Move) error {
	if !slices.Contains(m.From, d.item.State) {
		return queue.ErrMoved
	}
	d.log = append(d.log, "kept "+m.Act)
	d.item.State = m.To
	return nil
}

func (d *desk) Write(_ context.Context, n audit.Note) (audit.Written, error) {
	if d.broken != nil {
		return audit.Written{}, d.broken
	}
	d.log = append(d.log, "written "+n.Reason)
	return audit.Written{ID: "e", At: time.Now()}, nil
}

func newDesk() (*desk, *queue.Desk) {
	d := &desk{item: queue.Item{Alert: oversight.Alert{ID: "a", Organisation: "RZB"}, User: watch.User{Issuer: "i", Subject: "u"}, State: queue.New}}
	return d, &queue.Desk{Store: d, Trail: d}
}

var (
	officer = identity.User{Issuer: "i", Subject: "grant", Name: "GRANT Helen", Organisation: identity.Organisation{ODS: "RZB"}}
	looker  = identity.User{Issuer: "i", Subject: "u"}
)

const words = "More than ten letters."

// TestWrittenFirst: each step is in the trail before it counts, and does not count when the trail cannot be written.
func TestWrittenFirst(t *testing.T) {
	d, q := newDesk()
	ctx := t.Context()
	for _, err := range []error{q.Take(ctx, officer, "a"), q.Ask(ctx, officer, "a", words), q.Answer(ctx, looker, "a", words), q.Close(ctx, officer, "a", "proper", words)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	want := "written assigned kept assigned written asked kept asked written answered kept answered written closed kept closed"
	if got := strings.Join(d.log, " "); got != want {
		t.Errorf("happened: %s", got)
	}
	d, q = newDesk()
	d.broken = errors.New("down")
	if err := q.Take(ctx, officer, "a"); err == nil || d.item.State != queue.New || len(d.log) != 0 {
		t.Errorf("without the trail: %v, %s, %v", err, d.item.State, d.log)
	}
}

func TestRefuses(t *testing.T) {
	ctx := t.Context()
	elsewhere := officer
	elsewhere.Organisation.ODS = "RZP"
	for name, c := range map[string]struct {
		do   func(*queue.Desk) error
		kind fault.Kind
	}{
		"another organisation": {func(q *queue.Desk) error { return q.Take(ctx, elsewhere, "a") }, fault.NotFound},
		"no such alert":        {func(q *queue.Desk) error { return q.Take(ctx, officer, "b") }, fault.NotFound},
		"nobody asked":         {func(q *queue.Desk) error { return q.Answer(ctx, looker, "a", words) }, fault.NotFound},
		"few words":            {func(q *queue.Desk) error { return q.Ask(ctx, officer, "a", "why?") }, fault.Invalid},
		"too many words":       {func(q *queue.Desk) error { return q.Ask(ctx, officer, "a", strings.Repeat("x", 2001)) }, fault.Invalid},
		"no outcome":           {func(q *queue.Desk) error { return q.Close(ctx, officer, "a", "", words) }, fault.Invalid},
	} {
		d, q := newDesk()
		if err := c.do(q); fault.KindOf(err) != c.kind || err == nil || len(d.log) != 0 {
			t.Errorf("%s: %v, %v", name, err, d.log)
		}
	}
	d, q := newDesk()
	d.item.State = queue.Closed
	if err := q.Close(ctx, officer, "a", "proper", words); err == nil || len(d.log) != 0 {
		t.Errorf("closed twice: %v", err)
	}
}
