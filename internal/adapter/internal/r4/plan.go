package r4

import "ribble/internal/adapter/internal/fhirjson"

// CarePlan is FHIR R4 CarePlan.
type CarePlan struct {
	Header
	Identifier     []Identifier       `json:"identifier"`
	Status         string             `json:"status"`
	Intent         string             `json:"intent"`
	Category       []CodeableConcept  `json:"category"`
	Title          string             `json:"title"`
	Description    string             `json:"description"`
	Subject        Reference          `json:"subject"`
	Encounter      *Reference         `json:"encounter"`
	Period         Period             `json:"period"`
	Created        string             `json:"created"`
	Author         *Reference         `json:"author"`
	Contributor    []Reference        `json:"contributor"`
	CareTeam       []Reference        `json:"careTeam"`
	Addresses      []Reference        `json:"addresses"`
	SupportingInfo []Reference        `json:"supportingInfo"`
	Goal           []Reference        `json:"goal"`
	Activity       []CarePlanActivity `json:"activity"`
	Note           []Annotation       `json:"note"`
}

// CarePlanActivity is CarePlan.activity.
type CarePlanActivity struct {
	OutcomeCodeableConcept []CodeableConcept `json:"outcomeCodeableConcept"`
	Progress               []Annotation      `json:"progress"`
	Reference              *Reference        `json:"reference"`
	Detail                 *ActivityDetail   `json:"detail"`
}

// ActivityDetail is CarePlan.activity.detail.
type ActivityDetail struct {
	Code            CodeableConcept `json:"code"`
	Status          string          `json:"status"`
	DoNotPerform    bool            `json:"doNotPerform"`
	ScheduledString string          `json:"scheduledString"`
	ScheduledPeriod *Period         `json:"scheduledPeriod"`
	Description     string          `json:"description"`
}

// Goal is FHIR R4 Goal.
type Goal struct {
	Header
	Identifier        []Identifier      `json:"identifier"`
	LifecycleStatus   string            `json:"lifecycleStatus"`
	AchievementStatus CodeableConcept   `json:"achievementStatus"`
	Category          []CodeableConcept `json:"category"`
	Description       CodeableConcept   `json:"description"`
	Subject           Reference         `json:"subject"`
	StartDate         string            `json:"startDate"`
	StatusDate        string            `json:"statusDate"`
	ExpressedBy       *Reference        `json:"expressedBy"`
	Note              []Annotation      `json:"note"`
	Target            []GoalTarget      `json:"target"`
}

// GoalTarget is Goal.target.
type GoalTarget struct {
	DueDate      string           `json:"dueDate"`
	DetailString string           `json:"detailString"`
	Measure      *CodeableConcept `json:"measure"`
}

// QuestionnaireResponse is FHIR R4 QuestionnaireResponse.
type QuestionnaireResponse struct {
	Header
	Identifier    *Identifier         `json:"identifier"`
	Questionnaire string              `json:"questionnaire"`
	Status        string              `json:"status"`
	Subject       *Reference          `json:"subject"`
	Encounter     *Reference          `json:"encounter"`
	Authored      string              `json:"authored"`
	Author        *Reference          `json:"author"`
	Source        *Reference          `json:"source"`
	Item          []QuestionnaireItem `json:"item"`
}

// QuestionnaireItem is one question, or group of questions, with its answers.
type QuestionnaireItem struct {
	LinkID string                `json:"linkId"`
	Text   string                `json:"text"`
	Code   []Coding              `json:"code"`
	Answer []QuestionnaireAnswer `json:"answer"`
	Item   []QuestionnaireItem   `json:"item"`
}

// QuestionnaireAnswer is QuestionnaireResponse.item.answer.
type QuestionnaireAnswer struct {
	ValueBoolean    *bool               `json:"valueBoolean"`
	ValueDecimal    fhirjson.Decimal    `json:"valueDecimal"`
	ValueInteger    fhirjson.Decimal    `json:"valueInteger"`
	ValueDate       string              `json:"valueDate"`
	ValueDateTime   string              `json:"valueDateTime"`
	ValueTime       string              `json:"valueTime"`
	ValueString     string              `json:"valueString"`
	ValueURI        string              `json:"valueUri"`
	ValueAttachment *Attachment         `json:"valueAttachment"`
	ValueCoding     *Coding             `json:"valueCoding"`
	ValueQuantity   *Quantity           `json:"valueQuantity"`
	ValueReference  *Reference          `json:"valueReference"`
	Item            []QuestionnaireItem `json:"item"`
}

// Flag is FHIR R4 Flag (UKCore-Flag, Interweave-Flag).
type Flag struct {
	Header
	Identifier []Identifier      `json:"identifier"`
	Status     string            `json:"status"`
	Category   []CodeableConcept `json:"category"`
	Code       CodeableConcept   `json:"code"`
	Subject    Reference         `json:"subject"`
	Period     Period            `json:"period"`
	Encounter  *Reference        `json:"encounter"`
	Author     *Reference        `json:"author"`
}

// Consent is FHIR R4 Consent.
type Consent struct {
	Header
	Identifier       []Identifier      `json:"identifier"`
	Status           string            `json:"status"`
	Scope            CodeableConcept   `json:"scope"`
	Category         []CodeableConcept `json:"category"`
	Patient          *Reference        `json:"patient"`
	DateTime         string            `json:"dateTime"`
	Performer        []Reference       `json:"performer"`
	Organization     []Reference       `json:"organization"`
	SourceAttachment *Attachment       `json:"sourceAttachment"`
	SourceReference  *Reference        `json:"sourceReference"`
	PolicyRule       *CodeableConcept  `json:"policyRule"`
	Provision        *Provision        `json:"provision"`
}

// Provision is Consent.provision.
type Provision struct {
	Type   string            `json:"type"`
	Period Period            `json:"period"`
	Code   []CodeableConcept `json:"code"`
	Actor  []ConsentActor    `json:"actor"`
}

// ConsentActor is Consent.provision.actor.
type ConsentActor struct {
	Role      CodeableConcept `json:"role"`
	Reference Reference       `json:"reference"`
}

// CareTeam is FHIR R4 CareTeam.
type CareTeam struct {
	Header
	Identifier           []Identifier      `json:"identifier"`
	Status               string            `json:"status"`
	Category             []CodeableConcept `json:"category"`
	Name                 string            `json:"name"`
	Subject              *Reference        `json:"subject"`
	Encounter            *Reference        `json:"encounter"`
	Period               Period            `json:"period"`
	Participant          []TeamMember      `json:"participant"`
	ManagingOrganization []Reference       `json:"managingOrganization"`
	Telecom              []ContactPoint    `json:"telecom"`
	Note                 []Annotation      `json:"note"`
}

// TeamMember is CareTeam.participant.
type TeamMember struct {
	Role       []CodeableConcept `json:"role"`
	Member     *Reference        `json:"member"`
	OnBehalfOf *Reference        `json:"onBehalfOf"`
	Period     Period            `json:"period"`
}
