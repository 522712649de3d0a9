package openrecord_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ribble/internal/access"
	"ribble/internal/audit"
	"ribble/internal/directory"
	"ribble/internal/fanout"
	"ribble/internal/identity"
	"ribble/internal/locator"
	"ribble/internal/openrecord"
	"ribble/internal/oversight"
	"ribble/internal/record"
	"ribble/internal/relationship"
	"ribble/internal/section"
)

// world writes down, in order, everything that happens around one look: what the trail got, who was asked, what left for the browser.
type world struct {
	mu     sync.Mutex
	events []string
	// failAct makes the trail refuse events of one act.
	failAct audit.Act
	// about are the registers as they stand; nil is a person on the caseload of RAA. failAlert makes the board of alerts fail.
	about     func() (access.Facts, error)
	failAlert bool
	// known, where it is set, are the registers of several numbers.
	known map[record.NHSNumber]access.Facts
}

func (w *world) About(_ context.Context, n record.NHSNumber, _ identity.User) (access.Facts, error) {
	if w.known != nil {
		return w.known[n], nil
	}
	if w.about != nil {
		return w.about()
	}
	return caseload(), nil
}

func (w *world) Raise(_ context.Context, alerts ...oversight.Alert) error {
	if w.failAlert {
		return errors.New("the board is down")
	}
	for _, a := range alerts {
		w.note("alert " + string(a.Kind) + " for " + a.Organisation)
	}
	return nil
}

func caseload() access.Facts {
	return access.Facts{Relationships: []relationship.Evidence{{Kind: relationship.Caseload, Organisation: "RAA"}}, OfficerNamed: true}
}

func (w *world) note(s string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, s)
}

func (w *world) Append(_ context.Context, e audit.Entry) (audit.Position, error) {
	if e.Act == w.failAct {
		return audit.Position{}, audit.ErrNotWritten
	}
	w.note("trail " + string(e.Act))
	return audit.Position{Sequence: 1}, nil
}

var number, _ = record.ParseNHSNumber("9991411690")

func (w *world) Trace(context.Context, record.NHSNumber, record.Requester) (record.Person, error) {
	return record.Person{NHSNumber: number, TracedAt: time.Now(), Demographics: patient()}, nil
}

func patient() record.Demographics {
	return record.Demographics{
		Identifiers: []record.Identifier{{System: record.NHSNumberSystem, Value: number.Digits()}}, NumberStatus: "01",
		Names: []record.Name{{Use: "usual", Family: "Ashworth", Given: []string{"Edith"}}}, Born: record.ParseDate("1942-03-03"), Gender: "female",
	}
}

// source answers after a delay with one allergy.
type source struct {
	w     *world
	feed  string
	delay time.Duration
	alter func(*record.Answer)
}

func (s source) Ask(ctx context.Context, ask record.Ask) record.Answer {
	s.w.note("asked " + s.feed)
	select {
	case <-ctx.Done():
		return record.Failed(record.SourceRef{Feed: s.feed}, ask.Sections, record.Unavailable, "gave up")
	case <-time.After(s.delay):
	}
	a := record.Answer{Source: record.SourceRef{Feed: s.feed, Organisation: record.Organisation{ODS: s.feed, Name: s.feed, Short: s.feed}}, State: record.Data, Patients: []record.Demographics{patient()}}
	a.Chart.Allergies = []record.Allergy{{Head: record.Head{Key: record.ItemKey{Type: "AllergyIntolerance", ID: "1"}, Phase: record.Current}, Agent: record.Words("Penicillin as " + s.feed + " says")}}
	a.Account.Receive("AllergyIntolerance")
	a.Account.Place("AllergyIntolerance", record.Shown)
	a.Settle(ask.Sections)
	if s.alter != nil {
		s.alter(&a)
	}
	return a
}

type sources map[string]fanout.Source

func (s sources) Source(c locator.Candidate) fanout.Source { return s[c.Feed.ID] }

