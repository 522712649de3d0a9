package admin

import (
	"net/http"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"

	"ribble/internal/directory"
	"ribble/web/page"
	"ribble/web/ui"
)

// Agreements lists the information sharing agreements.
func (p *Pages) Agreements(w http.ResponseWriter, r *http.Request) error {
	if _, err := p.administrator(r); err != nil {
		return err
	}
	b := p.board(r, "Agreements", AgreementsPath)
	part := p.agreementsPart(p.Desk.Directory().Agreements(), "Information sharing agreements")
	part.Do = []ui.Action{{Text: "Add an agreement", URL: AgreementsPath + "/new"}}
	b.Parts = []page.Part{part}
	return write(w, r, http.StatusOK, page.Board(b))
}

func (p *Pages) agreementsPart(list []*directory.Agreement, heading string) page.Part {
	part := page.Part{ID: "agreements", Heading: heading, Table: page.Table{Head: []string{"Agreement", "Title", "Parties", "Ends", "Impact assessment to"}}}
	if len(list) == 0 {
		part.Notes = []ui.NoteProps{{Kind: ui.NoteCare, Icon: ui.IconInfo, Lead: "No agreement.", Text: "No feed runs without one."}}
	}
	for _, a := range list {
		impact := words("not given")
		if !a.Impact.Until.IsZero() {
			impact = ending(a.Impact.Until.AddDate(0, 0, 1), p.Now())
		}
		part.Table.Rows = append(part.Table.Rows, []page.Cell{link(a.ID, AgreementsPath+"/"+a.ID), words(a.Title), words(count(len(a.Parties), "party", "parties")), ending(a.EndsAt(), p.Now()), impact})
	}
	return part
}

// Agreement is one agreement: who signed, for what, until when, and which feeds rest on it.
func (p *Pages) Agreement(w http.ResponseWriter, r *http.Request) error {
	if _, err := p.administrator(r); err != nil {
		return err
	}
	s, id := p.Desk.Directory(), chi.URLParam(r, "id")
	at := slices.IndexFunc(s.Agreements(), func(a *directory.Agreement) bool { return a.ID == id })
	if at < 0 {
		return errNoEntry
	}
	a, key := s.Agreements()[at], directory.Key{Kind: directory.KindAgreement, ID: id}
	b := p.board(r, a.ID+": "+a.Title, AgreementsPath+"/"+id)
	var resting []*directory.Feed
	for _, f := range s.Feeds() {
		if f.Agreement == a {
			resting = append(resting, f)
		}
	}
	b.Parts = []page.Part{
		{ID: "what", Heading: "What it says", Facts: p.agreementFacts(s, a), Do: entryActions(key)},
		flowsPart(a), restingPart(resting),
	}
	return p.withWaiting(w, r, b, key)
}

func (p *Pages) agreementFacts(s *directory.Snapshot, a *directory.Agreement) []ui.Pair {
	parties := make([]string, len(a.Parties))
	for i, ods := range a.Parties {
		o, _ := s.Organisation(ods)
		parties[i] = o.Name + " (" + ods + ")"
	}
	facts := []ui.Pair{
		{Key: "Reference", Value: a.Reference}, {Key: "Purpose", Value: a.Purpose}, {Key: "Parties", Value: strings.Join(parties, ", ")}, {Key: "Signed by", Value: a.SignedBy},
		{Key: "First day", Value: day(a.From)}, {Key: "Last day", Value: ending(a.EndsAt(), p.Now()).Text},
		{Key: "Impact assessment", Value: strings.Trim(a.Impact.Reference+", "+a.Impact.By+", to "+day(a.Impact.Until), ", ")},
	}
	return slices.DeleteFunc(facts, func(f ui.Pair) bool { return f.Value == "" })
}

func flowsPart(a *directory.Agreement) page.Part {
	part := page.Part{ID: "flows", Heading: "Flows", Cover: "A feed runs under one of them and supplies nothing else", Table: page.Table{Head: []string{"Flow", "Purpose", "Kinds of data"}}}
	for _, f := range a.Flows {
		part.Table.Rows = append(part.Table.Rows, []page.Cell{words(f.ID), words(f.Purpose), words(supplies(f.Sections))})
	}
	return part
}

func restingPart(feeds []*directory.Feed) page.Part {
	part := page.Part{ID: "resting", Heading: count(len(feeds), "feed rests", "feeds rest") + " on it", Table: page.Table{Head: []string{"Feed", "Organisation", "Stage"}}}
	for _, f := range feeds {
		part.Table.Rows = append(part.Table.Rows, []page.Cell{link(f.ID, FeedsPath+"/"+f.ID), words(f.Organisation.Name), words(stageOf(f))})
	}
	return part
}
