package watch

import (
	"slices"
	"time"

	"ribble/internal/audit"
	"ribble/internal/relationship"
)

// kind is what a rule can look for, and which settings it cannot do without.
type kind struct {
	window, threshold bool
	make              func(Rule) judge
}

const outOfHours = "out-of-hours"

var kinds = map[string]kind{
	"own-record":   {make: single("The user and the person are the same.", ownRecord)},
	"family":       {make: single("The user and the person share a name or a home. That can be lawful: it is a reason to ask, not a finding.", family)},
	"colleague":    {make: single("The person works for the user’s organisation.", colleague)},
	"listed":       {make: single("The person is on the confidential list.", listed)},
	"self-claimed": {make: single("No link to the person’s care is known but the user’s own word.", selfClaimed)},
	"break-glass":  {make: single("Emergency access was opened.", breakGlass)},
	"restricted":   {make: single("The person’s whereabouts are protected.", restricted)},
	"leaver":       {make: single("The user has left the organisation.", leaver)},
	outOfHours:     {make: single("The record was opened outside the hours of the organisation.", hours)},

	"break-glass-rate": {window: true, threshold: true, make: newRate},
	"volume":           {window: true, threshold: true, make: newVolume},
	"vain-searches":    {window: true, threshold: true, make: newVain},
	"repeated":         {window: true, threshold: true, make: newRepeated},
	"crowd":            {window: true, threshold: true, make: newCrowd},
	"two-places":       {window: true, make: newTwoPlaces},
}

// Kinds lists what rules can look for.
func Kinds() []string {
	var out []string
	for k := range kinds {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// one is a rule that judges each look by itself.
type one struct {
	rule Rule
	say  string
	test func(Look, Register, Rule) []Fact
}

func single(words string, test func(Look, Register, Rule) []Fact) func(Rule) judge {
	return func(r Rule) judge { return one{r, words, test} }
}

func (o one) see(l Look, r Register) []Fact { return o.test(l, r, o.rule) }
func (o one) words(Look) string             { return o.say }

// fact is the one fact that fires a rule, with the rule's whole score.
func fact(r Rule, what, compared, from string) []Fact {
	return []Fact{{what, compared, from, r.Score}}
}

// tried reports an attempt to open a record, whether or not it was allowed.
func (l Look) tried() bool {
	return l.opens() || l.Person != "" && l.Act == audit.ActRefused
}

func ownRecord(l Look, reg Register, r Rule) []Fact {
	if m := reg.Staff[l.SDSUserID]; l.tried() && m.Person != "" && m.Person == l.Person {
		return fact(r, "The record is the user’s own", "keyed match of the NHS number", "staff register")
	}
	return nil
}

// family adds up what speaks for a relative or a neighbour: the home counts for more than a name that many share.
func family(l Look, reg Register, r Rule) []Fact {
	m := reg.Staff[l.SDSUserID]
	if !l.opens() || m.Person == l.Person {
		return nil
	}
	var out []Fact
	if m.Household != "" && m.Household == l.Household {
		out = append(out, Fact{"The home address is the same", "keyed match; neither address is stored", "staff register; national demographics", r.Score})
	}
	if m.Surname != "" && m.Surname == l.Surname {
		out = append(out, Fact{"The family name is the same", "keyed match; neither name is stored", "staff register; national demographics", r.Score / 2})
	}
	// A shared name alone says something only where nothing else explains the look.
	if len(out) == 1 && m.Household != l.Household && l.Relationship != relationship.SelfClaimed.String() && l.Override == "" {
		return nil
	}
	if len(out) > 0 && l.Relationship == relationship.SelfClaimed.String() {
		out = append(out, Fact{"No link to care is known", "no referral, visit, caseload or launch", "the look’s relationship", r.Score / 2})
	}
	return out
}

func colleague(l Look, reg Register, r Rule) []Fact {
	m := reg.Staff[l.SDSUserID]
	if l.opens() && m.Person != l.Person && slices.Contains(reg.Employers[l.Person], l.Organisation) {
		return fact(r, "The person works for the same organisation", "keyed match of the NHS number", "staff register")
	}
	return nil
}

func listed(l Look, reg Register, r Rule) []Fact {
	if l.tried() && reg.Listed[l.Person] {
		return fact(r, "The person is on the confidential list", "keyed match of the NHS number", "confidential list")
	}
	return nil
}

// selfClaimed speaks when the claim is made, not at each look that rests on it.
func selfClaimed(l Look, _ Register, r Rule) []Fact {
	if l.Act == audit.ActRelationshipClaimed {
		return fact(r, "The user said that they are caring for the person", "no launch, registration, visit, referral or caseload; reason given: "+l.Reason, "audit trail")
	}
	return nil
}

func breakGlass(l Look, _ Register, r Rule) []Fact {
	if l.Act == audit.ActBreakGlassBegan {
		return fact(r, "Emergency access was opened", "reason given: "+l.Reason, "audit trail")
	}
	return nil
}

func restricted(l Look, _ Register, r Rule) []Fact {
	if l.tried() && l.Protected {
		return fact(r, "A protected person’s page was opened", "the national record withholds the address", "national demographics")
	}
	return nil
}

func leaver(l Look, reg Register, r Rule) []Fact {
	m := reg.Staff[l.SDSUserID]
	if !m.Left.IsZero() && l.At.After(m.Left) && l.Act != audit.ActSignedOut {
		return fact(r, "The account of a leaver was used", "left "+m.Left.Format("02-Jan-2006"), "staff register")
	}
	return nil
}

// home is the clock by which staff work.
var home = func() *time.Location {
	if l, err := time.LoadLocation("Europe/London"); err == nil {
		return l
	}
	return time.UTC
}()

func hours(l Look, _ Register, r Rule) []Fact {
	h := l.At.In(home).Hour()
	within := h >= r.From && h < r.To
	if r.From > r.To {
		within = h >= r.From || h < r.To
	}
	if l.opens() && within {
		return fact(r, "The record was opened out of hours", "at "+l.At.In(home).Format("15:04"), "audit trail")
	}
	return nil
}
