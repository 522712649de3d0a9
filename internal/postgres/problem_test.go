package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"ribble/internal/audit"
	"ribble/internal/dataquality"
	"ribble/internal/identity"
	"ribble/internal/oversight/post"
	"ribble/internal/pgtest"
	"ribble/internal/record"
)

var reporter = identity.User{
	Issuer: "https://cis2.example", Subject: "nurse", Name: "OKAFOR, Ngozi", Role: identity.Role{Name: "Nurse"},
	Organisation: identity.Organisation{ODS: "RZT", Name: "Hodder Community"},
}

func problemDesk(t *testing.T) (*pgtest.DB, *dataquality.Desk, post.Box) {
	t.Helper()
	db := pgtest.New(t)
	open := db.Open(t)
	desk := &dataquality.Desk{
		Store: open.Problems(), Trail: audit.NewTrail(open.Audit(), audit.GenerateKeys(), time.Now), Now: time.Now,
		MayHandle: func(u identity.User) bool { return u.Subject == "officer" },
	}
	return db, desk, open.Letters()
}

func problem(id, item string) dataquality.Problem {
	return dataquality.Problem{
		ID: id, Reason: "wrong", Contact: "01632 960001 ext 12",
		Entry: dataquality.Entry{Feed: "bowland", Organisation: "RZB", Section: record.Medicines, Item: record.ItemKey{Type: "MedicationStatement", ID: item}, Retrieved: time.Now()},
	}
}

// TestAReportGoesItsWay: it is kept once however often it is sent, its letter is there once, and the organisation alone takes it through its states.
func TestAReportGoesItsWay(t *testing.T) {
	db, desk, box := problemDesk(t)
	n, _ := record.ParseNHSNumber("9990000018")
	sent, err := desk.Report(t.Context(), reporter, n, problem("AAAAAAAAAAAAAAAAAAAAAAAAAA", "m-1"))
	if err != nil || sent.Number == 0 {
		t.Fatalf("report %d: %v", sent.Number, err)
	}
	again, err := desk.Report(t.Context(), reporter, n, problem("AAAAAAAAAAAAAAAAAAAAAAAAAA", "m-1"))
	if err != nil || again.Number != sent.Number {
		t.Errorf("sent again it is %d: %v", again.Number, err)
	}
	letters, err := box.Due(t.Context(), 10)
	if err != nil || len(letters) != 1 || letters[0].Kind != post.Problem || letters[0].Organisation != "RZB" || letters[0].Number != sent.Number {
		t.Errorf("letters %+v: %v", letters, err)
	}
	officer := identity.User{Issuer: "https://cis2.example", Subject: "officer", Name: "GRANT, Alistair", Organisation: identity.Organisation{ODS: "RZB"}}
	elsewhere := officer
	elsewhere.Organisation.ODS = "RZP"
	if _, err := desk.Read(t.Context(), elsewhere, sent.ID); !errors.Is(err, dataquality.ErrUnknown) {
		t.Errorf("another organisation: %v", err)
	}
	if err := desk.Answer(t.Context(), elsewhere, sent.ID, "corrected"); !errors.Is(err, dataquality.ErrUnknown) {
		t.Errorf("another organisation answers: %v", err)
	}
	if _, err := desk.Inbox(t.Context(), reporter, true); !errors.Is(err, dataquality.ErrMayNot) {
		t.Errorf("the reporter reads an inbox: %v", err)
	}
	for _, step := range []error{desk.See(t.Context(), officer, sent.ID), desk.Answer(t.Context(), officer, sent.ID, "corrected")} {
		if step != nil {
			t.Fatal(step)
		}
	}
	if err := desk.Answer(t.Context(), officer, sent.ID, "right"); !errors.Is(err, dataquality.ErrAnswered) {
		t.Errorf("answered twice: %v", err)
	}
	mine, err := desk.Mine(t.Context(), reporter)
	if err != nil || len(mine) != 1 || mine[0].Outcome != "corrected" || mine[0].Item.ID != "m-1" || mine[0].SeenBy != officer.Name || mine[0].By.Contact != "01632 960001 ext 12" {
		t.Errorf("the reporter sees %+v: %v", mine, err)
	}
	if open, err := desk.Inbox(t.Context(), officer, true); err != nil || len(open) != 0 {
		t.Errorf("%d open: %v", len(open), err)
	}
	// Reported twice by one click too many, seen and answered.
	if acts := query[int](t, db.AdminURL, "SELECT count(*) FROM audit.event WHERE act IN ('problem-reported', 'problem-handled')"); acts != 4 {
		t.Errorf("%d events", acts)
	}
}

// TestAReportKeepsNoNumber: whatever a source makes ids of, no NHS number and no words stay in the table.
func TestAReportKeepsNoNumber(t *testing.T) {
	db, desk, _ := problemDesk(t)
	n, _ := record.ParseNHSNumber("9990000018")
	for i, id := range []string{"patient-9990000018-allergy", "19990000018", "penicillin allergy", "http://x/Condition/1", ""} {
		q := problem("BBBBBBBBBBBBBBBBBBBBBBBBB"+string(rune('A'+i)), id)
		r, err := desk.Report(t.Context(), reporter, n, q)
		if err != nil || r.Item != (record.ItemKey{}) {
			t.Errorf("%q is kept as %q: %v", id, r.Item.ID, err)
		}
	}
	if kept := query[int](t, db.AdminURL, "SELECT count(*) FROM oversight.problem WHERE item_id <> '' OR item_type <> ''"); kept != 0 {
		t.Errorf("%d rows keep one", kept)
	}
}

// TestAlone: of two replicas one works at a time, and the other when the first has ended.
func TestAlone(t *testing.T) {
	db := pgtest.New(t)
	one, two := db.Open(t).Directory(), db.Open(t).Directory()
	mine, err := one.Alone(t.Context(), func(ctx context.Context) error {
		if theirs, err := two.Alone(ctx, func(context.Context) error { return nil }); theirs || err != nil {
			t.Errorf("both at once: %v", err)
		}
		return nil
	})
	if !mine || err != nil {
		t.Fatalf("%v, %v", mine, err)
	}
	if theirs, err := two.Alone(t.Context(), func(context.Context) error { return nil }); !theirs || err != nil {
		t.Errorf("afterwards: %v, %v", theirs, err)
	}
}

// TestALetterIsAddedOnce, whichever replica comes first.
func TestALetterIsAddedOnce(t *testing.T) {
	box := pgtest.New(t).Open(t).Letters()
	l := post.Letter{Kind: post.Ending, ID: "isa, 2027-01-01, 14", Organisation: "RXB", Number: 14, About: "Information sharing agreement isa"}
	for range 2 {
		if err := box.Add(t.Context(), l); err != nil {
			t.Fatal(err)
		}
	}
	if due, err := box.Due(t.Context(), 10); err != nil || len(due) != 1 || due[0] != l {
		t.Fatalf("due %+v: %v", due, err)
	}
	if err := box.Sent(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	if err := box.Add(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	if due, err := box.Due(t.Context(), 10); err != nil || len(due) != 0 {
		t.Errorf("sent, and due again: %+v, %v", due, err)
	}
}
