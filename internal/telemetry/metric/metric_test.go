package metric_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"ribble/internal/telemetry/metric"
)

const canary = "9990000018"

func TestLabelsAreBounded(t *testing.T) {
	m := metric.New()
	c := m.Counter("asked_total", "Questions asked.", "source")
	g := m.Gauge("in_flight", "Views in flight.")
	h := m.Seconds("view_seconds", "Time of a view.", "state")
	labels := metric.NewLabels("a")
	labels.Allow("b")
	for _, v := range []string{"a", "b", canary, "9990000026"} {
		c.WithLabelValues(labels.Value(v)).Inc()
	}
	g.WithLabelValues().Set(2)
	h.WithLabelValues("data").Observe(0.01)
	m.LargeAnswers(func() (now, began, refused int64, took time.Duration) { return 1, 5, 2, 3 * time.Second })
	source := m.Sources(labels)
	source("a", "DATA", time.Second)
	source(canary, "DATA", time.Second)
	stepped := m.ClockSteps("forward", "backward")
	stepped("forward")
	stepped(canary)
	m.Requests()("GET", "/record/{handle}", 303, time.Second)
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	body := w.Body.String()
	for _, want := range []string{
		`ribble_asked_total{source="a"} 1`, `ribble_asked_total{source="other"} 2`, "ribble_in_flight 2",
		`ribble_request_seconds_count{method="GET",route="/record/{handle}",status="3xx"} 1`, `ribble_view_seconds_count{state="data"} 1`,
		`ribble_clock_steps{direction="forward"} 1`, `ribble_clock_steps{direction="backward"} 0`, `ribble_clock_steps{direction="other"} 1`,
		"ribble_large_answers_waiting 1", "ribble_large_answers_waited 5", "ribble_large_answers_refused 2", "ribble_large_answers_wait_seconds 3",
		`ribble_source_answers{feed="a",state="DATA"} 1`, `ribble_source_answers{feed="other",state="DATA"} 1`, `ribble_source_seconds_count{feed="a"} 1`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("no line %s", want)
		}
	}
	if strings.Contains(body, canary) {
		t.Error("the canary became a label")
	}
}
