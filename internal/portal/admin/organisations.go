package admin

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"ribble/internal/directory"
	"ribble/internal/fault"
	"ribble/internal/onboarding"
	"ribble/web/page"
	"ribble/web/ui"
)

var errNoEntry = fault.New(fault.NotFound, "This is not in the directory.")

// Organisations lists who takes part, by name.
func (p *Pages) Organisations(w http.ResponseWriter, r *http.Request) error {
	if _, err := p.administrator(r); err != nil {
		return err
	}
	found := participants(p.Desk.Directory())
	b := p.board(r, "Organisations", OrganisationsPath)
	part := page.Part{
		ID: "organisations", Heading: count(len(found), "organisation", "organisations"),
		Table: page.Table{Head: []string{"Organisation", "Code", "Kind", "Feeds", "Privacy Officer", "Security toolkit"}},
		Do:    []ui.Action{{Text: "Add an organisation", URL: OrganisationsPath + "/new"}, {Text: "Import a list", URL: ImportPath}},
	}
	feeds := feedsOf(p.Desk.Directory())
	shown, ways := paged(r, found)
	for _, m := range shown {
		part.Table.Rows = append(part.Table.Rows, p.organisationRow(m, feeds[m.Organisation.ODS]))
	}
	if len(found) == 0 {
		part.Notes = []ui.NoteProps{{Kind: ui.NoteNone, Lead: "Nobody takes part yet.", Text: "Add an organisation, or import a list."}}
	}
	part.Do = append(part.Do, ways...)
	b.Parts = []page.Part{part}
	return write(w, r, http.StatusOK, page.Board(b))
}

// pageSize is how many rows one page lists.
const pageSize = 200

// paged is the part of a list that a page shows, with the ways to what stands before and after it.
func paged[T any](r *http.Request, list []T) ([]T, []ui.Action) {
	last := max(0, len(list)-1) / pageSize
	n, err := strconv.Atoi(r.URL.Query().Get("page"))
	if err != nil || n < 0 || n > last {
		n = 0
	}
	var ways []ui.Action
	if n > 0 {
		ways = append(ways, ui.Action{Text: "The 200 before", URL: r.URL.Path + "?page=" + strconv.Itoa(n-1)})
	}
	if n < last {
		ways = append(ways, ui.Action{Text: "The next 200", URL: r.URL.Path + "?page=" + strconv.Itoa(n+1)})
	}
	return list[n*pageSize : min(len(list), (n+1)*pageSize)], ways
}

// participants are all organisations, by name.
func participants(s *directory.Snapshot) []*directory.Participant {
	var out []*directory.Participant
	for _, e := range s.Entries() {
		if e.Kind == directory.KindOrganisation {
			out = append(out, s.Participant(e.ID))
		}
	}
	slices.SortFunc(out, func(a, b *directory.Participant) int { return cmp.Compare(a.Organisation.Name, b.Organisation.Name) })
	return out
}

func feedsOf(s *directory.Snapshot) map[string][]*directory.Feed {
	out := map[string][]*directory.Feed{}
	for _, f := range s.Feeds() {
		out[f.Organisation.ODS] = append(out[f.Organisation.ODS], f)
	}
	return out
}

func (p *Pages) organisationRow(m *directory.Participant, feeds []*directory.Feed) []page.Cell {
	o := m.Organisation
	stages := make([]string, len(feeds))
	for i, f := range feeds {
		stages[i] = f.ID + ": " + rungs[f.Stage]
	}
	named := words(m.Officer)
	if m.Officer == "" {
		named = tagged(ui.TagCare, "nobody named")
	}
	return []page.Cell{link(o.Name, OrganisationsPath+"/"+o.ODS), whole(o.ODS), words(kindWords(o.Kind)), words(strings.Join(stages, ", ")), named, p.toolkit(m.Toolkit)}
}

func (p *Pages) toolkit(t directory.Toolkit) page.Cell {
	switch {
	case t.Status == "":
		return words("not given")
	case t.Status != "met" || t.Until.IsZero():
		return tagged(ui.TagCare, strings.ReplaceAll(t.Status, "-", " "))
	}
	c := ending(t.Until.AddDate(0, 0, 1), p.Now())
	c.Text = "met, to " + c.Text
	return c
}

