package sourcecheck_test

import (
	"context"
	"crypto/tls"

	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ribble/internal/adapter/fhirr4"
	"ribble/internal/adapter/gpconnect"
	"ribble/internal/adapter/sds"
	"ribble/internal/audit"
	"ribble/internal/fanout"
	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/outbound"
	"ribble/internal/record"
	"ribble/internal/sandbox"
	spine "ribble/internal/sandbox/sds"
	"ribble/internal/sandbox/story"
	"ribble/internal/sourcecheck"
)

const (
	bowland = "RZB"
	hodder  = "Y99001"
	edith   = "9991411690"
)

var (
	region *sandbox.Region
	ours   tls.Certificate
	// people are the test people that the tests' region has enrolled.
	people []sourcecheck.TestPerson
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	var err error
	region, err = sandbox.Start(context.Background(), sandbox.Config{People: -1, Enrol: enrol})
	if err != nil {
		fmt.Fprintln(os.Stderr, "starting the region:", err)
		return 1
	}
	if ours, err = region.Authority.Client("portal.sandbox.invalid"); err != nil {
		fmt.Fprintln(os.Stderr, "making our certificate:", err)
		return 1
	}
	code := m.Run()
	if err := region.Close(); err != nil {
		fmt.Fprintln(os.Stderr, "ending the region:", err)
		return 1
	}
	return code
}

var middle = 700_000

func number(w *sandbox.World) string {
	for ; ; middle++ {
		n, ok := story.TestNumber(middle)
		if _, taken := w.Person(n); ok && !taken {
			middle++
			return n
		}
	}
}

// enrol gives the region one test person for everything that a check needs.
func enrol(w *sandbox.World) {
	whole, _ := w.Person(edith)
	at, _ := whole.Holding(bowland)
	add := func(change func(*story.Person, *story.Holding), entries int, shows ...sourcecheck.Shows) {
		p, h := whole, *at
		p.NHSNumber, p.Story, p.Practice, p.Faults, p.Superseded = number(w), "", hodder, nil, nil
		h.LocalID, h.As, h.Behaviour = "", nil, story.Behaviour{}
		practice := story.Holding{ODS: hodder, Registered: "2001-01-01", Problems: at.Problems[:min(1, len(at.Problems))]}
		change(&p, &h)
		practice.Behaviour.Error, practice.Allergies = h.Behaviour.Error, nil
		p.Holdings = []story.Holding{h, practice}
		w.Add(p)
		people = append(people, testPerson(p, entries, shows...))
	}
	behaves := func(b story.Behaviour) func(*story.Person, *story.Holding) {
		return func(_ *story.Person, h *story.Holding) { h.Behaviour = b }
	}
	add(behaves(story.Behaviour{}), 0, sourcecheck.Known)
	add(behaves(story.Behaviour{PageSize: 2}), 20, sourcecheck.Paging)
	add(behaves(story.Behaviour{Error: "NO_PATIENT_CONSENT"}), 0, sourcecheck.Dissents)
	add(behaves(story.Behaviour{Outcomes: []story.Outcome{{Type: "Condition", Severity: "warning", Code: "suppressed", Text: "Left out."}}}), 0, sourcecheck.Withheld)
	add(behaves(story.Behaviour{Error: "INTERNAL_SERVER_ERROR"}), 0, sourcecheck.Failing)
	add(func(p *story.Person, _ *story.Holding) { p.Faults = map[string]string{bowland: "another-person"} }, 0, sourcecheck.WrongPerson)
	add(func(_ *story.Person, h *story.Holding) { h.Allergies = nil }, 0, sourcecheck.NoAllergies)
	add(func(_ *story.Person, h *story.Holding) {
		h.Problems = slices.Clone(h.Problems)
		h.Problems[0].Labels = []story.Code{{System: "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", Value: "R"}}
	}, 0, sourcecheck.Sensitive)
	for known := range w.Everybody() {
		if strings.HasPrefix(known.Story, "no known allergies") {
			people = append(people, testPerson(known, 0, sourcecheck.NilAllergies))
		}
	}
	people = append(people, sourcecheck.TestPerson{
		Number: nhs(number(w)), Family: "Nobody", Given: "Norman", Born: record.ParseDate("1980-01-01"), Gender: "male", Shows: []sourcecheck.Shows{sourcecheck.Unknown},
	})
}

func nhs(text string) record.NHSNumber {
	n, err := record.ParseNHSNumber(text)
	if err != nil {
		panic(err)
	}
	return n
}

func testPerson(p story.Person, entries int, shows ...sourcecheck.Shows) sourcecheck.TestPerson {
	return sourcecheck.TestPerson{
		Number: nhs(p.NHSNumber), Family: p.Name.Family, Given: strings.Join(p.Name.Given, " "), Born: record.ParseDate(p.Born), Gender: p.Gender, Shows: shows, Entries: entries,
	}
}

// register is the national register, as far as a trace needs it.
type register struct{}

