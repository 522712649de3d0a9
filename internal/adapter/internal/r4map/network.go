package r4map

import (
	"ribble/internal/adapter/internal/r4"
	"ribble/internal/record"
)

// careTeam maps a team of section 20: the team stands for the resource, its members are further showings.
func (m *mapper) careTeam(i int, r *r4.CareTeam) {
	h := m.head(i, r.Identifier, r.Status)
	h.When, h.Notes = r.Period.Period(), r4.Notes(nil, r.Note)
	h.Within(m.ref(r.Encounter, i))
	team := record.Contact{Head: h, Kind: record.Team, Actor: record.Actor{Name: r.Name}, Roles: m.conceptsOf(r.Category), Telecoms: r4.Telecoms(r.Telecom)}
	if list := m.actors(r.ManagingOrganization, i); len(list) > 0 {
		team.Actor.Organisation = list[0].Name
	}
	if team.Actor.Name == "" {
		team.Actor.Name = "Care team (not named)"
	}
	shown := m.show(record.Network, i, &team.Head)
	if !shown {
		return
	}
	m.chart.Network = append(m.chart.Network, team)
	for n := range r.Participant {
		m.teamMember(i, &r.Participant[n], team)
	}
}

func (m *mapper) teamMember(i int, p *r4.TeamMember, team record.Contact) {
	a := m.actor(p.Member, i)
	if a.IsZero() || p.Member != nil && m.theirs(p.Member, i) == thePerson {
		return
	}
	e := record.Contact{Head: team.Again(), Kind: record.Professional, Actor: a, Roles: m.conceptsOf(p.Role)}
	e.Notes = nil
	if e.Actor.Organisation == "" {
		e.Actor.Organisation = m.actor(p.OnBehalfOf, i).Name
	}
	if when := p.Period.Period(); !when.IsZero() {
		e.When = when
	}
	if related, _ := get[r4.RelatedPerson](m, p.Member, i); related != nil {
		e.Kind = record.Personal
	}
	fact(&e.Head, "Member of", team.Actor.Name)
	m.chart.Network = append(m.chart.Network, e)
}

// relatedPerson maps a personal contact with the roles that councils name.
func (m *mapper) relatedPerson(i int, r *r4.RelatedPerson) {
	e := record.Contact{
		Head: m.head(i, r.Identifier, ""), Kind: record.Personal, Actor: record.Actor{Name: nameOf(r.Name)}, Relationships: m.conceptsOf(r.Relationship),
		Telecoms: r4.Telecoms(r.Telecom),
	}
	e.Phase, e.RawStatus = record.Current, "active"
	if r.Active != nil && !*r.Active {
		e.Phase, e.RawStatus = record.Ended, "not active"
	}
	e.When = r.Period.Period()
	for _, a := range r.Address {
		fact(&e.Head, "Address", a.Words())
	}
	var authority []record.LegalStatus
	for n := range r.Extension {
		x := &r.Extension[n]
		switch r4.LastPart(x.URL) {
		case "Extension-Interweave-SocialCareSupportRole":
			if status, legal := supportRole(x, &e); legal {
				authority = append(authority, status)
			}
		case "Extension-UKCore-ContactRank":
			fact(&e.Head, "Rank", x.Words())
		case "Extension-UKCore-CopyCorrespondenceIndicator":
			fact(&e.Head, "Copy letters", x.Words())
		}
	}
	if e.Actor.Name == "" {
		e.Flaw(record.NoName, "The source did not name this contact.")
	}
	m.contactShown(i, e, authority)
}

func (m *mapper) contactShown(i int, e record.Contact, authority []record.LegalStatus) {
	head := e.Apart()
	if m.show(record.Network, i, &e.Head) {
		m.chart.Network = append(m.chart.Network, e)
	}
	for _, l := range authority {
		when := l.When
		l.Head, l.Authority = head, e.Actor
		if !when.IsZero() {
			l.When = when
		}
		if m.also(record.Legal, &l.Head) {
			m.chart.Legal = append(m.chart.Legal, l)
		}
	}
}

// authorities are the support roles that are legal authorities over a person's affairs (section 18).
var authorities = map[string]string{"LPA": "Lasting power of attorney", "AF": "Appointee", "AS": "Appointee"}

func supportRole(x *r4.Extension, e *record.Contact) (record.LegalStatus, bool) {
	role := x.Part("supportRoleType").Concept()
	e.Roles = append(e.Roles, held(role))
	var when record.Period
	if p := x.Part("supportRolePeriod"); p != nil && p.ValuePeriod != nil {
		when = p.ValuePeriod.Period()
		fact(&e.Head, held(role).Name(), when.Display())
	}
	kind, legal := known(authorities, r4.CodeableConcept(role))
	return record.LegalStatus{Head: record.Head{When: when}, Kind: kind, Status: role}, legal
}
