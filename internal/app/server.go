package app

import (
	"crypto/tls"
	"io"
	"net/http"
	"time"

	"ribble/internal/config"
	"ribble/internal/sensitive"
	"ribble/internal/telemetry"
	"ribble/internal/telemetry/metric"
)

// server bounds what a slow or hostile client may hold. There is no limit on writing here: a record streams for as long as its sources take,
// and sets a limit for each part itself.
func server(h http.Handler) *http.Server {
	return &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 64 << 10}
}

func tlsConfig(own *config.Identity) *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{own.Certificate()}}
}

// opsHandler serves what operators ask, on an address of its own.
func opsHandler(metrics *metric.Registry, ready *telemetry.Readiness, tally *sensitive.Tally) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", metrics.Handler())
	mux.Handle("GET /ready", ready)
	mux.HandleFunc("GET /sensitive", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, counted(tally)) // whoever asked has gone
	})
	return mux
}
