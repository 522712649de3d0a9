package r4

import (
	"encoding/base64"
	"strconv"
	"strings"

	"ribble/internal/record"
)

// Concept gives the record's concept; nil gives the zero one.
func (c *CodeableConcept) Concept() record.Concept {
	if c == nil {
		return record.Concept{}
	}
	return record.Concept(*c)
}

// Concept gives a concept of the one coding.
func (c Coding) Concept() record.Concept {
	if c == (Coding{}) {
		return record.Concept{}
	}
	return record.Concept{Codings: []record.Coding{record.Coding(c)}}
}

// Code is the first code, or the text where only that was sent.
func (s *Status) Code() string {
	for _, c := range s.Coding {
		if c.Code != "" {
			return c.Code
		}
	}
	return s.Text
}

// Quantity gives the record's quantity; nil gives the zero one. A text extension (UKCore-MedicationQuantityText) is its unit of last resort.
func (q *Quantity) Quantity() record.Quantity {
	if q == nil {
		return record.Quantity{}
	}
	out := record.Quantity{Value: string(q.Value), Comparator: q.Comparator, Unit: q.Unit, UnitSystem: q.System, UnitCode: q.Code}
	if out.Value == "" && out.Unit == "" {
		for i := range q.Extension {
			out.Unit += q.Extension[i].Words()
		}
	}
	return out
}

// Words is the quantity as a person reads it; "" for nil.
func (q *Quantity) Words() string { return q.Quantity().Display() }

// Period gives the record's period; nil gives the zero one.
func (p *Period) Period() record.Period {
	if p == nil {
		return record.Period{}
	}
	return record.Period{Start: record.ParseDate(p.Start), End: record.ParseDate(p.End)}
}

// Words is the period as a person reads it; "" for nil.
func (p *Period) Words() string { return p.Period().Display() }

// Range gives the record's range.
func (r *Range) Range() record.ValueRange {
	if r == nil {
		return record.ValueRange{}
	}
	return record.ValueRange{Low: r.Low.Quantity(), High: r.High.Quantity()}
}

// Words is the range as a person reads it; "" for nil.
func (r *Range) Words() string { return r.Range().Display() }

// Words is the ratio as a person reads it; "" for nil.
func (r *Ratio) Words() string {
	if r == nil {
		return ""
	}
	return r.Numerator.Words() + " / " + r.Denominator.Words()
}

// When is the period of an element that is a date or a period; nothing in between exists in FHIR.
func When(date string, p *Period) record.Period {
	if date != "" {
		return record.On(record.ParseDate(date))
	}
	return p.Period()
}

// Identifiers adds the record's identifiers to a list, without those that carry no value.
func Identifiers(to []record.Identifier, list []Identifier) []record.Identifier {
	for _, i := range list {
		if i.Value != "" {
			to = append(to, record.Identifier{System: i.System, Value: i.Value})
		}
	}
	return to
}

// Labels are the security labels of a resource.
func (m *Meta) Labels() []record.Label {
	var out []record.Label
	for _, c := range m.Security {
		out = append(out, record.Label{System: c.System, Code: c.Code, Display: c.Display})
	}
	return out
}

// Owner is the organisation that the meta.tag Provenance names as owner of the data (Interweave): its name, else its code.
func (m *Meta) Owner() (name, code string) {
	for _, t := range m.Tag {
		if strings.HasSuffix(t.System, "/Provenance") {
			if t.Display != "" {
				return t.Display, t.Code
			}
			return t.Code, t.Code
		}
	}
	return "", ""
}

// HasProfile reports whether the resource claims a profile whose last path part is name, with or without the "-1" of STU3.
func (m *Meta) HasProfile(name string) bool {
	for _, p := range m.Profile {
		if LastPart(p) == name {
			return true
		}
	}
	return false
}

// LastPart is the last path part of an address without the version suffixes "|…" and "-1", by which council code systems and
// profiles are known in both versions of their guide.
func LastPart(address string) string {
	if i := strings.IndexByte(address, '|'); i >= 0 {
		address = address[:i]
	}
	return strings.TrimSuffix(address[strings.LastIndexByte(address, '/')+1:], "-1")
}

