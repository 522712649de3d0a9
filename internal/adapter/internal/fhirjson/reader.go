package fhirjson

import "github.com/go-json-experiment/json/jsontext"

// Reader goes through one JSON text once, from its start to its end, and checks all that it passes, what it skips too: grammar, UTF-8, names
// given twice, depth and number of objects. After the first fault every method gives a zero value and moves no further, so that
// whoever reads need not look for errors in between.
type Reader struct {
	body []byte
	pos  int
	// depth is how many objects and arrays stand open, objects how many were begun, modifiers how many members were modifierExtension.
	depth, objects, modifiers int
	// names are those of the open objects, one object's after the other's.
	names   [][]byte
	scratch []byte
	texts   texts
	memory  *Memory
	err     error
}

// SelfReader is a type that reads itself. It must read exactly one value.
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

// take passes over c, which must come next.
func (r *Reader) take(c byte) {
	if r.peek() != c || c == 0 {
		r.Refuse(ErrMalformed)
		return
	}
	r.pos++
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

// Members goes through an object: for each member it yields the name, and the loop must read or skip the value. Null has no members.
// A name written with escapes comes as the name that it is, so that nothing hides from one reader that another would see.
func (r *Reader) Members(yield func(name []byte) bool) {
	if r.Null() || !r.open('{') {
		return
	}
	first := len(r.names)
	seen := seenNames{}
	for more := r.peek() != '}'; more && r.err == nil; more = r.another() {
		name := r.name()
		if r.err != nil || seen.twice(r.names[first:], name) {
			r.Refuse(ErrMalformed)
			return
		}
		r.names = append(r.names, name)
		if string(name) == "modifierExtension" {
			r.modifiers++
		}
		if !yield(name) {
			r.Refuse(ErrMalformed)
		}
	}
	r.names = r.names[:first]
	r.shut('}')
}

// Elements goes through an array: the loop must read or skip every element. Null has none.
func (r *Reader) Elements(yield func() bool) {
	if r.Null() || !r.open('[') {
		return
	}
	for more := r.peek() != ']'; more && r.err == nil; more = r.another() {
		if !yield() {
			r.Refuse(ErrMalformed)
		}
	}
	r.shut(']')
}

func (r *Reader) open(bracket byte) bool {
	r.take(bracket)
	if r.depth++; r.depth > MaxDepth {
		r.Refuse(ErrTooDeep)
	}
	if bracket == '{' {
		if r.objects++; r.objects > maxObjects {
			r.Refuse(ErrTooMany)
		}
	}
	return r.err == nil
}

// another passes over a comma and reports that one came.
func (r *Reader) another() bool {
	if r.peek() != ',' {
		return false
	}
	r.pos++
	return true
}

func (r *Reader) shut(bracket byte) {
	r.take(bracket)
	r.depth--
}

// name reads a member's name and the colon after it. It is valid as long as the body.
func (r *Reader) name() []byte {
	name, plain := r.quoted()
	if !plain && r.err == nil {
		name = unquote(nil, name)
	}
	r.take(':')
	return name
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
	if r.Null() {
		return ""
	}
	return r.texts.keep(r.bytes())
}

// Passing reads a string that is of no use once its answer is read, such as an address: it takes no room among those that are kept.
func (r *Reader) Passing() string {
	if r.Null() {
		return ""
	}
	return r.texts.passing.lay(r.bytes())
}

// bytes reads a string; it is valid until the next one is read.
func (r *Reader) bytes() []byte {
	b, plain := r.quoted()
	if !plain && r.err == nil {
		r.scratch = unquote(r.scratch[:0], b)
		b = r.scratch
	}
	return b
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
		for range r.Members {
			r.skip()
		}
	case '[':
		for range r.Elements {
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
