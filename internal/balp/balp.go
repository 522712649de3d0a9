// Package balp puts events of the audit trail into FHIR R4 AuditEvents as IHE Basic Audit Log Patterns (BALP) wants them, for other systems to read.
package balp

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"ribble/internal/audit"
	"ribble/internal/record"
)

// The code systems of BALP.
const (
	dcm          = "http://dicom.nema.org/resources/ontology/DCM"
	restful      = "http://hl7.org/fhir/restful-interaction"
	eventType    = "http://terminology.hl7.org/CodeSystem/audit-event-type"
	entityType   = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
	entityRole   = "http://terminology.hl7.org/CodeSystem/object-role"
	participant  = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
	actReason    = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
	sourceType   = "http://terminology.hl7.org/CodeSystem/security-source-type"
	authzSubtype = "https://profiles.ihe.net/ITI/BALP/CodeSystem/AuthZsubType"
	balpEntity   = "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType"
	profiles     = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/"
	odsSystem    = "https://fhir.nhs.uk/Id/ods-organization-code"
	sdsUser      = "https://fhir.nhs.uk/Id/sds-user-id"
	roleProfile  = "https://fhir.nhs.uk/Id/sds-role-profile-id"
)

// Kept is an event as the trail keeps it.
type Kept struct {
	Sequence int64
	Event    audit.Event
	// Person is whom the event concerns, for a reader who may know; zero leaves the person out, and the event is then none of BALP's patient
	// profiles.
	Person record.NHSNumber
}

// Writer makes AuditEvents of one portal.
type Writer struct {
	// Portal is the public address of the portal, which is the observer of every event.
	Portal string
}

// From gives the AuditEvent of one event. It never carries anything clinical, because the trail has nothing clinical.
func (w Writer) From(k Kept) AuditEvent {
	e := k.Event
	p := patternOf(e)
	out := AuditEvent{
		ResourceType: "AuditEvent", ID: e.ID.String(), Type: p.kind, Subtype: p.subtypes, Action: p.action,
		Recorded: e.At.UTC().Format(time.RFC3339Nano), Outcome: p.outcome, OutcomeDesc: p.why(e),
		Source: Source{Site: w.Portal, Observer: Reference{Display: "Ribble portal"}, Type: []Coding{{System: sourceType, Code: "4", Display: "Application Server"}}},
		Agent:  w.agents(e, p), Entity: entities(k, p),
	}
	if p.profile != "" && (!p.patient || !k.Person.IsZero()) {
		out.Meta = &Meta{Profile: []string{profiles + p.profile}}
	}
	if e.Purpose != "" {
		out.PurposeOfEvent = []CodeableConcept{purpose(e)}
	}
	return out
}

// connectionCheck is the purpose of a look that tries a connection with a test person.
const connectionCheck = "connection check"

// purpose is treatment; under emergency access it is emergency treatment, and of a look at a test person the running of the system.
func purpose(e audit.Event) CodeableConcept {
	if e.Purpose == connectionCheck {
		return CodeableConcept{Coding: []Coding{{System: actReason, Code: "HSYSADMIN", Display: "health system administration"}}, Text: e.Purpose}
	}
	if e.Override != "" {
		return CodeableConcept{Coding: []Coding{{System: actReason, Code: "ETREAT", Display: "Emergency Treatment"}}, Text: e.Purpose}
	}
	return CodeableConcept{Coding: []Coding{{System: actReason, Code: "TREAT", Display: "treatment"}}, Text: e.Purpose}
}

func (w Writer) agents(e audit.Event, p pattern) []Agent {
	var out []Agent
	if p.machines {
		server, client := Coding{dcm, "110152", "Destination Role ID"}, Coding{dcm, "110153", "Source Role ID"}
		if p.reads {
			// Data flow the other way in a read: the server is the source of what is shown.
			server, client = Coding{dcm, "110153", "Source Role ID"}, Coding{dcm, "110152", "Destination Role ID"}
		}
		out = append(out,
			Agent{Type: concept(server), Who: &Reference{Display: "Ribble portal"}, Network: &Network{Address: w.Portal, Type: "5"}},
			Agent{Type: concept(client), Who: &Reference{Display: orElse(e.Device.Agent, "user’s browser")}, Network: address(e.Device.Address)},
		)
	}
	if e.User.Subject == "" {
		return out
	}
	who := Agent{
		Type: concept(Coding{participant, "IRCP", "information recipient"}), Who: user(e.User), Requestor: true, Policy: e.Basis,
		Role: []CodeableConcept{{Coding: []Coding{{System: roleProfile, Code: e.User.RoleProfile}}, Text: e.User.RoleName}},
	}
	if !p.machines {
		who.Network = address(e.Device.Address)
	}
	out = append(out, who)
	if e.User.Organisation != "" {
		out = append(out, Agent{
			Type: concept(Coding{"http://terminology.hl7.org/CodeSystem/v3-RoleClass", "PROV", "healthcare provider"}),
			Who:  &Reference{Type: "Organization", Identifier: &Identifier{odsSystem, e.User.Organisation}, Display: e.User.OrganisationName},
		})
	}
	return out
}

func user(u audit.User) *Reference {
	id := &Identifier{System: u.Issuer, Value: u.Subject}
	if u.SDSUserID != "" {
		id = &Identifier{System: sdsUser, Value: u.SDSUserID}
	}
	return &Reference{Type: "Practitioner", Identifier: id, Display: u.Name}
}

func entities(k Kept, p pattern) []Entity {
	var out []Entity
	if !k.Person.IsZero() {
		out = append(out, Entity{
			Type: &Coding{entityType, "1", "Person"}, Role: &Coding{entityRole, "1", "Patient"},
			What: &Reference{Type: "Patient", Identifier: &Identifier{record.NHSNumberSystem, k.Person.Digits()}},
		})
	}
	e := k.Event
	if p.queries {
		out = append(out, Entity{
			Type: &Coding{entityType, "2", "System Object"}, Role: &Coding{entityRole, "24", "Query"},
			// The query is the sections and the feeds, never a name or a number that was typed.
			Query: base64.StdEncoding.EncodeToString([]byte("sections=" + strings.Join(e.Sections, ",") + "&feeds=" + strings.Join(e.Asked, ","))),
		})
	}
	if p.reads {
		out = append(out, Entity{
			Type: &Coding{entityType, "2", "System Object"}, Role: &Coding{entityRole, "4", "Domain Resource"},
			What: &Reference{Display: "sections of the shared record"}, Detail: details(e),
		})
	}
	if look := e.Look; !look.IsZero() {
		out = append(out, Entity{Type: &Coding{System: balpEntity, Code: "XrequestId"}, What: &Reference{Identifier: &Identifier{Value: look.String()}}})
	}
	return append(out, Entity{
		Type: &Coding{entityType, "2", "System Object"}, Role: &Coding{entityRole, "13", "Security Resource"}, Name: "audit trail",
		Detail: []Detail{{"sequence", strconv.FormatInt(k.Sequence, 10)}, {"act", string(e.Act)}},
	})
}

// details say what was shown: which sections, and of each source its state; counts and digests stay in the trail.
func details(e audit.Event) []Detail {
	var out []Detail
	for _, s := range e.Sections {
		out = append(out, Detail{"section", s})
	}
	for _, s := range e.Sources {
		out = append(out, Detail{"source", s.Feed + ": " + s.State})
	}
	return out
}

func concept(c Coding) *CodeableConcept { return &CodeableConcept{Coding: []Coding{c}} }

func address(a string) *Network {
	if a == "" {
		return nil
	}
	return &Network{Address: a, Type: "2"}
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}