// Notes adds the texts of annotations to a list, complete and in order; a named author stands after the text.
func Notes(to []string, list []Annotation) []string {
	for _, a := range list {
		switch {
		case a.Text == "":
		case a.AuthorString != "":
			to = append(to, a.Text+" ("+a.AuthorString+")")
		default:
			to = append(to, a.Text)
		}
	}
	return to
}

// Find gives the first extension whose url's last part is name, or nil.
func Find(list []Extension, name string) *Extension {
	for i := range list {
		if LastPart(list[i].URL) == name {
			return &list[i]
		}
	}
	return nil
}

// Part gives the nested extension with the url, or nil; a nil extension has none.
func (e *Extension) Part(url string) *Extension {
	if e == nil {
		return nil
	}
	for i := range e.Extension {
		if e.Extension[i].URL == url {
			return &e.Extension[i]
		}
	}
	return nil
}

// Concept is the coded value, whichever type carries it.
func (e *Extension) Concept() record.Concept {
	switch {
	case e == nil:
		return record.Concept{}
	case e.ValueCodeableConcept != nil:
		return e.ValueCodeableConcept.Concept()
	case e.ValueCoding != nil:
		return e.ValueCoding.Concept()
	case e.ValueCode != "":
		return record.Concept{Codings: []record.Coding{{Code: e.ValueCode}}}
	}
	return record.Words(e.Words())
}

// Date is the date value.
func (e *Extension) Date() record.PartialDate {
	switch {
	case e == nil:
		return record.PartialDate{}
	case e.ValueDateTime != "":
		return record.ParseDate(e.ValueDateTime)
	}
	return record.ParseDate(e.ValueDate)
}

// True reports a boolean value of true.
func (e *Extension) True() bool { return e != nil && e.ValueBoolean != nil && *e.ValueBoolean }

// Words is the value as a person reads it, whatever its type; "" for none.
func (e *Extension) Words() string {
	if e == nil {
		return ""
	}
	for _, s := range [...]string{e.ValueString, e.ValueMarkdown, string(e.ValueInteger), string(e.ValuePositiveInt), string(e.ValueUnsignedInt)} {
		if s != "" {
			return s
		}
	}
	switch {
	case e.ValueCodeableConcept != nil:
		return e.ValueCodeableConcept.Concept().Name()
	case e.ValueCoding != nil:
		return e.ValueCoding.Concept().Name()
	case e.ValueCode != "":
		return e.ValueCode
	case e.ValueDateTime != "" || e.ValueDate != "":
		return e.Date().Display()
	case e.ValuePeriod != nil:
		return e.ValuePeriod.Words()
	case e.ValueQuantity != nil:
		return e.ValueQuantity.Words()
	case e.ValueReference != nil:
		return e.ValueReference.Display
	case e.ValueAnnotation != nil:
		return e.ValueAnnotation.Text
	case e.ValueBoolean != nil:
		return YesNo(*e.ValueBoolean)
	}
	return ""
}

// YesNo is a truth value as a person reads it.
func YesNo(b bool) string {
	if b {
		return "Yes"
	}
	return "No"
}

// Attachment gives the record's attachment. Data that is not base64 leaves no body, and says so.
func (a *Attachment) Attachment() record.Attachment {
	out := record.Attachment{URL: a.URL, ContentType: a.ContentType, Title: a.Title, Hash: a.Hash}
	// A size that is no whole number is as good as none.
	out.Size, _ = strconv.ParseInt(string(a.Size), 10, 64)
	switch {
	case a.Data != "":
		body, err := base64.StdEncoding.DecodeString(a.Data)
		if err != nil {
			out.Placeholder = "the document sent could not be read"
			break
		}
		out.Inline, out.Size = body, int64(len(body))
	case a.URL == "":
		out.Placeholder = a.Title
		if out.Placeholder == "" {
			out.Placeholder = "the source sent no document"
		}
	}
	return out
}
