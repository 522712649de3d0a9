package launch

import (
	"mime"
	"net/http"
	"time"

	strict "github.com/go-json-experiment/json"

	"ribble/internal/identity"
	"ribble/internal/record"
)

// Path is where signed launches are posted; with the public URL before it, it is their audience.
const Path = "/launch"

const (
	// longest is the longest life of a signed launch.
	longest = 60 * time.Second
	// skew is how far the launcher's clock may be from ours.
	skew = 5 * time.Second
	// spendPurpose is the kind of used token under which launches are remembered.
	spendPurpose = "launch"
	// maxID bounds the id of a launch.
	maxID = 256
)

// ticket is what a signed launch says, in the names of the Somerset SIDeR launch parameters.
type ticket struct {
	Issuer       string       `json:"iss"`
	Audience     audience     `json:"aud"`
	Subject      string       `json:"sub"`
	Practitioner practitioner `json:"practitioner"`
	Location     string       `json:"location"`
	Patient      string       `json:"patient"`
	BirthDate    string       `json:"birthdate"`
	Expires      int64        `json:"exp"`
	NotBefore    int64        `json:"nbf"`
	IssuedAt     int64        `json:"iat"`
	ID           string       `json:"jti"`
}

// practitioner is who opened the person in the other system.
type practitioner struct {
	Name string `json:"name"`
	Role string `json:"role"`
	// SDSUserID is the national user id, where the system knows it.
	SDSUserID string `json:"sds_user_id"`
}

// Signed is POST /launch: a page of the other system posts a signed launch. It comes from another site on purpose; what makes it
// honest is the signature, not where it comes from, and no cookie of ours is looked at.
func (h *Handlers) Signed(w http.ResponseWriter, r *http.Request) {
	o, err := h.signedOpening(r)
	if err != nil {
		h.refuse(w, r, o, err)
		return
	}
	h.enter(w, r, o)
}

// signedOpening checks a signed launch. With an error it gives what is certain: the user's issuer once the signature holds, and
// user and number once they are read.
func (h *Handlers) signedOpening(r *http.Request) (Opening, error) {
	raw, err := posted(r)
	if err != nil {
		return Opening{}, err
	}
	t, err := take(raw)
	if err != nil {
		return Opening{}, err
	}
	l, err := h.issuer(t)
	if err != nil {
		return Opening{}, err
	}
	known := Opening{User: identity.User{Issuer: l.Issuer}}
	if err := l.verify(r.Context(), t); err != nil {
		return known, err
	}
	var said ticket
	if err := t.claims(&said); err != nil {
		return known, err
	}
	o, err := l.opening(said, h.cfg.PublicURL+Path, h.cfg.Now())
	if err != nil {
		return o, err
	}
	return o, h.once(r, said)
}

// posted reads the one field of the form: from the body only, so that no launch can stand in an address.
func posted(r *http.Request) (string, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if r.Method != http.MethodPost || err != nil || kind != "application/x-www-form-urlencoded" || r.ParseForm() != nil {
		return "", refused(reasonForm, "the request is not a posted form")
	}
	if dest := r.Header.Get("Sec-Fetch-Dest"); dest != "" && dest != "document" {
		return "", refused(reasonForm, "the launch was posted into a frame or by a script")
	}
	values := r.PostForm["launch"]
	if len(values) != 1 || r.URL.RawQuery != "" {
		return "", refused(reasonForm, "the form does not hold one launch")
	}
	return values[0], nil
}

// issuer finds whose launch this claims to be. Nothing else in it is looked at before its signature holds.
func (h *Handlers) issuer(t token) (*launcher, error) {
	var claimed struct {
		Issuer string `json:"iss"`
	}
	if strict.Unmarshal(t.payload, &claimed) != nil {
		return nil, refused(reasonMalformed, "the claims are malformed")
	}
	l := h.signed[claimed.Issuer]
	if l == nil {
		return nil, refused(reasonIssuer, "no such issuer may launch")
	}
	return l, nil
}

// opening checks all that a signed launch says, its single use excepted.
func (l *launcher) opening(said ticket, audience string, now time.Time) (Opening, error) {
	o := Opening{User: identity.User{Issuer: l.Issuer}}
	if len(said.Audience) != 1 || said.Audience[0] != audience {
		return o, refused(reasonAudience, "the launch is for another place")
	}
	if err := inTime(said, now); err != nil {
		return o, err
	}
	if said.ID == "" || len(said.ID) > maxID {
		return o, refused(reasonMalformed, "the launch has no id of a usual length")
	}
	if said.Location != l.Organisation.ODS {
		return o, refused(reasonLocation, "the launch is for another organisation than the issuer's")
	}
	u, err := l.user(said.Subject, said.Practitioner.Role, said.Practitioner.Name, plain(said.Practitioner.SDSUserID))
	if err != nil {
		return o, err
	}
	o.User = u
	return o.about(said.Patient, said.BirthDate)
}

// about adds the person: a whole NHS number and a whole date of birth.
func (o Opening) about(number, born string) (Opening, error) {
	n, err := record.ParseNHSNumber(number)
	if err != nil {
		return o, refused(reasonPerson, "the person has no valid NHS number")
	}
	o.Number, o.Born = n, record.ParseDate(born)
	if o.Born.Precision != record.Day {
		return o, refused(reasonPerson, "the person has no whole date of birth")
	}
	return o, nil
}

// inTime holds a launch to its 60 seconds.
func inTime(said ticket, now time.Time) error {
	expires, issued, from := time.Unix(said.Expires, 0), time.Unix(said.IssuedAt, 0), time.Unix(said.NotBefore, 0)
	switch {
	case said.Expires <= 0 || said.IssuedAt <= 0 || said.NotBefore <= 0:
		return refused(reasonMalformed, "exp, iat or nbf is missing")
	case expires.Sub(issued) > longest || expires.Sub(issued) <= 0:
		return refused(reasonLong, "the launch lives longer than 60 seconds, or not at all")
	case !now.Before(expires.Add(skew)):
		return refused(reasonExpired, "the launch has expired")
	case issued.After(now.Add(skew)) || from.After(now.Add(skew)):
		return refused(reasonEarly, "the launch is not valid yet")
	}
	return nil
}

// once lets each launch through a single time, whichever replica it comes to.
func (h *Handlers) once(r *http.Request, said ticket) error {
	first, err := h.cfg.Spender.Spend(r.Context(), spendPurpose, said.Issuer, said.ID, time.Unix(said.Expires, 0).Add(skew))
	if err != nil {
		return refused(reasonStore, "the launch could not be marked as used")
	}
	if !first {
		return refused(reasonReplayed, "the launch was used before")
	}
	return nil
}
