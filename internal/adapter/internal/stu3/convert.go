package stu3

import (
	"strconv"
	"strings"

	"ribble/internal/record"
)

// Record is the concept of the record: every coding in order, the text as sent.
func (c CodeableConcept) Record() record.Concept {
	out := record.Concept{Text: c.Text}
	if len(c.Coding) > 0 {
		out.Codings = make([]record.Coding, len(c.Coding))
	}
	for i := range c.Coding {
		k := &c.Coding[i]
		out.Codings[i] = record.Coding{
			System: strings.TrimSpace(k.System), Code: k.Code, Display: k.Display, DescriptionID: k.description(), UserSelected: k.UserSelected,
		}
	}
	return out
}

// IsZero reports that nothing was sent.
func (c CodeableConcept) IsZero() bool { return c.Text == "" && len(c.Coding) == 0 }

// HasCode reports whether any coding has the code in the system.
func (c CodeableConcept) HasCode(system, code string) bool {
	for i := range c.Coding {
		if c.Coding[i].Code == code && c.Coding[i].System == system {
			return true
		}
	}
	return false
}

func (k *Coding) description() string {
	for _, e := range k.Extension {
		for _, part := range e.Extension {
			if strings.EqualFold(part.URL, "descriptionId") {
				return part.ValueID
			}
		}
	}
	return ""
}

// Concepts converts a list.
func Concepts(list []CodeableConcept) []record.Concept {
	if len(list) == 0 {
		return nil
	}
	out := make([]record.Concept, len(list))
	for i := range list {
		out[i] = list[i].Record()
	}
	return out
}

// RecordIdentifiers converts business identifiers. A report identifier without "urn:oid:" gets it, and the two spellings of the UBRN
// system become one (section 29, T36), because equal identifiers with equal systems mean the same fact.
func RecordIdentifiers(list []Identifier) []record.Identifier {
	if len(list) == 0 {
		return nil
	}
	out := make([]record.Identifier, 0, len(list))
	for i := range list {
		if list[i].Value != "" {
			out = append(out, list[i].Record())
		}
	}
	return out
}

// UBRN is the system of unique booking reference numbers.
const UBRN = "https://fhir.nhs.uk/Id/UBRN"

// Record is the identifier of the record, its system in the one agreed spelling.
func (i Identifier) Record() record.Identifier {
	system := strings.TrimSpace(i.System)
	switch {
	case strings.EqualFold(system, "https://fhir.nhs.uk/Id/ubr-number"), strings.EqualFold(system, UBRN):
		system = UBRN
	case strings.HasPrefix(system, "2.16.840.1.113883."):
		system = "urn:oid:" + system
	}
	return record.Identifier{System: system, Value: i.Value}
}

// Record is the quantity as sent; a quantity given in words has the words as its value.
func (q Quantity) Record() record.Quantity {
	out := record.Quantity{Value: string(q.Value), Comparator: q.Comparator, Unit: q.Unit, UnitSystem: q.System, UnitCode: q.Code}
	if out.Value == "" {
		if text, ok := Find(q.Extension, "Extension-CareConnect-GPC-MedicationQuantityText-1"); ok {
			out.Value = text.ValueString
		}
	}
	return out
}

// Record is the period as sent.
func (p Period) Record() record.Period {
	if p.Start == "" && p.End == "" {
		return record.Period{}
	}
	return record.Period{Start: record.ParseDate(p.Start), End: record.ParseDate(p.End)}
}

// When is a period, or the single date when that was sent.
func When(date string, p Period) record.Period {
	if date != "" {
		return record.On(record.ParseDate(date))
	}
	return p.Record()
}

// Notes are the texts of annotations, each complete and in order.
func Notes(list []Annotation) []string {
	var out []string
	for i := range list {
		if list[i].Text != "" {
			out = append(out, list[i].Text)
		}
	}
	return out
}

// Record is the value as sent.
func (v *Value) Record() record.Value {
	switch {
	case v.ValueQuantity != nil:
		return record.Value{Quantity: v.ValueQuantity.Record()}
	case v.ValueCodeableConcept != nil:
		c := v.ValueCodeableConcept.Record()
		return record.Value{Concept: &c}
	case v.ValueString != "":
		return record.Value{Text: v.ValueString}
	case v.ValueBoolean != nil:
		return record.Value{Text: YesNo(*v.ValueBoolean)}
	case v.ValueRange != nil:
		return record.Value{Range: &record.ValueRange{Low: v.ValueRange.Low.Record(), High: v.ValueRange.High.Record()}}
	case v.ValueRatio != nil:
		return record.Value{Text: v.ValueRatio.Numerator.Record().Display() + " : " + v.ValueRatio.Denominator.Record().Display()}
	case v.ValueTime != "":
		return record.Value{Text: v.ValueTime}
	case v.ValueDateTime != "":
		return record.Value{Date: record.ParseDate(v.ValueDateTime)}
	case v.ValuePeriod != nil:
		return record.Value{Text: v.ValuePeriod.Record().Display()}
	}
	return record.Value{}
}

// YesNo is a boolean in words.
func YesNo(b bool) string {
	if b {
		return "Yes"
	}
	return "No"
}

// Record is the attachment; a form without address and body carries the source's reason in its title (HAZ 68).
func (a Attachment) Record() record.Attachment {
	out := record.Attachment{URL: a.URL, ContentType: a.ContentType, Title: a.Title, Hash: a.Hash, Inline: a.Data}
	if n, err := strconv.ParseInt(string(a.Size), 10, 64); err == nil {
		out.Size = n
	}
	if a.URL == "" && len(a.Data) == 0 {
		out.Placeholder = a.Title
	}
	return out
}

// Labels are security labels.
func Labels(list []Coding) []record.Label {
	var out []record.Label
	for i := range list {
		out = append(out, record.Label{System: list[i].System, Code: list[i].Code, Display: list[i].Display})
	}
	return out
}

// Record is the name of the record.
func (n HumanName) Record() record.Name {
	return record.Name{Use: n.Use, Family: n.Family, Given: n.Given, Prefix: n.Prefix, Suffix: n.Suffix, Text: n.Text, Ended: n.Period.End != "" || n.Use == "old"}
}

// Words is the name as people say it: prefix, given, family; the text when there are no parts.
func (n HumanName) Words() string {
	if n.Family == "" && len(n.Given) == 0 {
		return n.Text
	}
	parts := append(append(append([]string{}, n.Prefix...), n.Given...), n.Family)
	return strings.TrimSpace(strings.Join(parts, " "))
}

// Words is the address on one line.
func (a Address) Words() string {
	if len(a.Line) == 0 && a.City == "" && a.PostalCode == "" {
		return a.Text
	}
	var parts []string
	for _, s := range append(append([]string{}, a.Line...), a.City, a.District, a.PostalCode) {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, ", ")
}

// Find is the first extension whose url ends in one of the names, and whether there is one: the same extension
// occurs under several bases, and with and without "GPC-".
func Find(list []Extension, names ...string) (*Extension, bool) {
	for i := range list {
		if list[i].Named(names...) {
			return &list[i], true
		}
	}
	return nil, false
}

// Named reports whether the url, or its last part, is one of the names.
func (e *Extension) Named(names ...string) bool {
	last := e.URL[strings.LastIndexByte(e.URL, '/')+1:]
	for _, n := range names {
		if last == n {
			return true
		}
	}
	return false
}
