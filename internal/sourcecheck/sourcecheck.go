// Package sourcecheck tries a source as it really is, over the portal's own adapters and connections, and reports in words that its supplier can act on.
package sourcecheck

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ribble/internal/access"
	"ribble/internal/audit"
	"ribble/internal/fanout"
	"ribble/internal/identity"
	"ribble/internal/outbound"
	"ribble/internal/record"
)

// Tracer reads the national demographics of one person.
type Tracer interface {
	Trace(ctx context.Context, number record.NHSNumber, by record.Requester) (record.Person, error)
}

// Feed is the feed to be tried.
type Feed struct {
	ID           string
	Organisation record.Organisation
	// Protocol is the directory's word for it, GPConnect whether it is that of GP practices.
	Protocol  string
	GPConnect bool
	Sections  record.Sections
	Deadline  time.Duration
	// Directory is the version of the directory in which the feed's entry was read, for the audit trail.
	Directory int64
	// Approved gives what is approved for the feed: its address, networks, authority and our certificate towards it. The error says in words why
	// there is no address.
	Approved func(context.Context) (outbound.Config, error)
	// Source asks the feed through its adapter, over connections of its own that the pages do not share: a check must neither profit nor suffer
	// from them. Seen hears of each of its requests.
	Source fanout.Source
	Seen   *Exchanges
}

// Checker runs connection checks. Trail, Tracer, Asker and Now must be given.
type Checker struct {
	Trail    *audit.Trail
	Tracer   Tracer
	Asker    fanout.Asker
	Profiles *access.Profiles
	Now      func() time.Time
	// Asks is how often a known test person is asked for to measure times; 0 means DefaultAsks.
	Asks int
}

// DefaultAsks is how often a known test person is asked for to measure times.
const DefaultAsks = 10

// By is who runs a check. Operator says that it is no user but whoever is at the portal's own machine, or the portal itself at night.
type By struct {
	User     identity.User
	Operator bool
}

// errNobody: no check is made without an audited look, and no look without somebody.
var errNobody = errors.New("running a connection check for nobody")

// Run tries the feed. Everything that the source does is in the report; the error is about this portal alone: an access.Refusal, or a trail that
// cannot be written, and then there is no report.
func (c Checker) Run(ctx context.Context, feed Feed, by By, people []TestPerson) (Report, error) {
	if by.User.IsZero() {
		return Report{}, errNobody
	}
	r := &run{Checker: c, feed: feed, by: by, people: forFeed(people, feed.ID), began: c.Now()}
	if r.Asks <= 0 {
		r.Asks = DefaultAsks
	}
	r.report = Report{Feed: feed.ID, Organisation: feed.Organisation.Name, Protocol: feed.Protocol, Began: r.began.UTC(), By: by.User.Name}
	for _, t := range titles {
		r.report.Checks = append(r.report.Checks, Check{ID: t.id, Title: t.title, Result: NotTried, Seen: t.needs})
	}
	if r.connect(ctx) {
		if err := r.meet(ctx); err != nil {
			return Report{}, fmt.Errorf("checking the connection: %w", err)
		}
	}
	r.report.TookMS = c.Now().Sub(r.began).Milliseconds()
	return r.report, nil
}

// The ids of the checks, in the order of the report.
const (
	address        = "address"
	tlsVersion     = "tls"
	certificate    = "certificate"
	ourCertificate = "our-certificate"
	noCertificate  = "no-certificate"
	metadata       = "metadata"
	outcome        = "operation-outcome"
	sameIdentity   = "identity"
	wholeRecord    = "record"
	unknownPerson  = "unknown"
	dissent        = "dissent"
	withheld       = "withheld"
	nilAllergies   = "nil"
	paging         = "paging"
	wrongPerson    = "wrong-person"
	errorCodes     = "error"
	sensitive      = "sensitive"
	clock          = "clock"
	times          = "times"
)

const (
	noConnection = "No connection was made."
	noSuchPerson = "No test person is agreed on who shows this."
)

// titles say what is checked, and what is said when it was not tried.
var titles = []struct{ id, title, needs string }{
	{address, "Address and port match the approved ones", noConnection},
	{tlsVersion, "TLS version", noConnection},
	{certificate, "Certificate: right organisation, authority, dates", noConnection},
	{ourCertificate, "Our certificate accepted", noConnection},
	{noCertificate, "Refuses a caller without a certificate", noConnection},
	{metadata, "States its version and what it can do", noConnection},
	{outcome, "Says what is wrong with an OperationOutcome", noConnection},
	{sameIdentity, "Known test person: same identity back", noSuchPerson},
	{wholeRecord, "Known test person: whole record read", noSuchPerson},
	{unknownPerson, "Unknown person: says so", noSuchPerson},
	{dissent, "Person who dissents: refuses", noSuchPerson},
	{withheld, "Withheld items are announced", noSuchPerson},
	{nilAllergies, "“No known allergies” told apart from nothing", noSuchPerson},
	{paging, "Paging to the end", noSuchPerson},
	{wrongPerson, "Answer about somebody else is put aside", noSuchPerson},
	{errorCodes, "Errors are told as errors", noSuchPerson},
	{sensitive, "Sensitive entries carry a label", noSuchPerson},
	{clock, "Clock difference", noConnection},
	{times, "Answer time", noSuchPerson},
}

// run is one run of all checks.
type run struct {
	Checker
	feed   Feed
	by     By
	people []TestPerson
	report Report
	began  time.Time
	client *outbound.Client
	// probed is what the connection showed.
	probed outbound.Handshake
}

// verdict is how a check ended, in words.
type verdict struct {
	result Result
	seen   string
}

func passed(form string, values ...any) verdict {
	return verdict{Passed, fmt.Sprintf(form, values...)}
}

func warning(form string, values ...any) verdict {
	return verdict{Warning, fmt.Sprintf(form, values...)}
}

func failed(form string, values ...any) verdict {
	return verdict{Failed, fmt.Sprintf(form, values...)}
}

func notTried(why string) verdict { return verdict{NotTried, why} }

// check puts a verdict into the report.
func (r *run) check(id string, began time.Time, v verdict) {
	for i := range r.report.Checks {
		if c := &r.report.Checks[i]; c.ID == id {
			c.Result, c.Seen, c.TookMS = v.result, v.seen, r.Now().Sub(began).Milliseconds()
		}
	}
}
