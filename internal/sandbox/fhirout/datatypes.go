package fhirout

import (
	"html"
	"strings"

	"ribble/internal/sandbox/story"
)

// Concept writes a CodeableConcept.
func (w *Writer) Concept(name string, c story.Concept) {
	w.Object(name, func() {
		w.List("coding", func() {
			for _, code := range c.Codes {
				w.Coding("", code)
			}
		})
		w.String("text", c.Text)
	})
}

// Concepts writes a list of CodeableConcepts.
func (w *Writer) Concepts(name string, all ...story.Concept) {
	w.List(name, func() {
		for _, c := range all {
			w.Concept("", c)
		}
	})
}

// Coding writes one Coding, with its description id where the dialect sends them.
func (w *Writer) Coding(name string, c story.Code) {
	w.Object(name, func() {
		if c.DescriptionID != "" && w.DescriptionURL != "" {
			w.descriptionID(c)
		}
		w.String("system", c.System)
		w.String("code", c.Value)
		w.String("display", c.Display)
		if c.UserSelected {
			w.Bool("userSelected", true)
		}
	})
}

func (w *Writer) descriptionID(c story.Code) {
	w.List("extension", func() {
		w.Object("", func() {
			w.String("url", w.DescriptionURL)
			w.List("extension", func() {
				w.Extension(w.DescriptionName, func() { w.String("valueId", c.DescriptionID) })
			})
		})
	})
}

// Code writes a CodeableConcept of one coding; nothing when the code is empty.
func (w *Writer) Code(name, system, code, display string) {
	if code != "" {
		w.Concept(name, story.Coded(system, code, display))
	}
}

// Extension writes one extension inside an extension list; value writes its value[x] or nested list. An extension
// without a value is not sent.
func (w *Writer) Extension(url string, value func()) {
	start := len(w.buf)
	w.comma()
	w.buf = append(w.buf, '{')
	w.String("url", url)
	before := len(w.buf)
	value()
	if len(w.buf) == before {
		w.buf = w.buf[:start]
		return
	}
	w.buf = append(w.buf, '}')
}

// ConceptExtension writes an extension whose value is a CodeableConcept, unless it is empty.
func (w *Writer) ConceptExtension(url string, c story.Concept) {
	if !c.Empty() {
		w.Object("", func() {
			w.String("url", url)
			w.Concept("valueCodeableConcept", c)
		})
	}
}

// Identifiers writes a list of identifiers.
func (w *Writer) Identifiers(name string, all ...story.Identifier) {
	w.List(name, func() {
		for _, id := range all {
			w.Identifier("", id)
		}
	})
}

// Identifier writes one identifier.
func (w *Writer) Identifier(name string, id story.Identifier) {
	w.Object(name, func() {
		w.String("system", id.System)
		w.String("value", id.Value)
	})
}

// Period writes a Period.
func (w *Writer) Period(name string, p story.Period) {
	w.Object(name, func() {
		w.String("start", p.Start)
		w.String("end", p.End)
	})
}

// Quantity writes a Quantity; its number stands exactly as the story has it.
func (w *Writer) Quantity(name string, q story.Quantity) {
	w.Object(name, func() {
		w.Number("value", q.Value)
		w.String("comparator", q.Comparator)
		w.String("unit", q.Unit)
		if q.Code != "" {
			w.String("system", story.SystemUCUM)
			w.String("code", q.Code)
		}
	})
}

// Range writes a Range of two quantities.
func (w *Writer) Range(name string, r story.Range) {
	w.Object(name, func() {
		w.Quantity("low", r.Low)
		w.Quantity("high", r.High)
	})
}

// ReferenceRanges writes Observation.referenceRange.
func (w *Writer) ReferenceRanges(ranges []story.Range) {
	w.List("referenceRange", func() {
		for _, r := range ranges {
			w.Object("", func() {
				w.Quantity("low", r.Low)
				w.Quantity("high", r.High)
				w.String("text", r.Text)
			})
		}
	})
}

// Value writes value[x] of an observation or a component.
func (w *Writer) Value(v story.Value) {
	w.Quantity("valueQuantity", v.Quantity)
	w.Concept("valueCodeableConcept", v.Concept)
	w.String("valueString", v.Text)
	w.String("valueDateTime", v.Date)
	w.Range("valueRange", v.Range)
}

// Reference writes a Reference; display alone is allowed.
func (w *Writer) Reference(name, target, display string) {
	w.Object(name, func() {
		w.String("reference", target)
		w.String("display", display)
	})
}

// References writes a list of References without displays.
func (w *Writer) References(name string, targets ...string) {
	w.List(name, func() {
		for _, t := range targets {
			w.Reference("", t, "")
		}
	})
}

// Notes writes a list of Annotations.
func (w *Writer) Notes(notes []string) {
	w.List("note", func() {
		for _, n := range notes {
			w.Object("", func() { w.String("text", n) })
		}
	})
}

// HumanName writes one HumanName; the use falls back to the one given.
func (w *Writer) HumanName(name string, n story.Name, use string) {
	if n.Family == "" && len(n.Given) == 0 {
		return
	}
	if n.Use != "" {
		use = n.Use
	}
	w.Object(name, func() {
		w.String("use", use)
		w.String("text", FullName(n))
		w.String("family", n.Family)
		w.Strings("given", n.Given...)
		w.Strings("prefix", n.Prefix)
	})
}

// FullName is how a name reads: prefix, given names, family name.
func FullName(n story.Name) string {
	parts := make([]string, 0, len(n.Given)+2)
	if n.Prefix != "" {
		parts = append(parts, n.Prefix)
	}
	parts = append(parts, n.Given...)
	if n.Family != "" {
		parts = append(parts, n.Family)
	}
	return strings.Join(parts, " ")
}

// Address writes one Address.
func (w *Writer) Address(name string, a story.Address, use string) {
	if len(a.Lines) == 0 && a.City == "" && a.Postcode == "" {
		return
	}
	w.Object(name, func() {
		w.String("use", use)
		w.Strings("line", a.Lines...)
		w.String("city", a.City)
		w.String("district", a.District)
		w.String("postalCode", a.Postcode)
	})
}

// PatientLink writes Patient.link to the patient that this one was merged into; nothing when there is none.
func (w *Writer) PatientLink(replacedBy string) {
	if replacedBy == "" {
		return
	}
	w.List("link", func() {
		w.Object("", func() {
			w.Reference("other", replacedBy, "")
			w.String("type", "replaced-by")
		})
	})
}

// Telecoms writes telephone numbers and an e-mail address.
func (w *Writer) Telecoms(phones []story.Phone, email string) {
	w.List("telecom", func() {
		for _, p := range phones {
			w.Object("", func() {
				w.String("system", "phone")
				w.String("value", p.Number)
				w.String("use", p.Use)
			})
		}
		if email != "" {
			w.Object("", func() {
				w.String("system", "email")
				w.String("value", email)
			})
		}
	})
}

// Narrative wraps plain words in the XHTML division that FHIR narrative demands.
func Narrative(words string) string {
	return `<div xmlns="http://www.w3.org/1999/xhtml">` + html.EscapeString(words) + `</div>`
}
