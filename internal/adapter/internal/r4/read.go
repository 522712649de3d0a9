package r4

import "ribble/internal/adapter/internal/fhirjson"

// The commonest datatypes are read by hand: they are two thirds of every message, and the record's own values among them have no tags to be
// read by. All else is read by the tags of its struct.

// ReadJSON reads coding and text.
func (c *CodeableConcept) ReadJSON(r *fhirjson.Reader) {
	for name := range r.Members {
		switch string(name) {
		case "coding":
			for range r.Elements {
				c.Codings = codings.Longer(r, c.Codings)
				(*Coding)(&c.Codings[len(c.Codings)-1]).ReadJSON(r)
			}
		case "text":
			c.Text = r.Text()
		default:
			r.Skip()
		}
	}
}

// ReadJSON reads the code and, from the extension that carries it, the SNOMED description that the author chose.
func (c *Coding) ReadJSON(r *fhirjson.Reader) {
	for name := range r.Members {
		switch string(name) {
		case "system":
			c.System = r.Text()
		case "code":
			c.Code = r.Text()
		case "display":
			c.Display = r.Text()
		case "userSelected":
			c.UserSelected = r.Bool()
		case "extension":
			var extensions []Extension
			r.Value(&extensions)
			c.DescriptionID = descriptionID(extensions)
		default:
			r.Skip()
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

// ReadJSON reads the reference, its words and its identifier.
func (f *Reference) ReadJSON(r *fhirjson.Reader) {
	for name := range r.Members {
		switch string(name) {
		case "reference":
			f.Reference = r.Text()
		case "type":
			f.Type = r.Text()
		case "display":
			f.Display = r.Text()
		case "identifier":
			r.Value(&f.Identifier)
		default:
			r.Skip()
		}
	}
}

// ReadJSON reads system and value, and whatever else is needed of it.
func (i *Identifier) ReadJSON(r *fhirjson.Reader) {
	for name := range r.Members {
		switch string(name) {
		case "extension":
			r.Value(&i.Extension)
		case "use":
			i.Use = r.Text()
		case "system":
			i.System = r.Text()
		case "value":
			i.Value = r.Text()
		default:
			r.Skip()
		}
	}
}

// ReadJSON reads the number as written, and the unit.
func (q *Quantity) ReadJSON(r *fhirjson.Reader) {
	for name := range r.Members {
		switch string(name) {
		case "value":
			q.Value.ReadJSON(r)
		case "comparator":
			q.Comparator = r.Text()
		case "unit":
			q.Unit = r.Text()
		case "system":
			q.System = r.Text()
		case "code":
			q.Code = r.Text()
		case "extension":
			r.Value(&q.Extension)
		default:
			r.Skip()
		}
	}
}

// ReadJSON reads the start and the end.
func (p *Period) ReadJSON(r *fhirjson.Reader) {
	for name := range r.Members {
		switch string(name) {
		case "start":
			p.Start = r.Text()
		case "end":
			p.End = r.Text()
		default:
			r.Skip()
		}
	}
}

// ReadJSON reads an entry of a Bundle, whose address serves only to find what refers to it.
func (e *BundleEntry) ReadJSON(r *fhirjson.Reader) {
	for name := range r.Members {
		switch string(name) {
		case "fullUrl":
			e.FullURL = r.Passing()
		case "resource":
			e.Resource.ReadJSON(r)
		case "search":
			r.Value(&e.Search)
		default:
			r.Skip()
		}
	}
}
