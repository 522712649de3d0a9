package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ribble/internal/telemetry"
)

const canary = "9990000018"

type valuer struct{}

func (valuer) LogValue() slog.Value { return slog.StringValue(canary) }

type stringer struct{}

func (stringer) String() string { return canary }

func TestLogRefusesWhatIsNotListed(t *testing.T) {
	cases := []struct {
		name string
		attr slog.Attr
		want map[string]any
	}{
		{"listed text", slog.String("source", "RXR-obs"), map[string]any{"source": "RXR-obs"}},
		{"listed number", slog.Int("status", 404), map[string]any{"status": 404.0}},
		{"listed duration", slog.Duration("duration", time.Second), map[string]any{"duration": 1e9}},
		{"unlisted text", slog.String("nhs_number", canary), map[string]any{"[refused]": "[refused]"}},
		{"key that is a value", slog.String(canary, "x"), map[string]any{"[refused]": "[refused]"}},
		{"unlisted number", slog.Int64("patient", 9990000018), map[string]any{"[refused]": "[refused]"}},
		{"number under a text key", slog.Int64("source", 9990000018), map[string]any{"source": "[refused]"}},
		{"text under a number key", slog.String("status", canary), map[string]any{"status": "[refused]"}},
		{"error", slog.Any("reason", errors.New(canary)), map[string]any{"reason": "[refused]"}},
		{"struct", slog.Any("source", struct{ N string }{canary}), map[string]any{"source": "[refused]"}},
		{"stringer", slog.Any("source", stringer{}), map[string]any{"source": "[refused]"}},
		{"log valuer", slog.Any("source", valuer{}), map[string]any{"source": "[refused]"}},
		{"group", slog.Group("source", slog.String("x", canary)), map[string]any{"source": "[refused]"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for how, log := range map[string]func(*slog.Logger){
				"attribute": func(l *slog.Logger) { l.LogAttrs(t.Context(), slog.LevelInfo, "m", c.attr) },
				"with":      func(l *slog.Logger) { l.With(c.attr).Info("m") },
			} {
				var out bytes.Buffer
				log(telemetry.NewLogger(&out, nil))
				var got map[string]any
				if err := json.Unmarshal(out.Bytes(), &got); err != nil {
					t.Fatal(err)
				}
				delete(got, "time")
				delete(got, "level")
				delete(got, "msg")
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", how, diff)
				}
				if strings.Contains(out.String(), canary) {
					t.Errorf("%s: the canary is in the log", how)
				}
			}
		})
	}
}

func TestLogGroupsAreRefused(t *testing.T) {
	var out bytes.Buffer
	telemetry.NewLogger(&out, nil).WithGroup(canary).Info("m", "source", "a")
	if strings.Contains(out.String(), canary) {
		t.Error("a group name carried the canary")
	}
}

func TestOneEventIsOneLine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var out bytes.Buffer
		text := rapid.String().Draw(t, "text") + rapid.SampledFrom([]string{"\r\n", "\x1b[31m", `","level":"ERROR`, "\u2028", ""}).Draw(t, "break")
		telemetry.NewLogger(&out, nil).Info("m", "reason", text)
		if bytes.Count(out.Bytes(), []byte("\n")) != 1 || bytes.ContainsAny(out.Bytes(), "\r\x1b") {
			t.Fatalf("not one clean line: %q", out.String())
		}
	})
}

func TestGoSurvivesAPanicAndHidesItsValue(t *testing.T) {
	var out bytes.Buffer
	told := make(chan telemetry.Panic, 1)
	telemetry.Go(telemetry.NewLogger(&out, nil), "ask", func() { panic("Mrs " + canary) }, func(p telemetry.Panic) { told <- p })
	p := <-told
	if p.Type != "string" || !strings.Contains(p.Stack, "TestGoSurvivesAPanic") || strings.Contains(p.Error()+p.Stack, canary) {
		t.Errorf("panic described wrongly: %+v", p)
	}
	if strings.Contains(out.String(), canary) || !strings.Contains(out.String(), `"goroutine":"ask"`) {
		t.Errorf("log: %s", out.String())
	}
	telemetry.Guard(telemetry.NewLogger(&out, nil), "no callback", func() { panic(errors.New("x")) }, nil)
}

func TestReadiness(t *testing.T) {
	ok := func(context.Context) error { return nil }
	bad := func(context.Context) error { return errors.New(canary) }
	cases := []struct {
		name   string
		checks map[string]func(context.Context) error
		status int
		body   string
	}{
		{"no checks", nil, http.StatusOK, "ready\n"},
		{"all pass", map[string]func(context.Context) error{"audit": ok, "keys": ok}, http.StatusOK, "ready\n"},
		{"some fail", map[string]func(context.Context) error{"schema": bad, "audit": bad, "keys": ok}, 503, "not ready:\naudit\nschema\n"},
		{"panics", map[string]func(context.Context) error{"audit": func(context.Context) error { panic(canary) }}, 503, "not ready:\naudit\n"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := telemetry.NewReadiness(slog.New(slog.DiscardHandler))
			for name, run := range c.checks {
				r.Add(name, run)
			}
			w := httptest.NewRecorder()
			r.ServeHTTP(w, httptest.NewRequest("GET", "/ready", nil))
			if w.Code != c.status || w.Body.String() != c.body {
				t.Errorf("got %d %q", w.Code, w.Body.String())
			}
		})
	}
}

func TestReadinessDoesNotHang(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r := telemetry.NewReadiness(slog.New(slog.DiscardHandler))
	release := make(chan struct{})
	r.Add("stuck", func(context.Context) error { cancel(); <-release; return nil })
	if got := r.Failing(ctx); len(got) != 1 {
		t.Errorf("a stuck check passed: %v", got)
	}
	close(release)
}
