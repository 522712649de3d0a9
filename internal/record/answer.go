package record

import (
	"context"
	"time"
)

// Ask is the question put to a source: about whom, for whom, and for which sections. It is made from an audit receipt and nowhere else.
type Ask struct {
	Person    Person
	Requester Requester
	// Sections are those the feed supplies and the user may see; nothing else is asked for.
	Sections Sections
	// Allowed are all sections the user may see. What a source sends beside what it was asked for is shown in its own section when the user may
	// see that, never dropped. The zero value allows no more than Sections.
	Allowed Sections
	// ID is the id of the view, sent to the source as its correlation id: never a secret, never about the person.
	ID string
	// At is the time of the view.
	At time.Time
	// Keep asks for room to keep an answer of so many resources until the page has ended, and waits for it; false says that there is none. Nil
	// stands for room without end.
	Keep func(ctx context.Context, resources int) bool
}

// NoRoom are the words for an answer that came and could not be kept: no fault of the source.
const NoRoom = "Its answer is large, and this portal had no room to read it beside others. Open the record again."

// Kept asks for room to keep what has been made of an answer. Where there is none, the answer becomes one that says so and holds nothing. It is for sources, while they
// still hold the room in which the answer was read, so that only few wait here with what they have made.
func (a *Ask) Kept(ctx context.Context, answer *Answer) {
	if a.Keep != nil && answer.State == Data && !a.Keep(ctx, answer.Account.Total().Received) {
		*answer = Failed(answer.Source, a.Sections, Unavailable, NoRoom)
	}
}

// Showable are the sections in which entries of the answer may stand.
func (a Ask) Showable() Sections { return a.Allowed | a.Sections }

// Requester is the person on whose behalf a source is asked: the real organisation and role, never the portal.
type Requester struct {
	Name, SDSUserID, RoleProfileID, RoleName string
	// UserID is the user's id with whoever vouched for them: for users who have no national one.
	UserID       string
	Organisation Organisation
}

// Answer is what one source said: exactly one Coverage per asked section, the entries, and the account of all that was received.
// A failure is an Answer too, whose State says what kind.
type Answer struct {
	Source SourceRef
	// State is that of the answer as a whole: Data when it answered at all, else NotKnownHere, Refused, Unavailable, NotAsked or Mismatch.
	State State
	// Detail says why in plain words, fit for the page; no value from the record and no address.
	Detail string
	// Took is how long the source needed.
	Took time.Duration
	// Coverage is the state for every section; sections that were not asked of this source are NotAsked.
	Coverage [NumSections]Coverage
	// Patients are the patient resources that came, as the source holds them; exactly one is expected.
	Patients []Demographics
	// Foreign counts entries that are about another patient: one is enough to quarantine the whole answer (S08).
	Foreign int
	// Warnings are the source's own messages about the whole answer, verbatim, in order.
	Warnings []string
	Chart    Chart
	Account  Account
}

// Coverage is the state of one source for one section.
type Coverage struct {
	State State
	// Detail is the reason or warning in words, as sent where a source sent one.
	Detail string
	// Also are further states of the same section, such as items withheld beside an incomplete list.
	Also []Remark
	// Removed and Unreadable count entries of this section that the source itself removed (entered-in-error) or that carry a mark not known here.
	Removed, Unreadable int
}

// Remark is a further state with its words.
type Remark struct {
	State  State
	Detail string
}

// gravity orders states: when two apply to a section the graver is its State and the other a Remark.
var gravity = [NumStates]int{
	NoneRecorded: 1, NilAsserted: 2, Data: 3, Withheld: 4, Uninterpretable: 5, Incomplete: 6, NotAsked: 7, NotKnownHere: 8, Refused: 9, Unavailable: 10, Mismatch: 11,
}

// Raise adds a state to the section's coverage; the graver one leads and a lesser one that says more than "rows came" stays as a remark.
func (c *Coverage) Raise(s State, detail string) {
	if c.State == s && c.Detail == detail {
		return
	}
	lesser := Remark{s, detail}
	if gravity[s] > gravity[c.State] {
		lesser = Remark{c.State, c.Detail}
		c.State, c.Detail = s, detail
	}
	switch lesser.State {
	case Withheld, Uninterpretable, Incomplete, NilAsserted, NotAsked, Refused:
		c.Also = append(c.Also, lesser)
	}
}

// Failed is the answer of a source that gave none: every asked section has the same state, every other one is NotAsked.
func Failed(source SourceRef, asked Sections, s State, detail string) Answer {
	a := Answer{Source: source, State: s, Detail: detail}
	for i := range a.Coverage {
		a.Coverage[i] = Coverage{State: NotAsked, Detail: NotSupplied}
		if asked.Has(Section(i)) {
			a.Coverage[i] = Coverage{State: s, Detail: detail}
		}
	}
	return a
}

// NotSupplied is the reason for NotAsked when the feed does not hold the section at all.
const NotSupplied = "It does not supply this to the shared record."

// Settle ends the mapping of an answer: every asked section that no warning has touched becomes Data, NilAsserted or NoneRecorded by what came,
// sections that were not asked become NotAsked, and an account that does not balance fails the whole answer
// ("received = shown + used + …"; a difference of one is state 8).
func (a *Answer) Settle(asked Sections) {
	shown := 0
	for i := range a.Coverage {
		s, c := Section(i), &a.Coverage[i]
		resources, rows := a.Chart.Count(s)
		shown += resources
		switch {
		case rows > 0 && s == Allergies && a.onlyNil():
			c.Raise(NilAsserted, a.Chart.Allergies[0].Agent.Name())
		case rows > 0:
			c.Raise(Data, "")
		case !asked.Has(s):
			c.Raise(NotAsked, NotSupplied)
		case c.State == 0:
			c.Raise(NoneRecorded, "")
		}
	}
	if total := a.Account.Total(); a.Account.Unaccounted() != 0 || total.Fates[Shown] != shown {
		took, patients, foreign := a.Took, a.Patients, a.Foreign
		*a = Failed(a.Source, asked, Unavailable, "Its answer could not be accounted for entry by entry, so none of it is shown.")
		a.Took, a.Patients, a.Foreign = took, patients, foreign
	}
}

// onlyNil reports that all entries are statements of absence that still stand: one that has ended or was ruled out asserts nothing.
func (a *Answer) onlyNil() bool {
	for i := range a.Chart.Allergies {
		switch e := &a.Chart.Allergies[i]; {
		case e.Nil == "", e.Phase == Ended, e.Phase == Refuted, e.Phase == NotDone:
			return false
		}
	}
	return true
}
