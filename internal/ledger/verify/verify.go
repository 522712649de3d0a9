// Package verify checks an export of the audit trail with nothing but public keys. It shares the encoding of a row with the ledger and no other code:
// the tree, the signatures and the proofs are worked out here once more, so that a fault of the ledger's cannot hide itself.
package verify

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"time"

	"ribble/internal/ledger/leaf"
)

// Options are what a verifier is given besides the export.
type Options struct {
	// LogKeys and WitnessKeys are public keys in the form of signed notes. Without a witness's key everything rests on whoever keeps the ledger's own.
	LogKeys, WitnessKeys []string
	// Outside is the file of checkpoints that a witness confirmed; it finds what was cut off, set back or written twice. It may be nil.
	Outside io.Reader
}

// Report says what was found.
type Report struct {
	// From and To are the first and last event read.
	From, To int64
	// Proven is the last event that a witness's signature covers (without witness keys: the ledger's), ProvenAt the time of that signature: up to there
	// everything is as it was then. Proven is less than From when nothing is.
	Proven   int64
	ProvenAt time.Time
	// Signed is the last event that a signature of the ledger covers.
	Signed int64
	// Finding is the first thing wrong; nil when nothing is.
	Finding *Finding
}

// Finding is something wrong.
type Finding struct {
	// Sequence is the first bad event. UpTo is greater when it can only be said that it is one of those.
	Sequence, UpTo int64
	// Why says what is wrong with it.
	Why string
	// Evidence is the signed checkpoint that the events contradict, if any; with the export it proves the finding to anybody.
	Evidence []byte
}

// String is the finding in one line.
func (f *Finding) String() string {
	if f.UpTo > f.Sequence {
		return fmt.Sprintf("events %d to %d: %s", f.Sequence, f.UpTo, f.Why)
	}
	return fmt.Sprintf("event %d: %s", f.Sequence, f.Why)
}

// Error lets a finding end the reading.
func (f *Finding) Error() string { return f.String() }

// check names one thing that is checked, so that tests can prove that each is needed.
type check string

// The checks.
const (
	checkMagic      check = "the file is an export"
	checkSequence   check = "numbers are without gaps"
	checkRoot       check = "the tree is the one signed"
	checkPrints     check = "the changed event is found by its print"
	checkLogKey     check = "checkpoints are signed by the ledger"
	checkOrigin     check = "checkpoints are of this ledger"
	checkWitnessKey check = "confirmed means signed by a witness"
	checkColumn     check = "a checkpoint is of the size it is kept under"
	checkOrder      check = "checkpoints are in order"
	checkMissing    check = "every checkpoint has its events"
	checkProof      check = "the range is a part of the tree signed"
	checkOutside    check = "what a witness confirmed is there"
	checkTail       check = "checkpoints did not stop"
	checkWitnessed  check = "confirmations did not stop"
	checkEnd        check = "the export is complete"
)

// How long events may go without a checkpoint, and checkpoints without a witness, before that is a finding; and how far the clocks of exporter and
// witness may differ.
const (
	mostUncovered   = time.Minute
	mostUnwitnessed = 5 * time.Minute
	slack           = 2 * time.Second
)

// verifier reads one export from beginning to end.
type verifier struct {
	in      *bufio.Reader
	logs    []key
	others  []key
	outside *outside
	// off are checks that a test has switched off.
	off map[check]bool

	report Report
	// openEnd says that the export goes to the end of the trail, at is when it was made.
	openEnd bool
	at      time.Time
	n       int64
	tree    frontier
	// prints are those of the events after base, the last that a checkpoint confirmed.
	prints []byte
	base   int64
	// inside is the size of the newest checkpoint in the export; afterInside and afterProven are when the first event beyond it, and beyond the last
	// confirmed one, was recorded.
	inside                   int64
	afterInside, afterProven time.Time
	// doubt is the first thing wrong with the checkpoints in the export. Events are worse, and so it is reported when no event is found to be bad.
	doubt  *Finding
	head   [5]byte
	proof  []hash
	buffer []byte
	ended  bool
}

// Export checks an export. The error is about the input: a key that cannot be read, a file that cannot; what is wrong with the trail is in the Report.
func Export(export io.Reader, o Options) (Report, error) { return run(export, o, nil) }

func run(export io.Reader, o Options, off map[check]bool) (Report, error) {
	v := &verifier{in: bufio.NewReaderSize(export, 1<<20), off: off}
	var err error
	if v.logs, err = parseKeys(o.LogKeys, algLog); err != nil || len(v.logs) == 0 {
		return Report{}, errors.Join(errors.New("the ledger's public key is needed"), err)
	}
	if v.others, err = parseKeys(o.WitnessKeys, algWitness); err != nil {
		return Report{}, err
	}
	if o.Outside != nil && len(v.others) == 0 {
		return Report{}, errors.New("a witness's checkpoints need the witness's public key")
	}
	if v.outside, err = v.newOutside(o.Outside); err != nil {
		return Report{}, err
	}
	err = v.read()
	var f *Finding
	if errors.As(err, &f) {
		v.report.Finding, err = f, nil
	}
	v.report.To = v.n
	return v.report, err
}

func (v *verifier) on(c check) bool { return !v.off[c] }

// read goes through the frames.
func (v *verifier) read() error {
	if err := v.begin(); err != nil {
		return err
	}
	for !v.ended {
		kind, payload, err := v.frame()
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		if err != nil {
			return err
		}
		if err := v.take(kind, payload); err != nil {
			return err
		}
	}
	return v.finish()
}

