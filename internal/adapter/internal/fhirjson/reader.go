package fhirjson

import (
	"encoding/binary"
	"math/bits"

	"github.com/go-json-experiment/json/jsontext"
)

// Reader goes through one JSON text once, from its start to its end, and checks all that it passes, what it skips too: grammar, UTF-8, names
// given twice, depth and number of objects. After the first fault every method gives a zero value and moves no further, so that
// whoever reads need not look for errors in between.
type Reader struct {
	body []byte
	pos  int
	// depth is how many objects and arrays stand open, objects how many were begun, modifiers how many members were modifierExtension.
	depth, objects, modifiers int
	// names are those of the open objects that no struct has a field for, one object's after the other's.
	names   [][]byte
	scratch []byte
	texts   texts
	memory  *Memory
	err     error
}

// SelfReader is a type that reads itself. It must read exactly one value. Structs get their method from the generator (package fhirgen).
type SelfReader interface{ ReadJSON(r *Reader) }

// Refuse ends the reading: err is ErrMalformed for a value of another kind than its element has, or another of the sentinel errors.
func (r *Reader) Refuse(err error) {
	if r.err == nil {
		// Without a body nothing more can be read, so that reading need not look for faults.
		r.err, r.body = err, nil
	}
}

// Kind is the first byte of the value that comes next, with '0' for every number, and 0 when there is none.
func (r *Reader) Kind() byte {
	switch c := r.peek(); {
	case c == '-' || '0' <= c && c <= '9':
		return '0'
	default:
		return c
	}
}

// peek passes over white space and gives the byte after it, or 0 at the end or after a fault.
func (r *Reader) peek() byte {
	if r.pos < len(r.body) && r.body[r.pos] > ' ' {
		return r.body[r.pos]
	}
	return r.peekFurther()
}

func (r *Reader) peekFurther() byte {
	for ; r.pos < len(r.body); r.pos++ {
		switch c := r.body[r.pos]; c {
		case ' ', '\n', '\r', '\t':
		default:
			return c
		}
	}
	return 0
}

// Null passes over a null and reports that one came.
func (r *Reader) Null() bool {
	if r.peek() != 'n' {
		return false
	}
	r.literal("null")
	return true
}

func (r *Reader) literal(word string) {
	if len(r.body)-r.pos < len(word) || string(r.body[r.pos:r.pos+len(word)]) != word {
		r.Refuse(ErrMalformed)
		return
	}
	r.pos += len(word)
}

// Object is where a reader stands in one object: which of its members have come, so that none can come twice.
type Object struct {
	// known has a bit for each member that there is a field for.
	known uint64
	// others are the members that there is no field for; their names stand in the reader's from first on.
	others seenNames
	first  int
}

// Open begins an object and gives the name of its first member, whose value must be read or skipped before Next; more is false when it has
// none. Null has no members. A name written with escapes comes as the name that it is, so that nothing hides from one reader that
// another would see. The name is valid as long as the body.
func (r *Reader) Open(o *Object) (name []byte, more bool) {
	if r.peek() != '{' {
		if !r.Null() {
			r.Refuse(ErrMalformed)
		}
		return nil, false
	}
	if r.objects++; r.objects > maxObjects {
		r.Refuse(ErrTooMany)
	}
	r.enter()
	o.first = len(r.names)
	if r.peek() == '}' {
		r.shut(o)
		return nil, false
	}
	return r.name()
}

// Next gives the name of the next member, or ends the object.
func (r *Reader) Next(o *Object) (name []byte, more bool) {
	switch r.peek() {
	case ',':
		r.pos++
		return r.name()
	case '}':
		r.shut(o)
	default:
		r.Refuse(ErrMalformed)
	}
	return nil, false
}

func (r *Reader) shut(o *Object) {
	r.names = r.names[:o.first]
	r.pos++
	r.depth--
}

// Once refuses a member that has come before; each that there is a field for has a bit of its own.
func (r *Reader) Once(o *Object, member uint64) {
	if o.known&member != 0 {
		r.Refuse(ErrMalformed)
	}
	o.known |= member
}

// Unknown refuses a member that has come before; it is for those that there is no field for.
func (r *Reader) Unknown(o *Object, name []byte) {
	if o.others.twice(r.names[o.first:], name) {
		r.Refuse(ErrMalformed)
		return
	}
	r.names = append(r.names, name)
	if string(name) == "modifierExtension" {
		r.modifiers++
	}
}

// Pass skips the value of a member that there is no field for.
func (r *Reader) Pass(o *Object, name []byte) {
	r.Unknown(o, name)
	r.skip()
}

// OpenList begins an array and reports whether it has an element, which must be read or skipped before NextElement. Null has none.
func (r *Reader) OpenList() bool {
	if r.peek() != '[' {
		if !r.Null() {
			r.Refuse(ErrMalformed)
		}
		return false
	}
	r.enter()
	if r.peek() == ']' {
		r.pos++
		r.depth--
		return false
	}
	return r.err == nil
}

