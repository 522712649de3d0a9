package gpsystem

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"

	"ribble/internal/sandbox/fhirout"
	"ribble/internal/sandbox/story"
)

// largestRequest is far above any Parameters resource.
const largestRequest = 64 << 10

// structured answers POST Patient/$gpc.getstructuredrecord.
func (c *call) structured() {
	body, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, largestRequest))
	if err != nil {
		fail(c.w, "BAD_REQUEST", "The body could not be read")
		return
	}
	a, no := parseAsk(body, c.server.now())
	if no != nil {
		fail(c.w, no.code, no.diagnostics)
		return
	}
	p, h, ok := c.holding(a.nhsNumber)
	if !ok {
		return
	}
	trace := c.r.Header.Get("Ssp-TraceID")
	if raw, ok := c.server.region.RawRecord(a.nhsNumber); ok {
		send(c.w, http.StatusOK, withBundleID(raw, trace))
		return
	}
	send(c.w, http.StatusOK, newRecord(c, p, h, a).bundle(trace))
}

// holding finds the practice's record of a person, or answers with the error that stands in its place.
func (c *call) holding(nhsNumber string) (*story.Person, *story.Holding, bool) {
	p, ok := c.server.region.Person(nhsNumber)
	if !ok {
		fail(c.w, "PATIENT_NOT_FOUND", "")
		return nil, nil, false
	}
	h, ok := p.Holding(c.practice.ODS)
	if !ok {
		fail(c.w, "PATIENT_NOT_FOUND", "")
		return nil, nil, false
	}
	if h.Behaviour.Error != "" {
		failAs(c.w, h.Behaviour.Error)
		return nil, nil, false
	}
	return &p, h, true
}

// withBundleID serves a published message as it is, but with the id that the specification demands of the answer.
func withBundleID(raw []byte, trace string) []byte {
	id := `"` + trace + `"`
	start, end := memberAt(raw, "id")
	if end == 0 {
		open := bytes.IndexByte(raw, '{') + 1
		return slices.Concat(raw[:open], []byte(`"id":`+id+`,`), raw[open:])
	}
	return slices.Concat(raw[:start], []byte(id), raw[end:])
}

// memberAt finds the value of a member of the outermost object; both ends are nought when there is none.
func memberAt(raw []byte, name string) (start, end int64) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if _, err := d.Token(); err != nil {
		return 0, 0
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return 0, 0
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return 0, 0
		}
		if key == name {
			return d.InputOffset() - int64(len(value)), d.InputOffset()
		}
	}
	return 0, 0
}

const bundleProfile = "https://fhir.nhs.uk/STU3/StructureDefinition/GPConnect-StructuredRecord-Bundle-1"

// bundle writes the whole answer: who, then area by area, then everybody who was mentioned.
func (r *record) bundle(trace string) []byte {
	r.Object("", func() {
		r.String("resourceType", "Bundle")
		r.String("id", trace)
		r.Object("meta", func() { r.Strings("profile", bundleProfile) })
		r.String("type", "collection")
		r.List("entry", func() {
			r.patients()
			r.practice()
			r.areas()
			r.everybody()
			r.notSupported()
		})
	})
	return r.Bytes()
}

func (r *record) areas() {
	r.allergies()
	r.medicines()
	r.problems()
	r.consultations()
	r.investigations()
	r.immunisations()
	r.uncategorised()
	r.referrals()
	r.recalls()
	r.linkedDocuments()
	r.questionnaires()
}

// notSupported is the OperationOutcome entry inside a 200 (GP Connect 1.6, "unsupported clinical areas").
func (r *record) notSupported() {
	refused := r.refusedAreas()
	if len(refused) == 0 {
		return
	}
	r.Object("", func() {
		r.Object("resource", func() {
			r.String("resourceType", "OperationOutcome")
			r.Object("meta", func() { r.Strings("profile", outcomeProfile) })
			r.List("issue", func() {
				for _, f := range refused {
					details := story.Coded(spineCodes, "NOT_IMPLEMENTED", "Not implemented")
					details.Text = f.name + f.why
					issue(&r.Writer, "warning", "not-supported", details, f.name)
				}
			})
		})
	})
}

type refusedArea struct{ name, why string }

func (r *record) refusedAreas() []refusedArea {
	var all []refusedArea
	for _, name := range r.ask.unrecognised {
		all = append(all, refusedArea{name, " is an unrecognised parameter"})
	}
	for _, l := range primary {
		if !r.ask.areas[l.area] || !r.refuses(l.area) {
			continue
		}
		why := " is an unrecognised parameter"
		if in(r.holding.Behaviour.Disabled, l.area) {
			why = " has been disabled"
		}
		all = append(all, refusedArea{string(l.area), why})
	}
	return all
}

// metadata answers GET metadata with the STU3 CapabilityStatement.
func (c *call) metadata() {
	var out fhirout.Writer
	out.Object("", func() {
		out.String("resourceType", "CapabilityStatement")
		out.String("status", "active")
		out.String("date", c.server.region.Today().Format("2006-01-02"))
		out.String("publisher", string(c.server.supply))
		out.String("kind", "instance")
		out.Object("software", func() {
			out.String("name", string(c.server.supply)+" GP system")
			out.String("version", "1.6.2")
		})
		out.String("fhirVersion", "3.0.1")
		out.String("acceptUnknown", "both")
		out.Strings("format", "application/fhir+json")
		out.List("rest", func() {
			out.Object("", func() {
				out.String("mode", "server")
				out.List("operation", func() {
					out.Object("", func() {
						out.String("name", "gpc.getstructuredrecord")
						out.Reference("definition", "https://fhir.nhs.uk/STU3/OperationDefinition/GPConnect-GetStructuredRecord-Operation-1", "")
					})
				})
			})
		})
	})
	send(c.w, http.StatusOK, out.Bytes())
}
