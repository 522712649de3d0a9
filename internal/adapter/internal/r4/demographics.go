package r4

import (
	"slices"
	"strings"

	"ribble/internal/record"
)

// Demographics gives the identifying details as this party holds them.
func (p *Patient) Demographics() record.Demographics {
	d := record.Demographics{
		Identifiers: Identifiers(nil, p.Identifier), NumberStatus: p.numberStatus(), Born: record.ParseDate(p.BirthDate), Gender: p.Gender,
		Deceased: record.Deceased{Recorded: p.DeceasedDateTime != "" || p.DeceasedBoolean != nil && *p.DeceasedBoolean, Date: record.ParseDate(p.DeceasedDateTime)},
		Phones:   Telecoms(p.Telecom),
	}
	for _, n := range p.Name {
		d.Names = append(d.Names, n.Name())
	}
	p.addresses(&d)
	p.practice(&d)
	p.needs(&d)
	for _, l := range p.Link {
		d.Links = append(d.Links, record.Link{Type: l.Type, NHSNumber: nhsNumberOf(l.Other)})
	}
	return d
}

// numberStatus is the code of the NHS number verification status (UK Core), which stands on the identifier.
func (p *Patient) numberStatus() string {
	for _, i := range p.Identifier {
		if i.System != record.NHSNumberSystem {
			continue
		}
		for _, name := range [...]string{"Extension-UKCore-NHSNumberVerificationStatus", "Extension-CareConnect-NHSNumberVerificationStatus"} {
			if e := Find(i.Extension, name); e != nil && len(e.Concept().Codings) > 0 {
				return e.Concept().Codings[0].Code
			}
		}
	}
	return ""
}

// addresses puts the home address first and those that have ended last: the first is the one that is shown and compared.
func (p *Patient) addresses(d *record.Demographics) {
	for _, wanted := range [...]func(Address) bool{
		func(a Address) bool { return a.Use == "home" && a.Period.End == "" },
		func(a Address) bool { return a.Use != "home" && a.Use != "old" && a.Period.End == "" },
		func(a Address) bool { return a.Use == "old" || a.Period.End != "" },
	} {
		for _, a := range p.Address {
			if wanted(a) {
				d.Addresses = append(d.Addresses, a.Words())
				if len(d.Addresses) == 1 {
					d.Postcode = a.PostalCode
				}
			}
		}
	}
}

func (p *Patient) practice(d *record.Demographics) {
	for _, r := range p.GeneralPractitioner {
		if r.Identifier != nil && r.Identifier.System == record.ODSCodeSystem && d.GeneralPractitioner == "" {
			d.GeneralPractitioner = r.Identifier.Value
		}
		if d.GPName == "" {
			d.GPName = r.Display
		}
	}
}

func (p *Patient) needs(d *record.Demographics) {
	for _, c := range p.Communication {
		words := c.Language.Concept().Name()
		if words == "" {
			continue
		}
		if c.Preferred != nil && *c.Preferred {
			words += " (preferred)"
		}
		d.Languages = append(d.Languages, words)
	}
	for i := range p.Extension {
		e := &p.Extension[i]
		if LastPart(e.URL) != "Extension-UKCore-NHSCommunication" && LastPart(e.URL) != "Extension-CareConnect-GPC-NHSCommunication" {
			continue
		}
		if language := e.Part("language").Concept().Name(); language != "" {
			d.Languages = append(d.Languages, language)
		}
		if e.Part("interpreterRequired").True() {
			d.Needs = append(d.Needs, "Interpreter required")
		}
	}
}

func nhsNumberOf(r Reference) string {
	if r.Identifier != nil && r.Identifier.System == record.NHSNumberSystem {
		return r.Identifier.Value
	}
	return ""
}

// Name gives the record's name.
func (n *HumanName) Name() record.Name {
	if n == nil {
		return record.Name{}
	}
	return record.Name{Use: n.Use, Family: n.Family, Given: n.Given, Prefix: n.Prefix, Suffix: n.Suffix, Text: n.Text, Ended: n.Period.End != "" || n.Use == "old"}
}

// Words is the name in speaking order, for staff and relatives.
func (n *HumanName) Words() string {
	if n == nil {
		return ""
	}
	if n.Text != "" {
		return n.Text
	}
	parts := make([]string, 0, 4)
	parts = append(parts, n.Prefix...)
	parts = append(parts, n.Given...)
	if n.Family != "" {
		parts = append(parts, n.Family)
	}
	return strings.Join(parts, " ")
}

// Words is the address on one line.
func (a Address) Words() string {
	parts := append(slices.Clone(a.Line), a.City, a.District, a.PostalCode)
	parts = slices.DeleteFunc(parts, func(part string) bool { return part == "" })
	if len(parts) == 0 {
		return a.Text
	}
	return strings.Join(parts, ", ")
}

// Telecoms are the numbers and addresses as sent, with their use where one was given.
func Telecoms(list []ContactPoint) []string {
	var out []string
	for _, c := range list {
		switch {
		case c.Value == "":
		case c.Use != "":
			out = append(out, c.Value+" ("+c.Use+")")
		default:
			out = append(out, c.Value)
		}
	}
	return out
}
