package gpsystem

import (
	"encoding/base64"
	"net/url"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"ribble/internal/sandbox/story"
)

// token checks the cross-organisation audit and provenance JWT (GP Connect 1.6, "Cross Organisation Audit").
type token struct {
	root string
	now  time.Time
}

type tokenHeader struct {
	Alg string `json:"alg"`
	Typ string `json:"typ"`
}

type tokenIdentifier struct {
	System string `json:"system"`
	Value  string `json:"value"`
}

type tokenClaims struct {
	Iss    string `json:"iss"`
	Sub    string `json:"sub"`
	Aud    string `json:"aud"`
	Exp    int64  `json:"exp"`
	Iat    int64  `json:"iat"`
	Reason string `json:"reason_for_request"`
	Scope  string `json:"requested_scope"`
	Device struct {
		Type       string            `json:"resourceType"`
		Identifier []tokenIdentifier `json:"identifier"`
		Model      string            `json:"model"`
		Version    string            `json:"version"`
	} `json:"requesting_device"`
	Organization struct {
		Type       string            `json:"resourceType"`
		Identifier []tokenIdentifier `json:"identifier"`
		Name       string            `json:"name"`
	} `json:"requesting_organization"`
	Practitioner struct {
		Type       string            `json:"resourceType"`
		ID         string            `json:"id"`
		Identifier []tokenIdentifier `json:"identifier"`
		Name       []struct {
			Family string   `json:"family"`
			Given  []string `json:"given"`
		} `json:"name"`
	} `json:"requesting_practitioner"`
}

// check names the first thing wrong with the Authorization header; empty means nothing is.
func (t token) check(authorization string) string {
	raw, ok := strings.CutPrefix(authorization, "Bearer ")
	if !ok {
		return "Authorization must be a bearer token"
	}
	parts := strings.Split(raw, ".")
	switch {
	case len(parts) != 3:
		return "JWT must have three parts; the trailing dot is required"
	case parts[2] != "":
		return "JWT must not be signed"
	}
	var header tokenHeader
	if !decodePart(parts[0], &header) || header.Alg != "none" || header.Typ != "JWT" {
		return "JWT header must be alg none, typ JWT"
	}
	var claims tokenClaims
	if !decodePart(parts[1], &claims) {
		return "JWT payload could not be read"
	}
	return t.claims(&claims)
}

func decodePart(part string, into any) bool {
	raw, err := base64.RawURLEncoding.DecodeString(part)
	return err == nil && json.Unmarshal(raw, into) == nil
}

func (t token) claims(c *tokenClaims) string {
	for _, problem := range []string{t.registered(c), t.times(c), t.purpose(c), t.whence(c), t.who(c)} {
		if problem != "" {
			return problem
		}
	}
	return ""
}

func (t token) registered(c *tokenClaims) string {
	switch {
	case c.Iss == "":
		return "Empty JWT iss claim"
	case c.Aud == "":
		return "Empty JWT aud claim"
	case !t.addressed(c.Aud):
		return "JWT aud claim is not this service root"
	case c.Sub == "" || c.Sub != c.Practitioner.ID:
		return "JWT sub claim must be the requesting practitioner's id"
	}
	return ""
}

// addressed compares the end of the path only: host and prefix differ between proxy and provider.
func (t token) addressed(aud string) bool {
	u, err := url.Parse(aud)
	return err == nil && u.Host != "" && strings.HasSuffix(strings.TrimSuffix(u.Path, "/"), t.root)
}

// skew is how far the consumer's clock may be off.
const skew = time.Minute

func (t token) times(c *tokenClaims) string {
	switch {
	case c.Exp-c.Iat != 300:
		return "JWT exp must be iat plus 300 seconds"
	case time.Unix(c.Iat, 0).After(t.now.Add(skew)):
		return "JWT was issued in the future"
	case time.Unix(c.Exp, 0).Before(t.now.Add(-skew)):
		return "JWT has expired"
	}
	return ""
}

func (t token) purpose(c *tokenClaims) string {
	switch {
	case c.Reason != "directcare":
		return "JWT reason_for_request must be directcare"
	case c.Scope != "patient/*.read":
		return "JWT requested_scope must be patient/*.read"
	}
	return ""
}

func (t token) whence(c *tokenClaims) string {
	switch {
	case c.Device.Type != "Device" || len(c.Device.Identifier) == 0 || c.Device.Model == "" || c.Device.Version == "":
		return "JWT requesting_device is not complete"
	case c.Organization.Type != "Organization" || c.Organization.Name == "":
		return "JWT requesting_organization is not complete"
	case valueIn(c.Organization.Identifier, story.SystemODS) == "":
		return "JWT requesting_organization has no ODS code"
	}
	return ""
}

func (t token) who(c *tokenClaims) string {
	p := &c.Practitioner
	switch {
	case p.Type != "Practitioner" || len(p.Name) == 0 || p.Name[0].Family == "":
		return "JWT requesting_practitioner is not complete"
	case valueIn(p.Identifier, "https://fhir.nhs.uk/Id/sds-user-id") == "":
		return "JWT requesting_practitioner has no SDS user id"
	case valueIn(p.Identifier, "https://fhir.nhs.uk/Id/sds-role-profile-id") == "":
		return "JWT requesting_practitioner has no SDS role profile id"
	case len(p.Identifier) < 3:
		return "JWT requesting_practitioner has no local identifier"
	}
	return ""
}

func valueIn(all []tokenIdentifier, system string) string {
	for _, id := range all {
		if id.System == system {
			return id.Value
		}
	}
	return ""
}
