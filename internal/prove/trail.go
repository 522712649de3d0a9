package prove

import (
	"context"
	"fmt"
	"time"

	"ribble/internal/audit"
	"ribble/internal/postgres"
)

// trail is the third history: what the audit trail holds, read from the database under the role of the verifier and not through the portals.
type trail struct {
	estate *estate
	last   int64
	ids    map[audit.UUID]bool
	// looks are by who looked, in the order in which they began; noted are the times of what is written before a look.
	looks map[string][]*look
	noted map[string][]time.Time
	byID  map[audit.UUID]*look
	// wrong is what is wrong with the trail itself.
	wrong []string
}

// look is one look as the trail has it. The times are the database's own.
type look struct {
	began time.Time
	asked map[string]bool
	// shown are the feeds of which something was shown, with the time of the first event that says so.
	shown    map[string]time.Time
	finished bool
}

// openTrail begins after what is in the trail already.
func openTrail(ctx context.Context, e *estate) (*trail, error) {
	t := &trail{estate: e, ids: map[audit.UUID]bool{}}
	t.forget()
	return t, t.read(ctx)
}

// forget drops the looks read so far, which have been judged.
func (t *trail) forget() {
	t.looks, t.noted, t.byID, t.wrong = map[string][]*look{}, map[string][]time.Time{}, map[audit.UUID]*look{}, nil
}

func (t *trail) close() {}

// read takes in every event that has come since.
func (t *trail) read(ctx context.Context) error {
	db, err := postgres.OpenLedger(ctx, t.estate.urls[postgres.Verifier], "")
	if err != nil {
		return fmt.Errorf("opening the trail: %w", err)
	}
	defer db.Close()
	const most = 1000
	for {
		rows, err := db.Rows(ctx, t.last, most)
		if err != nil {
			return fmt.Errorf("reading the trail: %w", err)
		}
		for i := range rows {
			event, err := audit.Decode(&rows[i])
			if err != nil {
				return fmt.Errorf("event %d: %w", rows[i].Sequence, err)
			}
			t.take(rows[i].Sequence, rows[i].RecordedAt, event)
		}
		if len(rows) < most {
			return nil
		}
	}
}

func (t *trail) take(sequence int64, at time.Time, e audit.Event) {
	if sequence != t.last+1 {
		t.wrong = append(t.wrong, fmt.Sprintf("I4: number %d follows %d", sequence, t.last))
	}
	t.last = sequence
	if t.ids[e.ID] {
		t.wrong = append(t.wrong, fmt.Sprintf("I3: the event of number %d is there twice", sequence))
	}
	t.ids[e.ID] = true
	l := t.byID[e.Look]
	switch e.Act {
	case audit.ActOpenRequested:
		t.noted[e.User.Subject] = append(t.noted[e.User.Subject], at)
	case audit.ActIntent:
		l = &look{began: at, asked: map[string]bool{}, shown: map[string]time.Time{}}
		for _, feed := range e.Asked {
			l.asked[feed] = true
		}
		t.byID[e.ID] = l
		t.looks[e.User.Subject] = append(t.looks[e.User.Subject], l)
	case audit.ActDisclosed:
		if l != nil {
			l.show(at, e.Sources)
		}
	case audit.ActFinished:
		if l != nil {
			l.finished = true
		}
	default: // other acts are no part of opening a record
	}
}

func (l *look) show(at time.Time, sources []audit.Source) {
	for _, s := range sources {
		for _, section := range s.Sections {
			if section.Count > 0 && l.shown[s.Feed].IsZero() {
				l.shown[s.Feed] = at
			}
		}
	}
}

// open is how many looks have no outcome.
func (t *trail) open() int {
	n := 0
	for _, looks := range t.looks {
		for _, l := range looks {
			if !l.finished {
				n++
			}
		}
	}
	return n
}
