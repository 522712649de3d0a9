package gpconnect

import (
	"ribble/internal/adapter/internal/stu3"
	"ribble/internal/record"
)

// result is one Observation as a result, with the members of a group below it. The observation and all below it are covered by h.
func (r *reading) result(h *record.Head, n int32, e *stu3.Observation, depth int) record.Result {
	r.coverIn(h, n)
	out := r.plainResult(h, n, e)
	if depth < maxTree {
		r.addMembers(h, &out, n, e, depth)
	}
	r.addComments(h, &out, n)
	return out
}

func (r *reading) plainResult(h *record.Head, n int32, e *stu3.Observation) record.Result {
	out := record.Result{
		Key: r.items[n].key, Test: e.Code.Record(), Value: e.Value.Record(), Ranges: ranges(e.ReferenceRange),
		Flag: e.Interpretation.Record().Name(), Status: e.Status, Phase: phaseOf(e.Status), When: stu3.When(e.EffectiveDateTime, e.EffectivePeriod),
	}
	out.Measured(e.DataAbsentReason.Record(), e.Method.Record(), e.BodySite.Record())
	if e.Comment != "" {
		out.Comments = []string{e.Comment}
	}
	if found, ok := r.find(n, e.Specimen.Reference); ok {
		if specimen, sent := r.specimen(found, true); sent {
			r.use(h, found)
			beside(h, specimen.Type, specimen.Collection.BodySite)
			out.Add().Specimen = specimen.Type.Record().Name()
		}
	}
	for i := range e.Component {
		rare := out.Add()
		rare.Components = append(rare.Components, component(&e.Component[i]))
	}
	if when := out.When; when.Start.Precision == record.Bad || when.End.Precision == record.Bad {
		out.Flaw(record.BadDate, "A date that was sent is not a valid date.")
	}
	return out
}

func component(c *stu3.Component) record.Result {
	out := record.Result{Test: c.Code.Record(), Value: c.Value.Record(), Ranges: ranges(c.ReferenceRange), Flag: c.Interpretation.Record().Name()}
	out.Measured(c.DataAbsentReason.Record(), record.Concept{}, record.Concept{})
	return out
}

func ranges(list []stu3.ReferenceRange) []record.ValueRange {
	if len(list) == 0 {
		return nil
	}
	out := make([]record.ValueRange, 0, len(list))
	for i := range list {
		v := record.ValueRange{Low: list[i].Low.Record(), High: list[i].High.Record(), Text: list[i].Text, Kind: list[i].Type.Record().Name()}
		if v != (record.ValueRange{}) { // some practices send an empty range
			out = append(out, v)
		}
	}
	return out
}

func (r *reading) addMembers(h *record.Head, out *record.Result, n int32, e *stu3.Observation, depth int) {
	for i := range e.Related {
		if e.Related[i].Type != "has-member" {
			continue
		}
		found, ok := r.find(n, e.Related[i].Target.Reference)
		if !ok {
			out.Flaw(record.DanglingReference, "A part of this group was not sent.")
			continue
		}
		member, observation := r.items[found].entity.(*stu3.Observation)
		switch {
		case !observation:
			r.items[found].used = true
		case !r.open(found):
		case isComment(member):
			r.comment(h, out, found, member)
		default:
			below := r.result(h, found, member, depth+1)
			rare := out.Add()
			rare.Members = append(rare.Members, below)
		}
	}
}

func (r *reading) addComments(h *record.Head, out *record.Result, n int32) {
	for _, c := range r.comments[n] {
		if r.open(c) {
			r.comment(h, out, c, r.items[c].entity.(*stu3.Observation))
		}
	}
}

// comment shows a comment note at the level of the result it speaks about (HAZ 62), and keeps who made it as a filing of the report.
func (r *reading) comment(h *record.Head, out *record.Result, n int32, e *stu3.Observation) {
	if !r.coverIn(h, n) {
		return
	}
	if e.Comment != "" {
		out.Comments = append(out.Comments, e.Comment)
	}
	if filing := r.filing(n, e); !filing.On.IsZero() || len(filing.By) > 0 {
		r.filings = append(r.filings, filing)
	}
}
