package panel

import (
	"github.com/a-h/templ"

	"ribble/web/ui"
)

// headline puts the worst news into a title: "Allergies: CONFLICT and INCOMPLETE".
func headline(title, news string) string {
	if news == "" {
		return title
	}
	return title + ": " + news
}

// blockHTML prints a block. The set is closed, so a block without a case is a mistake in this package.
func blockHTML(b Block) templ.Component {
	switch b := b.(type) {
	case Heading:
		return b.html()
	case Standing:
		return ui.Note(ui.NoteProps{Kind: ui.NoteInfo, Slim: true, Lead: b.Lead, Text: b.Text})
	case Table:
		return b.HTML()
	case Cards:
		return b.html()
	case Prose:
		return b.html()
	case FixedText:
		return b.html()
	case Trend:
		return ui.TrendFigure(b.Trend)
	}
	panic("panel: unknown kind of block")
}

func linesHTML(lines []Line) templ.Component {
	return printed(func(p *printer) { p.lines(lines) })
}

func (s SourceCell) html() templ.Component {
	return printed(func(p *printer) { p.source(&s) })
}

func (i Item) html() templ.Component {
	return printed(func(p *printer) {
		p.raw("<li")
		p.class(levelClass(i.Level))
		p.raw(">")
		p.lines(i.Lines)
		p.raw("</li>")
	})
}

// sourceItems prints the sources of the strip, which stands in every part of a page.
func sourceItems(sources []Source) templ.Component {
	return printed(func(p *printer) {
		for i := range sources {
			p.sourceItem(&sources[i])
		}
	})
}

func (p *printer) sourceItem(s *Source) {
	p.raw("<li")
	p.class(s.class())
	p.raw(">")
	p.b = ui.AppendBadge(p.b, s.Badge)
	p.raw(`<span class="rb-source__name">`)
	p.escaped(s.name())
	p.raw(`</span> <span class="rb-source__say">`)
	p.sentence(s)
	p.raw("</span></li>")
}

// sentence says what became of a source.
func (p *printer) sentence(s *Source) {
	if s.Icon != ui.IconNone {
		p.b = ui.AppendIcon(p.b, s.Icon)
		p.raw(" ")
	}
	if s.StateLast {
		p.clinical(s.Text)
		p.raw(" ")
	}
	if s.State != "" {
		p.raw("<b>")
		p.clinical(s.State)
		p.raw("</b>")
	}
	if !s.StateLast {
		p.clinical(s.Text)
	}
}

// navItems prints the sections of the navigation, which stands in nearly every part of a page.
func navItems(items []NavItem) templ.Component {
	return printed(func(p *printer) {
		for i := range items {
			p.navItem(&items[i])
		}
	})
}

func (p *printer) navItem(i *NavItem) {
	p.raw("<li><a")
	p.attr("href", "#"+i.ID)
	p.raw("><span>")
	p.escaped(i.Title)
	p.raw("</span> <span")
	p.class(i.class())
	p.raw(">")
	for _, icon := range i.Icons {
		p.b = ui.AppendIcon(p.b, icon)
	}
	p.escaped(i.Count)
	p.raw(" ")
	if i.Hidden != "" {
		p.raw(`<span class="nhsuk-u-visually-hidden">, `)
		p.escaped(i.Hidden)
		p.raw("</span>")
	}
	p.raw("</span></a></li>")
}

func (s Source) name() string {
	if s.Name == "" {
		return s.Badge.Org
	}
	return s.Name
}

func (s Source) class() string {
	return [...]string{
		SourceAnswered: "rb-source", SourceWaiting: "rb-source rb-source--wait",
		SourceOff: "rb-source rb-source--off", SourceLoud: "rb-source rb-source--loud",
	}[s.Look]
}

func (i NavItem) class() string {
	return [...]string{
		NavPlain: "rb-nav__n", NavLoud: "rb-nav__n rb-nav__n--loud", NavWait: "rb-nav__n rb-nav__n--wait", NavHeld: "rb-nav__n rb-nav__n--held",
	}[i.Look]
}

func (f Flag) props() ui.FlagProps {
	return ui.FlagProps{Kind: f.Kind, Icon: f.Icon, Lead: f.Lead, Link: f.Link, Href: f.Href, Text: f.Text}
}
