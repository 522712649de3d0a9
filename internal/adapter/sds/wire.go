package sds

import (
	"net/url"
	"slices"
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

//go:generate go run ribble/internal/adapter/internal/fhirgen

// searchset is what every list of found entries says of itself.
type searchset struct {
	ResourceType string `json:"resourceType"`
	Type         string `json:"type"`
	Link         []link `json:"link"`
}

type link struct {
	Relation string `json:"relation"`
}

// isWhole reports a searchset of one page.
func (s *searchset) isWhole() bool {
	return s.ResourceType == "Bundle" && s.Type == "searchset" && !slices.Contains(s.Link, link{Relation: "next"})
}

// reply is what was found. isSearch reports a whole searchset in which every entry is of the type that was asked for.
type reply interface {
	fhirjson.SelfReader
	isSearch() bool
}

// devices are the systems found.
type devices struct {
	searchset
	Entry fhirjson.List[deviceEntry] `json:"entry"`
}

type deviceEntry struct {
	Resource device `json:"resource"`
}

func (d *devices) isSearch() bool {
	return d.isWhole() && !slices.ContainsFunc(d.Entry, func(e deviceEntry) bool { return e.Resource.ResourceType != "Device" })
}

// endpoints are the addresses found.
type endpoints struct {
	searchset
	Entry fhirjson.List[endpointEntry] `json:"entry"`
}

type endpointEntry struct {
	Resource endpoint `json:"resource"`
}

func (e *endpoints) isSearch() bool {
	return e.isWhole() && !slices.ContainsFunc(e.Entry, func(e endpointEntry) bool { return e.Resource.ResourceType != "Endpoint" })
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

type endpoint struct {
	ResourceType string `json:"resourceType"`
	Status       string `json:"status"`
	Address      string `json:"address"`
	Managing     owner  `json:"managingOrganization"`
}

// system is an accredited system: one ASID, and the party key under which its addresses are registered.
type system struct{ asid, partyKey string }

// theSystem finds the one system among the devices. The same system named twice is one; two different ones cannot be told apart here.
func theSystem(all devices, ods string) (system, error) {
	var found []system
	for _, e := range all.Entry {
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
func theAddress(all endpoints, ods string) (string, error) {
	address, registered := "", false
	for _, e := range all.Entry {
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
