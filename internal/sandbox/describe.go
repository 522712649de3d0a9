package sandbox

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"ribble/internal/sandbox/pds"
	"ribble/internal/sandbox/pki"
	"ribble/internal/sandbox/sds"
	"ribble/internal/sandbox/story"
)

// Files that describe the region for the portal, beside those of package pki.
const (
	DirectoryFile = "directory.json"
	NationalFile  = "national.json"
	ProvidersFile = "providers.json"
	SignInKeyFile = "cis2-client.key"
)

// Directory is the content of directory.json.
type Directory struct {
	Organisations []DirectoryOrganisation `json:"organisations"`
	Agreements    []DirectoryAgreement    `json:"agreements"`
	Feeds         []DirectoryFeed         `json:"feeds"`
	Spine         DirectorySpine          `json:"spine"`
}

// DirectoryOrganisation is one participating organisation.
type DirectoryOrganisation struct {
	ODS   string `json:"ods"`
	Name  string `json:"name"`
	Short string `json:"short"`
	Badge string `json:"badge"`
	Kind  string `json:"kind"`
	Phone string `json:"phone"`
	// Officer is the Privacy Officer whom the organisation has named; without one nobody there has emergency access.
	Officer string `json:"privacy_officer,omitempty"`
	// Toolkit is the standing under the Data Security and Protection Toolkit.
	Toolkit DirectoryToolkit `json:"dspt"`
}

// DirectoryToolkit is an organisation's standing under the Data Security and Protection Toolkit.
type DirectoryToolkit struct {
	Status string `json:"status"`
	Until  string `json:"until"`
}

// DirectoryAgreement is an information sharing agreement.
type DirectoryAgreement struct {
	ID        string          `json:"id"`
	Title     string          `json:"title"`
	Reference string          `json:"reference"`
	Purpose   string          `json:"purpose"`
	Parties   []string        `json:"parties"`
	SignedBy  string          `json:"signed_by"`
	From      string          `json:"from"`
	Until     string          `json:"until"`
	Impact    DirectorySigned `json:"dpia"`
	Flows     []DirectoryFlow `json:"flows"`
}

// DirectorySigned is a signed document.
type DirectorySigned struct {
	Reference string `json:"reference"`
	By        string `json:"by"`
	Until     string `json:"until,omitempty"`
}

// DirectoryFlow is one movement of data that an agreement allows.
type DirectoryFlow struct {
	ID       string   `json:"id"`
	Purpose  string   `json:"purpose"`
	Sections []string `json:"sections"`
}

// officers are the Privacy Officers by ODS code. Fellside has named none, which shows what follows from that.
var officers = map[string]string{
	"RZB": "Alistair Grant", "RZC": "Moira Teal", "RZS": "Ines Calvert", "RZP": "Gordon Pyle", "RZT": "Rhoda Simm", "RZK": "Dorothy Speight", "991": "Tunde Bello", "992": "Wendy Ashe",
}

// officerOf is the Privacy Officer of an organisation; a practice's is its manager.
func officerOf(o story.Organisation) string {
	if o.Kind == story.GPPractice {
		return "The practice manager of " + o.Name
	}
	return officers[o.ODS]
}

// DirectoryFeed is what one organisation supplies, how and where.
type DirectoryFeed struct {
	ID           string           `json:"id"`
	Organisation string           `json:"organisation"`
	Protocol     string           `json:"protocol"`
	Endpoint     string           `json:"endpoint"`
	Sections     []string         `json:"sections"`
	Stage        string           `json:"stage"`
	Planned      string           `json:"planned,omitempty"`
	Batch        bool             `json:"batch,omitempty"`
	Chained      bool             `json:"chained,omitempty"`
	DeadlineMS   int              `json:"deadline_ms"`
	Concurrency  int              `json:"concurrency"`
	AllowCIDR    []string         `json:"allow_cidr,omitempty"`
	Agreement    string           `json:"agreement,omitempty"`
	Flow         string           `json:"flow,omitempty"`
	SafetyCase   *DirectorySigned `json:"safety_case,omitempty"`
	// Audience is who was reached before it was live. Its test people depend on the portal's keys: whoever runs the portal adds them.
	Audience *DirectoryAudience `json:"audience,omitempty"`
}

// DirectoryAudience is who a feed reaches before it is live.
type DirectoryAudience struct {
	TestPeople    []string `json:"test_people,omitempty"`
	Testers       []string `json:"testers,omitempty"`
	Organisations []string `json:"organisations,omitempty"`
}

// tried is who tried the region's feeds before they were live: an emergency nurse as tester, and her hospital as pilot.
func tried() *DirectoryAudience {
	return &DirectoryAudience{Testers: []string{"900100000002"}, Organisations: []string{"RZB"}}
}

// DirectorySpine says how GP systems are reached: SSP empty means directly.
type DirectorySpine struct {
	SSP      string `json:"ssp"`
	FromASID string `json:"from_asid"`
}

const (
	live    = "live"
	notLive = "off"
)

