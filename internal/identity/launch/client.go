package launch

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

const (
	// answerLimit is how long a launcher's server may take.
	answerLimit = 5 * time.Second
	// maxAnswer bounds keys, tokens and resources alike.
	maxAnswer = 1 << 20
)

var errAnswer = errors.New("the launching system did not answer as it must")

// newClient asks one launcher's servers, under its pinned authority. It follows no redirect: a token must not travel on.
func newClient(roots *x509.CertPool) *http.Client {
	return &http.Client{
		Timeout: answerLimit,
		Transport: &http.Transport{
			TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots}, MaxConnsPerHost: 16, IdleConnTimeout: 30 * time.Second,
			TLSHandshakeTimeout: answerLimit, ResponseHeaderTimeout: answerLimit, MaxResponseHeaderBytes: 64 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// fetch reads a JSON document, with the access token when there is one. Errors quote nothing of the address or the answer.
func fetch(ctx context.Context, client *http.Client, address, bearer string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, errAnswer
	}
	req.Header.Set("Accept", "application/fhir+json, application/json")
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	return answer(client, req)
}

func answer(client *http.Client, req *http.Request) ([]byte, error) {
	resp, err := client.Do(req)
	if err != nil {
		return nil, errAnswer
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil || resp.StatusCode != http.StatusOK || len(raw) > maxAnswer {
		return nil, errAnswer
	}
	return raw, nil
}

// secure says whether an address may be asked: https, or http on this very machine.
func secure(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "https" || u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
}
