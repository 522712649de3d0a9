// Package fault makes the sandbox's sources slow, broken or wrong on demand, and remembers what each one was asked.
package fault

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Setting is what one source has been told to do. The zero value is a healthy source.
type Setting struct {
	LatencyMS int    `json:"latency_ms"`
	JitterMS  int    `json:"jitter_ms"`
	Fault     string `json:"fault"`
	NHSNumber string `json:"nhs_number,omitempty"` // the fault strikes requests about this person only
}

// Source is one registered source and its present setting, as the control API shows it.
type Source struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Setting
}

// Asked is one request that reached a source: its place in the order of all requests, never the query or the body.
type Asked struct {
	Sequence  int       `json:"sequence"`
	At        time.Time `json:"at"`
	Source    string    `json:"source"`
	Method    string    `json:"method"`
	Path      string    `json:"path"`
	NHSNumber string    `json:"nhs_number,omitempty"`
	Fault     string    `json:"fault,omitempty"`
}

// People answers which person a request is about, where the request names only a source's own id for them.
type People interface {
	// NHSNumberOf gives the NHS number behind a source's local patient id, or "".
	NHSNumberOf(source, localID string) string
	// StandingFault gives the fault that a source always shows for a person, or "".
	StandingFault(source, nhsNumber string) string
}

// Control holds the settings of all sources of a region and the history of what they were asked.
type Control struct {
	people People
	now    func() time.Time
	drip   time.Duration
	closed chan struct{}
	once   sync.Once

	mu      sync.Mutex
	sources map[string]*Source
	order   []string
	counts  map[string]int
	log     []Asked
	total   int
}

// keep is how many requests the history holds before it forgets the oldest half.
const keep = 200_000

// New makes a control with no sources. People may be nil: then only requests that carry the NHS number itself are told apart.
func New(people People) *Control {
	return &Control{
		people:  people,
		now:     time.Now,
		drip:    time.Second,
		closed:  make(chan struct{}),
		sources: map[string]*Source{},
		counts:  map[string]int{},
	}
}

// Close lets go of every request that a fault is holding.
func (c *Control) Close() { c.once.Do(func() { close(c.closed) }) }

// Source registers a source and returns its handler with the faults in front of it.
func (c *Control) Source(id, name string, next http.Handler) http.Handler {
	c.mu.Lock()
	c.sources[id] = &Source{ID: id, Name: name, Setting: Setting{Fault: None}}
	c.order = append(c.order, id)
	c.mu.Unlock()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { c.serve(id, next, w, r) })
}

// Set changes what a source does from its next request on.
func (c *Control) Set(id string, setting Setting) error {
	if setting.Fault == "" {
		setting.Fault = None
	}
	if _, ok := byName[setting.Fault]; !ok {
		return fmt.Errorf("setting a fault: no fault is called %q", setting.Fault)
	}
	if setting.LatencyMS < 0 || setting.JitterMS < 0 {
		return fmt.Errorf("setting a fault: latency and jitter cannot be negative")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	source, ok := c.sources[id]
	if !ok {
		return fmt.Errorf("setting a fault: no source is called %q", id)
	}
	source.Setting = setting
	return nil
}

// Present is the name of the fault that a source has been told to show to everybody.
func (c *Control) Present(id string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if source, ok := c.sources[id]; ok && source.NHSNumber == "" {
		return source.Fault
	}
	return None
}

// Reset makes every source healthy and quick again.
func (c *Control) Reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, source := range c.sources {
		source.Setting = Setting{Fault: None}
	}
}

// Sources lists all sources in the order in which they were registered.
func (c *Control) Sources() []Source {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := make([]Source, 0, len(c.order))
	for _, id := range c.order {
		list = append(list, *c.sources[id])
	}
	return list
}

// Requests returns how often each source was asked since the last Forget, and the requests themselves in order.
func (c *Control) Requests() (counts map[string]int, log []Asked) {
	c.mu.Lock()
	defer c.mu.Unlock()
	counts = make(map[string]int, len(c.counts))
	for id, n := range c.counts {
		counts[id] = n
	}
	return counts, slices.Clone(c.log)
}

// Forget empties the history; sequence numbers go on.
func (c *Control) Forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.counts)
	c.log = nil
}

// serve records the request first, so that the history holds it even if the answer never comes.
func (c *Control) serve(id string, next http.Handler, w http.ResponseWriter, r *http.Request) {
	body, err := readBody(r)
	if err != nil {
		http.Error(w, "the request could not be read", http.StatusBadRequest)
		return
	}
	nhsNumber := c.personIn(id, r, body)
	setting := c.settingFor(id, nhsNumber)
	c.remember(id, r, nhsNumber, setting.Fault)
	e := &exchange{w: w, r: r, next: next, body: body, closed: c.closed, drip: c.drip}
	if !e.pause(delay(setting)) {
		return
	}
	byName[setting.Fault].act(e)
}

func (c *Control) settingFor(id, nhsNumber string) Setting {
	c.mu.Lock()
	setting := c.sources[id].Setting
	c.mu.Unlock()
	if setting.NHSNumber != "" && setting.NHSNumber != nhsNumber {
		setting.Fault = None
	}
	if setting.Fault == None && c.people != nil && nhsNumber != "" {
		if standing := c.people.StandingFault(id, nhsNumber); standing != "" {
			setting.Fault = standing
		}
	}
	return setting
}

func (c *Control) remember(id string, r *http.Request, nhsNumber, fault string) {
	if fault == None {
		fault = ""
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.total++
	c.counts[id]++
	if len(c.log) >= keep {
		c.log = slices.Clone(c.log[keep/2:])
	}
	c.log = append(c.log, Asked{
		Sequence: c.total, At: c.now().UTC(), Source: id, Method: r.Method, Path: r.URL.Path, NHSNumber: nhsNumber, Fault: fault,
	})
}

func delay(s Setting) time.Duration {
	ms := s.LatencyMS
	if s.JitterMS > 0 {
		ms += rand.IntN(2*s.JitterMS+1) - s.JitterMS
	}
	return time.Duration(max(ms, 0)) * time.Millisecond
}
