package r4map

import (
	"ribble/internal/adapter/internal/r4"
	"ribble/internal/record"
)

// allergy maps section 2.
func (m *mapper) allergy(i int, r *r4.AllergyIntolerance) {
	clinical, verification := r.ClinicalStatus.Code(), r.VerificationStatus.Code()
	e := record.Allergy{
		Head: m.head(i, r.Identifier, joined(clinical, verification)), Agent: r.Code.Concept(), Kind: r.Type, Categories: r.Category,
		Criticality: r.Criticality, Onset: record.ParseDate(r.OnsetDateTime), OnsetWords: words(r.OnsetString, r.OnsetAge, r.OnsetPeriod, r.OnsetRange),
		LastOccurrence: record.ParseDate(r.LastOccurrence),
	}
	e.Phase = judged(clinical, verification)
	e.When, e.Recorded = record.On(record.ParseDate(r.RecordedDate)), record.ParseDate(r.RecordedDate)
	e.RecordedBy, e.AssertedBy = m.one(r.Recorder, i), m.one(r.Asserter, i)
	e.Notes = r4.Notes(nil, r.Note)
	e.Within(m.ref(r.Encounter, i))
	e.Nil, _ = known(nilScopes, r.Code)
	if e.Phase == record.Refuted || e.Phase == record.Ended {
		// A "no known allergy" that was refuted or has ended asserts nothing.
		e.Nil = ""
	}
	for n := range r.Reaction {
		e.Reactions = append(e.Reactions, m.reaction(&r.Reaction[n]))
		e.Notes = append(e.Notes, r4.Notes(nil, r.Reaction[n].Note)...)
	}
	// The end extension has also been seen on clinicalStatus (trap T40).
	end := r4.Find(r.Extension, "Extension-UKCore-AllergyIntoleranceEnd")
	if end == nil {
		end = r4.Find(r.ClinicalStatus.Extension, "Extension-UKCore-AllergyIntoleranceEnd")
	}
	e.EndedOn, e.EndReason = end.Part("endDate").Date(), end.Part("reasonEnded").Words()
	named(&e.Head, e.Agent, "The source did not name what causes it.")
	m.dated(&e.Head, e.Onset, e.Recorded, e.LastOccurrence)
	if m.show(record.Allergies, i, &e.Head) {
		m.chart.Allergies = append(m.chart.Allergies, e)
	}
}

func (m *mapper) reaction(r *r4.AllergyReaction) record.Reaction {
	out := record.Reaction{
		Manifestations: m.conceptsOf(r.Manifestation), Severity: r.Severity, Description: r.Description, Route: r.ExposureRoute.Concept(),
	}
	if substance := m.said(r.Substance.Concept()); substance != "" {
		out.Description = joined(out.Description, "substance: "+substance)
	}
	return out
}

// words are an onset or an end that is not a date, as sent.
func words(text string, age *r4.Quantity, period *r4.Period, r *r4.Range) string {
	switch {
	case text != "":
		return text
	case age != nil:
		return "age " + age.Words()
	case period != nil:
		return period.Words()
	}
	return r.Words()
}

// condition maps sections 4, 17 and 19.
func (m *mapper) condition(i int, r *r4.Condition) {
	switch m.conditionHome(r) {
	case record.SocialCare:
		m.supportReason(i, r)
	case record.AboutMe:
		m.impairment(i, r)
	default:
		m.problem(i, r)
	}
}

func (m *mapper) conditionHead(i int, r *r4.Condition) record.Head {
	clinical, verification := r.ClinicalStatus.Code(), r.VerificationStatus.Code()
	h := m.head(i, r.Identifier, joined(clinical, verification))
	h.Phase, h.Recorded = judged(clinical, verification), record.ParseDate(r.RecordedDate)
	h.RecordedBy, h.AssertedBy = m.one(r.Recorder, i), m.one(r.Asserter, i)
	h.Notes = r4.Notes(nil, r.Note)
	h.Within(m.ref(r.Encounter, i))
	named(&h, r.Code.Concept(), "The source did not name the diagnosis.")
	return h
}

