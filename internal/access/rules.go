package access

import (
	"slices"
	"time"
)

// Rule is one line of the table: when it refuses, and what the user is told then.
type Rule struct {
	// Code stands in the audit trail.
	Code string
	// Guards says what the rule is for, for whoever reads the table.
	Guards string
	// Words tell the user why, and what to do.
	Words   string
	Refuses func(Request) bool
}

// traceLife is how old the national demographics may be (GP Connect consumer requirement GEN-06; rule R6).
const traceLife = 24 * time.Hour

// LaunchBirthDate is the code of the rule that a launched person was born on the day that the launching system gave. Whoever shows a refusal
// by it must not say so.
const LaunchBirthDate = "launch-birth-date"

// The codes of rules that lead the user on to a page of its own.
const (
	// NeedsRelationship and NeedsReason: the user is to say why they need the record.
	NeedsRelationship = "needs-relationship"
	NeedsReason       = "needs-reason"
	// NeedsPermission: the person is to be asked.
	NeedsPermission = "needs-permission"
	// Objected and PermissionRefused: the person said no; only emergency access opens the record.
	Objected          = "objected"
	PermissionRefused = "permission-refused"
)

// sayWhy are the words of both rules that ask for a reason. They are the same on purpose: whoever is asked learns neither that nothing is known of a
// relationship nor that somebody keeps watch over this person.
const sayWhy = "Say why you need this record. What you say is written down, and your organisation’s Privacy Officer is told."

// Rules is the whole table, in the order in which it is read: first who asks, then about whom, then what the person has said. So nobody without
// a relationship learns what a person has objected to.
var Rules = slices.Concat(whoAsks, []Rule{
	{
		Code:    NeedsRelationship,
		Guards:  "a record is opened where the user’s organisation has to do with the person, or the user says that it does",
		Words:   sayWhy,
		Refuses: func(q Request) bool { _, known := q.relationship(); return !known && !q.overridden() },
	},
	{
		Code:   NeedsReason,
		Guards: "over the records of colleagues and of people on the confidential list somebody keeps watch: each user gives a reason first",
		Words:  sayWhy,
		Refuses: func(q Request) bool {
			return (q.Facts.Watched.Colleague || q.Facts.Watched.Listed) && !q.reasoned()
		},
	},
	{
		Code:   Objected,
		Guards: "a person may forbid an organisation to see their record; emergency access opens it",
		Words: "This person has asked that staff of your organisation do not see their record, so it is not opened. Ask the person if you can. " +
			"In an emergency your role may have emergency access; your organisation’s Privacy Officer is told of it at once.",
		Refuses: func(q Request) bool { return q.sections() == 0 },
	},
	{
		Code:   PermissionRefused,
		Guards: "a person who was asked and said no is not asked again for seven days; emergency access opens the record",
		Words: "This person was asked and does not want the record to be opened by your organisation for now. " +
			"In an emergency your role may have emergency access; your organisation’s Privacy Officer is told of it at once.",
		Refuses: func(q Request) bool { return q.Facts.Permission.Refused(q.At) && !q.overridden() },
	},
	{
		Code:    NeedsPermission,
		Guards:  "where a deployment asks people before their record is viewed, the person has been asked",
		Words:   "Ask the person whether you may open their record, and enter the answer.",
		Refuses: func(q Request) bool { return q.Facts.Permission.Missing(q.At) && !q.overridden() },
	},
})

// CheckRules is the table for a relationship check, which comes before a relationship is known: who asks, and that the person has not forbidden the
// organisation to see anything that could tell.
var CheckRules = slices.Concat(whoAsks, []Rule{{
	Code:    Objected,
	Guards:  "an organisation that the person has shut out is not asked on behalf of its staff",
	Words:   sayWhy,
	Refuses: func(q Request) bool { return q.sections() == 0 },
}})

