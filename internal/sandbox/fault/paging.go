package fault

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// pageParameter marks the follow-up requests of the paging faults, which the middleware answers by itself.
const pageParameter = "_sandboxpage"

var (
	links      = regexp.MustCompile(`"link"\s*:\s*\[`)
	searchset  = regexp.MustCompile(`"type"\s*:\s*"searchset"`)
	linkOfNext = regexp.MustCompile(`"relation"\s*:\s*"next"`)
)

// paging gives every search except the one for the Patient a next link, whose target do answers.
func paging(do func(*exchange, int)) func(*exchange) {
	return func(e *exchange) {
		if page, err := strconv.Atoi(e.r.URL.Query().Get(pageParameter)); err == nil {
			do(e, page)
			return
		}
		e.rewrite(func(r *http.Request, body []byte) []byte {
			if resourceType(r) == "Patient" || !searchset.Match(body) || linkOfNext.Match(body) {
				return body
			}
			return withNext(body, pageAddress(r, subjectOf(r, body), 2))
		})
	}
}

func endlessPages(e *exchange, page int) {
	subject := e.r.URL.Query().Get("patient")
	wrapped := make([]string, 100)
	for i := range wrapped {
		wrapped[i] = observation(fmt.Sprintf("page-%d-%d", page, i), subject)
	}
	body := insert([]byte(`{"resourceType":"Bundle","type":"searchset","entry":[]}`), wrapped...)
	e.say(http.StatusOK, fhirJSON, string(withNext(body, pageAddress(e.r, subject, page+1))))
}

func failingPage(e *exchange, _ int) { status(http.StatusInternalServerError)(e) }

func nextElsewhere(r *http.Request, body []byte) []byte {
	if resourceType(r) == "Patient" || !searchset.Match(body) {
		return body
	}
	return withNext(body, "https://elsewhere.sandbox.invalid/fhir/Observation?page=2")
}

// pageAddress keeps the origin and path of the search, as an honest next link does.
func pageAddress(r *http.Request, subject string, page int) string {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	query := url.Values{pageParameter: {strconv.Itoa(page)}, "patient": {subject}}
	path := strings.TrimSuffix(r.URL.Path, "/_search")
	return (&url.URL{Scheme: scheme, Host: r.Host, Path: path, RawQuery: query.Encode()}).String()
}

// withNext adds a next link to a Bundle.
func withNext(body []byte, address string) []byte {
	return prepend(links, "link", body, []string{fmt.Sprintf(`{"relation":"next","url":%q}`, address)})
}

func resourceType(r *http.Request) string {
	path := strings.TrimSuffix(strings.TrimSuffix(r.URL.Path, "/"), "/_search")
	return path[strings.LastIndex(path, "/")+1:]
}

// noPatient takes every Patient out of a Bundle; the other entries keep their bytes.
func noPatient(_ *http.Request, body []byte) []byte {
	var bundle map[string]json.RawMessage
	var list []struct {
		Resource json.RawMessage `json:"resource"`
	}
	if json.Unmarshal(body, &bundle) != nil || json.Unmarshal(bundle["entry"], &list) != nil {
		return body
	}
	kept := make([]string, 0, len(list))
	for _, entry := range list {
		var head struct {
			Type string `json:"resourceType"`
		}
		if json.Unmarshal(entry.Resource, &head) == nil && head.Type != "Patient" {
			kept = append(kept, `{"resource":`+string(entry.Resource)+`}`)
		}
	}
	bundle["entry"] = json.RawMessage("[" + join(kept) + "]")
	out, err := json.Marshal(bundle)
	if err != nil {
		return body
	}
	return out
}
