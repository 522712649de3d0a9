package gpconnect

import (
	"ribble/internal/adapter/internal/stu3"
	"ribble/internal/record"
)

func (r *reading) mapImmunisation(n int32, e *stu3.Immunization) {
	v := record.Immunisation{
		Head: r.head(n, e.Identifier), Product: vaccineProduct(e.VaccineCode), NotGivenReason: stu3.Concepts(e.Explanation.ReasonNotGiven),
		Dose: e.DoseQuantity.Record().Display(), Batch: e.LotNumber, Expiry: record.ParseDate(e.ExpirationDate), Site: e.Site.Record(), Route: e.Route.Record(),
		Reported: e.PrimarySource != nil && !*e.PrimarySource, ReportOrigin: e.ReportOrigin.Record(), Reasons: stu3.Concepts(e.Explanation.Reason),
	}
	v.Phase, v.RawStatus = record.Current, e.Status
	switch {
	case e.NotGiven == nil:
		v.Phase = record.PhaseUnknown
	case *e.NotGiven:
		v.Phase, v.RawStatus = record.NotDone, "not given"
	}
	v.When, v.Notes = record.On(record.ParseDate(e.Date)), stu3.Notes(e.Note)
	v.Maker = r.organisation(n, e.Manufacturer)
	fact(&v.Head, "Place", r.placeName(n, e.Location))
	r.within(&v.Head, n, e.Encounter)
	for i := range e.Practitioner {
		r.addVaccinator(n, &v, &e.Practitioner[i])
	}
	for i := range e.VaccinationProtocol {
		addProtocol(&v, &e.VaccinationProtocol[i])
	}
	readImmunisationExtensions(&v, e.Extension)
	if v.Vaccination.IsZero() {
		v.Vaccination = v.Product
	}
	r.check(&v.Head, v.Vaccination, v.Expiry)
	r.notFuture(&v.Head)
	r.show(n)
	r.answer.Chart.Immunisations = append(r.answer.Chart.Immunisations, v)
}

// vaccineProduct: GP Connect mostly sends "unknown" with no words of its own (T31).
func vaccineProduct(c stu3.CodeableConcept) record.Concept {
	out := c.Record()
	if out.Text == "" && len(out.Codings) == 1 && out.Codings[0].Code == "UNK" {
		out.Text = "Product not recorded"
	}
	return out
}

func (r *reading) addVaccinator(n int32, v *record.Immunisation, e *stu3.Vaccinator) {
	actors := r.actor(n, e.Actor)
	for i := range e.Role.Coding {
		switch e.Role.Coding[i].Code {
		case "AP":
			v.PerformedBy = append(v.PerformedBy, actors...)
			return
		case "EP":
			v.RecordedBy = append(v.RecordedBy, actors...)
			return
		}
	}
	for _, a := range actors {
		label := e.Role.Record().Name()
		if label == "" {
			label = "Practitioner"
		}
		fact(&v.Head, label, a.Display())
	}
}

func addProtocol(v *record.Immunisation, p *stu3.Protocol) {
	v.Targets = append(v.Targets, stu3.Concepts(p.TargetDisease)...)
	if sequence := string(p.DoseSequence); sequence != "" {
		if p.SeriesDoses != "" {
			sequence += " of " + string(p.SeriesDoses)
		}
		v.Sequence = joinLine(v.Sequence, sequence)
	}
	fact(&v.Head, "Series", p.Series)
	fact(&v.Head, "Protocol", p.Description)
	factOf(&v.Head, "Dose status", p.DoseStatus)
}

func readImmunisationExtensions(v *record.Immunisation, list []stu3.Extension) {
	for i := range list {
		switch e := &list[i]; {
		case e.Named("Extension-CareConnect-VaccinationProcedure-1", "Extension-CareConnect-GPC-VaccinationProcedure-1") && e.ValueCodeableConcept != nil:
			v.Vaccination = e.ValueCodeableConcept.Record()
		case e.Named("Extension-CareConnect-DateRecorded-1", "Extension-CareConnect-GPC-DateRecorded-1"):
			v.Recorded = record.ParseDate(e.ValueDateTime)
		case e.Named("Extension-CareConnect-ParentPresent-1", "Extension-CareConnect-GPC-ParentPresent-1") && e.ValueBoolean != nil:
			fact(&v.Head, "Parent present", stu3.YesNo(*e.ValueBoolean))
		}
	}
}

// mapStatements shows the consents, dissents and invitations that stand as Observations in the immunisation List.
func (r *reading) mapStatements() {
	for i := range r.lists {
		if r.lists[i].code != immunisationList {
			continue
		}
		for j := range r.lists[i].list.Entry {
			n, found := r.find(r.lists[i].n, r.lists[i].list.Entry[j].Item.Reference)
			if !found || !r.open(n) {
				continue
			}
			if e, ok := r.items[n].entity.(*stu3.Observation); ok {
				r.mapVaccinationStatement(n, e)
			}
		}
	}
}

func (r *reading) mapVaccinationStatement(n int32, e *stu3.Observation) {
	v := record.Immunisation{Head: r.observationHead(n, e), Vaccination: e.Code.Record(), Statement: true}
	if e.Comment != "" {
		v.Notes = []string{e.Comment}
	}
	value := e.Value.Record()
	fact(&v.Head, "Value", value.Display())
	if value.Concept != nil {
		v.Coded(value.Concept.Codings)
	}
	r.check(&v.Head, v.Vaccination)
	r.show(n)
	r.answer.Chart.Immunisations = append(r.answer.Chart.Immunisations, v)
}
