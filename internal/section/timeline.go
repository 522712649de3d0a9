package section

import (
	"strconv"

	"ribble/internal/merge"
	"ribble/internal/record"
	"ribble/web/panel"
	"ribble/web/ui"
)

// TimelineID is the slot of the timeline, which is no section: it holds no data of its own and is in no account.
const TimelineID, TimelineTitle = "timeline", "Timeline"

// TimelineSections are the sections whose dated entries stand in the timeline.
var TimelineSections = record.SectionsOf(
	record.Results, record.Imaging, record.Encounters, record.Consultations, record.Referrals, record.Immunisations, record.Procedures, record.Documents, record.SocialCare, record.Plans,
)

// event is one line of the timeline: when, what kind, in which words, and who says so.
type event struct {
	at      record.PartialDate
	section record.Section
	words   string
	badges  []ui.Badge
}

// Timeline puts what happened, wherever it happened, into one list, newest first. What has no date stays in its section, and so does what is planned.
func Timeline(v *View, rendering int) panel.Panel {
	events := v.events()
	events = sorted(events, func(a, b *event) int { return b.at.Compare(a.at) })
	p := panel.Panel{ID: TimelineID, Rendering: rendering, Title: TimelineTitle, Coverage: panel.Coverage{Text: strconv.Itoa(len(events)) + plural(len(events), " dated entry", " dated entries") + " of all sources that answered."}}
	if missing := Missing(v); missing != "" {
		p.Coverage = panel.Coverage{Kind: ui.CoverGap, Text: "Not on this timeline: " + missing + "."}
	}
	if len(events) == 0 {
		p.Notices = []panel.Notice{{Kind: ui.NoteNone, Slim: true, Lead: "Nothing dated was sent.", Text: "This does not mean that nothing happened."}}
		return p
	}
	table := panel.Table{Keep: true, Columns: []panel.Column{{Label: "Date", Width: 16}, {Label: "What", Width: 16}, {Label: "In words", Width: 48}}}
	table.Bodies = make([]panel.Body, len(events))
	links := sectionLinks()
	for i := range events {
		e, cells := &events[i], v.cells(3)
		cells[0], cells[1].Lines, cells[2] = v.plain(v.day(e.at)), links[e.section][:], v.plain(e.words)
		table.Bodies[i] = v.alone(panel.Row{Cells: cells, Source: panel.SourceCell{Badges: e.badges}})
	}
	p.Blocks = []panel.Block{table}
	return p
}

// sectionLinks jump to the section in which an event stands.
func sectionLinks() *[record.NumSections][1]panel.Line {
	var links [record.NumSections][1]panel.Line
	for s := range record.AllSections.All {
		links[s][0] = panel.Line{Text: s.Title(), Href: "#" + s.ID()}
	}
	return &links
}

// dated is how many entries the sections of the timeline have.
func (v *View) dated() int {
	n := 0
	for _, a := range v.Answers {
		for s := range TimelineSections.All {
			_, entries := a.Answer().Chart.Count(s)
			n += entries
		}
	}
	return n
}

func (v *View) events() []event {
	all := make([]event, 0, v.dated())
	all = eventsOf(v, all, record.Encounters, encounterGroups(v), func(e *record.Encounter) (record.PartialDate, string) {
		return e.When.Start, commas(e.Setting.String(), commas(e.Service.Name(), concepts(e.Reasons)))
	})
	all = eventsOf(v, all, record.Consultations, alone(v, func(c *record.Chart) []record.Consultation { return c.Consultations }), func(c *record.Consultation) (record.PartialDate, string) {
		return c.When.Start, commas(c.Type.Name(), c.Place)
	})
	report := func(r *record.Report) (record.PartialDate, string) { return reportDate(r), reportTitle(r) }
	all = eventsOf(v, all, record.Results, resultGroups(v), report)
	all = eventsOf(v, all, record.Imaging, imagingGroups(v), report)
	all = eventsOf(v, all, record.Documents, documentGroups(v), func(d *record.Document) (record.PartialDate, string) {
		return d.Created, firstOf(d.Title, d.Type.Name())
	})
	all = eventsOf(v, all, record.Procedures, alone(v, func(c *record.Chart) []record.Procedure { return c.Procedures }), func(p *record.Procedure) (record.PartialDate, string) {
		return p.When.Start, p.Procedure.Name()
	})
	all = eventsOf(v, all, record.Immunisations, alone(v, func(c *record.Chart) []record.Immunisation { return c.Immunisations }), func(i *record.Immunisation) (record.PartialDate, string) {
		return i.When.Start, firstOf(i.Vaccination.Name(), i.Product.Name())
	})
	all = eventsOf(v, all, record.Referrals, alone(v, func(c *record.Chart) []record.Referral { return c.Referrals }), func(r *record.Referral) (record.PartialDate, string) {
		return r.When.Start, firstOf(r.Reason.Name(), r.Service.Name())
	})
	all = eventsOf(v, all, record.SocialCare, socialCareGroups(v), func(s *record.SocialCareEntry) (record.PartialDate, string) {
		return s.When.Start, commas(s.Kind.String(), s.What.Name())
	})
	return eventsOf(v, all, record.Plans, planGroups(v), func(p *record.Plan) (record.PartialDate, string) { return p.When.Start, planName(p) })
}

// alone makes each entry a group of its own.
func alone[T any, P merge.Entry[T]](v *View, of func(*record.Chart) []T) []merge.Group[T] {
	return merge.Entries[T, P](entries(v, of), func(*T) merge.Key { return merge.Key{} })
}

// eventsOf adds the dated entries that happened. What was cancelled or not done says so; a plan is no event.
func eventsOf[T any, P merge.Entry[T]](v *View, out []event, s record.Section, groups []merge.Group[T], of func(*T) (record.PartialDate, string)) []event {
	for i := range groups {
		at, words := of(groups[i].One())
		h := P(groups[i].One()).Base()
		if !at.Valid() || h.Phase == record.Planned {
			continue
		}
		words = unsettled(h.Phase) + firstOf(words, "not named by the source")
		if h.Phase == record.NotDone || h.RawStatus == "cancelled" {
			words = "Not done: " + words
		}
		out = append(out, event{at: at, section: s, words: words, badges: badges[T, P](v, &groups[i])})
	}
	return out
}
