package r4feed

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"time"

	"ribble/internal/adapter/internal/fhirrest"
	"ribble/internal/adapter/internal/r4"
	"ribble/internal/adapter/internal/r4map"
	"ribble/internal/record"
)

// rounds is how often what received entries refer to is looked up: the second time for what the first brought.
const rounds = 2

// view is the asking of one feed for one view.
type view struct {
	feed    *Feed
	session *fhirrest.Session
	ask     record.Ask
	asked   record.Sections
	place   place
	patient *r4.Patient
	set     *r4map.Set
	answer  record.Answer
	// whole are the sections of which at least one search brought something that can be relied on.
	whole    record.Sections
	failures []lack
}

// lack is what the sections of one search are missing.
type lack struct {
	feeds   record.Sections
	failure fhirrest.Failure
}

// asking is what some sections need of a feed on one day: the searches, and the questions that ask for them about anybody.
type asking struct {
	sections record.Sections
	day      string
	searches []*Search
	queries  []fhirrest.Query
}

// asking gives what the view needs: views of one kind ask the same all day.
func (v *view) asking() *asking {
	day := v.ask.At.Format(time.DateOnly)
	if a := v.feed.asking.Load(); a != nil && a.sections == v.asked && a.day == day {
		return a
	}
	a := &asking{sections: v.asked, day: day}
	for i := range v.feed.plan {
		if s := &v.feed.plan[i]; s.Feeds&v.asked != 0 {
			a.searches, a.queries = append(a.searches, s), append(a.queries, s.query(v.ask.At))
		}
	}
	v.feed.asking.Store(a)
	return a
}

func (s *Search) query(at time.Time) fhirrest.Query {
	params := s.escaped
	if s.Within > 0 {
		if params != "" {
			params += "&"
		}
		params += url.QueryEscape(s.Since) + "=ge" + at.AddDate(0, 0, -s.Within).Format(time.DateOnly)
	}
	return fhirrest.Query{Type: s.Type, Params: params, About: "patient"}
}

// read makes the answer of what came about the right person.
func (v *view) read(ctx context.Context, who fhirrest.Result, searches []*Search, results []fhirrest.Result) {
	v.take(&Search{Type: "Patient", Feeds: v.asked}, &who)
	for i := range results {
		v.take(searches[i], &results[i])
	}
	v.references(ctx)
	r4map.Map(&v.answer, v.set, r4map.Options{
		Asked: v.ask.Showable(), Patient: v.patient, Person: v.ask.Person, Declared: v.feed.cfg.Declared, Source: &v.answer.Source, Now: v.ask.At,
	})
	v.raise()
	v.settle()
}

// hear keeps what the server said for the reader, once: it says the same beside every search.
func (v *view) hear(words []string) {
	for _, w := range words {
		if !slices.Contains(v.answer.Warnings, w) {
			v.answer.Warnings = append(v.answer.Warnings, w)
		}
	}
}

// take keeps what a search brought, and what it did not.
func (v *view) take(s *Search, result *fhirrest.Result) {
	for _, page := range result.Pages {
		v.set.Add(s.Type, s.Feeds&v.asked, page)
	}
	v.hear(result.Words)
	if s.Type == "Patient" {
		return
	}
	feeds := s.Feeds & v.asked
	if result.Failure.State == 0 {
		v.whole |= feeds
		return
	}
	v.failures = append(v.failures, lack{feeds, result.Failure})
	if result.Failure.State == record.Incomplete || result.Failure.State == record.Withheld {
		v.whole |= feeds
	}
}

// references reads what the entries refer to and the searches did not include.
func (v *view) references(ctx context.Context) {
	for range rounds {
		ids, feeds := v.set.Missing()
		if len(ids) == 0 {
			return
		}
		for _, result := range v.session.ByID(ctx, ids) {
			for _, page := range result.Pages {
				v.set.Add(result.Type, feeds[result.Type]&v.asked, page)
			}
			if result.Failure.State != 0 && result.Failure.State != record.NotAsked {
				v.failures = append(v.failures, lack{
					feeds[result.Type] & v.asked, fhirrest.Failure{State: record.Incomplete, Detail: "Details that its entries refer to could not be fetched."},
				})
			}
		}
	}
}

// raise turns failed searches into states. A section fed by several searches of which one failed is incomplete, never whole; one that got
// nothing at all is in the state of the failure. A type the feed does not offer takes nothing from what the others gave.
func (v *view) raise() {
	for _, l := range v.failures {
		for s := range l.feeds.All {
			c := &v.answer.Coverage[s]
			state, detail := l.failure.State, l.failure.Detail
			if state == record.NotAsked {
				detail = notOffered
			}
			_, rows := v.answer.Chart.Count(s)
			switch {
			case state == record.Incomplete, state == record.Withheld, !v.whole.Has(s) && rows == 0:
				raiseOnce(c, state, detail)
			case state == record.NotAsked:
				remark(c, record.NotAsked, "It does not supply every kind of entry of this section.")
			default:
				raiseOnce(c, record.Incomplete, "Part of this section could not be fetched. "+detail)
			}
		}
	}
	var fed record.Sections
	for i := range v.feed.plan {
		s := &v.feed.plan[i]
		fed |= s.Feeds
		if s.Within > 0 {
			v.bounded(s)
		}
	}
	// Nothing that was not looked for may read as "nothing recorded".
	for s := range (v.asked &^ fed).All {
		v.answer.Coverage[s].Raise(record.NotAsked, notOffered)
	}
}

// notOffered are the words for a section that the agreement lists and the server does not know. It is one of those that should hold the section
// (rule R1), so that it is never counted with those that were not expected to.
const notOffered = "Its system does not offer this, although it has agreed to."

// raiseOnce raises a state unless the same words already stand there: several searches of a section may fail alike.
func raiseOnce(c *record.Coverage, s record.State, detail string) {
	if !slices.Contains(c.Also, record.Remark{State: s, Detail: detail}) {
		c.Raise(s, detail)
	}
}

func remark(c *record.Coverage, s record.State, detail string) {
	if r := (record.Remark{State: s, Detail: detail}); !slices.Contains(c.Also, r) {
		c.Also = append(c.Also, r)
	}
}

// bounded says on the page that only recent entries were asked for.
func (v *view) bounded(s *Search) {
	for section := range (s.Feeds & v.whole).All {
		remark(&v.answer.Coverage[section], record.NotAsked, s.said())
	}
}

func (s *Search) said() string {
	days := strconv.Itoa(s.Within)
	if s.Type == "Appointment" {
		return "Appointments more than " + days + " days ago are not here."
	}
	return "Doses given more than " + days + " days ago are not here."
}

// settle ends the answer; when every asked section has the same failure, that is the state of the whole.
func (v *view) settle() {
	v.answer.Settle(v.asked)
	first := true
	var common record.Coverage
	for s := range v.asked.All {
		c := v.answer.Coverage[s]
		if first {
			common, first = c, false
		}
		if c.State != common.State || c.State.HasRows() || c.State == record.NoneRecorded || c.State == record.NotAsked {
			return
		}
	}
	v.answer.State, v.answer.Detail = common.State, common.Detail
}
