package story

import (
	"fmt"
	"strings"
)

// ODS codes of the region. They have the form of real codes and belong to nobody.
const (
	bth = "RZB"   // Bowland Teaching Hospitals
	fgh = "RZF"   // Fellside General Hospitals
	cbh = "RZC"   // Calderbeck Hospitals
	swc = "RZS"   // Silverdale Women's and Children's
	pvt = "RZP"   // Pendle View Mental Health and Community
	tas = "RZT"   // Trough Ambulance Service
	soh = "8Z901" // St Oswin's Hospice
	wyc = "991"   // Wyrefield Council
	ldc = "992"   // Loudshire County Council
	bch = "8Z902" // Beckside Home Care
	lhc = "8Z903" // Larch House Care Home
	kgh = "RZK"   // Kelbrook General Hospital: it runs, and nobody has registered it with the portal yet
)

// Practices that stories name.
const (
	hodder          = "Y99001"
	fellsideSurgery = "Y99002"
	millbrook       = "Y99003"
	dunsop          = "Y99004"
	slaidburn       = "Y99021" // the first practice of the other supplier
	chipping        = "Y99022"
	whitewell       = "Y99023"
	// The last four practices are registered wrongly in the Spine Directory, each in another way.
	practiceUnregistered = "Y99037"
	practiceTwice        = "Y99038"
	practiceBlankASID    = "Y99039"
	practiceNoAddress    = "Y99040"
)

// practices is how many GP practices the region has; volume people belong to the ones with a right registration.
const (
	practices     = 40
	goodPractices = 36
)

var practiceNames = [practices]string{
	"Hodder Valley Medical Practice", "Fellside Surgery", "Millbrook Health Centre", "Dunsop Road Surgery", "Brockhall Medical Centre",
	"Easington Family Practice", "Gisburn Lane Surgery", "Waddow Park Medical Practice", "Newton Bridge Surgery", "Tosside Health Centre",
	"Parlick View Surgery", "Beacon Fell Medical Practice", "Calder Vale Surgery", "Longridge Road Health Centre", "Oakenclough Surgery",
	"Abbeystead Medical Centre", "Marshaw Family Practice", "Wyresdale Surgery", "Scorton Lane Practice", "Nether Wyrefield Surgery",
	"Slaidburn Street Surgery", "Chipping Lane Medical Centre", "Whitewell Practice", "Bashall Surgery", "Grindleton Medical Practice",
	"Sawley Bridge Surgery", "Rimington Health Centre", "Twiston Family Practice", "Downham Road Surgery", "Worston Medical Centre",
	"Pendleton Lane Surgery", "Wiswell Practice", "Mitton Hall Surgery", "Hurst Green Medical Practice", "Stonyhurst Road Surgery",
	"Dutton Family Practice", "Quiet Lane Surgery", "Twin Becks Surgery", "Moorend Surgery", "Farside Surgery",
}

// practiceODS gives the code of the nth practice, counted from 0.
func practiceODS(n int) string { return fmt.Sprintf("Y99%03d", n+1) }

// organisations lists everybody who takes part in the region, or is named in it.
func organisations() []Organisation {
	list := make([]Organisation, 0, practices+12)
	for i := range practices {
		list = append(list, practice(i))
	}
	return append(list, trusts()...)
}

func practice(i int) Organisation {
	supplier := Fellside
	if i >= practices/2 {
		supplier = Beckwater
	}
	ods := practiceODS(i)
	o := Organisation{
		ODS: ods, Name: practiceNames[i], Kind: GPPractice, Supplier: supplier, ASID: fmt.Sprintf("9900010%05d", i+1),
		Address: Address{Lines: []string{fmt.Sprintf("%d Market Place", i+1)}, City: "Nether Wyrefield", Postcode: postcode(i + 300)},
		Phone:   fmt.Sprintf("01632 960%03d", 200+i),
		Places:  []Place{{ID: "surgery", Name: practiceNames[i]}},
		Staff: []Staff{
			doctor("gp1", i*3), doctor("gp2", i*3+1), doctor("gp3", i*3+2),
			nurse("nurse1", i),
		},
	}
	if ods == hodder {
		o.Phone = "01632 960210"
		o.Staff = []Staff{
			person("gp1", "Dr", "Susan", "Whitlow", generalPractitioner, 9001), person("gp2", "Dr", "Leena", "Patel", generalPractitioner, 9002),
			person("gp3", "Dr", "Martin", "Hale", generalPractitioner, 9003), person("nurse1", "Sister", "Ann", "Holden", practiceNurse, 9004),
		}
	}
	return o
}

