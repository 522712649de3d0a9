package r4

import (
	"errors"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"ribble/internal/adapter/internal/fhirjson"
	"ribble/internal/record"
)

// The oracle reads resources as the library does, by the tags of their structs, with the few types that have none or that look at what they
// read written out in the plainest way. What the package reads must be the same.

var errOracle = errors.New("refused")

func oracle(body []byte, v any) error {
	return json.Unmarshal(body, v, oracles())
}

func oracles() json.Options {
	return json.WithUnmarshalers(json.JoinUnmarshalers(
		json.UnmarshalFromFunc(oracleDecimal), json.UnmarshalFromFunc(oracleConcept), json.UnmarshalFromFunc(oracleCoding),
		json.UnmarshalFromFunc(oracleReference), json.UnmarshalFromFunc(oracleQuantity), json.UnmarshalFromFunc(oracleAny),
		json.UnmarshalFromFunc(oracleContained), json.UnmarshalFromFunc(oracleEntries), json.UnmarshalFromFunc(oracleGeneral), json.UnmarshalFromFunc(oracleEntry),
	))
}

func oracleDecimal(dec *jsontext.Decoder, d *fhirjson.Decimal) error {
	raw, err := dec.ReadValue()
	if err != nil || raw.Kind() == 'n' {
		return err
	}
	text := string(raw)
	if raw.Kind() == '"' {
		err = json.Unmarshal(raw, &text)
	}
	if n := jsontext.Value(text); err != nil || !n.IsValid() || n.Kind() != '0' || strings.Trim(text, " \t\r\n") != text {
		return errOracle
	}
	*d = fhirjson.Decimal(text)
	return nil
}

func oracleConcept(dec *jsontext.Decoder, c *CodeableConcept) error {
	var plain struct {
		Coding []Coding `json:"coding"`
		Text   string   `json:"text"`
	}
	err := json.UnmarshalDecode(dec, &plain)
	*c = CodeableConcept{Text: plain.Text}
	for _, k := range plain.Coding {
		c.Codings = append(c.Codings, record.Coding(k))
	}
	return err
}

func oracleCoding(dec *jsontext.Decoder, c *Coding) error {
	var plain struct {
		System       string      `json:"system"`
		Code         string      `json:"code"`
		Display      string      `json:"display"`
		UserSelected bool        `json:"userSelected"`
		Extension    []Extension `json:"extension"`
	}
	err := json.UnmarshalDecode(dec, &plain)
	*c = Coding{plain.System, plain.Code, plain.Display, descriptionID(plain.Extension), plain.UserSelected}
	return err
}

func oracleReference(dec *jsontext.Decoder, r *Reference) error {
	var plain struct {
		Reference  string      `json:"reference"`
		Type       string      `json:"type"`
		Display    string      `json:"display"`
		Identifier *Identifier `json:"identifier"`
	}
	err := json.UnmarshalDecode(dec, &plain)
	*r = Reference(plain)
	return err
}

func oracleQuantity(dec *jsontext.Decoder, q *Quantity) error {
	var plain struct {
		Extension  []Extension      `json:"extension"`
		Value      fhirjson.Decimal `json:"value"`
		Comparator string           `json:"comparator"`
		Unit       string           `json:"unit"`
		System     string           `json:"system"`
		Code       string           `json:"code"`
	}
	err := json.UnmarshalDecode(dec, &plain)
	*q = Quantity(plain)
	return err
}

func oracleAny(dec *jsontext.Decoder, a *Any) error {
	raw, err := dec.ReadValue()
	if err != nil || raw.Kind() == 'n' {
		return err
	}
	typed, plain := typeOf(raw)
	r := newResource(new(fhirjson.Reader), []byte(typed))
	if err := json.Unmarshal(raw, r, oracles()); err != nil {
		return err
	}
	if a.Resource = r; !plain || r.Head().ResourceType != typed {
		return errOracle
	}
	names := jsontext.NewDecoder(strings.NewReader(string(raw)))
	for {
		token, err := names.ReadToken()
		if err != nil {
			return nil
		}
		// Those that are names stand at the odd places of an object.
		if kind, length := names.StackIndex(names.StackDepth()); kind == '{' && length%2 == 1 && token.Kind() == '"' && token.String() == "modifierExtension" {
			r.Head().Modified = true
		}
	}
}

