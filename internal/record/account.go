package record

import "slices"

// Fate is what became of one received resource. Every resource has exactly one (the conservation law, section 25 of the section catalogue).
type Fate uint8

// The nine fates. Grouped rows are inside Shown.
const (
	Shown Fate = iota
	Used
	Unreferenced
	Structural
	HeldBack
	Removed
	Unreadable
	Superseded
	Quarantined
	// NumFates is the number of fates, for arrays indexed by Fate.
	NumFates = int(Quarantined) + 1
)

var fateWords = [NumFates]string{"shown", "used in other entries", "not referred to", "structure", "withheld", "removed by the source", "not readable safely", "superseded", "quarantined"}

// String is the fate in words for the sources panel.
func (f Fate) String() string { return fateWords[f] }

// Account is the account of one answer: how many resources of each type came, and what became of them.
type Account struct{ rows []AccountRow }

// AccountRow is the account of one resource type.
type AccountRow struct {
	Type     string
	Received int
	Fates    [NumFates]int
}

func (a *Account) row(resourceType string) *AccountRow {
	for i := range a.rows {
		if a.rows[i].Type == resourceType {
			return &a.rows[i]
		}
	}
	a.rows = append(a.rows, AccountRow{Type: resourceType})
	return &a.rows[len(a.rows)-1]
}

// Receive counts one received resource.
func (a *Account) Receive(resourceType string) { a.row(resourceType).Received++ }

// Place gives one received resource its fate.
func (a *Account) Place(resourceType string, f Fate) { a.row(resourceType).Fates[f]++ }

// Move changes the fate of one resource, for example from Shown to HeldBack when the portal's own filter withholds it.
func (a *Account) Move(resourceType string, from, to Fate) {
	r := a.row(resourceType)
	r.Fates[from]--
	r.Fates[to]++
}

// QuarantineAll gives every received resource the fate Quarantined. Copies of the account made before keep theirs.
func (a *Account) QuarantineAll() {
	a.rows = slices.Clone(a.rows)
	for i := range a.rows {
		a.rows[i].Fates = [NumFates]int{Quarantined: a.rows[i].Received}
	}
}

// Rows is the account by resource type, in the order in which types were first seen.
func (a *Account) Rows() []AccountRow { return a.rows }

// Total sums the account over all types.
func (a *Account) Total() AccountRow {
	var t AccountRow
	for _, r := range a.rows {
		t.Received += r.Received
		for f, n := range r.Fates {
			t.Fates[f] += n
		}
	}
	return t
}

// Unaccounted is how many received resources have no fate, over all types, counting a surplus as a difference too. It must be 0.
func (a *Account) Unaccounted() int {
	difference := 0
	for _, r := range a.rows {
		d := r.Received
		for _, n := range r.Fates {
			d -= n
		}
		difference += abs(d)
	}
	return difference
}
