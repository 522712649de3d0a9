package gpconnect

import (
	"ribble/internal/adapter/internal/stu3"
	"ribble/internal/record"
)

const (
	commentNote      = "37331000000100"
	diagnosticReport = "721981007"
	// maxTree bounds groups within groups; deeper members are rows of their own.
	maxTree = 8
)

// imagingServices are the service sections (v2-0074) of section 12; all others are laboratory results.
var imagingServices = map[string]bool{
	"RAD": true, "IMG": true, "RX": true, "CT": true, "NMR": true, "RUS": true, "NMS": true, "CUS": true, "VUS": true, "OUS": true,
	"EC": true, "PF": true, "EN": true,
}

func isComment(e *stu3.Observation) bool { return e.Code.HasCode(record.SNOMED, commentNote) }

// findComments learns which comment notes speak about which entry.
func (r *reading) findComments() {
	r.comments = map[int32][]int32{}
	for n := range r.items {
		e, ok := r.items[n].entity.(*stu3.Observation)
		if !ok || !r.open(int32(n)) || !isComment(e) {
			continue
		}
		for i := range e.Related {
			if target, found := r.find(int32(n), e.Related[i].Target.Reference); found && e.Related[i].Type == "derived-from" {
				r.comments[target] = append(r.comments[target], int32(n))
			}
		}
	}
}

func (r *reading) mapReports(order []int32) {
	for _, n := range order {
		if e, ok := r.items[n].entity.(*stu3.DiagnosticReport); ok && r.open(n) {
			r.mapReport(n, e)
		}
	}
}

func (r *reading) mapReport(n int32, e *stu3.DiagnosticReport) {
	p := record.Report{
		Head: r.head(n, e.Identifier), Categories: stu3.Concepts([]stu3.CodeableConcept{e.Category}), Conclusion: e.Conclusion,
		Issued: record.ParseDate(e.Issued),
	}
	p.Add().Diagnoses = stu3.Concepts(e.CodedDiagnosis)
	p.Phase, p.RawStatus = phaseOf(e.Status), e.Status
	p.When, p.Collected = stu3.When(e.EffectiveDateTime, e.EffectivePeriod), stu3.When(e.EffectiveDateTime, e.EffectivePeriod)
	if p.When.IsZero() {
		p.When = record.On(p.Issued)
	}
	r.within(&p.Head, n, e.Context)
	for i := range e.Performer {
		p.Lab = append(p.Lab, r.actor(n, e.Performer[i].Actor)...)
	}
	for i := range e.PresentedForm {
		p.Rare.Forms = append(p.Rare.Forms, e.PresentedForm[i].Record())
	}
	r.filings = nil
	r.addSpecimens(n, &p, e.Specimen)
	r.addResults(n, &p, e.Result)
	r.addReportComments(n, &p)
	r.addRequests(n, &p, e.BasedOn)
	p.Rare.Filing = append(p.Rare.Filing, r.filings...)
	p.Name = reportName(e.Code.Record(), p.Items)
	beside(&p.Head, e.Code)
	r.check(&p.Head, p.Name, p.Issued, p.Rare.Received)
	r.finishReport(n, p, isImaging(&e.Category))
}

func (r *reading) finishReport(n int32, p record.Report, imaging bool) {
	r.show(n)
	if imaging {
		r.answer.Chart.Imaging = append(r.answer.Chart.Imaging, p)
		return
	}
	r.answer.Chart.Results = append(r.answer.Chart.Results, p)
}

func isImaging(c *stu3.CodeableConcept) bool {
	for i := range c.Coding {
		if imagingServices[c.Coding[i].Code] {
			return true
		}
	}
	return false
}

// reportName: GP Connect gives every report the same code, so a report is named by its group, else its first result.
func reportName(code record.Concept, items []record.Result) record.Concept {
	if !code.HasCode(record.SNOMED, diagnosticReport) && !code.IsZero() {
		return code
	}
	for i := range items {
		if len(items[i].Rarely().Members) > 0 {
			return items[i].Test
		}
	}
	if len(items) > 0 {
		return items[0].Test
	}
	return code
}

func (r *reading) addSpecimens(n int32, p *record.Report, refs []stu3.Reference) {
	for i := range refs {
		found, ok := r.find(n, refs[i].Reference)
		e, specimen := r.specimen(found, ok)
		if !specimen {
			r.link(n, &p.Head, refs[i])
			continue
		}
		r.use(&p.Head, found)
		rare := p.Add()
		rare.Specimens = append(rare.Specimens, convertSpecimen(e))
		p.Identifiers = append(p.Identifiers, stu3.RecordIdentifiers([]stu3.Identifier{e.AccessionIdentifier})...)
		if rare.Accession == "" {
			rare.Accession = e.AccessionIdentifier.Value
		}
		if p.Collected.IsZero() {
			p.Collected = stu3.When(e.Collection.CollectedDateTime, e.Collection.CollectedPeriod)
		}
		if rare.Received.IsZero() {
			rare.Received = record.ParseDate(e.ReceivedTime)
		}
	}
}

