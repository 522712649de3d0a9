package layout

import (
	"context"
	"io"

	"github.com/a-h/templ"

	"ribble/web/ui"
)

// The record page is left open between RecordShell and RecordEnd, which no template can say: these are its loose tags.

// tag prints markup that this package itself wrote.
func tag(markup string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, markup)
		return err
	})
}

// openRecord opens the element that holds the shadow tree and all panels.
func openRecord(p RecordProps) templ.Component {
	class := "rb-record"
	if p.Glass != nil {
		class += " rb-glass"
	}
	b := append([]byte(`<div class="`), class...)
	b = append(b, `" data-tab="`...)
	b = ui.AppendEscaped(b, p.Tab)
	if p.Standing != "" {
		b = append(b, `" data-standing="`...)
		b = ui.AppendEscaped(b, p.Standing)
	}
	return tag(string(append(b, `">`...)))
}
