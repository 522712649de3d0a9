package gpconnect

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"ribble/internal/outbound"
	"ribble/internal/record"
	"ribble/internal/sandbox/gpsystem"
	"ribble/internal/sandbox/story"
)

// direct hands requests to a handler without a network between.
type direct struct{ handler http.Handler }

func (d direct) Do(_ context.Context, req *http.Request) (*outbound.Answer, error) {
	w, r := httptest.NewRecorder(), req.Clone(req.Context())
	r.RequestURI, r.Header = req.URL.RequestURI(), http.Header{}
	for name := range req.Header {
		r.Header.Set(name, req.Header[name][0]) // as a server reads them
	}
	d.handler.ServeHTTP(w, r)
	return &outbound.Answer{Status: w.Code, Header: w.Header(), Body: w.Body.Bytes()}, nil
}

// TestTheSandboxRegionIsUnderstood asks both suppliers of the sandbox about everybody in a small region: whoever wrote the message and
// whoever reads it must mean the same by it.
func TestTheSandboxRegionIsUnderstood(t *testing.T) {
	today := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	world := story.NewWorld(1, 150, today)
	suppliers := map[story.Supplier]http.Handler{story.Fellside: gpsystem.New(world, story.Fellside), story.Beckwater: gpsystem.New(world, story.Beckwater)}
	answered := 0
	for person := range world.Everybody() {
		practice, known := world.Organisation(person.Practice)
		if !known || suppliers[practice.Supplier] == nil {
			continue
		}
		a := askSandbox(t, suppliers[practice.Supplier], practice, person, today)
		if a.State != record.Data {
			continue
		}
		answered++
		assertBalanced(t, &a, a.Account.Total().Received)
		// A written story may be about an answer that holds somebody else too; made-up people never are.
		wrong := a.Foreign != 0 || len(a.Patients) != 1
		if wrong && person.Story == "" || a.Account.Total().Fates[record.Unreadable] != 0 {
			t.Errorf("%d foreign entries, %d patients, fates %v", a.Foreign, len(a.Patients), a.Account.Total().Fates)
		}
	}
	if answered < 100 {
		t.Errorf("only %d people had an answer", answered)
	}
}

func askSandbox(t *testing.T, system http.Handler, practice story.Organisation, person story.Person, today time.Time) record.Answer {
	number, err := record.ParseNHSNumber(person.NHSNumber)
	if err != nil {
		return record.Answer{State: record.NotAsked}
	}
	root := "http://sandbox.example/" + practice.ODS + "/STU3/1"
	spine := testSpine()
	spine.Proxy, spine.Now, spine.ASID = "", time.Now, func(string) string { return "200000000115" }
	ref := testSource
	ref.Organisation.ODS = practice.ODS
	source := New(Config{Ref: ref, Directory: elsewhere{Endpoint{URL: root, ASID: practice.ASID}}, Transport: spine, Client: direct{system}})
	ask := wireAsk(t)
	ask.At = today
	ask.Person = record.Person{NHSNumber: number, Practice: record.Practice{ODS: practice.ODS}, TracedAt: today}
	return source.Ask(context.Background(), ask)
}

// elsewhere is a directory that knows one endpoint.
type elsewhere struct{ endpoint Endpoint }

func (e elsewhere) Practice(context.Context, string, string) (Endpoint, error) {
	return e.endpoint, nil
}
