package ukcore

import (
	"strconv"

	"ribble/internal/sandbox/story"
)

// Reports renders DiagnosticReport with Specimen, ServiceRequest (laboratory), Observation and ImagingStudy
// (sections.md 11, 12).
func (s *Sheet) Reports() {
	for i := range s.Holding.Reports {
		r := &s.Holding.Reports[i]
		entry := r.EntryID(story.KindReport, i)
		for n := range r.Specimens {
			s.specimen(r, n, entry)
		}
		s.testRequest(r, entry)
		s.study(r, entry)
		s.observations(r.Results, observationParent{entry: entry, report: r, reportEntry: entry})
		if r.Study == nil || !r.Study.Alone {
			id := s.ID(entry)
			s.Add("DiagnosticReport", id, &r.Head, func() { s.report(r, entry, id) })
		}
	}
}

func (s *Sheet) report(r *story.Report, entry, id string) {
	s.Date(or(r.Effective, r.Issued))
	s.Identify("DiagnosticReport", id, &r.Head)
	if r.Request != nil {
		s.List("basedOn", func() { s.Ref("", "based-on", s.requestID(r, entry), "") })
	}
	s.String("status", Status(&r.Head, r.Status, "final"))
	category := story.Concept{Codes: codes(r.Category)}
	s.Tokens("category", category)
	s.Concepts("category", category)
	s.Concept("code", r.Name)
	s.Subject("subject", &r.Head)
	s.Encounter(&r.Head)
	s.String("effectiveDateTime", r.Effective)
	s.String("issued", r.Issued)
	s.Actors("performer", "performer", r.Labs...)
	s.List("resultsInterpreter", func() { s.Actor("", "results-interpreter", r.Interpreter) })
	s.List("specimen", func() {
		for n := range r.Specimens {
			s.Ref("", "specimen", s.specimenID(r, n, entry), "")
		}
	})
	s.List("result", func() {
		for n := range r.Results {
			s.Ref("", "result", "Observation/"+s.ID(resultID(&r.Results[n], entry, n)), "")
		}
		for _, missing := range r.MissingResult {
			s.Ref("", "result", "Observation/"+s.ID(missing), "")
		}
	})
	if r.Study != nil {
		s.List("imagingStudy", func() { s.Ref("", "imaging-study", "ImagingStudy/"+s.ID(entry+"-study"), "") })
	}
	s.String("conclusion", r.Conclusion)
	s.Concepts("conclusionCode", r.Diagnoses...)
	if r.Form != nil {
		s.List("presentedForm", func() { s.inlineAttachment(r.Form) })
	}
}

func (s *Sheet) specimenID(r *story.Report, n int, entry string) string {
	return "Specimen/" + s.ID(specimenOf(entry, or(r.Specimens[n].ID, strconv.Itoa(n+1))))
}

// specimenOf: specimens are named within their report ("blood").
func specimenOf(report, specimen string) string { return report + "-specimen-" + specimen }

func (s *Sheet) specimen(r *story.Report, n int, entry string) {
	sp := &r.Specimens[n]
	id := s.specimenID(r, n, entry)[len("Specimen/"):]
	s.Add("Specimen", id, &story.Head{}, func() {
		s.Identify("Specimen", id, &story.Head{})
		if sp.Accession != "" {
			s.Identifier("accessionIdentifier", story.Identifier{System: s.Dialect.IdentifierSystem("Accession"), Value: sp.Accession})
		}
		s.Concept("type", sp.Type)
		s.Subject("subject", &r.Head)
		s.String("receivedTime", sp.Received)
		s.Object("collection", func() {
			s.String("collectedDateTime", sp.Collected)
			s.Concept("bodySite", sp.Site)
			s.Concept("fastingStatusCodeableConcept", sp.Fasting)
		})
		s.Notes(sp.Notes)
	})
}

func (s *Sheet) requestID(r *story.Report, entry string) string {
	return "ServiceRequest/" + s.ID(or(r.Request.ID, entry+"-request"))
}

func (s *Sheet) testRequest(r *story.Report, entry string) {
	q := r.Request
	if q == nil {
		return
	}
	id := s.requestID(r, entry)[len("ServiceRequest/"):]
	head := story.Head{Profiles: []string{Base + "UKCore-ServiceRequest-Lab"}, About: r.About}
	s.Add("ServiceRequest", id, &head, func() {
		s.Date(q.On)
		s.Identify("ServiceRequest", id, &story.Head{})
		s.String("status", or(q.Status, "completed"))
		s.String("intent", "order")
		laboratory := story.SNOMED("108252007", "Laboratory procedure")
		s.Tokens("category", laboratory)
		s.Concepts("category", laboratory)
		s.Concept("code", q.What)
		s.Subject("subject", &head)
		s.String("authoredOn", q.On)
		s.Actor("requester", "requester", q.By)
		s.Concepts("reasonCode", q.Reason)
		s.Notes(q.Notes)
	})
}

func (s *Sheet) study(r *story.Report, entry string) {
	st := r.Study
	if st == nil {
		return
	}
	head := story.Head{About: r.About, EnteredInError: r.EnteredInError}
	s.Add("ImagingStudy", s.ID(entry+"-study"), &head, func() {
		s.Date(st.Started)
		s.List("identifier", func() {
			if st.UID != "" {
				s.Identifier("", story.Identifier{System: "urn:dicom:uid", Value: "urn:oid:" + st.UID})
			}
			if st.Accession != "" {
				s.Identifier("", story.Identifier{System: s.Dialect.IdentifierSystem("Accession"), Value: st.Accession})
			}
		})
		s.String("status", Status(&head, "", "available"))
		s.List("modality", func() { s.Coding("", st.Modality) })
		s.Subject("subject", &head)
		s.String("started", st.Started)
		s.String("description", st.Description)
	})
}
