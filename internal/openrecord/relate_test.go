package openrecord_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ribble/internal/access"
	"ribble/internal/audit"
	"ribble/internal/consent"
	"ribble/internal/fault"
	"ribble/internal/openrecord"
	"ribble/internal/oversight"
	"ribble/internal/record"
	"ribble/internal/register"
	"ribble/internal/relationship"
)

// says makes the registers say this.
func says(f access.Facts) func() (access.Facts, error) {
	return func() (access.Facts, error) { return f, nil }
}

func bothSources(w *world) sources {
	return sources{"a": source{w: w, feed: "a"}, "b": source{w: w, feed: "b"}}
}

// refusedFor opens the record and wants the rule's refusal, with nobody asked.
func refusedFor(t *testing.T, w *world, code string) {
	t.Helper()
	var refusal access.Refusal
	err := flow(t, w, bothSources(w)).Open(t.Context(), request(), &page{w: w})
	if !errors.As(err, &refusal) || refusal.Code() != code || w.events[0] != "trail refused" || strings.Contains(strings.Join(w.events, "|"), "asked") {
		t.Errorf("want %s: error %v, events %q", code, err, w.events)
	}
}

func TestWithoutARelationshipNobodyIsAsked(t *testing.T) {
	w := &world{about: says(access.Facts{})}
	refusedFor(t, w, access.NeedsRelationship)
}

func TestUnreadableRegistersShowNothing(t *testing.T) {
	broken := fault.Wrap(fault.Unavailable, register.Unreadable, errors.New("gone"))
	for name, open := range map[string]func(*openrecord.Flow, *page) error{
		"record": func(f *openrecord.Flow, p *page) error { return f.Open(t.Context(), request(), p) },
		"document": func(f *openrecord.Flow, _ *page) error {
			return f.OpenDocument(t.Context(), openrecord.DocumentRequest{Request: request(), Feed: "b"}, nil)
		},
		"relate": func(f *openrecord.Flow, _ *page) error { _, err := f.Relate(t.Context(), request()); return err },
		"poll": func(f *openrecord.Flow, _ *page) error {
			_, err := f.StillOpen(t.Context(), openrecord.Opened{Request: request()})
			return err
		},
	} {
		w := &world{about: func() (access.Facts, error) { return access.Facts{}, broken }}
		err := open(flow(t, w, bothSources(w)), &page{w: w})
		if fault.KindOf(err) != fault.Unavailable || !strings.Contains(fault.SafeText(err), "Nobody sees anything") || len(w.events) != 0 {
			t.Errorf("%s: error %v, events %q", name, err, w.events)
		}
	}
}

func TestOwnRecordIsRefusedAndAlerted(t *testing.T) {
	facts := caseload()
	facts.Watched.OwnRecord = true
	w := &world{about: says(facts)}
	refusedFor(t, w, "own-record")
	if !slices.Contains(w.events, "alert own-record for RAA") {
		t.Errorf("events %q", w.events)
	}
}

// TestAlertsComeBetweenIntentAndQuestion: whoever is on the list is opened with a reason, and only after the officer's alert is kept.
func TestAlertsComeBetweenIntentAndQuestion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		facts := caseload()
		facts.Watched.Listed = true
		facts.Relationships = append(facts.Relationships, relationship.Evidence{Kind: relationship.SelfClaimed, Organisation: "RAA", Reason: "treating"})
		w := &world{about: says(facts)}
		if err := flow(t, w, bothSources(w)).Open(t.Context(), request(), &page{w: w}); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(w.events[:2], []string{"trail intent", "alert " + string(oversight.Listed) + " for RAA"}) {
			t.Errorf("events %q", w.events)
		}
		w = &world{about: says(facts), failAlert: true}
		err := flow(t, w, bothSources(w)).Open(t.Context(), request(), &page{w: w})
		if fault.KindOf(err) != fault.Unavailable || !slices.Equal(w.events, []string{"trail intent", "trail finished"}) {
			t.Errorf("without an alert: error %v, events %q", err, w.events)
		}
	})
}

// TestAnObjectionClosesAPageThatStreams: the registers change while a source is awaited.
func TestAnObjectionClosesAPageThatStreams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		facts := caseload()
		w := &world{}
		began := time.Now()
		w.about = func() (access.Facts, error) {
			if time.Since(began) > 6*time.Second {
				facts.Consent = consent.Standing{{Organisation: "RAA", Sections: record.AllSections, Direction: consent.View, Stance: consent.Objected}}
			}
			return facts, nil
		}
		p := &page{w: w}
		f := flow(t, w, sources{"a": source{w: w, feed: "a"}, "b": source{w: w, feed: "b", delay: time.Hour}})
		f.Directory.Current().Feeds()[1].Deadline = time.Hour
		if err := f.Open(t.Context(), request(), p); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took > 15*time.Second || !p.halted || p.ended || w.events[len(w.events)-1] != "trail finished" {
			t.Errorf("after %s: halted %v, events %q", took, p.halted, w.events)
		}
	})
}

