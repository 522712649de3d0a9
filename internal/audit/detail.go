package audit

import (
	"log/slog"
	"strings"
	"time"

	"ribble/internal/identity"
	"ribble/internal/record"
)

// Disclosure is a part of a page that is about to be shown.
type Disclosure struct {
	// Sections are those in the part; they must be within the grant.
	Sections record.Sections
	// Sources says what each feed contributes to these sections, silent feeds included.
	Sources []SourceAnswer
	// Sets are the versions of the sensitive code sets by which the answers were cleared.
	Sets []string
	// Provisional is set when a later disclosure of the same sections will replace this one.
	Provisional bool
}

// OpenedDocument is a document that is about to be shown.
type OpenedDocument struct {
	// Feed is the id of the feed it comes from, Organisation the ODS code; Item its id there, of which only a keyed digest is kept.
	Feed, Organisation string
	Item               record.ItemKey
}

// Outcome is how a look ended.
type Outcome struct {
	Ended   Ending
	Sources []SourceAnswer
	// Sets are the versions of the sensitive code sets by which the answers were cleared.
	Sets []string
	// Bytes is how many bytes of the record left for the browser.
	Bytes int
}

// Ending is the way in which a look ended.
type Ending string

// Endings.
const (
	// Complete: every section was sent.
	Complete Ending = "complete"
	// CutOff: the browser went away first.
	CutOff Ending = "cut off"
	// Failed: the portal could not go on.
	Failed Ending = "failed"
	// Withdrawn: what had allowed the look came to an end while it lasted.
	Withdrawn Ending = "withdrawn"
)

// Note is an act outside the steps of a look.
type Note struct {
	// Act is one of those that Trail.Note takes.
	Act Act
	// User is who acted; ignored when Look is given.
	User identity.User
	// Look ties the act to a look, from which user and person are then taken; needed for ActMismatchFound.
	Look Receipt
	// NHSNumber is the number asked about, Terms are the words searched for; either is kept sealed.
	NHSNumber record.NHSNumber
	Terms     Terms
	// Feed is the id of the feed concerned.
	Feed string
	// Reason is a fixed code of the caller's.
	Reason string
	// Found is how many people came back.
	Found int
	// Account is the id of the local account concerned.
	Account string
	// Register is the id of the entry of a register that the act is about.
	Register string
}

// Terms are what a user typed to find a person. They print as nothing, so that no log line can carry them.
type Terms struct {
	Family   string `json:"family,omitempty"`
	Given    string `json:"given,omitempty"`
	Born     string `json:"born,omitempty"`
	Gender   string `json:"gender,omitempty"`
	Postcode string `json:"postcode,omitempty"`
	// Words are what a user wrote as their reason.
	Words string `json:"words,omitempty"`
}

// String hides the terms.
func (Terms) String() string { return "[redacted]" }

// GoString hides the terms from %#v.
func (Terms) GoString() string { return "[redacted]" }

// LogValue hides the terms from structured logs.
func (Terms) LogValue() slog.Value { return slog.StringValue("[redacted]") }

// SourceAnswer is what one feed answered and what is shown of it.
type SourceAnswer struct {
	// Feed is the id of the feed, Organisation the ODS code of whoever answers for it.
	Feed, Organisation string
	State              record.State
	Sections           []SectionAnswer
	// Shown holds the entries of these sections; a disclosure keeps a keyed digest of their ids. It is read, never kept.
	Shown *record.Chart
	// Received and Fates are the account of all that came; zero in a disclosure, which is only about a part.
	Received int
	Fates    [record.NumFates]int
	Took     time.Duration
	// Withheld is what this portal withheld of it, by rule.
	Withheld []Withheld
}

// SectionAnswer is what one feed answered for one section.
type SectionAnswer struct {
	Section record.Section
	State   record.State
	// Count is how many entries are on the page.
	Count int
	// Withheld is how many of the feed's entries this portal withheld.
	Withheld int
}

// Summarise gives what is to be written down about an answer for the given sections: after clearing, so that it counts what is shown. Sections
// that were not asked of the feed are left out.
func Summarise(a *record.Answer, sections record.Sections) SourceAnswer {
	s := SourceAnswer{
		Feed: a.Source.Feed, Organisation: a.Source.Organisation.ODS, State: a.State, Took: a.Took, Shown: &a.Chart,
		Sections: make([]SectionAnswer, 0, sections.Len()),
	}
	for section := range sections.All {
		if a.Coverage[section].State == record.NotAsked {
			continue
		}
		_, rows := a.Chart.Count(section)
		s.Sections = append(s.Sections, SectionAnswer{Section: section, State: a.Coverage[section].State, Count: rows})
	}
	return s
}

// SummariseWhole is Summarise for the outcome: every section, with the account of all that came.
func SummariseWhole(a *record.Answer, sections record.Sections) SourceAnswer {
	s := Summarise(a, sections)
	total := a.Account.Total()
	s.Received, s.Fates = total.Received, total.Fates
	return s
}

// mostRule bounds the name of a rule or a code set, which a deployment's manifest gives.
const mostRule = 100

// sets bounds what is kept of the names of code sets.
func sets(versions []string) []string {
	kept := make([]string, len(versions))
	for i, v := range versions {
		kept[i] = clip(v, mostRule)
	}
	return kept
}

// sources puts answers into the words of the trail. Digests of what is shown belong to disclosures alone: what ends a look repeats nothing of them.
func (t *Trail) sources(answers []SourceAnswer, shown bool) []Source {
	list := make([]Source, len(answers))
	for i := range answers {
		a, s := &answers[i], &list[i]
		*s = Source{Feed: a.Feed, Organisation: a.Organisation, State: a.State.String(), Received: a.Received, TookMillis: a.Took.Milliseconds()}
		if a.Received > 0 {
			s.Fates = a.Fates[:]
		}
		for _, w := range a.Withheld {
			s.Withheld = append(s.Withheld, Withheld{clip(w.Rule, mostRule), w.Count})
		}
		s.Sections = make([]Section, len(a.Sections))
		for k, section := range a.Sections {
			s.Sections[k] = Section{ID: section.Section.ID(), State: section.State.String(), Count: section.Count, Withheld: section.Withheld}
		}
		if shown {
			s.Items = t.keys.shown(a)
		}
	}
	return list
}

func sectionIDs(set record.Sections) []string {
	ids := make([]string, 0, set.Len())
	for s := range set.All {
		ids = append(ids, s.ID())
	}
	return ids
}

func userOf(u identity.User) User {
	const most = 200
	return User{
		Issuer: clip(u.Issuer, most), Subject: clip(u.Subject, most), SDSUserID: clip(u.SDSUserID, most), Name: clip(u.Name, most),
		RoleProfile: clip(u.Role.ProfileID, most), RoleCode: clip(u.Role.Code, most), RoleName: clip(u.Role.Name, most),
		Organisation: clip(u.Organisation.ODS, most), OrganisationName: clip(u.Organisation.Name, most),
		AssuranceLevel: u.AssuranceLevel, Session: clip(u.Session, most),
	}
}

// clip bounds text that comes from outside and takes out what cannot be stored; an event must never fail for what somebody is called.
func clip(text string, most int) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "")
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "")
}

// code keeps fixed codes and nothing else: text that could hold somebody's words or number becomes "other".
func code(reason string) string {
	const most = 64
	if len(reason) > most {
		return "other"
	}
	for _, c := range []byte(reason) {
		if (c < 'a' || c > 'z') && c != '-' && c != '_' && c != ' ' {
			return "other"
		}
	}
	return reason
}