// page is a browser that writes down what it gets.
type page struct {
	w       *world
	halted  bool
	ended   bool
	parts   []openrecord.Part
	leaveAt int
	// headless makes the head of the page fail.
	headless bool
}

func (p *page) Shell(r audit.Receipt, _ *section.View) error {
	if p.headless {
		return errors.New("the head cannot be drawn")
	}
	if !r.Valid() {
		return errors.New("a shell without a receipt")
	}
	p.w.note("shell")
	return nil
}

func (p *page) Render(part openrecord.Part) ([]byte, error) {
	p.parts = append(p.parts, part)
	var b strings.Builder
	for s := range part.Sections.All {
		for _, a := range part.View.Answers {
			a.Answer().Chart.Heads(s, func(h *record.Head) { b.WriteString(s.ID() + " of " + h.Source.Feed + "; ") })
		}
	}
	return []byte(b.String()), nil
}

func (p *page) Send(d audit.Disclosed, part openrecord.Part, b []byte) error {
	for s := range (part.Tells() | part.Sections).All {
		if !d.Covers(part.Receipt, s) {
			return errors.New("a part without its proof")
		}
	}
	if p.leaveAt > 0 && len(p.parts) >= p.leaveAt {
		return errors.New("the browser is gone")
	}
	p.w.note("sent " + string(b))
	return nil
}

func (p *page) Halt(audit.Ending) { p.halted = true; p.w.note("halt") }
func (p *page) End() error        { p.ended = true; return nil }

const directoryFile = `{"organisations":[{"ods":"RAA","name":"A Trust","short":"A","badge":"A","kind":"acute"},{"ods":"RBB","name":"B Trust","short":"B","badge":"B","kind":"acute"}],
"agreements":[{"id":"isa","title":"Agreement","from":"1999-01-01","until":"2099-12-31","parties":["RAA","RBB"],"flows":[{"id":"f","sections":["allergies","results","encounters","documents"]}]}],
"feeds":[{"id":"a","organisation":"RAA","protocol":"fhirr4","endpoint":"https://127.0.0.1:9001/a","sections":["allergies","results","encounters"],"stage":"live","agreement":"isa","flow":"f","allow_cidr":["127.0.0.0/8"]},
{"id":"b","organisation":"RBB","protocol":"fhirr4","endpoint":"https://127.0.0.1:9002/b","sections":["allergies","documents"],"stage":"live","agreement":"isa","flow":"f","allow_cidr":["127.0.0.0/8"]}],"spine":{}}`

func flow(t testing.TB, w *world, s sources) *openrecord.Flow {
	t.Helper()
	snapshot, err := directory.Load(strings.NewReader(directoryFile))
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	return &openrecord.Flow{
		Tracer: w, Registers: w, Alerts: w, Trail: audit.NewTrail(w, audit.GenerateKeys(), time.Now), Directory: directory.NewHolder(snapshot), Sources: s, Asker: fanout.Asker{Log: log},
		Log: log, Now: time.Now, Soft: 1500 * time.Millisecond,
	}
}

func request() openrecord.Request {
	return openrecord.Request{
		User:   identity.User{Issuer: "i", Subject: "s", Name: "N", AssuranceLevel: 3, Role: identity.Role{ProfileID: "1", Activities: []string{"B0360"}}, Organisation: identity.Organisation{ODS: "RAA"}},
		Number: number, Purpose: access.DirectCare,
	}
}

func TestStepsComeInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{}
		p := &page{w: w}
		f := flow(t, w, sources{"a": source{w: w, feed: "a", delay: 100 * time.Millisecond}, "b": source{w: w, feed: "b", delay: 300 * time.Millisecond}})
		if err := f.Open(t.Context(), request(), p); err != nil {
			t.Fatal(err)
		}
		at := func(s string) int {
			return slices.IndexFunc(w.events, func(e string) bool { return strings.HasPrefix(e, s) })
		}
		if at("trail intent") != 0 || at("trail intent") > at("asked a") || at("trail intent") > at("shell") {
			t.Errorf("somebody was asked, or something shown, before the intent was written down: %q", w.events)
		}
		for i, e := range w.events {
			if strings.HasPrefix(e, "sent") && w.events[i-1] != "trail disclosed" {
				t.Errorf("a part left without its disclosure just before: %q", w.events)
			}
		}
		if w.events[len(w.events)-1] != "trail finished" || !p.ended {
			t.Errorf("the look did not finish: %q", w.events)
		}
		if final := p.parts[0].Sections; !final.Has(record.Results) || final.Has(record.Allergies) {
			t.Errorf("after the first source the sections are %b: only those that it alone feeds may be final", final)
		}
	})
}

func TestNoIntentNoQuestion(t *testing.T) {
	w := &world{failAct: audit.ActIntent}
	p := &page{w: w}
	err := flow(t, w, sources{"a": source{w: w, feed: "a"}, "b": source{w: w, feed: "b"}}).Open(t.Context(), request(), p)
	if err == nil || len(w.events) != 0 {
		t.Errorf("error %v, events %q: nobody may be asked and nothing shown", err, w.events)
	}
}

func TestNoDisclosureNoBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{failAct: audit.ActDisclosed}
		p := &page{w: w}
		if err := flow(t, w, sources{"a": source{w: w, feed: "a"}, "b": source{w: w, feed: "b"}}).Open(t.Context(), request(), p); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		for _, e := range w.events {
			if strings.HasPrefix(e, "sent") {
				t.Errorf("bytes left though they could not be written down: %q", w.events)
			}
		}
		if !p.halted || p.ended {
			t.Error("the page does not say that it stopped")
		}
	})
}

// A page of which not even the head can be drawn must not end as an empty one: whoever serves it is told.
func TestNoHeadIsNoPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{}
		err := flow(t, w, bothSources(w)).Open(t.Context(), request(), &page{w: w, headless: true})
		synctest.Wait()
		if err == nil || !slices.Contains(w.events, "trail finished") || slices.ContainsFunc(w.events, func(e string) bool { return strings.HasPrefix(e, "sent") }) {
			t.Errorf("error %v, events %q", err, w.events)
		}
	})
}

func TestSlowSourceMakesListProvisionalThenFinal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{}
		p := &page{w: w}
		f := flow(t, w, sources{"a": source{w: w, feed: "a", delay: 100 * time.Millisecond}, "b": source{w: w, feed: "b", delay: 4 * time.Second}})
		if err := f.Open(t.Context(), request(), p); err != nil {
			t.Fatal(err)
		}
		var provisional, final int
		for i, part := range p.parts {
			if !part.Sections.Has(record.Allergies) {
				continue
			}
			if len(part.View.Waiting) > 0 {
				provisional = i + 1
			} else {
				final = i + 1
				if part.Late(record.Allergies)["b"] != 1 || part.Rendering(record.Allergies) != 2 {
					t.Error("the late source is not marked as late")
				}
			}
		}
		if provisional == 0 || final <= provisional {
			t.Errorf("provisional part %d, final part %d", provisional, final)
		}
	})
}

// TestWhatNobodyAskedForIsShownToo: a source that sends entries for a section it was not asked for, after that section was sent as final, has them
// on the page all the same.
func TestWhatNobodyAskedForIsShownToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{}
		p := &page{w: w}
		unasked := func(a *record.Answer) {
			a.Chart.Results = []record.Report{{Head: record.Head{Key: record.ItemKey{Type: "DiagnosticReport", ID: "1"}, Source: &a.Source, CrossListed: true}}}
			a.Coverage[record.Results] = record.Coverage{State: record.Data}
		}
		f := flow(t, w, sources{"a": source{w: w, feed: "a"}, "b": source{w: w, feed: "b", delay: time.Second, alter: unasked}})
		if err := f.Open(t.Context(), request(), p); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(strings.Join(w.events, "|"), "results of b") {
			t.Errorf("an entry that came is not on the page: %q", w.events)
		}
	})
}