func (m *mapper) problem(i int, r *r4.Condition) {
	e := record.Problem{
		Head: m.conditionHead(i, r), Problem: r.Code.Concept(), Roles: m.conceptsOf(r.Category),
		Onset: record.ParseDate(r.OnsetDateTime), OnsetWords: words(r.OnsetString, r.OnsetAge, r.OnsetPeriod, r.OnsetRange),
		EndedOn: record.ParseDate(r.AbatementDateTime), EndWords: words(r.AbatementString, r.AbatementAge, r.AbatementPeriod, r.AbatementRange),
		Severity: r.Severity.Concept(), Site: m.conceptsOf(r.BodySite),
		Significance: r4.Find(r.Extension, "Extension-UKCore-ProblemSignificance").Words(),
	}
	e.When = record.On(e.Onset)
	if r.OnsetPeriod != nil {
		e.When = r.OnsetPeriod.Period()
	}
	for s := range r.Stage {
		fact(&e.Head, "Stage", m.said(r.Stage[s].Summary.Concept()))
	}
	fact(&e.Head, "Episode", r4.Find(r.Extension, "Extension-UKCore-ConditionEpisode").Words())
	m.problemLinks(i, r, &e)
	m.dated(&e.Head, e.Onset, e.EndedOn, e.Recorded)
	if m.show(record.Problems, i, &e.Head) {
		m.chart.Problems = append(m.chart.Problems, e)
	}
}

func (m *mapper) problemLinks(i int, r *r4.Condition, e *record.Problem) {
	for n := range r.Evidence {
		for _, c := range r.Evidence[n].Code {
			fact(&e.Head, "Evidence", m.said(c.Concept()))
		}
		e.Links = append(e.Links, m.refs(r.Evidence[n].Detail, i)...)
	}
	for n := range r.Extension {
		ext := &r.Extension[n]
		switch r4.LastPart(ext.URL) {
		case "Extension-UKCore-ActualProblem", "Extension-UKCore-RelatedClinicalContent":
			if link := m.ref(ext.ValueReference, i); !link.IsZero() {
				e.Links = append(e.Links, link)
			}
		case "Extension-UKCore-RelatedProblemHeader":
			relation := record.ProblemRelation{Type: ext.Part("type").Words()}
			if target := ext.Part("target"); target != nil {
				relation.To = m.ref(target.ValueReference, i)
			}
			e.Relations = append(e.Relations, relation)
		}
	}
}

// procedure maps section 15.
func (m *mapper) procedure(i int, r *r4.Procedure) {
	e := record.Procedure{
		Head: m.head(i, r.Identifier, r.Status), Procedure: r.Code.Concept(), Sites: m.conceptsOf(r.BodySite), Reasons: m.conceptsOf(r.ReasonCode),
		Outcome: r.Outcome.Concept(), Complications: m.conceptsOf(r.Complication), FollowUp: m.conceptsOf(r.FollowUp),
		WhenWords: words(r.PerformedString, r.PerformedAge, nil, r.PerformedRange), Place: m.actor(r.Location, i).Name,
	}
	e.When = r4.When(r.PerformedDateTime, r.PerformedPeriod)
	e.RecordedBy, e.AssertedBy, e.PerformedBy = m.one(r.Recorder, i), m.one(r.Asserter, i), m.performers(r.Performer, i)
	e.Notes = r4.Notes(nil, r.Note)
	e.Within(m.ref(r.Encounter, i))
	fact(&e.Head, "Reason for status", m.said(r.StatusReason.Concept()))
	fact(&e.Head, "Category", m.said(r.Category.Concept()))
	fact(&e.Head, "Anaesthetic issues", r4.Find(r.Extension, "Extension-UKCore-AnaestheticIssues").Words())
	for n := range r.ReasonReference {
		e.Reasons = append(e.Reasons, m.meaning(&r.ReasonReference[n], i))
	}
	for n := range r.FocalDevice {
		if device := m.device(&r.FocalDevice[n].Manipulated, i); device != "" {
			e.Devices = append(e.Devices, joined(device, m.said(r.FocalDevice[n].Action.Concept())))
		}
	}
	for n := range r.UsedReference {
		if device := m.device(&r.UsedReference[n], i); device != "" {
			e.Devices = append(e.Devices, device)
		}
	}
	named(&e.Head, e.Procedure, "The source did not name the procedure.")
	m.dated(&e.Head, e.When.Start)
	if m.show(record.Procedures, i, &e.Head) {
		m.chart.Procedures = append(m.chart.Procedures, e)
	}
}

// device is the name of a device with its unique identifier.
func (m *mapper) device(ref *r4.Reference, from int) string {
	d, at := get[r4.Device](m, ref, from)
	if d == nil {
		return m.actor(ref, from).Name
	}
	m.use(at)
	name := deviceName(d)
	for _, u := range d.UDICarrier {
		name = joined(name, u.DeviceIdentifier, u.CarrierHRF)
	}
	if d.LotNumber != "" {
		name = joined(name, "lot "+d.LotNumber)
	}
	if d.SerialNumber != "" {
		name = joined(name, "serial "+d.SerialNumber)
	}
	return name
}

