package access

import (
	"slices"
	"time"

	"ribble/internal/record"
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

// Rules is the whole table, in the order in which it is read.
var Rules = []Rule{
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
		Refuses: func(q Request) bool { return SectionsFor(q.User.Role.Activities) == 0 },
	},
	{
		Code:    "assured",
		Guards:  "a look at a record needs a strong sign-in, whatever the provider was asked for",
		Words:   "Your sign-in was not strong enough to open records. Sign in with your smartcard or security key.",
		Refuses: func(q Request) bool { return q.User.AssuranceLevel < 2 },
	},
	{
		Code:    "purpose",
		Guards:  "each look has a purpose, and only direct care opens a record",
		Words:   "Say what you need the record for.",
		Refuses: func(q Request) bool { return q.Purpose != DirectCare },
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
}

// activitySections says what each RBAC activity opens (national RBAC database codes).
var activitySections = map[string]record.Sections{
	"B0370": record.SectionsOf(record.Allergies, record.Medicines, record.Problems, record.Alerts, record.Plans), // View Summary Health Records
	"B0360": record.AllSections,                                                                                  // View Detailed Health Records
	"B0380": record.AllSections,                                                                                  // Perform Detailed Health Record
	"B8029": record.AllSections,                                                                                  // Manage Detailed Health Records
}

// SectionsFor is the union of what the role's activities open.
func SectionsFor(activities []string) record.Sections {
	var set record.Sections
	for _, a := range activities {
		set |= activitySections[a]
	}
	return set
}

// finding are the activities that may look people up: Perform Patient Trace and View Patient Demographics.
var finding = []string{"B0264", "B0820"}

// MayFind reports whether a role may look people up, which is less than opening a record.
func MayFind(activities []string) bool {
	for _, a := range activities {
		if slices.Contains(finding, a) {
			return true
		}
	}
	return SectionsFor(activities) != 0
}
