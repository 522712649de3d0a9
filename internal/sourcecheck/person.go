package sourcecheck

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"ribble/internal/record"
)

// meet makes all checks that ask about test people.
func (r *run) meet(ctx context.Context) error {
	if err := r.known(ctx); err != nil {
		return err
	}
	for _, one := range []struct {
		id    string
		shows Shows
		judge func([]heard) verdict
	}{
		{unknownPerson, Unknown, worst(unknownVerdict)}, {dissent, Dissents, worst(dissentVerdict)}, {withheld, Withheld, worst(withheldVerdict)},
		{wrongPerson, WrongPerson, worst(wrongVerdict)}, {errorCodes, Failing, worst(failingVerdict)}, {sensitive, Sensitive, worst(sensitiveVerdict)},
	} {
		began := r.Now()
		all, why, err := r.each(ctx, one.shows)
		if err != nil {
			return err
		}
		v := notTried(why)
		if len(all) > 0 {
			v = one.judge(all)
		}
		r.check(one.id, began, v)
	}
	if err := r.allergies(ctx); err != nil {
		return err
	}
	return r.pages(ctx)
}

// worst judges each answer and keeps the worst verdict, the first of equals.
func worst(judge func(heard) verdict) func([]heard) verdict {
	order := []Result{Failed, Warning, NotTried, Passed}
	return func(all []heard) verdict {
		return slices.MinFunc(apply(all, judge), func(a, b verdict) int { return slices.Index(order, a.result) - slices.Index(order, b.result) })
	}
}

func apply(all []heard, judge func(heard) verdict) []verdict {
	out := make([]verdict, len(all))
	for i, h := range all {
		out[i] = judge(h)
	}
	return out
}

// known tries those of whom the source has a record, and measures it on the first.
func (r *run) known(ctx context.Context) error {
	began := r.Now()
	all, why, err := r.each(ctx, Known)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		r.check(sameIdentity, began, notTried(why))
		r.check(wholeRecord, began, notTried(why))
		r.check(times, began, notTried(why))
		return nil
	}
	same := worst(identityVerdict)(all)
	if same.result == Passed {
		same = passed("%d of %d, NHS number and birth date agree.", len(all), len(all))
	}
	r.check(sameIdentity, began, same)
	r.check(wholeRecord, began, worst(r.wholeVerdict)(all))
	r.check(clock, began, clockVerdict(all))
	return r.measure(ctx, who(r.people, Known)[0])
}

func identityVerdict(h heard) verdict {
	switch {
	case h.aside != "":
		return failed("Its answer was not about this person, or not only: it differs in %s. Everything in it was put aside and nothing would have been shown.", h.aside)
	case h.answer.State == record.NotKnownHere:
		return failed("It says that it does not know a test person of whom it should have a record.")
	case h.answer.State == record.Data && len(h.warnings) > 0:
		return warning("%s", strings.Join(h.warnings, " "))
	case h.answer.State == record.Data:
		return passed("NHS number and birth date agree.")
	}
	return notTried("No record came: " + lower(h.answer.Detail))
}

// wholeVerdict tells an answer that can be relied on from one that lacks something, section by section.
func (r *run) wholeVerdict(h heard) verdict {
	switch {
	case h.aside != "":
		return notTried("The answer was put aside.")
	case h.answer.State != record.Data:
		return failed("No record came. %s%s", h.answer.Detail, codes(h))
	}
	var lacking, missing []string
	for s := range r.feed.Sections.All {
		switch c := h.answer.Coverage[s]; {
		case c.State.Loud():
			lacking = append(lacking, s.ID()+": "+c.State.String()+", "+lower(c.Detail))
		case c.State == record.NotAsked && !r.feed.GPConnect:
			missing = append(missing, s.ID())
		}
	}
	total := h.answer.Account.Total()
	switch {
	case len(lacking) > 0:
		return failed("Parts of the record are not whole: %s", strings.Join(lacking, "; "))
	case len(missing) > 0:
		return warning("%d resources received, each accounted for. Agreed and not offered: %s.", total.Received, strings.Join(missing, ", "))
	case h.rows() == 0:
		return warning("The record of the test person is empty: nothing could be tried on it.")
	}
	return passed("%d resources received, each accounted for, in %d sections.", total.Received, r.feed.Sections.Len())
}

func unknownVerdict(h heard) verdict {
	switch {
	case h.aside != "", len(h.answer.Patients) > 0:
		return failed("It answered with somebody's record for a number that belongs to nobody.")
	case h.answer.State == record.NotKnownHere:
		return passed("It says that it does not know this person.")
	case h.answer.State == record.Data:
		return failed("It answered with an empty record, which reads as “nothing recorded”. It must say that it does not know the person.")
	}
	return failed("It did not say that it does not know this person: %s%s", lower(h.answer.Detail), codes(h))
}

func dissentVerdict(h heard) verdict {
	switch {
	case h.answer.State == record.Refused:
		return passed("Refusal with a reason code.%s", codes(h))
	case h.answer.State == record.NotKnownHere:
		return warning("It says that it does not know this person, which also hides that there is a refusal.")
	case h.rows() > 0:
		return failed("It shared the record of a person who has told it not to. Nothing of it was shown. Stop this feed until it is put right.")
	}
	return failed("It gave no reason code for a refusal (such as NO_PATIENT_CONSENT, or “forbidden”): %s%s", lower(h.answer.Detail), codes(h))
}

