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
}

// officers are the Privacy Officers by ODS code. Fellside has named none, which shows what follows from that.
var officers = map[string]string{
	"RZB": "Alistair Grant", "RZC": "Moira Teal", "RZS": "Ines Calvert", "RZP": "Gordon Pyle", "RZT": "Rhoda Simm", "991": "Tunde Bello", "992": "Wendy Ashe",
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
	ID           string   `json:"id"`
	Organisation string   `json:"organisation"`
	Protocol     string   `json:"protocol"`
	Endpoint     string   `json:"endpoint"`
	Sections     []string `json:"sections"`
	Stage        string   `json:"stage"`
	Planned      string   `json:"planned,omitempty"`
	Batch        bool     `json:"batch,omitempty"`
	DeadlineMS   int      `json:"deadline_ms"`
	Concurrency  int      `json:"concurrency"`
	AllowCIDR    []string `json:"allow_cidr,omitempty"`
}

// DirectorySpine says how GP systems are reached: SSP empty means directly.
type DirectorySpine struct {
	SSP      string `json:"ssp"`
	FromASID string `json:"from_asid"`
}

const (
	live    = "live"
	notLive = "not-live"
)

// feed is what an organisation supplies; the key of feeds is its badge.
type feed struct {
	protocol, stage, planned string
	// batch says that it is asked with batches; all servers of the region take them, and not every agreement says so.
	batch    bool
	sections []string
}

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
		"BTH": {"fhirr4", live, "", true, acuteSections},
		"FGH": {"fhirr4", live, "", true, []string{
			"allergies", "medicines", "problems", "alerts", "encounters", "referrals", "results", "imaging", "measurements", "procedures", "documents", "other",
		}},
		"CBH": {"fhirr4", live, "", true, acuteSections},
		"SWC": {"fhirr4", live, "", false, acuteSections},
		"PVT": {"fhirr4", live, "", false, []string{
			"allergies", "medicines", "problems", "alerts", "plans", "encounters", "appointments", "referrals", "measurements", "documents", "legal", "aboutme",
			"network", "history", "other",
		}},
		"TAS": {"fhirr4", live, "", false, []string{"encounters", "measurements", "documents", "other"}},
		"WyC": {"socialcare", live, "", true, []string{"socialcare", "alerts", "legal", "network", "documents", "aboutme"}},
		"LdC": {"socialcare", live, "", true, []string{"socialcare", "alerts", "legal", "network"}},
		"SOH": {"fhirr4", notLive, "Feb-2027", false, []string{"allergies", "medicines", "plans", "encounters", "documents"}},
	}
)

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
	for _, o := range r.World.Organisations() {
		out.Organisations = append(out.Organisations, DirectoryOrganisation{o.ODS, o.Name, o.ShortName(), o.Short(), kind(o), o.Phone, officerOf(o)})
		if o.Kind == story.GPPractice {
			out.Feeds = append(out.Feeds, DirectoryFeed{
				ID: "gp-" + strings.ToLower(o.ODS), Organisation: o.ODS, Protocol: "gpconnect", Sections: gpSections, Stage: live, DeadlineMS: 8000, Concurrency: 16,
			})
			continue
		}
		f, ok := feeds[o.Short()]
		if !ok {
			continue
		}
		entry := DirectoryFeed{
			ID: sourceID(o), Organisation: o.ODS, Protocol: f.protocol, Sections: f.sections, Stage: f.stage, Planned: f.planned,
			Batch: f.batch, DeadlineMS: 8000, Concurrency: 48,
		}
		if f.stage == live {
			entry.Endpoint = "https://" + r.addresses[entry.ID] + fhirBase
			entry.AllowCIDR = []string{"127.0.0.0/8"}
		}
		out.Feeds = append(out.Feeds, entry)
	}
	return out
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
