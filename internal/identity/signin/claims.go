package signin

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
	strict "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/oauth2"

	"ribble/internal/identity"
)

// person is who a provider says has signed in, with the roles they may take.
type person struct {
	subject, name, userID string
	profiles              []profile
}

// person reads who signed in, in the way of the provider's kind.
func (p *provider) person(ctx context.Context, found *oidc.Provider, tokens *oauth2.Token, c claims) (person, error) {
	if p.cfg.kind() == CIS2 {
		info, err := p.userInfo(ctx, found, tokens, c.Subject)
		if err != nil {
			return person{}, err
		}
		profiles, err := info.profiles()
		return person{subject: c.Subject, name: info.Name, userID: info.UserID, profiles: profiles}, err
	}
	from := c.all
	if p.cfg.Claims.UserInfo {
		var err error
		if from, err = p.rawUserInfo(ctx, found, tokens, c.Subject); err != nil {
			return person{}, err
		}
	}
	return p.mapped(from, c)
}

// mapped reads the person through the names and rules of the provider's entry.
func (p *provider) mapped(from jsontext.Value, c claims) (person, error) {
	who := person{subject: c.Subject, name: plain(first(from, p.cfg.Claims.Name)), userID: plain(first(from, p.cfg.Claims.UserID))}
	if p.cfg.kind() == Entra {
		// "sub" is another one for each application; the object id is what the organisation knows its user by.
		who.subject = c.ObjectID
	}
	if who.name == "" {
		return person{}, refused(reasonToken, "the claims name nobody")
	}
	if len(values(from, "_claim_names."+p.cfg.Claims.Roles)) > 0 {
		return person{}, refused(reasonRole, "the user is in more groups than a token holds")
	}
	who.profiles = p.translate(values(from, p.cfg.Claims.Roles), p.organisations(from))
	if len(who.profiles) == 0 {
		return person{}, refused(reasonNoRole, "no rule translates the user's roles")
	}
	return who, nil
}

func (p *provider) organisations(from jsontext.Value) []identity.Organisation {
	codes, names := values(from, p.cfg.Claims.Organisation), values(from, p.cfg.Claims.OrganisationName)
	var out []identity.Organisation
	for i, code := range codes {
		o := identity.Organisation{ODS: plain(code), Name: plain(code)}
		if len(names) == len(codes) && plain(names[i]) != "" {
			o.Name = plain(names[i])
		}
		if o.ODS != "" {
			out = append(out, o)
		}
	}
	return out
}

// translate applies the rules to the values a user holds. Each rule and organisation is a role of its own: they are never combined.
func (p *provider) translate(held []string, organisations []identity.Organisation) []profile {
	var out []profile
	for _, rule := range p.cfg.Roles {
		if !slices.Contains(held, rule.Value) {
			continue
		}
		acts := organisations
		if rule.ODS != "" {
			acts = []identity.Organisation{{ODS: rule.ODS, Name: rule.Organisation}}
		}
		for _, o := range acts {
			role := identity.Role{ProfileID: rule.Value + "@" + o.ODS, Code: rule.Code, Name: rule.Name, Activities: rule.Activities}
			if !slices.ContainsFunc(out, func(q profile) bool { return q.Role.ProfileID == role.ProfileID }) {
				out = append(out, profile{Role: role, Organisation: o})
			}
		}
	}
	return out
}

// level is the highest that the token proves by one of the provider's rules; zero when it proves none.
func (p *provider) level(all jsontext.Value) int {
	proved := 0
	for _, rule := range p.cfg.Levels {
		if slices.Contains(values(all, rule.Claim), rule.Value) {
			proved = max(proved, rule.Level)
		}
	}
	return proved
}

// rawUserInfo asks who the user is. The subject must be the ID token's (OpenID Connect Core 1.0, 5.3.2).
func (p *provider) rawUserInfo(ctx context.Context, found *oidc.Provider, tokens *oauth2.Token, subject string) (jsontext.Value, error) {
	answer, err := found.UserInfo(oidc.ClientContext(ctx, p.client), oauth2.StaticTokenSource(tokens))
	if err != nil {
		return nil, refused(reasonUnavailable, "the user information cannot be had")
	}
	var raw json.RawMessage
	var who struct {
		Subject string `json:"sub"`
	}
	if err := errors.Join(answer.Claims(&raw), strict.Unmarshal(raw, &who)); err != nil {
		return nil, refused(reasonToken, "the user information is malformed")
	}
	if who.Subject != subject {
		return nil, refused(reasonToken, "the user information is about someone else")
	}
	return jsontext.Value(raw), nil
}

// first is the one text of a claim; a list of several is none.
func first(from jsontext.Value, path string) string {
	if v := values(from, path); len(v) == 1 {
		return v[0]
	}
	return ""
}

// values gives the texts of a claim that holds one or a list of them; none for anything else. Each dot of the path leads into an object, unless
// the name with its dots is a claim itself (Keycloak and Entra both have names with dots and slashes).
func values(from jsontext.Value, path string) []string {
	var object map[string]jsontext.Value
	if path == "" || from.Kind() != '{' || strict.Unmarshal(from, &object) != nil {
		return nil
	}
	if v, ok := object[path]; ok {
		return texts(v)
	}
	name, rest, nested := strings.Cut(path, ".")
	if !nested {
		return nil
	}
	return values(object[name], rest)
}

func texts(v jsontext.Value) []string {
	var list []string
	switch v.Kind() {
	case '"':
		list = make([]string, 1)
		if strict.Unmarshal(v, &list[0]) != nil || list[0] == "" {
			return nil
		}
	case '[':
		if strict.Unmarshal(v, &list) != nil {
			return nil
		}
	}
	return list
}
