package gpconnect

import (
	"ribble/internal/adapter/internal/stu3"
	"ribble/internal/record"
)

// nilScope are the statements of absence, each with its own scope (section 27.2). Other "no known" codes are ordinary rows.
var nilScope = map[string]string{
	"716186003": "all kinds", "160244002": "all kinds", "409137002": "drugs", "429625007": "food", "428607008": "the environment",
	"428197003": "insects", "716220001": "animals", "1003774007": "latex",
}

func (r *reading) mapAllergy(n int32, e *stu3.AllergyIntolerance) {
	a := record.Allergy{
		Head: r.head(n, e.Identifier), Agent: e.Code.Record(), Kind: e.Type, Categories: e.Category, Criticality: e.Criticality,
		Onset: record.ParseDate(e.OnsetDateTime), OnsetWords: onsetWords(e.OnsetAge, e.OnsetPeriod, e.OnsetRange, e.OnsetString),
		LastOccurrence: record.ParseDate(e.LastOccurrence),
	}
	a.Phase, a.RawStatus = phaseOf(e.ClinicalStatus), e.ClinicalStatus
	if e.VerificationStatus == "refuted" {
		a.Phase, a.RawStatus = record.Refuted, "refuted"
	}
	a.When = record.On(record.ParseDate(e.AssertedDate))
	a.RecordedBy, a.AssertedBy = r.actor(n, e.Recorder), r.actor(n, e.Asserter)
	a.Notes = stu3.Notes(e.Note)
	for i := range e.Reaction {
		a.Reactions = append(a.Reactions, reaction(&e.Reaction[i]))
		a.Notes = append(a.Notes, stu3.Notes(e.Reaction[i].Note)...)
		factOf(&a.Head, "Reaction to", e.Reaction[i].Substance)
		fact(&a.Head, "Reaction began", record.ParseDate(e.Reaction[i].Onset).Display())
	}
	readAllergyExtensions(r, n, &a, e.Extension)
	if a.Phase != record.Ended && a.Phase != record.Refuted {
		a.Nil = nilOf(a.Agent)
	}
	r.check(&a.Head, a.Agent, a.Onset, a.LastOccurrence, a.EndedOn)
	r.notFuture(&a.Head)
	r.show(n)
	r.answer.Chart.Allergies = append(r.answer.Chart.Allergies, a)
}

func readAllergyExtensions(r *reading, n int32, a *record.Allergy, list []stu3.Extension) {
	for i := range list {
		switch e := &list[i]; {
		case e.Named("encounter-associatedEncounter") && e.ValueReference != nil:
			r.within(&a.Head, n, *e.ValueReference)
		case e.Named("Extension-CareConnect-GPC-AllergyIntoleranceEnd-1", "Extension-CareConnect-AllergyIntoleranceEnd-1"):
			if end, ok := stu3.Find(e.Extension, "endDate"); ok {
				a.EndedOn = record.ParseDate(end.ValueDateTime)
			}
			if reason, ok := stu3.Find(e.Extension, "reasonEnded"); ok {
				a.EndReason = reason.ValueString
			}
		}
	}
}

func reaction(e *stu3.Reaction) record.Reaction {
	out := record.Reaction{Severity: e.Severity, Description: e.Description, Route: e.ExposureRoute.Record()}
	for i := range e.Manifestation {
		out.Manifestations = append(out.Manifestations, concept(e.Manifestation[i]))
	}
	return out
}

func nilOf(agent record.Concept) string {
	for _, k := range agent.Codings {
		if k.System == record.SNOMED && nilScope[k.Code] != "" {
			return nilScope[k.Code]
		}
	}
	return ""
}

// onsetWords are an onset that is not a date, as sent.
func onsetWords(age *stu3.Quantity, period *stu3.Period, span *stu3.Range, text string) string {
	switch {
	case age != nil:
		return "age " + age.Record().Display()
	case period != nil:
		return period.Record().Display()
	case span != nil:
		return record.ValueRange{Low: span.Low.Record(), High: span.High.Record()}.Display()
	}
	return text
}
