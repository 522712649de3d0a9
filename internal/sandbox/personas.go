package sandbox

import "ribble/internal/sandbox/cis2"

// The RBAC activities that personas hold: codes of the national role-based access control database.
var (
	clinical     = []string{"B0264", "B0360", "B0370", "B0820", "B0401"}
	mentalHealth = []string{"B0264", "B0360", "B0370", "B0820", "B0401", "B1611"}
	emergency    = append(clinical[:len(clinical):len(clinical)], "B0168")
	summary      = []string{"B0264", "B0370", "B0820"}
	desk         = []string{"B0264", "B0820"}
	consentDesk  = append(desk[:len(desk):len(desk)], "B0020")
	privacy      = []string{"B0015", "B0016", "B0018", "B0011", "B0264", "B0020"}
	wholeRegion  = []string{"B0011", "B9001"}
	systemAdmin  = []string{"B0062", "B1700", "B0011"}
)

// National job roles.
const (
	clinicianRole = "S8000:G8000:R8000"
	nurseRole     = "S8000:G8000:R8001"
	healthRole    = "S8000:G8000:R8003"
	adminRole     = "S8000:G8002:R8008"
	receptionRole = "S8000:G8002:R8009"
	systemsRole   = "S8002:G8003:R8015"
	privacyRole   = "S8002:G8003:R0001"
	guardianRole  = "S8002:G8003:R5105"
)

const (
	bowlandName = "Bowland Teaching Hospitals NHS Trust"
	regionName  = "North Vale shared care record"
	hodderName  = "Hodder Valley Medical Practice"
	pendleName  = "Pendle View Mental Health and Community NHS Trust"
)

// role makes a role profile; its id is made of the persona's number and the number of the role.
func role(id, org, orgName, code, name, title string, activities []string) cis2.Role {
	return cis2.Role{ID: id, OrgCode: org, OrgName: orgName, Code: code, Name: name, Title: title, ActivityCodes: activities}
}

