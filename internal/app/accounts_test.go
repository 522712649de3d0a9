package app

import (
	"bytes"
	"context"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"ribble/internal/audit"
	"ribble/internal/config"
	"ribble/internal/identity"
	"ribble/internal/identity/local"
	"ribble/internal/pgtest"
	"ribble/internal/seal"
)

// TestUserCommands goes through the life of an account as an operator sees it.
func TestUserCommands(t *testing.T) {
	db := pgtest.New(t).Open(t)
	secrets, err := seal.New(make([]byte, seal.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	ended := 0
	u := users{
		accounts: &local.Accounts{
			Store: db.Accounts(), Trail: audit.NewTrail(db.Audit(), audit.GenerateKeys(), time.Now), Secrets: secrets, Hasher: local.NewHasher(local.Standard), Now: time.Now,
			EndSessions: func(context.Context, string, string) error { ended++; return nil },
		},
		config: config.Config{PublicURL: &url.URL{Scheme: "https", Host: "ribble.example"}}, by: operator(), out: &out,
	}
	if u.by.IsZero() || u.by.Issuer != Operator {
		t.Errorf("the operator is %+v", u.by)
	}
	if _, err := u.accounts.Invite(t.Context(), u.by, local.NewAccount{Login: "g@x", Name: "Grace", Role: "care-worker", Organisation: identity.Organisation{ODS: "8Z902"}}); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		command string
		says    string
		fails   bool
	}{
		{"list", "g@x    Grace  care-worker  8Z902         invited", false},
		{"unlock g@x", "", true},
		{"lock g@x", "", false},
		{"list", "locked", false},
		{"reset G@X", "https://ribble.example/invitation/", false},
		{"reset nobody@x", "", true},
		{"end g@x", "", false},
		{"reset g@x", "", true},
		{"unlock g@x", "", true},
		{"list", "ended", false},
		{"list all", "", true},
		{"lock", "", true},
		{"promote g@x", "", true},
		{"invite -login a@x -name A -role care-worker -org 8Z902 extra", "", true},
	} {
		out.Reset()
		words := strings.Fields(step.command)
		if err := u.run(t.Context(), words[0], words[1:]); (err != nil) != step.fails {
			t.Errorf("%s: %v", step.command, err)
		}
		if !strings.Contains(out.String(), step.says) {
			t.Errorf("%s says %q, want %q", step.command, out.String(), step.says)
		}
	}
	if ended != 3 {
		t.Errorf("sessions were ended %d times", ended)
	}
	if link := regexp.MustCompile(`invitation/\S{43}$`); link.MatchString(out.String()) {
		t.Error("a list shows an invitation")
	}
}