// TestAnOldNumberLeadsToTheRegistersOfTheNewOne: what the person has said is entered under the number that the trace gives.
func TestAnOldNumberLeadsToTheRegistersOfTheNewOne(t *testing.T) {
	q := request()
	old, err := record.ParseNHSNumber("9993581763")
	if err != nil {
		t.Fatal(err)
	}
	q.Number = old
	for of, opens := range map[record.NHSNumber]bool{number: true, old: false} {
		w := &world{known: map[record.NHSNumber]access.Facts{of: caseload()}}
		err := flow(t, w, bothSources(w)).Open(t.Context(), q, &page{w: w})
		var refusal access.Refusal
		if opens && err != nil || !opens && !errors.As(err, &refusal) {
			t.Errorf("with a relationship entered under the number of the trace: %v, %v", opens, err)
		}
	}
	grant, err := access.Decide(access.Request{User: q.User, Person: record.Person{NHSNumber: number, TracedAt: time.Now()}, Purpose: q.Purpose, Facts: caseload(), At: time.Now()})
	if open := openrecord.NewOpened(q, grant); err != nil || open.Number != number {
		t.Errorf("the page that stays open has the old number: %v", err)
	}
}

// TestStillOpen has what closes a page that is open: whatever a decision made now would not bear.
func TestStillOpen(t *testing.T) {
	launched := func(_ *access.Facts, o *openrecord.Opened) { o.Born = record.ParseDate("1942-03-03") }
	objection := func(d consent.Direction, organisation string, sections record.Sections) consent.Standing {
		return consent.Standing{{ID: "1", Organisation: organisation, Sections: sections, Direction: d, Stance: consent.Objected}}
	}
	for name, c := range map[string]struct {
		change func(*access.Facts, *openrecord.Opened)
		stands bool
	}{
		"as it was":           {func(*access.Facts, *openrecord.Opened) {}, true},
		"no relationship":     {func(f *access.Facts, _ *openrecord.Opened) { f.Relationships = nil }, false},
		"launched":            {func(f *access.Facts, o *openrecord.Opened) { f.Relationships = nil; launched(f, o) }, true},
		"a section closed":    {func(f *access.Facts, _ *openrecord.Opened) { f.Consent = objection(consent.View, "RAA", 1) }, false},
		"another's view":      {func(f *access.Facts, _ *openrecord.Opened) { f.Consent = objection(consent.View, "RBB", 1) }, true},
		"data held elsewhere": {func(f *access.Facts, _ *openrecord.Opened) { f.Consent = objection(consent.Supply, "RBB", 1) }, false},
		"heeded already": {func(f *access.Facts, o *openrecord.Opened) {
			f.Consent, o.Leave.Withheld = objection(consent.Supply, "RBB", 1), []string{"1"}
		}, true},
		"emergency access over":        {func(_ *access.Facts, o *openrecord.Opened) { o.Leave.Override = "o1" }, false},
		"a purpose that shows nothing": {func(_ *access.Facts, o *openrecord.Opened) { o.Purpose = access.RelationshipCheck }, false},
	} {
		facts, o := caseload(), openrecord.Opened{Request: request(), Leave: access.Leave{Sections: 1}}
		c.change(&facts, &o)
		w := &world{about: says(facts)}
		stands, err := flow(t, w, bothSources(w)).StillOpen(t.Context(), o)
		if err != nil || stands != c.stands || len(w.events) != 0 {
			t.Errorf("%s: stands %v, error %v, events %q", name, stands, err, w.events)
		}
	}
}

// contact makes a source answer with one contact as the test says.
func contact(phase record.Phase, day string) func(*record.Answer) {
	return func(a *record.Answer) {
		a.Source.Organisation.ODS = strings.ToUpper("r" + a.Source.Feed + a.Source.Feed)
		a.Chart = record.Chart{Encounters: []record.Encounter{{Head: record.Head{
			Key: record.ItemKey{Type: "Encounter", ID: "1"}, Phase: phase, When: record.On(record.ParseDate(day)),
		}}}}
		a.Coverage[record.Encounters].State = record.Data
	}
}

