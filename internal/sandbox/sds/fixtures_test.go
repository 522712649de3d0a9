package sds_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"ribble/internal/sandbox/sds"
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

// TestShapesAreThoseOfThePublishedExamples holds in both directions for the members of an entry.
func TestShapesAreThoseOfThePublishedExamples(t *testing.T) {
	for kind, example := range map[string]string{"Device": "single_device.json", "Endpoint": "single_endpoint.json"} {
		raw, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "shared", "fixtures", "sds", example))
		if err != nil {
			t.Skip("the published example messages are not here")
		}
		recorder := httptest.NewRecorder()
		sds.New(registered).ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, sds.Base+"/"+kind+"?"+of("Y99001", structured).Encode(), nil))
		want, got := map[string]bool{}, map[string]bool{}
		for into, message := range map[*map[string]bool][]byte{&want: raw, &got: recorder.Body.Bytes()} {
			var value any
			if err := json.Unmarshal(message, &value); err != nil {
				t.Fatal(err)
			}
			paths(value, "", *into)
		}
		for name := range got {
			if !want[name] {
				t.Errorf("%s: %s is not in the published example", kind, name)
			}
		}
		for name := range want {
			if !got[name] {
				t.Errorf("%s: %s is not sent", kind, name)
			}
		}
	}
}
