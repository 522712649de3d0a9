package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"ribble/internal/sandbox/pki"
)

const (
	fhirPath = "/fhir"
	pdsPath  = "/personal-demographics/FHIR/R4"
	// pageLength is what the portal asks for with _count, and what a source sends at most.
	pageLength = 100
)

// sources is the process that stands for every source and for the national demographics: answers are made once and then only sent, so that
// it takes as little as possible of the processors it shares with who is measured.
type sources struct {
	authority *pki.Authority
	feeds     []*feed
	pds       string

	mu        sync.Mutex
	recording bool
	recorded  []asked
}

// ServeSources is the process of sources; it takes orders from in.
func ServeSources(in io.Reader, out io.Writer) error {
	s := new(sources)
	return serve(in, out, s.carryOut)
}

func (s *sources) carryOut(o order) (reply, error) {
	switch o.Do {
	case "start":
		return s.start(o.Dir)
	case "delay":
		for i, f := range s.feeds {
			f.delay.Store(0)
			if i < len(o.Delays) {
				f.delay.Store(int64(o.Delays[i]))
			}
		}
	case "hold":
		gate := make(chan struct{})
		s.feeds[o.Source].gate.Store(&gate)
	case "release":
		close(*s.feeds[o.Source].gate.Swap(nil))
	case "record":
		s.mu.Lock()
		defer s.mu.Unlock()
		s.recording, s.recorded = true, nil
	case "recorded":
		s.mu.Lock()
		defer s.mu.Unlock()
		s.recording = false
		return reply{Script: s.recorded}, nil
	case "handshakes":
		total := 0
		for _, f := range s.feeds {
			total += int(f.connections.Load())
		}
		return reply{Count: total}, nil
	default:
		return reply{}, fmt.Errorf("unknown order %q", o.Do)
	}
	return reply{}, nil
}

func (s *sources) start(dir string) (reply, error) {
	var err error
	if s.authority, err = pki.New(time.Now()); err != nil {
		return reply{}, err
	}
	if err := s.authority.WriteClient(dir, "portal.bench"); err != nil {
		return reply{}, err
	}
	all := map[string]*person{}
	for number, spec := range people {
		all[number] = newPerson(spec)
	}
	r := reply{}
	for i := range manyCount {
		f := &feed{sources: s, index: i, answers: map[string][]byte{}}
		base, err := s.listen(f.ServeHTTP, &f.connections)
		if err != nil {
			return reply{}, err
		}
		f.base = base + fhirPath
		f.fill(all)
		s.feeds, r.Bases = append(s.feeds, f), append(r.Bases, f.base)
	}
	base, err := s.listen(s.demographics, new(atomic.Int64))
	s.pds = base + pdsPath
	r.PDS = s.pds
	return r, err
}

// listen serves over mutual TLS on a port of its own.
func (s *sources) listen(handle http.HandlerFunc, connections *atomic.Int64) (string, error) {
	certificate, err := s.authority.Server("source")
	if err != nil {
		return "", err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("listening for a source: %w", err)
	}
	server := &http.Server{
		Handler: handle, TLSConfig: s.authority.ServerTLS(certificate), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 5 * time.Minute,
		ConnState: func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				connections.Add(1)
			}
		},
	}
	go func() { _ = server.ServeTLS(listener, "", "") }()
	return "https://" + listener.Addr().String(), nil
}

// note writes down a request while a script is being recorded.
func (s *sources) note(a asked) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.recording {
		s.recorded = append(s.recorded, a)
	}
}

