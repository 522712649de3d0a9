package r4server_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"ribble/internal/sandbox/hospital"
	"ribble/internal/sandbox/story"
	"ribble/internal/sandbox/wiretest"
)

func TestDateParameters(t *testing.T) {
	p := wiretest.Person()
	h := story.Holding{ODS: wiretest.Hospital, LocalID: wiretest.Local}
	for _, day := range []string{"2026-01-31T23:00:00+00:00", "2026-02-01", "2026-02", "2026", ""} {
		h.Appointments = append(h.Appointments, story.Appointment{Start: day})
	}
	p.Holdings = []story.Holding{h}
	server := hospital.New(wiretest.With(p), wiretest.Hospital)
	for query, want := range map[string]int{
		"date=ge2026-02-01": 3, "date=le2026-01-31": 2, "date=gt2026-02-01": 0, "date=lt2026-02-01": 1, "date=eq2026-02": 2, "date=2026": 4,
		"date=ge2026-01-01&date=le2026-01-31": 2, "": 5,
	} {
		w := httptest.NewRecorder()
		server.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/Appointment?patient=pat-1&"+query, nil))
		if got := wiretest.Parse(t, w.Body.Bytes()).Total; got != want {
			t.Errorf("%s: %d entries, want %d", query, got, want)
		}
	}
}

// FuzzSearch: whatever is asked, the answer is a FHIR resource and nobody falls over.
func FuzzSearch(f *testing.F) {
	for _, seed := range []string{
		"patient=pat-1", "_page=AAAA", "_page=X29mZnNldD05OTk5OTk5OTk5OTk", "_id=pat-1.al-1,x&_count=-1", "patient=Patient/pat-1&date=ge&category=|",
		"identifier=https://fhir.nhs.uk/Id/nhs-number|9990000018", "patient=pat-1&_include=:&_include:iterate=AllergyIntolerance:recorder",
	} {
		f.Add("AllergyIntolerance", seed)
	}
	f.Add("Patient/_search", "")
	server := hospital.New(wiretest.Region(), wiretest.Hospital)
	f.Fuzz(func(t *testing.T, path, query string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL = &url.URL{Path: "/" + path, RawQuery: query}
		w := httptest.NewRecorder()
		server.ServeHTTP(w, r)
		if strings.HasPrefix(w.Header().Get("Content-Type"), "application/fhir+json") {
			wiretest.Decode(t, w.Body.Bytes())
		} else if w.Code == http.StatusOK && !strings.HasPrefix(path, "Binary") {
			t.Errorf("%q answered as %q", path, w.Header().Get("Content-Type"))
		}
	})
}
