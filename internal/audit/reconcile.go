package audit

import (
	"context"
	"crypto/sha256"
	"errors"
	"time"

	"ribble/internal/fault"
)

// ErrTooLong says that a look has gone on for longer than any may.
var ErrTooLong = errors.New("the look has gone on for too long")

// tooLong is what the person at the screen is told of it.
const tooLong = "This record was open for so long that the rest of it cannot be shown. Open the record again."

// noOutcome is the reason of an ActReconciled.
const noOutcome = "no outcome"

// appendSlack is how long an append may still be under way when its caller has given up.
const appendSlack = 3 * time.Second

// Within gives a trail of the same store whose looks keep to a limit: nothing new is shown after it, whatever was on its way has left after half as long
// again, and an outcome is written before it has passed twice, or never. So whoever has waited for twice the limit since they saw an intent knows that no
// outcome will come. All of it is by clocks that only measure how long something took: no portal and no database need have the right time.
func (t *Trail) Within(limit time.Duration) *Trail {
	bounded := *t
	bounded.limit = limit
	return &bounded
}

// Settled is how long after its intent a look without an outcome will have none.
func (t *Trail) Settled() time.Duration { return 2 * t.limit }

// over reports whether a look may show nothing new.
func (t *Trail) over(r Receipt) bool { return t.limit > 0 && t.now().Sub(r.began) > t.limit }

// until is when what was disclosed must have left.
func (t *Trail) until(r Receipt) time.Time {
	if t.limit == 0 {
		return time.Time{}
	}
	return r.began.Add(t.limit + t.limit/2)
}

// toFinish is how long writing the outcome may be tried.
func (t *Trail) toFinish(r Receipt) time.Duration {
	if t.limit == 0 {
		return finishLimit
	}
	return min(finishLimit, t.Settled()-appendSlack-t.now().Sub(r.began))
}

// Reconcile writes that the look which the intent began has no outcome. It is for an intent that has been in the trail for as long as Settled without one.
// However often and wherever it is done, there is one event.
func (t *Trail) Reconcile(ctx context.Context, intent Event) error {
	if intent.Act != ActIntent || intent.Person == nil {
		return errors.New("what is reconciled is not the intent of a look")
	}
	e := Event{
		Version: eventVersion, ID: reconciledID(intent.ID), At: intent.At, Act: ActReconciled, Look: intent.ID, User: intent.User, Purpose: intent.Purpose, Reason: noOutcome,
	}
	number, _, err := t.keys.Reveal(ctx, intent)
	switch {
	case err == nil:
		return t.write(ctx, e, number, Terms{})
	case !errors.Is(err, ErrKeyUnknown):
		return fault.Wrap(fault.Unavailable, unavailable, err)
	}
	// The person was erased meanwhile, and stays so: found by whoever has the number, readable by nobody.
	e.Person = &Person{Index: intent.Person.Index, IndexKey: intent.Person.IndexKey, SealKey: intent.Person.SealKey}
	entry, err := t.entry(&e)
	if err != nil {
		return err
	}
	return t.put(ctx, entry)
}

// reconciledID is the id of the event that reconciles a look: the same for every portal that does (RFC 9562, version 8), and of the same time as the
// intent's.
func reconciledID(intent UUID) UUID {
	sum := sha256.Sum256(append([]byte("ribble audit reconciled v1\x00"), intent[:]...))
	u := UUID(sum[:len(intent)])
	copy(u[:6], intent[:6])
	u[6] = u[6]&0x0f | 0x80
	u[8] = u[8]&0x3f | 0x80
	return u
}
