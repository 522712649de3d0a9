package fault

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"ribble/internal/sandbox/story"
)

// maxRequest bounds what the middleware reads of a request; the portal's own requests are a few kilobytes.
const maxRequest = 1 << 20

var (
	tenDigits    = regexp.MustCompile(`(?:^|[^0-9])([0-9]{10})(?:[^0-9]|$)`)
	patientParam = regexp.MustCompile(`(?:^|[?&])(?:patient|subject)(?:%3A[A-Za-z]+|:[A-Za-z]+)?=([^&"]+)`)
	patientPath  = regexp.MustCompile(`/Patient/([^/$?]+)`)
)

// readBody takes the whole request body and puts an equal one back, because the handler behind needs it too.
func readBody(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRequest+1))
	if err != nil {
		return nil, fmt.Errorf("reading the request: %w", err)
	}
	if len(body) > maxRequest {
		return nil, fmt.Errorf("reading the request: larger than %d bytes", maxRequest)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return body, nil
}

// personIn finds whom a request is about: an NHS number in the body, the query or the path, else a local id that the region knows.
func (c *Control) personIn(source string, r *http.Request, body []byte) string {
	query, err := url.QueryUnescape(r.URL.RawQuery)
	if err != nil {
		query = r.URL.RawQuery
	}
	form, err := url.QueryUnescape(string(body))
	if err != nil {
		form = string(body)
	}
	for _, text := range []string{form, query, r.URL.Path} {
		for _, match := range tenDigits.FindAllStringSubmatch(text, -1) {
			// The check digit keeps telephone numbers and local ids from being taken for a person.
			if story.ValidNHSNumber(match[1]) {
				return match[1]
			}
		}
	}
	if c.people == nil {
		return ""
	}
	return c.people.NHSNumberOf(source, localPatient(query, form, r.URL.Path))
}

func localPatient(query, form, path string) string {
	for _, text := range []string{form, query} {
		if match := patientParam.FindStringSubmatch(text); match != nil {
			return strings.TrimPrefix(match[1], "Patient/")
		}
	}
	if match := patientPath.FindStringSubmatch(path); match != nil {
		return match[1]
	}
	return ""
}
