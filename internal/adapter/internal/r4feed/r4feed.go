// Package r4feed asks one FHIR R4 feed for a person's record: the person and each resource type, all in one request, in two or each in its own, then what those refer to.
package r4feed

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"sync/atomic"
	"time"

	"ribble/internal/adapter/internal/fhirrest"
	"ribble/internal/adapter/internal/r4"
	"ribble/internal/adapter/internal/r4map"
	"ribble/internal/outbound"
	"ribble/internal/record"
)

// Search is one row of a fetch plan: a resource type, asked once, and the sections that it feeds.
type Search struct {
	Type  string
	Feeds record.Sections
	// Params are added to the patient; they ask for includes, never for a status (HAZ 100).
	Params url.Values
	// Within bounds the search to the last days, by the named date parameter; a bounded search says so.
	Within int
	Since  string
	// escaped are the parameters as every view asks with them.
	escaped string
}

// Config is what a feed's agreement says about it.
type Config struct {
	Ref      record.SourceRef
	Supplies record.Sections
	Client   *outbound.Client
	// SearchByGet is for servers without POST _search: the patient's id then stands in addresses.
	SearchByGet bool
	// Batch is for servers that take several searches in one request (FHIR R4 3.1.0.11); one that declines is asked one by one.
	Batch bool
	// Chained is for servers that take in such a batch searches which name the person by NHS number (FHIR R4 3.1.1.5.4): the person and everything
	// else are then asked for in one request. It does nothing without Batch; a server that declines is asked for the person first.
	Chained bool
	// Header gives what the agreement asks for on every request; it may be nil.
	Header func(record.Ask) http.Header
	// Declared says what a resource type is used for at this feed where it could be more than one thing.
	Declared map[string]record.Section
	// Log hears why a feed is asked otherwise than agreed; it may be nil.
	Log *slog.Logger
}

// Feed is one FHIR R4 feed with its plan. It is safe for concurrent use.
type Feed struct {
	cfg    Config
	plan   []Search
	server *fhirrest.Server
	now    func() time.Time
	places places
	// asking is what was asked for last.
	asking atomic.Pointer[asking]
}

// New makes a feed.
func New(cfg Config, plan []Search) *Feed {
	if cfg.Log != nil {
		cfg.Log = cfg.Log.With("feed", cfg.Ref.Feed)
	}
	server := fhirrest.New(cfg.Client, fhirrest.Options{UseGET: cfg.SearchByGet, Batch: cfg.Batch, Header: cfg.Header, Log: cfg.Log})
	plan = slices.Clone(plan)
	for i := range plan {
		if len(plan[i].Params) > 0 {
			plan[i].escaped = plan[i].Params.Encode()
		}
	}
	return &Feed{cfg: cfg, plan: plan, server: server, now: time.Now, places: newPlaces(cfg.Client.MaxConns())}
}

// Ref names the source; it carries no time of retrieval.
func (f *Feed) Ref() record.SourceRef { return f.cfg.Ref }

// Supplies is the set of sections that the agreement lists.
func (f *Feed) Supplies() record.Sections { return f.cfg.Supplies }

// Document opens an attachment of an answer of this feed.
func (f *Feed) Document(ctx context.Context, ask record.Ask, a record.Attachment) (record.DocumentBody, error) {
	return f.server.Session(ask).Document(ctx, a)
}

// Ask asks for the sections that are wanted and supplied. It never fails: what goes wrong is a state of the answer.
func (f *Feed) Ask(ctx context.Context, ask record.Ask) record.Answer {
	started := f.now()
	if ask.At.IsZero() {
		ask.At = started
	}
	asked := ask.Sections & f.cfg.Supplies
	if asked == 0 {
		return record.Failed(f.cfg.Ref, asked, record.NotAsked, record.NotSupplied)
	}
	answer := f.answer(ctx, ask, asked)
	answer.Took = f.now().Sub(started)
	return *answer
}

// answer is made in one place and handed on by its address: it is large, and each copy of it would make the stack of the asking grow.
func (f *Feed) answer(ctx context.Context, ask record.Ask, asked record.Sections) *record.Answer {
	v := &view{
		feed: f, session: f.server.Session(ask), ask: ask, asked: asked, place: place{of: &f.places}, set: r4map.NewSet(),
		answer: record.Answer{Source: f.cfg.Ref, State: record.Data},
	}
	defer v.place.leave()
	// Whatever is decoded is kept until the answer is made of it.
	ctx, leave := outbound.Hold(ctx)
	defer leave()
	if !f.cfg.Batch || !f.cfg.Chained || !v.together(ctx) {
		v.inTurn(ctx)
	}
	ask.Kept(ctx, &v.answer)
	return &v.answer
}

