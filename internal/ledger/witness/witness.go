// Package witness confirms the checkpoints of ledgers from outside (C2SP tlog-witness): it signs only what continues what it signed before, and writes
// that down before it answers, so that whoever rewrites a ledger needs the witness's machine as well.
package witness

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"ribble/internal/ledger/checkpoint"
)

// Witness holds what it confirmed of each ledger, in a folder of its own.
type Witness struct {
	dir    string
	signer note.Signer
	// logs are the keys of the ledgers it knows, by origin.
	logs map[string][]note.Verifier

	mu     sync.Mutex
	states map[string]*state
}

// state is the newest checkpoint confirmed of one ledger and the file of all of them.
type state struct {
	size int64
	root tlog.Hash
	file *os.File
	// failed is why nothing more can be confirmed: what the file holds is not known.
	failed error
}

// Open takes up the witness's folder, which only one process may use, its key, and the public keys of the ledgers it knows.
func Open(dir string, signer note.Signer, logs []note.Verifier) (*Witness, error) {
	w := &Witness{dir: dir, signer: signer, logs: map[string][]note.Verifier{}, states: map[string]*state{}}
	for _, v := range logs {
		w.logs[v.Name()] = append(w.logs[v.Name()], v)
	}
	for origin := range w.logs {
		s, err := w.load(origin)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("opening what was confirmed of %s: %w", origin, err), w.Close())
		}
		w.states[origin] = s
	}
	return w, nil
}

// Close closes the files.
func (w *Witness) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	var err error
	for _, s := range w.states {
		err = errors.Join(err, s.file.Close())
	}
	w.states = map[string]*state{}
	return err
}

// File is where all confirmed checkpoints of a ledger are kept, for whoever verifies an export.
func (w *Witness) File(origin string) string {
	sum := sha256.Sum256([]byte(origin))
	return filepath.Join(w.dir, fmt.Sprintf("%x", sum[:8]), "checkpoints")
}

// load reads the file of a ledger. A last checkpoint that is not whole was never answered, and is cut off.
func (w *Witness) load(origin string) (*state, error) {
	path := w.File(origin)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	s := &state{file: file}
	if err := errors.Join(lock(file), s.replay(note.VerifierList(w.logs[origin]...)), syncDir(filepath.Dir(path)), syncDir(w.dir)); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return s, nil
}

func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// outcome is an answer of the protocol.
type outcome struct {
	status int
	// size is told on a conflict, signatures on success.
	size       int64
	signatures []byte
	// evidence is set when the ledger itself signed something that cannot be true together with what it signed before.
	evidence bool
}

// request is a checkpoint to confirm, with the proof that it continues one of size old.
type request struct {
	old        int64
	proof      tlog.TreeProof
	checkpoint []byte
}

// add decides about a request, as the specification has it, and answers a success only when it is on disk.
func (w *Witness) add(r request) outcome {
	origin, _, _ := strings.Cut(string(r.checkpoint), "\n")
	keys := w.logs[origin]
	if keys == nil {
		return outcome{status: http.StatusNotFound}
	}
	c, n, err := checkpoint.Open(r.checkpoint, note.VerifierList(keys...))
	if err != nil || c.Origin != origin {
		return outcome{status: http.StatusForbidden}
	}
	if r.old > c.Size {
		return outcome{status: http.StatusBadRequest}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.states[origin]
	if s == nil || s.failed != nil {
		return outcome{status: http.StatusInternalServerError}
	}
	if r.old != s.size {
		return outcome{status: http.StatusConflict, size: s.size}
	}
	if refused, ok := s.refuse(r, c); ok {
		return refused
	}
	return w.confirm(s, c, n)
}

// refuse finds what contradicts the newest checkpoint.
func (s *state) refuse(r request, c checkpoint.Checkpoint) (outcome, bool) {
	if c.Size == s.size {
		same := s.size == 0 || c.Root == s.root
		if len(r.proof) > 0 {
			return outcome{status: http.StatusUnprocessableEntity}, true
		}
		return outcome{status: http.StatusConflict, size: s.size, evidence: true}, !same
	}
	if s.size == 0 {
		return outcome{status: http.StatusUnprocessableEntity}, len(r.proof) > 0
	}
	err := tlog.CheckTree(r.proof, c.Size, c.Root, s.size, s.root)
	return outcome{status: http.StatusUnprocessableEntity, evidence: true}, err != nil
}

// confirm signs and, when it is news, writes down what it signed before anybody hears of it.
func (w *Witness) confirm(s *state, c checkpoint.Checkpoint, n *note.Note) outcome {
	signed, err := note.Sign(&note.Note{Text: n.Text, Sigs: n.Sigs}, w.signer)
	if err != nil {
		return outcome{status: http.StatusInternalServerError}
	}
	if c.Size > s.size {
		if s.failed = s.persist(c, signed); s.failed != nil {
			return outcome{status: http.StatusInternalServerError}
		}
	}
	return outcome{status: http.StatusOK, signatures: ownSignature(signed)}
}

// ownSignature is the last line: a signer's line is added after those that were there.
func ownSignature(signed []byte) []byte {
	lines := bytes.TrimSuffix(signed, []byte("\n"))
	return append(bytes.Clone(lines[bytes.LastIndexByte(lines, '\n')+1:]), '\n')
}

// keepEvidence writes a request down that proves a fork: two signed checkpoints of one ledger of which one is not the beginning of the other.
func (w *Witness) keepEvidence(origin string, body []byte, at time.Time) error {
	dir := filepath.Join(filepath.Dir(w.File(origin)), "forks")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	const most = 1000
	if kept, err := os.ReadDir(dir); err != nil || len(kept) >= most {
		return err
	}
	sum := sha256.Sum256(body)
	f, err := os.OpenFile(filepath.Join(dir, fmt.Sprintf("%s-%x", at.UTC().Format("20060102T150405Z"), sum[:8])), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o400)
	if errors.Is(err, os.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = f.Write(body)
	return errors.Join(err, f.Sync(), f.Close(), syncDir(dir))
}