func (register) Trace(_ context.Context, n record.NHSNumber, _ record.Requester) (record.Person, error) {
	p, ok := region.World.Person(n.Digits())
	if !ok {
		return record.Person{}, fault.New(fault.NotFound, "Nobody has this number.")
	}
	return record.Person{
		NHSNumber: n, TracedAt: time.Now(), Practice: record.Practice{ODS: p.Practice},
		Demographics: record.Demographics{
			Identifiers: []record.Identifier{{System: record.NHSNumberSystem, Value: n.Digits()}}, Born: record.ParseDate(p.Born), Gender: p.Gender,
			Names: []record.Name{{Use: "usual", Family: p.Name.Family, Given: p.Name.Given}},
		},
	}, nil
}

// trail keeps the acts that were written, and can be made to fail.
type trail struct {
	mu     sync.Mutex
	events []audit.Event
	broken bool
}

func (k *trail) Append(_ context.Context, e audit.Entry) (audit.Position, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.broken {
		return audit.Position{}, audit.ErrNotWritten
	}
	event, err := e.Event()
	k.events = append(k.events, event)
	return audit.Position{Sequence: int64(len(k.events))}, err
}

func (k *trail) acts(act audit.Act) (found []audit.Event) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, e := range k.events {
		if e.Act == act {
			found = append(found, e)
		}
	}
	return found
}

func checker(k *trail) sourcecheck.Checker {
	return sourcecheck.Checker{
		Trail: audit.NewTrail(k, audit.GenerateKeys(), time.Now), Tracer: register{}, Asker: fanout.Asker{Log: slog.New(slog.DiscardHandler)}, Now: time.Now, Asks: 2,
	}
}

var operator = sourcecheck.By{User: identity.User{Issuer: "urn:ribble:operator", Subject: "root", Name: "Root Smith", Organisation: identity.Organisation{ODS: "YRIB1", Name: "North Vale"}}, Operator: true}

// approved is what the region's directory would approve for a server.
func approved(id, path string) outbound.Config {
	return outbound.Config{
		Source: id, BaseURL: "https://" + region.Address(id) + path, Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		Roots: region.Authority.Pool(), Certificates: []tls.Certificate{ours}, Timeout: 4 * time.Second,
	}
}

// hospital is the feed of Bowland.
func hospital(t *testing.T) sourcecheck.Feed {
	t.Helper()
	seen := new(sourcecheck.Exchanges)
	way := approved("bth", "/fhir/R4")
	own := way
	own.OnAnswer = seen.Add
	client, err := outbound.New(own)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	sections := record.AllSections &^ record.SectionsOf(record.Consultations, record.SocialCare)
	of := record.Organisation{ODS: bowland, Name: "Bowland Teaching Hospitals NHS Foundation Trust", Short: "Bowland", Kind: "acute"}
	return sourcecheck.Feed{
		ID: "bth", Organisation: of, Protocol: "fhirr4", Sections: sections, Deadline: 5 * time.Second, Seen: seen,
		Approved: func(context.Context) (outbound.Config, error) { return way, nil },
		Source:   fhirr4.New(fhirr4.Config{Ref: record.SourceRef{Feed: "bth", Organisation: of}, Supplies: sections, Client: client}),
	}
}

// spineDirectory is how practices are found.
type spineDirectory struct{ *sds.Service }

func (d spineDirectory) Practice(ctx context.Context, ods, interaction string) (gpconnect.Endpoint, error) {
	e, err := d.Service.Practice(ctx, ods, interaction)
	return gpconnect.Endpoint{URL: e.URL, ASID: e.ASID}, err
}

// practice is the feed of Hodder Valley.
func practice(t *testing.T) sourcecheck.Feed {
	t.Helper()
	seen := new(sourcecheck.Exchanges)
	way := approved("gp-fellside", "")
	own := way
	own.OnAnswer = seen.Add
	client, err := outbound.New(own)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	national, err := outbound.New(approved("sds", spine.Base))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(national.Close)
	of := record.Organisation{ODS: hodder, Name: "Hodder Valley Medical Practice", Kind: "gp-practice"}
	source := gpconnect.New(gpconnect.Config{
		Ref: record.SourceRef{Feed: "gp-y99001", Organisation: of}, Directory: spineDirectory{sds.New(national, "")}, Client: client,
		Transport: &gpconnect.Spine{
			Issuer: "https://portal.example", Device: gpconnect.Device{System: "https://portal.example", Value: sandbox.FromASID, Model: "Ribble", Version: "1"},
			ASID: func(string) string { return sandbox.FromASID },
		},
	})
	return sourcecheck.Feed{
		ID: "gp-y99001", Organisation: of, Protocol: "gpconnect", GPConnect: true, Sections: source.Supplies(), Deadline: 5 * time.Second, Seen: seen, Source: source,
		Approved: func(context.Context) (outbound.Config, error) { return way, nil },
	}
}
