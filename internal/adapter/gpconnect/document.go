package gpconnect

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"ribble/internal/adapter/internal/requestid"
	"ribble/internal/adapter/internal/stu3"
	"ribble/internal/record"
)

// includes are the mandatory ones of Access Document 1.6.
const includes = "_include=DocumentReference:subject:Patient&_include=DocumentReference:custodian:Organization" +
	"&_include=DocumentReference:author:Organization&_include=DocumentReference:author:Practitioner&_revinclude:recurse=PractitionerRole:practitioner"

// findDocuments finds the person at the practice's document service, then lists the documents. Only a patient with the traced number is
// followed; whoever else came is in the reply, to be judged with the whole answer.
func (s *Source) findDocuments(ctx context.Context, ask record.Ask) (patient, documents reply) {
	query := url.Values{"identifier": {record.NHSNumberSystem + "|" + ask.Person.NHSNumber.Digits()}}
	patient = s.send(ctx, Call{
		Method: http.MethodGet, Path: "Patient?" + query.Encode(), Interaction: findPatientInteraction,
		Trace: requestid.New(), By: ask.Requester, View: ask.ID,
	}, ask.Person.Practice.ODS)
	if patient.failed != nil {
		return reply{}, reply{failed: patient.failed}
	}
	id, failed := theOnlyPatient(ask, patient.bundle)
	if failed != nil {
		return patient, reply{failed: failed}
	}
	return patient, s.send(ctx, Call{
		Method: http.MethodGet, Path: "Patient/" + url.PathEscape(id) + "/DocumentReference?" + includes,
		Interaction: findDocumentInteraction, Trace: requestid.New(), By: ask.Requester, View: ask.ID,
	}, ask.Person.Practice.ODS)
}

func theOnlyPatient(ask record.Ask, b *stu3.Bundle) (string, *failure) {
	r, id := newReading(ask, 0, &record.Answer{}), ""
	for i := range b.Entry {
		p, ok := b.Entry[i].Resource.Entity.(*stu3.Patient)
		if !ok {
			continue
		}
		if id != "" {
			return "", unavailable("Its document service found more than one person.")
		}
		if id = p.ID; !r.isPerson(stu3.RecordIdentifiers(p.Identifier)) {
			return "", unavailable("Its document service found somebody else.")
		}
	}
	if id == "" || strings.ContainsAny(id, "/?#") {
		return "", &failure{record.NotKnownHere, "Its document service did not find this person, or may not share the documents."}
	}
	return id, nil
}

// Document opens one document that an answer of this source listed: a Binary, whose body GP Connect carries inside JSON. The caller
// closes the body. The error wraps ErrNoDocument and says nothing of the document.
func (s *Source) Document(ctx context.Context, ask record.Ask, a record.Attachment) (record.DocumentBody, error) {
	if len(a.Inline) > 0 {
		return documentBody(a.ContentType, a.Inline), nil
	}
	if s.blocked(ask) != "" || a.URL == "" {
		return record.DocumentBody{}, fmt.Errorf("opening a document: %w", ErrNoDocument)
	}
	to, err := s.cfg.Directory.Practice(ctx, ask.Person.Practice.ODS, service(readDocumentInteraction))
	if err != nil {
		return record.DocumentBody{}, fmt.Errorf("finding the practice of a document: %w", err)
	}
	call := Call{Method: http.MethodGet, Interaction: readDocumentInteraction, Trace: requestid.New(), By: ask.Requester, View: ask.ID}
	call.Within, err = within(strings.TrimSuffix(to.URL, "/"), a.URL)
	if err != nil {
		return record.DocumentBody{}, fmt.Errorf("opening a document: %w", err)
	}
	entity, failed := s.fetch(ctx, call, to)
	binary, ok := entity.(*stu3.Binary)
	if failed != nil || !ok {
		return record.DocumentBody{}, fmt.Errorf("reading a document: %w", ErrNoDocument)
	}
	contentType := binary.ContentType
	if contentType == "" {
		contentType = a.ContentType
	}
	return documentBody(contentType, binary.Content), nil
}

func documentBody(contentType string, content []byte) record.DocumentBody {
	return record.DocumentBody{ContentType: contentType, Size: int64(len(content)), Body: io.NopCloser(bytes.NewReader(content))}
}

// within takes an attachment's address, relative or absolute, only when it is a Binary below the practice's own document root (S15): through a
// proxy any other address would be followed for us by somebody else.
func within(root, reference string) (string, error) {
	base, err := url.Parse(root + "/")
	if err != nil {
		return "", ErrNoDocument
	}
	target, err := base.Parse(reference)
	if err != nil || target.User != nil || !strings.EqualFold(target.Scheme, base.Scheme) || !strings.EqualFold(target.Host, base.Host) {
		return "", ErrNoDocument
	}
	clean := target.JoinPath()
	if !strings.HasPrefix(clean.EscapedPath(), base.EscapedPath()+"Binary/") || strings.Contains(clean.Path, "..") {
		return "", ErrNoDocument
	}
	return clean.String(), nil
}
