package bench

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ribble/internal/prove"
)

func TestReferencePatientIsTheSameEveryTime(t *testing.T) {
	a, b := newPerson(people[referencePerson]), newPerson(people[referencePerson])
	counts := map[string]int{}
	for s := range a.sources {
		for i, r := range a.sources[s] {
			counts[r.kind]++
			if !bytes.Equal(r.json, b.sources[s][i].json) {
				t.Fatalf("resource %d of source %d differs between two makings", i, s)
			}
			if !json.Valid(r.json) {
				t.Fatalf("resource %d of source %d is not JSON", i, s)
			}
		}
	}
	want := map[string]int{}
	for _, m := range mix {
		want[m.kind] = m.count
	}
	if diff := cmp.Diff(want, counts); diff != "" {
		t.Error(diff)
	}
	if off := a.bytes() - referenceBytes; off < -5000 || off > 5000 {
		t.Errorf("%d bytes away from the reference size", off)
	}
	for i, share := range referenceShares {
		held := 0
		for _, r := range a.sources[i] {
			held += len(r.json)
		}
		if got := float64(held) / referenceBytes; got < share-.02 || got > share+.02 {
			t.Errorf("source %d holds %.3f of the bytes, want %.2f", i, got, share)
		}
	}
}

func TestFloorAppendsTheWholePage(t *testing.T) {
	const page = `<!DOCTYPE html><p class="a">Sodium 140 mmol/L</p><br/> last words`
	f := floor{pieces: cut([]byte(page))}
	if n := f.append(); n != len(page) || string(f.page) != page {
		t.Errorf("appended %q", f.page)
	}
	if got := string(escaped(nil, `a<b & "c'`)); got != "a&lt;b & &#34;c&#39;" {
		t.Errorf("escaped %q", got)
	}
}

func TestScriptPutsTheNationalTraceFirst(t *testing.T) {
	s := script([]asked{{Source: 1, URL: "b"}, {Source: -1, URL: "pds"}, {Source: 0, URL: "a"}, {Source: 1, URL: "c"}})
	want := steps{first: []asked{{Source: -1, URL: "pds"}}, sources: [][]asked{{{Source: 0, URL: "a"}}, {{Source: 1, URL: "b"}, {Source: 1, URL: "c"}}}}
	if diff := cmp.Diff(want, s, cmp.AllowUnexported(steps{})); diff != "" {
		t.Error(diff)
	}
}

func TestNoisyRoundsAreLeftOut(t *testing.T) {
	calm := round{fan: 1, disk: 1}
	rounds := []round{calm, {fan: 1.6, disk: 1}, calm, {fan: 1, disk: 3.5}, calm}
	if diff := cmp.Diff([]round{calm, calm, calm}, withoutNoise(rounds), cmp.AllowUnexported(round{})); diff != "" {
		t.Error(diff)
	}
}

func TestViewsOfACoreAreAShareOfItsFanOuts(t *testing.T) {
	if got := (round{view: 12, fan: 1.2, scan: 2, append: 1}).share(); math.Abs(got-0.1) > 1e-9 {
		t.Errorf("a view that costs ten fan-outs leaves a share of %v", got)
	}
}

func TestPercentile(t *testing.T) {
	walls := []time.Duration{5, 1, 4, 2, 3}
	if percentile(walls, 50) != 3 || percentile(walls, 99) != 5 || percentile(walls, 0) != 1 {
		t.Error("percentiles are off")
	}
}

// slow gives a body in pieces that cut through marks.
type slow struct{ rest string }

func (s *slow) Read(p []byte) (int, error) {
	n := copy(p[:min(7, len(p))], s.rest)
	s.rest = s.rest[n:]
	if s.rest == "" {
		return n, io.EOF
	}
	return n, nil
}

func TestPageIsReadToItsEnd(t *testing.T) {
	page := strings.Repeat(`<tr><th scope="row">x</th></tr>`, 9) + `<section slot="appointments">` + "</html>"
	var s seen
	if err := s.read(&slow{page}, nil); err != nil || s.rows != 9 || s.bytes != len(page) || s.section == 0 {
		t.Errorf("rows %d, bytes %d, section %v, error %v", s.rows, s.bytes, s.section, err)
	}
	if err := new(seen).read(&slow{page[:len(page)-3]}, nil); err == nil {
		t.Error("a page that broke off passed for whole")
	}
}

