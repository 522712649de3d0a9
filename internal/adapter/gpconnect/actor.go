package gpconnect

import (
	"ribble/internal/adapter/internal/stu3"
	"ribble/internal/record"
)

// joinRoles finds for each practitioner the one role that names it: nothing points at a PractitionerRole, so it must be joined from
// the other side (section 0.5). Of several roles none is chosen.
func (r *reading) joinRoles() {
	r.roles = map[int32]int32{}
	for n := range r.items {
		role, ok := r.items[n].entity.(*stu3.PractitionerRole)
		if !ok || r.items[n].placed {
			continue
		}
		if person, found := r.find(int32(n), role.Practitioner.Reference); found {
			if _, second := r.roles[person]; second {
				r.roles[person] = -1
				continue
			}
			r.roles[person] = int32(n)
		}
	}
}

// actor is who is named by a reference; what was not sent is known only by the words beside the reference.
func (r *reading) actor(n int32, ref stu3.Reference) []record.Actor {
	found, ok := r.find(n, ref.Reference)
	if !ok || r.items[found].placed && r.items[found].fate != record.Used {
		if words := wordsOf(ref); words != "" {
			return []record.Actor{{Name: words}}
		}
		return nil
	}
	it := &r.items[found]
	it.used = true
	if it.actors == nil {
		it.actors = []record.Actor{} // a role that names itself finds nobody, instead of going round for ever
		if a := r.makeActor(found); !a.IsZero() {
			r.items[found].actors = []record.Actor{a}
		}
	}
	actors := r.items[found].actors
	return actors[:len(actors):len(actors)]
}

// actors is everyone named by the references.
func (r *reading) actors(n int32, refs []stu3.Reference) []record.Actor {
	if len(refs) == 1 {
		return r.actor(n, refs[0])
	}
	var out []record.Actor
	for i := range refs {
		out = append(out, r.actor(n, refs[i])...)
	}
	return out
}

func (r *reading) makeActor(n int32) record.Actor {
	switch e := r.items[n].entity.(type) {
	case *stu3.Practitioner:
		a := record.Actor{Name: practitionerName(e), Identifiers: stu3.RecordIdentifiers(e.Identifier)}
		if role, ok := r.roles[n]; ok && role >= 0 {
			r.addRole(&a, role)
		}
		return a
	case *stu3.PractitionerRole:
		a := record.Actor{}
		if person := r.actor(n, e.Practitioner); len(person) == 1 {
			a = person[0]
		}
		r.addRole(&a, n)
		return a
	case *stu3.Organization:
		return record.Actor{Organisation: e.Name, Identifiers: stu3.RecordIdentifiers(e.Identifier)}
	case *stu3.HealthcareService:
		return record.Actor{Name: e.Name, Identifiers: stu3.RecordIdentifiers(e.Identifier)}
	case *stu3.Location:
		return record.Actor{Name: e.Name}
	case *stu3.Patient:
		return record.Actor{Name: "The person"}
	}
	return record.Actor{}
}

func (r *reading) addRole(a *record.Actor, n int32) {
	role := r.items[n].entity.(*stu3.PractitionerRole)
	r.items[n].used = true
	if len(role.Code) > 0 {
		a.Role = role.Code[0].Record().Name()
	}
	if organisation := r.actor(n, role.Organization); len(organisation) == 1 {
		a.Organisation = organisation[0].Organisation
	}
}

func practitionerName(p *stu3.Practitioner) string {
	for i := range p.Name {
		if words := p.Name[i].Words(); words != "" {
			return words
		}
	}
	return ""
}

// organisation is the name of an organisation that is referred to.
func (r *reading) organisation(n int32, ref stu3.Reference) string {
	if list := r.actor(n, ref); len(list) == 1 {
		return list[0].Display()
	}
	return ""
}

// place is the name of a location that is referred to.
func (r *reading) placeName(n int32, ref stu3.Reference) string {
	return r.organisation(n, ref)
}
