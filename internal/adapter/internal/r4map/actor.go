package r4map

import (
	"ribble/internal/adapter/internal/r4"
	"ribble/internal/record"
)

// actor gives who or what a reference names; if it points at nothing received, its display (section 0.1).
func (m *mapper) actor(ref *r4.Reference, from int) record.Actor {
	if ref == nil {
		return record.Actor{}
	}
	at := m.find(ref, from)
	if at < 0 {
		a := record.Actor{Name: ref.Display}
		if ref.Identifier != nil && ref.Identifier.Value != "" {
			a.Identifiers = append(m.identifiers.list(1), record.Identifier{System: ref.Identifier.System, Value: ref.Identifier.Value})
		}
		return a
	}
	m.name(at)
	it := &m.items[at]
	if it.actor == nil {
		// The empty actor stands there meanwhile, so that organisations that are part of each other come to an end.
		it.actor = new(record.Actor)
		*it.actor = m.describe(at)
		if it.actor.Name == "" {
			it.actor.Name = ref.Display
		}
	}
	return *it.actor
}

// name marks people, places and organisations as used; clinical rows that are named keep their own fate.
func (m *mapper) name(at int) {
	switch m.items[at].r.(type) {
	case *r4.Practitioner, *r4.PractitionerRole, *r4.Organization, *r4.Device, *r4.Medication, *r4.Specimen:
		m.use(at)
	}
}

func (m *mapper) describe(at int) record.Actor {
	switch r := m.items[at].r.(type) {
	case *r4.Practitioner:
		a := record.Actor{Name: nameOf(r.Name), Identifiers: r4.Identifiers(nil, r.Identifier)}
		if role, ok := m.roles[at]; ok {
			m.use(role)
			m.roleOf(&a, role, m.items[role].r.(*r4.PractitionerRole))
		}
		return a
	case *r4.PractitionerRole:
		a := m.actor(r.Practitioner, at)
		m.roleOf(&a, at, r)
		return a
	case *r4.Organization:
		a := record.Actor{Name: r.Name, Identifiers: r4.Identifiers(nil, r.Identifier)}
		if a.Organisation = m.actor(r.PartOf, at).Name; a.Organisation == a.Name {
			a.Organisation = ""
		}
		return a
	case *r4.Patient:
		return record.Actor{Name: "The person"}
	case *r4.RelatedPerson:
		a := record.Actor{Name: nameOf(r.Name)}
		if len(r.Relationship) > 0 {
			a.Role = m.said(r.Relationship[0].Concept())
		}
		return a
	case *r4.CareTeam:
		return record.Actor{Name: r.Name}
	case *r4.Device:
		return record.Actor{Name: deviceName(r)}
	}
	return record.Actor{}
}

func (m *mapper) roleOf(a *record.Actor, at int, r *r4.PractitionerRole) {
	if len(r.Code) > 0 {
		a.Role = m.said(r.Code[0].Concept())
	}
	a.Organisation = m.actor(r.Organization, at).Name
}

func nameOf(names []r4.HumanName) string {
	for i := range names {
		if words := names[i].Words(); words != "" {
			return words
		}
	}
	return ""
}

func deviceName(d *r4.Device) string {
	for _, n := range d.DeviceName {
		if n.Name != "" {
			return n.Name
		}
	}
	return d.Type.Concept().Name()
}

// actors gives those that are named at all.
func (m *mapper) actors(refs []r4.Reference, from int) []record.Actor {
	out := m.people.list(len(refs))
	for i := range refs {
		if a := m.actor(&refs[i], from); !a.IsZero() {
			out = append(out, a)
		}
	}
	return out
}

// one gives a list of the actor, or none when nobody is named.
func (m *mapper) one(ref *r4.Reference, from int) []record.Actor {
	if ref == nil {
		return nil
	}
	if a := m.actor(ref, from); !a.IsZero() {
		return append(m.people.list(1), a)
	}
	return nil
}

// conceptsOf gives the record's concepts, in order.
func (m *mapper) conceptsOf(list []r4.CodeableConcept) []record.Concept {
	out := m.concepts.list(len(list))
	for i := range list {
		out = append(out, record.Concept(list[i]))
	}
	return out
}

// performers gives those who did something, with what they did as their role.
func (m *mapper) performers(list []r4.Person, from int) []record.Actor {
	out := m.people.list(len(list))
	for i := range list {
		a := m.actor(&list[i].Actor, from)
		if a.IsZero() {
			continue
		}
		if function := m.said(list[i].Function.Concept()); function != "" {
			a.Role = joined(a.Role, function)
		}
		if a.Organisation == "" {
			a.Organisation = m.actor(list[i].OnBehalfOf, from).Name
		}
		out = append(out, a)
	}
	return out
}

// ref points at another entry of the answer. One that points at nothing received keeps its words and is marked.
func (m *mapper) ref(ref *r4.Reference, from int) record.Ref {
	if ref == nil || ref.Reference == "" && ref.Display == "" {
		return record.Ref{}
	}
	out := record.Ref{Words: ref.Display}
	if at := m.find(ref, from); at >= 0 {
		out.Key = m.items[at].key
		return out
	}
	// A reference that holds words instead of an address is shown as the words (trap T11).
	if key, ok := m.keyOf(ref.Reference); ok {
		out.Key = key
	} else if out.Words == "" {
		out.Words = ref.Reference
	}
	out.Missing = true
	return out
}

func (m *mapper) refs(list []r4.Reference, from int) []record.Ref {
	var out []record.Ref
	for i := range list {
		if r := m.ref(&list[i], from); !r.IsZero() {
			out = append(out, r)
		}
	}
	return out
}

// get gives the received resource of type T that a reference points at, and where it stands; nil when there is none.
func get[T any](m *mapper, ref *r4.Reference, from int) (*T, int) {
	if at := m.find(ref, from); at >= 0 {
		if r, ok := any(m.items[at].r).(*T); ok {
			return r, at
		}
	}
	return nil, -1
}
