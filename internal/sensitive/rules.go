package sensitive

import (
	"ribble/internal/access"
	"ribble/internal/record"
	"ribble/internal/sensitive/codeset"
)

// rule is one line of the table of what this portal itself leaves out, in the order in which the rules are asked.
type rule uint8

const (
	shown rule = iota
	// bySet: a code set names it.
	bySet
	// byLabel: the source marked it restricted or very restricted, or with a confidentiality code that nobody knows.
	byLabel
	// byKind: an alert whose very kind is for few eyes (section 27.4 of the section catalogue: MARAC, MAPPA, ...).
	byKind
	// byPatientMark: not to be shown to the patient, where the deployment hides that from staff too.
	byPatientMark
	// byDamage: a code that cannot be read might be in a set.
	byDamage
	// byUnknownType: of a type that no section knows and without a code, where the deployment hides that.
	byUnknownType
	// byRole: the role may not see the section at all. It is asked last, because what another rule withholds may not be told of elsewhere either.
	byRole
	// byReference: it tells of an entry that is withheld.
	byReference
	// byDissent: the person has chosen not to share the source.
	byDissent
	numRules
)

// ruleCodes stand in the audit trail; they never reach the page, which only says that something is withheld.
var ruleCodes = [numRules]string{
	"", "code-set", "confidentiality-label", "alert-kind", "not-for-patient", "unreadable-code", "unknown-type", "role", "refers-to-withheld", "dissent",
}

func (r rule) String() string { return ruleCodes[r] }

// sensitiveActivity is B1611, Access Sensitive (S) Flagged Records: by itself it is what the table of rights calls sensitive.
const sensitiveActivity = "B1611"

// rules are what one grant may see under the sets in force. Only activities open anything here: no reason, no relationship, no break-glass.
type rules struct {
	sections record.Sections
	sets     *codeset.Sets
	// closed are the sets that hide what they name from this user.
	closed codeset.Mask
	// What the user may see: labelled entries, alerts for few eyes, entries marked not for the patient, entries of unknown type.
	sensitive, safeguarding, patientMarks, unknownTypes bool
	// beyond says that identifiers and labels can be in a set too.
	beyond  bool
	dissent dissent
}

func rulesFor(grant access.Grant, sets *codeset.Sets) *rules {
	return &rules{
		sections: grant.Sections(), sets: sets, closed: closed(grant, sets), sensitive: grant.Holds(access.Sensitive),
		safeguarding: grant.Holds(access.Safeguarding), patientMarks: opens(grant, sets.NotForPatient()), unknownTypes: opens(grant, sets.Unclassifiable()),
		beyond: sets.Beyond(), dissent: dissent{at: grant.At()},
	}
}

// opens reports whether the grant comes with what opens a set: the right to sensitive entries, and the set's own activity.
func opens(grant access.Grant, activity string) bool {
	return activity == "" || grant.Holds(access.Sensitive) && (activity == sensitiveActivity || grant.User().Holds(activity))
}

func closed(grant access.Grant, sets *codeset.Sets) codeset.Mask {
	mask := sets.InForce(grant.At())
	mask.Each(func(i int) {
		if opens(grant, sets.Set(i).Opens) {
			mask &^= 1 << i
		}
	})
	return mask
}

// stamp names the sets that are closed to the user: two grants with the same stamp see the same.
func (r *rules) stamp() string { return r.sets.Stamp(r.closed) }

// judge is the rule that withholds an entry, and the sets that name it or might; shown when none does.
func (r *rules) judge(s record.Section, h *record.Head, read *reading) (rule, codeset.Mask) {
	switch named := read.named & r.closed; {
	case named != 0:
		return bySet, named
	case !r.sensitive && record.Restricted(h.Labels()):
		return byLabel, 0
	case !r.safeguarding && read.fewEyes:
		return byKind, 0
	case !r.patientMarks && notForPatient(h.Labels()):
		return byPatientMark, 0
	case read.unreadable&r.closed != 0:
		return byDamage, read.unreadable & r.closed
	case !r.unknownTypes && read.unknownType && !read.judged:
		return byUnknownType, 0
	case !r.sections.Has(s):
		return byRole, 0
	}
	return shown, 0
}

// notForPatient reports the label NOPAT of HL7's ActCode (wire facts 1.4).
func notForPatient(labels []record.Label) bool {
	for _, l := range labels {
		if l.Code == "NOPAT" {
			return true
		}
	}
	return false
}
