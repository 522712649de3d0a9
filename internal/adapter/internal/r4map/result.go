package r4map

import (
	"ribble/internal/adapter/internal/r4"
	"ribble/internal/record"
)

// report maps sections 11 and 12: the report with every result, specimen, request and study that belongs to it.
func (m *mapper) report(i int, r *r4.DiagnosticReport) {
	e := record.Report{
		Head: m.head(i, r.Identifier, r.Status), Name: r.Code.Concept(), Categories: m.conceptsOf(r.Category),
		Collected: r4.When(r.EffectiveDateTime, r.EffectivePeriod), Issued: record.ParseDate(r.Issued),
		Lab: append(m.actors(r.Performer, i), m.actors(r.ResultsInterpreter, i)...), Conclusion: r.Conclusion,
	}
	if len(r.ConclusionCode) > 0 {
		e.Add().Diagnoses = m.conceptsOf(r.ConclusionCode)
	}
	e.When = e.Collected
	e.Within(m.ref(r.Encounter, i))
	if e.When.IsZero() {
		e.When = record.On(e.Issued)
	}
	if note := r4.Find(r.Extension, "Extension-UKCore-DiagnosticReportNote"); note != nil {
		e.Notes = append(e.Notes, note.Words())
	}
	for n := range r.Specimen {
		m.specimen(&r.Specimen[n], i, &e)
	}
	e.Items = make([]record.Result, 0, len(r.Result))
	for n := range r.Result {
		m.member(&r.Result[n], i, &e)
	}
	for n := range r.BasedOn {
		m.requested(&r.BasedOn[n], i, &e)
	}
	m.studies(i, r, &e)
	forms(r.PresentedForm, &e)
	named(&e.Head, e.Name, "The source did not name the report.")
	m.dated(&e.Head, e.Collected.Start, e.Issued)
	m.showReport(reportHome(r), i, &e)
}

func (m *mapper) showReport(s record.Section, i int, e *record.Report) {
	if !m.show(s, i, &e.Head) {
		return
	}
	if s == record.Imaging {
		m.chart.Imaging = append(m.chart.Imaging, *e)
		return
	}
	m.chart.Results = append(m.chart.Results, *e)
}

func (m *mapper) specimen(ref *r4.Reference, from int, e *record.Report) {
	s, at := get[r4.Specimen](m, ref, from)
	if s == nil {
		if ref.Display != "" {
			rare := e.Add()
			rare.Specimens = append(rare.Specimens, record.Specimen{Type: record.Words(ref.Display)})
		}
		return
	}
	m.use(at)
	out := record.Specimen{Type: s.Type.Concept(), Received: record.ParseDate(s.ReceivedTime), Notes: r4.Notes(nil, s.Note)}
	if c := s.Collection; c != nil {
		out.Site, out.Collected = c.BodySite.Concept(), r4.When(c.CollectedDateTime, c.CollectedPeriod)
		if fasting := m.said(c.FastingStatusConcept.Concept()); fasting != "" {
			out.Notes = append(out.Notes, "Fasting: "+fasting)
		}
	}
	for _, c := range s.Condition {
		out.Notes = append(out.Notes, m.said(c.Concept()))
	}
	rare := e.Add()
	if rare.Received.IsZero() {
		rare.Received = out.Received
	}
	if s.AccessionIdentifier != nil && rare.Accession == "" {
		rare.Accession = s.AccessionIdentifier.Value
	}
	rare.Specimens = append(rare.Specimens, out)
}

// member puts a result under its report; one that was named and did not come is counted.
func (m *mapper) member(ref *r4.Reference, from int, e *record.Report) {
	o, at := get[r4.Observation](m, ref, from)
	switch {
	case o == nil:
		e.Add().ResultsNotSent++
	case m.take(at):
		m.result(at, o, lengthen(&e.Items))
	default:
		e.Flaw(record.DanglingReference, elsewhere)
	}
}

// elsewhere says of a result that is named here and does not stand here that it came: it was removed, cannot be read, or stands in another report.
const elsewhere = "A result named here was removed by the source, cannot be read safely, or is shown elsewhere."

