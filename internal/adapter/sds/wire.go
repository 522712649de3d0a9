package sds

import (
	"net/url"
	"strings"

	"ribble/internal/adapter/internal/fhirjson"
	"ribble/internal/record"
)

// The identifier systems of the Spine Directory.
const (
	odsSystem         = record.ODSCodeSystem
	interactionSystem = "https://fhir.nhs.uk/Id/nhsServiceInteractionId"
	partyKeySystem    = "https://fhir.nhs.uk/Id/nhsMhsPartyKey"
	asidSystem        = "https://fhir.nhs.uk/Id/nhsSpineASID"
)

// bundle is a searchset of one resource type.
type bundle[T typed] struct {
	ResourceType string `json:"resourceType"`
	Type         string `json:"type"`
	Link         []struct {
		Relation string `json:"relation"`
	} `json:"link"`
	Entry fhirjson.List[struct {
		Resource T `json:"resource"`
	}] `json:"entry"`
}

type typed interface{ resourceType() string }

type checked interface{ isSearch(resource string) bool }

// isSearch reports a whole searchset in which every entry is of the type that was asked for.
func (b *bundle[T]) isSearch(resource string) bool {
	if b.ResourceType != "Bundle" || b.Type != "searchset" {
		return false
	}
	for _, l := range b.Link {
		if l.Relation == "next" {
			return false
		}
	}
	for i := range b.Entry {
		if b.Entry[i].Resource.resourceType() != resource {
			return false
		}
	}
	return true
}

type identifier struct {
	System string `json:"system"`
	Value  string `json:"value"`
}

type owner struct {
	Identifier identifier `json:"identifier"`
}

// isNot reports an owner that is another organisation than the one asked about; one that is not named is taken on trust.
func (o owner) isNot(ods string) bool {
	return o.Identifier.Value != "" && !strings.EqualFold(o.Identifier.Value, ods)
}

type device struct {
	ResourceType string       `json:"resourceType"`
	Identifier   []identifier `json:"identifier"`
	Owner        owner        `json:"owner"`
}

func (d device) resourceType() string { return d.ResourceType }

type endpoint struct {
	ResourceType string `json:"resourceType"`
	Status       string `json:"status"`
	Address      string `json:"address"`
	Managing     owner  `json:"managingOrganization"`
}

func (e endpoint) resourceType() string { return e.ResourceType }

// system is an accredited system: one ASID, and the party key under which its addresses are registered.
type system struct{ asid, partyKey string }

// theSystem finds the one system among the devices. The same system named twice is one; two different ones cannot be told apart here.
func theSystem(devices bundle[device], ods string) (system, error) {
	var found []system
	for _, e := range devices.Entry {
		d := e.Resource
		if d.Owner.isNot(ods) {
			return system{}, refusedAs(ErrUnreadable)
		}
		next := system{asid: valueOf(d.Identifier, asidSystem), partyKey: valueOf(d.Identifier, partyKeySystem)}
		if len(found) == 0 || found[0] != next {
			found = append(found, next)
		}
	}
	switch {
	case len(found) == 0:
		return system{}, refusedAs(ErrNotRegistered)
	case len(found) > 1:
		return system{}, refusedAs(ErrSeveral)
	case found[0].asid == "":
		return system{}, refusedAs(ErrNoASID)
	}
	return found[0], nil
}

func valueOf(list []identifier, system string) string {
	for _, i := range list {
		if i.System == system {
			return strings.TrimSpace(i.Value)
		}
	}
	return ""
}

// theAddress finds the one address among the endpoints. One that is switched off does not count.
func theAddress(endpoints bundle[endpoint], ods string) (string, error) {
	address, registered := "", false
	for _, e := range endpoints.Entry {
		r := e.Resource
		if r.Managing.isNot(ods) {
			return "", refusedAs(ErrUnreadable)
		}
		if r.Status != "" && r.Status != "active" {
			continue
		}
		registered = true
		next := strings.TrimSpace(r.Address)
		if next == "" || next == address {
			continue
		}
		if address != "" {
			return "", refusedAs(ErrSeveral)
		}
		address = next
	}
	switch {
	case !registered:
		return "", refusedAs(ErrNotRegistered)
	case !usable(address):
		return "", refusedAs(ErrNoAddress)
	}
	return address, nil
}

// usable reports an address that may be asked at all; whether it is approved is for the client to say.
func usable(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "https" && u.Hostname() != "" && u.User == nil && u.RawQuery == "" && u.Fragment == ""
}
