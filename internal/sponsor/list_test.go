package sponsor_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ribble/internal/identity"
	"ribble/internal/identity/local"
	"ribble/internal/sponsor"
)

// csv is a list of new users in which nothing is wrong.
func (h *house) csv(logins ...string) string {
	text := sponsor.UsersHeader + "\n"
	for _, login := range logins {
		text += fmt.Sprintf("%s,Grace Adebayo,Care worker,8Z902,care-worker,%s,%s\n", login, h.day(-3), h.day(300))
	}
	return text
}

// TestEachFaultOfAList: named with its line, and nothing is kept.
func TestEachFaultOfAList(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	h.granted("taken@beckside.example")
	_, err := h.Add(ctx, amina, h.form("waits@beckside.example"))
	h.must(err)
	line := func(fields string) string { return sponsor.UsersHeader + "\n" + fields + "\n" }
	good := strings.TrimSuffix(strings.TrimPrefix(h.csv("a@b.example"), sponsor.UsersHeader+"\n"), "\n")
	for name, c := range map[string]struct{ text, want string }{
		"nothing":           {"", "Line 1: the header must be exactly"},
		"another header":    {"login,name\n", "Line 1: the header must be exactly"},
		"no lines":          {sponsor.UsersHeader + "\n", "has no line after its header"},
		"too few parts":     {line("a@b.example,Grace"), "Line 2: has 2 parts, and the header has 7"},
		"broken quotes":     {line(`"a@b.example,Grace`), "Line 2: has quotation marks"},
		"not UTF-8":         {line("a@b.example,\xff"), "not in UTF-8"},
		"no e-mail address": {line(strings.Replace(good, "a@b.example", "grace", 1)), "Line 2: login must be"},
		"unknown ODS code":  {line(strings.Replace(good, "8Z902", "XXX", 1)), "Line 2: organisation is not one"},
		"another's":         {line(strings.Replace(good, "8Z902", "8Z903", 1)), "Line 2: organisation is not yours"},
		"role":              {line(strings.Replace(good, "care-worker", "king", 1)), "Line 2: role must be one of"},
		"no day":            {line(strings.Replace(good, h.day(-3), "1/2/2026", 1)), "Line 2: trained must be a real day, written like 2027-03-31"},
		"twice":             {line(good + "\n" + good), "Line 3: login is the same as in line 2"},
		"in use":            {h.csv("a@b.example", "taken@beckside.example"), "Line 3: login is in use"},
		"waiting":           {h.csv("waits@beckside.example"), "Line 2: login has a request"},
		"100,000 lines":     {sponsor.UsersHeader + "\n" + strings.Repeat("a,b,c,d,e,f,g\n", 100_000), "Line 5002: there are more than 5000 lines"},
		"5 MiB":             {strings.Repeat("x", 5<<20), "is larger than 4 MiB"},
	} {
		_, err := h.Review(ctx, amina, strings.NewReader(c.text))
		faults, ok := errors.AsType[sponsor.Faults](err)
		if !ok || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "Grace") || len(faults) > 101 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if list, err := h.Requests(ctx, amina, sponsor.Query{State: sponsor.Sponsored}); err != nil || len(list) != 1 {
		t.Errorf("%d wait, %v", len(list), err)
	}
}

// TestAnImport: as spreadsheets write it, all in one, granted in one.
func TestAnImport(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	// What a user had asked for is replaced by the sponsor's own word.
	h.must(h.Ask(ctx, h.form("user7@beckside.example")))
	var logins []string
	for i := range 300 {
		logins = append(logins, fmt.Sprintf("user%d@beckside.example", i))
	}
	text := "\ufeff" + strings.ReplaceAll(h.csv(logins...), "\n", "\r\n")
	review, err := h.Review(ctx, farrell, strings.NewReader(text))
	h.must(err)
	if n := len(review.Requests()); n != 300 {
		t.Fatalf("%d users", n)
	}
	batch, err := h.Import(ctx, farrell, review)
	h.must(err)
	if err := h.Grant(ctx, farrell, batch); !errors.Is(err, sponsor.ErrSamePerson) {
		t.Errorf("granted alone: %v", err)
	}
	h.must(h.Grant(ctx, quist, batch))
	users, err := h.Users(ctx, amina, sponsor.Filter{Stand: sponsor.ToInvite})
	h.must(err)
	if len(users) != 300 || h.count("granted") != 300 || h.count("sponsored") != 300 {
		t.Errorf("%d users, %d events", len(users), h.count("granted"))
	}
	if list, err := h.Requests(ctx, amina, sponsor.Query{State: sponsor.Asked}); err != nil || len(list) != 0 {
		t.Errorf("%d are asked for still, %v", len(list), err)
	}
}

