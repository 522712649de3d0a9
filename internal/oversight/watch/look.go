// Package watch is the rules that watch the audit trail for misuse: data with thresholds, each finding explained in words that name nobody.
package watch

import (
	"encoding/hex"
	"net"
	"time"

	"ribble/internal/access"
	"ribble/internal/audit"
)

// Look is what the rules see of one event of the trail. It names a person and a household only by keyed digests.
type Look struct {
	Sequence int64
	// Event is the id of the event in the trail.
	Event string
	At    time.Time
	Act   audit.Act
	// User is who acted, SDSUserID their national id, Session and Address where.
	User                        User
	SDSUserID, Session, Address string
	// Name is the user's name as it was at the time: officers see it, rules do not look at it.
	Name string
	// Role is the code of the role, Organisation the ODS code of the organisation acted for.
	Role, Organisation string
	// Person is the digest of whom it concerns; empty where nobody.
	Person string
	// Surname and Household are digests of the person's family name and home, as the trace had them at the time.
	Surname, Household string
	// Protected says that the national record protects the person's whereabouts.
	Protected bool
	// Relationship is the code of the legitimate relationship, Override that of emergency access, Reason the fixed reason of a refusal.
	Relationship, Override, Reason string
	// Found is how many people a search returned.
	Found int
	// Check says that the intent only asks whether the person is a patient of the organisation, or is a test person: nobody sees anything.
	Check bool
}

// User is a user, unique over all sign-in services.
type User struct{ Issuer, Subject string }

// FromEvent takes from an event what the rules may see.
func FromEvent(sequence int64, e audit.Event) Look {
	l := Look{
		Sequence: sequence, Event: e.ID.String(), At: e.At, Act: e.Act,
		User: User{e.User.Issuer, e.User.Subject}, Name: e.User.Name, SDSUserID: e.User.SDSUserID, Session: e.User.Session, Address: machine(e.Device.Address),
		Role: e.User.RoleCode, Organisation: e.User.Organisation,
		Relationship: e.Relationship, Override: e.Override, Reason: e.Reason, Found: e.Found,
		Check: e.Purpose == access.RelationshipCheck.String() || e.Purpose == access.ConnectionCheck.String(),
	}
	if e.Person != nil {
		l.Person = hex.EncodeToString(e.Person.Index)
	}
	if e.Traits != nil {
		l.Surname, l.Household, l.Protected = hex.EncodeToString(e.Traits.Surname), hex.EncodeToString(e.Traits.Household), e.Traits.Restricted
	}
	return l
}

// machine is an address without its port: two browsers at one desk are one place.
func machine(address string) string {
	if host, _, err := net.SplitHostPort(address); err == nil {
		return host
	}
	return address
}

// opens reports an event that stands for opening a record: the intent of a look, once for each.
func (l Look) opens() bool { return l.Act == audit.ActIntent && l.Person != "" && !l.Check }

// Member is a member of staff as the staff register names them: digests only.
type Member struct {
	// Person is the digest of their own NHS number, Surname and Household those of their name and home; each empty where not known.
	Person, Surname, Household string
	// Organisation is the ODS code of their employer; Left is when they left it, zero while they are there.
	Organisation string
	Left         time.Time
}

// Register is the staff register and the confidential list, at one moment.
type Register struct {
	// Staff is by national user id.
	Staff map[string]Member
	// Employers are the organisations for which a person (by digest) works.
	Employers map[string][]string
	// Listed are the digests of the people on the confidential list.
	Listed map[string]bool
}

// Fact is one thing that speaks for a finding: what was compared, where it came from, and what it adds to the score.
type Fact struct {
	What, Compared, From string
	Adds                 int
}

// Finding is a rule's remark about an event. Its words name nobody.
type Finding struct {
	// Rule, Kind and Version are the rule that spoke.
	Rule, Kind string
	Version    int
	Look       Look
	// Words explain it to an officer in one sentence; Facts are what it rests on.
	Words string
	Facts []Fact
	// Score is the sum of what the facts add, at most 100.
	Score int
}
