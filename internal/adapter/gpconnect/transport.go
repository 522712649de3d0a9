package gpconnect

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"ribble/internal/record"
)

// Endpoint is where a practice answers one kind of question, as the Spine Directory knows it.
type Endpoint struct {
	// URL is the service root, ASID the practice system's accredited system id.
	URL, ASID string
}

// Call is one request to a practice, before a Transport puts it on the wire.
type Call struct {
	Method string
	// Path is below the service root. Within, when set, is the whole address instead: one that the practice gave.
	Path, Within string
	// Interaction is the interaction id.
	Interaction string
	// Trace is the new id of this request, which the answer must repeat.
	Trace string
	Body  []byte
	By    record.Requester
	View  string
}

// The interactions of GP Connect 1.6 that are used.
const (
	structuredInteraction   = "urn:nhs:names:services:gpconnect:fhir:operation:gpc.getstructuredrecord-1"
	findPatientInteraction  = "urn:nhs:names:services:gpconnect:documents:fhir:rest:search:patient-1"
	findDocumentInteraction = "urn:nhs:names:services:gpconnect:documents:fhir:rest:search:documentreference-1"
	readDocumentInteraction = "urn:nhs:names:services:gpconnect:documents:fhir:rest:read:binary-1"
)

// Transport makes the HTTP request of a call. The Spine Secure Proxy is one way to reach a practice; it will not stay the only one
// (wire facts 1.10).
type Transport interface {
	Prepare(ctx context.Context, call Call, to Endpoint) (*http.Request, error)
}

// Spine reaches practices with Ssp headers and a token per request, through the Spine Secure Proxy or, with an empty Proxy, directly.
type Spine struct {
	// Proxy is the address of the proxy, a forward proxy that takes the practice's address as its path.
	Proxy string
	// Issuer is the address by which this portal names itself; Device says which product it is.
	Issuer string
	Device Device
	// ASID gives the accredited system id of the organisation on whose behalf is asked: never the portal host's own.
	ASID func(ods string) string
	// Now is the clock; nil means the real one.
	Now func() time.Time
}

const fhirJSON = "application/fhir+json;charset=utf-8"

// Prepare makes the request of GP Connect 1.6, 1.1 and 1.2 of the wire facts.
func (s *Spine) Prepare(ctx context.Context, call Call, to Endpoint) (*http.Request, error) {
	root, target := strings.TrimSuffix(to.URL, "/"), call.Within
	if target == "" {
		target = root + "/" + call.Path
	}
	if s.Proxy != "" {
		target = strings.TrimSuffix(s.Proxy, "/") + "/" + target
	}
	req, err := http.NewRequestWithContext(ctx, call.Method, target, bytes.NewReader(call.Body))
	if err != nil {
		return nil, fmt.Errorf("preparing a request to a practice: %w", errAddress)
	}
	now := time.Now
	if s.Now != nil {
		now = s.Now
	}
	token, err := unsigned(call.By, s.Device, s.Issuer, root, now())
	if err != nil {
		return nil, fmt.Errorf("preparing a request to a practice: %w", err)
	}
	s.setHeaders(req.Header, call, to, token)
	if len(call.Body) == 0 {
		req.Body, req.GetBody = http.NoBody, nil
	} else {
		req.ContentLength = -1 // chunked, as the assurance of consumers expects (SPN-12)
		req.Header.Set("Content-Type", fhirJSON)
	}
	return req, nil
}

func (s *Spine) setHeaders(h http.Header, call Call, to Endpoint, token string) {
	// The names are written as specified: some proxies compare them letter by letter.
	h["Ssp-TraceID"] = []string{call.Trace}
	h["Ssp-From"] = []string{s.ASID(call.By.Organisation.ODS)}
	h["Ssp-To"] = []string{to.ASID}
	h["Ssp-InteractionID"] = []string{call.Interaction}
	h.Set("Accept", fhirJSON)
	h.Set("Authorization", "Bearer "+token)
	if call.View != "" {
		h.Set("X-Correlation-ID", call.View)
	}
}
