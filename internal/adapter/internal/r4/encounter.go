package r4

import "ribble/internal/adapter/internal/fhirjson"

// Encounter is FHIR R4 Encounter (UKCore-Encounter, Interweave-Encounter).
type Encounter struct {
	Header
	Identifier      []Identifier           `json:"identifier"`
	Status          string                 `json:"status"`
	StatusHistory   []StatusHistory        `json:"statusHistory"`
	Class           Coding                 `json:"class"`
	Type            []CodeableConcept      `json:"type"`
	ServiceType     CodeableConcept        `json:"serviceType"`
	Priority        CodeableConcept        `json:"priority"`
	Subject         Reference              `json:"subject"`
	EpisodeOfCare   []Reference            `json:"episodeOfCare"`
	Participant     []EncounterParticipant `json:"participant"`
	Period          Period                 `json:"period"`
	Length          *Quantity              `json:"length"`
	ReasonCode      []CodeableConcept      `json:"reasonCode"`
	ReasonReference []Reference            `json:"reasonReference"`
	Diagnosis       []Diagnosis            `json:"diagnosis"`
	Hospitalization *Hospitalization       `json:"hospitalization"`
	Location        []EncounterLocation    `json:"location"`
	ServiceProvider *Reference             `json:"serviceProvider"`
	PartOf          *Reference             `json:"partOf"`
}

// StatusHistory is Encounter.statusHistory and EpisodeOfCare.statusHistory.
type StatusHistory struct {
	Status string `json:"status"`
	Period Period `json:"period"`
}

// EncounterParticipant is Encounter.participant.
type EncounterParticipant struct {
	Type       []CodeableConcept `json:"type"`
	Period     Period            `json:"period"`
	Individual *Reference        `json:"individual"`
}

// Diagnosis is Encounter.diagnosis; EpisodeOfCare.diagnosis names its use "role".
type Diagnosis struct {
	Condition Reference        `json:"condition"`
	Use       CodeableConcept  `json:"use"`
	Role      CodeableConcept  `json:"role"`
	Rank      fhirjson.Decimal `json:"rank"`
}

// Hospitalization is Encounter.hospitalization.
type Hospitalization struct {
	Extension            []Extension      `json:"extension"`
	Origin               *Reference       `json:"origin"`
	AdmitSource          *CodeableConcept `json:"admitSource"`
	ReAdmission          *CodeableConcept `json:"reAdmission"`
	Destination          *Reference       `json:"destination"`
	DischargeDisposition *CodeableConcept `json:"dischargeDisposition"`
}

// EncounterLocation is Encounter.location.
type EncounterLocation struct {
	Location Reference `json:"location"`
	Status   string    `json:"status"`
	Period   Period    `json:"period"`
}

// EpisodeOfCare is FHIR R4 EpisodeOfCare (UKCore-EpisodeOfCare; Interweave-SocialCareService).
type EpisodeOfCare struct {
	Header
	Identifier           []Identifier      `json:"identifier"`
	Status               string            `json:"status"`
	StatusHistory        []StatusHistory   `json:"statusHistory"`
	Type                 []CodeableConcept `json:"type"`
	Diagnosis            []Diagnosis       `json:"diagnosis"`
	Patient              Reference         `json:"patient"`
	ManagingOrganization *Reference        `json:"managingOrganization"`
	Period               Period            `json:"period"`
	ReferralRequest      []Reference       `json:"referralRequest"`
	CareManager          *Reference        `json:"careManager"`
	Team                 []Reference       `json:"team"`
}

// Appointment is FHIR R4 Appointment (UKCore-Appointment).
type Appointment struct {
	Header
	Identifier         []Identifier             `json:"identifier"`
	Status             string                   `json:"status"`
	CancelationReason  *CodeableConcept         `json:"cancelationReason"`
	ServiceCategory    []CodeableConcept        `json:"serviceCategory"`
	ServiceType        []CodeableConcept        `json:"serviceType"`
	Specialty          []CodeableConcept        `json:"specialty"`
	AppointmentType    CodeableConcept          `json:"appointmentType"`
	ReasonCode         []CodeableConcept        `json:"reasonCode"`
	ReasonReference    []Reference              `json:"reasonReference"`
	Description        string                   `json:"description"`
	Start              string                   `json:"start"`
	End                string                   `json:"end"`
	Created            string                   `json:"created"`
	Comment            string                   `json:"comment"`
	PatientInstruction string                   `json:"patientInstruction"`
	RequestedPeriod    []Period                 `json:"requestedPeriod"`
	Participant        []AppointmentParticipant `json:"participant"`
}

// AppointmentParticipant is Appointment.participant.
type AppointmentParticipant struct {
	Type   []CodeableConcept `json:"type"`
	Actor  *Reference        `json:"actor"`
	Period Period            `json:"period"`
	Status string            `json:"status"`
}
