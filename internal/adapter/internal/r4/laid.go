package r4

import (
	"ribble/internal/adapter/internal/fhirjson"
	"ribble/internal/record"
)

// What every answer has many of is laid side by side.
var (
	codings = fhirjson.Lay[record.Coding]()
	_       = fhirjson.Lay[string]()
)

// Of the rest nothing lives on once it is mapped: the record has no type of this package, and what it takes over from one, a concept or a text, it
// copies (TestNothingPassingStays in r4map).
var (
	bundles = fhirjson.LayPassing[Bundle]()
	_       = fhirjson.LayPassing[Annotation]()
	_       = fhirjson.LayPassing[CodeableConcept]()
	_       = fhirjson.LayPassing[Coding]()
	_       = fhirjson.LayPassing[Component]()
	_       = fhirjson.LayPassing[DispenseRequest]()
	_       = fhirjson.LayPassing[Dosage]()
	_       = fhirjson.LayPassing[EncounterParticipant]()
	_       = fhirjson.LayPassing[Extension]()
	_       = fhirjson.LayPassing[Identifier]()
	_       = fhirjson.LayPassing[Person]()
	_       = fhirjson.LayPassing[Quantity]()
	_       = fhirjson.LayPassing[Reference]()
	_       = fhirjson.LayPassing[ReferenceRange]()
)
