package record

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"unique"
)

// ErrNHSNumber says that a text is not a valid NHS number; it never carries the text.
var ErrNHSNumber = errors.New("not a valid NHS number")

// NHSNumber is a valid ten-digit NHS number. It prints as "[redacted]" everywhere, so that no log line or error can carry one by accident;
// Digits and Spaced are the deliberate ways out. The digits stand behind a handle because fmt, which cannot call the methods of an unexported
// field of another package's struct, would print a plain string there.
type NHSNumber struct{ digits unique.Handle[string] }

// nobodys is the one number of ten equal digits that is let through: the official consumer tests use it for a person whom no source knows.
const nobodys = "9999999999"

// separators are what people write between the digits.
var separators = strings.NewReplacer(" ", "", "-", "", "\u00a0", "")

// ParseNHSNumber reads ten digits, allowing spaces and hyphens between them, and checks the modulus 11 check digit
// (NHS Data Dictionary, NHS NUMBER; weights 10 to 2). Numbers of ten equal digits all pass the arithmetic and
// are refused as placeholders, but for the 9999999999 of the official GP Connect consumer tests.
func ParseNHSNumber(text string) (NHSNumber, error) {
	digits := text
	// Sources write ten bare digits, and every entry of theirs names its person: only what people type is tidied.
	if len(text) != 10 {
		digits = separators.Replace(strings.TrimSpace(text))
	}
	if len(digits) != 10 || strings.Count(digits, digits[:1]) == 10 && digits != nobodys {
		return NHSNumber{}, ErrNHSNumber
	}
	sum := 0
	for i := range 10 {
		d := digits[i]
		if d < '0' || d > '9' {
			return NHSNumber{}, ErrNHSNumber
		}
		if i < 9 {
			sum += int(d-'0') * (10 - i)
		}
	}
	check := (11 - sum%11) % 11
	if check == 10 || check != int(digits[9]-'0') {
		return NHSNumber{}, ErrNHSNumber
	}
	return NHSNumber{unique.Make(digits)}, nil
}

// Digits are the ten digits, for wire formats and keyed indexes; empty for the zero number.
func (n NHSNumber) Digits() string {
	if n.IsZero() {
		return ""
	}
	return n.digits.Value()
}

// Spaced is the number as people read it, 3-3-4 (ISB 1504).
func (n NHSNumber) Spaced() string {
	d := n.Digits()
	if d == "" {
		return ""
	}
	return d[:3] + " " + d[3:6] + " " + d[6:]
}

// IsZero reports whether n holds no number.
func (n NHSNumber) IsZero() bool { return n == NHSNumber{} }

const redacted = "[redacted]"

// String hides the number.
func (n NHSNumber) String() string { return redacted }

// Format hides the number from every verb of fmt, also from those that do not ask for String.
func (n NHSNumber) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue hides the number from structured logs.
func (n NHSNumber) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText hides the number from every encoder that asks for text.
func (n NHSNumber) MarshalText() ([]byte, error) { return []byte(redacted), nil }
