package r4

import (
	"strconv"
	"strings"

	"ribble/internal/adapter/internal/fhirjson"
)

// BatchResponse is the answer to a batch (FHIR R4 3.1.0.11, Bundle of type batch-response): one entry for each question, in their order.
type BatchResponse struct {
	ResourceType string                    `json:"resourceType"`
	Type         string                    `json:"type"`
	Entry        fhirjson.List[BatchEntry] `json:"entry"`
}

// BatchEntry is the answer to one question: Response says what came of it, Resource is the searchset, or an outcome in its place.
type BatchEntry struct {
	Resource Reply         `json:"resource"`
	Response EntryResponse `json:"response"`
	// Unread is why the entry could not be read although the others could; nil for an entry that was.
	Unread error `json:"-"`
}

// EntryResponse is Bundle.entry.response.
type EntryResponse struct {
	Status  string `json:"status"`
	Outcome Any    `json:"outcome"`
}

// Code is the HTTP status, which stands at the start of the element ("200 OK"); 0 when it is none.
func (r *EntryResponse) Code() int {
	digits, _, _ := strings.Cut(r.Status, " ")
	code, err := strconv.Atoi(digits)
	if err != nil || len(digits) != 3 || code < 100 {
		return 0
	}
	return code
}

// Reply is the resource of a batch's entry; Resource is nil for a JSON null.
type Reply struct{ Resource Resource }

// ReadJSON reads a Bundle, whose entries are looked at one by one, and anything else as Any does.
func (p *Reply) ReadJSON(r *fhirjson.Reader) {
	if string(r.ResourceType()) != "Bundle" {
		(*Any)(p).ReadJSON(r)
		return
	}
	b := bundles.One(r)
	b.ReadJSON(r)
	p.Resource = b
	r.Match(b.ResourceType, "Bundle")
}

var bundles = fhirjson.Lay[Bundle]()

// DecodeBatchResponse reads the answer to a batch once. When one of its parts is not of the shape that its type demands, it is read again part
// by part, so that the bad one costs itself: an entry, as in DecodeBundle, or the answer to its own question. It may be looked at until the
// memory, which may be nil and must hold nothing yet, is returned.
func DecodeBatchResponse(m *fhirjson.Memory, body []byte) (*BatchResponse, error) {
	b := new(BatchResponse)
	err := m.Decode(body, b)
	if err == nil {
		return b, nil
	}
	m.Again()
	if again, ok := decodeReplies(m, body); ok {
		return again, nil
	}
	return nil, err
}

// looseBatch is a BatchResponse whose answers are not looked at yet.
type looseBatch struct {
	ResourceType string                    `json:"resourceType"`
	Type         string                    `json:"type"`
	Entry        fhirjson.List[looseReply] `json:"entry"`
}

type looseReply struct {
	Resource fhirjson.Raw `json:"resource"`
	Response fhirjson.Raw `json:"response"`
}

func decodeReplies(m *fhirjson.Memory, body []byte) (*BatchResponse, bool) {
	var loose looseBatch
	if m.Decode(body, &loose) != nil {
		return nil, false
	}
	b := &BatchResponse{ResourceType: loose.ResourceType, Type: loose.Type}
	for _, e := range loose.Entry {
		b.Entry = append(b.Entry, decodeReply(m, e.Resource, e.Response))
	}
	return b, true
}

func decodeReply(m *fhirjson.Memory, resource, response fhirjson.Raw) (e BatchEntry) {
	if len(response) > 0 {
		if e.Unread = m.Decode(response, &e.Response); e.Unread != nil {
			return e
		}
	}
	if len(resource) == 0 {
		return e
	}
	if e.Unread = m.Decode(resource, &e.Resource); e.Unread == nil || hopeless(e.Unread) {
		return e
	}
	e.Resource = Reply{}
	bundle, ok := decodeSingly(m, resource)
	if ok {
		e.Resource.Resource, e.Unread = bundle, fhirjson.Matches(bundle.ResourceType, "Bundle")
	}
	return e
}
