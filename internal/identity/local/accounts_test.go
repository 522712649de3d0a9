package local_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"ribble/internal/audit"
	"ribble/internal/identity"
	"ribble/internal/identity/local"
	"ribble/internal/postgres"
)

var (
	_ local.Auditor = (*audit.Trail)(nil)
	_ local.Store   = (*postgres.Accounts)(nil)
)

// TestNothingUnrecorded: where the audit trail cannot be written, nothing about an account changes.
func TestNothingUnrecorded(t *testing.T) {
	h := newHouse(t)
	ctx, s := t.Context(), h.replicas[0]
	before, credentials := h.current()
	h.notes.fail = errors.New("down")
	for name, do := range map[string]func() error{
		"invite": func() error {
			_, err := s.Invite(ctx, operator, local.NewAccount{Login: "x@y", Name: "X", Role: "care-worker", Organisation: beckside})
			return err
		},
		"reset":    func() error { _, err := s.Reset(ctx, operator, login); return err },
		"lock":     func() error { return s.SetStatus(ctx, operator, login, local.Locked) },
		"recovery": func() error { return s.Recovery(ctx, h.account, h.codes[0]) },
		"codes":    func() error { _, err := s.ReplaceCodes(ctx, h.user()); return err },
		"factor": func() error {
			return s.AddFactor(ctx, h.user(), local.Factor{ID: local.NewID(), Kind: local.TOTP, Secret: "s"})
		},
		"passphrase": func() error { return s.ChangePassphrase(ctx, h.user(), passphrase, "another gravel Sunday ladder") },
		"failure":    func() error { return h.first(login, "wrong") },
	} {
		if err := do(); err == nil || errors.Is(err, local.ErrWrong) {
			t.Errorf("%s: %v", name, err)
		}
	}
	h.notes.fail = nil
	after, left := h.current()
	if after != before || len(left.Factors) != len(credentials.Factors) || left.CodesLeft != credentials.CodesLeft {
		t.Error("something changed unrecorded")
	}
	if _, err := s.Store.Find(ctx, "x@y"); !errors.Is(err, local.ErrNoAccount) {
		t.Errorf("an account was made unrecorded: %v", err)
	}
}

// TestTheHonestUser goes through a year of an account.
func TestTheHonestUser(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	h.must(h.first(strings.ToUpper(login)+" ", passphrase))
	h.must(h.second(0, h.codeOf(h.secret, 0)[:3]+" "+h.codeOf(h.secret, 0)[3:]))
	h.now = h.now.Add(time.Minute)
	h.must(h.second(1, h.codeOf(h.secret, -1)))
	if right, err := h.replicas[1].CheckCode(ctx, h.user(), h.codeOf(h.secret, 1)); !right || err != nil {
		t.Errorf("unlocking: %v %v", right, err)
	}
	if right, err := h.replicas[1].CheckCode(ctx, identity.User{Issuer: "https://cis2.example", Subject: h.account.ID}, h.codeOf(h.secret, 1)); right || err != nil {
		t.Errorf("unlocking as another issuer's user: %v %v", right, err)
	}
	h.must(h.recover(" " + strings.ToUpper(strings.ReplaceAll(h.codes[0], "-", " "))))

	other := local.NewSecret()
	f, err := h.replicas[0].NewTOTP(h.account.ID, other, h.codeOf(other, 0))
	h.must(err)
	h.must(h.replicas[0].AddFactor(ctx, h.user(), f))
	_, c := h.current()
	if len(c.Factors) != 2 || c.CodesLeft != 9 || !c.CodeUsed.Equal(h.now) {
		t.Errorf("%d factors, %d codes left, one used %v", len(c.Factors), c.CodesLeft, c.CodeUsed)
	}
	h.must(h.replicas[1].RemoveFactor(ctx, h.user(), c.Factors[0].ID))
	h.now = h.now.Add(time.Minute)
	h.must(h.second(0, h.codeOf(other, 0)))

	h.must(h.replicas[1].ChangePassphrase(ctx, h.user(), passphrase, "another gravel Sunday ladder"))
	h.must(h.first(login, "another gravel Sunday ladder"))
	h.status(local.Locked)
	h.status(local.Active)
	h.must(h.first(login, "another gravel Sunday ladder"))
	if !slices.Equal(h.ended, []string{h.account.ID, h.account.ID, h.account.ID}) {
		t.Errorf("sessions ended of %v", h.ended)
	}
	want := []string{"invited", "accepted", "totp-enrolled", "recovery-codes-made", "recovery-code-used", "totp-enrolled", "factor-removed", "passphrase-changed", "locked", "active"}
	if !slices.Equal(h.notes.events, want) {
		t.Errorf("the trail says %q, want %q", h.notes.events, want)
	}
}

// TestRehash: a passphrase is hashed anew at the present cost when its user next signs in, and sign-ins under way stay.
func TestRehash(t *testing.T) {
	h := newHouse(t)
	h.replicas[0].Hasher = local.NewHasher(local.Cost{Time: 2, Memory: 128, Threads: 1})
	h.must(h.first(login, passphrase))
	a, _ := h.current()
	if !strings.Contains(a.Passphrase, "m=128,t=2") {
		t.Errorf("the hash is %s", a.Passphrase)
	}
	h.must(h.first(login, passphrase))
}

// TestSecretsAreTied: a sealed secret that is moved to another account opens nothing.
func TestSecretsAreTied(t *testing.T) {
	h := newHouse(t)
	other, _, _, _ := h.enrol("other@beckside.example")
	_, c := h.current()
	err := h.replicas[0].Code(t.Context(), other, c, h.codeOf(h.secret, 0))
	if err == nil || errors.Is(err, local.ErrWrong) {
		t.Errorf("another's secret: %v", err)
	}
	if strings.Contains(c.Factors[0].Secret, h.secret) {
		t.Error("the secret is not sealed")
	}
}

// TestInvitationsAreChecked has what cannot be invited.
func TestInvitationsAreChecked(t *testing.T) {
	h := newHouse(t)
	good := local.NewAccount{Login: "new@beckside.example", Name: "N", Role: "care-worker", Organisation: beckside}
	for name, spoil := range map[string]func(*local.NewAccount){
		"no login": func(n *local.NewAccount) { n.Login = " " }, "no name": func(n *local.NewAccount) { n.Name = " " }, "no role": func(n *local.NewAccount) { n.Role = "" },
		"a role that is not in the table": func(n *local.NewAccount) { n.Role = "privacy-officer" }, "no organisation": func(n *local.NewAccount) { n.Organisation.ODS = "" },
		"a login that is taken": func(n *local.NewAccount) { n.Login = strings.ToUpper(login) },
	} {
		n := good
		spoil(&n)
		if _, err := h.replicas[0].Invite(t.Context(), operator, n); err == nil {
			t.Errorf("%s: invited", name)
		}
	}
	all, err := h.replicas[0].Store.List(t.Context())
	if err != nil || len(all) != 1 {
		t.Errorf("%d accounts, %v", len(all), err)
	}
}
