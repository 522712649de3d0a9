package audit

import (
	"context"
	"errors"
	"strings"

	"ribble/internal/record"
)

// plainSubject is what is sealed about a person: the number, then, parted by joints, what was typed to find one, if anything was.
func plainSubject(n record.NHSNumber, t Terms) []byte {
	if t == (Terms{}) {
		return []byte(n.Digits())
	}
	texts := []string{n.Digits(), t.Family, t.Given, t.Born, t.Gender, t.Postcode, t.Words}
	for i := range texts {
		texts[i] = strings.ReplaceAll(texts[i], joint, "")
	}
	return []byte(strings.Join(texts, joint))
}

// protect makes a person unreadable, under the data key of that person, or of those search terms where no person is known. The event's id is bound
// in, so that a sealed person moved to another event does not open there.
func (k *Keys) protect(ctx context.Context, event UUID, n record.NHSNumber, terms Terms) (*Person, error) {
	if n.IsZero() && terms == (Terms{}) {
		return nil, nil
	}
	var index Index
	if n.IsZero() {
		index = k.termsIndex(terms)
	} else {
		index = k.newestIndex(n)
	}
	key, err := k.dataKey(ctx, index)
	if err != nil {
		return nil, err
	}
	p := &Person{SealKey: key.id, Sealed: key.aead.Seal(nil, nil, plainSubject(n, terms), sealContext(event))}
	if !n.IsZero() {
		p.IndexKey, p.Index = index.Key, index.Value
	}
	return p, nil
}

func (k *Keys) termsIndex(t Terms) Index {
	key := k.index[0]
	return Index{key.id, digest(key.secret, termsLabel, t.Family, t.Given, t.Born, t.Gender, t.Postcode, t.Words)[:indexSize]}
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
	const texts = 7
	t := strings.Split(string(plain), joint)
	if len(t) != 1 && len(t) != texts {
		return record.NHSNumber{}, Terms{}, errors.New("the sealed person cannot be read")
	}
	var terms Terms
	if len(t) == texts {
		terms = Terms{Family: t[1], Given: t[2], Born: t[3], Gender: t[4], Postcode: t[5], Words: t[6]}
	}
	if t[0] == "" {
		return record.NHSNumber{}, terms, nil
	}
	n, err := record.ParseNHSNumber(t[0])
	return n, terms, err
}

func sealContext(event UUID) []byte { return append([]byte(sealLabel), event[:]...) }
