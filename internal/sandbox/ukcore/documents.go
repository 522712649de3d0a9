package ukcore

import (
	"crypto/sha1"
	"encoding/base64"

	"ribble/internal/sandbox/fhirout"
	"ribble/internal/sandbox/story"
)

// Documents renders DocumentReference and the Binary behind each (sections.md 16).
func (s *Sheet) Documents() {
	for i := range s.Holding.Documents {
		d := &s.Holding.Documents[i]
		id := s.ID(d.EntryID(story.KindDocument, i))
		s.Add("DocumentReference", id, &d.Head, func() { s.document(d, id) })
		if d.Placeholder == "" && d.Attachment.URL == "" {
			s.binary(d, id)
		}
	}
}

func (s *Sheet) document(d *story.Document, id string) {
	s.Date(d.Created)
	if d.MasterIdentifier.Value != "" {
		s.Identifier("masterIdentifier", d.MasterIdentifier)
	}
	s.Identify("DocumentReference", id, &d.Head)
	s.String("status", Status(&d.Head, d.Status, "current"))
	s.String("docStatus", d.DocStatus)
	s.Tokens("type", d.Type)
	s.Concept("type", d.Type)
	s.Tokens("category", d.Category)
	s.Concepts("category", d.Category)
	s.Subject("subject", &d.Head)
	s.String("date", or(d.Indexed, d.Created))
	if d.Author != (story.Actor{}) {
		s.Actors("author", "author", d.Author)
	}
	s.Actor("custodian", "custodian", story.Actor{ODS: or(d.Custodian, s.Org.ODS)})
	if d.Replaces != "" {
		s.List("relatesTo", func() {
			s.Object("", func() {
				s.String("code", "replaces")
				s.Ref("target", "relatesto", s.Target(d.Replaces, "DocumentReference"), "")
			})
		})
	}
	s.String("description", d.Title)
	s.Concepts("securityLabel", labels(d.SecurityLabels)...)
	s.List("content", func() { s.Object("", func() { s.attachment(d, id) }) })
	s.Object("context", func() {
		if d.Encounter != "" {
			s.List("encounter", func() { s.Ref("", "encounter", "Encounter/"+s.ID(d.Encounter), "") })
		}
		s.Period("period", d.Covers)
		s.targets("related", d.Related, "Observation")
	})
}

func labels(all []story.Code) []story.Concept {
	out := make([]story.Concept, len(all))
	for i := range all {
		out[i].Codes = all[i : i+1]
	}
	return out
}

func (s *Sheet) attachment(d *story.Document, id string) {
	a := &d.Attachment
	s.Object("attachment", func() {
		s.String("contentType", a.ContentType)
		if d.Placeholder != "" {
			s.String("title", d.Placeholder)
			return
		}
		s.String("url", or(a.URL, "Binary/"+id))
		s.Int("size", len(a.Content))
		if len(a.Content) > 0 {
			sum := sha1.Sum(a.Content) // FHIR R4 Attachment.hash is defined as SHA-1
			s.String("hash", base64.StdEncoding.EncodeToString(sum[:]))
		}
		s.String("title", or(a.Title, d.Title))
		s.String("creation", or(a.Created, d.Created))
	})
}

func (s *Sheet) binary(d *story.Document, id string) {
	s.Add("Binary", id, &story.Head{}, func() {
		s.String("contentType", d.Attachment.ContentType)
		s.String("data", base64.StdEncoding.EncodeToString(d.Attachment.Content))
	})
}

func (s *Sheet) inlineAttachment(a *story.Attachment) {
	s.Object("", func() {
		s.String("contentType", a.ContentType)
		s.String("data", base64.StdEncoding.EncodeToString(a.Content))
		s.String("title", a.Title)
		s.String("creation", a.Created)
	})
}

// Compositions renders Composition: structured discharge documents (sections.md 16).
func (s *Sheet) Compositions() {
	for i := range s.Holding.Compositions {
		c := &s.Holding.Compositions[i]
		id := s.ID(c.EntryID(story.KindComposition, i))
		s.Add("Composition", id, &c.Head, func() {
			s.Date(c.When)
			s.Identifier("identifier", story.Identifier{System: s.Dialect.IdentifierSystem("Composition"), Value: s.Org.ODS + "." + id})
			s.String("status", Status(&c.Head, c.Status, "final"))
			s.Concept("type", c.Type)
			s.Subject("subject", &c.Head)
			s.Encounter(&c.Head)
			s.String("date", c.When)
			s.Actors("author", "author", c.Author)
			s.String("title", c.Title)
			s.Actor("custodian", "custodian", story.Actor{ODS: s.Org.ODS})
			s.sections(c.Sections)
		})
	}
}

func (s *Sheet) sections(all []story.CompositionSection) {
	s.List("section", func() {
		for i := range all {
			part := &all[i]
			s.Object("", func() {
				s.String("title", part.Title)
				s.Concept("code", part.Code)
				if part.Words != "" {
					s.Object("text", func() {
						s.String("status", "generated")
						s.String("div", fhirout.Narrative(part.Words))
					})
				}
				s.targets("entry", part.Entries, "Observation")
			})
		}
	})
}
