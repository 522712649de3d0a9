package pds_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"ribble/internal/sandbox/pds"
)

// paths collects the names of all members of a JSON value, with the names above them.
func paths(value any, above string, into map[string]bool) {
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			into[above+"/"+name] = true
			paths(member, above+"/"+name, into)
		}
	case []any:
		for _, member := range v {
			paths(member, above, into)
		}
	}
}

// TestShapesAreThoseOfThePublishedExamples checks that no member is sent that the published PDS examples do not have in the same place.
func TestShapesAreThoseOfThePublishedExamples(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "..", "..", "shared", "fixtures", "pds", "*.json"))
	if err != nil || len(files) == 0 {
		t.Skip("the published example messages are not here")
	}
	published := map[string]bool{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var value any
		if json.Unmarshal(raw, &value) == nil {
			paths(value, "", published)
		}
	}
	for _, path := range []string{"/Patient/9991411690", "/Patient/9990646465", "/Patient/9998825547", "/Patient/9992506318", "/Patient?family=Ashworth&birthdate=eq1942-03-03", "/Patient?family=A"} {
		request := httptest.NewRequest(http.MethodGet, pds.Base+path, nil)
		request.Header.Set("X-Request-ID", "60e0b220-8136-4ca5-ae46-1d97ef59d068")
		recorder := httptest.NewRecorder()
		pds.New(people()).Handler().ServeHTTP(recorder, request)
		var value any
		if err := json.Unmarshal(recorder.Body.Bytes(), &value); err != nil {
			t.Fatal(err)
		}
		got := map[string]bool{}
		paths(value, "", got)
		for name := range got {
			if !published[name] {
				t.Errorf("%s: %s is in no published example", path, name)
			}
		}
	}
}

func FuzzSearch(f *testing.F) {
	f.Add("family=Ashworth&birthdate=eq1942-03-03")
	f.Add("family=%2A&birthdate=ge&given=&_max-results=-1")
	f.Add("phone=%00&_fuzzy-match=true&family=\xff")
	f.Fuzz(func(t *testing.T, query string) {
		request := httptest.NewRequest(http.MethodGet, pds.Base+"/Patient", nil)
		request.URL = &url.URL{Path: pds.Base + "/Patient", RawQuery: query}
		request.Header.Set("X-Request-ID", "60e0b220-8136-4ca5-ae46-1d97ef59d068")
		recorder := httptest.NewRecorder()
		pds.New(people()).Handler().ServeHTTP(recorder, request)
		if recorder.Code != http.StatusOK && recorder.Code != http.StatusBadRequest {
			t.Errorf("answered %d", recorder.Code)
		}
		if !json.Valid(recorder.Body.Bytes()) {
			t.Error("the answer is not JSON")
		}
	})
}
