// Package access decides who may open what: one table of rules over pure facts, a Grant when every rule is content, a Refusal with its reason when one is not.
package access

import (
	"time"

	"ribble/internal/identity"
	"ribble/internal/oversight"
	"ribble/internal/record"
	"ribble/internal/relationship"
)

// Purpose is why a record is opened. The zero Purpose is none and is refused.
type Purpose uint8

// Purposes.
const (
	_ Purpose = iota
	// DirectCare is the care of the person by the user.
	DirectCare
	// RelationshipCheck is one question to the user's own organisation: what it has to do with the person. Nothing of the answer is shown.
	RelationshipCheck
	// ConnectionCheck is a question to one source about an agreed test person: whether it answers as it should. Nothing of the answer is shown.
	ConnectionCheck
)

// checkSections are those that can tell what an organisation has to do with a person.
var checkSections = record.SectionsOf(record.Encounters, record.Appointments, record.Referrals)

// String is the purpose as it stands in the audit trail and on the page.
func (p Purpose) String() string {
	switch p {
	case DirectCare:
		return "direct care"
	case RelationshipCheck:
		return "relationship check"
	case ConnectionCheck:
		return "connection check"
	}
	return "no purpose"
}

// Request is everything a decision rests on. Decisions are pure: they read nothing else.
type Request struct {
	User    identity.User
	Person  record.Person
	Purpose Purpose
	// Born is the date of birth that a launching system gave for the person; zero where none launched.
	Born record.PartialDate
	// Facts are what the registers say of the person and the user.
	Facts Facts
	// Profiles is the table of rights; nil is the shipped one.
	Profiles *Profiles
	At       time.Time
}

// override is the emergency access under which the user looks; zero when none is in force. It counts only while the user may have it at all.
func (q Request) override() Override {
	o := q.Facts.Override
	if !o.InForce(q.User.Organisation.ODS, q.At) || !q.Facts.OfficerNamed || !q.Profiles.Holds(q.User, BreakGlass) {
		return Override{}
	}
	return o
}

// overridden reports whether emergency access is in force.
func (q Request) overridden() bool { return q.override().ID != "" }

// relationship is the best evidence of a relationship: of the registers, or of the trace itself.
func (q Request) relationship() (relationship.Evidence, bool) {
	all := q.Facts.Relationships
	if registered, ok := relationship.Registration(q.Person); ok {
		all = append(all[:len(all):len(all)], registered)
	}
	return relationship.Strongest(all, q.User.Organisation.ODS, q.At)
}

// reasoned reports whether the user has given a reason of their own that still holds.
func (q Request) reasoned() bool {
	for _, e := range q.Facts.Relationships {
		if e.Kind == relationship.SelfClaimed && e.Holds(q.User.Organisation.ODS, q.At) {
			return true
		}
	}
	return q.overridden()
}

// barred are the sections that the person does not want the user's organisation to see, which emergency access opens.
func (q Request) barred() record.Sections {
	if q.overridden() {
		return 0
	}
	return q.Facts.Consent.Bars(q.User.Organisation.ODS, q.At)
}

// sections are what the user may see of the person, or, for a check, what is asked for.
func (q Request) sections() record.Sections {
	switch q.Purpose {
	case RelationshipCheck:
		return checkSections &^ q.barred()
	case ConnectionCheck:
		return record.AllSections
	}
	return q.Profiles.Sections(q.User) &^ q.barred()
}

// alerts are what the Privacy Officer of the user's organisation is told of an attempt, refused or not. Claims, emergency access and answers to
// the permission question raise theirs where they are entered.
func (q Request) alerts() []oversight.Kind {
	if q.User.IsZero() || q.User.Organisation.ODS == "" || q.Person.NHSNumber.IsZero() {
		return nil
	}
	var kinds []oversight.Kind
	for _, k := range [...]struct {
		applies bool
		kind    oversight.Kind
	}{
		{q.Facts.Watched.OwnRecord, oversight.OwnRecord}, {q.Facts.Watched.Listed, oversight.Listed}, {q.Facts.Watched.Colleague, oversight.Colleague},
		{q.Person.Restricted, oversight.Restricted},
	} {
		if k.applies {
			kinds = append(kinds, k.kind)
		}
	}
	return kinds
}

// Grant is the proof that Decide allowed this user to open this person's record for this purpose. Its fields are unexported, so that no other
// package can make one; the zero Grant is refused by whoever consumes it.
type Grant struct {
	request  Request
	rights   rightSet
	sections record.Sections
	barred   record.Sections
	evidence relationship.Evidence
	override Override
	reasons  []string
}