// demographics answers a trace by NHS number.
func (s *sources) demographics(w http.ResponseWriter, r *http.Request) {
	number := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	if _, known := people[number]; !known {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	s.note(asked{Source: -1, Method: r.Method, URL: s.pds + strings.TrimPrefix(r.URL.Path, pdsPath)})
	send(w, []byte(patientJSON(number, number)))
}

func patientJSON(id, number string) string {
	return fmt.Sprintf(`{"resourceType":"Patient","id":%q,"meta":{"versionId":"2","security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"U","display":"unrestricted"}]},`+
		`"identifier":[{"extension":[{"url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus","valueCodeableConcept":{"coding":[{"system":"https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatus","version":"1.0.0","code":"01","display":"Number present and verified"}]}}],"system":"https://fhir.nhs.uk/Id/nhs-number","value":%q}],`+
		`"name":[{"id":"n1","use":"usual","period":{"start":"1942-03-03"},"prefix":["Mrs"],"given":["Edith"],"family":"Benchmark"}],"gender":"female","birthDate":"1942-03-03",`+
		`"address":[{"id":"a1","use":"home","period":{"start":"2015-04-01"},"line":["1 Bench Lane","Clitheroe"],"postalCode":"BB7 2AA"}]}`, id, number)
}

// feed is one source.
type feed struct {
	sources *sources
	index   int
	base    string
	// delay is how long the look-up of a person takes, by itself or in a batch, in nanoseconds; while gate is set that waits for the gate to open.
	delay       atomic.Int64
	gate        atomic.Pointer[chan struct{}]
	connections atomic.Int64
	// answers are whole bodies, by patient, resource type and page; "patient||" is everything in one.
	answers map[string][]byte
	// batches are whole answers by the batch that they answer: views of one person on one day ask the same.
	batches sync.Map
}

// fill makes every answer of the source.
func (f *feed) fill(all map[string]*person) {
	for _, p := range all {
		if f.index >= len(p.sources) {
			continue
		}
		id := patientID(p.number)
		f.answers["number|"+p.number] = f.bundle("Patient", "identifier=x", []string{f.entry("Patient", id, patientJSON(id, p.number))}, "")
		byType := map[string][]string{}
		var whole []string
		for _, r := range p.sources[f.index] {
			e := f.entry(r.kind, "", string(r.json))
			byType[r.kind], whole = append(byType[r.kind], e), append(whole, e)
		}
		f.answers[id+"||"] = f.bundle("all", "patient="+id, whole, "")
		for _, m := range mix {
			f.pages(id, m.kind, byType[m.kind])
		}
	}
}

func (f *feed) pages(id, kind string, entries []string) {
	for page := 1; ; page++ {
		n := min(len(entries), pageLength)
		next := ""
		if n < len(entries) {
			next = fmt.Sprintf("%s/%s?patient=%s&_page=%d", f.base, kind, id, page+1)
		}
		f.answers[fmt.Sprintf("%s|%s|%d", id, kind, page)] = f.bundle(kind, "patient="+id, entries[:n], next)
		if entries = entries[n:]; len(entries) == 0 {
			return
		}
	}
}

func (f *feed) entry(kind, id, body string) string {
	if id == "" {
		_, rest, _ := strings.Cut(body, `"id":"`)
		id, _, _ = strings.Cut(rest, `"`)
	}
	return fmt.Sprintf(`{"fullUrl":"%s/%s/%s","resource":%s,"search":{"mode":"match"}}`, f.base, kind, id, body)
}

func (f *feed) bundle(kind, query string, entries []string, next string) []byte {
	links := fmt.Sprintf(`{"relation":"self","url":"%s/%s?%s"}`, f.base, kind, query)
	if next != "" {
		links += fmt.Sprintf(`,{"relation":"next","url":%q}`, next)
	}
	return fmt.Appendf(nil, `{"resourceType":"Bundle","type":"searchset","total":%d,"link":[%s],"entry":[%s]}`, len(entries), links, strings.Join(entries, ","))
}

// ServeHTTP answers a search.
func (f *feed) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, fhirPath), "/")
	kind := strings.TrimSuffix(path, "/_search")
	query, form := r.URL.RawQuery, ""
	if r.Method == http.MethodPost {
		raw, err := io.ReadAll(io.LimitReader(r.Body, 1<<16))
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		form = string(raw)
		query = form
	}
	address := strings.TrimSuffix(f.base+"/"+path, "/")
	if r.URL.RawQuery != "" {
		address += "?" + r.URL.RawQuery
	}
	f.sources.note(asked{Source: f.index, Method: r.Method, URL: address, Body: form, ContentType: r.Header.Get("Content-Type")})
	if path == "" {
		f.batch(w, r, form)
		return
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	send(w, f.answer(r, kind, values))
}

// made is the whole answer to a batch; person says that it looks one up, which takes its time.
type made struct {
	body   []byte
	person bool
}

// batch answers several searches at once (FHIR R4 3.1.0.11), from the second time on without looking at the questions.
func (f *feed) batch(w http.ResponseWriter, r *http.Request, questions string) {
	known, ok := f.batches.Load(questions)
	if !ok {
		if known, ok = f.made(questions); !ok {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		f.batches.Store(questions, known)
	}
	answer := known.(made)
	if answer.person {
		f.wait(r)
	}
	send(w, answer.body)
}

func (f *feed) made(questions string) (answer made, ok bool) {
	var asked struct {
		Entry []struct{ Request struct{ URL string } }
	}
	if err := json.Unmarshal([]byte(questions), &asked); err != nil {
		return made{}, false
	}
	var entries []string
	for _, e := range asked.Entry {
		kind, query, _ := strings.Cut(e.Request.URL, "?")
		values, err := url.ParseQuery(query)
		if err != nil {
			return made{}, false
		}
		found := f.page(kind, values)
		if kind == "Patient" {
			answer.person, found = true, f.who(values)
		}
		entries = append(entries, fmt.Sprintf(`{"resource":%s,"response":{"status":"200 OK"}}`, found))
	}
	answer.body = fmt.Appendf(nil, `{"resourceType":"Bundle","type":"batch-response","entry":[%s]}`, strings.Join(entries, ","))
	return answer, true
}

func (f *feed) answer(r *http.Request, kind string, values url.Values) []byte {
	switch kind {
	case "Patient":
		f.wait(r)
		return f.who(values)
	case "all":
		f.wait(r)
		return f.answers[values.Get("patient")+"||"]
	}
	return f.page(kind, values)
}

// who finds the person with an NHS number.
func (f *feed) who(values url.Values) []byte {
	_, number, _ := strings.Cut(values.Get("identifier"), "|")
	if body, known := f.answers["number|"+number]; known {
		return body
	}
	return f.bundle("Patient", "identifier=x", nil, "")
}

// page is one page of what a search finds; the person is named by their id here, or along a chain by NHS number.
func (f *feed) page(kind string, values url.Values) []byte {
	id := values.Get("patient")
	if _, number, chained := strings.Cut(values.Get("patient.identifier"), "|"); chained {
		id = patientID(number)
	}
	page, err := strconv.Atoi(values.Get("_page"))
	if err != nil {
		page = 1
	}
	if body, known := f.answers[id+"|"+kind+"|"+strconv.Itoa(page)]; known {
		return body
	}
	return f.bundle(kind, "patient="+id, nil, "")
}

// wait is the time the source takes: all of it while it looks up the person, after which the searches are answered at once.
func (f *feed) wait(r *http.Request) {
	if gate := f.gate.Load(); gate != nil {
		select {
		case <-*gate:
		case <-r.Context().Done():
		}
		return
	}
	if d := time.Duration(f.delay.Load()); d > 0 {
		time.Sleep(d)
	}
}

func send(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", "application/fhir+json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
}
