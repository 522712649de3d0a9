// Package gpconnect asks a GP practice for a person's record and documents: GP Connect Access Record Structured 1.6 and Access Document (FHIR STU3).
package gpconnect

import (
	"context"
	"net/http"
	"sync"
	"time"

	"ribble/internal/adapter/internal/fhirjson"
	"ribble/internal/adapter/internal/requestid"
	"ribble/internal/adapter/internal/stu3"
	"ribble/internal/outbound"
	"ribble/internal/record"
)

// supplies are the sections that GP Connect fills. Alerts, plans and history are not among them, because their absence says nothing:
// practices do not share their warnings (HAZ 31), and what is coded among other entries is cross-listed.
var supplies = record.SectionsOf(
	record.Allergies, record.Medicines, record.Problems, record.Results, record.Imaging, record.Measurements, record.Consultations,
	record.Appointments, record.Referrals, record.Immunisations, record.Documents, record.Network, record.Other,
)

// maxTraceAge is how old a trace may be: an older one blocks the question (GEN-06).
const maxTraceAge = 24 * time.Hour

// Directory knows where a practice is asked.
type Directory interface {
	// Practice gives the endpoint at which the practice with the ODS code answers the interaction.
	Practice(ctx context.Context, ods, interaction string) (Endpoint, error)
}

// Client sends a request and gives the whole answer, as outbound.Client does.
type Client interface {
	Do(ctx context.Context, req *http.Request) (*outbound.Answer, error)
}

// Config is what a Source needs. Every field is required.
type Config struct {
	// Ref says which feed of which practice this is.
	Ref       record.SourceRef
	Directory Directory
	Transport Transport
	Client    Client
}

// Source is one GP practice. It is safe for concurrent use.
type Source struct{ cfg Config }

// New makes the source; nothing is asked yet.
func New(cfg Config) *Source { return &Source{cfg} }

// Ref says which feed of which practice this is.
func (s *Source) Ref() record.SourceRef { return s.cfg.Ref }

// Supplies are the sections GP Connect fills.
func (s *Source) Supplies() record.Sections { return supplies }

// Ask asks the practice about the person. It never fails: whatever happens is an Answer with a state and words.
func (s *Source) Ask(ctx context.Context, ask record.Ask) (answer record.Answer) {
	started := time.Now()
	asked := ask.Sections & supplies
	source := s.cfg.Ref
	defer func() {
		if recover() != nil {
			answer = record.Failed(source, asked, ourFault.state, ourFault.detail)
		}
		answer.Took = time.Since(started)
	}()
	if asked == 0 {
		return record.Failed(source, asked, record.NotAsked, "Nothing that it supplies was wanted.")
	}
	if reason := s.blocked(ask); reason != "" {
		return record.Failed(source, asked, record.NotAsked, reason)
	}
	// Whatever is decoded is kept until the answer is made of it.
	ctx, leave := outbound.Hold(ctx)
	defer leave()
	replies := s.askAll(ctx, ask, asked)
	source.RetrievedAt = time.Now()
	answer = compile(source, ask, asked, replies)
	ask.Kept(ctx, &answer)
	return answer
}

// blocked is why the practice must not be asked at all (GEN-06, GEN-08, GEN-09).
func (s *Source) blocked(ask record.Ask) string {
	person, at := &ask.Person, ask.At
	if at.IsZero() {
		at = time.Now()
	}
	switch {
	case person.Restricted:
		return "The person's details are restricted."
	case person.Deceased.Recorded:
		return "The person is recorded as having died."
	case person.Practice.ODS == "":
		return "No registered GP practice is known for the person."
	case person.Practice.ODS != s.cfg.Ref.Organisation.ODS:
		return "It is not the person's registered GP practice."
	case person.TracedAt.IsZero() || at.Sub(person.TracedAt) > maxTraceAge:
		return "The person's details were last checked nationally more than 24 hours ago. Find the person again."
	}
	return ""
}

// reply is the end of one call: a bundle or a failure. A call that was not made has neither.
type reply struct {
	bundle *stu3.Bundle
	failed *failure
}

