package audit

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ribble/internal/access"
	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/record"
)

var wantUser = User{
	Issuer: "https://cis2.example", Subject: "555", SDSUserID: "555001", Name: "Okafor, Ngozi", RoleProfile: "r-1", RoleCode: "R8000",
	RoleName: "Clinical Practitioner", Organisation: "RXX", OrganisationName: "Bowland", AssuranceLevel: 3, Session: "session-1",
}

// ignored are the parts of an event that differ each time or cannot be read.
var ignored = cmpopts.IgnoreFields(Event{}, "ID", "Look", "Person")

func TestWholeLook(t *testing.T) {
	trail, m := testTrail()
	ctx := WithDevice(t.Context(), Device{Address: "10.1.2.3", Agent: "Firefox"})
	device := Device{Address: "10.1.2.3", Agent: "Firefox"}
	at := now.Truncate(time.Microsecond)

	r, err := trail.Begin(ctx, testGrant(t), []string{"gp"}, 7)
	if err != nil {
		t.Fatal(err)
	}
	intent := m.last(t)
	want := Event{
		Version: eventVersion, At: at, Act: ActIntent, User: wantUser, Device: device, Purpose: "direct care", Basis: testGrant(t).Reasons(), Relationship: "caseload",
		Sections: sectionIDs(record.AllSections), Asked: []string{"gp"}, Directory: 7, Traits: trail.keys.Traits(testGrant(t).Person()),
	}
	if d := cmp.Diff(want, intent, ignored); d != "" {
		t.Error(d)
	}
	if !r.Valid() || r.ID() != intent.ID.String() || !r.IntentAt().Equal(at) || r.Person().NHSNumber != testNumber(t) || r.User().Subject != "555" {
		t.Errorf("receipt %s at %v", r.ID(), r.IntentAt())
	}

	answer := record.Answer{Source: record.SourceRef{Feed: "gp", Organisation: record.Organisation{ODS: "P81001"}}, State: record.Data, Took: 412 * time.Millisecond}
	for i := range answer.Coverage {
		answer.Coverage[i].State = record.NotAsked
	}
	answer.Coverage[record.Allergies].State = record.Data
	answer.Coverage[record.Plans].State = record.NoneRecorded
	answer.Chart.Allergies = make([]record.Allergy, 2)
	answer.Chart.Allergies[0].Key = record.ItemKey{Type: "AllergyIntolerance", ID: "a1"}
	answer.Account.Receive("AllergyIntolerance")
	answer.Account.Place("AllergyIntolerance", record.Shown)
	disclosed, err := trail.Disclose(ctx, r, Disclosure{
		Sections: record.SectionsOf(record.Allergies), Sources: []SourceAnswer{Summarise(&answer, record.SectionsOf(record.Allergies))}, Provisional: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	got := m.last(t)
	want = Event{
		Version: eventVersion, At: at, Act: ActDisclosed, User: wantUser, Device: device, Purpose: "direct care", Sections: []string{"allergies"}, Provisional: true,
		Sources: []Source{{Feed: "gp", Organisation: "P81001", State: "DATA", TookMillis: 412, Sections: []Section{{ID: "allergies", State: "DATA", Count: 2}}}},
	}
	if d := cmp.Diff(want, got, ignored, cmpopts.IgnoreFields(Source{}, "Items")); d != "" {
		t.Error(d)
	}
	if got.Look != intent.ID || len(got.Sources[0].Items) != itemsSize {
		t.Errorf("look %v, items %x", got.Look, got.Sources[0].Items)
	}
	if !disclosed.Covers(r, record.Allergies) || disclosed.Covers(r, record.Medicines) || disclosed.Covers(begin(t, trail), record.Allergies) || disclosed.Document() {
		t.Errorf("%+v", disclosed)
	}

	if err := trail.Finish(ctx, r, Outcome{Ended: Complete, Bytes: 900, Sources: []SourceAnswer{SummariseWhole(&answer, record.AllSections)}}); err != nil {
		t.Fatal(err)
	}
	got = m.last(t)
	want = Event{
		Version: eventVersion, At: at, Act: ActFinished, User: wantUser, Device: device, Purpose: "direct care", Reason: "complete", Bytes: 900,
		Sources: []Source{{
			Feed: "gp", Organisation: "P81001", State: "DATA", TookMillis: 412, Received: 1, Fates: []int{1, 0, 0, 0, 0, 0, 0, 0, 0},
			Sections: []Section{{ID: "allergies", State: "DATA", Count: 2}, {ID: "plans", State: "NONE_RECORDED"}},
		}},
	}
	if d := cmp.Diff(want, got, ignored); d != "" {
		t.Error(d)
	}
}

func TestOpenDocument(t *testing.T) {
	trail, m := testTrail()
	d, err := trail.OpenDocument(t.Context(), begin(t, trail), OpenedDocument{Feed: "gp", Organisation: "P81001", Item: record.ItemKey{Type: "Binary", ID: "letter-about-x"}})
	if err != nil || !d.Document() {
		t.Fatal(d, err)
	}
	e := m.last(t)
	if e.Act != ActDocumentOpened || e.Document.Feed != "gp" || len(e.Document.Digest) != itemsSize || strings.Contains(fmt.Sprint(m.entries[1].Words, string(m.entries[1].Body)), "letter") {
		t.Errorf("%s", m.entries[1].Body)
	}
}

func TestRefuse(t *testing.T) {
	trail, m := testTrail()
	q := testRequest(t)
	q.User.AssuranceLevel = 1
	_, err := access.Decide(q)
	var refusal access.Refusal
	if !errors.As(err, &refusal) {
		t.Fatal(err)
	}
	if err := trail.Refuse(t.Context(), refusal); err != nil {
		t.Fatal(err)
	}
	if e := m.last(t); e.Act != ActRefused || e.Reason != "assured" || e.Person == nil || e.User.Subject != "555" || !e.Look.IsZero() {
		t.Errorf("%+v", e)
	}
}

func TestNotes(t *testing.T) {
	trail, m := testTrail()
	var auditor identity.Auditor = trail
	r := begin(t, trail)
	for _, c := range []struct {
		do   func(context.Context) error
		want Event
	}{
		{func(ctx context.Context) error {
			return auditor.SessionChanged(ctx, testUser(), identity.SessionBegan, "")
		}, Event{Act: ActSignedIn, User: wantUser}},
		{func(ctx context.Context) error {
			return auditor.SessionChanged(ctx, testUser(), identity.SessionEnded, "user")
		}, Event{Act: ActSignedOut, User: wantUser, Reason: "user"}},
		{func(ctx context.Context) error {
			return auditor.SessionChanged(ctx, testUser(), identity.SessionLocked, "idle")
		}, Event{Act: ActLocked, User: wantUser, Reason: "idle"}},
		{func(ctx context.Context) error {
			return auditor.SessionChanged(ctx, testUser(), identity.SessionUnlocked, "")
		}, Event{Act: ActUnlocked, User: wantUser}},
		{func(ctx context.Context) error {
			return auditor.SessionChanged(ctx, testUser(), identity.SessionSteppedUp, "")
		}, Event{Act: ActSteppedUp, User: wantUser}},
		{func(ctx context.Context) error { return trail.LimitReached(ctx, testUser(), "open-user-step-up", 61) }, Event{Act: ActLimitReached, User: wantUser, Reason: "open-user-step-up", Found: 61}},
		{func(ctx context.Context) error {
			return auditor.SignInFailed(ctx, identity.User{Issuer: "https://cis2.example"}, "state mismatch", 3)
		},
			Event{Act: ActSignInFailed, User: User{Issuer: "https://cis2.example"}, Reason: "state mismatch", Found: 3}},
		{func(ctx context.Context) error {
			return auditor.SignInFailed(ctx, identity.User{}, "user said: "+canaryNumber, 1)
		},
			Event{Act: ActSignInFailed, Reason: "other", Found: 1}},
		{func(ctx context.Context) error {
			return trail.Note(ctx, Note{Act: ActSearched, User: testUser(), Terms: Terms{Family: canaryName}, Found: 3})
		}, Event{Act: ActSearched, User: wantUser, Found: 3}},
		{func(ctx context.Context) error {
			return trail.Note(ctx, Note{Act: ActTraced, User: testUser(), NHSNumber: testNumber(t), Found: 1})
		}, Event{Act: ActTraced, User: wantUser, Found: 1}},
		{func(ctx context.Context) error {
			return trail.Note(ctx, Note{Act: ActMismatchFound, Look: r, Feed: "gp"})
		}, Event{Act: ActMismatchFound, User: wantUser, Purpose: "direct care", Asked: []string{"gp"}}},
	} {
		if err := c.do(t.Context()); err != nil {
			t.Fatal(err)
		}
		c.want.Version, c.want.At = eventVersion, now.Truncate(time.Microsecond)
		if d := cmp.Diff(c.want, m.last(t), ignored); d != "" {
			t.Error(d)
		}
	}
	for _, e := range m.entries {
		if text := fmt.Sprint(e.Words, string(e.Body)); strings.Contains(text, canaryNumber) || strings.Contains(text, canaryName) {
			t.Errorf("readable: %s", text)
		}
	}
}

// TestOutOfOrder: each step demands the proof of the one before, and writes nothing without it.
func TestOutOfOrder(t *testing.T) {
	trail, m := testTrail()
	ctx := t.Context()
	q := testRequest(t)
	q.User.Role.Activities = []string{"B0370"}
	summaryOnly, err := access.Decide(q)
	if err != nil {
		t.Fatal(err)
	}
	r, err := trail.Begin(ctx, summaryOnly, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	written := len(m.entries)
	for name, c := range map[string]struct {
		do   func() error
		want error
	}{
		"intent without grant":          {func() error { _, err := trail.Begin(ctx, access.Grant{}, nil, 0); return err }, ErrNoGrant},
		"disclosure without intent":     {func() error { _, err := trail.Disclose(ctx, Receipt{}, Disclosure{}); return err }, ErrNoReceipt},
		"document without intent":       {func() error { _, err := trail.OpenDocument(ctx, Receipt{}, OpenedDocument{}); return err }, ErrNoReceipt},
		"outcome without intent":        {func() error { return trail.Finish(ctx, Receipt{}, Outcome{}) }, ErrNoReceipt},
		"mismatch without intent":       {func() error { return trail.Note(ctx, Note{Act: ActMismatchFound}) }, ErrNoReceipt},
		"disclosure beyond the grant":   {func() error { _, err := trail.Disclose(ctx, r, Disclosure{Sections: record.AllSections}); return err }, ErrBeyond},
		"document beyond the grant":     {func() error { _, err := trail.OpenDocument(ctx, r, OpenedDocument{}); return err }, ErrBeyond},
		"an intent as a note":           {func() error { return trail.Note(ctx, Note{Act: ActIntent}) }, nil},
		"an act that is none as a note": {func() error { return trail.Note(ctx, Note{Act: "x"}) }, nil},
	} {
		if err := c.do(); err == nil || (c.want != nil && !errors.Is(err, c.want)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(m.entries) != written {
		t.Error("something was written")
	}
	if (Receipt{}).Valid() || (Disclosed{}).Valid() || (Disclosed{}).Covers(Receipt{}, record.Allergies) {
		t.Error("a zero proof proves something")
	}
}

func TestNothingIsProvenWhenTheStoreFails(t *testing.T) {
	trail, m := testTrail()
	r := begin(t, trail)
	m.fail = 2
	got, err := trail.Begin(t.Context(), testGrant(t), nil, 0)
	if got.Valid() || fault.KindOf(err) != fault.Unavailable || !errors.Is(err, ErrNotWritten) {
		t.Errorf("%v, %v", got.Valid(), err)
	}
	if d, err := trail.Disclose(t.Context(), r, Disclosure{}); d.Valid() || fault.KindOf(err) != fault.Unavailable {
		t.Errorf("%v, %v", d.Valid(), err)
	}
}

// TestFinishGoesOn: the request is gone and the store is away for a while, but the outcome is written, once.
func TestFinishGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		trail, m := testTrail()
		r := begin(t, trail)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		m.fail = 5
		if err := trail.Finish(ctx, r, Outcome{Ended: CutOff}); err != nil {
			t.Fatal(err)
		}
		if e := m.last(t); e.Act != ActFinished || e.Reason != "cut off" || len(m.entries) != 2 {
			t.Errorf("%+v", e)
		}
		m.fail = 1_000_000
		if err := trail.Finish(ctx, r, Outcome{Ended: CutOff}); !errors.Is(err, ErrNotWritten) {
			t.Errorf("a store that stays away: %v", err)
		}
	})
}

func TestNothingPrintsAPerson(t *testing.T) {
	trail, _ := testTrail()
	r := begin(t, trail)
	terms := Terms{Family: canaryName}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		for _, value := range []any{terms, Note{NHSNumber: testNumber(t), Terms: terms}, r.ID()} {
			if text := fmt.Sprintf(verb, value); strings.Contains(text, canaryName) || strings.Contains(text, canaryNumber) {
				t.Errorf("%s prints %s", verb, text)
			}
		}
	}
}

// TestWithheldIsWrittenDown: the trail says by which sets an answer was cleared, and how many entries which rule withheld, whatever a manifest calls it.
func TestWithheldIsWrittenDown(t *testing.T) {
	trail, m := testTrail()
	r := begin(t, trail)
	long := strings.Repeat("x", 500)
	answer := SourceAnswer{
		Feed: "gp", State: record.Data, Sections: []SectionAnswer{{Section: record.Problems, State: record.Withheld, Withheld: 2}},
		Withheld: []Withheld{{"abuse 2026-10", 1}, {long, 1}},
	}
	if err := trail.Finish(t.Context(), r, Outcome{Ended: Complete, Sources: []SourceAnswer{answer}, Sets: []string{"abuse 2026-10", long}}); err != nil {
		t.Fatal(err)
	}
	got := m.last(t)
	want := []Source{{
		Feed: "gp", State: "DATA", Sections: []Section{{ID: "problems", State: "WITHHELD", Withheld: 2}}, Withheld: []Withheld{{"abuse 2026-10", 1}, {long[:100], 1}},
	}}
	if d := cmp.Diff(want, got.Sources); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"abuse 2026-10", long[:100]}, got.Sets); d != "" {
		t.Error(d)
	}
}
