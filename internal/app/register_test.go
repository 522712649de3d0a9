package app

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"ribble/internal/audit"
	"ribble/internal/config"
	"ribble/internal/identity"
	"ribble/internal/pgtest"
	"ribble/internal/record"
	"ribble/internal/register"
)

// TestImports puts lists in force as the commands do; a file with a fault changes nothing.
func TestImports(t *testing.T) {
	db := pgtest.New(t).Open(t)
	keys := audit.GenerateKeys()
	desk := &register.Desk{
		Store: db.Registers(), Trail: audit.NewTrail(db.Audit(), keys, time.Now), Index: keys.RegisterIndexes, Now: time.Now,
		Officer: func(string) string { return "" },
	}
	n, err := record.ParseNHSNumber("9991411690")
	if err != nil {
		t.Fatal(err)
	}
	nurse := identity.User{Issuer: "i", Subject: "s", SDSUserID: "900100000001", Organisation: identity.Organisation{ODS: "RZB"}}
	for _, step := range []struct {
		load          importer
		file          string
		fails         bool
		related, mine bool
	}{
		{caseloadOf("RZB"), "\ufeffnhs_number,until\n999 141 1690,\n", false, true, false},
		{caseloadOf("RZB"), "nhs_number,until\n9990646465,\n9991411691,\n", true, true, false},
		{caseloadOf("RZC"), "nhs_number,until\n", false, true, false},
		{watched(register.Staff), "nhs_number,sds_user_id,organisation\n9991411690,900100000001,RZB\n", false, true, true},
		{watched(register.Listed), "nhs_number,until\n", true, true, true},
		{caseloadOf("RZB"), "nhs_number,until\n9990646465,\n", false, false, true},
	} {
		_, err := step.load(t.Context(), desk, strings.NewReader(step.file))
		facts, failed := desk.About(t.Context(), n, nurse)
		if (err != nil) != step.fails || failed != nil || (len(facts.Relationships) == 1) != step.related || facts.Watched.OwnRecord != step.mine {
			t.Errorf("%q: %v, %v, facts %+v", step.file, err, failed, facts)
		}
	}
}

func TestImportUsage(t *testing.T) {
	var out bytes.Buffer
	for _, args := range []string{"", "import", "import -org RZB", "import -file x", "export -org RZB -file x", "import -org RZB -file x more"} {
		if err := Caseload(t.Context(), config.Config{}, strings.Fields(args), &out); !errors.Is(err, ErrCaseloadUsage) {
			t.Errorf("caseload %s: %v", args, err)
		}
	}
	for _, args := range []string{"", "import", "import -kind staff", "import -kind vip -file x", "import -kind listed -file x more"} {
		if err := Watch(t.Context(), config.Config{}, strings.Fields(args), &out); !errors.Is(err, ErrWatchUsage) {
			t.Errorf("watch %s: %v", args, err)
		}
	}
}
