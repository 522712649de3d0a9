package record

// State is what is known about one source for one section: exactly one of eleven, never a boolean.
// "Empty" is not among them, because an empty list has many meanings and only one of them is "none". A switch over State lists every
// value and has no default, so that a twelfth state cannot be forgotten anywhere.
type State uint8

// The eleven states. The zero State is none of them and is refused wherever a state is consumed.
const (
	_ State = iota
	// Data: entries came, and nothing is known to be missing.
	Data
	// NilAsserted: the source states, with a code, that there is nothing (716186003 "No known allergy", emptyReason nilknown).
	NilAsserted
	// NoneRecorded: asked and answered, nothing entered; not confirmed with the person.
	NoneRecorded
	// NotKnownHere: no such person at this source, or a record it may not share: it may be a sensitive record.
	NotKnownHere
	// Refused: dissent or policy at the source; nothing here overrides it.
	Refused
	// Withheld: items were left out by the source (confidential-items) or by the portal's own filter.
	Withheld
	// Incomplete: in transit, awaiting filing, paging limit, partial body.
	Incomplete
	// Unavailable: time-out, error, bad certificate, unreadable answer.
	Unavailable
	// NotAsked: role, agreement, section not supplied, restricted, deceased, not yet live.
	NotAsked
	// Mismatch: the answer was about somebody else, or its demographics differ; all of it is quarantined.
	Mismatch
	// Uninterpretable: an entry carries a modifier or version whose meaning is not known here.
	Uninterpretable
	// NumStates is one more than the highest state, for arrays indexed by State.
	NumStates = int(Uninterpretable) + 1
)

var stateNames = [NumStates]string{
	Data: "DATA", NilAsserted: "NIL_ASSERTED", NoneRecorded: "NONE_RECORDED", NotKnownHere: "NOT_KNOWN_HERE", Refused: "REFUSED", Withheld: "WITHHELD",
	Incomplete: "INCOMPLETE", Unavailable: "UNAVAILABLE", NotAsked: "NOT_ASKED", Mismatch: "MISMATCH", Uninterpretable: "UNINTERPRETABLE",
}

// String is the name of the state in the audit trail and in metrics.
func (s State) String() string {
	if s == 0 || int(s) >= NumStates {
		return "INVALID"
	}
	return stateNames[s]
}

// StateByName finds a state by the name String gives.
func StateByName(name string) (State, bool) {
	for s, n := range stateNames {
		if n == name && n != "" {
			return State(s), true
		}
	}
	return 0, false
}

// Loud reports whether the state must be as loud as an active allergy, on the section it affects and in the person banner (rule R3).
func (s State) Loud() bool {
	switch s {
	case Refused, Incomplete, Unavailable, Mismatch, Uninterpretable:
		return true
	case Data, NilAsserted, NoneRecorded, NotKnownHere, Withheld, NotAsked:
		return false
	}
	panic("record: a state that is none of the eleven")
}

// Whole reports whether the source told all it has for the section: only then may its silence mean anything (rule R1).
func (s State) Whole() bool {
	switch s {
	case Data, NilAsserted, NoneRecorded:
		return true
	case NotKnownHere, Refused, Withheld, Incomplete, Unavailable, NotAsked, Mismatch, Uninterpretable:
		return false
	}
	panic("record: a state that is none of the eleven")
}

// HasRows reports whether a section in this state may carry entries of the source.
func (s State) HasRows() bool {
	switch s {
	case Data, NilAsserted, Withheld, Incomplete, Uninterpretable:
		return true
	case NoneRecorded, NotKnownHere, Refused, Unavailable, NotAsked, Mismatch:
		return false
	}
	panic("record: a state that is none of the eleven")
}
