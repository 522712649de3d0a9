package fhirrest

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"

	"ribble/internal/adapter/internal/fhirjson"
	"ribble/internal/adapter/internal/r4"
	"ribble/internal/fault"
	"ribble/internal/outbound"
	"ribble/internal/record"
)

// ErrNoDocument says that an attachment has no body that can be opened.
var ErrNoDocument = errors.New("document has no body")

// Document opens an attachment: inline data, or its address when that lies below the feed's base. A Binary that comes as FHIR JSON is
// unpacked. The caller closes the body; its size is bounded by outbound.
func (s *Session) Document(ctx context.Context, a record.Attachment) (record.DocumentBody, error) {
	if len(a.Inline) > 0 {
		return body(a.ContentType, a.Inline), nil
	}
	if a.URL == "" {
		return record.DocumentBody{}, fault.Wrap(fault.NotFound, "The source sent no document here.", ErrNoDocument)
	}
	at, err := s.server.client.Within(a.URL)
	if err != nil {
		return record.DocumentBody{}, fault.Wrap(fault.Refused, "The document is kept outside the source's approved address and was not opened.", err)
	}
	req, failure := s.request(http.MethodGet, at, http.NoBody)
	if failure.State != 0 {
		return record.DocumentBody{}, fault.New(fault.Unavailable, failure.Detail)
	}
	req.Header.Set("Accept", acceptFor(a.ContentType))
	stream, err := s.server.client.Stream(ctx, req)
	if err != nil {
		return record.DocumentBody{}, fault.Wrap(fault.Unavailable, failed(err).Detail, err)
	}
	return opened(stream, a)
}

// acceptFor prefers the document itself to a FHIR envelope around it.
func acceptFor(contentType string) string {
	if contentType == "" {
		return "*/*"
	}
	return contentType + ", */*;q=0.5"
}

func opened(stream *outbound.Stream, a record.Attachment) (record.DocumentBody, error) {
	if stream.Status != http.StatusOK {
		_ = stream.Body.Close()
		return record.DocumentBody{}, unopened(stream.Status)
	}
	kind, _, err := mime.ParseMediaType(stream.Header.Get("Content-Type"))
	if err == nil && kind == "application/fhir+json" {
		return unpack(stream.Body)
	}
	if kind == "" {
		kind = a.ContentType
	}
	return record.DocumentBody{ContentType: kind, Size: stream.Length, Body: stream.Body}, nil
}

func unopened(status int) error {
	switch status {
	case http.StatusForbidden, http.StatusUnauthorized:
		return fault.New(fault.Refused, "The source refused to open this document.")
	case http.StatusNotFound, http.StatusGone:
		return fault.New(fault.NotFound, "The source no longer has this document.")
	}
	return fault.New(fault.Unavailable, statusWords(status))
}

// unpack reads a Binary resource. It is held whole while it is decoded, hence the same limit as for any answer.
func unpack(stream io.ReadCloser) (record.DocumentBody, error) {
	defer func() { _ = stream.Close() }()
	raw, err := io.ReadAll(io.LimitReader(stream, fhirjson.MaxBody+1))
	if err != nil {
		return record.DocumentBody{}, fault.Wrap(fault.Unavailable, failed(err).Detail, fmt.Errorf("reading document: %w", err))
	}
	var binary r4.Binary
	if err := fhirjson.Decode(raw, &binary); err != nil {
		return record.DocumentBody{}, fault.Wrap(fault.Unavailable, "The document could not be read.", fmt.Errorf("decoding document: %w", err))
	}
	if binary.ResourceType != "Binary" {
		return record.DocumentBody{}, fault.Wrap(fault.Unavailable, "The source sent something other than the document.", fhirjson.ErrType)
	}
	data, err := base64.StdEncoding.DecodeString(binary.Data)
	if err != nil {
		return record.DocumentBody{}, fault.New(fault.Unavailable, "The document could not be read.")
	}
	return body(binary.ContentType, data), nil
}

func body(contentType string, data []byte) record.DocumentBody {
	return record.DocumentBody{ContentType: contentType, Size: int64(len(data)), Body: io.NopCloser(bytes.NewReader(data))}
}
