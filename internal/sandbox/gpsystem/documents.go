package gpsystem

import (
	"encoding/base64"
	"net/http"
	"strings"

	"ribble/internal/sandbox/fhirout"
	"ribble/internal/sandbox/story"
)

const (
	searchProfile = "https://fhir.nhs.uk/STU3/StructureDefinition/GPConnect-Searchset-Bundle-1"
	// tooLarge is the reason suppliers give for a document that is not sent (GP Connect sets 5 MB).
	tooLarge = 5 << 20
)

// searchPatient answers GET Patient?identifier=, the first step of Access Document.
func (c *call) searchPatient() {
	system, number, _ := strings.Cut(c.r.URL.Query().Get("identifier"), "|")
	switch {
	case system != story.SystemNHSNumber:
		fail(c.w, "INVALID_IDENTIFIER_SYSTEM", "")
		return
	case !story.ValidNHSNumber(number):
		fail(c.w, "INVALID_NHS_NUMBER", "")
		return
	}
	p, ok := c.server.region.Person(number)
	h, held := p.Holding(c.practice.ODS)
	if ok && held && h.Behaviour.Error != "" {
		failAs(c.w, h.Behaviour.Error)
		return
	}
	if !ok || !held {
		var none fhirout.Writer
		searchset(&none, func() {})
		send(c.w, http.StatusOK, none.Bytes())
		return
	}
	r := newRecord(c, &p, h, &ask{})
	searchset(&r.Writer, r.patients)
	send(c.w, http.StatusOK, r.Bytes())
}

func searchset(out *fhirout.Writer, entries func()) {
	out.Object("", func() {
		out.String("resourceType", "Bundle")
		out.Object("meta", func() { out.Strings("profile", searchProfile) })
		out.String("type", "searchset")
		out.List("entry", entries)
	})
}

// documents answers GET Patient/{id}/DocumentReference. The includes are mandatory in the specification.
func (c *call) documents(local string) {
	q := c.r.URL.Query()
	if len(q["_include"]) == 0 && len(q["_revinclude:recurse"]) == 0 {
		fail(c.w, "INVALID_PARAMETER", "The mandatory includes are missing")
		return
	}
	p, h, ok := c.byLocalID(local)
	if !ok {
		return
	}
	r := newRecord(c, p, h, &ask{})
	searchset(&r.Writer, func() {
		r.patients()
		r.practice()
		for i := range h.Documents {
			d := &h.Documents[i]
			if documentAsked(d, q["created"], q.Get("description")) {
				r.document(d, d.EntryID(story.KindDocument, i))
			}
		}
		r.everybody()
	})
	send(c.w, http.StatusOK, r.Bytes())
}

func documentAsked(d *story.Document, created []string, description string) bool {
	for _, bound := range created {
		var w window
		if day, ok := strings.CutPrefix(bound, "ge"); ok {
			w.Start = day
		} else if day, ok := strings.CutPrefix(bound, "le"); ok {
			w.End = day
		}
		if !w.holds(d.Created) {
			return false
		}
	}
	return strings.Contains(strings.ToLower(d.Title), strings.ToLower(description))
}

func (c *call) byLocalID(local string) (*story.Person, *story.Holding, bool) {
	p, ok := c.server.region.Patient(c.practice.ODS, local)
	h, held := p.Holding(c.practice.ODS)
	switch {
	case !ok || !held:
		fail(c.w, "PATIENT_NOT_FOUND", "")
		return nil, nil, false
	case h.Behaviour.Error != "":
		failAs(c.w, h.Behaviour.Error)
		return nil, nil, false
	}
	return &p, h, true
}

// linkedDocuments writes in a structured record the documents that its consultations, problems and referrals name.
func (r *record) linkedDocuments() {
	named := map[string]bool{}
	for i := range r.holding.Referrals {
		f := &r.holding.Referrals[i]
		if r.wanted(story.Referrals, f.EntryID(story.KindReferral, i)) {
			for _, d := range f.Documents {
				named[d] = true
			}
		}
	}
	for i := range r.holding.Documents {
		d := &r.holding.Documents[i]
		entry := d.EntryID(story.KindDocument, i)
		via := r.links[entry]
		if via.consultation || via.problem || named[entry] {
			r.document(d, entry)
		}
	}
}

func (r *record) document(d *story.Document, entry string) {
	r.add("DocumentReference", r.id(entry), &d.Head, func() {
		if d.MasterIdentifier.Value != "" {
			r.Identifier("masterIdentifier", d.MasterIdentifier)
		}
		r.identify(&d.Head, r.id(entry))
		r.String("status", documentStatus(d))
		r.concept("type", d.Type)
		r.subject("subject", &d.Head)
		r.String("created", d.Created)
		r.String("indexed", or(d.Indexed, d.Created))
		if d.Author != (story.Actor{}) {
			r.actors("author", d.Author)
		}
		r.actor("custodian", story.Actor{ODS: or(d.Custodian, r.org.ODS)})
		r.String("description", d.Title)
		r.Concepts("securityLabel", labels(d.SecurityLabels)...)
		r.List("content", func() { r.Object("", func() { r.attachment(d, entry) }) })
		r.Object("context", func() {
			r.Reference("encounter", r.encounterOf(&d.Head, entry), "")
			r.List("related", func() {
				for _, id := range d.Related {
					r.Object("", func() { r.Reference("ref", r.target(id, "Observation"), "") })
				}
			})
		})
	})
}

func documentStatus(d *story.Document) string {
	if d.EnteredInError {
		return "entered-in-error"
	}
	return or(d.Status, "current")
}

func labels(all []story.Code) []story.Concept {
	out := make([]story.Concept, len(all))
	for i := range all {
		out[i].Codes = all[i : i+1]
	}
	return out
}

// attachment: a placeholder has a title that says why, and no url.
func (r *record) attachment(d *story.Document, entry string) {
	a := &d.Attachment
	r.Object("attachment", func() {
		r.String("contentType", a.ContentType)
		reason := d.Placeholder
		if reason == "" && len(a.Content) > tooLarge {
			reason = "File size of this document is greater than maximum allowable (5MB)"
		}
		if reason != "" {
			r.String("title", reason)
			return
		}
		r.String("url", or(a.URL, r.base+"/Binary/"+r.holding.LocalID+"."+entry))
		r.Int("size", len(a.Content))
	})
}

// binary answers GET Binary/{id}. A client that accepts FHIR gets the STU3 Binary, whose element is "content";
// another gets the bytes.
func (c *call) binary(id string) {
	local, entry, _ := strings.Cut(id, ".")
	_, h, ok := c.byLocalID(local)
	if !ok {
		return
	}
	for i := range h.Documents {
		d := &h.Documents[i]
		if d.EntryID(story.KindDocument, i) == entry && d.Placeholder == "" {
			c.sendBinary(id, &d.Attachment)
			return
		}
	}
	fail(c.w, "NO_RECORD_FOUND", "")
}

func (c *call) sendBinary(id string, a *story.Attachment) {
	if accept := c.r.Header.Get("Accept"); accept != "" && !isFHIR(accept) {
		c.w.Header().Set("Content-Type", a.ContentType)
		c.w.Header().Set("X-Content-Type-Options", "nosniff")
		_, _ = c.w.Write(a.Content) // a client that has gone away is no concern of the sandbox
		return
	}
	var out fhirout.Writer
	out.Object("", func() {
		out.String("resourceType", "Binary")
		out.String("id", id)
		out.String("contentType", a.ContentType)
		out.String("content", base64.StdEncoding.EncodeToString(a.Content))
	})
	send(c.w, http.StatusOK, out.Bytes())
}
