// Package leaf gives the canonical bytes of one row of the audit trail: what its MAC covers, what the ledger's tree is built over, and what an
// export holds. It is the only code that the ledger's writer and its verifier share.
package leaf

import (
	"encoding/binary"
	"errors"
	"time"
)

// Row is one row of the trail with all that it says. The database keeps once what many rows say (who acted, and the texts of Words) and refers to it;
// here it stands in full, so that a row can be checked by itself, and a change of what is referred to is a change of every row that refers to it.
type Row struct {
	// Sequence and RecordedAt are the database's: number and time.
	Sequence   int64
	RecordedAt time.Time
	ID         [16]byte
	At         time.Time
	Act        string
	// Look has 16 bytes, or none outside a look.
	Look                          []byte
	Issuer, Subject, Organisation string
	// Reason and Register are a fixed code, and the id of an entry of a register; both may be empty.
	Reason, Register string
	// PersonIndex and PersonKey are empty when no person is concerned.
	PersonIndex []byte
	PersonKey   string
	// Words are texts to which Body refers by their place; Body is the rest of the event.
	Words []string
	Body  []byte
	// MAC is a keyed digest of all of the above but Sequence and RecordedAt, which only the database knows; MACKey names its key.
	MAC    []byte
	MACKey string
}

// version begins every encoding; another layout would have another.
const version = 2

// head is the length of the part that is always there: version, sequence, two times, id.
const head = 1 + 8 + 8 + 8 + 16

// ErrEncoding says that bytes are not the encoding of a row.
var ErrEncoding = errors.New("not the encoding of a row")

// Append adds the row's canonical bytes to b: numbers big-endian, times in microseconds since 1970, texts each after its length, so that no two
// rows have the same bytes.
func (r *Row) Append(b []byte) []byte {
	b = append(b, version)
	b = binary.BigEndian.AppendUint64(b, uint64(r.Sequence))
	b = binary.BigEndian.AppendUint64(b, uint64(micros(r.RecordedAt)))
	b = binary.BigEndian.AppendUint64(b, uint64(micros(r.At)))
	b = append(b, r.ID[:]...)
	b = part(b, r.Look)
	for _, text := range [...]string{r.Act, r.Issuer, r.Subject, r.Organisation, r.Reason, r.Register, r.PersonKey, r.MACKey} {
		b = part(b, text)
	}
	b = part(b, r.PersonIndex)
	b = part(b, r.MAC)
	b = binary.AppendUvarint(b, uint64(len(r.Words)))
	for _, word := range r.Words {
		b = part(b, word)
	}
	return part(b, r.Body)
}

// AppendForMAC adds the bytes that the row's MAC covers: the row before the database has numbered it.
func (r *Row) AppendForMAC(b []byte) []byte {
	plain := *r
	plain.Sequence, plain.RecordedAt, plain.MAC = 0, time.Time{}, nil
	return plain.Append(b)
}

// Decode reads canonical bytes, and refuses any others. The row keeps slices of b.
func Decode(b []byte) (Row, error) {
	if len(b) < head || b[0] != version {
		return Row{}, ErrEncoding
	}
	var r Row
	r.Sequence = int64(binary.BigEndian.Uint64(b[1:]))
	r.RecordedAt, r.At = instant(binary.BigEndian.Uint64(b[9:])), instant(binary.BigEndian.Uint64(b[17:]))
	copy(r.ID[:], b[25:])
	p := parts{rest: b[head:]}
	r.Look = p.next()
	for _, text := range [...]*string{&r.Act, &r.Issuer, &r.Subject, &r.Organisation, &r.Reason, &r.Register, &r.PersonKey, &r.MACKey} {
		*text = string(p.next())
	}
	r.PersonIndex, r.MAC = p.next(), p.next()
	for n := p.number(); n > 0 && !p.bad; n-- {
		r.Words = append(r.Words, string(p.next()))
	}
	r.Body = p.next()
	// A time that reads as the zero time must have been written as nought, or it would be written otherwise again.
	zero := r.At.IsZero() && binary.BigEndian.Uint64(b[17:]) != 0 || r.RecordedAt.IsZero() && binary.BigEndian.Uint64(b[9:]) != 0
	if p.bad || len(p.rest) > 0 || zero {
		return Row{}, ErrEncoding
	}
	return r, nil
}

// Glance reads only number and database time of an encoding: all that checking millions of rows needs of each.
func Glance(b []byte) (sequence int64, recordedAt time.Time, err error) {
	if len(b) < head || b[0] != version {
		return 0, time.Time{}, ErrEncoding
	}
	return int64(binary.BigEndian.Uint64(b[1:])), instant(binary.BigEndian.Uint64(b[9:])), nil
}

// micros writes the zero time as nought: a row that is not numbered yet has it.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func instant(micros uint64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(int64(micros)).UTC()
}

func part[T string | []byte](b []byte, text T) []byte {
	b = binary.AppendUvarint(b, uint64(len(text)))
	return append(b, text...)
}

// parts reads texts that each stand after their length.
type parts struct {
	rest []byte
	bad  bool
}

// number reads a number, written in as few bytes as it can be.
func (p *parts) number() uint64 {
	n, size := binary.Uvarint(p.rest)
	if size <= 0 || size > 1 && p.rest[size-1] == 0 {
		p.bad, p.rest = true, nil
		return 0
	}
	p.rest = p.rest[size:]
	return n
}

func (p *parts) next() []byte {
	n := p.number()
	if n > uint64(len(p.rest)) {
		p.bad, p.rest = true, nil
		return nil
	}
	if n == 0 {
		return nil
	}
	text := p.rest[:n:n]
	p.rest = p.rest[n:]
	return text
}
