package gpsystem

import "ribble/internal/sandbox/story"

// immunisations writes vaccinations given, those not given if asked for, and statements about vaccination.
func (r *record) immunisations() {
	lists := r.listing(story.Immunisations)
	for i := range r.holding.Immunisations {
		v := &r.holding.Immunisations[i]
		entry := v.EntryID(story.KindImmunisation, i)
		if v.NotGiven && !r.ask.notGiven || !r.wanted(story.Immunisations, entry) {
			continue
		}
		r.add("Immunization", r.id(entry), &v.Head, func() { r.immunisation(v, entry) })
		lists.note(entry, "Immunization/"+r.id(entry), &v.Head)
	}
	r.statements(lists)
	lists.write()
}

func (r *record) statements(lists *listing) {
	for i := range r.holding.Observations {
		o := &r.holding.Observations[i]
		entry := o.EntryID(story.KindObservation, i)
		if o.Category != story.StatementCategory || !r.ask.statements || !r.wanted(story.Immunisations, entry) {
			continue
		}
		r.tree(o, entry, parent{})
		lists.note(entry, "Observation/"+r.id(entry), &o.Head)
	}
}

func (r *record) immunisation(v *story.Immunisation, entry string) {
	r.List("extension", func() {
		if v.ParentPresent {
			r.Extension(careConnect+"ParentPresent-1", func() { r.Bool("valueBoolean", true) })
		}
		r.Extension(r.dialect.dateRecorded, func() { r.String("valueDateTime", v.Recorded) })
		r.ConceptExtension(careConnect+"VaccinationProcedure-1", r.dialect.order(v.Vaccination))
	})
	r.identify(&v.Head, r.id(entry))
	status := "completed"
	if v.EnteredInError {
		status = "entered-in-error"
	}
	r.String("status", status)
	r.Bool("notGiven", v.NotGiven)
	r.vaccineCode(v.Product)
	r.subject("patient", &v.Head)
	if context := r.encounterOf(&v.Head, entry); context != "" {
		r.Reference("encounter", context, "")
	}
	r.String("date", v.When)
	r.Bool("primarySource", !v.Reported)
	r.concept("reportOrigin", v.Origin)
	r.place("location", v.Place)
	r.Reference("manufacturer", "", v.Maker)
	r.String("lotNumber", v.Batch)
	r.String("expirationDate", v.Expiry)
	r.concept("site", v.Site)
	r.concept("route", v.Route)
	r.Quantity("doseQuantity", v.Dose)
	r.List("practitioner", func() {
		r.vaccinator("AP", v.GivenBy)
		r.vaccinator("EP", v.EnteredBy)
	})
	r.Notes(v.Notes)
	r.Object("explanation", func() {
		r.concepts("reason", v.Reasons...)
		r.concepts("reasonNotGiven", v.NotGivenReason)
	})
	r.protocol(v)
}

// vaccineCode: no published message knows the product, because practices record the procedure.
func (r *record) vaccineCode(product story.Concept) {
	if product.Empty() {
		product = story.Coded("http://hl7.org/fhir/v3/NullFlavor", "UNK", "")
		product.Text = "Unknown"
	}
	r.concept("vaccineCode", product)
}

func (r *record) vaccinator(role string, a story.Actor) {
	if a == (story.Actor{}) {
		return
	}
	r.Object("", func() {
		r.Code("role", "http://hl7.org/fhir/stu3/valueset-immunization-role.html", role, "")
		r.actor("actor", a)
	})
}

func (r *record) protocol(v *story.Immunisation) {
	if v.Sequence == 0 && len(v.Targets) == 0 {
		return
	}
	r.List("vaccinationProtocol", func() {
		r.Object("", func() {
			r.Int("doseSequence", v.Sequence)
			r.Int("seriesDoses", v.SeriesOf)
			r.Concepts("targetDisease", v.Targets...)
			r.Code("doseStatus", "http://hl7.org/fhir/stu3/valueset-vaccination-protocol-dose-status.html", "count", "Counts")
		})
	})
}

// referrals writes outbound referrals, whose status a practice does not follow.
func (r *record) referrals() {
	lists := r.listing(story.Referrals)
	for i := range r.holding.Referrals {
		f := &r.holding.Referrals[i]
		entry := f.EntryID(story.KindReferral, i)
		if !r.wanted(story.Referrals, entry) || !r.ask.periods[story.Referrals].holds(f.When) {
			continue
		}
		r.add("ReferralRequest", r.id(entry), &f.Head, func() { r.referral(f, entry) })
		lists.note(entry, "ReferralRequest/"+r.id(entry), &f.Head)
	}
	lists.write()
}

func (r *record) referral(f *story.Referral, entry string) {
	if f.UBRN != "" {
		r.Identifiers("identifier", story.Identifier{System: "https://fhir.nhs.uk/Id/ubr-number", Value: f.UBRN})
	} else {
		r.identify(&f.Head, r.id(entry))
	}
	status := or(f.Status, "unknown")
	if f.EnteredInError {
		status = "entered-in-error"
	}
	r.String("status", status)
	r.String("intent", "order")
	r.String("priority", f.Urgency)
	r.concepts("serviceRequested", f.Service)
	r.subject("subject", &f.Head)
	if context := r.encounterOf(&f.Head, entry); context != "" {
		r.Reference("context", context, "")
	}
	r.String("authoredOn", f.When)
	if f.From != (story.Actor{}) {
		r.Object("requester", func() {
			r.actor("agent", f.From)
			r.actor("onBehalfOf", story.Actor{ODS: f.OnBehalfOf})
		})
	}
	r.concept("specialty", f.Specialty)
	r.actors("recipient", f.To...)
	r.concepts("reasonCode", f.Reason)
	r.String("description", f.Description)
	r.List("supportingInfo", func() {
		for _, d := range f.Documents {
			r.Reference("", r.target(d, "DocumentReference"), "")
		}
	})
	r.Notes(f.Notes)
}

// recalls writes diary entries: plans that have not happened.
func (r *record) recalls() {
	lists := r.listing(story.DiaryEntries)
	until := window{End: r.ask.diaryUntil}
	for i := range r.holding.Recalls {
		d := &r.holding.Recalls[i]
		entry := d.EntryID(story.KindRecall, i)
		if r.refuses(story.DiaryEntries) || !r.wanted(story.DiaryEntries, entry) || !until.holds(d.Due) {
			continue
		}
		r.add("ProcedureRequest", r.id(entry), &d.Head, func() { r.recall(d, entry) })
		lists.note(entry, "ProcedureRequest/"+r.id(entry), &d.Head)
	}
	lists.write()
}

func (r *record) recall(d *story.Recall, entry string) {
	r.identify(&d.Head, r.id(entry))
	status := "active"
	if d.EnteredInError {
		status = "entered-in-error"
	}
	r.String("status", status)
	r.String("intent", "plan")
	r.concept("code", d.What)
	r.subject("subject", &d.Head)
	if context := r.encounterOf(&d.Head, entry); context != "" {
		r.Reference("context", context, "")
	}
	if d.DueEnd != "" {
		r.Period("occurrencePeriod", story.Period{Start: d.Due, End: d.DueEnd})
	} else {
		r.String("occurrenceDateTime", d.Due)
	}
	r.String("authoredOn", d.Recorded)
	if by := actorOr(d.By, d.RecordedBy); by != (story.Actor{}) {
		r.Object("requester", func() { r.actor("agent", by) })
	}
	r.concepts("reasonCode", d.Reason)
	r.Notes(d.Notes)
}
