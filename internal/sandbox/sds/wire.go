package sds

import "net/http"

// The FHIR R4 shapes that the Spine Directory sends, in the order of its published examples.

type bundle struct {
	ResourceType string  `json:"resourceType"`
	ID           string  `json:"id"`
	Type         string  `json:"type"`
	Total        int     `json:"total"`
	Link         []link  `json:"link"`
	Entry        []entry `json:"entry"`
}

type link struct {
	Relation string `json:"relation"`
	URL      string `json:"url"`
}

type entry struct {
	FullURL  string   `json:"fullUrl"`
	Resource resource `json:"resource"`
	Search   mode     `json:"search"`
}

type mode struct {
	Mode string `json:"mode"`
}

// resource is a Device or an Endpoint; the members of the other one stay empty.
type resource struct {
	ResourceType   string       `json:"resourceType"`
	ID             string       `json:"id"`
	Status         string       `json:"status,omitempty"`
	ConnectionType *coding      `json:"connectionType,omitempty"`
	PayloadType    []concept    `json:"payloadType,omitempty"`
	Address        *string      `json:"address,omitempty"`
	Managing       *reference   `json:"managingOrganization,omitempty"`
	Identifier     []identifier `json:"identifier"`
	Extension      []extension  `json:"extension"`
	Owner          *reference   `json:"owner,omitempty"`
}

type identifier struct {
	System string `json:"system"`
	Value  string `json:"value"`
}

type reference struct {
	Identifier identifier `json:"identifier"`
}

type extension struct {
	URL       string      `json:"url"`
	Reference *reference  `json:"valueReference,omitempty"`
	String    string      `json:"valueString,omitempty"`
	Extension []extension `json:"extension,omitempty"`
}

type concept struct {
	Coding []coding `json:"coding"`
}

type coding struct {
	System  string `json:"system"`
	Code    string `json:"code"`
	Display string `json:"display"`
}

func device(origin string, r Registration, interaction string) entry {
	id := stableID("device", r.ODS, r.ASID, r.Manufacturer)
	return entry{
		FullURL: origin + Base + "/Device/" + id,
		Resource: resource{
			ResourceType: "Device", ID: id,
			Identifier: []identifier{{systemASID, r.ASID}, {systemPartyKey, r.PartyKey}},
			Extension: []extension{
				{URL: "https://fhir.nhs.uk/StructureDefinition/Extension-SDS-ManufacturingOrganisation", Reference: &reference{identifier{systemODS, r.Manufacturer}}},
				served(interaction),
			},
			Owner: &reference{identifier{systemODS, r.ODS}},
		},
		Search: mode{"match"},
	}
}

func endpoint(origin string, r Registration, interaction string) entry {
	id := stableID("endpoint", r.ODS, r.ASID, r.Manufacturer)
	out := resource{
		ResourceType: "Endpoint", ID: id, Status: "active",
		ConnectionType: &coding{"http://terminology.hl7.org/CodeSystem/endpoint-connection-type", "hl7-fhir-msg", "HL7 FHIR Messaging"},
		PayloadType:    []concept{{[]coding{{"http://terminology.hl7.org/CodeSystem/endpoint-payload-type", "any", "Any"}}}},
		Managing:       &reference{identifier{systemODS, r.ODS}},
		Identifier: []identifier{
			{"https://fhir.nhs.uk/Id/nhsMhsFQDN", "127.0.0.1"}, {systemPartyKey, r.PartyKey},
			{"https://fhir.nhs.uk/Id/nhsMhsCPAId", "S" + r.ASID}, {"https://fhir.nhs.uk/Id/nhsMHSId", r.ASID},
		},
		Extension: []extension{
			{URL: "https://fhir.nhs.uk/StructureDefinition/Extension-SDS-ReliabilityConfiguration", Extension: []extension{
				{URL: "nhsMHSDuplicateElimination", String: "never"}, {URL: "nhsMHSAckRequested", String: "never"},
			}},
			served(interaction),
		},
	}
	if r.Address != "" {
		out.Address = &r.Address
	}
	return entry{FullURL: origin + Base + "/Endpoint/" + id, Resource: out, Search: mode{"match"}}
}

func served(interaction string) extension {
	return extension{
		URL:       "https://fhir.nhs.uk/StructureDefinition/Extension-SDS-NhsServiceInteractionId",
		Reference: &reference{identifier{systemInteraction, interaction}},
	}
}

type operationOutcome struct {
	ResourceType string  `json:"resourceType"`
	Issue        []issue `json:"issue"`
}

type issue struct {
	Severity    string `json:"severity"`
	Code        string `json:"code"`
	Diagnostics string `json:"diagnostics"`
}

func refuse(w http.ResponseWriter, status int, why string) {
	send(w, status, operationOutcome{"OperationOutcome", []issue{{"error", "required", why}}})
}
