package signin

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	strict "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

const (
	providerTimeout = 5 * time.Second
	// maxProviderAnswer bounds discovery, keys, tokens and user information alike.
	maxProviderAnswer = 1 << 20
)

var errRedirected = errors.New("provider answered with a redirect")

func newClient(roots *x509.CertPool, now func() time.Time) *http.Client {
	return &http.Client{
		Timeout: providerTimeout,
		Transport: &patient{now: now, next: capped{&http.Transport{
			TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots}, MaxConnsPerHost: 16, IdleConnTimeout: 30 * time.Second,
			TLSHandshakeTimeout: providerTimeout, ResponseHeaderTimeout: providerTimeout, MaxResponseHeaderBytes: 64 << 10,
		}}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return errRedirected },
	}
}

// capped bounds how much of any answer is read; what is longer arrives cut and then fails to parse.
type capped struct{ *http.Transport }

// RoundTrip sends the request as the transport does.
func (c capped) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := c.Transport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(resp.Body, maxProviderAnswer), resp.Body}
	return resp, nil
}

// keyInterval is how often at most a provider's keys are fetched: a token with an unknown key makes the library fetch them again, and whoever
// sends such tokens must not be able to turn that against the provider.
const keyInterval = 10 * time.Second

// patient answers a question for the keys from memory when it was asked just before. Everything else goes through.
type patient struct {
	next http.RoundTripper
	now  func() time.Time

	mu sync.Mutex
	// keys is the address of the keys, known from discovery; body what it answered at the time.
	keys string
	body []byte
	at   time.Time
}

// watch makes the address of the keys known.
func (p *patient) watch(keys string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.keys != keys {
		p.keys, p.body = keys, nil
	}
}

// RoundTrip sends the request, unless it asks for the keys too soon again. The library asks for them one at a time.
func (p *patient) RoundTrip(r *http.Request) (*http.Response, error) {
	p.mu.Lock()
	isKeys, body, at := r.URL.String() == p.keys, p.body, p.at
	p.mu.Unlock()
	if !isKeys {
		return p.next.RoundTrip(r)
	}
	if body != nil && p.now().Sub(at) < keyInterval {
		return &http.Response{
			Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
			Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
		}, nil
	}
	resp, err := p.next.RoundTrip(r)
	if err != nil || resp.StatusCode != http.StatusOK {
		return resp, err
	}
	body, err = io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	// An answer without keys is not worth remembering: the next one may be whole.
	var set struct {
		Keys []jsontext.Value `json:"keys"`
	}
	if strict.Unmarshal(body, &set) == nil && len(set.Keys) > 0 {
		p.mu.Lock()
		p.body, p.at = body, p.now()
		p.mu.Unlock()
	}
	return resp, nil
}
