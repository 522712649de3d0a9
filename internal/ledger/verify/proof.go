package verify

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"time"

	"ribble/internal/ledger/leaf"
)

const (
	proofMagic     = "ribble audit proof 1\n"
	frameInclusion = 'I'
)

// Proofs says what a proof bundle proves.
type Proofs struct {
	// Rows are the proven events, each as the ledger has it, in the order of the bundle.
	Rows []leaf.Row
	// At is when a witness confirmed the checkpoint they are proven by; zero when no witness's key was given.
	At time.Time
	// Finding is the first event that is not proven; nil when all are.
	Finding *Finding
}

// IsProof reports whether a file begins as a proof bundle does, and leaves it at its beginning.
func IsProof(file io.ReadSeeker) (bool, error) {
	text := make([]byte, len(proofMagic))
	_, err := io.ReadFull(file, text)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false, err
	}
	_, err = file.Seek(0, io.SeekStart)
	return string(text) == proofMagic, err
}

// Events checks a proof bundle: that each event in it is one of those the ledger signed for, and, with a witness's key, that a witness confirmed it.
func Events(bundle io.Reader, o Options) (Proofs, error) {
	v := &verifier{in: bufio.NewReader(bundle)}
	var err error
	if v.logs, err = parseKeys(o.LogKeys, algLog); err != nil || len(v.logs) == 0 {
		return Proofs{}, errors.Join(errors.New("the ledger's public key is needed"), err)
	}
	if v.others, err = parseKeys(o.WitnessKeys, algWitness); err != nil {
		return Proofs{}, err
	}
	text := make([]byte, len(proofMagic))
	if _, err := io.ReadFull(v.in, text); err != nil || string(text) != proofMagic {
		return Proofs{}, errForm
	}
	kind, payload, err := v.frame()
	if err != nil || kind != frameCheckpoint {
		return Proofs{}, errForm
	}
	_, c, why := v.open(payload)
	if why == "" && len(v.others) > 0 && c.cosigned.IsZero() {
		why = "its checkpoint is confirmed by no witness"
	}
	if why != "" {
		return Proofs{Finding: &Finding{Sequence: 1, Why: why}}, nil
	}
	p := Proofs{At: c.cosigned}
	return p, p.read(v, c)
}

// read goes through the events.
func (p *Proofs) read(v *verifier, c *checkpoint) error {
	for {
		kind, payload, err := v.frame()
		if err == nil && kind == frameEnd && len(payload) == 8 {
			if number(payload) != int64(len(p.Rows)) {
				return errForm
			}
			return nil
		}
		if err != nil || kind != frameInclusion {
			return errForm
		}
		proof, ok := split(payload)
		kind, payload, err = v.frame()
		if err != nil || !ok || kind != frameRow {
			return errForm
		}
		h := hashLeaf(payload)
		row, err := leaf.Decode(append([]byte(nil), payload[1:]...))
		if err != nil {
			return errForm
		}
		if !included(proof, row.Sequence-1, h, c) {
			p.Finding = &Finding{Sequence: row.Sequence, Why: fmt.Sprintf("it is not among the %d events that the ledger signed for", c.size), Evidence: c.note}
			return nil
		}
		p.Rows = append(p.Rows, row)
	}
}

// included checks an inclusion proof (RFC 9162, 2.1.3.2).
func included(proof []hash, index int64, leaf hash, c *checkpoint) bool {
	if index < 0 || index >= c.size {
		return false
	}
	fn, sn, r := uint64(index), uint64(c.size-1), leaf
	for _, p := range proof {
		if sn == 0 {
			return false
		}
		if fn&1 == 1 || fn == sn {
			r = hashNode(p, r)
			for fn&1 == 0 && fn != 0 {
				fn, sn = fn>>1, sn>>1
			}
		} else {
			r = hashNode(r, p)
		}
		fn, sn = fn>>1, sn>>1
	}
	return sn == 0 && r == c.root
}