func TestPageTellsThatASourceIsLeftAlone(t *testing.T) {
	var s seen
	if err := s.read(&slow{"<p>It failed several times and is being left alone for a moment.</p></html>"}, nil); err != nil || !s.rested {
		t.Errorf("rested %v, error %v", s.rested, err)
	}
}

func TestViewsThatWaitAfterTenFailures(t *testing.T) {
	began := time.Now()
	view := func(at, took time.Duration, rested bool) seen {
		return seen{began: began.Add(at), whole: took, rested: rested}
	}
	var views []seen
	for range failures {
		views = append(views, view(0, 2*time.Second, false))
	}
	// One that began before the tenth had ended does not count, whether it waits or not.
	views = append(views, view(time.Second, 2*time.Second, false))
	for range 3 {
		views = append(views, view(3*time.Second, time.Second, true))
	}
	// Who was kept waiting has waited, whatever the page calls the source.
	views = append(views, view(4*time.Second, time.Second, false), view(4*time.Second, 2*time.Second, true))
	if waited, share := afterFailures(views); waited != failures+3 || share != 40 {
		t.Errorf("%d waited, %v of a hundred of those after", waited, share)
	}
}

func TestPeersAskWhatThePortalAsks(t *testing.T) {
	got, err := newPeerScript([]asked{
		{Source: 1, Method: "POST", URL: "https://127.0.0.1:2/fhir", Body: "{}"}, {Source: -1, Method: "GET", URL: "https://127.0.0.1:9/pds/Patient/1"},
		{Source: 0, Method: "POST", URL: "https://127.0.0.1:1/fhir", Body: "{}"}, {Source: 1, Method: "GET", URL: "https://127.0.0.1:2/fhir/Observation?patient=a&_page=2"},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := peerScript{
		First: []request{{"GET", "https://127.0.0.1:9/pds/Patient/1", "/to/0/pds/Patient/1", ""}},
		Sources: [][]request{
			{{"POST", "https://127.0.0.1:1/fhir", "/to/1/fhir", "{}"}},
			{{"POST", "https://127.0.0.1:2/fhir", "/to/2/fhir", "{}"}, {"GET", "https://127.0.0.1:2/fhir/Observation?patient=a&_page=2", "/to/2/fhir/Observation?patient=a&_page=2", ""}},
		},
		hosts: []string{"127.0.0.1:9", "127.0.0.1:1", "127.0.0.1:2"},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(peerScript{})); diff != "" {
		t.Error(diff)
	}
}

func TestFiguresOfTheProofAreTakenOver(t *testing.T) {
	var out bytes.Buffer
	m := &measurement{report: report{out: &out}}
	row := prove.Row{ID: "database-dead", Verdict: prove.Short, Measured: "81 ms", Evidence: []string{"NOT MET: refusals took up to 81ms"}, Figures: []prove.Figure{{Name: "refusal_ms", Value: 81, Bar: 50}}}
	if err := m.proven(&row); err != nil {
		t.Fatal(err)
	}
	want := "P11 refusal_ms 81.0 (bar 50.0) short\n  # database-dead: 81 ms\n  # NOT MET: refusals took up to 81ms\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
	row.Verdict = prove.Failed
	if err := m.proven(&row); err == nil {
		t.Error("a claim that failed passed for measured")
	}
}

func TestObviousPortalReadsTheReferencePatient(t *testing.T) {
	var entries []string
	p := newPerson(people[referencePerson])
	for _, r := range p.sources[0] {
		entries = append(entries, `{"resource":`+string(r.json)+`}`)
	}
	page := `{"resourceType":"Bundle","entry":[` + strings.Join(entries, ",") + `]}`
	rows, err := rowsOf(0, strings.NewReader(page))
	if err != nil || len(rows) != len(entries) {
		t.Fatalf("%d rows of %d, %v", len(rows), len(entries), err)
	}
	if batch, err := rowsOf(0, strings.NewReader(`{"resourceType":"Bundle","entry":[{"resource":`+page+`}]}`)); err != nil || len(batch) != len(rows) {
		t.Errorf("%d rows of %d from a batch, %v", len(batch), len(rows), err)
	}
	for _, r := range rows {
		if r.Name == "" || r.Date == "" {
			t.Fatalf("a row lacks a name or a date: %+v", r)
		}
	}
}
