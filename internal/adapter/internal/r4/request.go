package r4

// ServiceRequest is FHIR R4 ServiceRequest (UKCore-ServiceRequest, -Lab; Interweave-SocialCareContact).
type ServiceRequest struct {
	Header
	Identifier         []Identifier      `json:"identifier"`
	BasedOn            []Reference       `json:"basedOn"`
	Replaces           []Reference       `json:"replaces"`
	Requisition        *Identifier       `json:"requisition"`
	Status             string            `json:"status"`
	Intent             string            `json:"intent"`
	Category           []CodeableConcept `json:"category"`
	Priority           string            `json:"priority"`
	DoNotPerform       bool              `json:"doNotPerform"`
	Code               CodeableConcept   `json:"code"`
	OrderDetail        []CodeableConcept `json:"orderDetail"`
	Subject            Reference         `json:"subject"`
	Encounter          *Reference        `json:"encounter"`
	OccurrenceDateTime string            `json:"occurrenceDateTime"`
	OccurrencePeriod   *Period           `json:"occurrencePeriod"`
	AuthoredOn         string            `json:"authoredOn"`
	Requester          *Reference        `json:"requester"`
	PerformerType      CodeableConcept   `json:"performerType"`
	Performer          []Reference       `json:"performer"`
	LocationReference  []Reference       `json:"locationReference"`
	ReasonCode         []CodeableConcept `json:"reasonCode"`
	ReasonReference    []Reference       `json:"reasonReference"`
	SupportingInfo     []Reference       `json:"supportingInfo"`
	Specimen           []Reference       `json:"specimen"`
	BodySite           []CodeableConcept `json:"bodySite"`
	Note               []Annotation      `json:"note"`
	PatientInstruction string            `json:"patientInstruction"`
}

// Task is FHIR R4 Task (UKCore-Task; Interweave-SocialCareAssessment).
type Task struct {
	Header
	Identifier      []Identifier     `json:"identifier"`
	BasedOn         []Reference      `json:"basedOn"`
	PartOf          []Reference      `json:"partOf"`
	Status          string           `json:"status"`
	StatusReason    *CodeableConcept `json:"statusReason"`
	BusinessStatus  *CodeableConcept `json:"businessStatus"`
	Intent          string           `json:"intent"`
	Priority        string           `json:"priority"`
	Code            CodeableConcept  `json:"code"`
	Description     string           `json:"description"`
	Focus           *Reference       `json:"focus"`
	For             *Reference       `json:"for"`
	Encounter       *Reference       `json:"encounter"`
	ExecutionPeriod Period           `json:"executionPeriod"`
	AuthoredOn      string           `json:"authoredOn"`
	LastModified    string           `json:"lastModified"`
	Requester       *Reference       `json:"requester"`
	Owner           *Reference       `json:"owner"`
	Location        *Reference       `json:"location"`
	ReasonCode      *CodeableConcept `json:"reasonCode"`
	Note            []Annotation     `json:"note"`
	Output          []TaskOutput     `json:"output"`
}

// TaskOutput is Task.output.
type TaskOutput struct {
	Type           CodeableConcept `json:"type"`
	ValueReference *Reference      `json:"valueReference"`
	ValueString    string          `json:"valueString"`
}

// DeviceRequest is FHIR R4 DeviceRequest (Interweave-SocialCareEquipmentProvision).
type DeviceRequest struct {
	Header
	Identifier          []Identifier      `json:"identifier"`
	Status              string            `json:"status"`
	Intent              string            `json:"intent"`
	CodeReference       *Reference        `json:"codeReference"`
	CodeCodeableConcept CodeableConcept   `json:"codeCodeableConcept"`
	Subject             Reference         `json:"subject"`
	Encounter           *Reference        `json:"encounter"`
	OccurrenceDateTime  string            `json:"occurrenceDateTime"`
	OccurrencePeriod    *Period           `json:"occurrencePeriod"`
	AuthoredOn          string            `json:"authoredOn"`
	Requester           *Reference        `json:"requester"`
	Performer           *Reference        `json:"performer"`
	ReasonCode          []CodeableConcept `json:"reasonCode"`
	Note                []Annotation      `json:"note"`
}

// Device is FHIR R4 Device, as an implant or as the equipment of a request.
type Device struct {
	Header
	Identifier   []Identifier    `json:"identifier"`
	Status       string          `json:"status"`
	UDICarrier   []UDI           `json:"udiCarrier"`
	DeviceName   []DeviceName    `json:"deviceName"`
	Type         CodeableConcept `json:"type"`
	Manufacturer string          `json:"manufacturer"`
	SerialNumber string          `json:"serialNumber"`
	LotNumber    string          `json:"lotNumber"`
	Patient      *Reference      `json:"patient"`
}

// UDI is Device.udiCarrier.
type UDI struct {
	DeviceIdentifier string `json:"deviceIdentifier"`
	CarrierHRF       string `json:"carrierHRF"`
}

// DeviceName is Device.deviceName.
type DeviceName struct {
	Name string `json:"name"`
}
