package sponsor_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"ribble/internal/identity"
	"ribble/internal/identity/local"
	"ribble/internal/postgres"
	"ribble/internal/sponsor"
)

// TestTheWayToAnAccount: asked, vouched for, granted by another, invited.
func TestTheWayToAnAccount(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	h.must(h.Ask(ctx, sponsor.Form{Login: " Grace@Beckside.example", Name: "Grace  Adebayo", Job: "Care worker", Organisation: "beckside home care"}))
	list, err := h.Requests(ctx, amina, sponsor.Query{State: sponsor.Asked})
	h.must(err)
	if len(list) != 1 || list[0].Login != "grace@beckside.example" || list[0].Name != "Grace Adebayo" || list[0].Organisation != beckside {
		t.Fatalf("the sponsor sees %+v", list)
	}
	id := list[0].Batch
	if err := h.Grant(ctx, farrell, id); !errors.Is(err, sponsor.ErrDecided) {
		t.Errorf("granted without a sponsor: %v", err)
	}
	if err := h.Vouch(ctx, nobody, id, h.form("")); !errors.Is(err, sponsor.ErrDenied) {
		t.Errorf("vouched for by somebody without the right: %v", err)
	}
	if err := h.Vouch(ctx, bob, id, h.form("")); !errors.Is(err, sponsor.ErrUnknown) {
		t.Errorf("vouched for by another organisation's sponsor: %v", err)
	}
	h.must(h.Vouch(ctx, amina, id, h.form("")))
	if err := h.Grant(ctx, amina, id); !errors.Is(err, sponsor.ErrDenied) {
		t.Errorf("granted by the sponsor: %v", err)
	}
	h.must(h.Grant(ctx, farrell, id))
	if err := h.Grant(ctx, quist, id); !errors.Is(err, sponsor.ErrDecided) {
		t.Errorf("granted twice: %v", err)
	}
	a := h.account("grace@beckside.example")
	if a.Status != local.Invited || a.Role != "care-worker" || a.Request == "" || a.Expires.UTC().Format(time.DateOnly) != h.day(201) || a.Lapse(h.Now()) != local.NoLapse {
		t.Errorf("the account is %+v", a)
	}
	if _, err := h.Invite(ctx, bob, a.ID); !errors.Is(err, sponsor.ErrUnknown) {
		t.Errorf("invited by another organisation's sponsor: %v", err)
	}
	token, err := h.Invite(ctx, amina, a.ID)
	h.must(err)
	if got, err := h.Accounts.Invited(ctx, token); err != nil || got.ID != a.ID {
		t.Errorf("the invitation leads to %v, %v", got.ID, err)
	}
	for reason, want := range map[string]int{"requested": 1, "sponsored": 1, "granted": 1, "invited": 1} {
		if got := h.count(reason); got != want {
			t.Errorf("%d events say %s", got, reason)
		}
	}
}

// TestAnAdministratorWhoVouchesDoesNotGrant: two people, whoever they are.
func TestAnAdministratorWhoVouchesDoesNotGrant(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	batch, err := h.Add(ctx, farrell, h.form("a@b.example"))
	h.must(err)
	if err := h.Grant(ctx, farrell, batch); !errors.Is(err, sponsor.ErrSamePerson) {
		t.Errorf("one person alone: %v", err)
	}
	h.must(h.Grant(ctx, quist, batch))
}

// TestTheSameAnswerForEveryName: whoever asks does not learn who has an account, or has asked.
func TestTheSameAnswerForEveryName(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	h.granted("taken@beckside.example")
	for _, login := range []string{"taken@beckside.example", "new@beckside.example", "new@beckside.example"} {
		before := h.count("requested")
		if err := h.Ask(ctx, h.form(login)); err != nil {
			t.Errorf("%s: %v", login, err)
		}
		if h.count("requested") != before+1 {
			t.Errorf("%s: another number of events", login)
		}
	}
	list, err := h.Requests(ctx, amina, sponsor.Query{State: sponsor.Asked})
	h.must(err)
	if len(list) != 2 {
		t.Errorf("%d requests wait", len(list))
	}
}