// TestWrongPersonReachesWhatNobodyAskedFor: the same entries in an answer about somebody else are not shown, but the section that was sent as
// final is sent again to say so.
func TestWrongPersonReachesWhatNobodyAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{}
		p := &page{w: w}
		wrong := func(a *record.Answer) {
			a.Patients[0].Identifiers[0].Value = "9990646465"
			a.Chart.Results = []record.Report{{Head: record.Head{Key: record.ItemKey{Type: "DiagnosticReport", ID: "1"}, Source: &a.Source, CrossListed: true}}}
			a.Coverage[record.Results] = record.Coverage{State: record.Data}
		}
		f := flow(t, w, sources{"a": source{w: w, feed: "a"}, "b": source{w: w, feed: "b", delay: time.Second, alter: wrong}})
		if err := f.Open(t.Context(), request(), p); err != nil {
			t.Fatal(err)
		}
		last := p.parts[len(p.parts)-1]
		if !last.Sections.Has(record.Results) || strings.Contains(strings.Join(w.events, "|"), "results of b") {
			t.Errorf("sections %b were sent last; events %q", last.Sections, w.events)
		}
	})
}

// TestTheViewsTimeBoundsEverySource: whatever a feed's own entry allows, the settings end the wait.
func TestTheViewsTimeBoundsEverySource(t *testing.T) {
	for name, limit := range map[string]func(*openrecord.Flow){
		"source": func(f *openrecord.Flow) { f.Source = 3 * time.Second },
		"view":   func(f *openrecord.Flow) { f.View = 3 * time.Second },
	} {
		synctest.Test(t, func(t *testing.T) {
			w := &world{}
			p := &page{w: w}
			f := flow(t, w, sources{"a": source{w: w, feed: "a"}, "b": source{w: w, feed: "b", delay: time.Hour}})
			limit(f)
			began := time.Now()
			if err := f.Open(t.Context(), request(), p); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(began); took != 3*time.Second || !p.ended {
				t.Errorf("%s: ended %v after %s", name, p.ended, took)
			}
		})
	}
}

func TestAnswerAboutSomebodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{}
		p := &page{w: w}
		wrong := source{w: w, feed: "b", alter: func(a *record.Answer) { a.Patients[0].Identifiers[0].Value = "9990646465" }}
		if err := flow(t, w, sources{"a": source{w: w, feed: "a"}, "b": wrong}).Open(t.Context(), request(), p); err != nil {
			t.Fatal(err)
		}
		all := strings.Join(w.events, "\n")
		if strings.Contains(all, "of b;") || !strings.Contains(all, "of a;") || !strings.Contains(all, "trail mismatch-found") {
			t.Errorf("events:\n%s", all)
		}
	})
}

func TestRefusalIsWrittenDownAndAsksNobody(t *testing.T) {
	w := &world{}
	q := request()
	q.User.Role.Activities = nil
	err := flow(t, w, sources{"a": source{w: w, feed: "a"}, "b": source{w: w, feed: "b"}}).Open(t.Context(), q, &page{w: w})
	var refusal access.Refusal
	if !errors.As(err, &refusal) || !slices.Equal(w.events, []string{"trail refused"}) {
		t.Errorf("error %v, events %q", err, w.events)
	}
}

func TestBrowserGoneStillFinishes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{}
		f := flow(t, w, sources{"a": source{w: w, feed: "a"}, "b": source{w: w, feed: "b", delay: time.Second}})
		if err := f.Open(t.Context(), request(), &page{w: w, leaveAt: 2}); err != nil {
			t.Fatal(err)
		}
		if w.events[len(w.events)-1] != "trail finished" {
			t.Errorf("events %q", w.events)
		}
	})
}