// Valid reports whether the grant came from Decide.
func (g Grant) Valid() bool { return g.sections != 0 && !g.request.User.IsZero() }

// User is who was allowed.
func (g Grant) User() identity.User { return g.request.User }

// Person is whose record it is; every later step takes the person from here.
func (g Grant) Person() record.Person { return g.request.Person }

// Purpose is what for.
func (g Grant) Purpose() Purpose { return g.request.Purpose }

// Sections are the sections that the user's role may see; the others are not even asked for.
func (g Grant) Sections() record.Sections { return g.sections }

// Holds reports whether the user's role has the right.
func (g Grant) Holds(r Right) bool { return g.rights.has(r) }

// Barred are the sections that the role could see and that the person does not want the user's organisation to see; they are not asked for either.
func (g Grant) Barred() record.Sections { return g.barred }

// Withheld are the sections of which the person does not want the organisation's records to be shown here. Nothing opens them: neither a right nor
// emergency access.
func (g Grant) Withheld(organisation string) record.Sections {
	return g.request.Facts.Consent.Withholds(organisation, g.request.At)
}

// Relationship is the strongest evidence of a legitimate relationship; zero when only emergency access opened the record.
func (g Grant) Relationship() relationship.Evidence { return g.evidence }

// Override is the emergency access under which the look is made; zero when none is in force.
func (g Grant) Override() Override { return g.override }

// Alerts are the kinds of alert to be raised with the look.
func (g Grant) Alerts() []oversight.Kind { return g.request.alerts() }

// Reasons are the codes of the rules that spoke for it, for the audit trail.
func (g Grant) Reasons() []string { return g.reasons }

// At is the time of the decision.
func (g Grant) At() time.Time { return g.request.At }

// Refusal is a decision against. It is audited as carefully as a grant.
type Refusal struct {
	request Request
	rule    Rule
}

// User is who was refused.
func (r Refusal) User() identity.User { return r.request.User }

// Person is whose record was asked for.
func (r Refusal) Person() record.Person { return r.request.Person }

// Purpose is what for.
func (r Refusal) Purpose() Purpose { return r.request.Purpose }

// At is the time of the decision.
func (r Refusal) At() time.Time { return r.request.At }

// Code is the stable code of the rule that refused.
func (r Refusal) Code() string { return r.rule.Code }

// Words is what the user is told: why, and what to do.
func (r Refusal) Words() string { return r.rule.Words }

// Lapsed is the user's own claim to care for the person that ran out last, for who is asked to make it again; zero where there is none, or one holds.
func (r Refusal) Lapsed() relationship.Evidence {
	var last relationship.Evidence
	for _, e := range r.request.Facts.Relationships {
		switch {
		case e.Kind != relationship.SelfClaimed || e.Organisation != r.request.User.Organisation.ODS:
		case e.Holds(e.Organisation, r.request.At):
			return relationship.Evidence{}
		case e.Until.After(last.Until) && !e.Until.After(r.request.At):
			last = e
		}
	}
	return last
}

// Alerts are the kinds of alert to be raised with the refusal: an attempt is watched as a look is.
func (r Refusal) Alerts() []oversight.Kind { return r.request.alerts() }

// Error makes a refusal an error, so that it cannot be overlooked; it names the rule only.
func (r Refusal) Error() string { return "access refused: " + r.rule.Code }

// Decide runs the request through the table of rules, in order; the first that refuses ends it. The error is always a Refusal.
func Decide(q Request) (Grant, error) {
	rules := Rules
	switch q.Purpose {
	case RelationshipCheck:
		rules = CheckRules
	case ConnectionCheck:
		rules = ConnectionRules
	}
	reasons, err := pass(q, rules)
	if err != nil {
		return Grant{}, err
	}
	evidence, _ := q.relationship()
	held := q.Profiles.table().rights(q.User)
	return Grant{
		request: q, rights: held, sections: q.sections(), barred: q.Profiles.table().sections(held) & q.barred(),
		evidence: evidence, override: q.override(), reasons: reasons,
	}, nil
}

// MayBreakGlass decides whether the user may open emergency access for the person. The error is always a Refusal.
func MayBreakGlass(q Request) error {
	_, err := pass(q, BreakGlassRules)
	return err
}

// pass gives the codes of the rules, all of which are content, or the Refusal by the first that is not.
func pass(q Request, rules []Rule) ([]string, error) {
	codes := make([]string, 0, len(rules))
	for _, rule := range rules {
		if rule.Refuses(q) {
			return nil, Refusal{q, rule}
		}
		codes = append(codes, rule.Code)
	}
	return codes, nil
}
