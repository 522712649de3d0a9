package register_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"ribble/internal/access"
	"ribble/internal/audit"
	"ribble/internal/consent"
	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/oversight"
	"ribble/internal/record"
	"ribble/internal/register"
	"ribble/internal/relationship"
)

// world is the trail, the store and the national register around a desk; it notes what happened in order.
type world struct {
	steps  []string
	events []audit.Event
	alerts []oversight.Alert
	// entries are what was added; facts is what the registers say; fail names the step that fails.
	entries []register.Entry
	loads   []register.Load
	facts   access.Facts
	fail    string
	may     error
	clock   time.Time
}

var errStep = errors.New("this step fails")

func (w *world) step(name string) error {
	if w.fail == name {
		return errStep
	}
	w.steps = append(w.steps, name)
	return nil
}

func (w *world) Append(_ context.Context, e audit.Entry) (audit.Position, error) {
	event, err := e.Event()
	if err != nil || w.fail == "trail" {
		return audit.Position{}, audit.ErrNotWritten
	}
	w.events = append(w.events, event)
	return audit.Position{Sequence: int64(len(w.events))}, w.step("trail " + string(event.Act))
}

func (w *world) About(context.Context, register.Query) (access.Facts, error) {
	if w.fail == "about" {
		return access.Facts{}, errStep
	}
	return w.facts, nil
}

func (w *world) Add(_ context.Context, e register.Entry, alerts ...oversight.Alert) error {
	if err := w.step("add"); err != nil {
		return err
	}
	w.entries, w.alerts = append(w.entries, e), append(w.alerts, alerts...)
	return nil
}

func (w *world) Raise(_ context.Context, alerts ...oversight.Alert) error {
	w.alerts = append(w.alerts, alerts...)
	return w.step("raise")
}

func (w *world) End(context.Context, register.Ending) (bool, error) { return true, w.step("end") }

func (w *world) Replace(_ context.Context, l register.Load) error {
	w.loads = append(w.loads, l)
	return w.step("replace")
}

func (w *world) Trace(context.Context, record.NHSNumber, record.Requester) (record.Person, error) {
	return record.Person{NHSNumber: edith, TracedAt: now}, w.step("trace")
}

func desk(w *world) *register.Desk {
	keys := audit.GenerateKeys()
	w.clock = now
	return &register.Desk{
		Store: w, Alerts: w, Trail: audit.NewTrail(w, keys, func() time.Time { return w.clock }), Tracer: w, Index: keys.RegisterIndexes,
		Officer:       func(ods string) string { return map[string]string{"RXX": "Alistair GRANT"}[ods] },
		MayBreakGlass: func(access.Request) error { return w.may }, MayRecord: func(u identity.User) bool { return u.Holds("B0020") },
		Now: func() time.Time { return w.clock },
	}
}

var nurse = identity.User{
	Issuer: "i", Subject: "s", Session: "one", AssuranceLevel: 3, Role: identity.Role{ProfileID: "1", Activities: []string{"B0360", "B0020"}},
	Organisation: identity.Organisation{ODS: "RXX"},
}

const why = "collapsed at home and cannot speak"

