package r4map

import (
	"ribble/internal/adapter/internal/r4"
	"ribble/internal/record"
)

// flag maps sections 5 and 19; a flag about legal status is shown a second time in section 18.
func (m *mapper) flag(i int, r *r4.Flag) {
	h := m.head(i, r.Identifier, r.Status)
	h.When, h.AssertedBy = r.Period.Period(), m.one(r.Author, i)
	h.Within(m.ref(r.Encounter, i))
	if notes := r4.Find(r.Extension, "Extension-FlagNotes"); notes != nil {
		h.Notes = append(h.Notes, notes.Words())
	}
	m.written(i, &h)
	named(&h, r.Code.Concept(), "The source did not say what the alert is.")
	m.dated(&h, h.When.Start)
	if m.flagHome(r) == record.AboutMe {
		m.adjustment(i, r, h)
		return
	}
	e := record.Alert{Head: h, Alert: r.Code.Concept(), Categories: m.conceptsOf(r.Category), Kind: alertKind(r)}
	_, e.SensitiveKind = known(sensitiveAlerts, r.Code)
	if len(h.AssertedBy) > 0 {
		e.Authority = h.AssertedBy[0]
	}
	for n := range r.Extension {
		if r4.LastPart(r.Extension[n].URL) == "flag-detail" {
			fact(&e.Head, "Detail", m.said(m.meaning(r.Extension[n].ValueReference, i)))
		}
	}
	if m.show(record.Alerts, i, &e.Head) {
		m.chart.Alerts = append(m.chart.Alerts, e)
	}
	if e.Kind == record.LegalAlert {
		m.legalFlag(r, e)
	}
}

// written adds who wrote a flag and when, from the provenance inside it.
func (m *mapper) written(i int, h *record.Head) {
	for at := i + 1; at < len(m.items) && m.items[at].container == i; at++ {
		p, ok := m.items[at].r.(*r4.Provenance)
		if !ok {
			continue
		}
		if h.Recorded.IsZero() {
			h.Recorded = record.ParseDate(p.Recorded)
		}
		for n := range p.Agent {
			h.RecordedBy = append(h.RecordedBy, m.one(&p.Agent[n].Who, at)...)
		}
	}
}

// alertKind goes by the flag's own code, then by its category.
func alertKind(r *r4.Flag) record.AlertKind {
	if k, ok := known(alertKinds, append([]r4.CodeableConcept{r.Code}, r.Category...)...); ok {
		return k
	}
	if k, ok := known(alertCategories, r.Category...); ok {
		return k
	}
	if coded("safety", r.Category...) || coded("clinical", r.Category...) || coded("drug", r.Category...) || coded("diet", r.Category...) {
		return record.ClinicalAlert
	}
	return record.OtherAlert
}

// legalFlag shows a deprivation of liberty or a finding of legal status in section 18 too; its home stays section 5.
func (m *mapper) legalFlag(r *r4.Flag, a record.Alert) {
	e := record.LegalStatus{Head: a.Head, Kind: "Legal status", Status: a.Alert, Authority: a.Authority}
	if coded("DOLS", r.Code) || coded("DOL", r.Code) {
		e.Kind = "DoLS"
	}
	if m.also(record.Legal, &e.Head) {
		m.chart.Legal = append(m.chart.Legal, e)
	}
}

// legalStatus is one repetition of the UK Core extension on an encounter.
type legalStatus struct {
	context string
	status  record.Concept
}

func legalStatuses(extensions []r4.Extension) []legalStatus {
	var out []legalStatus
	for n := range extensions {
		if x := &extensions[n]; r4.LastPart(x.URL) == "Extension-UKCore-LegalStatus" {
			out = append(out, legalStatus{"on " + x.Part("legalStatusContext").Words(), x.Part("legalStatusClassification").Concept()})
		}
	}
	return out
}

// detentions shows an encounter's legal status in section 18; its dates are those of the encounter, "on admission", never of the section.
func (m *mapper) detentions(list []legalStatus, h record.Head) {
	for _, l := range list {
		e := record.LegalStatus{Head: h, Kind: "Mental Health Act", Status: l.status, Context: l.context}
		e.Facts = nil
		if m.also(record.Legal, &e.Head) {
			m.chart.Legal = append(m.chart.Legal, e)
		}
	}
}

// consent maps section 18.
func (m *mapper) consent(i int, r *r4.Consent) {
	e := record.LegalStatus{Head: m.head(i, r.Identifier, r.Status), Kind: "Consent", Status: m.consentStatus(r)}
	if coded("adr", r.Scope) {
		e.Kind = "Advance decision"
	}
	e.Recorded = record.ParseDate(r.DateTime)
	e.When = record.On(e.Recorded)
	e.AssertedBy = m.actors(r.Performer, i)
	if list := m.actors(r.Organization, i); len(list) > 0 {
		e.Authority = list[0]
	}
	fact(&e.Head, "About", m.said(r.Scope.Concept()))
	for _, c := range r.Category {
		fact(&e.Head, "Category", m.said(c.Concept()))
	}
	fact(&e.Head, "Policy", m.said(r.PolicyRule.Concept()))
	if p := r.Provision; p != nil {
		m.provision(i, p, &e)
	}
	if role := r4.Find(r.Extension, "Extension-RA-ProxyRole"); role != nil {
		fact(&e.Head, "Basis", role.Words())
	}
	if r.SourceAttachment != nil {
		a := r.SourceAttachment.Attachment()
		e.Attachment = &a
	}
	if m.show(record.Legal, i, &e.Head) {
		m.chart.Legal = append(m.chart.Legal, e)
	}
}

// consentStatus names the consent by its most telling words: what was permitted or denied, else its category.
func (m *mapper) consentStatus(r *r4.Consent) record.Concept {
	if r.Provision != nil && len(r.Provision.Code) > 0 {
		return r.Provision.Code[0].Concept()
	}
	if len(r.Category) > 0 {
		return r.Category[0].Concept()
	}
	return r.Scope.Concept()
}

func (m *mapper) provision(i int, p *r4.Provision, e *record.LegalStatus) {
	switch p.Type {
	case "permit":
		e.Context = "permits"
	case "deny":
		e.Context = "denies"
	default:
		e.Context = p.Type
	}
	if when := p.Period.Period(); !when.IsZero() {
		e.When = when
	}
	for _, c := range p.Code {
		fact(&e.Head, "Concerns", m.said(c.Concept()))
	}
	for n := range p.Actor {
		fact(&e.Head, m.said(p.Actor[n].Role.Concept()), m.actor(&p.Actor[n].Reference, i).Display())
	}
}
