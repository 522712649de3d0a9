// Package sponsor is the desk at which local accounts are asked for, vouched for by a sponsor of the organisation, granted by a second person, confirmed each quarter and ended.
package sponsor

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"ribble/internal/identity"
	"ribble/internal/identity/local"
)

// State is what has become of a request.
type State string

// The states.
const (
	// Asked: by the user to be. A sponsor of the organisation must vouch for them.
	Asked State = "asked"
	// Sponsored: somebody vouches for the user. A second person must grant it.
	Sponsored State = "sponsored"
	Granted   State = "granted"
	Refused   State = "refused"
	// Expired: nobody decided in time. It is how a request that waits reads from then on.
	Expired State = "expired"
)

// Kind is what is asked for.
type Kind string

// The kinds.
const (
	NewAccount Kind = "account"
	Renewal    Kind = "renewal"
)

// How long a request waits for a sponsor, and then for its second person.
const (
	AskedLasts     = 30 * 24 * time.Hour
	SponsoredLasts = 14 * 24 * time.Hour
)

// Person is who vouched or decided, as they were at the time.
type Person struct{ Issuer, Subject, Name string }

// Is reports whether the user is the same person.
func (p Person) Is(u identity.User) bool { return p.Issuer == u.Issuer && p.Subject == u.Subject }

func personOf(u identity.User) Person { return Person{u.Issuer, u.Subject, u.Name} }

// Terms are what a sponsor vouches for: in which role somebody needs the account, when they were trained, and until which day it lasts.
type Terms struct {
	// Role is a key of local.Roles.
	Role string
	// Trained is the day of the training in information governance, Until the last day of the account; both are days of UTC.
	Trained, Until time.Time
}

// Request is one person's way to an account, or to another year of it.
type Request struct {
	// ID names it; Number is its short name for people. Batch is what it is decided with: its own ID, or that of an import.
	ID, Batch string
	Number    int64
	Kind      Kind
	// Login, Name and Job are what was typed of the user to be.
	Login, Name, Job string
	Organisation     identity.Organisation
	// Account is the account to be renewed; of a granted request, the one that it made.
	Account string
	At      time.Time
	State   State
	Terms   Terms
	// Sponsor vouched and Decider granted or refused: when, and which event of the audit trail says so. Words are those of whoever refused.
	Sponsor        Person
	SponsoredAt    time.Time
	SponsoredEvent string
	Decider        Person
	DecidedAt      time.Time
	DecidedEvent   string
	Words          string
}

// Waits reports whether somebody must still decide about it.
func (r Request) Waits() bool { return r.State == Asked || r.State == Sponsored }

// ExpiresAt is when it ends by itself, if nobody decides.
func (r Request) ExpiresAt() time.Time {
	if r.State == Sponsored {
		return r.SponsoredAt.Add(SponsoredLasts)
	}
	return r.At.Add(AskedLasts)
}

// at gives a request that has waited too long its state.
func (r Request) at(now time.Time) Request {
	if r.Waits() && !now.Before(r.ExpiresAt()) {
		r.State = Expired
	}
	return r
}

// Sum is the digest of what a sponsor vouches for, in the order and form in which the database builds it too: whoever grants it in the trail grants exactly this.
func (r Request) Sum() string {
	renewed := ""
	if r.Kind == Renewal {
		renewed = r.Account
	}
	s := sha256.Sum256([]byte(strings.Join([]string{
		r.ID, string(r.Kind), r.Login, r.Name, r.Organisation.ODS, r.Terms.Role, r.Terms.Trained.Format(time.DateOnly), r.Terms.Until.Format(time.DateOnly), renewed,
	}, "\n")))
	return hex.EncodeToString(s[:])
}

// Ends is the moment at which an account of these terms ends: midnight (UTC) after its last day.
func (t Terms) Ends() time.Time { return t.Until.AddDate(0, 0, 1) }

// Warning is how near an account's lapse is.
type Warning struct {
	// Lapse is what will be, or is; Days is the step of the warnings in which the time left lies: 30, 14 or 3, and 0 when it has come.
	Lapse local.Lapse
	At    time.Time
	Days  int
}

// Warn says whether an account lapses within 30 days, or has. It is false for one that is locked or ended, of which nothing is expected.
func Warn(a local.Account, now time.Time) (Warning, bool) {
	if a.Status == local.Locked || a.Status == local.Ended || a.Lapses().IsZero() {
		return Warning{}, false
	}
	w := Warning{Lapse: a.Lapse(a.Lapses()), At: a.Lapses()}
	if now := a.Lapse(now); now != local.NoLapse {
		w.Lapse = now
		return w, true
	}
	for _, days := range []int{3, 14, 30} {
		if w.At.Sub(now) <= time.Duration(days)*24*time.Hour {
			w.Days = days
			return w, true
		}
	}
	return Warning{}, false
}
