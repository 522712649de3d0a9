package pds

// The FHIR R4 shapes that PDS sends. Members are in the order of the specification's own examples.

type operationOutcome struct {
	ResourceType string  `json:"resourceType"`
	Issue        []issue `json:"issue"`
}

type issue struct {
	Severity    string  `json:"severity"`
	Code        string  `json:"code"`
	Details     concept `json:"details"`
	Diagnostics string  `json:"diagnostics,omitempty"`
}

type bundle struct {
	ResourceType string  `json:"resourceType"`
	Type         string  `json:"type"`
	Timestamp    string  `json:"timestamp"`
	Total        int     `json:"total"`
	Entry        []entry `json:"entry,omitempty"`
}

type entry struct {
	FullURL  string  `json:"fullUrl"`
	Search   *search `json:"search,omitempty"`
	Resource any     `json:"resource"`
}

type search struct {
	Score float64 `json:"score"`
}

type patient struct {
	ResourceType        string       `json:"resourceType"`
	ID                  string       `json:"id"`
	Identifier          []identifier `json:"identifier"`
	Meta                meta         `json:"meta"`
	Name                []humanName  `json:"name,omitempty"`
	Gender              string       `json:"gender,omitempty"`
	BirthDate           string       `json:"birthDate,omitempty"`
	Deceased            string       `json:"deceasedDateTime,omitempty"`
	Address             []address    `json:"address,omitempty"`
	Telecom             []telecom    `json:"telecom,omitempty"`
	Contact             []contact    `json:"contact,omitempty"`
	GeneralPractitioner []reference  `json:"generalPractitioner,omitempty"`
	Extension           []extension  `json:"extension,omitempty"`
}

type relatedPerson struct {
	ResourceType string      `json:"resourceType"`
	ID           string      `json:"id"`
	Patient      reference   `json:"patient"`
	Active       bool        `json:"active"`
	Name         []humanName `json:"name,omitempty"`
	Relationship []concept   `json:"relationship,omitempty"`
	Telecom      []telecom   `json:"telecom,omitempty"`
	Address      []address   `json:"address,omitempty"`
	Period       *period     `json:"period,omitempty"`
}

type meta struct {
	VersionID string   `json:"versionId"`
	Security  []coding `json:"security"`
}

type identifier struct {
	Extension []extension `json:"extension,omitempty"`
	System    string      `json:"system,omitempty"`
	Value     string      `json:"value,omitempty"`
	Period    *period     `json:"period,omitempty"`
}

type humanName struct {
	ID     string   `json:"id"`
	Use    string   `json:"use"`
	Period *period  `json:"period,omitempty"`
	Given  []string `json:"given,omitempty"`
	Family string   `json:"family,omitempty"`
	Prefix []string `json:"prefix,omitempty"`
}

type address struct {
	ID         string   `json:"id"`
	Use        string   `json:"use"`
	Period     *period  `json:"period,omitempty"`
	Line       []string `json:"line,omitempty"`
	PostalCode string   `json:"postalCode,omitempty"`
}

type telecom struct {
	ID     string  `json:"id,omitempty"`
	Period *period `json:"period,omitempty"`
	System string  `json:"system"`
	Value  string  `json:"value"`
	Use    string  `json:"use,omitempty"`
}

type contact struct {
	ID           string    `json:"id"`
	Relationship []concept `json:"relationship,omitempty"`
	Telecom      []telecom `json:"telecom,omitempty"`
}

type reference struct {
	ID         string      `json:"id,omitempty"`
	Type       string      `json:"type,omitempty"`
	Identifier *identifier `json:"identifier,omitempty"`
}

type period struct {
	Start string `json:"start,omitempty"`
	End   string `json:"end,omitempty"`
}

type concept struct {
	Coding []coding `json:"coding,omitempty"`
	Text   string   `json:"text,omitempty"`
}

type coding struct {
	System  string `json:"system,omitempty"`
	Version string `json:"version,omitempty"`
	Code    string `json:"code,omitempty"`
	Display string `json:"display,omitempty"`
}

type extension struct {
	URL             string      `json:"url"`
	Extension       []extension `json:"extension,omitempty"`
	CodeableConcept *concept    `json:"valueCodeableConcept,omitempty"`
	Coding          *coding     `json:"valueCoding,omitempty"`
	String          string      `json:"valueString,omitempty"`
	DateTime        string      `json:"valueDateTime,omitempty"`
	Boolean         *bool       `json:"valueBoolean,omitempty"`
}
