// Package metric keeps the service's figures for Prometheus, with labels that cannot hold an id or a name.
package metric

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// OtherLabel is the label value in place of one that is not in a Labels set.
const OtherLabel = "other"

// Registry is the service's own registry. The global one of the library is not used, so nothing gets in by import.
type Registry struct {
	registry *prometheus.Registry
}

// New makes a registry that already has the process and Go runtime figures.
func New() *Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return &Registry{registry: r}
}

// Handler serves the figures in the Prometheus text format.
func (m *Registry) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4})
}

// Counter registers a counter. Give label values that went through Labels.
func (m *Registry) Counter(name, help string, labels ...string) *prometheus.CounterVec {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "ribble", Name: name, Help: help}, labels)
	m.registry.MustRegister(c)
	return c
}

// Gauge registers a gauge. Give label values that went through Labels.
func (m *Registry) Gauge(name, help string, labels ...string) *prometheus.GaugeVec {
	g := prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "ribble", Name: name, Help: help}, labels)
	m.registry.MustRegister(g)
	return g
}

// secondsBuckets suit everything timed here, from a commit (1 ms) to the deadline of a view (10 s).
var secondsBuckets = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 1.5, 2.5, 5, 8, 10}

// Seconds registers a histogram of durations in seconds. Give label values that went through Labels.
func (m *Registry) Seconds(name, help string, labels ...string) *prometheus.HistogramVec {
	h := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Namespace: "ribble", Name: name, Help: help, Buckets: secondsBuckets,
	}, labels)
	m.registry.MustRegister(h)
	return h
}

// Labels bounds the values of one label: those it was told of pass, all others become OtherLabel. So no label can carry an
// id or a name, and no caller can fill the memory with series.
type Labels struct {
	mu    sync.RWMutex
	known map[string]bool
}

// NewLabels makes a set of allowed values.
func NewLabels(values ...string) *Labels {
	l := &Labels{known: map[string]bool{}}
	l.Allow(values...)
	return l
}

// Allow adds values, for instance a source that an administrator brought on.
func (l *Labels) Allow(values ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, v := range values {
		l.known[v] = true
	}
}

// Value is v when it is allowed, else OtherLabel.
func (l *Labels) Value(v string) string {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.known[v] {
		return v
	}
	return OtherLabel
}

// Requests registers the figures of the portal's requests and gives the function that takes them, for the access log's
// observer. Routes are patterns of our own router, so their number is bounded.
func (m *Registry) Requests() func(method, route string, status int, took time.Duration) {
	h := m.Seconds("request_seconds", "Time from the first byte of a request to the last of its answer.", "method", "route", "status")
	return func(method, route string, status int, took time.Duration) {
		h.WithLabelValues(method, route, strconv.Itoa(status/100)+"xx").Observe(took.Seconds())
	}
}

// LargeAnswers registers the figures of large answers' waits for room: how many wait now, ever did, were given up, and how long they waited together.
func (m *Registry) LargeAnswers(read func() (now, began, refused int64, took time.Duration)) {
	figure := func(name, help string, value func() float64) {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "ribble", Name: name, Help: help}, value))
	}
	figure("large_answers_waiting", "Large answers that wait for room to be read.", func() float64 { now, _, _, _ := read(); return float64(now) })
	count := func(name, help string, value func() float64) {
		m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Namespace: "ribble", Name: name, Help: help}, value))
	}
	count("large_answers_waited", "Large answers that had to wait for room to be read.", func() float64 { _, began, _, _ := read(); return float64(began) })
	count("large_answers_refused", "Large answers that were given up for want of room.", func() float64 { _, _, refused, _ := read(); return float64(refused) })
	count("large_answers_wait_seconds", "Time for which large answers waited, together.", func() float64 { _, _, _, took := read(); return took.Seconds() })
}

// ClockSteps registers the figure of the steps of the machine's clock and gives the function that takes them. Each direction is there from the start, so that
// the first step is a rise.
func (m *Registry) ClockSteps(directions ...string) func(direction string) {
	known, steps := NewLabels(directions...), m.Counter("clock_steps", "Steps of the machine's clock of more than 250 ms, by direction.", "direction")
	for _, d := range directions {
		steps.WithLabelValues(d)
	}
	return func(direction string) { steps.WithLabelValues(known.Value(direction)).Inc() }
}

// Sources registers the figures of the sources' answers and gives the function that takes them. Feeds bounds the ids of feeds; states are the eleven
// of a record.
func (m *Registry) Sources(feeds *Labels) func(feed, state string, took time.Duration) {
	answers := m.Counter("source_answers", "How questions to a source ended, by feed and state.", "feed", "state")
	times := m.Seconds("source_seconds", "Time from a question to a source to the end of its answer.", "feed")
	return func(feed, state string, took time.Duration) {
		feed = feeds.Value(feed)
		answers.WithLabelValues(feed, state).Inc()
		times.WithLabelValues(feed).Observe(took.Seconds())
	}
}
