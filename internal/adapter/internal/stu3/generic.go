package stu3

import (
	"encoding/base64"

	"ribble/internal/adapter/internal/fhirjson"
)

// Generic is a resource of a type that has no struct: enough to show it in "Other". Its fields are Loose, because one name
// has different shapes in different types.
type Generic struct {
	Base
	Identifier        Identifiers    `json:"identifier"`
	Status            Loose          `json:"status"`
	Code              Loose          `json:"code"`
	Name              Loose          `json:"name"`
	Title             Loose          `json:"title"`
	Description       Loose          `json:"description"`
	Subject           LooseReference `json:"subject"`
	Patient           LooseReference `json:"patient"`
	Date              Loose          `json:"date"`
	EffectiveDateTime Loose          `json:"effectiveDateTime"`
	PerformedDateTime Loose          `json:"performedDateTime"`
	Recorded          Loose          `json:"recorded"`
	AuthoredOn        Loose          `json:"authoredOn"`
}

// About is the subject or patient.
func (g *Generic) About() *Reference {
	if g.Subject.IsZero() {
		return &g.Patient.Reference
	}
	return &g.Subject.Reference
}

// Loose is a concept, text or anything else: what can be read of it.
type Loose struct{ CodeableConcept }

// ReadJSON reads text as text, an object as a concept, and the first of an array; of another shape nothing.
func (l *Loose) ReadJSON(r *fhirjson.Reader) {
	first(r, func() {
		switch r.Kind() {
		case '"':
			l.Text = r.Text()
		case '{':
			var concept CodeableConcept
			if r.Try(func() { concept.ReadJSON(r) }) {
				l.CodeableConcept = concept
			}
		default:
			r.Skip()
		}
	})
}

// LooseReference is one reference, or the first of several.
type LooseReference struct{ Reference }

// ReadJSON reads an object, or the first of an array; another shape is no reference.
func (l *LooseReference) ReadJSON(r *fhirjson.Reader) {
	first(r, func() {
		var reference Reference
		if r.Try(func() { reference.ReadJSON(r) }) {
			l.Reference = reference
		}
	})
}

// first reads a value, or of an array its first element.
func first(r *fhirjson.Reader, read func()) {
	if r.Kind() != '[' {
		read()
		return
	}
	n := 0
	for more := r.OpenList(); more; more = r.NextElement() {
		if n++; n == 1 {
			read()
			continue
		}
		r.Skip()
	}
}

// Identifiers is a list of identifiers that a few types send as a single object.
type Identifiers = OneOrMany[Identifier]

// OneOrMany is a list that some messages send as a single object: by their type, or against it in published examples.
type OneOrMany[T any] []T

// ReadJSON reads an array or one object.
func (l *OneOrMany[T]) ReadJSON(r *fhirjson.Reader) {
	switch {
	case r.Kind() == '{':
		*l = make([]T, 1)
		read(r, &(*l)[0])
	case !r.Null():
		*l = []T{}
		for more := r.OpenList(); more; more = r.NextElement() {
			var one T
			read(r, &one)
			*l = append(*l, one)
		}
	}
}

// read is for a list that does not say of what it is.
func read[T any](r *fhirjson.Reader, v *T) { any(v).(fhirjson.SelfReader).ReadJSON(r) }

// Base64 is a body in base64; line breaks in it are allowed, as messages have them.
type Base64 []byte

// ReadJSON reads the text and decodes it.
func (b *Base64) ReadJSON(r *fhirjson.Reader) {
	body, err := base64.StdEncoding.DecodeString(r.Text())
	if err != nil {
		r.Refuse(fhirjson.ErrMalformed)
	}
	*b = body
}
