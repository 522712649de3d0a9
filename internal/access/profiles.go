package access

import (
	"bytes"
	_ "embed"
	"slices"
	"sync"

	"ribble/internal/identity"
	"ribble/internal/record"
)

// Profiles is the table of rights: what each RBAC activity allows, which sections each right opens, and what an organisation takes away. It never
// changes once loaded. A nil Profiles is the shipped table.
//
// A user has the rights of the one role that they chose at sign-in, for the one organisation of that role, and of no other (IG Requirements for
// GP Systems V4, section 3): a Profiles is asked about an identity.User, which holds nothing else.
type Profiles struct {
	version string
	// opens are the sections of each right; activities the rights of each RBAC activity code.
	opens      [len(rightCodes)]record.Sections
	activities map[string]rightSet
	// baseline are the activities that a job role brings by itself, by national role code (the national table is not public: empty as shipped).
	baseline map[string][]string
	// smartcard are the most activities that an account of Ribble's own may have, by role code; localNever the rights that none ever has.
	smartcard  map[string][]string
	localNever rightSet
	// taken are the rights that an organisation takes from its own staff, by ODS code.
	taken map[string][]taking
}

// taking is what one organisation takes from one role, or from all of them where role is empty.
type taking struct {
	role   string
	rights rightSet
}

//go:embed profiles.json
var shippedTable []byte

// shipped is the table that comes with the program. A test holds that it can be read.
var shipped = sync.OnceValue(func() *Profiles {
	p, err := LoadProfiles(bytes.NewReader(shippedTable))
	if err != nil {
		panic("access: the shipped table of rights cannot be read")
	}
	return p
})

// Version is the table's own name for its state, for the audit trail and the pages of officers.
func (p *Profiles) Version() string { return p.table().version }

// Holds reports whether the user's role has the right.
func (p *Profiles) Holds(u identity.User, r Right) bool { return p.table().rights(u).has(r) }

// Sections are what the user's role may see.
func (p *Profiles) Sections(u identity.User) record.Sections {
	t := p.table()
	return t.sections(t.rights(u))
}

// MayFind reports whether the user's role may look people up, which is less than opening a record.
func (p *Profiles) MayFind(u identity.User) bool { return p.Holds(u, Demographics) }

func (p *Profiles) table() *Profiles {
	if p == nil {
		return shipped()
	}
	return p
}

func (p *Profiles) sections(held rightSet) record.Sections {
	var set record.Sections
	for _, r := range clinical {
		if held.has(r) {
			set |= p.opens[r]
		}
	}
	return set
}

// rights are all that the role gives, less what the organisation takes away. Nobody has none.
func (p *Profiles) rights(u identity.User) rightSet {
	if u.IsZero() {
		return 0
	}
	var held rightSet
	for _, a := range p.held(u) {
		held |= p.activities[a]
	}
	if u.Local() {
		held &^= p.localNever
	}
	for _, t := range p.taken[u.Organisation.ODS] {
		if t.role == "" || t.role == u.Role.Code {
			held &^= t.rights
		}
	}
	return held
}

// held are the activities that count. A local account never has more than a smartcard of the same role: what goes beyond is not counted.
func (p *Profiles) held(u identity.User) []string {
	if !u.Local() {
		if more := p.baseline[u.Role.Code]; len(more) > 0 {
			return slices.Concat(u.Role.Activities, more)
		}
		return u.Role.Activities
	}
	most := p.smartcard[u.Role.Code]
	return slices.DeleteFunc(slices.Clone(u.Role.Activities), func(a string) bool { return !slices.Contains(most, a) })
}