// TestRelateAsksTheOwnOrganisationOnly has what the own feed may say, and what follows from it.
func TestRelateAsksTheOwnOrganisationOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		recently := time.Now().AddDate(0, 0, -10).Format("2006-01-02")
		for name, c := range map[string]struct {
			alter func(*record.Answer)
			want  int
		}{
			"a contact":           {contact(record.Ended, recently), 1},
			"a contact long past": {contact(record.Ended, "1990-01-01"), 0},
			"cancelled":           {contact(record.NotDone, recently), 0},
			"somebody else": {func(a *record.Answer) {
				contact(record.Ended, recently)(a)
				a.Patients[0].Identifiers[0].Value = "9990646465"
			}, 0},
		} {
			w := &world{about: says(access.Facts{})}
			f := flow(t, w, sources{"a": source{w: w, feed: "a", alter: c.alter}, "b": source{w: w, feed: "b", alter: contact(record.Ended, recently)}})
			evidence, err := f.Relate(t.Context(), request())
			if err != nil || len(evidence) != c.want {
				t.Errorf("%s: evidence %+v, error %v", name, evidence, err)
			}
			all := strings.Join(w.events, "|")
			if !strings.HasPrefix(all, "trail intent|asked a|") || !strings.HasSuffix(all, "trail finished") || strings.Contains(all, "asked b") || strings.Contains(all, "disclosed") {
				t.Errorf("%s: events %s", name, all)
			}
			q := request()
			q.Evidence = evidence
			err = f.Open(t.Context(), q, &page{w: w})
			if opened := err == nil; opened != (c.want > 0) {
				t.Errorf("%s: opened %v: %v", name, opened, err)
			}
		}
	})
}

func TestRelateAsksNobodyWhenItKnows(t *testing.T) {
	for name, change := range map[string]func(*world, *openrecord.Request){
		"the caseload": func(*world, *openrecord.Request) {},
		"a launch": func(w *world, q *openrecord.Request) {
			w.about, q.Born = says(access.Facts{}), record.ParseDate("1942-03-03")
		},
		"an organisation shut out": func(w *world, _ *openrecord.Request) {
			w.about = says(access.Facts{Consent: consent.Standing{{Sections: record.AllSections, Direction: consent.View, Stance: consent.Objected}}})
		},
		"a role that opens nothing": func(w *world, q *openrecord.Request) { w.about, q.User.Role.Activities = says(access.Facts{}), nil },
	} {
		w, q := &world{}, request()
		change(w, &q)
		evidence, err := flow(t, w, bothSources(w)).Relate(t.Context(), q)
		if err != nil || len(evidence) != 0 || len(w.events) != 0 {
			t.Errorf("%s: evidence %v, error %v, events %q", name, evidence, err, w.events)
		}
	}
}

// TestACheckShowsNothing: the purpose of a relationship check opens no record, whoever asks with it.
func TestACheckShowsNothing(t *testing.T) {
	w, q := &world{}, request()
	q.Purpose = access.RelationshipCheck
	var refusal access.Refusal
	if err := flow(t, w, bothSources(w)).Open(t.Context(), q, &page{w: w}); !errors.As(err, &refusal) || refusal.Code() != "purpose" {
		t.Errorf("error %v", err)
	}
	grant, err := access.Decide(access.Request{
		User: q.User, Person: record.Person{NHSNumber: number, TracedAt: time.Now()}, Purpose: access.RelationshipCheck, At: time.Now(),
	})
	if err != nil || grant.Sections() != record.SectionsOf(record.Encounters, record.Appointments, record.Referrals) {
		t.Fatalf("sections %b, error %v", grant.Sections(), err)
	}
	trail := flow(t, w, nil).Trail
	receipt, err := trail.Begin(t.Context(), grant, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := trail.Disclose(t.Context(), receipt, audit.Disclosure{Sections: record.SectionsOf(record.Encounters)}); !errors.Is(err, audit.ErrBeyond) {
		t.Errorf("what a check found was disclosed: %v", err)
	}
}

// BenchmarkDecide is what the rules cost once the registers are read.
func BenchmarkDecide(b *testing.B) {
	facts := caseload()
	facts.Consent = consent.Standing{{Organisation: "RBB", Sections: record.SectionsOf(record.Results), Direction: consent.Supply, Stance: consent.Objected}}
	w := &world{about: says(facts)}
	f := flow(b, w, nil)
	q := openrecord.Opened{Request: request()}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := f.StillOpen(b.Context(), q); err != nil {
			b.Fatal(err)
		}
	}
}
