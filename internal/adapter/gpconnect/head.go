package gpconnect

import (
	"strings"
	"time"

	"ribble/internal/adapter/internal/stu3"
	"ribble/internal/record"
)

// head starts the head of a row for item n.
func (r *reading) head(n int32, identifiers []stu3.Identifier) record.Head {
	it := &r.items[n]
	h := record.Head{Source: &r.answer.Source, Key: it.key, Identifiers: stu3.RecordIdentifiers(identifiers)}
	h.Labelled(stu3.Labels(it.base.Meta.Security))
	if it.versions {
		h.Flaw(record.Contradiction, "The practice sent two versions of this entry.")
	}
	return h
}

// within links a row to its consultation.
func (r *reading) within(h *record.Head, n int32, context stu3.Reference) {
	h.Within(r.ref(n, context))
	if h.Encounter().Missing {
		h.Flaw(record.DanglingReference, "Its consultation was not sent.")
	}
}

// check adds the issues that any row may have: a name that is only a code, dates that are none.
func (r *reading) check(h *record.Head, name record.Concept, more ...record.PartialDate) {
	if text := name.Name(); text == "" || name.Text == "" && strings.HasSuffix(text, "(no name sent)") {
		h.Flaw(record.NoName, "No name was sent for it.")
	}
	r.checkDates(h, more...)
}

func (r *reading) checkDates(h *record.Head, more ...record.PartialDate) {
	bad := h.When.Start.Precision == record.Bad || h.When.End.Precision == record.Bad || h.Recorded.Precision == record.Bad
	for _, d := range more {
		bad = bad || d.Precision == record.Bad
	}
	if bad {
		h.Flaw(record.BadDate, "A date that was sent is not a valid date.")
	}
}

// notFuture marks an event that is dated after the view (S17).
func (r *reading) notFuture(h *record.Head) {
	if at := r.now(); h.When.Start.After(at) {
		h.Flaw(record.FutureDate, "It is dated in the future.")
	}
}

func (r *reading) now() time.Time {
	if r.ask.At.IsZero() {
		return time.Now()
	}
	return r.ask.At
}