func TestAClaimIsWrittenDownThenKeptWithItsAlert(t *testing.T) {
	w := &world{}
	if err := desk(w).Claim(t.Context(), nurse, edith, register.Claim{Reason: "covering", Words: why}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(w.steps, []string{"trail relationship-claimed", "add"}) {
		t.Errorf("steps %q", w.steps)
	}
	e := w.entries[0].(register.RelationshipEntry)
	want := relationship.Evidence{Kind: relationship.SelfClaimed, Organisation: "RXX", Reason: "covering", From: now, Until: now.Add(28 * 24 * time.Hour)}
	if e.Evidence != want || e.Made.ID != w.events[0].Register || len(w.alerts) != 1 || w.alerts[0].Kind != oversight.SelfClaimed ||
		w.alerts[0].Event != w.events[0].ID.String() || w.alerts[0].Organisation != "RXX" {
		t.Errorf("entry %+v, alerts %+v", e, w.alerts)
	}
	if all, _ := json.Marshal(w.entries); strings.Contains(string(all), "collapsed") || strings.Contains(string(all), edith.Digits()) {
		t.Error("the register holds the user's words, or the person")
	}
}

// TestNothingIsKeptUnlessItIsWrittenDown: no change of a register before the trail, and nothing is open when a step fails.
func TestNothingIsKeptUnlessItIsWrittenDown(t *testing.T) {
	for name, act := range map[string]func(*register.Desk) error{
		"claim": func(d *register.Desk) error {
			return d.Claim(t.Context(), nurse, edith, register.Claim{Reason: "treating"})
		},
		"break-glass": func(d *register.Desk) error {
			_, err := d.BreakGlass(t.Context(), nurse, edith, register.Claim{Reason: "unconscious", Words: why})
			return err
		},
		"permission": func(d *register.Desk) error { return d.Permit(t.Context(), nurse, edith, register.Refused) },
		"objection":  func(d *register.Desk) error { return d.Object(t.Context(), nurse, edith, objection()) },
		"caseload": func(d *register.Desk) error {
			_, err := d.LoadCaseload(t.Context(), nurse, "RXX", []register.CaseloadRow{{Number: edith, Until: now}})
			return err
		},
	} {
		w := &world{fail: "trail"}
		if err := act(desk(w)); err == nil || len(w.entries)+len(w.loads) != 0 {
			t.Errorf("%s without a trail: %v, %d entries", name, err, len(w.entries))
		}
		w = &world{fail: "add"}
		if err := act(desk(w)); name != "caseload" && fault.KindOf(err) != fault.Unavailable {
			t.Errorf("%s without a register: %v", name, err)
		}
	}
}

func objection() consent.Entry {
	return consent.Entry{Organisation: "RYY", Sections: record.AllSections, Direction: consent.View, Stance: consent.Objected}
}

func TestBreakGlass(t *testing.T) {
	w := &world{}
	d := desk(w)
	override, err := d.BreakGlass(t.Context(), nurse, edith, register.Claim{Reason: "unconscious", Words: why})
	if err != nil || override.Until.Sub(override.From) != 30*time.Minute || !override.InForce("RXX", now) {
		t.Fatalf("override %+v, error %v", override, err)
	}
	if !slices.Equal(w.steps, []string{"trace", "trail break-glass-began", "add"}) || w.alerts[0].Kind != oversight.BreakGlass {
		t.Errorf("steps %q, alerts %+v", w.steps, w.alerts)
	}
	w.facts.Override = override
	again, err := d.BreakGlass(t.Context(), nurse, edith, register.Claim{Reason: "other", Words: why})
	if err != nil || again.ID != override.ID || len(w.entries) != 1 {
		t.Errorf("a second press: %+v, %v, %d entries", again, err, len(w.entries))
	}
	if err := d.EndBreakGlass(t.Context(), nurse, edith, "another"); !errors.Is(err, register.ErrNotThere) {
		t.Errorf("another's was ended: %v", err)
	}
	if err := d.EndBreakGlass(t.Context(), nurse, edith, override.ID); err != nil || !slices.Equal(w.steps[len(w.steps)-2:], []string{"trail break-glass-ended", "end"}) {
		t.Errorf("ending it: %v, steps %q", err, w.steps)
	}
}

func TestBreakGlassRefusedIsWrittenDown(t *testing.T) {
	w := &world{}
	own := access.Facts{Watched: access.Watched{OwnRecord: true}}
	w.may = access.MayBreakGlass(access.Request{User: nurse, Person: record.Person{NHSNumber: edith, TracedAt: now}, Purpose: access.DirectCare, Facts: own, At: now})
	_, err := desk(w).BreakGlass(t.Context(), nurse, edith, register.Claim{Reason: "unconscious", Words: why})
	var got access.Refusal
	if !errors.As(err, &got) || len(w.entries) != 0 || !slices.Equal(w.steps, []string{"trace", "trail refused", "raise"}) {
		t.Errorf("error %v, steps %q", err, w.steps)
	}
	if len(w.alerts) != 1 || w.alerts[0].Kind != oversight.OwnRecord {
		t.Errorf("alerts %+v", w.alerts)
	}
}

func TestWhatDoesNotDoIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		facts access.Facts
		act   func(*register.Desk) error
		want  error
	}{
		"a claim for no reason": {act: func(d *register.Desk) error {
			return d.Claim(t.Context(), nurse, edith, register.Claim{Reason: "curious"})
		}, want: register.ErrNoReason},
		"a claim for another reason without words": {act: func(d *register.Desk) error {
			return d.Claim(t.Context(), nurse, edith, register.Claim{Reason: "other", Words: "1234567890"})
		}, want: register.ErrFewWords},
		"a claim in too few words": {act: func(d *register.Desk) error {
			return d.Claim(t.Context(), nurse, edith, register.Claim{Reason: "treating", Words: "ill"})
		}, want: register.ErrFewWords},
		"a claim to oneself": {facts: access.Facts{Watched: access.Watched{OwnRecord: true}}, act: func(d *register.Desk) error {
			return d.Claim(t.Context(), nurse, edith, register.Claim{Reason: "treating"})
		}, want: register.ErrOwnRecord},
		"break-glass in few words": {act: func(d *register.Desk) error {
			_, err := d.BreakGlass(t.Context(), nurse, edith, register.Claim{Reason: "unconscious", Words: "collapsed"})
			return err
		}, want: register.ErrFewWords},
		"break-glass in too many": {act: func(d *register.Desk) error {
			_, err := d.BreakGlass(t.Context(), nurse, edith, register.Claim{Reason: "unconscious", Words: strings.Repeat(why, 50)})
			return err
		}, want: register.ErrFewWords},
		"no answer": {act: func(d *register.Desk) error { return d.Permit(t.Context(), nurse, edith, "perhaps") }, want: register.ErrNoAnswer},
		"an objection to nothing": {act: func(d *register.Desk) error {
			return d.Object(t.Context(), nurse, edith, consent.Entry{Direction: consent.View, Stance: consent.Objected})
		}, want: register.ErrEntry},
		"an objection by whoever":   {act: func(d *register.Desk) error { return d.Object(t.Context(), identity.User{}, edith, objection()) }, want: register.ErrMayNotRecord},
		"ending what is not there":  {act: func(d *register.Desk) error { return d.EndObjection(t.Context(), nurse, edith, "x") }, want: register.ErrNotThere},
		"looking without the right": {act: func(d *register.Desk) error { _, err := d.Register(t.Context(), identity.User{}, edith); return err }, want: register.ErrMayNotRecord},
	} {
		w := &world{facts: c.facts}
		if err := c.act(desk(w)); !errors.Is(err, c.want) || len(w.entries) != 0 || len(w.events) != 0 {
			t.Errorf("%s: error %v, %d entries, %d events", name, err, len(w.entries), len(w.events))
		}
	}
}

