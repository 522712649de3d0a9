package signin

import (
	"context"
	"strings"
	"unicode"

	"github.com/coreos/go-oidc/v3/oidc"
	strict "github.com/go-json-experiment/json"
	"golang.org/x/oauth2"

	"ribble/internal/identity"
)

// userInfo is the part of the CIS2 user information that this service acts on.
type userInfo struct {
	UserID string     `json:"nhsid_useruid"`
	Name   string     `json:"name"`
	Roles  []nrbac    `json:"nhsid_nrbac_roles"`
	Orgs   []employer `json:"nhsid_user_orgs"`
}

// nrbac is one role profile of the national role-based access control.
type nrbac struct {
	ProfileID  string   `json:"person_roleid"`
	Code       string   `json:"role_code"`
	Name       string   `json:"role_name"`
	ODS        string   `json:"org_code"`
	Activities []string `json:"activity_codes"`
}

type employer struct {
	ODS  string `json:"org_code"`
	Name string `json:"org_name"`
}

// profile is one role that the user may take, with its organisation.
type profile struct {
	Role         identity.Role         `json:"r"`
	Organisation identity.Organisation `json:"o"`
}

// userInfo asks who the user is, in the shape of CIS2.
func (p *provider) userInfo(ctx context.Context, found *oidc.Provider, tokens *oauth2.Token, subject string) (userInfo, error) {
	raw, err := p.rawUserInfo(ctx, found, tokens, subject)
	if err != nil {
		return userInfo{}, err
	}
	var info userInfo
	if strict.Unmarshal(raw, &info) != nil {
		return userInfo{}, refused(reasonToken, "the user information is malformed")
	}
	if info.Name = plain(info.Name); info.Name == "" {
		return userInfo{}, refused(reasonToken, "the user information names nobody")
	}
	return info, nil
}

// profiles turns the national roles into ours. Two with one id would make the selection ambiguous: all are refused.
func (u userInfo) profiles() ([]profile, error) {
	seen := map[string]bool{}
	var out []profile
	for _, r := range u.Roles {
		if r.ProfileID == "" || r.ODS == "" || seen[r.ProfileID] {
			return nil, refused(reasonRole, "the user's roles are ambiguous")
		}
		seen[r.ProfileID] = true
		out = append(out, profile{
			Role:         identity.Role{ProfileID: r.ProfileID, Code: lastOf(r.Code), Name: plain(lastOf(r.Name)), Activities: r.Activities},
			Organisation: identity.Organisation{ODS: r.ODS, Name: u.organisation(r.ODS)},
		})
	}
	if len(out) == 0 {
		return nil, refused(reasonNoRole, "the user has no role")
	}
	return out, nil
}

func (u userInfo) organisation(ods string) string {
	for _, o := range u.Orgs {
		if o.ODS == ods && plain(o.Name) != "" {
			return plain(o.Name)
		}
	}
	return ods
}

// selected finds the role that the identity service says the user picked: exactly that one or none. Without a selection, a
// single role is taken and of several the user must choose (ok is false).
func selected(profiles []profile, id string) (_ profile, ok bool, _ error) {
	if id == "" {
		return profiles[0], len(profiles) == 1, nil
	}
	for _, p := range profiles {
		if p.Role.ProfileID == id {
			return p, true, nil
		}
	}
	return profile{}, false, refused(reasonRole, "the selected role is not one of the user's")
}

// lastOf gives the last part of a national triple: R8000 of "S8000:G8000:R8000", and the words of the role name likewise,
// whose parts may stand in quotes.
func lastOf(triple string) string {
	return strings.Trim(triple[strings.LastIndex(triple, ":")+1:], `" `)
}

// plain makes a name from outside fit for a page, a log of sign-ins and a header: one line, bounded, no control or
// direction characters.
func plain(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar {
			return ' '
		}
		return r
	}, name)
	name = strings.Join(strings.Fields(name), " ")
	if runes := []rune(name); len(runes) > 200 {
		return string(runes[:200])
	}
	return name
}
