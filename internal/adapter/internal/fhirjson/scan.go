package fhirjson

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

const ones, highs = 0x0101010101010101, 0x8080808080808080

// quoted passes over a string, checks it, and gives its inside; plain reports that it holds no escapes. Nearly all strings end at the first
// byte that is not simply itself.
func (r *Reader) quoted() (inside []byte, plain bool) {
	if (r.pos >= len(r.body) || r.body[r.pos] != '"') && r.peekFurther() != '"' {
		r.Refuse(ErrMalformed)
		return nil, true
	}
	b, i := r.body[r.pos+1:], 0
	for ; i+8 <= len(b); i += 8 {
		if found := odd(binary.LittleEndian.Uint64(b[i:])); found != 0 {
			if i += bits.TrailingZeros64(found) / 8; i < len(b) && b[i] == '"' {
				r.pos += i + 2
				return b[:i], true
			}
			break
		}
	}
	return r.quotedFrom(i)
}

// quotedFrom goes on with the string that begins at pos; its first i bytes are simply themselves.
func (r *Reader) quotedFrom(i int) (inside []byte, plain bool) {
	b := r.body[r.pos+1:]
	plain = true
	for {
		i += ordinary(b[i:])
		n := 0
		switch {
		case i == len(b) || b[i] < ' ':
		case b[i] == '"':
			r.pos += i + 2
			return b[:i], plain
		case b[i] == '\\':
			plain = false
			n = escape(b[i:])
		default:
			if c, size := utf8.DecodeRune(b[i:]); c != utf8.RuneError || size > 1 {
				n = size
			}
		}
		if n == 0 {
			r.pos += i + 1
			r.Refuse(ErrMalformed)
			return nil, true
		}
		i += n
	}
}

// ordinary is how many bytes come before the first that is not simply itself in a string.
func ordinary(b []byte) int {
	i := 0
	for ; i+8 <= len(b); i += 8 {
		if found := odd(binary.LittleEndian.Uint64(b[i:])); found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for ; i < len(b) && b[i] != '"' && b[i] != '\\' && b[i] >= ' ' && b[i] < utf8.RuneSelf; i++ {
	}
	return i
}

// odd marks, of eight bytes at once, those that are not simply themselves in a string: a quote, a backslash, a control character or a part of
// a longer one. The lowest mark is always a true one: below it every byte is ASCII and none borrowed from the next.
func odd(word uint64) uint64 {
	quotes, slashes := word^('"'*ones), word^('\\'*ones)
	return ((quotes - ones) | (slashes - ones) | (word - ' '*ones) | word) & highs
}

// escape is the length of the escape that b starts with, of both halves of a pair, or 0 for none that JSON knows.
func escape(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		switch first, ok := hexadecimal(b); {
		case !ok:
		case !utf16.IsSurrogate(first):
			return 6
		default:
			if second, ok := hexadecimal(b[6:]); ok && utf16.DecodeRune(first, second) != utf8.RuneError {
				return 12
			}
		}
	}
	return 0
}

// hexadecimal reads an escape such as \u00e9.
func hexadecimal(b []byte) (rune, bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	n := rune(0)
	for _, c := range b[2:6] {
		switch {
		case '0' <= c && c <= '9':
			n = n<<4 | rune(c-'0')
		case 'a' <= c|' ' && c|' ' <= 'f':
			n = n<<4 | rune(c|' '-'a'+10)
		default:
			return 0, false
		}
	}
	return n, true
}

// number passes over a number and gives it as it was written (RFC 8259, section 6).
func (r *Reader) number() []byte {
	if r.peek() == 0 {
		r.Refuse(ErrMalformed)
		return nil
	}
	b := r.body[r.pos:]
	n, ok := numeral(b)
	if !ok {
		r.Refuse(ErrMalformed)
		return nil
	}
	r.pos += n
	return b[:n]
}

// numeral is how many bytes a number at the front has; ok is false where none begins (RFC 8259, 6).
func numeral(b []byte) (n int, ok bool) {
	if n < len(b) && b[n] == '-' {
		n++
	}
	whole := digits(b[n:])
	ok = whole == 1 || whole > 1 && b[n] != '0'
	n += whole
	if n < len(b) && b[n] == '.' {
		part := digits(b[n+1:])
		ok = ok && part > 0
		n += 1 + part
	}
	if n < len(b) && b[n]|' ' == 'e' {
		if n++; n < len(b) && (b[n] == '+' || b[n] == '-') {
			n++
		}
		part := digits(b[n:])
		ok = ok && part > 0
		n += part
	}
	return n, ok
}

func digits(b []byte) int {
	n := 0
	for n < len(b) && '0' <= b[n] && b[n] <= '9' {
		n++
	}
	return n
}

// seenNames tells whether an object has a name twice.
type seenNames struct {
	// marks has a bit for every name so far; names that share one are compared.
	marks uint64
	// many holds the names of an object that has very many, so that comparing does not grow with their square.
	many map[string]struct{}
}

// twice reports that the name is among those before it.
func (s *seenNames) twice(before [][]byte, name []byte) bool {
	mark := uint64(1)
	if n := len(name); n > 0 {
		mark <<= (name[0] ^ name[n-1]<<2 ^ byte(n)*5) & 63
	}
	shared := s.marks&mark != 0
	s.marks |= mark
	switch few := 64; {
	case len(before) >= few:
		return s.amongMany(before, name)
	case shared:
		for _, other := range before {
			if string(other) == string(name) {
				return true
			}
		}
	}
	return false
}

func (s *seenNames) amongMany(before [][]byte, name []byte) bool {
	if s.many == nil {
		s.many = make(map[string]struct{}, 2*len(before))
		for _, other := range before {
			s.many[string(other)] = struct{}{}
		}
	}
	if _, found := s.many[string(name)]; found {
		return true
	}
	s.many[string(name)] = struct{}{}
	return false
}