func (v *verifier) take(kind byte, payload []byte) error {
	switch kind {
	case frameRow:
		return v.row(payload)
	case frameCheckpoint:
		return v.stored(payload)
	case frameProof:
		return v.takeProof(payload)
	case frameEnd:
		v.ended = true
		return nil
	}
	return fmt.Errorf("after event %d the file holds something unknown", v.n)
}

// row adds an event.
func (v *verifier) row(payload []byte) error {
	sequence, recorded, err := leaf.Glance(payload[1:])
	if err != nil {
		return v.fail(v.n+1, "its row cannot be read")
	}
	switch {
	case !v.on(checkSequence):
	case sequence > v.n+1:
		return v.fail(v.n+1, fmt.Sprintf("it is missing: event %d follows event %d", sequence, v.n))
	case sequence < v.n+1:
		return v.fail(sequence, "its number is there twice")
	}
	h := hashLeaf(payload)
	v.tree.push(h)
	v.n++
	if v.n == v.base+1 {
		v.prints = v.prints[:0]
	}
	if len(v.prints) < mostPrints*printSize {
		v.prints = append(v.prints, h[:printSize]...)
	}
	if v.n == v.inside+1 {
		v.afterInside = recorded
	}
	if v.n == v.report.Proven+1 {
		v.afterProven = recorded
	}
	return v.compareOutside()
}

// compareOutside holds the tree against what a witness confirmed of it at this size.
func (v *verifier) compareOutside() error {
	for v.outside.next != nil && v.outside.next.size <= v.n {
		if c := v.outside.next; c.size == v.n {
			if err := v.match(c); err != nil {
				return err
			}
		}
		if err := v.outside.advance(); err != nil {
			return err
		}
	}
	return nil
}

// stored takes a checkpoint as the database kept it.
func (v *verifier) stored(payload []byte) error {
	size, c, why := v.open(payload)
	if why == "" && v.on(checkOrder) && size <= v.inside {
		why = fmt.Sprintf("after the checkpoint of %d events comes one of %d", v.inside, size)
	}
	if why != "" {
		if v.doubt == nil {
			v.doubt = &Finding{Sequence: v.inside + 1, Why: why}
		}
		return nil
	}
	switch {
	case c.size == v.n:
		if err := v.match(c); err != nil {
			return err
		}
	case c.size > v.n && v.proof != nil:
		if err := v.matchBeyond(c); err != nil {
			return err
		}
	case c.size > v.n && v.on(checkMissing):
		return v.failAgainst(c, v.n+1, fmt.Sprintf("it is missing: the ledger signed for %d events and there are %d", c.size, v.n))
	}
	v.inside = min(size, v.n)
	return nil
}

// open reads a checkpoint of the export; why says what is wrong with it.
func (v *verifier) open(payload []byte) (size int64, c *checkpoint, why string) {
	if len(payload) < 8 {
		return 0, nil, "its checkpoint cannot be read"
	}
	size = number(payload)
	c, why = v.openNote(payload[8:])
	if why == "" && v.on(checkColumn) && c.size != size {
		why = fmt.Sprintf("in place of its checkpoint, of %d events, there is one of %d", size, c.size)
	}
	return size, c, why
}

// match compares the tree with a checkpoint of the same size.
func (v *verifier) match(c *checkpoint) error {
	if v.on(checkRoot) && v.tree.root() != c.root {
		return v.locate(c, "it was changed after it was signed for")
	}
	v.confirmed(c, v.n)
	return nil
}

// matchBeyond compares the tree with a checkpoint of more events, by the proof that came before it.
func (v *verifier) matchBeyond(c *checkpoint) error {
	if v.on(checkProof) && !consistent(v.proof, v.n, v.tree.root(), c.size, c.root) {
		return v.locate(c, "it was changed after it was signed for")
	}
	v.proof = nil
	v.confirmed(c, v.n)
	return nil
}

// confirmed notes that events up to n are as a checkpoint has them.
func (v *verifier) confirmed(c *checkpoint, n int64) {
	v.base, v.report.Signed = n, n
	if len(v.others) == 0 || !v.on(checkWitnessKey) || !c.cosigned.IsZero() {
		v.report.Proven, v.report.ProvenAt = n, c.cosigned
	}
}

// finish looks at what should have come and did not.
func (v *verifier) finish() error {
	if v.on(checkEnd) && !v.ended {
		return v.fail(v.n+1, "the export ends before it is complete")
	}
	if c := v.outside.next; v.on(checkOutside) && v.openEnd && c != nil && c.cosigned.Add(slack).Before(v.at) {
		return v.failAgainst(c, v.n+1, fmt.Sprintf("it is missing: at %s a witness confirmed %d events", stamp(c.cosigned), c.size))
	}
	if v.doubt != nil {
		return v.doubt
	}
	if !v.openEnd {
		return nil
	}
	if v.on(checkTail) && v.n > v.inside && v.at.Sub(v.afterInside) > mostUncovered {
		return v.fail(v.inside+1, fmt.Sprintf("recorded at %s, it has no checkpoint in an export of %s", stamp(v.afterInside), stamp(v.at)))
	}
	if v.on(checkWitnessed) && len(v.others) > 0 && v.n > v.report.Proven && v.at.Sub(v.afterProven) > mostUnwitnessed {
		return v.fail(v.report.Proven+1, fmt.Sprintf("recorded at %s, it is confirmed by no witness in an export of %s", stamp(v.afterProven), stamp(v.at)))
	}
	return nil
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
