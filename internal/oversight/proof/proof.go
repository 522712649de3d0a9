// Package proof packs a report with what proves it: the events' rows, an inclusion proof for each, the signed checkpoint and public keys, in one ZIP.
package proof

import (
	"archive/zip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"ribble/internal/audit"
	"ribble/internal/ledger"
)

// Document is a further file of the bundle: the report as it was printed, or as a table.
type Document struct {
	Name  string
	Write func(io.Writer) error
}

// Bundle is what is to be packed.
type Bundle struct {
	// Sequences are the numbers of the events, in any order; Documents stand beside their proofs.
	Sequences []int64
	Documents []Document
	// Keys are the ledger's public keys, WitnessKeys those of its witnesses, each in the form of signed notes.
	Keys, WitnessKeys []string
	// Left says what the report leaves out; empty when it is whole.
	Left string
	// Reference says why it was made, MadeAt when.
	Reference string
	MadeAt    time.Time
}

// Packed says what went into a bundle.
type Packed struct {
	// Proven is how many events have a proof; Uncovered how many are too new for one.
	Proven, Uncovered int
}

// Write packs the bundle. Memory does not grow with the number of events but by that number itself.
func (b Bundle) Write(ctx context.Context, from ledger.Reader, out io.Writer) (Packed, error) {
	state, err := from.State(ctx)
	if err != nil {
		return Packed{}, fmt.Errorf("reading the newest checkpoint: %w", err)
	}
	covered, packed := b.covered(state.Size)
	w := &packer{Writer: zip.NewWriter(out), at: b.MadeAt}
	w.file("README.txt", text(b.readme(state.Size, packed)))
	for _, d := range b.Documents {
		w.file(d.Name, d.Write)
	}
	w.file("events.proof", func(out io.Writer) error { return ledger.ProveEvents(ctx, from, out, covered) })
	w.file("events.jsonl", func(out io.Writer) error { return readable(ctx, from, covered, out) })
	w.file("ledger.pub", text(strings.Join(b.Keys, "\n")+"\n"))
	if len(b.WitnessKeys) > 0 {
		w.file("witness.pub", text(strings.Join(b.WitnessKeys, "\n")+"\n"))
	}
	if w.err != nil {
		return packed, fmt.Errorf("packing the proofs: %w", w.err)
	}
	return packed, w.Close()
}

// covered are the events of which a checkpoint of that size speaks, in order, each once.
func (b Bundle) covered(size int64) ([]int64, Packed) {
	all := slices.Clone(b.Sequences)
	slices.Sort(all)
	all = slices.Compact(all)
	end, _ := slices.BinarySearch(all, size+1)
	return all[:end], Packed{Proven: end, Uncovered: len(all) - end}
}

// packer writes files until one fails.
type packer struct {
	*zip.Writer
	at  time.Time
	err error
}

func (p *packer) file(name string, write func(io.Writer) error) {
	if p.err != nil {
		return
	}
	out, err := p.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: p.at})
	if err == nil {
		err = write(out)
	}
	p.err = err
}

func text(s string) func(io.Writer) error {
	return func(out io.Writer) error {
		_, err := io.WriteString(out, s)
		return err
	}
}

// readAtOnce is how many events are held at a time.
const readAtOnce = 500

// line is one event as it is written out.
type line struct {
	Sequence int64       `json:"sequence"`
	Recorded time.Time   `json:"recorded"`
	Event    audit.Event `json:"event"`
}

// readable writes what the rows say in letters: nobody need take their bytes apart to read them.
func readable(ctx context.Context, from ledger.Reader, sequences []int64, out io.Writer) error {
	lines := json.NewEncoder(out)
	for some := range slices.Chunk(sequences, readAtOnce) {
		rows, err := from.Picked(ctx, some)
		if err != nil {
			return err
		}
		for i := range rows {
			event, err := audit.Decode(&rows[i])
			if err != nil {
				return err
			}
			if err := lines.Encode(line{rows[i].Sequence, rows[i].RecordedAt.UTC(), event}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b Bundle) readme(size int64, packed Packed) string {
	witness, late := "", ""
	if len(b.WitnessKeys) > 0 {
		witness = " -witness-key witness.pub"
	}
	if packed.Uncovered > 0 {
		late = fmt.Sprintf("\n%d events were too new to be covered by a signed checkpoint when this was made. They stand in the report without a proof.\nMake the bundle again after ten seconds to have theirs too.\n", packed.Uncovered)
	}
	if b.Left != "" {
		late += "\nNOT COMPLETE. " + b.Left + "\n"
	}
	return strings.NewReplacer("{reference}", b.Reference, "{made}", b.MadeAt.UTC().Format("2 January 2006 15:04:05")+" UTC", "{proven}", fmt.Sprint(packed.Proven),
		"{size}", fmt.Sprint(size), "{late}", late, "{witness}", witness).Replace(readme)
}

const readme = `PROOF OF A REPORT FROM THE AUDIT LOG
Reference: {reference}
Made: {made}

WHAT THIS IS
Every look at a record is written to a log before anything is shown. The log is numbered without gaps, and a signed
summary of all of it (a "checkpoint") is made every few seconds. An independent witness keeps and confirms the
checkpoints. Changing, removing or adding an old entry would change the summary, and everybody could see it.

This bundle proves {proven} entries of the log: each is exactly what was written at the time. The checkpoint used
covers entries 1 to {size}.
{late}
WHAT IT DOES NOT PROVE
It proves that these entries are genuine. That no entry about this person was left out rests on the organisation
that made the report: the log names people only by a keyed code, so that nobody without the key can find them.

THE FILES
report.csv, report.pdf   the report in plain English; its last column gives the numbers of the log's entries
events.jsonl             what each entry says, one a line (names of staff, times, sections; nothing clinical)
events.proof             the same entries byte for byte, each with the hashes that lead to the signed checkpoint
ledger.pub               the public key of the log
witness.pub              the public keys of its witnesses, if it has any

HOW TO CHECK IT
Take ledger.pub and witness.pub from a source you trust, not only from this file: the organisation publishes them,
and the witness gives its own. Then, on any computer, without a network:

    ribble audit verify -export events.proof -key ledger.pub{witness}

HOW TO CHECK IT WITHOUT OUR PROGRAM
events.proof begins with a line of text. Frames follow: one letter, a length (4 bytes, big-endian), and so many bytes.
1. Frame C holds 8 bytes and then the checkpoint: a C2SP signed note (https://c2sp.org/signed-note). Its signature is
   Ed25519 over all text above the empty line. Line 2 is the number of entries, line 3 the root hash in base64.
2. For each entry frame I holds the hashes of its proof, 32 bytes each, and frame R its row. The row's number is in its
   bytes 2 to 9 (big-endian); the leaf's index is one less.
3. The leaf hash is SHA-256 of one zero byte and the row. Combine it with the hashes of the proof as RFC 9162, section
   2.1.3.2, says. The result must be the root hash of the checkpoint.
`