// result maps an observation with its members and components.
func (m *mapper) result(at int, o *r4.Observation, out *record.Result) {
	out.Key, out.Test, out.Ranges = m.items[at].key, o.Code.Concept(), m.rangesOf(o.ReferenceRange)
	out.Value = value(&o.Value)
	out.Flag, out.Comments, out.Status = flags(o.Interpretation), r4.Notes(m.words.list(len(o.Note)), o.Note), o.Status
	out.Phase, out.When = m.phaseOf("Observation", o.Status), when(o)
	out.Measured(o.DataAbsentReason.Concept(), o.Method.Concept(), o.BodySite.Concept())
	if s, sp := get[r4.Specimen](m, o.Specimen, at); s != nil {
		m.use(sp)
		out.Add().Specimen = s.Type.Concept().Name()
	} else if o.Specimen != nil {
		out.Add().Specimen = o.Specimen.Display
	}
	if o.ValueSampledData != nil {
		out.Comments = append(out.Comments, "A recording was sent that is not shown here.")
	}
	if len(o.Component) > 0 {
		out.Add().Components = m.parts.list(len(o.Component))[:len(o.Component)]
	}
	for n := range o.Component {
		c, part := &o.Component[n], &out.Rare.Components[n]
		part.Test, part.Ranges = c.Code.Concept(), m.rangesOf(c.ReferenceRange)
		part.Measured(c.DataAbsentReason.Concept(), record.Concept{}, record.Concept{})
		part.Value = value(&c.Value)
		part.Flag, part.Status, part.Phase = flags(c.Interpretation), o.Status, out.Phase
	}
	m.members(at, o, out)
}

func (m *mapper) members(at int, o *r4.Observation, out *record.Result) {
	missing := 0
	for n := range o.HasMember {
		part, place := get[r4.Observation](m, &o.HasMember[n], at)
		switch {
		case part == nil:
			missing++
		case m.take(place):
			m.result(place, part, lengthen(&out.Add().Members))
		default:
			out.Flaw(record.DanglingReference, elsewhere)
		}
	}
	if missing > 0 {
		out.Flaw(record.DanglingReference, count(missing, "part was", "parts were")+" not sent.")
	}
}

func when(o *r4.Observation) record.Period {
	if o.EffectiveAt != "" {
		return record.On(record.ParseDate(o.EffectiveAt))
	}
	return r4.When(o.EffectiveTime, o.Effective)
}

// value gives value[x] as sent.
func value(v *r4.Value) record.Value {
	switch {
	case v.ValueQuantity != nil:
		return record.Value{Quantity: v.ValueQuantity.Quantity()}
	case v.ValueCodeableConcept != nil:
		c := v.ValueCodeableConcept.Concept()
		return record.Value{Concept: &c}
	case v.ValueRange != nil:
		r := v.ValueRange.Range()
		return record.Value{Range: &r}
	case v.ValueDateTime != "":
		return record.Value{Date: record.ParseDate(v.ValueDateTime)}
	case v.ValueBoolean != nil:
		return record.Value{Text: r4.YesNo(*v.ValueBoolean)}
	case v.ValueRatio != nil:
		return record.Value{Text: v.ValueRatio.Words()}
	case v.ValuePeriod != nil:
		return record.Value{Text: v.ValuePeriod.Words()}
	}
	for _, text := range [...]string{v.ValueString, string(v.ValueInteger), v.ValueTime} {
		if text != "" {
			return record.Value{Text: text}
		}
	}
	return record.Value{}
}

func (m *mapper) rangesOf(list []r4.ReferenceRange) []record.ValueRange {
	out := m.ranges.list(len(list))
	for n := range list {
		r := &list[n]
		out = append(out, record.ValueRange{Low: r.Low.Quantity(), High: r.High.Quantity(), Text: r.Text, Kind: m.said(r.Type.Concept())})
	}
	return out
}