// Organisation is one organisation: who it is, what it may see and supply, its agreements and its feeds.
func (p *Pages) Organisation(w http.ResponseWriter, r *http.Request) error {
	if _, err := p.administrator(r); err != nil {
		return err
	}
	s := p.Desk.Directory()
	m := s.Participant(chi.URLParam(r, "id"))
	if m == nil {
		return errNoEntry
	}
	o := m.Organisation
	b := p.board(r, o.Name, OrganisationsPath+"/"+o.ODS)
	key := directory.Key{Kind: directory.KindOrganisation, ID: o.ODS}
	b.Parts = []page.Part{
		{ID: "who", Heading: "Who it is", Facts: p.organisationFacts(m), Do: entryActions(key)},
		p.feedsOfPart(feedsOf(s)[o.ODS], o.ODS),
		p.agreementsPart(slices.DeleteFunc(slices.Clone(s.Agreements()), func(a *directory.Agreement) bool { return !a.Binds(o.ODS) }), "Agreements to which it is a party"),
	}
	return p.withWaiting(w, r, b, key)
}

// withWaiting writes the page of an entry, with the changes that wait for it first.
func (p *Pages) withWaiting(w http.ResponseWriter, r *http.Request, b page.BoardProps, key directory.Key) error {
	waiting, err := p.waitingPart(r, key)
	if err != nil {
		return err
	}
	b.Parts = append(waiting, b.Parts...)
	return write(w, r, http.StatusOK, page.Board(b))
}

// waitingPart lists the changes of an entry that wait; none when there are none.
func (p *Pages) waitingPart(r *http.Request, key directory.Key) ([]page.Part, error) {
	list, err := p.Desk.Changes(r.Context(), onboarding.Query{State: onboarding.Waiting, Entry: key})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	part := page.Part{ID: "waiting", Heading: "Waiting for a second person", Table: changesTable(list)}
	return []page.Part{part}, nil
}

func (p *Pages) organisationFacts(m *directory.Participant) []ui.Pair {
	o := m.Organisation
	sites := make([]string, len(m.Sites))
	for i, s := range m.Sites {
		sites[i] = s.Name + " (" + s.ODS + ")"
	}
	facts := []ui.Pair{
		{Key: "Organisation code", Value: o.ODS}, {Key: "Kind", Value: kindWords(o.Kind)}, {Key: "Called in passing", Value: o.Short + ", badge " + o.Badge},
		{Key: "Record desk", Value: o.Phone}, {Key: "Belongs to", Value: m.Parent}, {Key: "Sites", Value: strings.Join(sites, ", ")},
		{Key: "Privacy Officer", Value: officer(m)}, {Key: "Problems with its data go to", Value: cmp.Or(m.QualityEmail, m.OfficerEmail)},
		{Key: "Security toolkit", Value: p.toolkit(m.Toolkit).Text},
		{Key: "Its staff may see", Value: supplies(m.Sees)}, {Key: "It may supply", Value: supplies(m.Supplies)},
	}
	return slices.DeleteFunc(facts, func(f ui.Pair) bool { return f.Value == "" })
}

func officer(m *directory.Participant) string {
	if m.Officer == "" {
		return "nobody is named: no feed of it can go live, and no emergency access there"
	}
	return strings.TrimSuffix(m.Officer+", "+m.OfficerEmail, ", ")
}

func (p *Pages) feedsOfPart(feeds []*directory.Feed, ods string) page.Part {
	part := page.Part{
		ID: "feeds", Heading: count(len(feeds), "feed", "feeds"), Table: page.Table{Head: []string{"Feed", "Protocol", "Stage", "Supplies"}},
		Do: []ui.Action{{Text: "Add a feed", URL: FeedsPath + "/new?organisation=" + ods}},
	}
	for _, f := range feeds {
		part.Table.Rows = append(part.Table.Rows, []page.Cell{link(f.ID, FeedsPath+"/"+f.ID), words(protocols[f.Protocol]), words(stageOf(f)), words(supplies(f.Sections))})
	}
	return part
}

// entryActions are what can be done with any entry.
func entryActions(k directory.Key) []ui.Action {
	return []ui.Action{{Text: "Propose a change", URL: entryPath(k) + "/edit"}, {Text: "History", URL: HistoryPath + "/" + string(k.Kind) + "/" + k.ID}}
}

// entryPath is the page of an entry.
func entryPath(k directory.Key) string {
	switch k.Kind {
	case directory.KindOrganisation:
		return OrganisationsPath + "/" + k.ID
	case directory.KindAgreement:
		return AgreementsPath + "/" + k.ID
	case directory.KindFeed:
		return FeedsPath + "/" + k.ID
	}
	return HistoryPath + "/" + string(k.Kind) + "/" + k.ID
}