// replies are the ends of the calls of one view.
type replies struct {
	// wanted are the areas that were asked for in the whole-record call.
	wanted                []area
	whole, given, patient reply
	documents             reply
}

// askAll makes the calls of section 24 at the same time.
func (s *Source) askAll(ctx context.Context, ask record.Ask, asked record.Sections) *replies {
	out := &replies{wanted: areasFor(asked)}
	var wait sync.WaitGroup
	wait.Go(guard(&out.whole, func() { out.whole = s.structured(ctx, ask, wholeRecord(out.wanted)) }))
	if asked.Has(record.Immunisations) {
		wait.Go(guard(&out.given, func() { out.given = s.structured(ctx, ask, vaccinations()) }))
	}
	if asked.Has(record.Documents) {
		wait.Go(guard(&out.documents, func() { out.patient, out.documents = s.findDocuments(ctx, ask) }))
	}
	wait.Wait()
	return out
}

// guard keeps a panic of one call from ending the process: it becomes that call's failure.
func guard(r *reply, call func()) func() {
	return func() {
		defer func() {
			if recover() != nil {
				*r = reply{failed: ourFault}
			}
		}()
		call()
	}
}

// structured makes one call of $gpc.getstructuredrecord. Its answer must carry the id of the request (S27).
func (s *Source) structured(ctx context.Context, ask record.Ask, include []parameter) reply {
	text, err := body(ask.Person.NHSNumber, include)
	if err != nil {
		return reply{failed: ourFault}
	}
	call := Call{
		Method: http.MethodPost, Path: "Patient/$gpc.getstructuredrecord", Interaction: structuredInteraction,
		Trace: requestid.New(), Body: text, By: ask.Requester, View: ask.ID,
	}
	out := s.send(ctx, call, ask.Person.Practice.ODS)
	if out.failed == nil {
		out.failed = checkTrace(out.bundle.ID, call.Trace)
	}
	return out
}

// send makes a call and decodes its answer, once.
func (s *Source) send(ctx context.Context, call Call, ods string) reply {
	to, err := s.cfg.Directory.Practice(ctx, ods, service(call.Interaction))
	if err != nil {
		return reply{failed: noAddress}
	}
	entity, failed := s.fetch(ctx, call, to)
	if failed != nil {
		return reply{failed: failed}
	}
	switch e := entity.(type) {
	case *stu3.Bundle:
		return reply{bundle: e}
	case *stu3.OperationOutcome:
		return reply{failed: ofStatus(http.StatusOK, e)}
	}
	return reply{failed: notFHIR}
}

func (s *Source) fetch(ctx context.Context, call Call, to Endpoint) (stu3.Entity, *failure) {
	req, err := s.cfg.Transport.Prepare(ctx, call, to)
	if err != nil {
		return nil, ofError(err)
	}
	answer, err := s.cfg.Client.Do(ctx, req)
	if err != nil {
		return nil, ofError(err)
	}
	defer answer.Release()
	var resource stu3.Resource
	err = fhirjson.Decode(answer.Body, &resource)
	if answer.Status != http.StatusOK {
		outcome, _ := resource.Entity.(*stu3.OperationOutcome)
		if err != nil {
			outcome = nil
		}
		return nil, ofStatus(answer.Status, outcome)
	}
	if err != nil {
		return nil, notFHIR
	}
	if bundle, ok := resource.Entity.(*stu3.Bundle); ok {
		if err := outbound.Weigh(ctx, len(bundle.Entry)); err != nil {
			return nil, ofError(err)
		}
	}
	return resource.Entity, nil
}

// Services are the interactions under which a practice's endpoints are looked up: for whoever looks them up before they are needed.
var Services = []string{structuredInteraction, findDocumentInteraction}

// service is the interaction under which the directory lists the endpoint of a call: all of Access Document has one service root.
func service(interaction string) string {
	if interaction == structuredInteraction {
		return interaction
	}
	return findDocumentInteraction
}