// TestRogues: whoever holds the portal's own rights in the database still cannot do alone what takes two.
func TestRogues(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	a := h.granted("grace@beckside.example")
	batch, err := h.Add(ctx, amina, h.form("new@beckside.example"))
	h.must(err)
	list, err := h.Batch(ctx, amina, batch)
	h.must(err)
	id, app := list[0].ID, h.db.URLs[postgres.App]
	granted := "UPDATE portal.user_request SET state = 'granted', account = '" + strings.Repeat("a", 32) + "', decider_issuer = '%s', decider_subject = '%s', decided_at = now(), decided_event = '%s' WHERE id = '" + id + "'"
	for name, statement := range map[string]string{
		"a request that begins granted":  "INSERT INTO portal.user_request (id, batch, kind, login, name, job, organisation_ods, organisation_name, asked_at, state) VALUES (gen_random_uuid(), gen_random_uuid(), 'account', 'x@y', 'X', '', '8Z902', '', now(), 'granted')",
		"granted by the sponsor":         fmt.Sprintf(granted, amina.Issuer, amina.Subject, list[0].SponsoredEvent),
		"granted without an event":       fmt.Sprintf(granted, farrell.Issuer, farrell.Subject, "00000000-0000-4000-8000-000000000000"),
		"granted by the wrong event":     fmt.Sprintf(granted, farrell.Issuer, farrell.Subject, list[0].SponsoredEvent),
		"another role":                   "UPDATE portal.user_request SET role = 'hospice-clinician' WHERE id = '" + id + "'",
		"what was granted is forgotten":  "DELETE FROM portal.user_request WHERE state = 'granted'",
		"what was granted is refused":    "UPDATE portal.user_request SET state = 'refused' WHERE state = 'granted'",
		"a longer life":                  "UPDATE portal.account SET expires_at = expires_at + interval '1 day' WHERE id = '" + a.ID + "'",
		"an account nobody granted":      "INSERT INTO portal.account (id, login, name, role, organisation_ods, organisation_name, status, created_at, changed_at, request) VALUES (repeat('b', 32), 'x@y', 'X', 'care-worker', '8Z902', '', 'invited', now(), now(), '" + id + "')",
		"another account of one request": "INSERT INTO portal.account (id, login, name, role, organisation_ods, organisation_name, status, created_at, changed_at, request) SELECT repeat('c', 32), 'x@y', name, 'hospice-clinician', organisation_ods, '', 'invited', now(), now(), request FROM portal.account",
		"another role of an account":     "UPDATE portal.account SET role = 'hospice-clinician'",
	} {
		if err := h.try(app, statement); err == nil {
			t.Errorf("%s: done", name)
		}
	}
	h.must(h.Grant(ctx, farrell, batch))
}

