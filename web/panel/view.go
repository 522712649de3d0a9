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

// sentence prints the state of a source: icon, then the bold word and the rest in the order asked for.
func (s Source) sentence() templ.Component {
	return printed(func(p *printer) {
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
	})
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
