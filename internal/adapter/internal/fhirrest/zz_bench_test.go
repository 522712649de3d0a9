package fhirrest

import (
	"net/http"
	"net/netip"
	"net/url"
	"testing"

	"ribble/internal/outbound"
	"ribble/internal/record"
)

func BenchmarkFirst(b *testing.B) {
	c, err := outbound.New(outbound.Config{Source: "s", BaseURL: "http://127.0.0.1:8080/fhir/r4", AllowHTTP: true, Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}})
	if err != nil {
		b.Fatal(err)
	}
	h := http.Header{"Authorization": {"Bearer abc"}, "X-Thing": {"y"}}
	s := New(c, false, func(record.Ask) http.Header { return h }).Session(record.Ask{ID: "abc"})
	q := Query{Type: "Observation", Params: url.Values{"patient": {"p-1"}, "_include": {"Observation:performer"}}, About: "patient"}
	b.ReportAllocs()
	for b.Loop() {
		if _, f := s.first(q); f.State != 0 {
			b.Fatal(f)
		}
	}
}
