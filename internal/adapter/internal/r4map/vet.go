package r4map

import (
	"ribble/internal/adapter/internal/r4"
	"ribble/internal/record"
)

// vet gives a fate to everything that must not be mapped: repeats, other people's entries, what the source removed, and what carries a mark
// that changes its meaning.
func (m *mapper) vet() {
	for i := range m.items {
		it := &m.items[i]
		switch {
		case it.repeat:
			m.put(i, record.Structural)
			continue
		case m.isPatient(i):
			continue
		}
		if role, ok := it.r.(*r4.PractitionerRole); ok {
			if p := m.find(role.Practitioner, i); p >= 0 {
				m.roles[p] = i
			}
		}
		switch whose := m.whose(i); {
		case whose == somebodyElse:
			m.answer.Foreign++
			m.put(i, record.Quarantined)
		case !it.r.Head().Interpretable() || m.unreadable(it.r) || whose == nobody:
			m.unread[m.home(i)]++
			m.put(i, record.Unreadable)
		case removed(it.r):
			m.put(i, record.Removed)
		case m.misfit(it):
			m.put(i, record.Unreadable)
		}
	}
}

// isPatient accounts for patient resources: the accepted one is used, any other is somebody else. Each is reported as it was sent.
func (m *mapper) isPatient(i int) bool {
	p, ok := m.items[i].r.(*r4.Patient)
	if !ok {
		return false
	}
	contained := m.items[i].container >= 0
	if !contained {
		m.answer.Patients = append(m.answer.Patients, p.Demographics())
	}
	has, same := m.number(p.Identifier)
	if same || !has && !contained && p.ID == m.Patient.ID {
		m.use(i)
		return true
	}
	m.answer.Foreign++
	m.put(i, record.Quarantined)
	return true
}

// number reports whether the identifiers hold NHS numbers, and whether all of them are the person's.
func (m *mapper) number(identifiers []r4.Identifier) (has, same bool) {
	for _, id := range identifiers {
		if id.System == record.NHSNumberSystem {
			if !m.isTheirs(id.Value) {
				return true, false
			}
			has = true
		}
	}
	return has, has
}

// isTheirs reports whether the number is the person's, or one that the trace says was.
func (m *mapper) isTheirs(number string) bool {
	n, err := record.ParseNHSNumber(number)
	if err != nil {
		return false
	}
	for _, old := range m.Person.Superseded {
		if n == old {
			return true
		}
	}
	return n == m.Person.NHSNumber
}

// unreadable reports resources whose shape, or whose focus on something other than the person, makes them unsafe to show (rule R14).
func (m *mapper) unreadable(r r4.Resource) bool {
	switch r := r.(type) {
	case *r4.Unreadable:
		return true
	case *r4.Observation:
		for f := range r.Focus {
			if m.theirs(&r.Focus[f], 0) != thePerson {
				return true
			}
		}
	}
	return false
}

// misfit reports an entry that the server gives as a match although its type was not asked for (section 0.5, point 4).
func (m *mapper) misfit(it *item) bool {
	if !it.match || it.asked == "" || it.container >= 0 || it.key.Type == it.asked {
		return false
	}
	switch it.r.(type) {
	case *r4.OperationOutcome, *r4.Practitioner, *r4.PractitionerRole, *r4.Organization, *r4.Medication, *r4.Specimen, *r4.Device, *r4.Provenance,
		*r4.Binary, *r4.List, *r4.Bundle:
		// Servers often leave out the search mode of what they include.
		return false
	}
	for section := range it.feeds.All {
		m.odd[section]++
	}
	return true
}

// whoseEntry says about whom an entry is.
type whoseEntry uint8

const (
	thePerson whoseEntry = iota
	somebodyElse
	// nobody: the entry has a place for its subject and does not fill it.
	nobody
)

// whose compares the entry's subject with the accepted patient (section 26). A contained resource may leave its subject to its container.
func (m *mapper) whose(i int) whoseEntry {
	if a, ok := m.items[i].r.(*r4.Appointment); ok {
		return m.attends(a, i)
	}
	subject, clinical := subjectOf(m.items[i].r)
	if subject == nil || *subject == (r4.Reference{}) {
		if clinical && m.items[i].container < 0 {
			return nobody
		}
		return thePerson
	}
	return m.theirs(subject, i)
}

// attends looks for the person among the participants: any other patient there makes the appointment somebody else's.
func (m *mapper) attends(a *r4.Appointment, i int) whoseEntry {
	found := nobody
	for p := range a.Participant {
		actor := a.Participant[p].Actor
		if actor == nil {
			continue
		}
		at := m.find(actor, i)
		key, _ := m.keyOf(actor.Reference)
		if key.Type != "Patient" && actor.Type != "Patient" && (at < 0 || m.items[at].key.Type != "Patient") {
			continue
		}
		if m.theirs(actor, i) != thePerson {
			return somebodyElse
		}
		found = thePerson
	}
	return found
}

// theirs reports whether a reference is to the accepted patient: by address, by identifier, or both in agreement.
func (m *mapper) theirs(ref *r4.Reference, from int) whoseEntry {
	byNumber := ref.Identifier != nil && ref.Identifier.System == record.NHSNumberSystem
	if byNumber && !m.isTheirs(ref.Identifier.Value) {
		return somebodyElse
	}
	if ref.Reference == "" {
		if byNumber {
			return thePerson
		}
		return nobody
	}
	if ref.Reference[0] == '#' {
		return m.pointsAt(ref, from)
	}
	if m.subject.reference != ref.Reference {
		m.subject.reference, m.subject.whose = ref.Reference, m.pointsAt(ref, from)
	}
	return m.subject.whose
}

// pointsAt reports whether the address of a reference is the accepted patient's.
func (m *mapper) pointsAt(ref *r4.Reference, from int) whoseEntry {
	if at := m.find(ref, from); at >= 0 {
		p, ok := m.items[at].r.(*r4.Patient)
		if !ok {
			return somebodyElse
		}
		has, same := m.number(p.Identifier)
		if same || !has && p.ID == m.Patient.ID && m.items[at].container < 0 {
			return thePerson
		}
		return somebodyElse
	}
	if key, ok := m.keyOf(ref.Reference); ok && key == (record.ItemKey{Type: "Patient", ID: m.Patient.ID}) {
		return thePerson
	}
	return somebodyElse
}

// removed reports entries that the source has withdrawn (rule R13).
func removed(r r4.Resource) bool {
	switch status := statusOf(r); status {
	case "entered-in-error", "nullified":
		return true
	}
	return false
}
