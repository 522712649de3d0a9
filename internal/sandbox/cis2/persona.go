package cis2

import "strings"

// Persona is an invented member of staff.
type Persona struct {
	ID        string `json:"id"`      // short name for buttons and tests
	UserID    string `json:"user_id"` // 12-digit national user id
	Title     string `json:"title"`
	Given     string `json:"given"`
	Family    string `json:"family"`
	About     string `json:"about"`     // what to try as this person
	Assurance int    `json:"assurance"` // authentication assurance level: 1 password only, 2 app, 3 smartcard
	Roles     []Role `json:"roles"`
}

// Role is one role profile of a persona at one organisation, with its RBAC activities.
type Role struct {
	ID            string   `json:"id"` // person_roleid
	OrgCode       string   `json:"org_code"`
	OrgName       string   `json:"org_name"`
	Code          string   `json:"code"`  // "S8000:G8000:R8000"
	Name          string   `json:"name"`  // the national words of the role
	Title         string   `json:"title"` // what people call it
	ActivityCodes []string `json:"activity_codes"`
}

// Name is the persona's name as the directory gives it: family name in capitals first.
func (p Persona) Name() string {
	return strings.TrimSpace(strings.ToUpper(p.Family) + " " + p.Given + " " + p.Title)
}

func (p Persona) role(id string) (Role, bool) {
	for _, role := range p.Roles {
		if role.ID == id {
			return role, true
		}
	}
	return Role{}, false
}

func (p Persona) amr() string {
	return map[int]string{1: "USERPASS", 2: "AUTHENTICATOR_APP", 3: "N3_SMARTCARD"}[p.Assurance]
}

func (p Persona) acr() string {
	return map[int]string{1: "AAL1_USERPASS", 2: "AAL2_ANY", 3: "AAL3_ANY"}[p.Assurance]
}

// activities gives the words of the activity codes, as far as they are public.
var activities = map[string]string{
	"B0011": "View System Logs and Reports",
	"B0015": "Receive Legal Override and Emergency View Alerts",
	"B0016": "Receive Self Claimed LR Alerts",
	"B0018": "Receive Sealing Alerts",
	"B0062": "Local System Administration",
	"B0168": "Emergency access to view the SCR",
	"B0264": "Perform Patient Trace",
	"B0360": "View Detailed Health Records",
	"B0370": "View Summary Health Records",
	"B0380": "Perform Detailed Health Record",
	"B0401": "View Patient Medication",
	"B0420": "Independent Prescribing",
	"B0820": "View Patient Demographics",
	"B0825": "Amend Patient Demographics",
	"B1611": "Access Sensitive (S) Flagged Records",
	"B1700": "Local System Configuration",
	"B9001": "Oversee the audit trail of the whole region (no national code: given by the region)",
}

type userInfo struct {
	Sub      string     `json:"sub"`
	UserID   string     `json:"nhsid_useruid"`
	Name     string     `json:"name"`
	Family   string     `json:"family_name"`
	Given    string     `json:"given_name"`
	Title    string     `json:"title,omitempty"`
	IDLevel  string     `json:"idassurancelevel"`
	Roles    []infoRole `json:"nhsid_nrbac_roles"`
	UserOrgs []infoOrg  `json:"nhsid_user_orgs"`
}

type infoRole struct {
	Activities    []string `json:"activities,omitempty"`
	ActivityCodes []string `json:"activity_codes,omitempty"`
	OrgCode       string   `json:"org_code"`
	PersonOrgID   string   `json:"person_orgid"`
	PersonRoleID  string   `json:"person_roleid"`
	RoleCode      string   `json:"role_code"`
	RoleName      string   `json:"role_name"`
}

type infoOrg struct {
	Code string `json:"org_code"`
	Name string `json:"org_name"`
}

func (p Persona) userInfo() userInfo {
	info := userInfo{
		Sub: p.UserID, UserID: p.UserID, Name: p.Name(), Family: p.Family, Given: p.Given, Title: p.Title, IDLevel: "3",
		Roles: []infoRole{}, UserOrgs: []infoOrg{},
	}
	for _, role := range p.Roles {
		given := infoRole{
			ActivityCodes: role.ActivityCodes, OrgCode: role.OrgCode, PersonOrgID: p.UserID, PersonRoleID: role.ID,
			RoleCode: role.Code, RoleName: role.Name,
		}
		for _, code := range role.ActivityCodes {
			given.Activities = append(given.Activities, activities[code])
		}
		info.Roles = append(info.Roles, given)
		info.UserOrgs = append(info.UserOrgs, infoOrg{role.OrgCode, role.OrgName})
	}
	return info
}
