package admin

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"

	"ribble/internal/directory"
	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/onboarding"
	"ribble/web/page"
	"ribble/web/ui"
)

// Feed is one feed: the ladder, the gate, the connection and its last check.
func (p *Pages) Feed(w http.ResponseWriter, r *http.Request) error {
	u, err := p.administrator(r)
	if err != nil {
		return err
	}
	return p.drawFeed(w, r, u, feedAnswer{})
}

// feedAnswer is what the page says of what was just tried, with what was written.
type feedAnswer struct {
	status                                       int
	move, suspend, evidence, to, stopping, group string
}

func (p *Pages) drawFeed(w http.ResponseWriter, r *http.Request, _ identity.User, a feedAnswer) error {
	f := p.Desk.Directory().Feed(chi.URLParam(r, "id"))
	if f == nil {
		return errNoEntry
	}
	key := directory.Key{Kind: directory.KindFeed, ID: f.ID}
	props := page.FeedProps{BoardProps: p.board(r, f.Organisation.Name+": "+f.ID, FeedsPath+"/"+f.ID), Stage: "Go-live: " + standing(f), Ladder: ladder(f)}
	props.Done = doneNote(r.URL.Query().Get("done"))
	props.Facts = feedFacts(f)
	waiting, err := p.waitingPart(r, key)
	if err != nil {
		return err
	}
	next := nextRung(f)
	lines, err := p.Desk.Gate(r.Context(), f.ID, next)
	if err != nil {
		return err
	}
	gate := gatePart(lines)
	gate.Cover = "For: " + strings.ToLower(rungs[next])
	checked, err := p.checkPart(r, f)
	if err != nil {
		return err
	}
	props.Left = append(waiting, gate)
	if len(f.Groups) > 0 {
		props.Left = append(props.Left, groupsPart(f))
	}
	props.Left = append(props.Left, connectionPart(f, key))
	if p.Health != nil {
		props.Right = append(props.Right, healthPart(f, p.pulse(f.ID), p.Now()))
	}
	props.Right = append(props.Right, checked)
	p.feedForms(&props, f, a)
	return write(w, r, cmp.Or(a.status, http.StatusOK), page.Feed(props))
}

func (p *Pages) feedForms(props *page.FeedProps, f *directory.Feed, a feedAnswer) {
	at := FeedsPath + "/" + f.ID
	props.Move = &page.MoveForm{URL: at + "/step", Evidence: a.evidence, Error: a.move}
	props.Move.For = groupOptions(f, a.group)
	for _, s := range nextStages(f) {
		if s == directory.Suspended {
			props.Suspend = &page.ReasonForm{URL: at + "/suspend", ID: "suspend", Label: "Suspend at once", Hint: "It is asked for nobody from then on, and the page says so. It needs no second person. Why?", Button: "Suspend", Variant: "warning", Error: a.suspend, Value: a.stopping}
			continue
		}
		option := ui.Option{Value: string(s), Text: rungs[s], Chosen: a.to == string(s)}
		if onboarding.Rises(f.Stage, s) {
			option.Hint = "The gate must be open when it is approved."
		}
		props.Move.To = append(props.Move.To, option)
	}
	if p.Check != nil {
		props.Check = &page.ReasonForm{URL: at + "/check", ID: "check", Label: "Connection check", Plain: true, Hint: "It asks the source as it really is, for test people only. It may take a minute.", Button: "Run again", Variant: "secondary"}
	}
}

func standing(f *directory.Feed) string {
	if f.Stage == directory.Suspended {
		return "suspended"
	}
	return fmt.Sprintf("stage %d of %d, %s", slices.Index(onboarding.Ladder, f.Stage)+1, len(onboarding.Ladder), strings.ToLower(rungs[f.Stage]))
}

// nextRung is the stage that the gate is shown for: the next one up, or the one at which the feed runs when there is none.
func nextRung(f *directory.Feed) directory.Stage {
	if i := slices.Index(onboarding.Ladder, f.Stage); i >= 0 && i+1 < len(onboarding.Ladder) {
		return onboarding.Ladder[i+1]
	}
	if f.Stage == directory.Suspended {
		return directory.Test
	}
	return f.Stage
}

func ladder(f *directory.Feed) []page.Rung {
	reached := slices.Index(onboarding.Ladder, f.Stage)
	rows := make([]page.Rung, len(onboarding.Ladder))
	for i, s := range onboarding.Ladder {
		rows[i] = page.Rung{Name: rungs[s], Done: i < reached, Now: i == reached}
		for _, step := range f.Steps {
			if step.Stage == s {
				rows[i].Words = strings.TrimSuffix(day(step.On)+", "+step.Evidence, ", ")
			}
		}
	}
	a := f.Audience
	rows[1].Words = joined(rows[1].Words, count(len(a.TestPeople), "test person", "test people"))
	rows[2].Words = joined(rows[2].Words, count(len(a.Testers), "tester", "testers"))
	rows[3].Words = joined(rows[3].Words, count(len(a.Organisations), "organisation", "organisations")+", "+count(len(a.Users), "user", "users"))
	if f.Planned != "" {
		rows[4].Words = "planned for " + f.Planned
	}
	return rows
}