// Personas are the people who can sign in.
var Personas = []cis2.Persona{
	{
		ID: "nair", UserID: "900100000001", Title: "Dr", Given: "Priya", Family: "Nair", Assurance: 3, About: "Opens any record. Start here.",
		Roles: []cis2.Role{role("900200000001", "RZB", bowlandName, clinicianRole, `"Clinical":"Clinical Provision":"Clinical Practitioner Access Role"`, "Consultant geriatrician", clinical)},
	},
	{
		ID: "doyle", UserID: "900100000002", Title: "Sister", Given: "Kathleen", Family: "Doyle", Assurance: 3, About: "Works in the emergency department; has emergency access.",
		Roles: []cis2.Role{role("900200000002", "RZB", bowlandName, nurseRole, `"Clinical":"Clinical Provision":"Nurse Access Role"`, "A&E nurse", emergency)},
	},
	{
		ID: "whitlow", UserID: "900100000003", Title: "Dr", Given: "Susan", Family: "Whitlow", Assurance: 3, About: "A GP at the practice of the main story.",
		Roles: []cis2.Role{role("900200000003", "Y99001", hodderName, clinicianRole, `"Clinical":"Clinical Provision":"Clinical Practitioner Access Role"`, "General practitioner", clinical)},
	},
	{
		ID: "tariq", UserID: "900100000004", Title: "Mr", Given: "Samir", Family: "Tariq", Assurance: 2, About: "Community mental health; may open sensitive records.",
		Roles: []cis2.Role{role("900200000004", "RZP", pendleName, nurseRole, `"Clinical":"Clinical Provision":"Nurse Access Role"`, "Mental health nurse", mentalHealth)},
	},
	{
		ID: "okafor", UserID: "900100000005", Title: "Ms", Given: "Janet", Family: "Okafor", Assurance: 2, About: "Adult social care.",
		Roles: []cis2.Role{role("900200000005", "991", "Wyrefield Council", healthRole, `"Clinical":"Clinical Provision":"Health Professional Access Role"`, "Social worker", summary)},
	},
	{
		ID: "kerr", UserID: "900100000006", Title: "Mr", Given: "Daniel", Family: "Kerr", Assurance: 2, About: "At the scene, in a hurry; has emergency access.",
		Roles: []cis2.Role{role("900200000006", "RZT", "Trough Ambulance Service NHS Trust", healthRole, `"Clinical":"Clinical Provision":"Health Professional Access Role"`, "Paramedic", emergency)},
	},
	{
		ID: "mwangi", UserID: "900100000007", Title: "Ms", Given: "Faith", Family: "Mwangi", Assurance: 2, About: "A nurse in a care home.",
		Roles: []cis2.Role{role("900200000007", "8Z903", "Larch House Care Home", nurseRole, `"Clinical":"Clinical Provision":"Nurse Access Role"`, "Care-home nurse", summary)},
	},
	{
		ID: "pickup", UserID: "900100000008", Title: "Mrs", Given: "Carol", Family: "Pickup", Assurance: 3, About: "May look people up and enter objections, but open no record.",
		Roles: []cis2.Role{role("900200000008", "Y99001", hodderName, receptionRole, `"Admin and Clerical":"Admin and Clerical":"Receptionist Access Role"`, "Receptionist", consentDesk)},
	},
	{
		ID: "grant", UserID: "900100000009", Title: "Mr", Given: "Alistair", Family: "Grant", Assurance: 3, About: "Sees alerts, who looked at which record, and objections; never the record.",
		Roles: []cis2.Role{role("900200000009", "RZB", bowlandName, privacyRole, `"Information Governance":"Information Governance":"Privacy Officer"`, "Privacy Officer", privacy)},
	},
	{
		ID: "haworth", UserID: "900100000015", Title: "Mrs", Given: "Ruth", Family: "Haworth", Assurance: 3, About: "Watches over the whole region: who looked, everywhere, and the rules that watch.",
		Roles: []cis2.Role{role("900200000015", "8Z900", regionName, privacyRole, `"Information Governance":"Information Governance":"Privacy Officer"`, "Region's Privacy Officer", wholeRegion)},
	},
	{
		ID: "musa", UserID: "900100000016", Title: "Dr", Given: "Ibrahim", Family: "Musa", Assurance: 3, About: "The region's Caldicott Guardian: approves the rules that Mrs Haworth proposes, and the other way round.",
		Roles: []cis2.Role{role("900200000016", "8Z900", regionName, guardianRole, `"Information Governance":"Information Governance":"Caldicott Guardian"`, "Caldicott Guardian", wholeRegion)},
	},
	{
		ID: "farrell", UserID: "900100000010", Title: "Mr", Given: "Owen", Family: "Farrell", Assurance: 3, About: "Brings sources on and keeps them healthy.",
		Roles: []cis2.Role{role("900200000010", "8Z900", regionName, systemsRole, `"Information Technology":"Systems Support":"Systems Support Access Role"`, "Region administrator", systemAdmin)},
	},
	{
		ID: "quist", UserID: "900100000014", Title: "Ms", Given: "Sofia", Family: "Quist", Assurance: 3, About: "The second administrator: approves what Mr Farrell proposes, and the other way round.",
		Roles: []cis2.Role{role("900200000014", "8Z900", regionName, systemsRole, `"Information Technology":"Systems Support":"Systems Support Access Role"`, "Region administrator", systemAdmin)},
	},
	{
		ID: "sharma", UserID: "900100000011", Title: "Dr", Given: "Anil", Family: "Sharma", Assurance: 3, About: "Has two roles at two organisations; one is chosen at sign-in. Fellside has no Privacy Officer, so no emergency access.",
		Roles: []cis2.Role{
			role("900200000011", "RZF", "Fellside General Hospitals NHS Trust", clinicianRole, `"Clinical":"Clinical Provision":"Clinical Practitioner Access Role"`, "Emergency physician", emergency),
			role("900200000012", "Y99002", "Fellside Surgery", adminRole, `"Admin and Clerical":"Admin and Clerical":"Admin/Clinical Support Access Role"`, "Practice administrator", desk),
		},
	},
	{ID: "noroles", UserID: "900100000012", Title: "Mr", Given: "Noel", Family: "Rolless", Assurance: 3, About: "Has no role: must be refused."},
	{
		ID: "lowlevel", UserID: "900100000013", Title: "Dr", Given: "Una", Family: "Password", Assurance: 1, About: "Signed in by password only (level 1): must be refused.",
		Roles: []cis2.Role{role("900200000013", "RZB", bowlandName, clinicianRole, `"Clinical":"Clinical Provision":"Clinical Practitioner Access Role"`, "Doctor", clinical)},
	},
}
