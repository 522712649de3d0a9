package r4

import (
	"ribble/internal/adapter/internal/fhirjson"
	"ribble/internal/record"
)

//go:generate go run ribble/internal/adapter/internal/fhirgen

// Most structs have their reader generated. What is read here has no field for each member: values of the record itself, which have no tags, and
// the entries of bundles. Of what is laid for the generated readers nothing lives on once it is mapped: the record has no type of this
// package, and what it takes over from one, a concept or a text, it copies (TestNothingPassingStays in r4map). Lists of codings stay, and equal ones are one.
var codings = fhirjson.Share(func(c *record.Coding) string { return c.Code })

// ReadJSON reads coding and text.
func (c *CodeableConcept) ReadJSON(r *fhirjson.Reader) {
	var o fhirjson.Object
	for name, more := r.Open(&o); more; name, more = r.Next(&o) {
		switch string(name) {
		case "coding":
			r.Once(&o, 1)
			c.Codings = readCodings(r)
		case "text":
			r.Once(&o, 1<<1)
			c.Text = r.Text()
		default:
			r.Pass(&o, name)
		}
	}
}

func readCodings(r *fhirjson.Reader) (list []record.Coding) {
	for more := r.OpenList(); more; more = r.NextElement() {
		list = codings.Longer(r, list)
		(*Coding)(&list[len(list)-1]).ReadJSON(r)
	}
	return codings.Settle(r, list)
}

// ReadJSON reads the code and, from the extension that carries it, the SNOMED description that the author chose.
func (c *Coding) ReadJSON(r *fhirjson.Reader) {
	var o fhirjson.Object
	for name, more := r.Open(&o); more; name, more = r.Next(&o) {
		switch string(name) {
		case "system":
			r.Once(&o, 1)
			c.System = r.Text()
		case "code":
			r.Once(&o, 1<<1)
			c.Code = r.Text()
		case "display":
			r.Once(&o, 1<<2)
			c.Display = r.Text()
		case "userSelected":
			r.Once(&o, 1<<3)
			c.UserSelected = r.Bool()
		case "extension":
			r.Once(&o, 1<<4)
			c.DescriptionID = descriptionID(readExtensionList(r))
		default:
			r.Pass(&o, name)
		}
	}
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

// ReadJSON reads an entry of a Bundle. Of its address, which serves only to find what refers to it, nearly always only the base is kept, which
// is the same for all entries.
func (e *BundleEntry) ReadJSON(r *fhirjson.Reader) {
	var address []byte
	var o fhirjson.Object
	for name, more := r.Open(&o); more; name, more = r.Next(&o) {
		switch string(name) {
		case "fullUrl":
			r.Once(&o, 1)
			address = r.Bytes()
		case "resource":
			r.Once(&o, 1<<1)
			e.Resource.ReadJSON(r)
		case "search":
			r.Once(&o, 1<<2)
			e.Search.ReadJSON(r)
		default:
			r.Pass(&o, name)
		}
	}
	if base := e.split(address); base > 0 {
		e.Base = r.Keep(address[:base])
	} else {
		e.FullURL = r.Keep(address)
	}
}
