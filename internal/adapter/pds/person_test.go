package pds

import (
	"errors"
	"strings"
	"testing"
	"time"

	"ribble/internal/adapter/internal/fhirjson"
	"ribble/internal/adapter/internal/r4"
	"ribble/internal/record"
)

// FuzzRead decodes hostile bodies as a patient: what is taken for a person always has a valid number and tells nothing of where a restricted one is.
func FuzzRead(f *testing.F) {
	f.Add(`{"resourceType":"Patient","id":"9434765919","identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9434765919"}]}`)
	f.Add(`{"resourceType":"Patient","id":"9434765919","meta":{"security":[{"system":"` + confidentiality + `","code":"R"}]},"address":[{"line":["1"]}],"telecom":[{"value":"1"}]}`)
	f.Add(`{"resourceType":"Patient","id":"9434765919","extension":[{"url":"x/Extension-UKCore-ContactPreference","extension":[{"url":"PreferredContactTimes","valueString":"late"}]}]}`)
	f.Fuzz(func(t *testing.T, body string) {
		var decoded r4.Any
		if fhirjson.Decode([]byte(body), &decoded) != nil {
			return
		}
		patient, ok := decoded.Resource.(*r4.Patient)
		if !ok {
			return
		}
		person, err := read(patient, time.Unix(0, 0))
		if err != nil {
			if !errors.Is(err, ErrUnreadable) || strings.Contains(err.Error(), patient.ID) && len(patient.ID) > 5 {
				t.Fatal("the error is not one of ours, or quotes the reply")
			}
			return
		}
		if _, err := record.ParseNHSNumber(person.NHSNumber.Digits()); err != nil {
			t.Fatal("a person without a valid number")
		}
		if person.Restricted && len(person.Addresses)+len(person.Phones)+len(person.Practice.ODS)+len(person.Postcode) > 0 {
			t.Fatal("a restricted person's whereabouts are told")
		}
	})
}
