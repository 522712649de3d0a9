package audit

import (
	"context"
	"encoding/json"
	"errors"

	"ribble/internal/record"
)

// subject is what is sealed about a person: the number, or what was typed to find one.
type subject struct {
	NHSNumber string `json:"nhs,omitempty"`
	Terms     *Terms `json:"terms,omitempty"`
}

// protect makes a person unreadable, under the data key of that person, or of those search terms where no person is known. The event's id is bound
// in, so that a sealed person moved to another event does not open there.
func (k *Keys) protect(ctx context.Context, event UUID, n record.NHSNumber, terms Terms) (*Person, error) {
	s := subject{NHSNumber: n.Digits()}
	if terms != (Terms{}) {
		s.Terms = &terms
	}
	if s == (subject{}) {
		return nil, nil
	}
	plain, err := json.Marshal(s)
	if err != nil {
		return nil, errors.New("sealing the person")
	}
	index := k.termsIndex(terms)
	if !n.IsZero() {
		index = k.Indexes(n)[0]
	}
	key, err := k.dataKey(ctx, index)
	if err != nil {
		return nil, err
	}
	p := &Person{SealKey: key.id, Sealed: key.aead.Seal(nil, nil, plain, sealContext(event))}
	if !n.IsZero() {
		p.IndexKey, p.Index = index.Key, index.Value
	}
	return p, nil
}

func (k *Keys) termsIndex(t Terms) Index {
	key := k.index[0]
	return Index{key.id, digest(key.secret, termsLabel, t.Family, t.Given, t.Born, t.Gender, t.Postcode, t.Words)}
}

// Reveal opens the person of an event: the NHS number, zero when only search terms were given, and those terms. It is for IG officers and is
// itself to be audited. ErrKeyUnknown means that the person was erased.
func (k *Keys) Reveal(ctx context.Context, e Event) (record.NHSNumber, Terms, error) {
	if e.Person == nil {
		return record.NHSNumber{}, Terms{}, errors.New("the event concerns no person")
	}
	key, err := k.dataKeyByID(ctx, e.Person.SealKey)
	if err != nil {
		return record.NHSNumber{}, Terms{}, err
	}
	plain, err := key.aead.Open(nil, nil, e.Person.Sealed, sealContext(e.ID))
	if err != nil {
		return record.NHSNumber{}, Terms{}, errors.New("the sealed person was changed or belongs to another event")
	}
	return parseSubject(plain)
}

func parseSubject(plain []byte) (record.NHSNumber, Terms, error) {
	var s subject
	if json.Unmarshal(plain, &s) != nil {
		return record.NHSNumber{}, Terms{}, errors.New("the sealed person cannot be read")
	}
	var terms Terms
	if s.Terms != nil {
		terms = *s.Terms
	}
	if s.NHSNumber == "" {
		return record.NHSNumber{}, terms, nil
	}
	n, err := record.ParseNHSNumber(s.NHSNumber)
	return n, terms, err
}

func sealContext(event UUID) []byte { return append([]byte(sealLabel), event[:]...) }
