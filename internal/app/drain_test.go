package app

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestEnding: a portal that ends says so to whoever balances the load, lets the answer under way come to its end, and keeps no connection.
func TestEnding(t *testing.T) {
	var e ending
	if err := e.ready(t.Context()); err != nil {
		t.Errorf("before its end: %v", err)
	}
	under, release := make(chan struct{}), make(chan struct{})
	server := httptest.NewServer(e.last(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			close(under)
			<-release
		}
		_, _ = io.WriteString(w, "whole")
	})))
	defer server.Close()
	answered := make(chan string)
	go func() { answered <- get(server.URL + "/slow") }()
	<-under
	drained := make(chan error)
	go func() { drained <- e.drain(t.Context(), 0, []*http.Server{server.Config}) }()
	for !errors.Is(e.ready(t.Context()), errEnding) {
	}
	close(release)
	if said := <-answered; said != "whole" {
		t.Errorf("the answer under way: %q", said)
	}
	if err := <-drained; err != nil {
		t.Errorf("draining: %v", err)
	}
	w := httptest.NewRecorder()
	e.last(http.NotFoundHandler()).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	if w.Header().Get("Connection") != "close" {
		t.Error("the last answers do not close their connections")
	}
}

func get(url string) string {
	answer, err := http.Get(url)
	if err != nil {
		return err.Error()
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(answer.Body)
	if err != nil {
		return err.Error()
	}
	return string(said)
}
