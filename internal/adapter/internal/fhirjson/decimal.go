package fhirjson

// Decimal is a JSON number exactly as it was written ("5.70" stays "5.70"); it is never made a float (rule R11).
type Decimal string

// ReadJSON keeps the raw number; null is no number. A number in quotes is taken too, because published examples of GP Connect write some so;
// any other text is refused.
func (d *Decimal) ReadJSON(r *Reader) {
	switch r.Kind() {
	case 'n':
		r.Null()
	case '"':
		text := r.bytes()
		if n, ok := numeral(text); !ok || n != len(text) {
			r.Refuse(ErrMalformed)
		}
		*d = Decimal(r.texts.keep(text))
	default:
		*d = Decimal(r.texts.keep(r.number()))
	}
}