// feed is what an organisation supplies; the key of feeds is its badge.
type feed struct {
	protocol, stage, planned string
	asked                    asked
	sections                 []string
}

// asked is how a feed is asked for more than one thing; all servers of the region can do all of it, and not every agreement says so.
type asked int

const (
	singly asked = iota
	batched
	chained
)

var (
	acuteSections = []string{
		"allergies", "medicines", "problems", "alerts", "plans", "encounters", "appointments", "referrals", "results", "imaging", "measurements",
		"immunisations", "procedures", "documents", "legal", "aboutme", "network", "history", "other",
	}
	// gpSections are what GP Connect carries; where a practice is asked is for the Spine Directory to say.
	gpSections = []string{
		"allergies", "medicines", "problems", "results", "imaging", "measurements", "consultations", "appointments", "referrals", "immunisations", "documents", "network", "other",
	}
	feeds = map[string]feed{
		"BTH": {"fhirr4", live, "", chained, acuteSections},
		"FGH": {"fhirr4", live, "", batched, []string{
			"allergies", "medicines", "problems", "alerts", "encounters", "referrals", "results", "imaging", "measurements", "procedures", "documents", "other",
		}},
		"CBH": {"fhirr4", live, "", chained, acuteSections},
		"SWC": {"fhirr4", live, "", singly, acuteSections},
		"PVT": {"fhirr4", live, "", singly, []string{
			"allergies", "medicines", "problems", "alerts", "plans", "encounters", "appointments", "referrals", "measurements", "documents", "legal", "aboutme",
			"network", "history", "other",
		}},
		"TAS": {"fhirr4", live, "", singly, []string{"encounters", "measurements", "documents", "other"}},
		"WyC": {"socialcare", live, "", chained, []string{"socialcare", "alerts", "legal", "network", "documents", "aboutme"}},
		"LdC": {"socialcare", live, "", batched, []string{"socialcare", "alerts", "legal", "network"}},
		// It is in no directory: see Unregistered.
		unregistered: {"fhirr4", live, "", batched, []string{"problems", "encounters", "documents"}},
		"SOH":        {"fhirr4", notLive, "Feb-2027", singly, []string{"allergies", "medicines", "plans", "encounters", "documents"}},
	}
)

// unregistered is the badge of the hospital that runs and that nobody has registered with the portal.
const unregistered = "KGH"

// Offer is a hospital that runs and is in no directory, as whoever brings it on needs to know it.
type Offer struct {
	DirectoryOrganisation
	Endpoint string
	Networks []string
	Sections []string
}

// Unregistered is the hospital that can be brought on.
func (r *Region) Unregistered() Offer {
	for _, o := range r.World.Organisations() {
		if o.Short() == unregistered {
			return Offer{member(o), "https://" + r.addresses[sourceID(o)] + fhirBase, []string{"127.0.0.0/8"}, feeds[unregistered].sections}
		}
	}
	return Offer{}
}

func member(o story.Organisation) DirectoryOrganisation {
	return DirectoryOrganisation{o.ODS, o.Name, o.ShortName(), o.Short(), kind(o), o.Phone, officerOf(o), DirectoryToolkit{"met", "2099-06-30"}}
}

// feedOf is what an organisation supplies. An acute trust that was added to the region supplies all that one can.
func feedOf(o story.Organisation) (feed, bool) {
	f, ok := feeds[o.Short()]
	if !ok && o.Kind == story.AcuteTrust {
		return feed{"fhirr4", live, "", chained, acuteSections}, true
	}
	return f, ok
}

func (r *Region) describe(dir string) error {
	if err := writeJSON(filepath.Join(dir, DirectoryFile), r.Directory()); err != nil {
		return err
	}
	if err := writeJSON(filepath.Join(dir, NationalFile), r.National()); err != nil {
		return err
	}
	return writeJSON(filepath.Join(dir, ProvidersFile), r.providers())
}

// Directory describes the organisations and feeds of the region.
func (r *Region) Directory() Directory {
	out := Directory{Spine: DirectorySpine{FromASID: FromASID}}
	agreement := regionalAgreement()
	for _, o := range r.World.Organisations() {
		if o.Short() == unregistered {
			continue
		}
		out.Organisations = append(out.Organisations, member(o))
		agreement.Parties = append(agreement.Parties, o.ODS)
		if o.Kind == story.GPPractice {
			out.Feeds = append(out.Feeds, DirectoryFeed{
				ID: "gp-" + strings.ToLower(o.ODS), Organisation: o.ODS, Protocol: "gpconnect", Sections: gpSections, Stage: live, DeadlineMS: 8000, Concurrency: 16,
				Agreement: agreement.ID, Flow: gpFlow, SafetyCase: safetyCase, Audience: tried(),
			})
			continue
		}
		f, ok := feedOf(o)
		if !ok {
			continue
		}
		entry := DirectoryFeed{
			ID: sourceID(o), Organisation: o.ODS, Protocol: f.protocol, Sections: f.sections, Stage: f.stage, Planned: f.planned,
			Batch: f.asked >= batched, Chained: f.asked == chained, DeadlineMS: 8000, Concurrency: 48, Agreement: agreement.ID, Flow: providerFlow, SafetyCase: safetyCase, Audience: tried(),
		}
		if f.protocol == "socialcare" {
			entry.Flow = councilFlow
		}
		if f.stage == live {
			entry.Endpoint = "https://" + r.addresses[entry.ID] + fhirBase
			entry.AllowCIDR = []string{"127.0.0.0/8"}
		}
		out.Feeds = append(out.Feeds, entry)
	}
	out.Agreements = []DirectoryAgreement{agreement}
	return out
}