// flags are the interpretations as sent, never worked out (rule R20).
func flags(list []r4.CodeableConcept) string {
	out := ""
	for _, c := range list {
		out = joined(out, c.Concept().Name())
	}
	return out
}

func (m *mapper) requested(ref *r4.Reference, from int, e *record.Report) {
	s, at := get[r4.ServiceRequest](m, ref, from)
	if s == nil {
		if ref.Display != "" {
			rare := e.Add()
			rare.Requested = append(rare.Requested, record.Words(ref.Display))
		}
		return
	}
	m.use(at)
	rare := e.Add()
	if c := s.Code.Concept(); !c.IsZero() {
		rare.Requested = append(rare.Requested, c)
	}
	for _, c := range s.ReasonCode {
		rare.RequestedWhy = joined(rare.RequestedWhy, m.said(c.Concept()))
	}
	for n := range s.ReasonReference {
		rare.RequestedWhy = joined(rare.RequestedWhy, m.said(m.meaning(&s.ReasonReference[n], at)))
	}
	fact(&e.Head, "Requested by", m.actor(s.Requester, at).Display())
}

// studies joins the imaging studies of a report, by reference or by accession number.
func (m *mapper) studies(i int, r *r4.DiagnosticReport, e *record.Report) {
	for n := range r.ImagingStudy {
		if s, at := get[r4.ImagingStudy](m, &r.ImagingStudy[n], i); s != nil {
			m.use(at)
			studyOf(s, e)
		}
	}
	if reportHome(r) != record.Imaging {
		return
	}
	for at := range m.items {
		s, ok := m.items[at].r.(*r4.ImagingStudy)
		if ok && !m.items[at].placed && shares(s.Identifier, r.Identifier) {
			m.use(at)
			studyOf(s, e)
		}
	}
}

func shares(a, b []r4.Identifier) bool {
	for _, x := range a {
		for _, y := range b {
			if x.Value != "" && x.System != "" && x.Value == y.Value && x.System == y.System {
				return true
			}
		}
	}
	return false
}

func studyOf(s *r4.ImagingStudy, report *record.Report) {
	e := report.Add()
	for _, k := range s.Modality {
		e.Modality = joined(e.Modality, k.Concept().Name())
	}
	for n := range s.Series {
		series := &s.Series[n]
		if len(s.Modality) == 0 {
			e.Modality = joined(e.Modality, series.Modality.Concept().Name())
		}
		if series.BodySite != nil {
			e.Sites = append(e.Sites, series.BodySite.Concept())
		}
	}
	if len(s.Identifier) > 0 && e.Accession == "" {
		e.Accession = s.Identifier[0].Value
	}
}

// forms takes text into the conclusion and leaves other forms as documents to open.
func forms(list []r4.Attachment, e *record.Report) {
	for n := range list {
		a := list[n].Attachment()
		if len(a.Inline) > 0 && isPlainText(a.ContentType) {
			e.Conclusion = lines(e.Conclusion, string(a.Inline))
			continue
		}
		rare := e.Add()
		rare.Forms = append(rare.Forms, a)
	}
}

// study maps images that no report came for: it never reads as "clear".
func (m *mapper) study(i int, r *r4.ImagingStudy) {
	e := record.Report{Head: m.head(i, r.Identifier, r.Status), NoReport: true}
	if len(r.ProcedureCode) > 0 {
		e.Name = r.ProcedureCode[0].Concept()
	} else if r.Description != "" {
		e.Name = record.Words(r.Description)
	}
	e.Collected = record.On(record.ParseDate(r.Started))
	e.When, e.Notes = e.Collected, r4.Notes(nil, r.Note)
	e.Within(m.ref(r.Encounter, i))
	for _, c := range r.ReasonCode {
		e.Add().RequestedWhy = joined(e.Rare.RequestedWhy, m.said(c.Concept()))
	}
	fact(&e.Head, "Requested by", m.actor(r.Referrer, i).Display())
	studyOf(r, &e)
	fact(&e.Head, "Report", "images exist, no report sent")
	m.showReport(record.Imaging, i, &e)
}
