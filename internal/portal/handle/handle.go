// Package handle seals what a page must remember about a person into tokens, so that no NHS number stands in any address, and opens them for their own user only.
package handle

import (
	"encoding/json"
	"time"

	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/record"
	"ribble/internal/seal"
)

// Life is how long a token opens (decision D2).
const Life = 15 * time.Minute

// Gone is said of a token that is too old, somebody else's or no token at all: "not yours" and "not there" are one answer.
var Gone = fault.New(fault.NotFound, "This record is no longer open. Find the person again.")

// Keeper seals and opens tokens.
type Keeper struct {
	Sealer *seal.Sealer
	Now    func() time.Time
}

// Bound is what every token carries: it opens only in the session and role in which it was made.
type Bound struct {
	Session string `json:"s"`
	Role    string `json:"r"`
	Number  string `json:"n"`
}

// Bind makes a Bound for the user and a person.
func Bind(u identity.User, number record.NHSNumber) Bound {
	return Bound{Session: u.Session, Role: u.Role.ProfileID, Number: number.Digits()}
}

// Belongs checks that the token is this user's; the error is Gone.
func (b Bound) Belongs(u identity.User) error {
	if b.Session != u.Session || b.Role != u.Role.ProfileID || u.Session == "" {
		return Gone
	}
	return nil
}

// Person checks that the token is this user's and gives the NHS number it stands for; the error is Gone.
func (b Bound) Person(u identity.User) (record.NHSNumber, error) {
	if err := b.Belongs(u); err != nil {
		return record.NHSNumber{}, err
	}
	number, err := record.ParseNHSNumber(b.Number)
	if err != nil {
		return record.NHSNumber{}, Gone
	}
	return number, nil
}

// ErrTooLong says that a payload is more than a token can hold.
var ErrTooLong = fault.New(fault.Internal, "")

// Seal makes a token out of the payload: one made for a purpose opens for no other.
func Seal[T any](k Keeper, purpose string, payload T) (string, error) {
	return SealFor(k, purpose, payload, Life)
}

// SealFor is Seal for a token that shows nothing and is needed for longer.
func SealFor[T any](k Keeper, purpose string, payload T, life time.Duration) (string, error) {
	body, err := json.Marshal(payload)
	if err != nil {
		return "", err
	}
	if len(body) > seal.MaxPayload {
		return "", ErrTooLong
	}
	return k.Sealer.Seal(purpose, body, k.Now().Add(life)), nil
}

// Open gives the payload of a token; the error is Gone.
func Open[T any](k Keeper, purpose, token string) (T, error) {
	var payload T
	body, err := k.Sealer.Open(purpose, token, k.Now())
	if err != nil || json.Unmarshal(body, &payload) != nil {
		return payload, Gone
	}
	return payload, nil
}
