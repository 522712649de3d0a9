package fhirrest

import (
	"net/http"
	"net/netip"
	"testing"

	"ribble/internal/outbound"
	"ribble/internal/record"
)

// BenchmarkFirst builds the request of one search; a view makes nearly two hundred.
func BenchmarkFirst(b *testing.B) {
	client, err := outbound.New(outbound.Config{
		Source: "s", BaseURL: "http://127.0.0.1:8080/fhir/r4", AllowHTTP: true, Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")},
	})
	if err != nil {
		b.Fatal(err)
	}
	agreed := http.Header{"Authorization": {"Bearer abc"}}
	session := New(client, Options{Header: func(record.Ask) http.Header { return agreed }}).Session(record.Ask{ID: "view-1"})
	query := Query{Type: "Observation", Params: "_include=Observation%3Aperformer", About: "patient"}
	b.ReportAllocs()
	for b.Loop() {
		if _, failure := session.first(query, "patient=p-1"); failure.State != 0 {
			b.Fatal(failure)
		}
	}
}

// BenchmarkBatch builds the request that asks a feed for everything.
func BenchmarkBatch(b *testing.B) {
	client, err := outbound.New(outbound.Config{
		Source: "s", BaseURL: "http://127.0.0.1:8080/fhir/r4", AllowHTTP: true, Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")},
	})
	if err != nil {
		b.Fatal(err)
	}
	session := New(client, Options{Batch: true}).Session(record.Ask{ID: "view-1"})
	queries := make([]Query, 31)
	for i := range queries {
		queries[i] = Query{Type: "Observation", Params: "_include=Observation%3Aperformer", About: "patient"}
	}
	b.ReportAllocs()
	for b.Loop() {
		who := session.whoIs()
		if _, failure := session.batchRequest(questions{&who, queries}, "patient."+who.Params); failure.State != 0 {
			b.Fatal(failure)
		}
	}
}
