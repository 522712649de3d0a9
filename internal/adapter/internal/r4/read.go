package r4

import (
	"bytes"
	"errors"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"ribble/internal/record"
)

// The commonest datatypes are read by hand: they are two thirds of every message, and reading them straight into the record's own
// values spares a second copy of each.

var errShape = errors.New("element is not of its datatype's shape")

// members calls read for every member of an object, with the decoder standing before its value; null counts as no members.
func members(dec *jsontext.Decoder, read func(name []byte) error) error {
	switch dec.PeekKind() {
	case 'n':
		return dec.SkipValue()
	case '{':
	default:
		return wrongShape(dec)
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() == '"' {
		raw, err := dec.ReadValue()
		if err != nil {
			return err
		}
		name := raw[1 : len(raw)-1]
		// A name written with escapes is the same name: nothing may be hidden from this reader that another would see.
		if bytes.IndexByte(name, '\\') >= 0 {
			if name, err = jsontext.AppendUnquote(nil, raw); err != nil {
				return err
			}
		}
		if err := read(name); err != nil {
			return err
		}
	}
	_, err := dec.ReadToken()
	return err
}

// wrongShape tells bad grammar, which the decoder finds, from a value of the wrong kind.
func wrongShape(dec *jsontext.Decoder) error {
	if err := dec.SkipValue(); err != nil {
		return err
	}
	return errShape
}

// elements calls read for every element of an array; null counts as none.
func elements(dec *jsontext.Decoder, read func() error) error {
	switch dec.PeekKind() {
	case 'n':
		return dec.SkipValue()
	case '[':
	default:
		return wrongShape(dec)
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for k := dec.PeekKind(); k != ']' && k != 0; k = dec.PeekKind() {
		if err := read(); err != nil {
			return err
		}
	}
	_, err := dec.ReadToken()
	return err
}

// text reads a string; null leaves it empty. The decoder keeps one copy of texts that repeat.
func text(dec *jsontext.Decoder, into *string) error {
	return json.UnmarshalDecode(dec, into)
}

// system reads a code system or another address that is repeated in every entry, without a copy for the commonest.
func system(dec *jsontext.Decoder, into *string) error {
	if dec.PeekKind() != '"' {
		return text(dec, into)
	}
	raw, err := dec.ReadValue()
	if err != nil {
		return err
	}
	if known, ok := systems[string(raw[1:len(raw)-1])]; ok {
		*into = known
		return nil
	}
	b, err := jsontext.AppendUnquote(nil, raw)
	*into = string(b)
	return err
}

// systems are the addresses that most entries repeat.
var systems = func() map[string]string {
	m := map[string]string{}
	for _, s := range [...]string{
		record.SNOMED, record.DMD, record.ODSCodeSystem, record.NHSNumberSystem, record.NullFlavorR4, "http://unitsofmeasure.org", "http://loinc.org",
		"http://terminology.hl7.org/CodeSystem/observation-category", "http://terminology.hl7.org/CodeSystem/condition-clinical",
		"http://terminology.hl7.org/CodeSystem/condition-ver-status", "http://terminology.hl7.org/CodeSystem/condition-category",
		"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification",
		"http://terminology.hl7.org/CodeSystem/v3-ActCode", "http://terminology.hl7.org/CodeSystem/v3-ParticipationType",
		"http://terminology.hl7.org/CodeSystem/v2-0074", "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation",
		"https://fhir.interweavedigital.nhs.uk/Source", "https://fhir.interweavedigital.nhs.uk/Provenance",
	} {
		m[s] = s
	}
	return m
}()

// UnmarshalJSONFrom reads coding and text.
func (c *CodeableConcept) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	return members(dec, func(name []byte) error {
		switch string(name) {
		case "coding":
			return elements(dec, func() error {
				c.Codings = append(c.Codings, record.Coding{})
				return (*Coding)(&c.Codings[len(c.Codings)-1]).UnmarshalJSONFrom(dec)
			})
		case "text":
			return text(dec, &c.Text)
		}
		return dec.SkipValue()
	})
}

// UnmarshalJSONFrom reads the code and, from the extension that carries it, the SNOMED description that the author chose.
func (c *Coding) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	return members(dec, func(name []byte) error {
		switch string(name) {
		case "system":
			return system(dec, &c.System)
		case "code":
			return text(dec, &c.Code)
		case "display":
			return text(dec, &c.Display)
		case "userSelected":
			return json.UnmarshalDecode(dec, &c.UserSelected)
		case "extension":
			var extensions []Extension
			err := json.UnmarshalDecode(dec, &extensions)
			c.DescriptionID = descriptionID(extensions)
			return err
		}
		return dec.SkipValue()
	})
}

// descriptionID finds the description id in extension coding-sctdescid, whose url is also sent misspelt.
func descriptionID(extensions []Extension) string {
	for _, e := range extensions {
		for _, part := range e.Extension {
			if part.URL == "descriptionId" {
				return part.ValueID
			}
		}
	}
	return ""
}

// UnmarshalJSONFrom reads the reference, its words and its identifier.
func (r *Reference) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	return members(dec, func(name []byte) error {
		switch string(name) {
		case "reference":
			return text(dec, &r.Reference)
		case "type":
			return text(dec, &r.Type)
		case "display":
			return text(dec, &r.Display)
		case "identifier":
			return json.UnmarshalDecode(dec, &r.Identifier)
		}
		return dec.SkipValue()
	})
}

// UnmarshalJSONFrom reads the number as written, and the unit.
func (q *Quantity) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	return members(dec, func(name []byte) error {
		switch string(name) {
		case "value":
			return q.Value.UnmarshalJSONFrom(dec)
		case "comparator":
			return text(dec, &q.Comparator)
		case "unit":
			return text(dec, &q.Unit)
		case "system":
			return system(dec, &q.System)
		case "code":
			return text(dec, &q.Code)
		case "extension":
			return json.UnmarshalDecode(dec, &q.Extension)
		}
		return dec.SkipValue()
	})
}