func TestAClaimSentTwiceIsOne(t *testing.T) {
	w := &world{}
	d := desk(w)
	c := register.Claim{Reason: "treating"}
	w.facts.Relationships = []relationship.Evidence{{Kind: relationship.SelfClaimed, Organisation: "RXX", Reason: "treating", From: now.Add(-time.Second), Until: now.Add(time.Hour)}}
	if err := d.Claim(t.Context(), nurse, edith, c); err != nil || len(w.entries) != 0 {
		t.Errorf("error %v, %d entries", err, len(w.entries))
	}
	w.clock = now.Add(time.Hour)
	if err := d.Claim(t.Context(), nurse, edith, c); err != nil || len(w.entries) != 1 {
		t.Errorf("renewal: error %v, %d entries", err, len(w.entries))
	}
}

func TestObjections(t *testing.T) {
	w := &world{}
	d := desk(w)
	if err := d.Object(t.Context(), nurse, edith, objection()); err != nil {
		t.Fatal(err)
	}
	e := w.entries[0].(register.ConsentEntry)
	if e.Entry.ID != w.events[0].Register || !e.From.Equal(now) || w.events[0].Reason != "objected" || len(w.alerts) != 0 {
		t.Errorf("entry %+v", e)
	}
	w.facts.Consent = consent.Standing{e.Entry}
	if standing, err := d.Register(t.Context(), nurse, edith); err != nil || len(standing) != 1 || w.events[1].Act != audit.ActOfficerLooked {
		t.Errorf("standing %v, error %v", standing, err)
	}
	if err := d.EndObjection(t.Context(), nurse, edith, e.Entry.ID); err != nil || w.events[2].Reason != "ended" {
		t.Errorf("ending: %v", err)
	}
}

func TestPermission(t *testing.T) {
	for answer, want := range map[register.Answer]struct {
		life   time.Duration
		alerts int
	}{register.Yes: {28 * 24 * time.Hour, 0}, register.Once: {12 * time.Hour, 0}, register.Refused: {7 * 24 * time.Hour, 0}, register.Emergency: {12 * time.Hour, 1}} {
		w := &world{}
		if err := desk(w).Permit(t.Context(), nurse, edith, answer); err != nil {
			t.Fatal(err)
		}
		e := w.entries[0].(register.PermissionEntry)
		if e.Until.Sub(e.At) != want.life || len(w.alerts) != want.alerts || w.events[0].Reason != string(answer) {
			t.Errorf("%s: %+v, %d alerts", answer, e, len(w.alerts))
		}
	}
}

func TestLoadsAreWrittenDown(t *testing.T) {
	w := &world{}
	d := desk(w)
	operator := identity.User{Issuer: "urn:ribble:operator", Subject: "root"}
	loaded, err := d.LoadCaseload(t.Context(), operator, "RXX", []register.CaseloadRow{{Number: edith, Until: now}, {Number: other, Until: now}})
	if err != nil || loaded.Rows != 2 || w.events[0].Found != 2 || w.events[0].Reason != "caseload" || w.events[0].User.Organisation != "RXX" || w.events[0].User.Subject != "root" {
		t.Errorf("loaded %+v, error %v, event %+v", loaded, err, w.events)
	}
	if _, err := d.LoadWatched(t.Context(), operator, register.Staff, []register.WatchedRow{{Number: edith, SDSUserID: "1", Organisation: "RXX"}}); err != nil || w.loads[1].Kind != register.Staff {
		t.Errorf("loads %+v, error %v", w.loads, err)
	}
}

func TestAboutSaysWhatTheDeploymentKnows(t *testing.T) {
	w := &world{}
	d := desk(w)
	d.AsksPermission = true
	if facts, err := d.About(t.Context(), edith, nurse); err != nil || !facts.OfficerNamed || !facts.Permission.Needed {
		t.Errorf("facts %+v, error %v", facts, err)
	}
	elsewhere := nurse
	elsewhere.Organisation.ODS = "RYY"
	if facts, _ := d.About(t.Context(), edith, elsewhere); facts.OfficerNamed {
		t.Error("an officer is named where there is none")
	}
	w.fail = "about"
	if _, err := d.About(t.Context(), edith, nurse); fault.KindOf(err) != fault.Unavailable || !strings.Contains(fault.SafeText(err), "Nobody sees anything") {
		t.Errorf("error %v", err)
	}
}
