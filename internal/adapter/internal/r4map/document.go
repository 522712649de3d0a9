package r4map

import (
	"ribble/internal/adapter/internal/r4"
	"ribble/internal/record"
)

// document maps section 16; a plan document is at home in section 6 and listed here a second time.
func (m *mapper) document(i int, r *r4.DocumentReference) {
	e := record.Document{
		Head: m.head(i, documentIdentifiers(r), r.Status), Type: r.Type.Concept(), Categories: m.conceptsOf(r.Category),
		Indexed: record.ParseDate(r.Date), Authors: m.actors(r.Author, i), Custodian: m.actor(r.Custodian, i).Name, DocStatus: r.DocStatus,
		Title: r.Description,
	}
	if r.DocStatus == "preliminary" {
		e.Phase = record.Draft
	}
	e.Labelled(securityLabels(r))
	m.contents(i, r, &e)
	if c := r.Context; c != nil {
		m.documentContext(i, c, &e)
	}
	e.When = record.On(e.Created)
	if e.Created.IsZero() {
		e.When = e.Covers
	}
	fact(&e.Head, "Authenticated by", m.actor(r.Authenticator, i).Display())
	for n := range r.RelatesTo {
		fact(&e.Head, "Relation", joined(r.RelatesTo[n].Code, r.RelatesTo[n].Target.Display))
	}
	m.dated(&e.Head, e.Created)
	if isPlanDocument(r) {
		m.planDocument(i, e)
		return
	}
	m.showDocument(i, e)
}

// documentLabels are the labels of a document, of both places where they may stand.
func documentLabels(r *r4.DocumentReference) []record.Label {
	return append(r.Meta.Labels(), securityLabels(r)...)
}

// securityLabels are those of the place that only documents have.
func securityLabels(r *r4.DocumentReference) (out []record.Label) {
	for _, c := range r.SecurityLabel {
		for _, k := range c.Codings {
			out = append(out, record.Label{System: k.System, Code: k.Code, Display: k.Display})
		}
	}
	return out
}

func (m *mapper) showDocument(i int, e record.Document) {
	if e.Title == "" {
		e.Title = firstOf(e.Type.Name(), "Document without a title")
	}
	if m.show(record.Documents, i, &e.Head) {
		m.chart.Documents = append(m.chart.Documents, e)
	}
}

func documentIdentifiers(r *r4.DocumentReference) []r4.Identifier {
	if r.MasterIdentifier == nil {
		return r.Identifier
	}
	return append([]r4.Identifier{*r.MasterIdentifier}, r.Identifier...)
}

// contents lists what can be opened; a Binary that came along is used in place of its address.
func (m *mapper) contents(i int, r *r4.DocumentReference, e *record.Document) {
	for n := range r.Content {
		c := &r.Content[n]
		a := c.Attachment.Attachment()
		if b, at := get[r4.Binary](m, &r4.Reference{Reference: c.Attachment.URL}, i); b != nil {
			m.use(at)
			inside := r4.Attachment{ContentType: b.ContentType, Data: b.Data}
			a.Inline, a.ContentType = inside.Attachment().Inline, b.ContentType
		}
		e.Attachments = append(e.Attachments, a)
		if e.Created.IsZero() {
			e.Created = record.ParseDate(c.Attachment.Creation)
		}
		if e.Title == "" {
			e.Title = c.Attachment.Title
		}
	}
}

func (m *mapper) documentContext(i int, c *r4.DocumentContext, e *record.Document) {
	e.Covers = c.Period.Period()
	if len(c.Encounter) > 0 {
		e.Within(m.ref(&c.Encounter[0], i))
	}
	fact(&e.Head, "Place", m.said(c.FacilityType.Concept()))
	fact(&e.Head, "Service", m.said(c.PracticeSetting.Concept()))
}

func (m *mapper) planDocument(i int, d record.Document) {
	e := record.Plan{Head: d.Head, Type: d.Type, Title: d.Title, Authors: d.Authors, Custodian: d.Custodian}
	if len(d.Attachments) > 0 {
		e.Attachment = &d.Attachments[0]
	}
	if e.Attachment == nil || e.Attachment.URL == "" && len(e.Attachment.Inline) == 0 {
		fact(&e.Head, "Content", "plan held by "+firstOf(e.Custodian, "its custodian")+"; could not be fetched")
	}
	second := d
	second.Head = d.Apart()
	m.showPlan(i, &e)
	if m.also(record.Documents, &second.Head) {
		if second.Title == "" {
			second.Title = second.Type.Name()
		}
		m.chart.Documents = append(m.chart.Documents, second)
	}
}

// composition is a document that came as sections: they are shown in order as text, its coded entries keep their own rows.
func (m *mapper) composition(i int, r *r4.Composition) {
	var identifiers []r4.Identifier
	if r.Identifier != nil {
		identifiers = []r4.Identifier{*r.Identifier}
	}
	e := record.Document{
		Head: m.head(i, identifiers, r.Status), Title: r.Title, Type: r.Type.Concept(), Categories: m.conceptsOf(r.Category),
		Created: record.ParseDate(r.Date), Authors: m.actors(r.Author, i), Custodian: m.actor(r.Custodian, i).Name, DocStatus: r.Status,
	}
	e.When = record.On(e.Created)
	e.Within(m.ref(r.Encounter, i))
	if r.Confidentiality != "" {
		e.Labelled([]record.Label{{System: "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", Code: r.Confidentiality}})
	}
	if body := m.sections(r.Section); body != "" {
		e.Attachments = []record.Attachment{{ContentType: "text/plain; charset=utf-8", Title: r.Title, Inline: []byte(body), Size: int64(len(body))}}
	}
	m.dated(&e.Head, e.Created)
	m.showDocument(i, e)
}

func (m *mapper) sections(list []r4.CompositionSection) string {
	out := ""
	for n := range list {
		s := &list[n]
		text := ""
		if s.Text != nil {
			text = textOf(s.Text.Div)
		}
		out = lines(out, firstOf(s.Title, m.said(s.Code.Concept())), text, m.sections(s.Section))
	}
	return out
}
