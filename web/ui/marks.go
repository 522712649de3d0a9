package ui

import (
	"strconv"

	"github.com/a-h/templ"
)

// The marks stand in every row of a record, so they are printed by hand like [Clinical]; as components they are the same.

// AppendIcon appends an icon of the sprite, hidden from screen readers: the words beside it say the same.
func AppendIcon(b []byte, icon Icon) []byte {
	if icon == IconNone {
		return b
	}
	b = append(b, `<svg class="rb-i" aria-hidden="true" focusable="false"><use href="#i-`...)
	b = append(b, icon...)
	return append(b, `"/></svg>`...)
}

// AppendBadge appends an organisation's badge.
func AppendBadge(b []byte, badge Badge) []byte {
	if badge.Own {
		b = append(b, `<abbr class="rb-badge rb-badge--own" title="`...)
	} else {
		b = append(b, `<abbr class="rb-badge" title="`...)
	}
	b = AppendEscaped(b, badge.Org)
	b = append(b, `">`...)
	b = AppendEscaped(b, badge.Code)
	return append(b, "</abbr>"...)
}

// AppendTag appends a word in a box.
func AppendTag(b []byte, kind TagKind, text string) []byte {
	b = append(b, `<span class="rb-tag`...)
	b = append(b, tagClasses[kind]...)
	b = append(b, `">`...)
	b = AppendEscaped(b, text)
	return append(b, "</span>"...)
}

var tagClasses = [...]string{
	TagPlain: "", TagLoud: " rb-tag--loud", TagRed: " rb-tag--red", TagCare: " rb-tag--care",
	TagWait: " rb-tag--wait", TagHeld: " rb-tag--held", TagDone: " rb-tag--done", TagSoft: " rb-tag--soft",
}

// IconOf prints an icon of the sprite.
func IconOf(icon Icon) templ.Component {
	return appended(func(b []byte) []byte { return AppendIcon(b, icon) })
}

// BadgeOf prints an organisation's badge.
func BadgeOf(badge Badge) templ.Component {
	return appended(func(b []byte) []byte { return AppendBadge(b, badge) })
}

// Tag prints a word in a box.
func Tag(kind TagKind, text string) templ.Component {
	return appended(func(b []byte) []byte { return AppendTag(b, kind, text) })
}

// noteLooks gives each kind of notice its class and its usual icon.
var noteLooks = [...]struct {
	class string
	icon  Icon
}{
	NoteInfo: {"rb-note--info", IconInfo}, NoteNil: {"rb-note--nil", IconNil}, NoteNone: {"rb-note--none", IconEmpty},
	NoteCare: {"rb-note--care", IconWho}, NoteLoud: {"rb-note--loud", IconGone}, NoteHeld: {"rb-note--held", IconLock},
	NoteOff: {"rb-note--off", IconOff}, NoteWait: {"rb-note--wait", IconWait}, NoteConflict: {"rb-note--conflict", IconClash},
	NoteMismatch: {"rb-note--mismatch", IconSwap},
}

// look gives the attributes of a notice.
func (p NoteProps) look() templ.OrderedAttributes {
	class := "rb-note " + noteLooks[p.Kind].class
	if p.Slim {
		class += " rb-note--slim"
	}
	look := templ.OrderedAttributes{templ.KV[string, any]("class", class)}
	if p.Alert {
		look = append(look, templ.KV[string, any]("role", "alert"))
	}
	return look
}

// words prints a notice's icon and what it says.
func (p NoteProps) words() templ.Component {
	return appended(func(b []byte) []byte {
		b = append(AppendIcon(b, p.Kind.icon(p.Icon)), "<div>"...)
		return append(appendSaying(b, p.Lead, p.Text), "</div>"...)
	})
}

// cover prints a coverage line: every section has one.
func cover(kind CoverKind, text string) templ.Component {
	look := &coverLooks[kind]
	return appended(func(b []byte) []byte {
		b = append(b, `<p class="rb-cover`...)
		if look.class != "" {
			b = append(append(b, ' '), look.class...)
		}
		b = append(AppendIcon(append(b, `">`...), look.icon), "<span>"...)
		return append(AppendClinical(b, text), "</span></p>"...)
	})
}

// Class is a class attribute of those names that are not empty: cheaper than the list that class={…} takes, for what stands in every part of a record.
func Class(names ...string) templ.OrderedAttributes {
	all := ""
	for _, name := range names {
		switch {
		case name == "":
		case all == "":
			all = name
		default:
			all += " " + name
		}
	}
	return templ.OrderedAttributes{templ.KV[string, any]("class", all)}
}

// When gives the name if it applies, and nothing otherwise.
func When(applies bool, name string) string {
	if applies {
		return name
	}
	return ""
}

func (k NoteKind) icon(given Icon) Icon {
	if given != IconNone {
		return given
	}
	return noteLooks[k].icon
}

// coverLooks gives each kind of coverage line its class and icon.
var coverLooks = [...]struct {
	class string
	icon  Icon
}{
	CoverFull: {"", IconData}, CoverGap: {"rb-cover--gap", IconGone}, CoverWait: {"rb-cover--wait", IconWait}, CoverHeld: {"", IconLock},
}

// flagLooks gives each kind of banner flag its class and its usual icon.
var flagLooks = [...]struct {
	class string
	icon  Icon
}{
	FlagCare: {"rb-flag--care", IconEar}, FlagAllergy: {"rb-flag--allergy", IconAllergy},
	FlagLoud: {"rb-flag--loud", IconGone}, FlagPlan: {"rb-flag--plan", IconPlan},
}

func (k FlagKind) icon(given Icon) Icon {
	if given != IconNone {
		return given
	}
	return flagLooks[k].icon
}

// ElementID joins the name of a thing and the number of its printing into an element id.
func ElementID(name string, rendering int) string {
	return name + "-r" + strconv.Itoa(rendering)
}
