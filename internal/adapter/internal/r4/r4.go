// Package r4 decodes FHIR R4 (4.0.1, UK Core) resources into one lean struct per type and turns their datatypes into values of the record.
package r4

import (
	"ribble/internal/adapter/internal/fhirjson"
	"ribble/internal/record"
)

// Resource is any decoded resource.
type Resource interface{ Head() *Header }

// Header is what every resource has.
type Header struct {
	ResourceType string `json:"resourceType"`
	ID           string `json:"id"`
	Meta         Meta   `json:"meta"`
	// ImplicitRules names rules that change the meaning of the content (FHIR R4 Resource.implicitRules, a modifier element).
	ImplicitRules string             `json:"implicitRules"`
	Contained     fhirjson.List[Any] `json:"contained"`
	Extension     []Extension        `json:"extension"`
	// Modified is set when the resource carries a modifierExtension at any depth: none is known here, so none is safe to ignore.
	Modified bool `json:"-"`
}

// Head gives the header of any resource.
func (h *Header) Head() *Header { return h }

// Key is the identity of the resource inside its answer.
func (h *Header) Key() record.ItemKey { return record.ItemKey{Type: h.ResourceType, ID: h.ID} }

// Interpretable reports whether nothing in the resource changes its meaning in a way that is not known here (state 11).
func (h *Header) Interpretable() bool { return !h.Modified && h.ImplicitRules == "" }

// Meta is Resource.meta, without version and time of change.
type Meta struct {
	Profile  []string `json:"profile"`
	Security []Coding `json:"security"`
	Tag      []Coding `json:"tag"`
}
