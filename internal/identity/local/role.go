package local

import (
	"maps"
	"slices"

	"ribble/internal/identity"
)

// Roles is everything a local account can be. It is a table in the program and not in the database, so that no row can grant more: each
// role holds less than a smartcard role of the same name, and none may break the glass, see sensitive records or administer.
//
// A sponsor vouches for the users of their own organisation, and grants nothing: that takes an administrator. Most sponsors open no record.
var Roles = map[string]identity.Role{
	"care-nurse":        {Code: "R8001", Name: "Care-home nurse", Activities: summary},
	"care-worker":       {Code: "R8003", Name: "Care worker", Activities: summary},
	"care-manager":      {Code: "R8003", Name: "Care manager and sponsor", Activities: append(summary[:len(summary):len(summary)], "B1300")},
	"hospice-clinician": {Code: "R8000", Name: "Hospice clinician", Activities: detailed},
	"hospice-nurse":     {Code: "R8001", Name: "Hospice nurse", Activities: detailed},
	"sponsor":           {Code: "R8008", Name: "Local sponsor", Activities: []string{"B1300"}},
}

// Activities of the national RBAC database: B0264 and B0820 look a person up, B0370 views the summary, B0360 the detailed record, B1300 approves
// requests as a sponsor.
var (
	summary  = []string{"B0264", "B0370", "B0820"}
	detailed = []string{"B0264", "B0360", "B0370", "B0820"}
)

// RoleKeys are the keys of Roles, sorted.
func RoleKeys() []string { return slices.Sorted(maps.Keys(Roles)) }
