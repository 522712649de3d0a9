package sourcecheck

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"ribble/internal/outbound"
)

// connect makes all checks that are about the connection and about nobody's record. It reports whether the source can be asked at all.
func (r *run) connect(ctx context.Context) bool {
	began := r.Now()
	approved, err := r.feed.Approved(ctx)
	if err != nil {
		r.check(address, began, failed("%s", err))
		return false
	}
	approved.OnAnswer = r.feed.Seen.Add
	if r.client, err = outbound.New(approved); err != nil {
		r.check(address, began, failed("The entry in the directory cannot be used: %s.", err))
		return false
	}
	defer r.client.Close()
	r.probed, err = r.client.Probe(ctx)
	r.check(address, began, addressVerdict(approved, r.probed, err))
	if err != nil && !errors.Is(err, outbound.ErrTLS) {
		return false
	}
	r.check(tlsVersion, began, versionVerdict(r.probed, err))
	r.check(certificate, began, r.certificateVerdict(err))
	if err != nil {
		return false
	}
	return r.greet(ctx, approved)
}

// greet sends the first requests: none is about anybody.
func (r *run) greet(ctx context.Context, approved outbound.Config) bool {
	began := r.Now()
	hello, err := get(ctx, r.client, "metadata")
	r.check(ourCertificate, began, r.oursVerdict(approved, err))
	if !r.feed.GPConnect {
		r.check(metadata, began, metadataVerdict(hello, err))
	} else {
		r.check(metadata, began, notTried("GP Connect asks for a token and an interaction for this; the record's own answers tell its version."))
	}
	if len(approved.Certificates) > 0 {
		began = r.Now()
		r.check(noCertificate, began, strangerVerdict(ctx, approved))
	}
	began = r.Now()
	if r.feed.GPConnect {
		// Without the headers of GP Connect the question cannot be answered, and the source must say so.
		r.check(outcome, began, outcomeVerdict(hello, err))
	} else {
		r.check(outcome, began, outcomeVerdict(get(ctx, r.client, "Patient/ribble-connection-check")))
	}
	return !errors.Is(err, outbound.ErrTLS)
}

// get asks for something that is about nobody.
func get(ctx context.Context, client *outbound.Client, what string) (*outbound.Answer, error) {
	at, err := client.Within(what)
	if err != nil {
		return nil, err
	}
	req := &http.Request{Method: http.MethodGet, URL: at, Host: at.Host, Header: http.Header{"Accept": {"application/fhir+json"}}}
	return client.Do(ctx, req)
}

func addressVerdict(approved outbound.Config, seen outbound.Handshake, err error) verdict {
	switch {
	case err == nil, errors.Is(err, outbound.ErrTLS):
		return passed("%s, reached at %s, which is in the approved networks.", approved.BaseURL, seen.Address)
	case errors.Is(err, outbound.ErrForbidden):
		return failed("The name leads to an address outside the approved networks, so no connection was made. Correct the name server, or have the new address approved.")
	case errors.Is(err, outbound.ErrRefusedConnection):
		return failed("Nothing answers at the approved address and port, or the name is not known. Check the address, the firewall and that the service runs.")
	case errors.Is(err, outbound.ErrTimeout):
		return failed("No connection could be made in time. Check the firewall: it seems to drop what this portal sends.")
	}
	return failed("No connection could be made: %s.", class(err))
}

// class is an error of a connection in a few fixed words.
func class(err error) string {
	var e *outbound.Error
	if errors.As(err, &e) {
		if e.Detail != "" {
			return e.Detail
		}
		return e.Class.Error()
	}
	return "the request could not be made"
}

func versionVerdict(seen outbound.Handshake, err error) verdict {
	var e *outbound.Error
	switch {
	case err == nil:
		return passed("%s.", seen.Version)
	case errors.As(err, &e) && (e.Refused() != nil || e.WrongKey()):
		return notTried("The certificate was refused first.")
	}
	return failed("TLS 1.2 or 1.3 could not be agreed: %s.", class(err))
}

// The days before the end of a certificate from which it is a warning, and a failure.
const (
	warnDays = 30
	failDays = 3
)

func (r *run) certificateVerdict(err error) verdict {
	var e *outbound.Error
	switch {
	case errors.As(err, &e) && e.Refused() != nil:
		c := e.Refused()
		return failed(
			"Refused: %s. It is issued to %s by %s, from %s to %s, for %s.", e.Detail, subject(c), issuer(c), stamp(c.NotBefore), stamp(c.NotAfter), hosts(c),
		)
	case errors.As(err, &e) && e.WrongKey():
		return failed("Refused: %s. If the certificate was renewed with a new key, have that key approved first.", e.Detail)
	case err != nil:
		return notTried("No TLS connection could be agreed.")
	}
	c := r.probed.Server
	left := int(c.NotAfter.Sub(r.Now()).Hours() / 24)
	text := fmt.Sprintf("Issued to %s by %s, ends %s: %d days left.", subject(c), issuer(c), stamp(c.NotAfter), left)
	switch {
	case left <= failDays:
		return failed("%s Renew it now.", text)
	case left <= warnDays:
		return warning("%s Plan to renew it.", text)
	case !r.feed.GPConnect && !issuedTo(c, r.feed.Organisation.Name, r.feed.Organisation.ODS):
		return warning("%s It does not name %s: check that it is theirs, and pin its key.", text, r.feed.Organisation.Name)
	}
	return passed("%s", text)
}

