// Package ui holds the building blocks of every page: the NHS design system's components and Ribble's own small parts.
// Properties are plain strings and flags; nothing here knows of patients or records.
package ui

import (
	"context"
	"io"
	"sync"

	"github.com/a-h/templ"
)

// Clinical prints text from a source exactly as it is: escaped, isolated in a bdi element, its line breaks kept by the
// style sheet, and each "number + unit", date and telephone number held on one line (R16). No character is altered.
func Clinical(text string) templ.Component {
	return appended(func(b []byte) []byte { return AppendClinical(b, text) })
}

// gap keeps the text that follows off what stands before it, unless it goes on with a comma.
func gap(text string) string {
	if text != "" && (text[0] == ',' || text[0] == ':') {
		return ""
	}
	return " "
}

// saying prints a bold opening and the text that follows it; either may be empty.
func saying(lead, text string) templ.Component {
	return appended(func(b []byte) []byte { return appendSaying(b, lead, text) })
}

func appendSaying(b []byte, lead, text string) []byte {
	if lead != "" {
		b = append(b, "<b>"...)
		b = AppendClinical(b, lead)
		b = append(b, "</b>"...)
		b = append(b, gap(text)...)
	}
	if text != "" {
		b = AppendClinical(b, text)
	}
	return b
}

// buffers are reused between renderings: a record holds some thousand of these texts.
var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 1024); return &b }}

// appended makes a component of a function that appends its HTML.
func appended(print func([]byte) []byte) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		buf := buffers.Get().(*[]byte)
		defer buffers.Put(buf)
		*buf = print((*buf)[:0])
		_, err := w.Write(*buf)
		return err
	})
}

// AppendClinical appends what [Clinical] prints.
func AppendClinical(b []byte, text string) []byte {
	b = append(b, "<bdi>"...)
	b = appendUnbroken(b, text)
	return append(b, "</bdi>"...)
}

// appendUnbroken looks at digits, where something that must stay on one line may begin, and at what HTML gives a meaning; the rest is copied.
func appendUnbroken(b []byte, text string) []byte {
	done, bare := 0, true
	for i := 0; i < len(text); {
		kind := kinds[text[i]]
		if kind != digitByte || i > 0 && wordByte(text[i-1]) {
			bare = bare && kind != escapedByte
			i++
			continue
		}
		start, end := unbreakable(text, done, i)
		if end == 0 {
			i++
			continue
		}
		b = appendPart(b, text[done:start], bare)
		b = append(b, `<span class="rb-nb">`...)
		b = AppendEscaped(b, text[start:end])
		b = append(b, "</span>"...)
		done, i = end, end
	}
	return appendPart(b, text[done:], bare)
}

// appendPart appends a text that is known to hold nothing to escape, or one that must be looked at.
func appendPart(b []byte, text string, bare bool) []byte {
	if bare {
		return append(b, text...)
	}
	return AppendEscaped(b, text)
}

// byteKind is what a byte of a text can be the start of.
type byteKind uint8

const (
	plainByte byteKind = iota
	digitByte
	escapedByte
)

// escapes are the characters to which HTML gives a meaning, in text and in a quoted attribute. A carriage return and a
// NUL would be changed by the reader of the page: the first is written as a reference, the second as the sign for an
// unknown character, as HTML has no way to say it (HTML 13.2.5).
var escapes = [256]string{'&': "&amp;", '<': "&lt;", '>': "&gt;", '"': "&#34;", '\'': "&#39;", '\r': "&#13;", 0: "\uFFFD"}

// kinds tells the bytes apart.
var kinds = func() (kinds [256]byteKind) {
	for c := range kinds {
		switch {
		case escapes[c] != "":
			kinds[c] = escapedByte
		case digit(byte(c)):
			kinds[c] = digitByte
		}
	}
	return kinds
}()

// AppendEscaped appends text for use in element content or in an attribute in double quotes.
func AppendEscaped(b []byte, text string) []byte {
	done := 0
	for i := 0; i < len(text); i++ {
		if kinds[text[i]] == escapedByte {
			b = append(b, text[done:i]...)
			b = append(b, escapes[text[i]]...)
			done = i + 1
		}
	}
	return append(b, text[done:]...)
}
