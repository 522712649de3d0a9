package r4server

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"ribble/internal/sandbox/story"
)

// query is a search as it will be honoured.
type query struct {
	typ     string
	params  url.Values
	offset  int
	base    string
	count   int
	honours bool
	// local is the id of the patient whom a chain led to.
	local string
}

const pageParam = "_page"

func (s *server) search(w http.ResponseWriter, r *http.Request, typ string) {
	if err := r.ParseForm(); err != nil {
		s.fail(w, refusal{http.StatusBadRequest, "invalid", "INVALID_RESOURCE", "The form could not be read"})
		return
	}
	q := query{typ: typ, params: r.Form, base: base(r), honours: true}
	if token := r.Form.Get(pageParam); token != "" && !q.continues(token) {
		s.fail(w, refusal{http.StatusGone, "expired", "PAGE_EXPIRED", "This page is no longer held"})
		return
	}
	found, no := s.find(&q)
	if no != nil {
		s.fail(w, *no)
		return
	}
	q.size(found.holding)
	s.answer(w, &q, found)
}

// base is the address of the server's root as the client wrote it.
func base(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	asked, _, _ := strings.Cut(r.RequestURI, "?")
	return scheme + "://" + r.Host + strings.TrimSuffix(asked, r.URL.Path)
}

// continues takes the search out of a page token.
func (q *query) continues(token string) bool {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return false
	}
	params, err := url.ParseQuery(string(raw))
	if err != nil {
		return false
	}
	q.offset, err = strconv.Atoi(params.Get("_offset"))
	params.Del("_offset")
	q.params = params
	return err == nil && q.offset >= 0
}

func (q *query) next() string {
	params := url.Values{}
	for k, v := range q.params {
		params[k] = v
	}
	if q.local != "" {
		params.Del(chain)
		params.Set("patient", q.local)
	}
	params.Set("_offset", strconv.Itoa(q.offset+q.count))
	token := base64.RawURLEncoding.EncodeToString([]byte(params.Encode()))
	return q.base + "/" + q.typ + "?" + pageParam + "=" + token
}

// size settles the page size: what was asked up to the server's own limit, unless the story says otherwise.
func (q *query) size(h *story.Holding) {
	q.count = defaultPage
	if n, err := strconv.Atoi(q.params.Get("_count")); err == nil && n > 0 {
		q.count = min(n, largestPage)
	}
	if h == nil {
		return
	}
	if h.Behaviour.PageSize > 0 {
		q.count = h.Behaviour.PageSize
	}
	q.honours = !h.Behaviour.IgnoresParameters
}

func (s *server) find(q *query) (page, *refusal) {
	switch {
	case q.params.Get("_id") != "":
		return s.byIDs(q)
	case q.typ == "Patient":
		return s.patients(q)
	}
	chart, h, no := s.subject(q)
	if no != nil || h == nil {
		return nobody(), no
	}
	return page{chart.ofType(q.typ, q.keep), chart, h}, refused(h)
}

// chain is the parameter that names the patient by identifier (FHIR R4 3.1.1.5.4).
const chain = "patient.identifier"

// subject finds the person whom a search names, by their id here or along a chain; a nil holding is nobody.
func (s *server) subject(q *query) (*Chart, *story.Holding, *refusal) {
	identifier := q.params.Get(chain)
	switch {
	case q.patient() == "" && identifier == "":
		return nil, nil, &refusal{http.StatusBadRequest, "required", "MISSING_VALUE", "The patient must be named"}
	case identifier == "":
		chart, h, _ := s.chart(q.patient())
		return chart, h, nil
	}
	p, h, no := s.identified(identifier)
	if no != nil || h == nil || q.patient() != "" && q.patient() != h.LocalID {
		return nil, nil, no
	}
	// The address of the next page shall not hold the number.
	q.local = h.LocalID
	return s.rendered(&p, h), h, nil
}

// identified finds who is known here by an NHS number; a nil holding is nobody.
func (s *server) identified(identifier string) (story.Person, *story.Holding, *refusal) {
	system, number, _ := strings.Cut(identifier, "|")
	if number == "" || system != story.SystemNHSNumber {
		return story.Person{}, nil, &refusal{http.StatusBadRequest, "required", "MISSING_VALUE", "The NHS number must be given as identifier"}
	}
	p, ok := s.Region.Person(number)
	if !ok {
		return story.Person{}, nil, nil
	}
	h, ok := p.Holding(s.ODS)
	if !ok {
		return story.Person{}, nil, nil
	}
	return p, h, nil
}

// nobody is the answer about a person who is not known here: an empty searchset, as FHIR R4 search asks.
func nobody() page { return page{chart: &Chart{}} }

func refused(h *story.Holding) *refusal {
	if h == nil || h.Behaviour.Error == "" {
		return nil
	}
	r := refusalOf(h.Behaviour.Error)
	return &r
}

func (q *query) patient() string {
	for _, name := range []string{"patient", "subject"} {
		if v := q.params.Get(name); v != "" {
			return strings.TrimPrefix(v, "Patient/")
		}
	}
	return ""
}

// patients answers the one search that starts a record: by NHS number.
func (s *server) patients(q *query) (page, *refusal) {
	p, h, no := s.identified(q.params.Get("identifier"))
	if no != nil || h == nil {
		return nobody(), no
	}
	if no := refused(h); no != nil {
		return page{}, no
	}
	chart := s.rendered(&p, h)
	return page{chart.ofType("Patient", func(*Resource) bool { return true }), chart, h}, nil
}

// byIDs reads many resources of one type at once, the way a client fetches what an include did not bring.
func (s *server) byIDs(q *query) (page, *refusal) {
	found := nobody()
	for _, id := range strings.Split(q.params.Get("_id"), ",") {
		if chart, h, ok := s.chart(patientOf(id)); ok {
			found.chart, found.holding = chart, h
		}
		if r, ok := s.resolve(found.chart, q.typ+"/"+id); ok {
			found.matches = append(found.matches, r)
		}
	}
	return found, refused(found.holding)
}

// tokenParams are the coded parameters the server understands.
var tokenParams = []string{"category", "code", "type", "status", "class"}

// dateParams are the date parameters the server understands.
var dateParams = []string{"date", "effective-time"}

func (q *query) keep(r *Resource) bool {
	for _, p := range tokenParams {
		for _, v := range q.params[p] {
			if !slices.ContainsFunc(strings.Split(v, ","), func(one string) bool { return r.matches(p, one) }) {
				return false
			}
		}
	}
	for _, p := range dateParams {
		for _, v := range q.params[p] {
			if !r.within(v) {
				return false
			}
		}
	}
	return true
}