// together asks for the person and for everything else in one request, and reports whether the server takes that.
func (v *view) together(ctx context.Context) bool {
	if err := v.place.ask(ctx); err != nil {
		v.refuse(tooLate, fhirrest.Result{}, nil)
		return true
	}
	// The answer that comes of it holds nothing of the pages but texts and codings.
	defer v.session.Borrow()()
	asking := v.asking()
	all, ok := v.session.Together(ctx, asking.queries, v.place.read)
	if !ok {
		return false
	}
	failure := v.identify(all.Who)
	if failure.State == record.NotKnownHere && all.Holds() {
		failure = fhirrest.Failure{State: record.Mismatch, Detail: "It found nobody with this NHS number and sent entries all the same."}
	}
	if failure.State != 0 {
		v.refuse(failure, all.Who, all.Beside())
		return true
	}
	v.read(ctx, all.Who, asking.searches, all.Rest(ctx, v.patient.ID))
	return true
}

// inTurn asks for the person and, only when it has found the right one, for everything else.
func (v *view) inTurn(ctx context.Context) {
	who := v.session.Person(ctx)
	if failure := v.identify(who); failure.State != 0 {
		v.refuse(failure, who, nil)
		return
	}
	if err := v.place.read(ctx); err != nil {
		v.refuse(tooLate, who, nil)
		return
	}
	// As above.
	defer v.session.Borrow()()
	asking := v.asking()
	v.read(ctx, who, asking.searches, v.session.SearchAll(ctx, asking.queries, fhirrest.Patient(v.patient.ID)))
}

var tooLate = fhirrest.Failure{State: record.Unavailable, Detail: "It did not answer in time."}

// identify takes the person whom the source found, or says why nothing of its answer may be used.
func (v *view) identify(who fhirrest.Result) fhirrest.Failure {
	v.answer.Source.RetrievedAt = v.feed.now()
	if who.Failure.State != 0 {
		return who.Failure
	}
	patients := fhirrest.Patients(who.Pages)
	if failure := identified(patients, v.ask.Person); failure.State != 0 {
		return failure
	}
	v.patient = patients[0]
	return fhirrest.Failure{}
}

// refuse makes the answer one of which nothing is used. What came beside the person is accounted for and goes with it.
func (v *view) refuse(f fhirrest.Failure, who fhirrest.Result, beside []*r4.Bundle) {
	a := &v.answer
	*a = record.Failed(a.Source, v.asked, f.State, f.Detail)
	patients := fhirrest.Patients(who.Pages)
	a.Warnings, a.Patients = who.Words, demographics(patients)
	for range patients {
		a.Account.Receive("Patient")
		a.Account.Place("Patient", record.Quarantined)
	}
	for _, page := range beside {
		for i := range page.Entry {
			if r := page.Entry[i].Resource.Resource; r != nil {
				a.Account.Receive(r.Head().ResourceType)
				a.Account.Place(r.Head().ResourceType, record.Quarantined)
			}
		}
	}
}

func demographics(patients []*r4.Patient) []record.Demographics {
	var out []record.Demographics
	for _, p := range patients {
		out = append(out, p.Demographics())
	}
	return out
}

// identified stops before anything clinical is asked for under the id of a patient who may be somebody else, or is read of what came with one
// (section 26). The full comparison of details comes after the answer; this one is about what may be asked, or looked at, at all.
func identified(patients []*r4.Patient, person record.Person) fhirrest.Failure {
	if len(patients) != 1 {
		return fhirrest.Failure{State: record.Mismatch, Detail: "It returned more than one person for this NHS number."}
	}
	for _, id := range patients[0].Identifier {
		if id.System != record.NHSNumberSystem {
			continue
		}
		n, err := record.ParseNHSNumber(id.Value)
		if err == nil && (n == person.NHSNumber || contains(person.Superseded, n)) {
			if !plainID(patients[0].ID) {
				return fhirrest.Failure{State: record.Unavailable, Detail: "Its answer could not be read."}
			}
			return fhirrest.Failure{}
		}
	}
	return fhirrest.Failure{State: record.Mismatch, Detail: "It returned a person who is not identified by this NHS number."}
}

func contains(list []record.NHSNumber, n record.NHSNumber) bool {
	for _, x := range list {
		if x == n {
			return true
		}
	}
	return false
}

// plainID reports a FHIR id (FHIR R4 2.24.0.1): only such a one is sent back in a search.
func plainID(id string) bool {
	if id == "" || len(id) > 64 {
		return false
	}
	for _, c := range id {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '.' && c != '_' {
			return false
		}
	}
	return true
}