// TestWhatIsTyped: each fault of a form is named, and nothing is kept.
func TestWhatIsTyped(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	for field, change := range map[string]func(*sponsor.Form){
		"login":        func(f *sponsor.Form) { f.Login = "grace" },
		"name":         func(f *sponsor.Form) { f.Name = " \t" },
		"job":          func(f *sponsor.Form) { f.Job = strings.Repeat("x", 101) },
		"organisation": func(f *sponsor.Form) { f.Organisation = larches.ODS },
		"role":         func(f *sponsor.Form) { f.Role = "administrator" },
		"trained":      func(f *sponsor.Form) { f.Trained = h.day(1) },
		"until":        func(f *sponsor.Form) { f.Until = h.day(400) },
	} {
		f := h.form("grace@beckside.example")
		change(&f)
		_, err := h.Add(ctx, amina, f)
		wrong, _ := errors.AsType[sponsor.Problems](err)
		if len(wrong) != 1 || wrong[0].Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	for _, trained := range []string{"", h.day(-400), "31/03/2026"} {
		f := h.form("grace@beckside.example")
		f.Trained = trained
		if _, err := h.Add(ctx, amina, f); err == nil {
			t.Errorf("trained %q was taken", trained)
		}
	}
	h.must(func() error { _, err := h.Add(ctx, amina, h.form("grace@beckside.example")); return err }())
	if _, err := h.Add(ctx, amina, h.form("grace@beckside.example")); err == nil {
		t.Error("vouched for twice")
	}
}

// TestRequestsEndByThemselves: and do not stand in the way of new ones.
func TestRequestsEndByThemselves(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	h.must(h.Ask(ctx, h.form("asked@beckside.example")))
	batch, err := h.Add(ctx, amina, h.form("vouched@beckside.example"))
	h.must(err)
	h.sql("ALTER TABLE portal.user_request DISABLE TRIGGER guard_request",
		"UPDATE portal.user_request SET asked_at = asked_at - interval '31 days', sponsored_at = sponsored_at - interval '15 days'", "ALTER TABLE portal.user_request ENABLE ALWAYS TRIGGER guard_request")
	if err := h.Grant(ctx, farrell, batch); !errors.Is(err, sponsor.ErrDecided) {
		t.Errorf("granted too late: %v", err)
	}
	list, err := h.Requests(ctx, amina, sponsor.Query{State: sponsor.Expired})
	h.must(err)
	if len(list) != 2 {
		t.Errorf("%d have ended by themselves", len(list))
	}
	_, err = h.Add(ctx, amina, h.form("vouched@beckside.example"))
	h.must(err)
	h.must(h.Store.Forget(ctx, h.Now().AddDate(1, 0, 0)))
	if list, err := h.Requests(ctx, amina, sponsor.Query{}); err != nil || len(list) != 0 {
		t.Errorf("%d are kept for ever, %v", len(list), err)
	}
}

// TestNothingWithoutTheTrail: when what is done cannot be written down, nothing is done.
func TestNothingWithoutTheTrail(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	a, session := h.enrolled("grace@beckside.example")
	batch, err := h.Add(ctx, amina, h.form("new@beckside.example"))
	h.must(err)
	h.must(h.Ask(ctx, h.form("asked@beckside.example")))
	asked, err := h.Requests(ctx, amina, sponsor.Query{State: sponsor.Asked})
	h.must(err)
	review, err := h.Review(ctx, amina, strings.NewReader(h.csv("x@beckside.example")))
	h.must(err)
	h.trail.down = true
	for name, act := range map[string]func() error{
		"ask":     func() error { return h.Ask(ctx, h.form("other@beckside.example")) },
		"vouch":   func() error { return h.Vouch(ctx, amina, asked[0].Batch, h.form("")) },
		"add":     func() error { _, err := h.Add(ctx, amina, h.form("other@beckside.example")); return err },
		"import":  func() error { _, err := h.Import(ctx, amina, review); return err },
		"grant":   func() error { return h.Grant(ctx, farrell, batch) },
		"refuse":  func() error { return h.Refuse(ctx, farrell, batch, "why not") },
		"renew":   func() error { _, err := h.Renew(ctx, amina, a.ID, h.form("")); return err },
		"confirm": func() error { _, err := h.Confirm(ctx, amina, []string{a.ID}); return err },
		"end":     func() error { return h.End(ctx, amina, a.ID) },
		"leave":   func() error { _, err := h.Leave(ctx, amina, []sponsor.Leaver{{Line: 2, User: a.Login}}, 0); return err },
	} {
		if act() == nil {
			t.Errorf("%s: done without an event", name)
		}
	}
	h.trail.down = false
	if after := h.account(a.Login); after != a || !h.live(session) {
		t.Errorf("the account is %+v", after)
	}
	waiting, err := h.Requests(ctx, amina, sponsor.Query{State: sponsor.Sponsored})
	h.must(err)
	if len(waiting) != 1 {
		t.Errorf("%d wait", len(waiting))
	}
}

// TestTheQuarter: an account that nobody confirms waits, says so once, and comes back whole.
func TestTheQuarter(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	a, session := h.enrolled("grace@beckside.example")
	other := h.desk(h.db.Open(t))
	for days, want := range map[time.Duration]int{10: -1, 61: -1, 63: 30, 79: 14, 90: 3, 93: 0} {
		w, ok := sponsor.Warn(a, time.Now().Add(days*24*time.Hour))
		if !ok {
			w.Days = -1
		}
		if w.Days != want {
			t.Errorf("after %d days: warned of %d", days, w.Days)
		}
	}
	h.ahead = 93 * 24 * time.Hour
	if a.Lapse(h.Now()) != local.Unconfirmed || a.Usable(h.Now()) {
		t.Error("it opens something")
	}
	tallies, err := h.Tallies(ctx, amina, "")
	h.must(err)
	if len(tallies) != 1 || tallies[0].Unconfirmed != 1 || tallies[0].Users != 1 {
		t.Errorf("the sponsor's page counts %+v", tallies)
	}
	for range 2 {
		h.must(h.Lapsed(ctx))
		h.must(other.Lapsed(ctx))
	}
	if n := h.count("unconfirmed"); n != 1 {
		t.Errorf("%d events say that it waits", n)
	}
	if _, err := h.Confirm(ctx, bob, []string{a.ID}); !errors.Is(err, sponsor.ErrUnknown) {
		t.Errorf("confirmed by another organisation's sponsor: %v", err)
	}
	n, err := h.Confirm(ctx, amina, []string{a.ID, a.ID})
	h.must(err)
	if after := h.account(a.Login); n != 1 || !after.Usable(h.Now()) || after.Version != a.Version {
		t.Errorf("after the confirmation it is %+v", after)
	}
	if !h.live(session) {
		t.Error("a confirmation ended a session")
	}
}

// TestNobodyConfirmsThemself: nor renews, ends or invites.
func TestNobodyConfirmsThemself(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	a, _ := h.enrolled("manager@beckside.example")
	self := identity.User{Issuer: local.Issuer, Subject: a.ID, Organisation: beckside}
	h.MaySponsor = func(u identity.User) bool { return u.Subject == self.Subject }
	if _, err := h.Confirm(ctx, self, []string{a.ID}); !errors.Is(err, sponsor.ErrOwn) {
		t.Errorf("confirmed: %v", err)
	}
	if _, err := h.Renew(ctx, self, a.ID, h.form("")); !errors.Is(err, sponsor.ErrOwn) {
		t.Errorf("renewed: %v", err)
	}
	if err := h.End(ctx, self, a.ID); !errors.Is(err, sponsor.ErrOwn) {
		t.Errorf("ended: %v", err)
	}
	if _, err := h.Invite(ctx, self, a.ID); err == nil {
		t.Error("invited")
	}
	if h.MayInvite(farrell, a) {
		t.Error("an administrator may take over an account that is in use")
	}
}

// TestRenewal: past its last day an account is no more than a name, until two people renew it after new training.
func TestRenewal(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	a, _ := h.enrolled("grace@beckside.example")
	h.ahead = 201 * 24 * time.Hour
	if a.Lapse(h.Now()) != local.Expired || h.MayInvite(amina, a) {
		t.Errorf("it is %q", a.Lapse(h.Now()))
	}
	h.must(h.Lapsed(ctx))
	batch, err := h.Renew(ctx, amina, a.ID, h.form(""))
	h.must(err)
	if h.account(a.Login).Usable(h.Now()) {
		t.Error("one person renewed it")
	}
	if _, err := h.Renew(ctx, amina, a.ID, h.form("")); !errors.Is(err, sponsor.ErrTaken) {
		t.Errorf("asked for twice: %v", err)
	}
	h.must(h.Grant(ctx, farrell, batch))
	if after := h.account(a.Login); !after.Usable(h.Now()) || after.Passphrase == "" || after.Trained.Equal(a.Trained) {
		t.Errorf("after the renewal it is %+v", after)
	}
}
