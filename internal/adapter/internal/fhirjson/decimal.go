package fhirjson

import (
	"errors"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Decimal is a JSON number exactly as it was written ("5.70" stays "5.70"); it is never made a float (rule R11).
type Decimal string

var errNotNumber = errors.New("not a number")

// UnmarshalJSONFrom keeps the raw number; null is no number. A number in quotes is taken too, because published examples of
// GP Connect write some so; any other text is refused.
func (d *Decimal) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	raw, err := dec.ReadValue()
	if err != nil {
		return err
	}
	switch raw.Kind() {
	case 'n':
		*d = ""
	case '0':
		*d = Decimal(raw)
	case '"':
		return d.unquote(raw)
	default:
		return errNotNumber
	}
	return nil
}

func (d *Decimal) unquote(raw jsontext.Value) error {
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return err
	}
	if number := jsontext.Value(text); number.Kind() != '0' || !number.IsValid() || number[len(number)-1] <= ' ' {
		return errNotNumber
	}
	*d = Decimal(text)
	return nil
}
