package gpconnect

import (
	"ribble/internal/adapter/internal/stu3"
	"ribble/internal/record"
)

func (r *reading) mapDocument(n int32, e *stu3.DocumentReference) {
	d := record.Document{
		Head: r.head(n, append([]stu3.Identifier{e.MasterIdentifier}, e.Identifier...)), Title: e.Description, Type: e.Type.Record(),
		Created: record.ParseDate(e.Created), Indexed: record.ParseDate(e.Indexed), Covers: e.Context.Period.Record(),
		Authors: r.actors(n, e.Author), Custodian: r.organisation(n, e.Custodian), DocStatus: e.DocStatus,
	}
	d.Phase, d.RawStatus = phaseOf(e.Status), e.Status
	if e.DocStatus == "preliminary" {
		d.Phase = record.Draft
	}
	d.When, d.Recorded = record.On(d.Created), d.Indexed
	for i := range e.SecurityLabel {
		d.Labelled(stu3.Labels(e.SecurityLabel[i].Coding))
	}
	if !e.Class.IsZero() {
		d.Categories = []record.Concept{e.Class.Record()}
	}
	for i := range e.Content {
		d.Attachments = append(d.Attachments, e.Content[i].Attachment.Record())
	}
	d.Title = titleOf(&d)
	r.within(&d.Head, n, e.Context.Encounter)
	factOf(&d.Head, "Setting", e.Context.PracticeSetting)
	for i := range e.Context.Related {
		r.addRelated(n, &d, e.Context.Related[i].Ref)
	}
	r.checkDates(&d.Head, d.Indexed)
	r.notFuture(&d.Head)
	r.show(n)
	r.answer.Chart.Documents = append(r.answer.Chart.Documents, d)
}

func titleOf(d *record.Document) string {
	if d.Title != "" {
		return d.Title
	}
	for i := range d.Attachments {
		if a := &d.Attachments[i]; a.Title != "" && a.Placeholder == "" {
			return a.Title
		}
	}
	return wordsOr(d.Type.Name(), "Document without a title")
}

// addRelated names an entry that a document is about.
func (r *reading) addRelated(n int32, d *record.Document, ref stu3.Reference) {
	if found, ok := r.find(n, ref.Reference); ok {
		fact(&d.Head, "About", r.line(found).Term)
		r.tells(&d.Head, n, ref)
		return
	}
	r.link(n, &d.Head, ref)
	fact(&d.Head, "About", wordsOf(ref))
}