// NextElement reports whether the array has another element, or ends it.
func (r *Reader) NextElement() bool {
	switch r.peek() {
	case ',':
		r.pos++
		return true
	case ']':
		r.pos++
		r.depth--
	default:
		r.Refuse(ErrMalformed)
	}
	return false
}

// enter passes over an opening bracket.
func (r *Reader) enter() {
	r.pos++
	if r.depth++; r.depth > MaxDepth {
		r.Refuse(ErrTooDeep)
	}
}

// name reads a member's name and the colon after it. Most names have less than sixteen letters and no escape, and stand close to their colon:
// those are found at once.
func (r *Reader) name() (name []byte, ok bool) {
	const most = 16
	if b, start := r.body, r.pos+1; start+most+1 < len(b) && b[start-1] == '"' {
		near := b[start : start+most+1]
		first, second := odd(binary.LittleEndian.Uint64(near)), odd(binary.LittleEndian.Uint64(near[8:]))
		n := bits.TrailingZeros64(first) / 8
		if first == 0 {
			n += bits.TrailingZeros64(second) / 8
		}
		if n < most && near[n] == '"' && near[n+1] == ':' {
			r.pos = start + n + 2
			return near[:n], true
		}
	}
	return r.anyName()
}

func (r *Reader) anyName() (name []byte, ok bool) {
	name, plain := r.quoted()
	if !plain {
		name = unquote(nil, name)
	}
	if r.peek() != ':' {
		r.Refuse(ErrMalformed)
		return nil, false
	}
	r.pos++
	return name, true
}

// unquote appends what a string says whose escapes were found right; quoted is its inside.
func unquote(to, quoted []byte) []byte {
	const quotes = 2
	whole := make([]byte, 0, len(quoted)+quotes)
	whole = append(append(append(whole, '"'), quoted...), '"')
	// The string was checked when it was passed over.
	to, _ = jsontext.AppendUnquote(to, whole)
	return to
}

// Text reads a string; null is "".
func (r *Reader) Text() string {
	if r.peek() == 'n' {
		r.literal("null")
		return ""
	}
	b, plain := r.quoted()
	if !plain {
		b = r.unescaped(b)
	}
	return r.texts.keep(b)
}

// Bytes reads a string of which only a part may be kept (Keep); it is valid as long as the body. Null has none.
func (r *Reader) Bytes() []byte {
	if r.Null() {
		return nil
	}
	b, plain := r.quoted()
	if !plain {
		b = unquote(nil, b)
	}
	return b
}

// Keep makes a text of bytes.
func (r *Reader) Keep(b []byte) string { return r.texts.keep(b) }

// bytes reads a string; it is valid until the next one is read.
func (r *Reader) bytes() []byte {
	b, plain := r.quoted()
	if !plain {
		b = r.unescaped(b)
	}
	return b
}

func (r *Reader) unescaped(b []byte) []byte {
	r.scratch = unquote(r.scratch[:0], b)
	return r.scratch
}

// Bool reads true or false; null is false.
func (r *Reader) Bool() bool {
	switch r.peek() {
	case 't':
		r.literal("true")
		return r.err == nil
	case 'f':
		r.literal("false")
	default:
		if !r.Null() {
			r.Refuse(ErrMalformed)
		}
	}
	return false
}

// Skip passes over the next value and gives it as it was sent, valid as long as the body.
func (r *Reader) Skip() []byte {
	r.peek()
	start := r.pos
	r.skip()
	if r.err != nil {
		return nil
	}
	return r.body[start:r.pos]
}

func (r *Reader) skip() {
	switch r.Kind() {
	case '"':
		r.quoted()
	case '{':
		var o Object
		for name, more := r.Open(&o); more; name, more = r.Next(&o) {
			r.Pass(&o, name)
		}
	case '[':
		for more := r.OpenList(); more; more = r.NextElement() {
			r.skip()
		}
	case '0':
		r.number()
	case 't', 'f':
		r.Bool()
	default:
		if !r.Null() {
			r.Refuse(ErrMalformed)
		}
	}
}

// Try reads a value that may be of another shape than read expects, and reports whether it was of that shape. Either way the reader stands
// behind the value afterwards, which is checked like every other.
func (r *Reader) Try(read func()) bool {
	r.peek()
	start, before := r.pos, r.depth
	r.skip()
	if r.err != nil {
		return false
	}
	body, end, objects, modifiers, names := r.body, r.pos, r.objects, r.modifiers, r.names
	r.pos = start
	read()
	fits := r.err == nil && r.pos == end
	r.body, r.pos, r.depth, r.objects, r.modifiers, r.names, r.err = body, end, before, objects, modifiers, names, nil
	return fits
}

// Modifiers is how many modifierExtensions were passed so far, at any depth, so that no struct can forget one: each changes the meaning
// of what it stands on, and this portal knows none of them (FHIR 2.4.2; rule R14).
func (r *Reader) Modifiers() int { return r.modifiers }
