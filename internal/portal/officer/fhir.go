package officer

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"ribble/internal/audit"
	"ribble/internal/balp"
	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/oversight/inquiry"
	"ribble/internal/record"
)

// Collector is a system of an organisation that gathers audit events (a SIEM). It shows a token of which only the SHA-256 is known here.
type Collector struct {
	Name, Organisation string
	TokenSHA256        [sha256.Size]byte
}

// The addresses of the FHIR search. A person is asked about by POST alone: what identifies one stands in no address.
const (
	AuditEventPath  = "/fhir/AuditEvent"
	AuditSearchPath = "/fhir/AuditEvent/_search"
)

// collectorIssuer names collectors in the trail.
const collectorIssuer = "urn:ribble:collector"

var (
	errNoCollector = fault.New(fault.Denied, "No collector has this token.")
	errByPost      = fault.New(fault.Invalid, "patient.identifier is searched by POST to _search alone, so that no address names a person.")
	errDate        = fault.New(fault.Invalid, "date must be an instant or a day with ge, gt, le, lt or eq before it.")
	errParameter   = fault.New(fault.Invalid, "The search knows date, agent, patient.identifier and _count.")
)

// searchset is a FHIR R4 Bundle of type searchset.
type searchset struct {
	ResourceType string  `json:"resourceType"`
	Type         string  `json:"type"`
	Link         []link  `json:"link,omitempty"`
	Entry        []entry `json:"entry,omitempty"`
}

type link struct {
	Relation string `json:"relation"`
	URL      string `json:"url"`
}

type entry struct {
	FullURL  string          `json:"fullUrl"`
	Resource balp.AuditEvent `json:"resource"`
}

// outcome is a FHIR R4 OperationOutcome.
type outcome struct {
	ResourceType string  `json:"resourceType"`
	Issue        []issue `json:"issue"`
}

type issue struct {
	Severity    string `json:"severity"`
	Code        string `json:"code"`
	Diagnostics string `json:"diagnostics"`
}

