package openrecord

import (
	"slices"
	"time"

	"ribble/internal/record"
)

// Usual says within which times half and nearly all of a feed's answers came of late; they are zero where nothing is known. A feed that does not answer at
// the moment is not expected to.
type Usual func(feed string) (half, most time.Duration, answering bool)

const (
	// soonest is before when no source counts as late, and surely before when none is surely late: who reads sees no difference, and a list that is
	// shown twice costs twice.
	soonest, surely = 25 * time.Millisecond, 100 * time.Millisecond
	// many is how many sources must be late, and share how many more than have ended, for that to mean that something is wrong.
	many, share = 5, 3
	// together is how far apart lists may be due that are shown in the same part.
	together = 25 * time.Millisecond
)

// due is when an answer is later than half of the source's answers are, and when it is surely late.
type due struct{ usually, surely time.Duration }

// expect notes when the answer of each source is late. One of which nothing is known has until the soft deadline; one that does not answer at the moment,
// or is mostly later than that, is not waited for.
func (f *Flow) expect(b *board) {
	b.due = make([]due, len(b.asked))
	for i, feed := range b.asked {
		b.due[i] = due{f.Soft, f.Soft}
		if f.Usual == nil {
			continue
		}
		switch half, most, answering := f.Usual(feed); {
		case !answering, half >= f.Soft:
			b.due[i] = due{soonest, surely}
		case most > 0:
			b.due[i] = due{max(half, soonest), max(2*most, surely)}
		}
	}
}

// awaited is how a section stands with the sources that feed it.
type awaited struct {
	ended, missing int
	// due is when the last of those that are missing is late.
	due due
}

// early gives when the section may be shown without those who are missing; false when it is not to be shown before the soft deadline. One source that
// is later than usual is worth waiting for: then the list stands once, in its own order. From when nearly all sources of the person are late it is not that
// they are slow today: something is wrong, and what has come must not be kept back for any that is late.
func (a *awaited) early(wrong, soft time.Duration) (time.Duration, bool) {
	if a.ended == 0 || a.missing == 0 {
		return 0, false
	}
	at := min(a.due.surely, max(a.due.usually, wrong))
	return at, at < soft
}

// wrong gives from when so many sources are later than half of their answers are that something must be wrong, if nobody answers until then; the soft
// deadline when it does not come to that.
func (b *board) wrong(soft time.Duration) time.Duration {
	ended, late := 0, make([]time.Duration, 0, len(b.asked))
	for i, feed := range b.asked {
		if _, ok := b.answers[feed]; ok {
			ended++
			continue
		}
		late = append(late, b.due[i].usually)
	}
	need := max(many, share*ended+1)
	if len(late) < need {
		return soft
	}
	slices.Sort(late)
	return late[need-1]
}

// overdue are the sections that were not shown and may be without those whom they wait for, at so much time after the sources were asked; next is when
// more will be, or zero.
func (b *board) overdue(since, soft time.Duration) (now record.Sections, next time.Duration) {
	var ahead record.Sections
	wrong := b.wrong(soft)
	for s, a := range b.awaiting() {
		at, early := a.early(wrong, soft)
		switch {
		case !early:
			continue
		case at <= since:
			now |= record.SectionsOf(s)
			continue
		case at <= since+together:
			ahead |= record.SectionsOf(s)
		}
		if next == 0 || at < next {
			next = at
		}
	}
	if now != 0 {
		now |= ahead
	}
	return now, next
}

// awaiting goes through the sections of which nothing was shown.
func (b *board) awaiting() func(yield func(record.Section, *awaited) bool) {
	return func(yield func(record.Section, *awaited) bool) {
		unshown := b.receipt.Grant().Sections() &^ b.final &^ b.shown
		if unshown == 0 {
			return
		}
		var standing [record.NumSections]awaited
		for i, feed := range b.asked {
			_, ended := b.answers[feed]
			for s := range (b.targets[feed].Sections & unshown).All {
				standing[s].count(ended, b.due[i])
			}
		}
		for s := range unshown.All {
			if !yield(s, &standing[s]) {
				return
			}
		}
	}
}

func (a *awaited) count(ended bool, d due) {
	if ended {
		a.ended++
		return
	}
	a.missing++
	a.due = due{max(a.due.usually, d.usually), max(a.due.surely, d.surely)}
}

// softly are the times at which lists are shown as provisional.
type softly struct {
	deadline, early *time.Timer
	// passed is how much time has passed at the deadline that comes next.
	passed time.Duration
}

func newSoftly(soft time.Duration) *softly {
	early := time.NewTimer(time.Hour)
	early.Stop()
	return &softly{deadline: time.NewTimer(soft), early: early, passed: soft}
}

// before has early fire after so long; zero and less is never.
func (s *softly) before(after time.Duration) {
	if after <= 0 {
		s.early.Stop()
		return
	}
	s.early.Reset(after)
}

// again sets the deadline to twice the time that has passed: who waits long is told of more, but seldom.
func (s *softly) again() {
	if s.passed > 0 {
		s.deadline.Reset(s.passed)
		s.passed *= 2
	}
}

func (s *softly) stop() {
	s.deadline.Stop()
	s.early.Stop()
}
