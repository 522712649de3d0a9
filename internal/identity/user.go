// Package identity says who is asking: sign-in, sessions and the one role a session carries.
package identity

import "time"

// User is the signed-in person as at this moment, in exactly one role for exactly one organisation; roles are never combined
// (IG Requirements for GP Systems V4, section 3). The zero User is nobody.
type User struct {
	// Issuer is the identity provider that vouched for the user; Subject is unique only within it.
	Issuer, Subject string
	// Name is shown on every page and kept in the audit trail as it was at the time.
	Name string
	// SDSUserID is the national user id (CIS2 nhsid_useruid); empty for a local account.
	SDSUserID string
	// Role is the selected role profile.
	Role Role
	// Organisation is the organisation of the selected role: on whose behalf the user acts.
	Organisation Organisation
	// AssuranceLevel is the authentication assurance level that the token proved (1 to 3).
	AssuranceLevel int
	// Session is a non-secret id of the session, fit for the audit trail.
	Session string
	// SignedInAt is when this session began.
	SignedInAt time.Time
}

// Role is one role profile of a user (CIS2 nhsid_nrbac_roles).
type Role struct {
	// ProfileID is the unique role profile (person_roleid).
	ProfileID string
	// Code is the national job role code, for example "R8000"; Name its words.
	Code, Name string
	// Activities are RBAC activity codes, for example "B0360"; authorisation goes by these, never by the job title.
	Activities []string
}

// Organisation is an organisation known by its ODS code.
type Organisation struct {
	ODS  string
	Name string
}

// LocalIssuer is the issuer of Ribble's own accounts (package local).
const LocalIssuer = "urn:ribble:local"

// Local reports whether one of Ribble's own accounts vouches for the user, rather than a smartcard or another provider.
func (u User) Local() bool { return u.Issuer == LocalIssuer }

// IsZero reports whether u is nobody.
func (u User) IsZero() bool { return u.Subject == "" || u.Issuer == "" }

// Holds reports whether the selected role carries the RBAC activity.
func (u User) Holds(activity string) bool {
	for _, a := range u.Role.Activities {
		if a == activity {
			return true
		}
	}
	return false
}
