package app

import (
	"bytes"
	"context"
	"net/url"
	"os"
	"os/user"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"ribble/internal/audit"
	"ribble/internal/config"
	"ribble/internal/directory"
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
	u := userCommand{
		accounts: &local.Accounts{
			Store: db.Accounts(), Trail: audit.NewTrail(db.Audit(), audit.GenerateKeys(), time.Now), Secrets: secrets, Hasher: local.NewHasher(local.Standard), Now: time.Now,
			EndSessions: func(context.Context, string, string) error { ended++; return nil },
		},
		config: config.Config{PublicURL: &url.URL{Scheme: "https", Host: "ribble.example"}}, by: operator(), out: &out,
	}
	snapshot, err := directory.Load(strings.NewReader(`{"organisations": [{"ods": "8Z902", "name": "Beckside Home Care", "short": "Beckside", "badge": "BHC", "kind": "care-home"}], "spine": {"from_asid": "1"}}`))
	if err != nil {
		t.Fatal(err)
	}
	u.directory = snapshot
	u.desk = sponsorDesk(db, u.accounts.Trail.(*audit.Trail), u.accounts, func() *directory.Snapshot { return snapshot }, nil)
	u.desk.MayAdminister = func(by identity.User) bool { return by.Issuer == Operator }
	written := func(name, text string) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	ahead := time.Now().AddDate(0, 6, 0).Format(time.DateOnly)
	users := written("users.csv", "login,name,job,organisation,role,trained,until\nnew@x.example,Nia Rees,Carer,beckside home care,care-worker,"+time.Now().Format(time.DateOnly)+","+ahead+"\n")
	staff := written("staff.csv", "nhs_number,sds_user_id,organisation,surname,first_line,postcode,left\n9991411690,900100000007,RZB,,,,2026-01-31\n9991411690,900100000008,RZB,,,,\n")
	bad := written("bad.csv", "login,name\n")
	leavers := written("leavers.csv", "user,left\nl@x.example,\nnobody@x.example,\n")
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
		{"import -file " + bad, "", true},
		{"import -file " + users, "1 users, and nothing is wrong", false},
		{"import -file " + users + " -apply", "/users/request/", false},
		{"import -file " + users + " -apply", "", true},
		{"invite -login l@x.example -name Lea -role care-worker -org 8Z902 -until " + ahead, "https://ribble.example/invitation/", false},
		{"invite -login m@x.example -name Max -role care-worker -org 8Z902 -until 2020-01-01", "", true},
		{"list", ahead[:8], false},
		{"leavers -file " + leavers, "line 2: l@x.example: ends now", false},
		{"leavers -file " + leavers + " -apply", "line 3: nobody@x.example: no account", false},
		{"leavers -file " + leavers, "had ended", false},
		{"leavers -staff -file " + staff, "line 2: 900100000007: sessions end\n0 accounts", false},
		{"leavers -staff -file " + bad, "", true},
		{"leavers", "", true},
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

// Accounts without a full name are common on servers; whoever is asked in their name must be told a name.
func TestOperatorsHaveNames(t *testing.T) {
	for full, want := range map[string]string{"Ann Bell": "Ann Bell", "": "abell", " ": "abell"} {
		if got := operatorOf(&user.User{Username: "abell", Name: full}); got.Name != want || got.Subject != "abell" || got.Issuer != Operator {
			t.Errorf("%q: %+v", full, got)
		}
	}
}
