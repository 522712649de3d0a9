package directory

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// agreementEntry is an agreement as its entry has it.
type agreementEntry struct {
	ID        string         `json:"id"`
	Title     string         `json:"title"`
	Reference string         `json:"reference"`
	Purpose   string         `json:"purpose"`
	Parties   []string       `json:"parties"`
	SignedBy  string         `json:"signed_by"`
	From      string         `json:"from"`
	Until     string         `json:"until"`
	Impact    signedEntry    `json:"dpia"`
	Flows     []flowEntry    `json:"flows"`
	Unknown   jsontext.Value `json:",embed"`
}

type flowEntry struct {
	ID       string         `json:"id"`
	Purpose  string         `json:"purpose"`
	Sections []string       `json:"sections"`
	Unknown  jsontext.Value `json:",embed"`
}

type signedEntry struct {
	Reference string         `json:"reference"`
	By        string         `json:"by"`
	Until     string         `json:"until"`
	Unknown   jsontext.Value `json:",embed"`
}

func (l *loader) agreement(place string, raw jsontext.Value) {
	var e agreementEntry
	if !l.decode(place, raw, &e) {
		return
	}
	place = labelled(place, e.ID)
	l.unknown(place, e.Unknown)
	switch {
	case !idForm.MatchString(e.ID):
		l.say(place+".id", "must be letters, digits, dots, hyphens and underscores")
	case l.agreements[e.ID] != nil:
		l.say(place+".id", "the same agreement twice")
	}
	for _, m := range [...]struct{ name, value string }{{"title", e.Title}, {"from", e.From}, {"until", e.Until}} {
		if strings.TrimSpace(m.value) == "" {
			l.say(join(place, m.name), "must be given")
		}
	}
	a := &Agreement{
		ID: e.ID, Title: e.Title, Reference: e.Reference, Purpose: e.Purpose, Parties: e.Parties, SignedBy: e.SignedBy,
		From: l.day(place+".from", e.From), Until: l.day(place+".until", e.Until), Impact: l.signed(place+".dpia", e.Impact),
	}
	if !a.From.IsZero() && !a.Until.IsZero() && a.Until.Before(a.From) {
		l.say(place+".until", "must not lie before its first day")
	}
	l.parties(place, a)
	a.Flows = l.flows(place, e.Flows)
	l.agreements[e.ID] = a
	l.snapshot.agreements = append(l.snapshot.agreements, a)
}

func (l *loader) parties(place string, a *Agreement) {
	a.binds = make(map[string]bool, len(a.Parties))
	for i, ods := range a.Parties {
		at := fmt.Sprintf("%s.parties[%d]", place, i)
		switch {
		case l.snapshot.members[ods] == nil:
			l.say(at, "is not among the organisations")
		case a.binds[ods]:
			l.say(at, "the same organisation twice")
		}
		a.binds[ods] = true
	}
}

func (l *loader) flows(place string, entries []flowEntry) []Flow {
	flows, seen := make([]Flow, len(entries)), map[string]bool{}
	for i, e := range entries {
		at := fmt.Sprintf("%s.flows[%d]", place, i)
		l.unknown(at, e.Unknown)
		if !idForm.MatchString(e.ID) || seen[e.ID] {
			l.say(at+".id", "must be letters, digits, dots, hyphens and underscores, and not given before")
		}
		if len(e.Sections) == 0 {
			l.say(at+".sections", "at least one section must be given")
		}
		seen[e.ID] = true
		flows[i] = Flow{e.ID, e.Purpose, l.sections(at+".sections", e.Sections)}
	}
	return flows
}

// signed reads a signed document.
func (l *loader) signed(place string, e signedEntry) Assessment {
	l.unknown(place, e.Unknown)
	return Assessment{e.Reference, e.By, l.day(place+".until", e.Until)}
}
