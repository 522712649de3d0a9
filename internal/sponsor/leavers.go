package sponsor

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"time"

	"ribble/internal/audit"
	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/identity/local"
)

// Leaver is one line of a list of leavers.
type Leaver struct {
	Line int
	// User is a login name, or with Card the national id of a smartcard user; Organisation narrows a smartcard user down to one organisation's role.
	User         string
	Card         bool
	Organisation string
	// Last is their last day; zero where the list gives none, and they end at once.
	Last time.Time
}

// Fate is what becomes of one leaver.
type Fate string

// The fates.
const (
	// EndsNow: the account ends for good, with its sessions.
	EndsNow Fate = "ends now"
	// EndsLater: the account's last day is brought forward.
	EndsLater Fate = "ends later"
	// EndsBefore: the account ends by then anyway.
	EndsBefore Fate = "ends before"
	// WasEnded: it had ended.
	WasEnded Fate = "had ended"
	// NoAccount: nobody of that name among the users looked after.
	NoAccount Fate = "no account"
	// SessionsEnd: a smartcard user. Their sessions end; that they cannot sign in again is up to whoever issued the card.
	SessionsEnd Fate = "sessions end"
	// TooEarly: a smartcard user who has not left yet.
	TooEarly Fate = "too early"
)

// Leaving is one leaver with what becomes of them.
type Leaving struct {
	Leaver
	Fate    Fate
	Account local.Account
}

// Leavers is what a list of leavers does.
type Leavers struct {
	Lines []Leaving
	// Ends is how many accounts it ends, now or later. Large says for which organisations that is so large a share that a wrong list is more likely.
	Ends  int
	Large []Share
}

// Share is how many of an organisation's accounts a list ends.
type Share struct {
	Organisation identity.Organisation
	Ends, Of     int
}

// A list that ends more than a fifth of an organisation's accounts, and at least five, must be confirmed.
const (
	largeCount = 5
	largePart  = 5
)

// ErrLarge means that a list ends so many accounts that it must be confirmed with their number.
var ErrLarge = fault.New(fault.Invalid, "This list ends a large share of an organisation’s accounts. Check that it is a list of leavers and not of staff, and confirm it with the number of accounts that it ends.")

var nationalID = regexp.MustCompile(`^[0-9]{12}$`)

// ReadLeavers reads a list of leavers, with the header LeaversHeader. The error is Faults.
func ReadLeavers(from io.Reader) ([]Leaver, error) {
	var (
		t    table
		out  []Leaver
		seen = map[string]int{}
	)
	t.lines(from, LeaversHeader, func(line int, f []string) {
		l := Leaver{Line: line, User: f[0], Card: nationalID.MatchString(f[0])}
		if !l.Card {
			l.User = local.Login(l.User)
		}
		if l.User == "" {
			t.say(line, "user must be a login name, or the twelve digits of a national user id")
		}
		if first, twice := seen[l.User]; twice && l.User != "" {
			t.say(line, fmt.Sprintf("user is the same as in line %d", first))
		} else {
			seen[l.User] = line
		}
		if f[1] != "" {
			var err error
			if l.Last, err = time.Parse(time.DateOnly, f[1]); err != nil {
				t.say(line, "left must be a day like 2027-03-31, or empty")
			}
		}
		out = append(out, l)
	})
	if err := t.result(); err != nil {
		return nil, err
	}
	return out, nil
}

// ends is the moment at which a leaver's right ends: midnight (UTC) after the last day. It is zero for one who has gone.
func (l Leaver) ends(now time.Time) time.Time {
	if end := l.Last.AddDate(0, 0, 1); !l.Last.IsZero() && end.After(now) {
		return end
	}
	return time.Time{}
}

// Foresee says what a list of leavers does, line by line, and has no effect.
func (d *Desk) Foresee(ctx context.Context, by identity.User, list []Leaver) (Leavers, error) {
	scope, err := d.Scope(by)
	if err != nil {
		return Leavers{}, err
	}
	var logins []string
	for _, l := range list {
		if !l.Card {
			logins = append(logins, l.User)
		}
	}
	found := map[string]local.Account{}
	if len(logins) > 0 {
		accounts, err := d.Store.Members(ctx, Filter{Organisation: scope.ods, Logins: logins, Now: d.Now()})
		if err != nil {
			return Leavers{}, said(err)
		}
		for _, a := range accounts {
			found[a.Login] = a
		}
	}
	var out Leavers
	ends := map[string]int{}
	for _, l := range list {
		one := Leaving{Leaver: l}
		if !l.Card {
			one.Account = found[l.User]
		}
		one.Fate = d.fate(l, one.Account)
		if one.Fate == EndsNow || one.Fate == EndsLater {
			if own(by, one.Account) {
				return Leavers{}, ErrOwn
			}
			out.Ends++
			ends[one.Account.Organisation.ODS]++
		}
		out.Lines = append(out.Lines, one)
	}
	out.Large, err = d.large(ctx, scope, ends)
	return out, err
}

func (d *Desk) fate(l Leaver, a local.Account) Fate {
	end := l.ends(d.Now())
	switch {
	case l.Card && !end.IsZero():
		return TooEarly
	case l.Card:
		return SessionsEnd
	case a.ID == "":
		return NoAccount
	case a.Status == local.Ended:
		return WasEnded
	case end.IsZero():
		return EndsNow
	case !end.Before(a.Expires):
		return EndsBefore
	}
	return EndsLater
}

func (d *Desk) large(ctx context.Context, scope Scope, ends map[string]int) ([]Share, error) {
	tallies, err := d.Store.Tallies(ctx, scope.ods, d.Now())
	if err != nil {
		return nil, said(err)
	}
	var out []Share
	for _, t := range tallies {
		if n := ends[t.Organisation.ODS]; n >= largeCount && n*largePart > t.Users {
			out = append(out, Share{t.Organisation, n, t.Users})
		}
	}
	return out, nil
}

// Leave does what Foresee says, in one transaction. A list that ends a large share of an organisation's accounts is refused with ErrLarge, unless confirmed
// is the number of accounts that it ends.
func (d *Desk) Leave(ctx context.Context, by identity.User, list []Leaver, confirmed int) (Leavers, error) {
	out, err := d.Foresee(ctx, by, list)
	if err != nil {
		return out, err
	}
	if len(out.Large) > 0 && confirmed != out.Ends {
		return out, ErrLarge
	}
	scope, err := d.Scope(by)
	if err != nil {
		return out, err
	}
	l := Leave{Later: map[string]time.Time{}}
	var cards []audit.Note
	for _, one := range out.Lines {
		switch one.Fate {
		case EndsNow:
			l.Now = append(l.Now, one.Account.ID)
		case EndsLater:
			l.Later[one.Account.ID] = one.ends(d.Now())
		case SessionsEnd:
			card := Card{one.User, one.Organisation}
			if !scope.all {
				card.Organisation = scope.ods
			}
			l.Cards = append(l.Cards, card)
			cards = append(cards, audit.Note{Act: audit.ActAccountChanged, User: by, Reason: changeLeft, Register: one.User})
		case EndsBefore, WasEnded, NoAccount, TooEarly:
		}
	}
	if _, err := d.notes(ctx, cards); err != nil {
		return out, err
	}
	return out, d.leave(ctx, by, l)
}
