package r4

import (
	"ribble/internal/adapter/internal/fhirjson"
	"ribble/internal/record"
)

// What every answer has many of is laid side by side. Of these only codings, concepts and texts live on in the record.
var (
	codings          = fhirjson.Lay[record.Coding]()
	observations     = fhirjson.Lay[Observation]()
	medicationOrders = fhirjson.Lay[MedicationRequest]()
	encounters       = fhirjson.Lay[Encounter]()
	conditions       = fhirjson.Lay[Condition]()
	_                = fhirjson.Lay[Annotation]()
	_                = fhirjson.Lay[CodeableConcept]()
	_                = fhirjson.Lay[Coding]()
	_                = fhirjson.Lay[Component]()
	_                = fhirjson.Lay[DispenseRequest]()
	_                = fhirjson.Lay[Dosage]()
	_                = fhirjson.Lay[EncounterParticipant]()
	_                = fhirjson.Lay[Identifier]()
	_                = fhirjson.Lay[Person]()
	_                = fhirjson.Lay[Quantity]()
	_                = fhirjson.Lay[Reference]()
	_                = fhirjson.Lay[ReferenceRange]()
	_                = fhirjson.Lay[string]()
)
