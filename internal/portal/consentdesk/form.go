package consentdesk

import (
	"slices"

	"ribble/internal/record"
	"ribble/web/page"
	"ribble/web/ui"
)

// form is the form of a new entry, with what was filled in so far and what is wrong with it.
func (p *Pages) form(o opened, f entryForm) page.ObjectionForm {
	out := page.ObjectionForm{
		URL:         Path + "/check",
		Stances:     []ui.Option{{Value: "objects", Text: "I object"}, {Value: "agrees", Text: "I agree"}},
		Directions:  []ui.Option{{Value: "view", Text: "to staff of the organisation seeing my record here"}, {Value: "supply", Text: "to what the organisation holds about me being shown here"}},
		StanceError: f.faults.stance, DirectionError: f.faults.direction, KindsError: f.faults.kinds, DateError: f.faults.date,
		Organisations: p.organisations(o), Day: f.day, Month: f.month, Year: f.year,
	}
	for _, k := range kinds {
		out.Kinds = append(out.Kinds, ui.Option{Value: k.code, Text: k.words, Chosen: slices.Contains(f.kinds, k.code)})
	}
	choose(out.Stances, f.stance)
	choose(out.Directions, f.direction)
	choose(out.Organisations, f.organisation)
	return out
}

func choose(options []ui.Option, value string) {
	for i := range options {
		options[i].Chosen = options[i].Value == value
	}
}

// organisations are every one at once, the user's own, the person's practice, and those that are asked about everybody.
func (p *Pages) organisations(o opened) []ui.Option {
	options := []ui.Option{{Value: everybody, Text: "Every organisation"}, {Value: o.user.Organisation.ODS, Text: o.user.Organisation.Name}}
	add := func(org record.Organisation) {
		if org.ODS != "" && !slices.ContainsFunc(options, func(have ui.Option) bool { return have.Value == org.ODS }) {
			options = append(options, ui.Option{Value: org.ODS, Text: org.Name})
		}
	}
	if practice, ok := p.Organisation(o.who.Practice); ok {
		add(practice)
	}
	for _, org := range p.Organisations() {
		add(org)
	}
	return options
}