// The job roles that messages name.
var (
	generalPractitioner = jobRole("R0260", "General Medical Practitioner")
	practiceNurse       = jobRole("R0620", "Staff Nurse")
	consultant          = jobRole("R0050", "Consultant")
	registrar           = jobRole("R0080", "Specialist Registrar")
	wardSister          = jobRole("R0600", "Sister/Charge Nurse")
	midwife             = jobRole("R0660", "Midwife")
	radiologist         = jobRole("R0050", "Consultant")
	socialWorker        = jobRole("R1190", "Social Worker")
	paramedic           = jobRole("R1500", "Paramedic")
	psychiatrist        = jobRole("R0050", "Consultant")
	communityNurse      = jobRole("R0630", "Community Nurse")
)

func jobRole(code, display string) Code {
	return Code{System: "https://fhir.hl7.org.uk/CodeSystem/UKCore-SDSJobRoleName", Value: code, Display: display}
}

func person(id, prefix, given, family string, role Code, n int) Staff {
	gender := "female"
	if prefix == "Mr" || maleNames[given] {
		gender = "male"
	}
	return Staff{
		ID: id, Name: Name{Prefix: prefix, Given: []string{given}, Family: family}, Gender: gender, Role: role,
		SDSUserID: fmt.Sprintf("7001%08d", n), SDSRoleID: fmt.Sprintf("7002%08d", n),
		Registered: Identifier{System: "https://fhir.hl7.org.uk/Id/gmc-number", Value: fmt.Sprintf("C%07d", 9900000+n)},
	}
}

func doctor(id string, n int) Staff {
	given := girls[(n*7+3)%len(girls)]
	if n%2 == 0 {
		given = boys[(n*5+1)%len(boys)]
	}
	return person(id, "Dr", given, families[(n*11+5)%len(families)], generalPractitioner, 1000+n)
}

func nurse(id string, n int) Staff {
	return person(id, "Sister", girls[(n*3+8)%len(girls)], families[(n*13+2)%len(families)], practiceNurse, 2000+n)
}

// postcode makes postcodes in an area that the post office has not given out.
func postcode(n int) string {
	const letters = "ABDEFGHJLNPQRSTUWXYZ"
	return fmt.Sprintf("XX%d %d%c%c", 1+n/400%9, n%9+1, letters[n/9%20], letters[n/180%20])
}

// Short is the badge of an organisation: at most five letters.
func (o Organisation) Short() string {
	if o.Kind == GPPractice {
		return "GP"
	}
	if short, ok := badges[o.ODS]; ok {
		return short
	}
	return o.ODS
}

var badges = map[string]string{
	bth: "BTH", fgh: "FGH", cbh: "CBH", swc: "SWC", pvt: "PVT", tas: "TAS", soh: "SOH", wyc: "WyC", ldc: "LdC", bch: "BCH", lhc: "LHC", kgh: "KGH",
}

// ShortName is what people call an organisation in passing.
func (o Organisation) ShortName() string {
	if short, ok := shortNames[o.ODS]; ok {
		return short
	}
	for _, tail := range []string{" Medical Practice", " Health Centre", " Medical Centre", " Family Practice"} {
		if short, cut := strings.CutSuffix(o.Name, tail); cut {
			return short
		}
	}
	return o.Name
}

var shortNames = map[string]string{
	bth: "Bowland", fgh: "Fellside", cbh: "Calderbeck", swc: "Silverdale", pvt: "Pendle View", tas: "Trough Ambulance", soh: "St Oswin's",
	wyc: "Wyrefield", ldc: "Loudshire", bch: "Beckside", lhc: "Larch House", kgh: "Kelbrook",
}

// RegistrationState says how a practice stands in the Spine Directory.
type RegistrationState int

// The states of a registration: right, or wrong in one of four ways.
const (
	Registered RegistrationState = iota
	Unregistered
	RegisteredTwice
	BlankASID
	NoAddress
)

// Registration gives the state of a practice's registration.
func Registration(ods string) RegistrationState {
	switch ods {
	case practiceUnregistered:
		return Unregistered
	case practiceTwice:
		return RegisteredTwice
	case practiceBlankASID:
		return BlankASID
	case practiceNoAddress:
		return NoAddress
	}
	return Registered
}