// TestAnImportIsWhole: a clash that arises after the preview leaves nothing of the list behind.
func TestAnImportIsWhole(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	review, err := h.Review(ctx, farrell, strings.NewReader(h.csv("a@beckside.example", "b@beckside.example", "c@beckside.example")))
	h.must(err)
	_, err = h.Add(ctx, amina, h.form("c@beckside.example"))
	h.must(err)
	if _, err := h.Import(ctx, farrell, review); !errors.Is(err, sponsor.ErrTaken) {
		t.Errorf("imported: %v", err)
	}
	if list, err := h.Requests(ctx, farrell, sponsor.Query{}); err != nil || len(list) != 1 {
		t.Errorf("%d are there, %v", len(list), err)
	}
}

// TestLeavers: what becomes of each line, and of whose session.
func TestLeavers(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	gone, goneSession := h.enrolled("gone@beckside.example")
	later, laterSession := h.enrolled("later@beckside.example")
	stays, staysSession := h.enrolled("stays@beckside.example")
	card := identity.User{Issuer: "cis2", Subject: "9", SDSUserID: "900100000009", Name: "C", Organisation: beckside}
	here, elsewhere := h.session(card), [32]byte{}
	card.Organisation = larches
	elsewhere = h.session(card)
	list, err := sponsor.ReadLeavers(strings.NewReader("\ufeff" + sponsor.LeaversHeader + "\nGone@beckside.example,\nlater@beckside.example," + h.day(30) + "\nstays@beckside.example," + h.day(300) +
		"\nnobody@beckside.example," + h.day(-3) + "\n900100000009," + h.day(-1) + "\n900100000008," + h.day(5) + "\n"))
	h.must(err)
	out, err := h.Leave(ctx, amina, list, 0)
	h.must(err)
	var fates []sponsor.Fate
	for _, l := range out.Lines {
		fates = append(fates, l.Fate)
	}
	if want := []sponsor.Fate{sponsor.EndsNow, sponsor.EndsLater, sponsor.EndsBefore, sponsor.NoAccount, sponsor.SessionsEnd, sponsor.TooEarly}; !slices.Equal(fates, want) {
		t.Errorf("the lines became %v", fates)
	}
	if a := h.account(gone.Login); a.Status != local.Ended || a.Passphrase != "" || h.live(goneSession) {
		t.Errorf("who has gone is %s", a.Status)
	}
	if a := h.account(later.Login); a.Expires.UTC().Format(time.DateOnly) != h.day(31) || h.live(laterSession) {
		t.Errorf("who goes later goes on %s", a.Expires)
	}
	if a := h.account(stays.Login); a != stays || !h.live(staysSession) {
		t.Error("who stays was touched")
	}
	if h.live(here) || !h.live(elsewhere) {
		t.Error("a smartcard user's session at the organisation must end, and no other")
	}
	if h.count("left") != 2 || h.count("leaving") != 1 {
		t.Errorf("%d and %d events", h.count("left"), h.count("leaving"))
	}
	again, err := h.Foresee(ctx, amina, list[:1])
	h.must(err)
	if again.Lines[0].Fate != sponsor.WasEnded {
		t.Errorf("once more: %s", again.Lines[0].Fate)
	}
	if out, err := h.Leave(ctx, bob, []sponsor.Leaver{{Line: 2, User: stays.Login}}, 0); err != nil || out.Lines[0].Fate != sponsor.NoAccount {
		t.Errorf("another organisation's sponsor: %v, %v", out.Lines, err)
	}
}

// TestAListOfStaffIsNoListOfLeavers: a large share is refused until it is confirmed.
func TestAListOfStaffIsNoListOfLeavers(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	text := sponsor.LeaversHeader + "\n"
	for i := range 8 {
		login := fmt.Sprintf("u%d@beckside.example", i)
		h.granted(login)
		if i < 5 {
			text += login + ",\n"
		}
	}
	list, err := sponsor.ReadLeavers(strings.NewReader(text))
	h.must(err)
	for _, confirmed := range []int{0, 4, 8} {
		out, err := h.Leave(ctx, farrell, list, confirmed)
		if !errors.Is(err, sponsor.ErrLarge) || out.Ends != 5 || len(out.Large) != 1 || out.Large[0].Of != 8 {
			t.Errorf("confirmed with %d: %v, %+v", confirmed, err, out.Large)
		}
	}
	if n := h.count("left"); n != 0 {
		t.Errorf("%d have left", n)
	}
	_, err = h.Leave(ctx, farrell, list, 5)
	h.must(err)
	if n := h.count("left"); n != 5 {
		t.Errorf("%d have left", n)
	}
}

// FuzzLists: whatever a list holds, it is read or named, and is never repeated.
func FuzzLists(f *testing.F) {
	f.Add(sponsor.LeaversHeader + "\ngrace@b.example,2026-01-01\n900100000009,\n")
	f.Add("\ufeff" + sponsor.LeaversHeader + "\r\n\"a\"\"@b,\n")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := sponsor.ReadLeavers(strings.NewReader(text))
		if (err == nil) != (len(list) > 0) {
			t.Fatalf("%d leavers and %v", len(list), err)
		}
		for _, l := range list {
			if l.User == "" || l.Line < 2 {
				t.Fatalf("%+v", l)
			}
		}
	})
}
