package gpsystem

import (
	"strconv"

	"ribble/internal/sandbox/story"
)

// investigations writes reports with specimens, requests, groups, results and filing comments.
func (r *record) investigations() {
	lists := r.listing(story.Investigations)
	for i := range r.holding.Reports {
		report := &r.holding.Reports[i]
		entry := report.EntryID(story.KindReport, i)
		if !r.wanted(story.Investigations, entry) || !r.ask.periods[story.Investigations].holds(report.Issued) {
			continue
		}
		r.reportTree(report, entry)
		lists.note(entry, "DiagnosticReport/"+r.id(entry), &report.Head)
	}
	lists.write()
}

func (r *record) reportTree(report *story.Report, entry string) {
	for n := range report.Specimens {
		r.specimen(report, n, entry)
	}
	if report.Request != nil {
		r.testRequest(report, entry)
	}
	for n := range report.Results {
		o := &report.Results[n]
		r.tree(o, memberID(o, entry, n), parent{report: report, entry: entry})
	}
	r.filings(report.Filed, entry, "DiagnosticReport", &report.Head)
	r.add("DiagnosticReport", r.id(entry), &report.Head, func() { r.report(report, entry) })
}

// report: the code is the same for every report (GP Connect); the name is that of the group or the first result.
func (r *record) report(d *story.Report, entry string) {
	r.identify(&d.Head, r.id(entry))
	if d.Request != nil {
		r.References("basedOn", "ProcedureRequest/"+r.requestID(d, entry))
	}
	status := or(d.Status, "unknown")
	if d.EnteredInError {
		status = "entered-in-error"
	}
	r.String("status", status)
	r.category(d.Category)
	r.Concept("code", story.SNOMED("721981007", "Diagnostic studies report"))
	r.subject("subject", &d.Head)
	if context := r.encounterOf(&d.Head, entry); context != "" {
		r.Reference("context", context, "")
	}
	r.String("effectiveDateTime", d.Effective)
	r.String("issued", d.Issued)
	r.List("performer", func() {
		for _, lab := range d.Labs {
			r.Object("", func() { r.actor("actor", lab) })
		}
	})
	r.List("specimen", func() {
		for n := range d.Specimens {
			r.Reference("", "Specimen/"+r.specimenID(d, n, entry), "")
		}
	})
	r.List("result", func() { r.results(d, entry) })
	r.String("conclusion", d.Conclusion)
	r.concepts("codedDiagnosis", d.Diagnoses...)
}

func (r *record) category(c story.Code) {
	if c.Value != "" {
		c.System = "http://hl7.org/fhir/v2/0074"
		r.Concept("category", story.Concept{Codes: []story.Code{c}})
	}
}

func (r *record) results(d *story.Report, entry string) {
	for n := range d.Results {
		r.Reference("", "Observation/"+r.id(memberID(&d.Results[n], entry, n)), "")
	}
	for n := range d.Filed {
		r.Reference("", "Observation/"+r.id(filingID(entry, n)), "")
	}
	for _, missing := range d.MissingResult {
		r.Reference("", "Observation/"+r.id(missing), "")
	}
}

func (r *record) specimenID(d *story.Report, n int, entry string) string {
	return r.id(specimenOf(entry, or(d.Specimens[n].ID, strconv.Itoa(n+1))))
}

// specimenOf: specimens are named within their report ("blood").
func specimenOf(report, specimen string) string { return report + "-specimen-" + specimen }

func (r *record) specimen(d *story.Report, n int, entry string) {
	sp := &d.Specimens[n]
	id := r.specimenID(d, n, entry)
	r.add("Specimen", id, &story.Head{}, func() {
		r.identify(&story.Head{}, id)
		if sp.Accession != "" {
			r.Identifier("accessionIdentifier", story.Identifier{Value: sp.Accession})
		}
		r.concept("type", sp.Type)
		r.subject("subject", &d.Head)
		r.String("receivedTime", sp.Received)
		r.Object("collection", func() {
			if !sp.Fasting.Empty() {
				r.List("extension", func() {
					r.ConceptExtension("https://fhir.hl7.org.uk/STU3/StructureDefinition/Extension-CareConnect-FastingStatus-1", sp.Fasting)
				})
			}
			r.String("collectedDateTime", sp.Collected)
			r.concept("bodySite", sp.Site)
		})
		r.Notes(sp.Notes)
	})
}

func (r *record) requestID(d *story.Report, entry string) string {
	return r.id(or(d.Request.ID, entry+"-request"))
}

func (r *record) testRequest(d *story.Report, entry string) {
	q := d.Request
	id := r.requestID(d, entry)
	r.add("ProcedureRequest", id, &story.Head{}, func() {
		r.identify(&story.Head{}, id)
		r.String("status", or(q.Status, "active"))
		r.String("intent", "order")
		r.concept("code", q.What)
		r.subject("subject", &d.Head)
		r.String("authoredOn", q.On)
		if q.By != (story.Actor{}) {
			r.Object("requester", func() { r.actor("agent", q.By) })
		}
		r.concepts("reasonCode", q.Reason)
		r.Notes(q.Notes)
	})
}
