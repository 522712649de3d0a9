// Package dataquality takes a clinician's report of a problem with an entry to the organisation that supplied it: with the entry's id, and without a word of
// what the entry says.
package dataquality

import (
	"regexp"
	"strings"
	"time"

	"ribble/internal/record"
)

// State is what has become of a report.
type State string

// The states, in their order.
const (
	New      State = "new"
	Seen     State = "seen"
	Answered State = "answered"
)

// States lists every state.
var States = []State{New, Seen, Answered}

// Code is one choice of a list, in words for the page. Only the code is kept: no report holds a word that its user wrote.
type Code struct {
	Code, Words string
	// Grave marks what may be about somebody else: it stands first in the inbox.
	Grave bool
}

// Reasons are what can be wrong with an entry.
var Reasons = []Code{
	{Code: "other-person", Words: "It seems to be about another person", Grave: true},
	{Code: "wrong", Words: "It is wrong: the person, or what I found, says otherwise"},
	{Code: "out-of-date", Words: "It is no longer true"},
	{Code: "missing", Words: "Something is missing that should be there"},
	{Code: "twice", Words: "The same thing is there more than once"},
	{Code: "date", Words: "Its date or its author is wrong"},
	{Code: "unreadable", Words: "It cannot be read or understood"},
	{Code: "ring", Words: "Something else: ring me about it"},
}

// Outcomes are what the organisation can answer.
var Outcomes = []Code{
	{Code: "corrected", Words: "Corrected at the source"},
	{Code: "right", Words: "Looked into: the entry is right as it stands"},
	{Code: "passed-on", Words: "Passed on to who owns the entry"},
	{Code: "rang", Words: "Spoken with whoever reported it"},
	{Code: "cannot", Words: "Cannot be changed at the source"},
}

// find finds a code of a list.
func find(list []Code, code string) (Code, bool) {
	for _, c := range list {
		if c.Code == code {
			return c, true
		}
	}
	return Code{}, false
}

// Words are the words of a code; the code itself where the list has it no more.
func Words(list []Code, code string) string {
	if c, ok := find(list, code); ok {
		return c.Words
	}
	return code
}

// Entry is what a report is about: an entry of a section of a feed, or the section's list as a whole.
type Entry struct {
	Feed string
	// Organisation is the ODS code of whoever supplies it.
	Organisation string
	Section      record.Section
	// List says that it is about the list as a whole. Item is else the entry as the source names it; zero where that name is one that must not be kept.
	List bool
	Item record.ItemKey
	// Retrieved is when the source was asked.
	Retrieved time.Time
}

var (
	typeForm = regexp.MustCompile(`^[A-Za-z]{1,64}$`)
	// idForm is that of a FHIR id, with the mark that sets a contained resource off from its container (FHIR R4 2.24.0.1).
	idForm = regexp.MustCompile(`^[A-Za-z0-9.#-]{1,129}$`)
	digits = regexp.MustCompile(`\d{10}`)
)

// keepable gives the key when it is a name and nothing else: of the form of an id, and without an NHS number in it. A source may make ids of what it likes,
// and nothing of a person is kept here.
func keepable(k record.ItemKey) record.ItemKey {
	if !typeForm.MatchString(k.Type) || !idForm.MatchString(k.ID) {
		return record.ItemKey{}
	}
	for _, run := range windows(k.ID) {
		if _, err := record.ParseNHSNumber(run); err == nil {
			return record.ItemKey{}
		}
	}
	return k
}

// windows are all runs of ten digits in a text.
func windows(text string) []string {
	var out []string
	for i := 0; i+10 <= len(text); i++ {
		if digits.MatchString(text[i : i+10]) {
			out = append(out, text[i:i+10])
		}
	}
	return out
}

// Reporter is who reported, as they were at the time, and how to reach them.
type Reporter struct {
	Issuer, Subject, Name, Role string
	// Organisation is the ODS code, OrganisationName the name.
	Organisation, OrganisationName string
	// Contact is a telephone number or an e-mail address.
	Contact string
}

// Report is one report.
type Report struct {
	// ID was drawn when the form was; Number is its short name for people.
	ID     string
	Number int64
	Entry
	Reason string
	At     time.Time
	// Event is the event of the audit trail that says who reported.
	Event string
	By    Reporter
	State State
	// SeenBy and AnsweredBy are names; Outcome is the answer's code.
	SeenBy, AnsweredBy string
	SeenAt, AnsweredAt time.Time
	Outcome            string
}

// Grave reports whether the entry may be about somebody else.
func (r Report) Grave() bool {
	c, _ := find(Reasons, r.Reason)
	return c.Grave
}

var (
	phone = regexp.MustCompile(`^(0\d{9,10}|\+\d{10,14})((ext|x|bleep)\d{1,6})?$`)
	email = regexp.MustCompile(`^[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,6}$`)
)

const mostContact = 120

// contact gives what was written as a telephone number or an e-mail address; false when it is neither. Nothing else may stand there.
func contact(text string) (string, bool) {
	text = strings.TrimSpace(text)
	if len(text) > mostContact {
		return "", false
	}
	if email.MatchString(text) {
		return text, true
	}
	number := strings.NewReplacer(" ", "", "-", "", "(", "", ")", "", ".", "", ",", "").Replace(strings.ToLower(text))
	return strings.Join(strings.Fields(text), " "), phone.MatchString(number)
}
