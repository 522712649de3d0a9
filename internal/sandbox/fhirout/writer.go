// Package fhirout writes FHIR resources as JSON, in member order and without building trees.
//
// Empty strings, lists and objects leave no trace, as FHIR demands, so a renderer can name every element it knows
// and let the story decide which are sent.
package fhirout

import (
	"strconv"
	"unicode/utf8"
)

// Writer appends JSON. The zero value is ready; it is not for concurrent use.
type Writer struct {
	buf []byte
	// DescriptionURL is the extension url under which SNOMED description ids are sent; empty sends none.
	DescriptionURL string
	// DescriptionName is the name of the nested extension that holds the id; its spelling varies between suppliers.
	DescriptionName string
}

// Bytes is what was written since the last Reset; it is valid until the next write.
func (w *Writer) Bytes() []byte { return w.buf }

// Len is the number of bytes written.
func (w *Writer) Len() int { return len(w.buf) }

// Reset forgets everything written and keeps the memory.
func (w *Writer) Reset() { w.buf = w.buf[:0] }

// Object writes a member that is an object; name is empty inside a list or at the top.
func (w *Writer) Object(name string, fill func()) { w.nested(name, '{', '}', fill) }

// List writes a member that is a list.
func (w *Writer) List(name string, fill func()) { w.nested(name, '[', ']', fill) }

func (w *Writer) nested(name string, open, shut byte, fill func()) {
	start := len(w.buf)
	w.name(name)
	w.buf = append(w.buf, open)
	inside := len(w.buf)
	fill()
	if len(w.buf) == inside {
		w.buf = w.buf[:start]
		return
	}
	w.buf = append(w.buf, shut)
}

// String writes a text member unless it is empty.
func (w *Writer) String(name, value string) {
	if value == "" {
		return
	}
	w.name(name)
	w.quote(value)
}

// Strings writes a list of texts unless there are none.
func (w *Writer) Strings(name string, values ...string) {
	w.List(name, func() {
		for _, v := range values {
			w.String("", v)
		}
	})
}

// Number writes a number exactly as its text stands ("5.70") unless it is empty.
func (w *Writer) Number(name, lexical string) {
	if lexical != "" {
		w.name(name)
		w.buf = append(w.buf, lexical...)
	}
}

// Int writes a whole number unless it is nought.
func (w *Writer) Int(name string, n int) {
	if n != 0 {
		w.name(name)
		w.buf = strconv.AppendInt(w.buf, int64(n), 10)
	}
}

// Count writes a whole number, nought included.
func (w *Writer) Count(name string, n int) {
	w.name(name)
	w.buf = strconv.AppendInt(w.buf, int64(n), 10)
}

// Bool writes a truth value.
func (w *Writer) Bool(name string, v bool) {
	w.name(name)
	w.buf = strconv.AppendBool(w.buf, v)
}

// Raw writes a value that is JSON already.
func (w *Writer) Raw(name string, json []byte) {
	if len(json) > 0 {
		w.name(name)
		w.buf = append(w.buf, json...)
	}
}

// Members writes ready-made members of the object being written, for example `"a":1,"b":2`.
func (w *Writer) Members(json string) {
	if json != "" {
		w.comma()
		w.buf = append(w.buf, json...)
	}
}

func (w *Writer) name(name string) {
	w.comma()
	if name != "" { // element names need no escaping
		w.buf = append(w.buf, '"')
		w.buf = append(w.buf, name...)
		w.buf = append(w.buf, '"', ':')
	}
}

func (w *Writer) comma() {
	if n := len(w.buf); n > 0 && w.buf[n-1] != '{' && w.buf[n-1] != '[' {
		w.buf = append(w.buf, ',')
	}
}

const hex = "0123456789abcdef"

// quote escapes only what RFC 8259 demands; bytes that are no UTF-8 become the replacement character.
func (w *Writer) quote(s string) {
	w.buf = append(w.buf, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		size := 1
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r != utf8.RuneError || n > 1 {
				i += n
				continue
			}
		}
		w.buf = append(w.buf, s[from:i]...)
		w.escape(c)
		i += size
		from = i
	}
	w.buf = append(w.buf, s[from:]...)
	w.buf = append(w.buf, '"')
}

func (w *Writer) escape(c byte) {
	switch {
	case c == '"' || c == '\\':
		w.buf = append(w.buf, '\\', c)
	case c == '\n':
		w.buf = append(w.buf, '\\', 'n')
	case c == '\r':
		w.buf = append(w.buf, '\\', 'r')
	case c == '\t':
		w.buf = append(w.buf, '\\', 't')
	case c >= utf8.RuneSelf:
		w.buf = append(w.buf, "\uFFFD"...)
	default:
		w.buf = append(w.buf, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xF])
	}
}
