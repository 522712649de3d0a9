package gpconnect

import (
	"encoding/base64"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"ribble/internal/record"
)

// tokenLife is how long a token is valid; there is a new one for every request.
const tokenLife = 5 * time.Minute

// Device is this product, as it names itself to practices.
type Device struct {
	// System and Value identify the installation.
	System, Value  string
	Model, Version string
}

type identifier struct {
	System string `json:"system"`
	Value  string `json:"value"`
}

type claims struct {
	Issuer       string       `json:"iss"`
	Subject      string       `json:"sub"`
	Audience     string       `json:"aud"`
	Expires      int64        `json:"exp"`
	Issued       int64        `json:"iat"`
	Reason       string       `json:"reason_for_request"`
	Scope        string       `json:"requested_scope"`
	Device       device       `json:"requesting_device"`
	Organisation organisation `json:"requesting_organization"`
	Practitioner practitioner `json:"requesting_practitioner"`
}

type device struct {
	ResourceType string       `json:"resourceType"`
	Identifier   []identifier `json:"identifier"`
	Model        string       `json:"model"`
	Version      string       `json:"version"`
}

type organisation struct {
	ResourceType string       `json:"resourceType"`
	Identifier   []identifier `json:"identifier"`
	Name         string       `json:"name"`
}

type practitioner struct {
	ResourceType string       `json:"resourceType"`
	ID           string       `json:"id"`
	Identifier   []identifier `json:"identifier"`
	Name         []humanName  `json:"name"`
}

type humanName struct {
	Family string   `json:"family"`
	Given  []string `json:"given,omitempty"`
	Prefix []string `json:"prefix,omitempty"`
}

// unsigned is the token of one request (GP Connect 1.6, cross-organisation audit and provenance): it tells the practice who asks and
// why, and proves nothing; mutual TLS does. It has no signature but must end in a dot. This package can make such a token and cannot
// read one, so that an unsigned token can never be taken for proof here.
func unsigned(by record.Requester, from Device, issuer, audience string, at time.Time) (string, error) {
	user, role := by.SDSUserID, by.RoleProfileID
	if user == "" {
		// Without a smartcard there is no national role profile either, whatever ours is called.
		user, role = by.UserID, ""
	}
	body, err := json.Marshal(claims{
		Issuer: issuer, Subject: user, Audience: audience, Issued: at.Unix(), Expires: at.Add(tokenLife).Unix(),
		Reason: "directcare", Scope: "patient/*.read",
		Device: device{ResourceType: "Device", Identifier: []identifier{{from.System, from.Value}}, Model: from.Model, Version: from.Version},
		Organisation: organisation{
			ResourceType: "Organization", Identifier: []identifier{{record.ODSCodeSystem, by.Organisation.ODS}}, Name: by.Organisation.Name,
		},
		Practitioner: practitioner{
			ResourceType: "Practitioner", ID: user, Name: []humanName{nameParts(by.Name, user)},
			Identifier: []identifier{
				{"https://fhir.nhs.uk/Id/sds-user-id", orUnknown(by.SDSUserID)},
				{"https://fhir.nhs.uk/Id/sds-role-profile-id", orUnknown(role)},
				{strings.TrimSuffix(issuer, "/") + "/Id/user", user},
			},
		},
	})
	if err != nil {
		return "", err
	}
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + encode(body) + ".", nil
}

// orUnknown is "UNK" for what a user without a smartcard does not have.
func orUnknown(id string) string {
	if id == "" {
		return "UNK"
	}
	return id
}

// nameParts splits a name as it is shown into the parts the token must have. Whoever has none is named by their id: practices refuse a token without.
func nameParts(name, id string) humanName {
	n := record.StaffName(name)
	if n.Family == "" {
		return humanName{Family: id}
	}
	return humanName{Family: n.Family, Given: n.Given, Prefix: n.Prefix}
}
