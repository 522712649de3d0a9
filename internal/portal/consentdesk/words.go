package consentdesk

import (
	"strings"
	"time"

	"ribble/internal/consent"
	"ribble/internal/portal/handle"
	"ribble/internal/record"
	"ribble/web/page"
	"ribble/web/ui"
)

// kind is a kind of data as people speak of it.
type kind struct {
	code, words string
	sections    record.Sections
}

// kinds cover every section once, after the first, which is all of them.
var kinds = []kind{
	{"all", "Everything", record.AllSections},
	{"medicines", "Allergies, medicines and immunisations", record.SectionsOf(record.Allergies, record.Medicines, record.Immunisations)},
	{"problems", "Problems, procedures and family history", record.SectionsOf(record.Problems, record.Procedures, record.History)},
	{"contacts", "Visits, consultations, appointments and referrals", record.SectionsOf(record.Encounters, record.Consultations, record.Appointments, record.Referrals)},
	{"tests", "Results, imaging and measurements", record.SectionsOf(record.Results, record.Imaging, record.Measurements)},
	{"plans", "Alerts, plans and what matters to me", record.SectionsOf(record.Alerts, record.Plans, record.AboutMe)},
	{"legal", "Legal status under the Mental Health Act", record.SectionsOf(record.Legal)},
	{"documents", "Documents and letters", record.SectionsOf(record.Documents)},
	{"social", "Social care and care network", record.SectionsOf(record.SocialCare, record.Network)},
	{"other", "Anything else", record.SectionsOf(record.Other)},
}

// named puts a set of sections into words: whole kinds first, then what is left by its own title.
func named(set record.Sections) string {
	var words []string
	for _, k := range kinds {
		if k.sections&set == k.sections && set != 0 {
			words = append(words, k.words)
			set &^= k.sections
		}
	}
	for s := range set.All {
		words = append(words, s.Title())
	}
	return strings.Join(words, "; ")
}

// stanceWords and directionWords are the two choices of the form; %s is the organisation.
var (
	stanceWords    = map[consent.Stance]string{consent.Objected: "Objects", consent.Agreed: "Agrees"}
	directionWords = map[consent.Direction]string{consent.Supply: "showing here what %s holds", consent.View: "staff of %s seeing the record"}
)

// what says what an entry is about.
func (p *Pages) what(e consent.Entry) string {
	return strings.Replace(directionWords[e.Direction], "%s", p.organisation(e), 1)
}

func (p *Pages) organisation(e consent.Entry) string {
	if e.Organisation == "" {
		return "every organisation"
	}
	return p.nameOf(e.Organisation)
}

// nameOf is an organisation's name, or its code where the directory does not know it.
func (p *Pages) nameOf(ods string) string {
	if o, ok := p.Config.Organisation(ods); ok {
		return o.Name
	}
	return ods
}

// inForce reports whether the entry holds now; one that is not ended may begin later.
func inForce(e consent.Entry, now time.Time) bool {
	return !now.Before(e.From) && (e.Until.IsZero() || now.Before(e.Until))
}

func (p *Pages) row(o opened, e consent.Entry, now time.Time) (page.Objection, error) {
	token, err := handle.Seal(p.Handles, endPurpose, endHandle{o.who, e.ID})
	row := page.Objection{Stance: stanceWords[e.Stance], What: p.what(e), Kinds: named(e.Sections), From: day(e.From), By: p.nameOf(e.Recorder), InForce: inForce(e, now),
		End: &ui.Action{Text: "End it", Hidden: stanceWords[e.Stance] + ": " + p.what(e), URL: Path + "/end", Post: true, Fields: []ui.Field{{Name: "entry", Value: token}}}}
	if !e.Until.IsZero() {
		row.Until = day(e.Until)
	}
	return row, err
}

// conflict says of two entries in force that they contradict each other, and which holds.
func (p *Pages) conflict(pair [2]consent.Entry) ui.NoteProps {
	yes, no := pair[0], pair[1]
	return ui.NoteProps{
		Kind: ui.NoteConflict, Lead: "Two entries contradict each other. The objection holds.",
		Text: "Agrees to " + p.what(yes) + " (" + named(yes.Sections) + ", from " + day(yes.From) + "); objects to " + p.what(no) + " (" + named(no.Sections) + ", from " + day(no.From) + "). Ask the person which one is meant, and end the other.",
	}
}