// meaning is what a reference to a problem or a finding says: the code of what was received, else its words. Of one that is marked as for few
// eyes it says nothing, because these words stay where they are copied to when the entry itself is withheld.
func (m *mapper) meaning(ref *r4.Reference, from int) record.Concept {
	if ref == nil {
		return record.Concept{}
	}
	at := m.find(ref, from)
	if at < 0 {
		return record.Words(ref.Display)
	}
	switch m.items[at].fate {
	case record.Removed, record.Unreadable, record.Quarantined:
		return record.Words("an entry that is not shown")
	}
	if h := m.items[at].r.Head(); record.Restricted(h.Meta.Labels()) {
		return record.Concept{}
	}
	m.speaksOf(at)
	switch r := m.items[at].r.(type) {
	case *r4.Condition:
		return r.Code.Concept()
	case *r4.Observation:
		return r.Code.Concept()
	}
	return record.Words(ref.Display)
}

// immunisation maps section 14.
func (m *mapper) immunisation(i int, r *r4.Immunization) {
	e := record.Immunisation{
		Head: m.head(i, r.Identifier, r.Status), Vaccination: r4.Find(r.Extension, "Extension-UKCore-VaccinationProcedure").Concept(),
		Product: r.VaccineCode.Concept(), Dose: r.DoseQuantity.Words(), Batch: r.LotNumber, Maker: m.actor(r.Manufacturer, i).Name,
		Expiry: record.ParseDate(r.ExpirationDate), Site: r.Site.Concept(), Route: r.Route.Concept(),
		Reported: r.PrimarySource != nil && !*r.PrimarySource, ReportOrigin: r.ReportOrigin.Concept(), Reasons: m.conceptsOf(r.ReasonCode),
	}
	if e.Vaccination.IsZero() {
		e.Vaccination = e.Product
	}
	if r.StatusReason != nil && e.Phase == record.NotDone {
		e.NotGivenReason = []record.Concept{r.StatusReason.Concept()}
	}
	e.When, e.Recorded = record.On(record.ParseDate(r.OccurrenceDateTime)), record.ParseDate(r.Recorded)
	fact(&e.Head, "When", r.OccurrenceString)
	e.Notes = r4.Notes(nil, r.Note)
	e.Within(m.ref(r.Encounter, i))
	m.givers(i, r, &e.Head)
	m.protocol(r, &e)
	fact(&e.Head, "Place", m.actor(r.Location, i).Name)
	fact(&e.Head, "Parent present", r4.Find(r.Extension, "Extension-UKCore-ParentPresent").Words())
	for n := range r.Reaction {
		fact(&e.Head, "Reaction", joined(record.ParseDate(r.Reaction[n].Date).Display(), m.said(m.meaning(r.Reaction[n].Detail, i))))
	}
	named(&e.Head, e.Vaccination, "The source did not name the vaccination.")
	m.dated(&e.Head, e.When.Start, e.Recorded)
	if m.show(record.Immunisations, i, &e.Head) {
		m.chart.Immunisations = append(m.chart.Immunisations, e)
	}
}

// givers tells who gave the vaccine (AP) from who entered it (EP).
func (m *mapper) givers(i int, r *r4.Immunization, h *record.Head) {
	for n := range r.Performer {
		a := m.actor(&r.Performer[n].Actor, i)
		switch {
		case a.IsZero():
		case r.Performer[n].Function != nil && coded("EP", *r.Performer[n].Function):
			h.RecordedBy = append(h.RecordedBy, a)
		default:
			h.PerformedBy = append(h.PerformedBy, a)
		}
	}
}

func (m *mapper) protocol(r *r4.Immunization, e *record.Immunisation) {
	for n := range r.ProtocolApplied {
		p := &r.ProtocolApplied[n]
		e.Targets = append(e.Targets, m.conceptsOf(p.TargetDisease)...)
		number, of := string(p.DoseNumber)+p.DoseNumberText, string(p.SeriesDoses)+p.SeriesText
		switch {
		case number != "" && of != "":
			number += " of " + of
		case of != "":
			number = "of " + of
		}
		e.Sequence = joined(e.Sequence, p.Series, number)
	}
}