// typeOf gives the type of a resource, plain when neither it nor its name is written with escapes.
func typeOf(raw jsontext.Value) (name string, plain bool) {
	var members map[string]jsontext.Value
	if json.Unmarshal(raw, &members) != nil || members["resourceType"].Kind() != '"' {
		return "", true
	}
	_ = json.Unmarshal(members["resourceType"], &name)
	dec := jsontext.NewDecoder(strings.NewReader(string(raw)))
	_, _ = dec.ReadToken()
	for dec.PeekKind() == '"' {
		written, err := dec.ReadValue()
		if err != nil {
			return name, false
		}
		if string(written) == `"resourceType"` {
			return name, string(members["resourceType"]) == `"`+name+`"`
		}
		if dec.SkipValue() != nil {
			break
		}
	}
	return "", name == ""
}

func oracleContained(dec *jsontext.Decoder, l *fhirjson.List[Any]) error {
	var plain []Any
	err := json.UnmarshalDecode(dec, &plain)
	if len(plain) > 0 {
		*l = plain
	}
	return err
}

func oracleEntries(dec *jsontext.Decoder, l *fhirjson.List[BundleEntry]) error {
	var plain []BundleEntry
	err := json.UnmarshalDecode(dec, &plain)
	if len(plain) > 0 {
		*l = plain
	}
	return err
}

func oracleEntry(dec *jsontext.Decoder, e *BundleEntry) error {
	var plain struct {
		FullURL  string      `json:"fullUrl"`
		Resource Any         `json:"resource"`
		Search   SearchEntry `json:"search"`
	}
	err := json.UnmarshalDecode(dec, &plain)
	*e = BundleEntry{FullURL: plain.FullURL, Resource: plain.Resource, Search: plain.Search}
	if r := plain.Resource.Resource; err == nil && r != nil && r.Head().ID != "" {
		if base, ok := strings.CutSuffix(plain.FullURL, "/"+r.Head().ResourceType+"/"+r.Head().ID); ok && base != "" {
			e.FullURL, e.Base = "", base
		}
	}
	return err
}

func oracleGeneral(dec *jsontext.Decoder, g *General) error {
	raw, err := dec.ReadValue()
	if err != nil {
		return err
	}
	var head struct {
		ResourceType  string             `json:"resourceType"`
		ID            string             `json:"id"`
		Meta          Meta               `json:"meta"`
		ImplicitRules string             `json:"implicitRules"`
		Contained     fhirjson.List[Any] `json:"contained"`
	}
	if err := json.Unmarshal(raw, &head, oracles()); err != nil {
		return err
	}
	g.Header = Header{ResourceType: head.ResourceType, ID: head.ID, Meta: head.Meta, ImplicitRules: head.ImplicitRules, Contained: head.Contained}
	members := jsontext.NewDecoder(strings.NewReader(string(raw)))
	if _, err := members.ReadToken(); err != nil {
		return err
	}
	for members.PeekKind() == '"' {
		name, err := members.ReadToken()
		if err != nil {
			return err
		}
		text := name.String()
		value, err := members.ReadValue()
		if err != nil {
			return err
		}
		oracleMember(g, text, value)
	}
	return nil
}

func oracleMember(g *General, name string, raw jsontext.Value) {
	words, dated := dateNames[name]
	switch name {
	case "identifier":
		fitting(raw, &g.Identifier)
	case "status", "lifecycleStatus":
		fitting(raw, &g.Status)
	case "code", "type", "topic", "scope":
		if g.Code.Text == "" && len(g.Code.Codings) == 0 {
			g.Code = fittingConcept(raw)
		}
	case "title", "name":
		fitting(raw, &g.Title)
	case "description", "summary", "comment", "conclusion", "content":
		if g.Text == "" {
			fitting(raw, &g.Text)
		}
	case "subject", "patient", "for", "beneficiary", "individual":
		if g.Subject == nil {
			fitting(raw, &g.Subject)
		}
	case "note":
		var notes []Annotation
		fitting(raw, &notes)
		for _, n := range notes {
			if n.Text != "" {
				g.Notes = append(g.Notes, n.Text)
			}
		}
	}
	if dated {
		var text string
		var p Period
		if raw.Kind() == '"' {
			fitting(raw, &text)
			g.Dates = append(g.Dates, Field{words, text})
		}
		fitting(raw, &p)
		for _, f := range []Field{{"started", p.Start}, {"ended", p.End}} {
			if f.Text != "" {
				g.Dates = append(g.Dates, f)
			}
		}
	}
}

func fitting[T any](raw jsontext.Value, v *T) {
	var fresh T
	if oracle(raw, &fresh) == nil {
		*v = fresh
	}
}

func fittingConcept(raw jsontext.Value) (c CodeableConcept) {
	var many []CodeableConcept
	switch raw.Kind() {
	case '{':
		fitting(raw, &c)
	case '[':
		if fitting(raw, &many); len(many) > 0 {
			return many[0]
		}
	case '"':
		fitting(raw, &c.Text)
	}
	return c
}
