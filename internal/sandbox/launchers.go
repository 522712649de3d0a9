package sandbox

import (
	"fmt"
	"net"
	"path/filepath"
	"strings"

	"ribble/internal/sandbox/epr"
	"ribble/internal/sandbox/pki"
)

// Files for launching from records systems.
const (
	LaunchersFile = "launchers.json"
	SmartKeyFile  = "smart-client.key"
)

// recordsOrigin is where the records systems are. Where it can be, that is another site than the portal's 127.0.0.1, as in life: browsers
// treat what comes from another site with more care.
func (r *Region) recordsOrigin() string {
	host, port, err := net.SplitHostPort(r.addresses[recordsID])
	if err == nil && host == "127.0.0.1" {
		return "http://localhost:" + port
	}
	return "http://" + r.addresses[recordsID]
}

// withRecords are the organisations that have a records system; smart those whose system does SMART App Launch too.
var (
	withRecords = []string{"RZB", "RZF", "RZP", "Y99001"}
	smart       = map[string]bool{"RZB": true, "RZF": true}
)

// sites are the records systems with the personas who work there.
func sites() []epr.Site {
	list := make([]epr.Site, len(withRecords))
	for i, ods := range withRecords {
		list[i] = epr.Site{ODS: ods, Smart: smart[ods]}
		for _, p := range Personas {
			for _, role := range p.Roles {
				if role.OrgCode != ods {
					continue
				}
				list[i].Name = role.OrgName
				list[i].Clinicians = append(list[i].Clinicians, epr.Clinician{ID: p.ID, UserID: p.UserID, Name: p.Name(), Profile: role.Title})
			}
		}
	}
	return list
}

// launcher is one entry of launchers.json, in the form of the portal's list of launchers.
type launcher struct {
	ID           string               `json:"id"`
	Name         string               `json:"name"`
	Issuer       string               `json:"issuer"`
	Organisation launcherOrganisation `json:"organisation"`
	Level        int                  `json:"assurance_level"`
	Activities   []string             `json:"activities"`
	Roles        []launcherRole       `json:"roles"`
	Algorithms   []string             `json:"algorithms"`
	KeysURL      string               `json:"jwks_url"`
	Smart        *smartClient         `json:"smart,omitempty"`
}

type launcherOrganisation struct {
	ODS  string `json:"ods"`
	Name string `json:"name"`
}

type launcherRole struct {
	Profile    string   `json:"profile"`
	Code       string   `json:"code"`
	Name       string   `json:"name"`
	Activities []string `json:"activities"`
}

type smartClient struct {
	ClientID     string `json:"client_id"`
	KeyFile      string `json:"key_file"`
	KeyID        string `json:"key_id"`
	KeyAlgorithm string `json:"key_algorithm"`
}

// launchers lists the records systems for the portal: each for signed launches, and some for SMART App Launch besides.
func (r *Region) launchers() []launcher {
	var list []launcher
	for _, site := range r.Records.Sites {
		signed := launcher{
			ID: "epr-" + strings.ToLower(site.ODS), Name: "Records system of " + site.Name, Issuer: r.Records.Issuer(site.ODS),
			Organisation: launcherOrganisation{site.ODS, site.Name}, Level: 2, Activities: mentalHealth, Roles: launcherRoles(site.ODS),
			Algorithms: []string{"ES256"}, KeysURL: r.Records.KeysURL(site.ODS),
		}
		list = append(list, signed)
		if site.Smart {
			signed.ID, signed.Issuer = signed.ID+"-smart", r.Records.FHIR(site.ODS)
			signed.Smart = &smartClient{ClientID, filepath.Join(r.config.OutDir, SmartKeyFile), "portal-smart-1", "ES384"}
			list = append(list, signed)
		}
	}
	return list
}

// launcherRoles turns the job titles of an organisation's personas into national roles. Administrators are left out on purpose: they may not launch.
func launcherRoles(ods string) []launcherRole {
	var list []launcherRole
	for _, p := range Personas {
		for _, role := range p.Roles {
			if role.OrgCode != ods || role.Code == privacyRole {
				continue
			}
			code := role.Code[strings.LastIndex(role.Code, ":")+1:]
			list = append(list, launcherRole{Profile: role.Title, Code: code, Name: role.Title, Activities: role.ActivityCodes})
		}
	}
	return list
}

// writeLaunchers leaves in dir what the portal needs to be launched, and the signing keys for trying a launch by hand.
func (r *Region) writeLaunchers(dir string) error {
	if err := pki.WriteKey(filepath.Join(dir, SmartKeyFile), r.smartKey); err != nil {
		return err
	}
	for _, site := range r.Records.Sites {
		name := fmt.Sprintf("epr-%s.key", strings.ToLower(site.ODS))
		if err := pki.WriteKey(filepath.Join(dir, name), r.Records.Key(site.ODS)); err != nil {
			return err
		}
	}
	return writeJSON(filepath.Join(dir, LaunchersFile), r.launchers())
}
