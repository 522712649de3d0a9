package gpconnect

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"time"

	"ribble/internal/record"
)

// Endpoint is where a practice is asked, as the Spine Directory knows it.
type Endpoint struct {
	// URL is the service root of the structured record, ASID the practice system's accredited system id.
	URL, ASID string
	// DocumentsURL is the service root of Access Document; empty when it is the same.
	DocumentsURL string
}

// Call is one request to a practice, before a Transport puts it on the wire.
type Call struct {
	Method string
	// Path is below the service root; Documents says which root. Within, when set, is the whole address instead: one that the practice gave.
	Path      string
	Documents bool
	Within    string
	// Interaction is the interaction id without the prefix common to all.
	Interaction string
	// Trace is the new id of this request, which the answer must repeat.
	Trace string
	Body  []byte
	By    record.Requester
	View  string
}

func (c Call) root(to Endpoint) string {
	if c.Documents && to.DocumentsURL != "" {
		return strings.TrimSuffix(to.DocumentsURL, "/")
	}
	return strings.TrimSuffix(to.URL, "/")
}

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

const (
	interactionPrefix = "urn:nhs:names:services:"
	fhirJSON          = "application/fhir+json;charset=utf-8"
)

// Prepare makes the request of GP Connect 1.6, 1.1 and 1.2 of the wire facts.
func (s *Spine) Prepare(ctx context.Context, call Call, to Endpoint) (*http.Request, error) {
	target := call.Within
	if target == "" {
		target = call.root(to) + "/" + call.Path
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
	token, err := unsigned(call.By, s.Device, s.Issuer, call.root(to), now())
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
	h["Ssp-InteractionID"] = []string{interactionPrefix + call.Interaction}
	h.Set("Accept", fhirJSON)
	h.Set("Authorization", "Bearer "+token)
	h.Set("Cache-Control", "no-store")
	if call.View != "" {
		h.Set("X-Correlation-ID", call.View)
	}
}

// newTrace is a new random GUID (RFC 9562, version 4).
func newTrace() string {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	s := hex.EncodeToString(b[:])
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}
