package config

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
)

// Launcher is one system that may open Ribble with a person in context, as an entry of the JSON list in RIBBLE_LAUNCHERS.
type Launcher struct {
	// ID names the launcher in the log: lower-case letters, digits and hyphens. Name is what users call the system.
	ID   string `json:"id"`
	Name string `json:"name"`
	// Issuer is compared character by character with "iss": of a signed launch, or of a SMART launch (the FHIR base URL).
	Issuer string `json:"issuer"`
	// Organisation is the one for which the system speaks.
	Organisation LaunchOrganisation `json:"organisation"`
	// Level is the authentication assurance level that a sign-in at this system is worth (1 to 3; a record needs 2).
	Level int `json:"assurance_level"`
	// Activities are the RBAC activities that the organisation's launched users may have at most.
	Activities []string `json:"activities"`
	// Roles turns the system's own role profiles into national roles; profile "*" stands for every other.
	Roles []LaunchRole `json:"roles"`
	// Algorithms are those a token may be signed with: RS256, PS256 or ES256.
	Algorithms []string `json:"algorithms"`
	// KeysFile holds the JWK set of the system, KeysURL is where it is fetched: one of the two.
	KeysFile string `json:"jwks_file,omitzero"`
	KeysURL  string `json:"jwks_url,omitzero"`
	// CAFile pins the authority of what is asked of the system; empty means the computer's own list.
	CAFile string `json:"ca_file,omitzero"`
	// Smart is given for SMART App Launch, and left out for signed launches.
	Smart *SmartClient `json:"smart,omitzero"`

	// Keys and Roots are what KeysFile and CAFile hold.
	Keys  []byte    `json:"-"`
	Roots Authority `json:"-"`
}

// LaunchOrganisation is whose system it is.
type LaunchOrganisation struct {
	ODS  string `json:"ods"`
	Name string `json:"name"`
}

// LaunchRole is one row of the table of roles.
type LaunchRole struct {
	Profile    string   `json:"profile"`
	Code       string   `json:"code"`
	Name       string   `json:"name"`
	Activities []string `json:"activities"`
}

// SmartClient is how Ribble is known to a SMART system.
type SmartClient struct {
	ClientID string `json:"client_id"`
	// OpenIDIssuer is the "iss" of its ID tokens, where that is not the FHIR base URL.
	OpenIDIssuer string `json:"openid_issuer,omitzero"`
	// KeyFile signs our client assertions; KeyID names it; KeyAlgorithm is RS384 or ES384.
	KeyFile      string `json:"key_file"`
	KeyID        string `json:"key_id"`
	KeyAlgorithm string `json:"key_algorithm"`

	// Key is what KeyFile holds.
	Key SigningKey `json:"-"`
}

var launchAlgorithms = []string{"RS256", "PS256", "ES256"}

var activity = regexp.MustCompile(`^B[0-9]{4}$`)

func (l *loader) launchers(path string) []Launcher {
	raw, err := os.ReadFile(path)
	if err != nil {
		l.problem("the file cannot be read")
		return nil
	}
	var list []Launcher
	if err := json.Unmarshal(raw, &list, json.RejectUnknownMembers(true)); err != nil {
		l.problem("the file is not a JSON list of launchers with known members only")
		return nil
	}
	for i := range list {
		l.launcher(&list[i], fmt.Sprintf("launcher %d", i+1))
		same := func(o Launcher) bool {
			return o.ID == list[i].ID || o.Issuer == list[i].Issuer && (o.Smart == nil) == (list[i].Smart == nil)
		}
		if slices.ContainsFunc(list[:i], same) {
			l.problem("launcher %d: its id and issuer must differ from every other's", i+1)
		}
	}
	return list
}

func (l *loader) launcher(c *Launcher, at string) {
	for _, fault := range []struct {
		is   bool
		text string
	}{
		{!providerID.MatchString(c.ID), "id must be lower-case letters, digits and hyphens"},
		{c.Name == "", "name is missing"},
		{!plainAddress(c.Issuer), "issuer must be an https address without a slash at its end (http only on loopback)"},
		{!odsCode.MatchString(c.Organisation.ODS) || c.Organisation.Name == "", "organisation must have an ODS code and a name"},
		{c.Level < 1 || c.Level > 3, "assurance_level must be 1, 2 or 3"},
		{len(c.Roles) == 0, "roles must map at least one profile"},
		{len(c.Algorithms) == 0 || slices.ContainsFunc(c.Algorithms, func(a string) bool { return !slices.Contains(launchAlgorithms, a) }), "algorithms may be RS256, PS256 and ES256"},
		{(c.KeysFile == "") == (c.KeysURL == ""), "exactly one of jwks_file and jwks_url must be given"},
		{c.KeysURL != "" && !plainAddress(c.KeysURL), "jwks_url must be an https address (http only on loopback)"},
		{slices.ContainsFunc(c.Activities, notActivity), "activities must be codes such as B0360"},
	} {
		if fault.is {
			l.problem("%s: %s", at, fault.text)
		}
	}
	for i, r := range c.Roles {
		if r.Profile == "" || r.Name == "" || slices.ContainsFunc(r.Activities, notActivity) {
			l.problem("%s: role %d must have a profile, a name and activities such as B0360", at, i+1)
		}
	}
	l.launcherFiles(c, at)
}

// launcherFiles reads what the entry names.
func (l *loader) launcherFiles(c *Launcher, at string) {
	if c.CAFile != "" {
		c.Roots = l.authority(c.CAFile)
	}
	if c.KeysFile != "" {
		raw, err := os.ReadFile(c.KeysFile)
		if err != nil || len(raw) > maxFile {
			l.problem("%s: jwks_file cannot be read", at)
		}
		c.Keys = raw
	}
	if c.Smart == nil {
		return
	}
	if c.Smart.ClientID == "" || c.Smart.KeyID == "" {
		l.problem("%s: smart needs client_id and key_id", at)
	}
	var err error
	if c.Smart.Key.signer, err = signer(l.secretText(c.Smart.KeyFile)); err != nil || !fitsSmart(c.Smart.Key.signer, c.Smart.KeyAlgorithm) {
		l.problem("%s: smart key_file must hold a PEM private key of at least 2048 bits for RS384, or on P-384 for ES384", at)
	}
}

func notActivity(code string) bool { return !activity.MatchString(code) }

// plainAddress says whether an address may be compared and asked: secure, no query, no slash at its end.
func plainAddress(address string) bool {
	u, err := url.Parse(address)
	return err == nil && safeURL(u) && u.RawQuery == "" && !strings.HasSuffix(address, "/")
}

func fitsSmart(key crypto.Signer, algorithm string) bool {
	switch k := key.(type) {
	case *rsa.PrivateKey:
		return algorithm == "RS384" && k.N.BitLen() >= 2048
	case *ecdsa.PrivateKey:
		return algorithm == "ES384" && k.Curve == elliptic.P384()
	default:
		return false
	}
}
