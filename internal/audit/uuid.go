package audit

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"time"
)

// UUID identifies an event (RFC 9562, version 7: it begins with the time, so that events of one time lie together in an index).
type UUID [16]byte

// newUUID makes the id of an event at the given time.
func newUUID(at time.Time) UUID {
	var u UUID
	_, _ = rand.Read(u[6:]) // never fails: crypto/rand ends the process rather than return weak bytes
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(at.UnixMilli()))
	copy(u[:6], ms[2:])
	u[6] = u[6]&0x0f | 0x70
	u[8] = u[8]&0x3f | 0x80
	return u
}

// IsZero reports whether u is no id.
func (u UUID) IsZero() bool { return u == UUID{} }

// String is the usual form with hyphens.
func (u UUID) String() string {
	text, _ := u.MarshalText()
	return string(text)
}

// MarshalText gives the usual form with hyphens.
func (u UUID) MarshalText() ([]byte, error) {
	out := make([]byte, 36)
	for i, at := 0, 0; i < len(u); i++ {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			out[at] = '-'
			at++
		}
		hex.Encode(out[at:], u[i:i+1])
		at += 2
	}
	return out, nil
}

var errUUID = errors.New("not an event id")

// UnmarshalText reads the usual form and no other.
func (u *UUID) UnmarshalText(text []byte) error {
	if len(text) != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
		return errUUID
	}
	digits := make([]byte, 0, 32)
	for _, part := range [][]byte{text[:8], text[9:13], text[14:18], text[19:23], text[24:]} {
		digits = append(digits, part...)
	}
	var parsed UUID
	if _, err := hex.Decode(parsed[:], digits); err != nil {
		return errUUID
	}
	*u = parsed
	return nil
}
