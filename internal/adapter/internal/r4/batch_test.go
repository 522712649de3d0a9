package r4_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ribble/internal/adapter/internal/fhirjson"
	"ribble/internal/adapter/internal/r4"
)

const aSearchset = `{"resourceType":"Bundle","type":"searchset","link":[{"relation":"next","url":"n"}],"entry":[{"resource":{"resourceType":"Flag","id":"f1","status":"active",` +
	`"contained":[{"resourceType":"Practitioner","id":"c"}]},"search":{"mode":"match"}},{"resource":{"modifierExtension":[{"url":"u"}],"id":"f2","resourceType":"Flag"}}]}`

func batchResponse(entries ...string) []byte {
	return []byte(`{"resourceType":"Bundle","type":"batch-response","entry":[` + strings.Join(entries, ",") + `]}`)
}

func TestASearchsetInABatchIsReadAsByItself(t *testing.T) {
	want, err := r4.DecodeBundle([]byte(aSearchset))
	if err != nil {
		t.Fatal(err)
	}
	for name, entry := range map[string]string{
		"as usual":        `{"resource":` + aSearchset + `,"response":{"status":"200 OK"}}`,
		"response first":  `{"response":{"status":"200 OK"},"resource":` + aSearchset + `}`,
		"type not first":  `{"resource":` + strings.Replace(aSearchset, `{"resourceType":"Bundle",`, `{`, 1)[:len(aSearchset)-len(`"resourceType":"Bundle",`)-1] + `,"resourceType":"Bundle"},"response":{"status":"200"}}`,
		"beside bad ones": `{"resource":` + aSearchset + `,"response":{"status":"200 OK"}},{"resource":{"resourceType":"Bundle","link":"none"},"response":{"status":"200"}}`,
	} {
		got, err := r4.DecodeBatchResponse(nil, batchResponse(entry))
		if err != nil || got.Type != "batch-response" || got.Entry[0].Response.Code() != 200 || got.Entry[0].Unread != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(r4.Resource(want), got.Entry[0].Resource.Resource); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if len(got.Entry) > 1 && got.Entry[1].Unread == nil {
			t.Errorf("%s: the bad one passed", name)
		}
	}
}

func TestStatusOfABatchEntry(t *testing.T) {
	for text, want := range map[string]int{"200": 200, "200 OK": 200, "404 Not Found": 404, "": 0, "OK": 0, "2000": 0, "20": 0, "+20": 0, "HTTP/1.1 200": 0} {
		if got := (&r4.EntryResponse{Status: text}).Code(); got != want {
			t.Errorf("%q is %d, want %d", text, got, want)
		}
	}
}

func TestABatchIsReadWithinLimits(t *testing.T) {
	deep := strings.Repeat(`{"resourceType":"Bundle","entry":[{"resource":`, 30) + "null" + strings.Repeat(`}]}`, 30)
	if _, err := r4.DecodeBatchResponse(nil, batchResponse(`{"resource":`+deep+`}`)); !errors.Is(err, fhirjson.ErrTooDeep) {
		t.Errorf("bundles in bundles: %v", err)
	}
	crowd := `{"resourceType":"Bundle","entry":[` + strings.Repeat("{},", fhirjson.MaxResources) + `{}]}`
	b, err := r4.DecodeBatchResponse(nil, batchResponse(`{"resource":`+crowd+`}`, `{"resource":`+aSearchset+`}`))
	if err != nil || !errors.Is(b.Entry[0].Unread, fhirjson.ErrTooMany) || b.Entry[1].Unread != nil || b.Entry[1].Resource.Resource == nil {
		t.Errorf("too many entries in one answer: %v", err)
	}
}

// FuzzDecodeBatchResponse: whatever comes, each searchset in a batch holds what it holds by itself.
func FuzzDecodeBatchResponse(f *testing.F) {
	for _, seed := range []string{aSearchset, "null", `{"resourceType":"OperationOutcome"}`, `{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Flag","id":[1]}}]}`, `{"resourceType":"Bundle","link":1}`, `{"ResourceType":"Bundle"}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, inner string) {
		b, err := r4.DecodeBatchResponse(nil, batchResponse(`{"resource":`+inner+`,"response":{"status":"200"}}`))
		if err != nil || len(b.Entry) != 1 {
			return
		}
		got, ok := b.Entry[0].Resource.Resource.(*r4.Bundle)
		if !ok || b.Entry[0].Unread != nil {
			return
		}
		want, err := r4.DecodeBundle([]byte(inner))
		if err != nil {
			t.Skip("more than one resource")
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}
