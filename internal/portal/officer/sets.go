package officer

import (
	"net/http"

	"ribble/internal/audit"
	"ribble/internal/sensitive"
	"ribble/web/page"
	"ribble/web/ui"
)

// Sets counts what other sensitive code sets would change, over the views that pass; *sensitive.Tally is one.
type Sets interface {
	Tried() sensitive.Tried
	// Mentions are where free text at an organisation speaks of a topic.
	Mentions(organisation string) []sensitive.Mentioned
}

// SetsPath is the page on which new versions of the sensitive code sets are tried.
const SetsPath = "/officer/code-sets"

// CodeSets shows what a new version of the code sets would hide and show again, as counts, before it is put in force; and where the officer's own
// organisation has free text that no code gives away, by the ids of the entries and without a word of them.
func (p *Pages) CodeSets(w http.ResponseWriter, r *http.Request) error {
	u, err := p.officer(r)
	if err != nil {
		return err
	}
	if err := p.Trail.Note(r.Context(), audit.Note{Act: audit.ActOfficerLooked, User: u, Reason: "code sets"}); err != nil {
		return err
	}
	var tried sensitive.Tried
	var mentions []sensitive.Mentioned
	if p.Sets != nil {
		tried, mentions = p.Sets.Tried(), p.Sets.Mentions(u.Organisation.ODS)
	}
	return write(w, r, http.StatusOK, page.Board(page.BoardProps{
		Props: p.frame(r, "Sensitive code sets"), Places: places(SetsPath), Heading: "Sensitive code sets: a version on trial",
		Parts: []page.Part{triedPart(tried), mentionsPart(mentions)},
	}))
}

func triedPart(t sensitive.Tried) page.Part {
	part := page.Part{ID: "tried", Heading: "What it would change", Foot: "Counted on this machine since it started, for a user who may open no set. Nothing is hidden or shown by a trial."}
	if len(t.Versions) == 0 {
		part.Notes = []ui.NoteProps{{Kind: ui.NoteInfo, Lead: "Nothing is on trial.", Text: "The operator names a version to be tried, or loads one whose day has not come."}}
		return part
	}
	for _, v := range t.Versions {
		part.Facts = append(part.Facts, ui.Pair{Key: "On trial", Value: v})
	}
	part.Facts = append(part.Facts, ui.Pair{Key: "Answers looked at", Value: itoa(t.Answers)})
	if len(t.Changes) == 0 {
		part.Notes = []ui.NoteProps{{Kind: ui.NoteInfo, Lead: "No change so far.", Text: "In the answers looked at it would have hidden nothing and shown nothing again."}}
		return part
	}
	part.Table.Head = []string{"Section", "Topic", "Would be hidden", "Would be shown again"}
	for _, c := range t.Changes {
		part.Table.Rows = append(part.Table.Rows, []page.Cell{
			{Text: c.Section.Title()}, {Text: c.Topic}, {Text: itoa(c.Hidden), Whole: true}, {Text: itoa(c.Shown), Whole: true},
		})
	}
	return part
}

// mostKeys is how many ids of entries are listed for one topic of one feed.
const mostKeys = 50

func mentionsPart(list []sensitive.Mentioned) page.Part {
	part := page.Part{
		ID: "mentions", Heading: "Free text that no code gives away", Cover: "your organisation’s own entries",
		Foot: "Look at these entries in your own system. Their words are not kept or shown here.",
	}
	if len(list) == 0 {
		part.Notes = []ui.NoteProps{{Kind: ui.NoteInfo, Lead: "None found.", Text: "Free text is searched only where the operator has given a list of words. That none was found does not mean that there is none."}}
		return part
	}
	part.Table.Head = []string{"Feed", "Kind of entry", "Topic", "Entries", "Their ids"}
	for _, m := range list {
		ids := ""
		for i, key := range m.Keys {
			if i == mostKeys {
				ids += " and more"
				break
			}
			ids += key.ID + " "
		}
		part.Table.Rows = append(part.Table.Rows, []page.Cell{{Text: m.Feed}, {Text: m.Type}, {Text: m.Topic}, {Text: itoa(len(m.Keys)), Whole: true}, {Text: ids}})
	}
	return part
}
