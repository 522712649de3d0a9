package outbound_test

import (
	"net/http"
	"testing"
)

// BenchmarkDo asks for 200 KB over a kept connection: the portal's own share of one source's answer.
func BenchmarkDo(b *testing.B) {
	body := make([]byte, 200<<10)
	c := source(b, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) })
	b.ReportAllocs()
	for b.Loop() {
		answer, err := c.Do(b.Context(), request(b, c, "x"))
		if err != nil {
			b.Fatal(err)
		}
		answer.Release()
	}
}
