package audit

import (
	"ribble/internal/identity"
	"ribble/internal/record"
)

// Requester is the user as a source or a national service is told of them: the same person, role and organisation that the trail names.
func Requester(u identity.User) record.Requester {
	return record.Requester{
		Name: u.Name, SDSUserID: u.SDSUserID, UserID: u.Subject, RoleProfileID: u.Role.ProfileID, RoleName: u.Role.Name,
		Organisation: record.Organisation{ODS: u.Organisation.ODS, Name: u.Organisation.Name},
	}
}