// ConnectionRules is the table for a connection check: administrators, and the portal's own operators, about test people alone. Nothing else in the
// tables lets an administrator ask about anybody.
var ConnectionRules = []Rule{
	whoAsks[0],
	whoAsks[1],
	{
		Code:    "may-administer",
		Guards:  "connections are tried by those who bring sources on",
		Words:   "Your role may not try connections. Ask a region administrator.",
		Refuses: func(q Request) bool { return !q.Facts.Operator && !q.Profiles.Holds(q.User, Administer) },
	},
	{
		Code:    "assured",
		Guards:  whoAsks[3].Guards,
		Words:   "Your sign-in was not strong enough to try connections. Sign in with your smartcard or security key.",
		Refuses: func(q Request) bool { return !q.Facts.Operator && q.User.AssuranceLevel < 2 },
	},
	{
		Code:    "test-person",
		Guards:  "a connection is tried on agreed test people, never on a patient",
		Words:   "This is not one of the test people agreed for this source, so the connection was not tried with this number.",
		Refuses: func(q Request) bool { return !q.Facts.TestPerson || q.Person.NHSNumber.IsZero() },
	},
}

// BreakGlassRules is the table of who may open emergency access, and for whom.
var BreakGlassRules = slices.Concat(whoAsks, []Rule{
	{
		Code:    "officer-named",
		Guards:  "there is no emergency access where nobody is told of it (goal G23)",
		Words:   "Emergency access is not possible: your organisation has named no Privacy Officer. If care cannot wait, ring the person’s GP practice or hospital.",
		Refuses: func(q Request) bool { return !q.Facts.OfficerNamed },
	},
	{
		Code:    "may-break-glass",
		Guards:  "emergency access needs an activity of its own",
		Words:   "Your role has no emergency access. Ask a colleague whose role has it. If care cannot wait, ring the person’s GP practice or hospital.",
		Refuses: func(q Request) bool { return !q.Profiles.Holds(q.User, BreakGlass) },
	},
})

// whoAsks are the rules that emergency access does not open either.
var whoAsks = []Rule{
	{
		Code:    "signed-in",
		Guards:  "nobody opens a record without having signed in",
		Words:   "You are not signed in. Sign in and try again.",
		Refuses: func(q Request) bool { return q.User.IsZero() },
	},
	{
		Code:    "one-organisation",
		Guards:  "the role's organisation sets the context of every look; a role without one has no context",
		Words:   "Your role has no organisation, so no record can be opened with it. Choose another role, or ask your registration authority.",
		Refuses: func(q Request) bool { return q.User.Organisation.ODS == "" },
	},
	{
		Code:    "role-may-open",
		Guards:  "authorisation goes by RBAC activity, never by job title",
		Words:   "Your role may not open records. If your work needs it, ask your sponsor for the activity “View Summary Health Records” or “View Detailed Health Records”.",
		Refuses: func(q Request) bool { return q.Profiles.Sections(q.User) == 0 },
	},
	{
		Code:    "assured",
		Guards:  "a look at a record needs a strong sign-in, whatever the provider was asked for",
		Words:   "Your sign-in was not strong enough to open records. Sign in with your smartcard or security key.",
		Refuses: func(q Request) bool { return q.User.AssuranceLevel < 2 },
	},
	{
		Code:    "purpose",
		Guards:  "each look has a purpose: direct care, or the question of what the user's organisation has to do with the person",
		Words:   "Say what you need the record for.",
		Refuses: func(q Request) bool { return q.Purpose != DirectCare && q.Purpose != RelationshipCheck },
	},
	{
		Code:   "traced",
		Guards: "a record is opened only for a person whom the national demographics know, as of today (GEN-06)",
		Words:  "This person’s national details could not be confirmed just now. Find the person again.",
		Refuses: func(q Request) bool {
			age := q.At.Sub(q.Person.TracedAt)
			return q.Person.NHSNumber.IsZero() || age > traceLife || age < -time.Minute
		},
	},
	{
		Code:   LaunchBirthDate,
		Guards: "a launch opens the person whom its system means: the date of birth it gives is the trace's",
		// The words do not say what differs: that would help whoever guesses.
		Words:   "Go back to your own system and open it again.",
		Refuses: func(q Request) bool { return !q.Born.IsZero() && !q.Born.Equal(q.Person.Born) },
	},
	{
		Code:   "own-record",
		Guards: "nobody opens their own record at work",
		Words: "Staff cannot open their own record here. To see it, use the NHS App or ask your GP practice. " +
			"This attempt is written down, and your organisation’s Privacy Officer is told.",
		Refuses: func(q Request) bool { return q.Facts.Watched.OwnRecord },
	},
}