// The flows of the regional agreement.
const (
	gpFlow       = "FLOW-GP"
	providerFlow = "FLOW-PROVIDER"
	councilFlow  = "FLOW-COUNCIL"
)

// safetyCase is the clinical-safety sign-off of every feed of the region.
var safetyCase = &DirectorySigned{Reference: "CSC-2026-003", By: "Dr Anna Brandreth"}

// regionalAgreement is the one agreement to which everybody of the region is a party. It does not end: a demonstration that did would end with it.
func regionalAgreement() DirectoryAgreement {
	return DirectoryAgreement{
		ID: "ISA-2026-014", Title: "North Vale information sharing agreement", Reference: "ISA-2026-014", Purpose: "Direct care", SignedBy: "Dr Laura Sowerby, Caldicott Guardian",
		From: "2026-01-01", Until: "2099-05-31", Impact: DirectorySigned{Reference: "DPIA-0088, version 3", By: "Ines Calvert", Until: "2099-04-30"},
		Flows: []DirectoryFlow{
			{gpFlow, "GP records for direct care", gpSections},
			{providerFlow, "Records of hospitals, community and mental health services for direct care", acuteSections},
			{councilFlow, "Social care records for direct care", []string{"socialcare", "alerts", "legal", "network", "documents", "aboutme"}},
		},
	}
}

// kind is the directory's word for what an organisation is.
func kind(o story.Organisation) string {
	switch {
	case o.Kind != story.OtherService && o.Kind != story.Laboratory:
		return string(o.Kind)
	case o.Short() == "TAS":
		return "ambulance"
	}
	return "care-home"
}

// National is the content of national.json: where the national services are and which files open them.
type National struct {
	PDS         string `json:"pds"`
	SDS         string `json:"sds"`
	Issuer      string `json:"oidc_issuer"`
	ClientID    string `json:"oidc_client_id"`
	ClientKey   string `json:"oidc_client_key_file"`
	Providers   string `json:"oidc_providers_file"`
	Launchers   string `json:"launchers_file"`
	Authority   string `json:"ca_file"`
	Certificate string `json:"client_cert_file"`
	Key         string `json:"client_key_file"`
	Directory   string `json:"directory_file"`
	FromASID    string `json:"from_asid"`
	Control     string `json:"control"`
}

// National says where the national services of the region are.
func (r *Region) National() National {
	return National{
		PDS: "https://" + r.addresses[pdsID] + pds.Base, SDS: "https://" + r.addresses[sdsID] + sds.Base,
		Issuer: r.Issuer, ClientID: ClientID, ClientKey: SignInKeyFile, Providers: ProvidersFile, Launchers: LaunchersFile,
		Authority: pki.AuthorityFile, Certificate: pki.ClientFile, Key: pki.ClientKeyFile, Directory: DirectoryFile,
		FromASID: FromASID, Control: r.ControlURL,
	}
}

// provider is one entry of providers.json, in the form of the portal's list of OpenID Connect providers.
type provider struct {
	ID           string   `json:"id"`
	Name         string   `json:"name"`
	Issuer       string   `json:"issuer"`
	ClientID     string   `json:"client_id"`
	KeyFile      string   `json:"key_file"`
	KeyID        string   `json:"key_id"`
	KeyAlgorithm string   `json:"key_algorithm"`
	Scopes       []string `json:"scopes"`
	ACR          []string `json:"acr_values"`
	MinimumLevel int      `json:"minimum_level"`
	Algorithms   []string `json:"algorithms"`
}

func (r *Region) providers() []provider {
	return []provider{{
		ID: "cis2", Name: "Care Identity (sandbox)", Issuer: r.Issuer, ClientID: ClientID, KeyFile: filepath.Join(r.config.OutDir, SignInKeyFile),
		KeyID: "portal-1", KeyAlgorithm: "RS512", Scopes: []string{"profile", "nhsperson", "nationalrbacaccess", "associatedorgs", "selectedrole"},
		ACR: []string{"AAL2_OR_AAL3_ANY"}, MinimumLevel: 2, Algorithms: []string{"RS256"},
	}}
}

func writeJSON(path string, value any) error {
	raw, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding %s: %w", filepath.Base(path), err)
	}
	if err := os.WriteFile(path, append(raw, '\n'), 0o600); err != nil {
		return fmt.Errorf("writing %s: %w", filepath.Base(path), err)
	}
	return nil
}
