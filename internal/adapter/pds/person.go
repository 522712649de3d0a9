package pds

import (
	"strings"
	"time"

	"ribble/internal/adapter/internal/r4"
	"ribble/internal/record"
)

const confidentiality = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"

// read makes the traced person of a PDS patient. The logical id is the NHS number, and the identifier must say the same.
func read(p *r4.Patient, at time.Time) (record.Person, error) {
	nhs, err := record.ParseNHSNumber(p.ID)
	if err != nil || !p.Interpretable() || !agrees(p.Identifier, nhs) {
		return record.Person{}, refusedAs(ErrUnreadable)
	}
	person := record.Person{NHSNumber: nhs, Demographics: p.Demographics(), Restricted: restricted(p.Meta.Security), TracedAt: at}
	person.Needs = append(person.Needs, preferences(p.Extension)...)
	if dead(p.Extension) {
		person.Deceased.Recorded = true
	}
	if person.Restricted {
		conceal(&person)
		return person, nil
	}
	person.Practice.ODS = strings.ToUpper(strings.TrimSpace(person.GeneralPractitioner))
	return person, nil
}

func agrees(list []r4.Identifier, nhs record.NHSNumber) bool {
	for _, i := range list {
		if i.System == record.NHSNumberSystem && i.Value != nhs.Digits() {
			return false
		}
	}
	return true
}

// restricted reads the sensitivity flag. PDS marks every person, so that only a record marked unrestricted is taken for one.
func restricted(labels []r4.Coding) bool {
	open := false
	for _, l := range labels {
		if l.System != confidentiality {
			continue
		}
		if l.Code != "U" {
			return true
		}
		open = true
	}
	return !open
}

// conceal takes away what tells where a restricted person is, should it ever be sent.
func conceal(p *record.Person) {
	p.Addresses, p.Postcode, p.Phones = nil, "", nil
	p.GeneralPractitioner, p.GPName, p.Practice = "", "", record.Practice{}
}

// dead reads the death notification: 1 informal and 2 formal are deaths, U is one taken back (UK Core death notification status).
func dead(extensions []r4.Extension) bool {
	status := r4.Find(extensions, "Extension-UKCore-DeathNotificationStatus").Part("deathNotificationStatus").Concept()
	for _, c := range status.Codings {
		if c.Code == "1" || c.Code == "2" {
			return true
		}
	}
	return false
}

// preferences are the formats and ways of contact the person has asked for, in the service's words.
func preferences(extensions []r4.Extension) []string {
	preference := r4.Find(extensions, "Extension-UKCore-ContactPreference")
	if preference == nil {
		return nil
	}
	var needs []string
	for _, part := range [...]struct{ name, label string }{
		{"PreferredWrittenCommunicationFormat", "Prefers to be written to in: "},
		{"PreferredContactMethod", "Prefers contact by: "},
		{"PreferredContactTimes", "Contact times: "},
	} {
		e := preference.Part(part.name)
		if e == nil {
			continue
		}
		words := e.ValueString
		if words == "" {
			words = e.Concept().Name()
		}
		if words != "" {
			needs = append(needs, part.label+words)
		}
	}
	return needs
}

// Similar reports whether two of the people found could be mistaken for each other: the same date of birth and the same family name or
// first given name. They must then be told apart by a second detail (rule R6).
func (f Found) Similar() bool {
	for i := range f.People {
		for j := range i {
			if alike(&f.People[i], &f.People[j]) {
				return true
			}
		}
	}
	return false
}

func alike(a, b *record.Person) bool {
	one, other := a.Current(), b.Current()
	if !a.Born.Valid() || a.Born.Text != b.Born.Text {
		return false
	}
	return same(one.Family, other.Family) || len(one.Given) > 0 && len(other.Given) > 0 && same(one.Given[0], other.Given[0])
}

func same(a, b string) bool { return a != "" && strings.EqualFold(a, b) }
