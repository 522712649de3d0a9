package prove

import (
	"context"
	"fmt"
	"time"

	"ribble/internal/audit"
	"ribble/internal/ledger/leaf"
	"ribble/internal/postgres"
)

// trail is the third history: what the audit trail holds, read from the database under the role of the verifier and not through the portals.
type trail struct {
	estate *estate
	last   int64
	ids    map[audit.UUID]bool
	// looks are by who looked, in the order in which they began; noted are the times of what is written before a look.
	looks map[string][]*look
	// before are those that were judged last: a question of theirs may reach its source only now.
	before map[string][]*look
	noted  map[string][]time.Time
	byID   map[audit.UUID]*look
	// unsettled are the looks of the whole run that have neither outcome nor reconciliation, reconciled those that have the latter: neither is ever forgotten.
	unsettled, reconciled map[audit.UUID]bool
	// wrong is what is wrong with the trail itself.
	wrong []string
}

// look is one look as the trail has it. The times are the database's own.
type look struct {
	began time.Time
	asked map[string]bool
	// shown are the feeds of which something was shown, with the time of the first event that says so.
	shown map[string]time.Time
	// finished looks have an outcome, reconciled ones have the trail's word that there will be none.
	finished, reconciled bool
}

// openTrail begins after what is in the trail already.
func openTrail(ctx context.Context, e *estate) (*trail, error) {
	t := newTrail(e)
	return t, t.read(ctx)
}

func newTrail(e *estate) *trail {
	t := &trail{estate: e, ids: map[audit.UUID]bool{}, unsettled: map[audit.UUID]bool{}, reconciled: map[audit.UUID]bool{}}
	t.forget()
	return t
}

// forget drops the looks read so far, which have been judged.
func (t *trail) forget() {
	t.before = t.looks
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
		rows, err := t.rows(ctx, db, most)
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

// rows tries for some seconds: under the loads of the proof a connection can take longer to make than anybody at a screen would wait.
func (t *trail) rows(ctx context.Context, db *postgres.Ledger, most int) (rows []leaf.Row, err error) {
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(200 * time.Millisecond) {
		if rows, err = db.Rows(ctx, t.last, most); err == nil || ctx.Err() != nil || time.Now().After(end) {
			return rows, err
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
		t.byID[e.ID], t.unsettled[e.ID] = l, true
		t.looks[e.User.Subject] = append(t.looks[e.User.Subject], l)
	case audit.ActDisclosed:
		t.notAfterwards(sequence, e)
		if l != nil {
			l.show(at, e.Sources)
		}
	case audit.ActDocumentOpened:
		t.notAfterwards(sequence, e)
	case audit.ActFinished:
		t.notAfterwards(sequence, e)
		delete(t.unsettled, e.Look)
		if l != nil {
			l.finished = true
		}
	case audit.ActReconciled:
		if !t.unsettled[e.Look] {
			t.wrong = append(t.wrong, fmt.Sprintf("I5: number %d reconciles a look that had ended", sequence))
		}
		delete(t.unsettled, e.Look)
		t.reconciled[e.Look] = true
		if l != nil {
			l.reconciled = true
		}
	default: // other acts are no part of opening a record
	}
}

// notAfterwards notes an act of a look that the trail said was over.
func (t *trail) notAfterwards(sequence int64, e audit.Event) {
	if t.reconciled[e.Look] {
		t.wrong = append(t.wrong, fmt.Sprintf("I5: number %d (%s) is of a look that was reconciled before", sequence, e.Act))
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

// open is how many looks have neither outcome nor reconciliation.
func (t *trail) open() int {
	n := 0
	for _, looks := range t.looks {
		for _, l := range looks {
			if !l.finished && !l.reconciled {
				n++
			}
		}
	}
	return n
}
