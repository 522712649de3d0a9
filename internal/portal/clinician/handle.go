// Package clinician holds the pages of clinicians and care staff: find a person, read the record, open a document.
package clinician

import (
	"encoding/json"
	"time"

	"ribble/internal/access"
	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/record"
	"ribble/internal/seal"
)

// handleLife is how long a record stays open under one handle (decision D2).
const handleLife = 15 * time.Minute

// Purposes of sealed tokens: a token made for one opens for no other.
const (
	viewPurpose     = "view"
	documentPurpose = "document"
	personPurpose   = "person"
)

// bound is what every handle carries: it opens only in the session, role and purpose it was made for.
type bound struct {
	Session string         `json:"s"`
	Role    string         `json:"r"`
	Purpose access.Purpose `json:"p"`
	Number  string         `json:"n"`
	// Born is the date of birth that a launching system gave; empty where none launched.
	Born string `json:"d,omitempty"`
}

// documentHandle names one document body of one source for one open record.
type documentHandle struct {
	bound
	Feed        string `json:"f"`
	URL         string `json:"u"`
	ContentType string `json:"c"`
	Title       string `json:"t,omitempty"`
}

// handles seals and opens the tokens that stand for an open record, so that no NHS number is in any address.
type handles struct {
	sealer *seal.Sealer
	now    func() time.Time
}

func bind(u identity.User, number record.NHSNumber, purpose access.Purpose) bound {
	return bound{Session: u.Session, Role: u.Role.ProfileID, Purpose: purpose, Number: number.Digits()}
}

// number checks that the handle is this user's and gives the NHS number it stands for. "Not yours" and "not there" are one answer.
func (b bound) number(u identity.User) (record.NHSNumber, error) {
	if b.Session != u.Session || b.Role != u.Role.ProfileID || u.Session == "" {
		return record.NHSNumber{}, errNoHandle
	}
	number, err := record.ParseNHSNumber(b.Number)
	if err != nil {
		return record.NHSNumber{}, errNoHandle
	}
	return number, nil
}

var errNoHandle = fault.New(fault.NotFound, "This record is no longer open. Find the person again.")

func sealed[T any](h handles, purpose string, payload T) (string, error) {
	body, err := json.Marshal(payload)
	if err != nil {
		return "", err
	}
	if len(body) > seal.MaxPayload {
		return "", fault.New(fault.Internal, "")
	}
	return h.sealer.Seal(purpose, body, h.now().Add(handleLife)), nil
}

func opened[T any](h handles, purpose, token string) (T, error) {
	var payload T
	body, err := h.sealer.Open(purpose, token, h.now())
	if err != nil || json.Unmarshal(body, &payload) != nil {
		return payload, errNoHandle
	}
	return payload, nil
}
