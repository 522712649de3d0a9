package users

import (
	"time"

	"ribble/internal/identity/local"
	"ribble/internal/sponsor"
	"ribble/web/page"
	"ribble/web/ui"
)

// labels are the fields of forms, as the pages call them; hrefOf are the ids of their controls.
var (
	labels = map[string]string{
		"login": "The work e-mail address", "name": "The name", "job": "The job", "organisation": "The organisation", "role": "The role",
		"trained": "The day of training", "until": "The last day",
	}
	hrefOf = map[string]string{
		"login": "login", "name": "name", "job": "job", "organisation": "organisation", "role": "role", "trained": "trained-day", "until": "until-day",
	}
)

// done are the notes on a page after something was done.
var done = map[string]ui.NoteProps{
	"vouched":   {Kind: ui.NoteNil, Lead: "You have vouched for the user.", Text: "An administrator of the region must grant it. Then the user is listed under “Invitations to hand out”."},
	"granted":   {Kind: ui.NoteNil, Lead: "Granted.", Text: "The sponsor can now make the invitation and hand it out."},
	"refused":   {Kind: ui.NoteNil, Lead: "Refused.", Text: "The request is closed. Tell the user yourself: they get no e-mail."},
	"confirmed": {Kind: ui.NoteNil, Lead: "Confirmed for another quarter.", Text: "Who was suspended can sign in again at once."},
	"renewed":   {Kind: ui.NoteNil, Lead: "You have vouched for the renewal.", Text: "An administrator of the region must grant it. Until then the account ends as before."},
	"ended":     {Kind: ui.NoteNil, Lead: "The account has ended.", Text: "Every session of it has ended too."},
	"none":      {Kind: ui.NoteCare, Lead: "Nobody was chosen.", Text: "Nothing was changed."},
}

func doneNote(code string) *ui.NoteProps {
	if n, ok := done[code]; ok {
		return &n
	}
	return nil
}

// states are the states of a request as tags.
var states = map[sponsor.State]struct {
	words string
	kind  ui.TagKind
}{
	sponsor.Asked: {"waits for a sponsor", ui.TagWait}, sponsor.Sponsored: {"waits for an administrator", ui.TagWait}, sponsor.Granted: {"granted", ui.TagDone},
	sponsor.Refused: {"refused", ui.TagCare}, sponsor.Expired: {"ended by itself", ui.TagSoft},
}

// standing is where an account stands, the loudest first.
func standing(a local.Account, now time.Time) page.Cell {
	switch {
	case a.Status == local.Ended:
		return tagged(ui.TagSoft, "ended")
	case a.Status == local.Locked:
		return tagged(ui.TagCare, "locked by an operator")
	case a.Lapse(now) == local.Expired:
		return tagged(ui.TagLoud, "EXPIRED")
	case a.Lapse(now) == local.Unconfirmed:
		return tagged(ui.TagLoud, "SUSPENDED: not confirmed")
	case a.Status == local.Invited:
		return tagged(ui.TagWait, "not set up yet")
	}
	return tagged(ui.TagDone, "can sign in")
}

// confirmBy and endsOn are the two days that matter of an account, with how near they are.
func confirmBy(a local.Account, now time.Time) page.Cell {
	return near(a.ConfirmedUntil, now, "confirm by ", "was due on ")
}

func endsOn(a local.Account, now time.Time) page.Cell { return near(a.Expires, now, "", "ended on ") }

func near(at, now time.Time, ahead, past string) page.Cell {
	switch left := at.Sub(now); {
	case left <= 0:
		return tagged(ui.TagLoud, past+lastDay(at))
	case left <= sponsor.WarnWithin:
		return tagged(ui.TagCare, ahead+lastDay(at))
	}
	return whole(lastDay(at))
}

// fates are what becomes of a leaver, in words.
var fates = map[sponsor.Fate]struct {
	words string
	kind  ui.TagKind
}{
	sponsor.EndsNow: {"ends now, with every session", ui.TagLoud}, sponsor.EndsLater: {"ends after the last day", ui.TagCare}, sponsor.EndsBefore: {"ends before that anyway: no change", ui.TagSoft},
	sponsor.WasEnded: {"had ended already: no change", ui.TagSoft}, sponsor.NoAccount: {"no such account among those that you look after: no change", ui.TagSoft},
	sponsor.SessionsEnd: {"smartcard user: any open session ends now", ui.TagCare}, sponsor.TooEarly: {"smartcard user who has not left yet: no change, send the line again on the day", ui.TagWait},
}
