package verify

import "bytes"

// printSize is how many bytes of a leaf hash a checkpoint holds of each event it was made for; mostPrints bounds how many are remembered here.
const (
	printSize  = 8
	mostPrints = 1 << 20
)

// locate finds which event a checkpoint contradicts.
func (v *verifier) locate(c *checkpoint, why string) error {
	if at := v.firstDifferent(c); at > 0 {
		return &Finding{Sequence: at, Why: why, Evidence: c.note}
	}
	// The prints do not reach back to the last event that is certain: it is one of those between.
	upTo := min(c.size, v.n)
	if v.on(checkPrints) && c.from > v.base && len(c.prints) > 0 {
		upTo = min(upTo, c.from)
	}
	return &Finding{Sequence: v.base + 1, UpTo: upTo, Why: why, Evidence: c.note}
}

// firstDifferent compares the events since the last certain one with the prints in a checkpoint; nought when they agree as far as they go.
func (v *verifier) firstDifferent(c *checkpoint) int64 {
	if !v.on(checkPrints) || c == nil {
		return 0
	}
	for at := max(v.base, c.from) + 1; at <= min(v.n, c.size); at++ {
		mine, theirs := (at-v.base-1)*printSize, (at-c.from-1)*printSize
		if mine+printSize > int64(len(v.prints)) || theirs+printSize > int64(len(c.prints)) {
			return 0
		}
		if !bytes.Equal(v.prints[mine:mine+printSize], c.prints[theirs:theirs+printSize]) {
			return at
		}
	}
	return 0
}

// failAgainst reports an event, or an earlier one that the checkpoint at hand shows to be bad.
func (v *verifier) failAgainst(c *checkpoint, sequence int64, why string) error {
	if at := v.firstDifferent(c); at > 0 && at < sequence {
		return &Finding{Sequence: at, Why: "it was changed after it was signed for", Evidence: c.note}
	}
	return &Finding{Sequence: sequence, Why: why, Evidence: c.note}
}

// fail reports an event that is wrong by itself. An earlier one, read but not yet held against a checkpoint, may be wrong as well: the next checkpoints
// tell.
func (v *verifier) fail(sequence int64, why string) error {
	for _, c := range []*checkpoint{v.outside.next, v.ahead()} {
		if at := v.firstDifferent(c); at > 0 && at < sequence {
			return &Finding{Sequence: at, Why: "it was changed after it was signed for", Evidence: c.note}
		}
	}
	return &Finding{Sequence: sequence, Why: why}
}

// ahead is the next good checkpoint in the export.
func (v *verifier) ahead() *checkpoint {
	for !v.ended {
		kind, payload, err := v.frame()
		if err != nil || kind == frameEnd {
			return nil
		}
		if kind != frameCheckpoint {
			continue
		}
		if _, c, why := v.open(payload); why == "" && c.size > v.base {
			return c
		}
	}
	return nil
}