// sectionsIn are the sections of which a state, or a remark, is so.
func sectionsIn(h heard, state record.State) []string {
	var out []string
	for s := range record.AllSections.All {
		c := h.answer.Coverage[s]
		if c.State == state || slices.ContainsFunc(c.Also, func(r record.Remark) bool { return r.State == state }) {
			out = append(out, s.ID())
		}
	}
	return out
}

func withheldVerdict(h heard) verdict {
	if h.silent() {
		return failed("No record came. %s%s", h.answer.Detail, codes(h))
	}
	if in := sectionsIn(h, record.Withheld); len(in) > 0 {
		return passed("Announced in %s.", strings.Join(in, ", "))
	}
	return failed("No list says that anything is left out (GP Connect: confidential-items; FHIR R4: an OperationOutcome with the code “suppressed”).")
}

func wrongVerdict(h heard) verdict {
	switch {
	case h.aside != "":
		return passed("Its answer was put aside: it differs in %s.", h.aside)
	case h.silent():
		return notTried("It did not answer, so that there was nothing to put aside.")
	}
	return failed("The answer about this person was expected to be about somebody else, and was not put aside.")
}

func failingVerdict(h heard) verdict {
	if h.rows() > 0 || h.answer.State == record.Data {
		return failed("It was expected to fail for this person, and answered with a record or an empty one.")
	}
	return passed("Told as: %s%s", lower(h.answer.Detail), codes(h))
}

func sensitiveVerdict(h heard) verdict {
	labelled := 0
	for s := range record.AllSections.All {
		h.answer.Chart.Heads(s, func(head *record.Head) {
			if record.Restricted(head.Labels()) {
				labelled++
			}
		})
	}
	switch in := sectionsIn(h, record.Withheld); {
	case h.silent():
		return failed("No record came. %s%s", h.answer.Detail, codes(h))
	case labelled > 0:
		return passed("%d entries carry a confidentiality label that keeps them from most users.", labelled)
	case len(in) > 0:
		return passed("It leaves them out and says so, in %s.", strings.Join(in, ", "))
	}
	return failed("No entry carries a security label (v3 Confidentiality R or V), and nothing is said to be left out: everybody would see them.")
}

// allergies needs two people: one of whom it is stated that there are none, and one of whom nothing is recorded.
func (r *run) allergies(ctx context.Context) error {
	began := r.Now()
	stated, why, err := r.each(ctx, NilAllergies)
	if err != nil {
		return err
	}
	nothing, _, err := r.each(ctx, NoAllergies)
	if err != nil {
		return err
	}
	r.check(nilAllergies, began, nilVerdict(stated, nothing, why))
	return nil
}

func nilVerdict(stated, nothing []heard, why string) verdict {
	for _, form := range []struct {
		heard []heard
		state record.State
		says  string
	}{
		{stated, record.NilAsserted, "“No known allergies” of a test person did not come as a coded statement (SNOMED 716186003, or an empty reason)"},
		{nothing, record.NoneRecorded, "a test person of whom nothing is recorded did not come as an empty list without a reason"},
	} {
		for _, h := range form.heard {
			if c := h.answer.Coverage[record.Allergies]; c.State != form.state {
				return failed("What was expected was not seen: %s, but as %s.", form.says, c.State)
			}
		}
	}
	switch {
	case len(stated) == 0 && len(nothing) == 0:
		return notTried(why)
	case len(stated) == 0 || len(nothing) == 0:
		return warning("Only one of the two forms was tried: a test person for the other is missing.")
	}
	return passed("Both forms seen.")
}

// pages tries records that are longer than a page.
func (r *run) pages(ctx context.Context) error {
	began := r.Now()
	var all []verdict
	why := noSuchPerson
	for _, p := range who(r.people, Paging) {
		h, err := r.look(ctx, p)
		if err != nil {
			return err
		}
		if h.unasked != "" {
			why = h.unasked
			continue
		}
		all = append(all, pagingVerdict(h, p.Entries))
	}
	v := notTried(why)
	if len(all) > 0 {
		v = all[0]
		for _, other := range all[1:] {
			if other.result == Failed {
				v = other
			}
		}
	}
	r.check(paging, began, v)
	return nil
}

func pagingVerdict(h heard, expected int) verdict {
	received := h.answer.Account.Total().Received
	var cut []string
	for s := range record.AllSections.All {
		if c := h.answer.Coverage[s]; c.State == record.Incomplete {
			cut = append(cut, s.ID()+": "+lower(c.Detail))
		}
	}
	switch {
	case h.aside != "" || h.answer.State != record.Data:
		return failed("No record came. %s%s", h.answer.Detail, codes(h))
	case len(cut) > 0:
		return failed("Its pages do not lead to the end. %s", strings.Join(cut, "; "))
	case received < expected:
		return failed("%d resources came of at least %d: the pages end too early.", received, expected)
	case expected == 0:
		return warning("%d resources in %d answers, to the end; how many there should be is not in the list of test people.", received, len(h.asked))
	}
	return passed("%d resources of at least %d in %d answers.", received, expected, len(h.asked))
}

// codes names the HTTP status codes of answers that were no success, for whoever looks into the source's log.
func codes(h heard) string {
	var seen []string
	for _, e := range h.asked {
		if code := strconv.Itoa(e.Status); e.Status >= http.StatusBadRequest && !slices.Contains(seen, code) {
			seen = append(seen, code)
		}
	}
	if len(seen) == 0 {
		return ""
	}
	return fmt.Sprintf(" (HTTP %s)", strings.Join(seen, ", "))
}

// lower makes a sentence go on after a colon.
func lower(sentence string) string {
	if sentence == "" {
		return "it gave no reason."
	}
	return strings.ToLower(sentence[:1]) + sentence[1:]
}
