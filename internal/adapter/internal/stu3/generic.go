package stu3

import (
	"encoding/base64"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
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

// UnmarshalJSONFrom reads text as text, an object as a concept, and the first of an array.
func (l *Loose) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	raw, err := first(dec)
	switch {
	case err != nil:
		return err
	case raw.Kind() == '"':
		return json.Unmarshal(raw, &l.Text)
	case raw.Kind() == '{' && json.Unmarshal(raw, &l.CodeableConcept) != nil:
		l.CodeableConcept = CodeableConcept{}
	}
	return nil
}

// LooseReference is one reference, or the first of several.
type LooseReference struct{ Reference }

// UnmarshalJSONFrom reads an object, or the first of an array; another shape is no reference.
func (l *LooseReference) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	raw, err := first(dec)
	if err == nil && raw.Kind() == '{' && json.Unmarshal(raw, &l.Reference) != nil {
		l.Reference = Reference{}
	}
	return err
}

// first reads the next value; of an array its first element, or null.
func first(dec *jsontext.Decoder) (jsontext.Value, error) {
	raw, err := dec.ReadValue()
	if err != nil || raw.Kind() != '[' {
		return raw, err
	}
	var list []jsontext.Value
	if err := json.Unmarshal(raw, &list); err != nil || len(list) == 0 {
		return jsontext.Value("null"), err
	}
	return list[0], nil
}

// Identifiers is a list of identifiers that a few types send as a single object.
type Identifiers = OneOrMany[Identifier]

// OneOrMany is a list that some messages send as a single object: by their type, or against it in published examples.
type OneOrMany[T any] []T

// UnmarshalJSONFrom reads an array or one object.
func (l *OneOrMany[T]) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if dec.PeekKind() != '{' {
		return json.UnmarshalDecode(dec, (*[]T)(l))
	}
	*l = make([]T, 1)
	return json.UnmarshalDecode(dec, &(*l)[0])
}

// Base64 is a body in base64; line breaks in it are allowed, as messages have them.
type Base64 []byte

// UnmarshalJSONFrom reads the text and decodes it.
func (b *Base64) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	var text string
	if err := json.UnmarshalDecode(dec, &text); err != nil {
		return err
	}
	body, err := base64.StdEncoding.DecodeString(text)
	*b = body
	return err
}