func joined(a, b string) string { return strings.TrimPrefix(a+": "+b, ": ") }

func feedFacts(f *directory.Feed) []ui.Pair {
	facts := []ui.Pair{{Key: "Protocol", Value: protocols[f.Protocol]}, {Key: "Supplies", Value: supplies(f.Sections)}, {Key: "Organisation code", Value: f.Organisation.ODS}}
	if f.Agreement != nil {
		facts = append(facts, ui.Pair{Key: "Agreement", Value: f.Agreement.ID}, ui.Pair{Key: "Flow", Value: f.Flow})
	}
	return facts
}

// gatePart is the gate with every line, those that do not hold first.
func gatePart(lines []onboarding.Line) page.Part {
	closed := len(onboarding.Closed(lines))
	part := page.Part{ID: "gate", Heading: "Agreement gate: open", Table: page.Table{Head: []string{"Needed", "State", "Evidence", "Ends"}}}
	if closed > 0 {
		part.Heading = "Agreement gate: closed, " + count(closed, "line does not hold", "lines do not hold")
	}
	sorted := slices.Clone(lines)
	slices.SortStableFunc(sorted, func(a, b onboarding.Line) int { return int(a.State) - int(b.State) })
	for _, l := range sorted {
		state := map[onboarding.Holds]page.Cell{onboarding.Unmet: tagged(ui.TagLoud, "NOT MET"), onboarding.Warning: tagged(ui.TagCare, "warning"), onboarding.Met: tagged(ui.TagDone, "met")}[l.State]
		ends := words("none")
		if !l.Ends.IsZero() {
			ends = whole(day(l.Ends.AddDate(0, 0, -1)))
		}
		part.Table.Rows = append(part.Table.Rows, []page.Cell{words(l.Need), state, words(l.Evidence), ends})
	}
	return part
}

func connectionPart(f *directory.Feed, key directory.Key) page.Part {
	networks := make([]string, len(f.Networks))
	for i, n := range f.Networks {
		networks[i] = n.String()
	}
	facts := []ui.Pair{
		{Key: "Address", Value: cmp.Or(f.Endpoint, "looked up nationally")}, {Key: "Networks", Value: strings.Join(networks, ", ")},
		{Key: "Our certificate", Value: cmp.Or(f.ClientIdentity, "the usual one")}, {Key: "Their authority", Value: map[bool]string{true: "the national one", false: "pinned for this feed"}[f.Authority == ""]},
		{Key: "Their keys", Value: map[bool]string{true: "any of the authority", false: count(len(f.Pins), "pinned key", "pinned keys")}[len(f.Pins) == 0]},
		{Key: "Deadline", Value: f.Deadline.String()}, {Key: "Questions at one time", Value: fmt.Sprint(f.Concurrency)},
	}
	if f.Endpoint == "" && f.Protocol != directory.GPConnect {
		facts[0].Value = "not given yet"
	}
	return page.Part{ID: "connection", Heading: "Connection", Facts: slices.DeleteFunc(facts, func(f ui.Pair) bool { return f.Value == "" }), Do: entryActions(key)}
}

// Step proposes another stage.
func (p *Pages) Step(w http.ResponseWriter, r *http.Request) error {
	u, err := p.administrator(r)
	if err != nil {
		return err
	}
	move := onboarding.Move{Feed: chi.URLParam(r, "id"), To: directory.Stage(r.PostFormValue("to")), Group: r.PostFormValue("group"), Evidence: strings.TrimSpace(r.PostFormValue("evidence"))}
	c, err := p.Desk.Step(r.Context(), u, move)
	if err != nil && fault.KindOf(err) == fault.Invalid {
		return p.drawFeed(w, r, u, feedAnswer{status: http.StatusUnprocessableEntity, move: inWords(err), evidence: move.Evidence, to: string(move.To), group: move.Group})
	}
	if err != nil {
		return err
	}
	return p.toChange(w, r, c.ID, "proposed")
}

// Suspend stops a feed at once.
func (p *Pages) Suspend(w http.ResponseWriter, r *http.Request) error {
	u, err := p.administrator(r)
	if err != nil {
		return err
	}
	id := chi.URLParam(r, "id")
	_, err = p.Desk.Suspend(r.Context(), u, id, reason(r))
	if err != nil && fault.KindOf(err) == fault.Invalid {
		return p.drawFeed(w, r, u, feedAnswer{status: http.StatusUnprocessableEntity, suspend: inWords(err), stopping: reason(r)})
	}
	if err != nil {
		return err
	}
	return p.toFeed(w, r, id, "?done=suspended")
}

func (p *Pages) toFeed(w http.ResponseWriter, r *http.Request, id, rest string) error {
	http.Redirect(w, r, FeedsPath+"/"+id+rest, http.StatusSeeOther)
	return nil
}

// inWords is all that is wrong, in one line.
func inWords(err error) string {
	var texts []string
	for _, problem := range problemsOf(err, "") {
		texts = append(texts, problem.Text)
	}
	return strings.Join(texts, " ")
}
