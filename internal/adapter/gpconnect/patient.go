package gpconnect

import (
	"strings"

	"ribble/internal/adapter/internal/stu3"
	"ribble/internal/record"
)

const verificationExtension = "Extension-CareConnect-GPC-NHSNumberVerificationStatus-1"

// demographics are the person's details as the practice holds them.
func (r *reading) demographics(n int32, p *stu3.Patient) record.Demographics {
	d := record.Demographics{Gender: p.Gender, Born: record.ParseDate(p.BirthDate)}
	for i := range p.Identifier {
		id := &p.Identifier[i]
		d.Identifiers = append(d.Identifiers, id.Record())
		if e, ok := stu3.Find(id.Extension, verificationExtension, "Extension-CareConnect-NHSNumberVerificationStatus-1"); ok && e.ValueCodeableConcept != nil {
			d.NumberStatus = codeOf(e.ValueCodeableConcept)
		}
	}
	for i := range p.Name {
		d.Names = append(d.Names, p.Name[i].Record())
	}
	d.Deceased = record.Deceased{Recorded: p.DeceasedBoolean || p.DeceasedDateTime != "", Date: record.ParseDate(p.DeceasedDateTime)}
	for i := range p.Address {
		addAddress(&d, &p.Address[i])
	}
	for i := range p.Telecom {
		if p.Telecom[i].Value != "" && p.Telecom[i].System != "email" {
			d.Phones = append(d.Phones, p.Telecom[i].Value)
		}
	}
	for i := range p.Link {
		d.Links = append(d.Links, r.patientLink(n, &p.Link[i]))
	}
	r.addPractice(n, &d, p)
	addLanguages(&d, p.Extension)
	return d
}

func codeOf(c *stu3.CodeableConcept) string {
	for i := range c.Coding {
		if c.Coding[i].Code != "" {
			return c.Coding[i].Code
		}
	}
	return ""
}

func addAddress(d *record.Demographics, a *stu3.Address) {
	if words := a.Words(); words != "" {
		d.Addresses = append(d.Addresses, words)
		if len(d.Addresses) == 1 {
			d.Postcode = a.PostalCode
		}
	}
}

func (r *reading) patientLink(n int32, l *stu3.PatientLink) record.Link {
	out := record.Link{Type: l.Type}
	if l.Other.Identifier != nil && l.Other.Identifier.System == record.NHSNumberSystem {
		out.NHSNumber = l.Other.Identifier.Value
	} else if found, ok := r.find(n, l.Other.Reference); ok {
		if other, patient := r.items[found].entity.(*stu3.Patient); patient {
			for i := range other.Identifier {
				if other.Identifier[i].System == record.NHSNumberSystem {
					out.NHSNumber = other.Identifier[i].Value
				}
			}
		}
	}
	return out
}

// addPractice finds the practice's ODS code and the named doctor behind the references.
func (r *reading) addPractice(n int32, d *record.Demographics, p *stu3.Patient) {
	for _, ref := range append([]stu3.Reference{p.ManagingOrganization}, p.GeneralPractitioner...) {
		found, ok := r.find(n, ref.Reference)
		if !ok {
			continue
		}
		switch e := r.items[found].entity.(type) {
		case *stu3.Organization:
			for i := range e.Identifier {
				if id := &e.Identifier[i]; d.GeneralPractitioner == "" && strings.HasSuffix(id.System, "/ods-organization-code") {
					d.GeneralPractitioner = id.Value
				}
			}
		case *stu3.Practitioner:
			d.GPName = practitionerName(e)
		}
	}
}

// addLanguages reads the communication extension for the banner.
func addLanguages(d *record.Demographics, list []stu3.Extension) {
	for i := range list {
		if !list[i].Named("Extension-CareConnect-GPC-NHSCommunication-1", "Extension-CareConnect-NHSCommunication-1") {
			continue
		}
		for j := range list[i].Extension {
			switch e := &list[i].Extension[j]; {
			case e.URL == "language" && e.ValueCodeableConcept != nil:
				d.Languages = append(d.Languages, e.ValueCodeableConcept.Record().Name())
			case e.URL == "interpreterRequired" && e.ValueBoolean != nil && *e.ValueBoolean:
				d.Needs = append(d.Needs, "Interpreter required")
			}
		}
	}
}

// mapNetwork shows the practice, the named doctor and the personal contacts. They are read from the Patient, which is counted as used,
// so none of these rows is counted.
func (r *reading) mapNetwork() {
	for n := range r.items {
		p, ok := r.items[n].entity.(*stu3.Patient)
		if !ok || r.items[n].placed || !r.people[p.ID] {
			continue
		}
		r.addContact(int32(n), p.ManagingOrganization, record.Team, "Registered GP practice")
		for _, gp := range p.GeneralPractitioner {
			r.addContact(int32(n), gp, record.Professional, "General practitioner")
		}
		for i := range p.Contact {
			r.addPersonal(int32(n), &p.Contact[i])
		}
		return
	}
}

func (r *reading) addContact(n int32, ref stu3.Reference, kind record.NetworkKind, role string) {
	for _, a := range r.actor(n, ref) {
		c := record.Contact{Head: r.contactHead(n), Kind: kind, Actor: a, Roles: []record.Concept{record.Words(role)}}
		if found, ok := r.find(n, ref.Reference); ok {
			if o, organisation := r.items[found].entity.(*stu3.Organization); organisation {
				c.Telecoms, c.Kind = telecoms(o.Telecom), record.Team
			}
		}
		r.answer.Chart.Network = append(r.answer.Chart.Network, c)
	}
}

func (r *reading) contactHead(n int32) record.Head {
	h := r.head(n, nil)
	h.CrossListed, h.Phase = true, record.Current
	return h
}

func (r *reading) addPersonal(n int32, p *stu3.PatientContact) {
	c := record.Contact{
		Head: r.contactHead(n), Kind: record.Personal, Relationships: stu3.Concepts(p.Relationship), Telecoms: telecoms(p.Telecom),
		Actor: record.Actor{Name: p.Name.Words(), Organisation: r.organisation(n, p.Organization)},
	}
	c.When = p.Period.Record()
	r.answer.Chart.Network = append(r.answer.Chart.Network, c)
}

func telecoms(list []stu3.ContactPoint) []string {
	var out []string
	for i := range list {
		if list[i].Value != "" {
			out = append(out, list[i].Value)
		}
	}
	return out
}
