package officer_test

import (
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"ribble/internal/audit"
	"ribble/internal/portal/officer"
)

// collect asks the FHIR search with a token.
func collect(pages *officer.Pages, token, method, path string, form url.Values) *httptest.ResponseRecorder {
	q := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if form != nil {
		q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	q.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	pages.AuditEvents(w, q)
	return w
}

// TestACollectorGathersItsOwnOrganisationsEvents, page by page, each search written down; a person stands in no address.
func TestACollectorGathersItsOwnOrganisationsEvents(t *testing.T) {
	var config officer.Config
	r := peopled(t, func(c *officer.Config) {
		c.Collectors = []officer.Collector{{Name: "siem", Organisation: "RZB", TokenSHA256: sha256.Sum256([]byte("secret"))}}
		c.Portal, config = "https://ribble.example", *c
	})
	pages := officer.New(config)
	var set struct {
		Type  string
		Link  []struct{ URL string }
		Entry []struct{ Resource struct{ ResourceType string } }
	}
	w := collect(pages, "secret", http.MethodGet, officer.AuditEventPath+"?date=ge2026-01-01&_count=2", nil)
	if err := json.Unmarshal(w.Body.Bytes(), &set); err != nil || w.Code != http.StatusOK || len(set.Entry) != 2 || set.Entry[0].Resource.ResourceType != "AuditEvent" || len(set.Link) != 1 {
		t.Fatalf("%d %s: %v", w.Code, w.Body, err)
	}
	if last := r.last(); last.Act != audit.ActTrailExported || last.User.Subject != "siem" || last.Reason != "fhir collector" {
		t.Errorf("the search was written down as %+v", last)
	}
	all := w.Body.String()
	for range 10 {
		next, err := url.Parse(set.Link[0].URL)
		if err != nil {
			t.Fatal(err)
		}
		set.Link, set.Entry = nil, nil
		w = collect(pages, "secret", http.MethodGet, next.RequestURI(), nil)
		all += w.Body.String()
		if err := json.Unmarshal(w.Body.Bytes(), &set); err != nil || len(set.Link) == 0 {
			break
		}
	}
	if !strings.Contains(all, "DOYLE") || strings.Contains(all, "OKAFOR") || strings.Contains(all, person) {
		t.Error("the pages lack the organisation's user, or name another's or the person")
	}
	for what, c := range map[string]struct {
		token, path string
		form        url.Values
		status      int
		says        string
	}{
		"a wrong token":          {"other", officer.AuditEventPath, nil, http.StatusUnauthorized, "No collector"},
		"no token":               {"", officer.AuditEventPath, nil, http.StatusUnauthorized, "No collector"},
		"a person in a query":    {"secret", officer.AuditEventPath + "?patient.identifier=" + person, nil, http.StatusBadRequest, "by POST"},
		"a person in a body":     {"secret", officer.AuditSearchPath, url.Values{"patient.identifier": {person}}, http.StatusOK, "searchset"},
		"a strange parameter":    {"secret", officer.AuditEventPath + "?entity=1", nil, http.StatusBadRequest, "The search knows"},
		"a strange date":         {"secret", officer.AuditEventPath + "?date=xx2026", nil, http.StatusBadRequest, "date must be"},
		"a forged place":         {"secret", officer.AuditEventPath + "?_cursor=abc", nil, http.StatusGone, "no longer open"},
		"a bad number in a body": {"secret", officer.AuditSearchPath, url.Values{"patient.identifier": {"9991411691"}}, http.StatusBadRequest, "must be an NHS number"},
	} {
		method := http.MethodGet
		if c.form != nil {
			method = http.MethodPost
		}
		if w := collect(pages, c.token, method, c.path, c.form); w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s: %d %s", what, w.Code, w.Body)
		}
	}
}