func subject(c *x509.Certificate) string {
	return orNobody(c.Subject.CommonName, c.Subject.Organization)
}

func issuer(c *x509.Certificate) string { return orNobody(c.Issuer.CommonName, c.Issuer.Organization) }

func orNobody(name string, organisation []string) string {
	if all := strings.Join(slices.Concat([]string{name}, organisation), ", "); strings.Trim(all, ", ") != "" {
		return "“" + strings.Trim(all, ", ") + "”"
	}
	return "nobody"
}

func hosts(c *x509.Certificate) string {
	names := slices.Clone(c.DNSNames)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		return "no host"
	}
	return strings.Join(names, ", ")
}

func issuedTo(c *x509.Certificate, names ...string) bool {
	for _, text := range slices.Concat([]string{c.Subject.CommonName}, c.Subject.Organization, c.Subject.OrganizationalUnit) {
		for _, name := range names {
			if name != "" && strings.Contains(strings.ToLower(text), strings.ToLower(name)) {
				return true
			}
		}
	}
	return false
}

func (r *run) oursVerdict(approved outbound.Config, err error) verdict {
	switch {
	case len(approved.Certificates) == 0:
		return failed("No certificate of ours is set up for this source.")
	case errors.Is(err, outbound.ErrTLS):
		return failed("The source ended the connection when it saw our certificate: %s. Ask them to trust the authority that issued ours.", class(err))
	case !r.probed.AsksForOurs:
		return warning("It does not ask for our certificate.")
	case errors.Is(err, outbound.ErrTruncated):
		return warning("Mutual %s was agreed, but the first request had no answer: the connection was closed. It may not accept our certificate.", r.probed.Version)
	}
	return passed("Mutual %s.", r.probed.Version)
}

// strangerVerdict tries the source as a caller without a certificate would.
func strangerVerdict(ctx context.Context, approved outbound.Config) verdict {
	approved.Certificates = nil
	stranger, err := outbound.New(approved)
	if err != nil {
		return notTried("A caller without a certificate could not be made.")
	}
	defer stranger.Close()
	answer, err := get(ctx, stranger, "metadata")
	switch {
	case errors.Is(err, outbound.ErrTLS), errors.Is(err, outbound.ErrTruncated):
		return passed("It closed the connection.")
	case errors.Is(err, outbound.ErrRedirect):
		return failed("It answered a caller without a certificate, with an address elsewhere.")
	case err != nil:
		return warning("Whether it refuses could not be told: %s.", class(err))
	case answer.Status == http.StatusUnauthorized || answer.Status == http.StatusForbidden:
		return warning("It answered %d: it refuses only after the connection is made. Make the certificate a condition of TLS.", answer.Status)
	}
	return failed("It answered %d to a caller without a certificate: anybody who reaches it can ask. Make the certificate a condition of TLS.", answer.Status)
}

// capability is what is read of a CapabilityStatement (FHIR R4 http.html#capabilities).
type capability struct {
	ResourceType string `json:"resourceType"`
	Version      string `json:"fhirVersion"`
	Rest         []struct {
		Resource []struct {
			Type string `json:"type"`
		} `json:"resource"`
	} `json:"rest"`
}

func metadataVerdict(answer *outbound.Answer, err error) verdict {
	var stated capability
	switch {
	case errors.Is(err, outbound.ErrRedirect):
		return failed("GET metadata was answered with an address elsewhere, which is never followed. Give the address itself for approval.")
	case err != nil:
		return failed("GET metadata had no answer that can be read: %s.", class(err))
	case answer.Status != http.StatusOK:
		return failed("GET metadata was answered with %d; a CapabilityStatement is expected.", answer.Status)
	case json.Unmarshal(answer.Body, &stated) != nil || stated.ResourceType != "CapabilityStatement":
		return failed("GET metadata was answered with something that is not a CapabilityStatement.")
	case !strings.HasPrefix(stated.Version, "4.0"):
		return failed("It states another version of FHIR than R4 (4.0.1).")
	}
	types := 0
	for _, rest := range stated.Rest {
		types += len(rest.Resource)
	}
	if types == 0 {
		return warning("FHIR %s, but its CapabilityStatement names no type of resource.", stated.Version)
	}
	return passed("FHIR %s, %d types of resource.", stated.Version, types)
}

func outcomeVerdict(answer *outbound.Answer, err error) verdict {
	var said struct {
		ResourceType string `json:"resourceType"`
	}
	switch {
	case err != nil:
		return failed("A question that has no answer was met with no answer that can be read: %s.", class(err))
	case answer.Status < http.StatusBadRequest:
		return failed("A question that has no answer was answered with %d; 400 or 404 with an OperationOutcome is expected.", answer.Status)
	case json.Unmarshal(answer.Body, &said) != nil || said.ResourceType != "OperationOutcome":
		return warning("%d, but without an OperationOutcome that says why.", answer.Status)
	}
	return passed("%d with an OperationOutcome.", answer.Status)
}
