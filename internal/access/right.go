package access

import "slices"

// Right is one thing that a role may see or do. Nobody holds the zero Right.
type Right uint8

// The rights. The first five after Demographics open sections of the record.
const (
	_ Right = iota
	// Demographics: look people up in the national register.
	Demographics
	// Summary: what is needed at once. Detailed: everything else that has no right of its own.
	Summary
	Detailed
	SocialCare
	// MentalHealth: the legal status under the Mental Health Act.
	MentalHealth
	Documents
	// Safeguarding: alerts whose very kind is for few eyes. Sensitive: entries that a label or a code set withholds from others.
	Safeguarding
	Sensitive
	// BreakGlass: open emergency access.
	BreakGlass
	// Audit: see who looked at which record, and the alerts; nothing clinical.
	Audit
	// AuditRegion: the same for every organisation of the region.
	AuditRegion
	// Administer: bring organisations and feeds on; nothing clinical.
	Administer
	// RecordConsent: enter what a person has agreed or objected to.
	RecordConsent
	// Sponsor: vouch for the users of one's own organisation; nothing clinical.
	Sponsor
)

// rightCodes are the names of the rights in the table, by Right.
var rightCodes = [...]string{
	Demographics: "demographics", Summary: "summary", Detailed: "detailed", SocialCare: "social-care", MentalHealth: "mental-health", Documents: "documents",
	Safeguarding: "safeguarding", Sensitive: "sensitive", BreakGlass: "break-glass", Audit: "audit", AuditRegion: "audit-region", Administer: "administer", RecordConsent: "record-consent",
	Sponsor: "sponsor",
}

// Rights lists every right.
var Rights = []Right{Demographics, Summary, Detailed, SocialCare, MentalHealth, Documents, Safeguarding, Sensitive, BreakGlass, Audit, AuditRegion, Administer, RecordConsent, Sponsor}

// clinical are the rights that open sections.
var clinical = []Right{Summary, Detailed, SocialCare, MentalHealth, Documents}

// String is the name of the right in the table.
func (r Right) String() string { return rightCodes[r] }

// rightOf finds a right by its name.
func rightOf(code string) (Right, bool) {
	i := slices.Index(rightCodes[:], code)
	return Right(max(i, 0)), i > 0
}

// rightSet is a set of rights.
type rightSet uint16

func (set rightSet) has(r Right) bool { return r != 0 && set&(1<<r) != 0 }
