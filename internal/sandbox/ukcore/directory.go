package ukcore

import (
	"ribble/internal/sandbox/r4server"
	"ribble/internal/sandbox/story"
)

// Directory renders the organisation itself, its staff, places and teams.
func (s *Sheet) Directory() {
	s.Organisation(s.Org)
	for i := range s.Org.Staff {
		s.practitioner(&s.Org.Staff[i])
	}
	for i := range s.Org.Places {
		s.place(&s.Org.Places[i])
	}
	for i := range s.Org.Teams {
		s.team(&s.Org.Teams[i])
	}
}

// Organisation renders one organisation; its id is its ODS code.
func (s *Sheet) Organisation(o story.Organisation) {
	s.Add("Organization", o.ODS, &story.Head{}, func() {
		s.Identifiers("identifier", story.Identifier{System: story.SystemODS, Value: o.ODS})
		s.Bool("active", true)
		s.List("type", func() {
			s.Code("", terminology+"organization-type", organisationType(o.Kind), "")
		})
		s.String("name", o.Name)
		s.phone(o.Phone)
		s.List("address", func() { s.Address("", o.Address, "work") })
	})
}

func organisationType(k story.Kind) string {
	if k == story.Council {
		return "govt"
	}
	return "prov"
}

func (s *Sheet) phone(number string) {
	if number != "" {
		s.Telecoms([]story.Phone{{Use: "work", Number: number}}, "")
	}
}

func (s *Sheet) practitioner(p *story.Staff) {
	s.Add("Practitioner", p.ID, &story.Head{}, func() {
		s.List("identifier", func() {
			if p.SDSUserID != "" {
				s.Identifier("", story.Identifier{System: "https://fhir.nhs.uk/Id/sds-user-id", Value: p.SDSUserID})
			}
			s.Identifier("", p.Registered)
		})
		s.Bool("active", true)
		s.List("name", func() { s.HumanName("", p.Name, "usual") })
		s.String("gender", p.Gender)
	})
	s.Add("PractitionerRole", p.ID+"-role", &story.Head{}, func() {
		if p.SDSRoleID != "" {
			s.Identifiers("identifier", story.Identifier{System: "https://fhir.nhs.uk/Id/sds-role-profile-id", Value: p.SDSRoleID})
		}
		s.Bool("active", true)
		s.Ref("practitioner", "practitioner", "Practitioner/"+p.ID, "")
		s.Actor("organization", "organization", story.Actor{ODS: s.Org.ODS})
		s.Concepts("code", story.Concept{Codes: codes(p.Role)})
		s.Concepts("specialty", p.Specialty)
		s.phone(p.Phone)
	})
}

func codes(c story.Code) []story.Code {
	if c == (story.Code{}) {
		return nil
	}
	return []story.Code{c}
}

func (s *Sheet) place(p *story.Place) {
	s.Add("Location", p.ID, &story.Head{}, func() {
		s.Identify("Location", p.ID, &story.Head{})
		s.String("status", "active")
		s.String("name", p.Name)
		s.String("mode", "instance")
		s.phone(p.Phone)
		s.Address("address", p.Address, "work")
		s.Actor("managingOrganization", "organization", story.Actor{ODS: s.Org.ODS})
		if p.PartOf != "" {
			s.Ref("partOf", "partof", "Location/"+p.PartOf, s.placeName(p.PartOf))
		}
	})
}

func (s *Sheet) team(t *story.Team) {
	s.Add("Organization", t.ID, &story.Head{}, func() {
		s.Identify("OrganizationalTeam", t.ID, &story.Head{})
		s.Bool("active", true)
		s.List("type", func() { s.Code("", terminology+"organization-type", "team", "Organizational team") })
		s.String("name", t.Name)
		s.phone(t.Phone)
		s.Actor("partOf", "partof", story.Actor{ODS: s.Org.ODS})
	})
}

// NamedOrganisation renders an organisation of the region that is not the server's own; false when nobody knows it.
func NamedOrganisation(region story.Region, ods string, d Dialect) (*r4server.Resource, bool) {
	o, ok := region.Organisation(ods)
	if !ok {
		return nil, false
	}
	s := NewSheet(region, ods, d)
	s.Organisation(o)
	return s.Chart().Find("Organization/" + ods)
}
