// Package socialcare asks councils: FHIR R4 servers with the social-care shapes of the Interweave guides.
package socialcare

import (
	"net/url"

	"ribble/internal/adapter/internal/r4feed"
	"ribble/internal/record"
)

// Config is what a feed's agreement says about it. Declared is filled here: it is the same for every council.
type Config = r4feed.Config

// Source is one council's feed. It answers Ref, Supplies, Ask and Document.
type Source struct{ *r4feed.Feed }

// New makes a source. It asks nothing yet.
func New(cfg Config) Source {
	cfg.Declared = declared
	return Source{r4feed.New(cfg, plan)}
}

// declared is what councils use these resource types for, whether or not an entry claims its profile (Interweave; section 17 of the section catalogue).
var declared = map[string]record.Section{
	"EpisodeOfCare": record.SocialCare, "Condition": record.SocialCare, "Task": record.SocialCare, "ServiceRequest": record.SocialCare,
	"DeviceRequest": record.SocialCare,
}

func include(values ...string) url.Values { return url.Values{"_include": values} }

// plan asks each resource type once (section 24 of the section catalogue).
var plan = []r4feed.Search{
	{Type: "EpisodeOfCare", Feeds: record.SectionsOf(record.SocialCare), Params: include("EpisodeOfCare:organization", "EpisodeOfCare:care-manager")},
	{Type: "Condition", Feeds: record.SectionsOf(record.SocialCare, record.AboutMe, record.Problems)},
	{Type: "Task", Feeds: record.SectionsOf(record.SocialCare), Params: include("Task:owner")},
	{Type: "ServiceRequest", Feeds: record.SectionsOf(record.SocialCare)},
	{Type: "DeviceRequest", Feeds: record.SectionsOf(record.SocialCare)},
	{Type: "Flag", Feeds: record.SectionsOf(record.Alerts, record.Legal, record.AboutMe), Params: include("Flag:author")},
	{Type: "RelatedPerson", Feeds: record.SectionsOf(record.Network, record.Legal)},
	{Type: "CareTeam", Feeds: record.SectionsOf(record.Network), Params: include("CareTeam:participant")},
	{Type: "Consent", Feeds: record.SectionsOf(record.Legal)},
	{Type: "CarePlan", Feeds: record.SectionsOf(record.Plans)},
	{Type: "QuestionnaireResponse", Feeds: record.SectionsOf(record.Plans, record.AboutMe)},
	{Type: "Appointment", Feeds: record.SectionsOf(record.Appointments), Within: 90, Since: "date"},
	{Type: "DocumentReference", Feeds: record.SectionsOf(record.Documents, record.Plans), Params: include("DocumentReference:author")},
}