// AuditEvents answers a collector: the events of its own organisation's users as AuditEvents (IHE BALP), the newest first, page by page. Each search
// is written down first.
func (p *Pages) AuditEvents(w http.ResponseWriter, r *http.Request) {
	set, err := p.searchset(r)
	if err == nil {
		sendFHIR(w, http.StatusOK, set)
		return
	}
	kind := fault.KindOf(err)
	status, code := map[fault.Kind]int{fault.Denied: http.StatusUnauthorized, fault.Invalid: http.StatusBadRequest, fault.NotFound: http.StatusGone, fault.Unavailable: http.StatusServiceUnavailable}[kind], "processing"
	switch {
	case status == 0:
		status, code = http.StatusInternalServerError, "exception"
	case kind == fault.Denied:
		code = "security"
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	sendFHIR(w, status, outcome{ResourceType: "OperationOutcome", Issue: []issue{{Severity: "error", Code: code, Diagnostics: fault.SafeText(err)}}})
}

func sendFHIR(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		status, text = http.StatusInternalServerError, nil
	}
	w.Header().Set("Content-Type", "application/fhir+json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(text)
}

func (p *Pages) searchset(r *http.Request) (searchset, error) {
	u, ok := p.collector(r)
	if !ok {
		return searchset{}, errNoCollector
	}
	if p.Log == nil {
		return searchset{}, errNoLog
	}
	a, limit, err := p.fhirAsking(r, u)
	if err != nil {
		return searchset{}, err
	}
	missing, err := p.gap(r, a)
	if err != nil {
		return searchset{}, err
	}
	if missing != "" {
		return searchset{}, fault.New(fault.Unavailable, missing)
	}
	a.Purpose, a.Reference = "collector", u.Name
	if err := p.note(r, u, audit.ActTrailExported, a, "fhir"); err != nil {
		return searchset{}, err
	}
	q := p.query(a, u)
	// A collector sees its own organisation's users, also where it asks about a person: the region-wide answer is for officers who give a reference.
	q.Organisation, q.Limit = u.Organisation.ODS, limit
	found, err := p.lookUp(r, q)
	if err != nil {
		return searchset{}, err
	}
	if a.Last == 0 {
		a.Last = found.Complete.Sequence
	}
	return p.bundle(u, a, found, limit)
}

// collector is who shows a token.
func (p *Pages) collector(r *http.Request) (identity.User, bool) {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	sum := sha256.Sum256([]byte(token))
	for _, c := range p.Collectors {
		if ok && subtle.ConstantTimeCompare(sum[:], c.TokenSHA256[:]) == 1 {
			u := identity.User{Issuer: collectorIssuer, Subject: c.Name, Name: c.Name, Session: hex.EncodeToString(sum[:8])}
			u.Organisation = identity.Organisation{ODS: c.Organisation, Name: p.organisation(c.Organisation).Name}
			return u, true
		}
	}
	return identity.User{}, false
}

// fhirAsking reads the parameters of a search, or the sealed place in one that was begun.
func (p *Pages) fhirAsking(r *http.Request, u identity.User) (a asking, limit int, err error) {
	if err := r.ParseForm(); err != nil {
		return a, 0, errParameter
	}
	limit = perPage
	if n, err := strconv.Atoi(r.Form.Get("_count")); err == nil && n > 0 {
		limit = min(n, inquiry.MaxPage)
	}
	if token := r.Form.Get("_cursor"); token != "" {
		a, err = p.unseal(u, token)
		return a, limit, err
	}
	for name, values := range r.Form {
		for _, value := range values {
			if err := a.parameter(name, value, r.PostForm); err != nil {
				return a, 0, err
			}
		}
	}
	return a, limit, nil
}

// parameter takes one parameter of a search (FHIR R4, 3.1.1.4).
func (a *asking) parameter(name, value string, posted url.Values) error {
	switch name {
	case "_count", "_format":
		return nil
	case "date":
		return a.date(value)
	case "agent":
		a.Issuer, a.Subject, _ = strings.Cut(value, "|")
		if a.Subject == "" {
			return errParameter
		}
		return nil
	case "patient.identifier", "patient:identifier":
		if !posted.Has(name) {
			return errByPost
		}
		number, err := record.ParseNHSNumber(strings.TrimPrefix(value, record.NHSNumberSystem+"|"))
		if err != nil {
			return fault.New(fault.Invalid, "patient.identifier must be an NHS number.")
		}
		a.NHS = number.Digits()
		return nil
	}
	return errParameter
}

// date takes a bound; a day stands for the whole of it, in UTC.
func (a *asking) date(value string) error {
	prefix, text := "eq", value
	if len(value) > 2 && value[0] >= 'a' {
		prefix, text = value[:2], value[2:]
	}
	at, err := time.Parse(time.RFC3339, text)
	end := at.Add(time.Second)
	if err != nil {
		if at, err = time.Parse(time.DateOnly, text); err != nil {
			return errDate
		}
		end = at.AddDate(0, 0, 1)
	}
	switch prefix {
	case "ge":
		a.From = at
	case "gt":
		a.From = end
	case "le":
		a.To = end
	case "lt":
		a.To = at
	case "eq":
		a.From, a.To = at, end
	default:
		return errDate
	}
	return nil
}

func (p *Pages) bundle(u identity.User, a asking, found inquiry.Page, limit int) (searchset, error) {
	set := searchset{ResourceType: "Bundle", Type: "searchset"}
	writer := balp.Writer{Portal: p.Portal}
	for _, row := range found.Rows {
		event := writer.From(balp.Kept{Sequence: row.Sequence, Event: row.Event, Person: a.number()})
		set.Entry = append(set.Entry, entry{FullURL: "urn:uuid:" + event.ID, Resource: event})
	}
	if found.Next.IsZero() {
		return set, nil
	}
	a.Before = found.Next
	token, err := p.seal(u, a, inquiryLife)
	if err != nil {
		return set, err
	}
	next := url.Values{"_cursor": {token}, "_count": {strconv.Itoa(limit)}}
	set.Link = append(set.Link, link{"next", p.Portal + AuditEventPath + "?" + next.Encode()})
	return set, nil
}