func (r *reading) specimen(n int32, found bool) (*stu3.Specimen, bool) {
	if !found || r.items[n].placed && r.items[n].fate != record.Used {
		return nil, false
	}
	e, ok := r.items[n].entity.(*stu3.Specimen)
	return e, ok
}

func convertSpecimen(e *stu3.Specimen) record.Specimen {
	out := record.Specimen{
		Type: e.Type.Record(), Site: e.Collection.BodySite.Record(), Received: record.ParseDate(e.ReceivedTime), Notes: stu3.Notes(e.Note),
		Collected: stu3.When(e.Collection.CollectedDateTime, e.Collection.CollectedPeriod),
	}
	for i := range e.Extension {
		if x := &e.Extension[i]; x.Named("Extension-CareConnect-FastingStatus-1", "Extension-CareConnect-GPC-FastingStatus-1") {
			switch {
			case x.ValueCodeableConcept != nil:
				out.Notes = append(out.Notes, "Fasting: "+x.ValueCodeableConcept.Record().Name())
			case x.ValueBoolean != nil:
				out.Notes = append(out.Notes, "Fasting: "+stu3.YesNo(*x.ValueBoolean))
			}
		}
	}
	return out
}

// addResults takes the results of a report: comment notes are filings or comments of the whole report, everything else a result or group.
func (r *reading) addResults(n int32, p *record.Report, refs []stu3.Reference) {
	for i := range refs {
		found, ok := r.find(n, refs[i].Reference)
		if !ok {
			p.Add().ResultsNotSent++
			continue
		}
		e, observation := r.items[found].entity.(*stu3.Observation)
		switch {
		case !observation || !r.open(found):
			r.countUnsent(found, p)
		case isComment(e):
			r.file(&p.Head, p, found, e)
		default:
			p.Items = append(p.Items, r.result(&p.Head, found, e, 0))
		}
	}
}

// countUnsent: a result that cannot be shown here counts as not sent, unless it is already a row or part of one.
func (r *reading) countUnsent(n int32, p *record.Report) {
	it := &r.items[n]
	if it.placed && it.fate == record.Shown {
		return
	}
	p.Add().ResultsNotSent++
	if it.fate == record.Unreadable {
		r.remark(record.Results, record.Uninterpretable, "A result cannot be interpreted safely. It is not shown.")
	}
}

// file adds a comment note at the level of the report.
func (r *reading) file(h *record.Head, p *record.Report, n int32, e *stu3.Observation) {
	if r.coverIn(h, n) {
		filing := r.filing(n, e)
		filing.Comment = e.Comment
		rare := p.Add()
		rare.Filing = append(rare.Filing, filing)
	}
}

func (r *reading) addReportComments(n int32, p *record.Report) {
	for _, c := range r.comments[n] {
		if r.open(c) {
			r.file(&p.Head, p, c, r.items[c].entity.(*stu3.Observation))
		}
	}
}

func (r *reading) filing(n int32, e *stu3.Observation) record.Filing {
	on := e.EffectiveDateTime
	if on == "" {
		on = e.Issued
	}
	return record.Filing{On: record.ParseDate(on), By: r.actors(n, e.Performer)}
}

// addRequests joins the requests on which a report is based; they are used by it and are no rows of their own.
func (r *reading) addRequests(n int32, p *record.Report, refs []stu3.Reference) {
	for i := range refs {
		found, ok := r.find(n, refs[i].Reference)
		if !ok {
			r.link(n, &p.Head, refs[i])
			continue
		}
		e, request := r.items[found].entity.(*stu3.ProcedureRequest)
		if !request || isRecall(e) || r.items[found].placed && r.items[found].fate != record.Used {
			continue
		}
		r.place(found, record.Used)
		r.use(&p.Head, found)
		r.tells(&p.Head, n, refs[i])
		addRequest(p, e)
		p.AssertedBy = append(p.AssertedBy, r.actor(found, e.Requester.Agent)...)
	}
}

func addRequest(p *record.Report, e *stu3.ProcedureRequest) {
	rare := p.Add()
	rare.Requested = append(rare.Requested, e.Code.Record())
	beside(&p.Head, e.ReasonCode...)
	for _, c := range stu3.Concepts(e.ReasonCode) {
		rare.RequestedWhy = joinLine(rare.RequestedWhy, c.Name())
	}
	p.Notes = append(p.Notes, stu3.Notes(e.Note)...)
}
