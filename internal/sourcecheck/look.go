package sourcecheck

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ribble/internal/access"
	"ribble/internal/audit"
	"ribble/internal/fanout"
	"ribble/internal/fault"
	"ribble/internal/quarantine"
	"ribble/internal/record"
)

// heard is what the source answered about one test person: no more than what the checks count leaves this package.
type heard struct {
	answer record.Answer
	// aside is the detail for which the answer was put aside; empty when it was not.
	aside    string
	warnings []string
	asked    []exchange
	// unasked says why nobody was asked.
	unasked string
}

// look asks the source about a test person: a look of its own, decided, and written down from intent to outcome. Its error is about this portal alone.
func (r *run) look(ctx context.Context, p TestPerson) (heard, error) {
	person, why := r.trace(ctx, p)
	if why != "" {
		return heard{unasked: why}, nil
	}
	grant, err := access.Decide(access.Request{
		User: r.by.User, Person: person, Purpose: access.ConnectionCheck, Profiles: r.Profiles, At: r.Now(),
		Facts: access.Facts{TestPerson: true, Operator: r.by.Operator},
	})
	var refusal access.Refusal
	if errors.As(err, &refusal) {
		return heard{}, errors.Join(refusal, r.Trail.Refuse(ctx, refusal))
	}
	receipt, err := r.Trail.Begin(ctx, grant, []string{r.feed.ID}, r.feed.Directory)
	if err != nil {
		return heard{}, fmt.Errorf("writing down the intent: %w", err)
	}
	ref := record.SourceRef{Feed: r.feed.ID, Organisation: r.feed.Organisation}
	r.feed.Seen.take()
	answers, err := r.Asker.Ask(ctx, receipt, []fanout.Target{{Ref: ref, Source: r.feed.Source, Sections: r.feed.Sections, Deadline: r.feed.Deadline}})
	if err != nil {
		return heard{}, fmt.Errorf("asking the source: %w", err)
	}
	h := r.judge(ctx, receipt, <-answers)
	h.asked = r.feed.Seen.take()
	ended := audit.Outcome{Ended: audit.Complete, Sources: []audit.SourceAnswer{audit.SummariseWhole(&h.answer, record.AllSections)}}
	if err := r.Trail.Finish(ctx, receipt, ended); err != nil {
		return heard{}, fmt.Errorf("writing down the outcome: %w", err)
	}
	return h, nil
}

// judge holds the answer against the person, as every answer is; one about somebody else is written down.
func (r *run) judge(ctx context.Context, receipt audit.Receipt, answer record.Answer) heard {
	kind := quarantine.Other
	if r.feed.GPConnect {
		kind = quarantine.GP
	}
	checked := quarantine.Check(receipt.Person(), answer, kind)
	aside, put := checked.Quarantined()
	if put {
		// The outcome of the look says it too; a trail that takes neither ends the run there.
		_ = r.Trail.Note(ctx, audit.Note{Act: audit.ActMismatchFound, Look: receipt, Feed: r.feed.ID, Reason: "mismatch"})
	}
	return heard{answer: checked.Answer(), aside: aside, warnings: checked.Warnings()}
}

// trace finds out who has the number now, or why nobody may be asked about it. Somebody whom the national register does not know is who the list
// says; for one that it knows, the two must agree, so that no mistyped number leads to a patient.
func (r *run) trace(ctx context.Context, p TestPerson) (record.Person, string) {
	person, err := r.Tracer.Trace(ctx, p.Number, audit.Requester(r.by.User))
	switch {
	case err == nil && !p.agrees(person.Demographics):
		return record.Person{}, "The national details of a test person are not those of the list, so the source was not asked. Check the number."
	case err == nil && r.feed.GPConnect && person.Practice.ODS != r.feed.Organisation.ODS:
		return record.Person{}, "A test person is not registered with this practice, so it was not asked."
	case err == nil:
		return person, ""
	case fault.KindOf(err) == fault.NotFound:
		invented := record.Person{NHSNumber: p.Number, Demographics: p.demographics(), TracedAt: r.Now()}
		if r.feed.GPConnect {
			invented.Practice = record.Practice{ODS: r.feed.Organisation.ODS, Name: r.feed.Organisation.Name}
		}
		return invented, ""
	}
	return record.Person{}, "The national demographics service could not be asked about a test person."
}

// each looks at every test person who shows something and gives what was heard of those who were asked about; why is said when there were none.
func (r *run) each(ctx context.Context, s Shows) (all []heard, why string, err error) {
	why = noSuchPerson
	for _, p := range who(r.people, s) {
		h, err := r.look(ctx, p)
		if err != nil {
			return nil, "", err
		}
		if h.unasked != "" {
			why = h.unasked
			continue
		}
		all = append(all, h)
	}
	return all, why, nil
}

// silent reports that nothing can be said of the person, because the source did not answer.
func (h heard) silent() bool { return h.answer.State == record.Unavailable }

// rows is how many entries the answer has.
func (h heard) rows() int {
	n := 0
	for s := range record.AllSections.All {
		_, rows := h.answer.Chart.Count(s)
		n += rows
	}
	return n
}

// took is how long the source needed for the whole of what is asked about one person.
func (h heard) took() time.Duration { return h.answer.Took }
