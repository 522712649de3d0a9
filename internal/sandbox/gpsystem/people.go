package gpsystem

import (
	"strings"

	"ribble/internal/sandbox/story"
)

// patients writes the Patient, and a second one when the story adds it.
func (r *record) patients() {
	who := r.person.Demographics
	if r.holding.As != nil {
		who = *r.holding.As
	}
	r.patient(r.holding.LocalID, &who)
	if other := r.holding.Behaviour.SecondPatient; other != nil {
		r.patient(r.holding.LocalID+"-other", other)
	}
}

func (r *record) patient(id string, d *story.Demographics) {
	r.add("Patient", id, &story.Head{}, func() {
		r.List("extension", func() {
			r.Extension(gpConnect+"RegistrationDetails-1", func() {
				r.List("extension", func() {
					r.Extension("registrationPeriod", func() { r.Period("valuePeriod", story.Period{Start: r.holding.Registered}) })
				})
			})
			for _, l := range d.Languages {
				r.language(l)
			}
		})
		r.List("identifier", func() {
			if !d.NoNHSNumber {
				r.nhsNumber(d)
			}
			for _, i := range r.holding.Identifiers {
				r.Identifier("", i)
			}
		})
		r.Bool("active", true)
		r.List("name", func() {
			r.HumanName("", d.Name, "official")
			for _, n := range d.OtherNames {
				r.HumanName("", n, "old")
			}
		})
		r.Telecoms(d.Phones, d.Email)
		r.String("gender", d.Gender)
		r.String("birthDate", d.Born)
		r.deceased(d.Died)
		r.List("address", func() { r.Address("", d.Address, "home") })
		r.contacts(d.Contacts)
		r.registration()
		r.PatientLink(d.ReplacedBy)
	})
}

func (r *record) registration() {
	if len(r.org.Staff) > 0 {
		r.List("generalPractitioner", func() { r.actor("", story.Actor{Staff: r.org.Staff[0].ID}) })
	}
	r.actor("managingOrganization", story.Actor{ODS: or(r.holding.Practice, r.org.ODS)})
}

func (r *record) nhsNumber(d *story.Demographics) {
	status := or(d.Verification, "01")
	words := map[string]string{"01": "Number present and verified", "02": "Number present but not traced"}
	r.Object("", func() {
		r.List("extension", func() {
			r.ConceptExtension(gpConnect+"NHSNumberVerificationStatus-1",
				story.Coded("https://fhir.nhs.uk/STU3/CodeSystem/CareConnect-NHSNumberVerificationStatus-1", status, words[status]))
		})
		r.String("system", story.SystemNHSNumber)
		r.String("value", d.NHSNumber)
	})
}

func (r *record) deceased(died string) {
	switch died {
	case "":
	case "true":
		r.Bool("deceasedBoolean", true)
	default:
		r.String("deceasedDateTime", died)
	}
}

func (r *record) language(l story.Language) {
	r.Extension(gpConnect+"NHSCommunication-1", func() {
		r.List("extension", func() {
			r.Extension("language", func() {
				r.Code("valueCodeableConcept", "https://fhir.nhs.uk/STU3/CodeSystem/CareConnect-HumanLanguage-1", l.Code, l.Display)
			})
			r.Extension("preferred", func() { r.Bool("valueBoolean", l.Preferred) })
			r.Extension("interpreterRequired", func() { r.Bool("valueBoolean", l.Interpreter) })
		})
	})
}

func (r *record) contacts(all []story.RelatedPerson) {
	r.List("contact", func() {
		for i := range all {
			c := &all[i]
			r.Object("", func() {
				r.Concepts("relationship", c.Relationship...)
				r.HumanName("name", c.Name, "official")
				r.Telecoms(c.Phones, "")
				r.Address("address", c.Address, "home")
				r.String("gender", c.Gender)
			})
		}
	})
}

// practice writes the practice, its registered GP and that GP's role, which every answer carries.
func (r *record) practice() {
	r.mention("Organization/" + r.org.ODS)
	if len(r.org.Staff) > 0 {
		r.mention("Practitioner/" + r.org.Staff[0].ID)
	}
}

// everybody writes whoever was mentioned; the list grows while it is walked, because organisations name places.
func (r *record) everybody() {
	for i := 0; i < len(r.order); i++ {
		typ, id, _ := strings.Cut(r.order[i], "/")
		switch typ {
		case "Organization":
			r.organisation(id)
		case "Practitioner":
			r.practitioner(id)
		case "Location":
			r.location(id)
		case "HealthcareService":
			r.healthcareService(id)
		}
	}
}

func (r *record) organisation(ods string) {
	o, ok := r.region.Organisation(ods)
	if !ok {
		return
	}
	r.add("Organization", ods, &story.Head{}, func() {
		r.Identifiers("identifier", story.Identifier{System: story.SystemODS, Value: o.ODS})
		if o.Kind == story.GPPractice {
			gp := story.Coded("https://fhir.nhs.uk/STU3/CodeSystem/GPConnect-OrganisationType-1", "gp-practice", "")
			gp.Text = "GP Practice"
			r.Concepts("type", gp)
		}
		r.String("name", o.Name)
		r.workPhone(o.Phone)
		r.List("address", func() { r.Address("", o.Address, "work") })
	})
}

func (r *record) workPhone(number string) {
	if number != "" {
		r.Telecoms([]story.Phone{{Use: "work", Number: number}}, "")
	}
}

// practitioner writes a member of staff with their role; one whom nobody employs stays a dangling reference.
func (r *record) practitioner(id string) {
	for i := range r.org.Staff {
		if p := &r.org.Staff[i]; p.ID == id {
			r.employee(p)
		}
	}
}

func (r *record) employee(p *story.Staff) {
	r.add("Practitioner", p.ID, &story.Head{}, func() {
		r.List("identifier", func() {
			if p.SDSUserID != "" {
				r.Identifier("", story.Identifier{System: "https://fhir.nhs.uk/Id/sds-user-id", Value: p.SDSUserID})
			}
			r.Identifier("", p.Registered)
		})
		r.List("name", func() { r.HumanName("", p.Name, "usual") })
		r.String("gender", p.Gender)
	})
	r.add("PractitionerRole", p.ID+"-"+r.org.ODS, &story.Head{}, func() {
		if p.SDSRoleID != "" {
			r.Identifiers("identifier", story.Identifier{System: "https://fhir.nhs.uk/Id/sds-role-profile-id", Value: p.SDSRoleID})
		}
		r.Reference("practitioner", "Practitioner/"+p.ID, "")
		r.Reference("organization", "Organization/"+r.org.ODS, "")
		r.List("code", func() {
			role := p.Role
			role.System = or(role.System, "https://fhir.hl7.org.uk/STU3/CodeSystem/CareConnect-SDSJobRoleName-1")
			if role.Value != "" {
				r.Concept("", story.Concept{Codes: []story.Code{role}})
			}
		})
	})
}

func (r *record) location(id string) {
	for i := range r.org.Places {
		p := &r.org.Places[i]
		if p.ID != id {
			continue
		}
		r.add("Location", id, &story.Head{}, func() {
			r.String("status", "active")
			r.String("name", p.Name)
			r.workPhone(p.Phone)
			r.Address("address", p.Address, "work")
			r.Reference("managingOrganization", "Organization/"+r.org.ODS, r.org.Name)
		})
	}
}

func (r *record) healthcareService(id string) {
	for _, t := range r.org.Teams {
		if t.ID == id {
			r.add("HealthcareService", id, &story.Head{}, func() {
				r.String("name", t.Name)
				r.workPhone(t.Phone)
			})
		}
	}
}
