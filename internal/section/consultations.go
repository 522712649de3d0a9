package section

import (
	"slices"

	"ribble/internal/record"
	"ribble/web/panel"
)

// consultations are read top to bottom as one text, in the order in which they were written; order is meaning
// (section 8 of the section catalogue; HAZ 28). They are never grouped across sources.
func consultations(v *View) Content {
	all := entries(v, func(c *record.Chart) []record.Consultation { return c.Consultations })
	slices.SortStableFunc(all, func(a, b *record.Consultation) int { return newest(&a.Head, &b.Head) })
	c := Content{Rows: len(all), Groups: len(all)}
	for _, k := range all {
		c.Blocks = append(c.Blocks, consultation(v, k))
	}
	if len(all) > 0 {
		c.Blocks = append([]panel.Block{panel.Standing{Lead: "Not everything in the GP record is in a consultation."}}, c.Blocks...)
	}
	return c
}

func consultation(v *View, k *record.Consultation) panel.Prose {
	title := []panel.Line{{Text: commas(firstOf(k.When.Display(), "date not given"), firstOf(k.Type.Name(), "consultation")), Kind: panel.Strong}}
	if k.Phase == record.Draft {
		title = append(title, panel.Line{Text: "Draft", Kind: panel.TagCare})
	}
	people := ""
	for _, p := range k.People {
		people = semicolons(people, commas(p.Actor.Display(), p.Role))
	}
	if s := commas(people, k.Place); s != "" {
		title = append(title, panel.Line{Text: s, Kind: panel.Sub})
	}
	title = append(title, details(v, panel.Cell{}, &k.Head).Lines...)
	p := panel.Prose{Title: title, Source: v.source(&k.Head)}
	for _, t := range k.Topics {
		p.Topics = append(p.Topics, topic(v, t))
	}
	return p
}

func topic(v *View, t record.Topic) panel.Topic {
	out := panel.Topic{Title: t.Title}
	for _, p := range t.Problems {
		out.Problems = append(out.Problems, orNotSent(p.Words))
	}
	for _, h := range t.Headings {
		heading := panel.ProseHeading{Title: h.Title}
		for _, i := range h.Items {
			heading.Items = append(heading.Items, item(v, i))
		}
		out.Headings = append(out.Headings, heading)
	}
	return out
}

// item is one full sentence: term, value, comment.
func item(v *View, i record.ConsultationItem) panel.Item {
	var c panel.Cell
	c = v.with(c, panel.Strong, i.Term)
	c = v.with(c, panel.Plain, i.Value)
	c = v.with(c, panel.Plain, i.Comment)
	if len(c.Lines) == 0 {
		c = v.with(c, panel.Sub, orNotSent(i.Ref.Words))
	}
	return panel.Item{Lines: c.Lines}
}
