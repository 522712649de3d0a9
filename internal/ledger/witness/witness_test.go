package witness

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"ribble/internal/ledger/checkpoint"
)

const origin = "ribble.example/audit"

// log is a small ledger with two possible histories.
type log struct {
	signer note.Signer
	hashes []tlog.Hash
	leaves int64
	forked string
}

func newLog(t *testing.T) (*log, note.Verifier) {
	t.Helper()
	signer, verifier := keyOf(t, checkpoint.NewLogKey, origin)
	return &log{signer: signer}, verifier
}

func keyOf(t *testing.T, make func(string) (string, string, error), name string) (note.Signer, note.Verifier) {
	t.Helper()
	secret, public, err := make(name)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "key")
	if err := checkpoint.WriteKeyPair(path, secret, public); err != nil {
		t.Fatal(err)
	}
	file, err := checkpoint.ReadSigners(path, func() time.Time { return time.Unix(1_800_000_000, 0) })
	if err != nil {
		t.Fatal(err)
	}
	return file.Signers[0], file.Verifiers[0]
}

func (l *log) reader() tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			out[i] = l.hashes[index]
		}
		return out, nil
	})
}

func (l *log) grow(t *testing.T, to int64) {
	t.Helper()
	for ; l.leaves < to; l.leaves++ {
		hashes, err := tlog.StoredHashes(l.leaves, fmt.Appendf(nil, "%s%d", l.forked, l.leaves), l.reader())
		if err != nil {
			t.Fatal(err)
		}
		l.hashes = append(l.hashes, hashes...)
	}
}

// request is what the ledger would send to have its newest size confirmed.
func (l *log) request(t *testing.T, old, size int64) request {
	t.Helper()
	l.grow(t, size)
	root, err := tlog.TreeHash(size, l.reader())
	if err != nil {
		t.Fatal(err)
	}
	signed, err := note.Sign(&note.Note{Text: checkpoint.Checkpoint{Origin: origin, Size: size, Root: root}.Body()}, l.signer)
	if err != nil {
		t.Fatal(err)
	}
	r := request{old: old, checkpoint: signed}
	if old > 0 && old < size {
		if r.proof, err = tlog.ProveTree(size, old, l.reader()); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// post sends a request over HTTP.
func post(t *testing.T, w *Witness, body []byte) (int, string, http.Header) {
	t.Helper()
	rec := httptest.NewRecorder()
	w.Handler().ServeHTTP(rec, httptest.NewRequestWithContext(context.Background(), http.MethodPost, path, bytes.NewReader(body)))
	return rec.Code, rec.Body.String(), rec.Header()
}

func openOne(t *testing.T, dir string, signer note.Signer, logs ...note.Verifier) *Witness {
	t.Helper()
	w, err := Open(dir, signer, logs)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return w
}

func TestProtocol(t *testing.T) {
	l, logKey := newLog(t)
	signer, key := keyOf(t, checkpoint.NewWitnessKey, "witness.example")
	w := openOne(t, t.TempDir(), signer, logKey)
	stranger, _ := newLog(t)
	other := &log{signer: l.signer, forked: "other"}
	badProof := l.request(t, 5, 9)
	badProof.proof[0][0] ^= 1
	noProof := l.request(t, 5, 9)
	noProof.proof = nil
	unknown := bytes.Replace(l.request(t, 0, 1).checkpoint, []byte(origin), []byte("else.example/audit"), 1)
	for _, c := range []struct {
		name string
		body []byte
		want int
		text string
	}{
		{"another ledger", format(request{checkpoint: unknown}), http.StatusNotFound, ""},
		{"signed by somebody else", format(stranger.request(t, 0, 3)), http.StatusForbidden, ""},
		{"first", format(l.request(t, 0, 5)), http.StatusOK, "— witness.example "},
		{"the first again", format(l.request(t, 0, 5)), http.StatusConflict, "5\n"},
		{"the same size", format(l.request(t, 5, 5)), http.StatusOK, "— witness.example "},
		{"the same size, another history", format(other.request(t, 5, 5)), http.StatusConflict, "5\n"},
		{"old beyond the checkpoint", format(l.request(t, 6, 5)), http.StatusBadRequest, ""},
		{"a wrong proof", format(badProof), http.StatusUnprocessableEntity, ""},
		{"no proof", format(noProof), http.StatusUnprocessableEntity, ""},
		{"another history", format(other.request(t, 5, 9)), http.StatusUnprocessableEntity, ""},
		{"further", format(l.request(t, 5, 9)), http.StatusOK, "— witness.example "},
		{"back", format(l.request(t, 5, 7)), http.StatusConflict, "9\n"},
		{"no request", []byte("hello"), http.StatusBadRequest, ""},
		{"a size with a nought before it", []byte("old 09\n\nx"), http.StatusBadRequest, ""},
		{"too large", make([]byte, mostNote+1), http.StatusRequestEntityTooLarge, ""},
	} {
		status, text, header := post(t, w, c.body)
		if status != c.want || !strings.HasPrefix(text, c.text) {
			t.Errorf("%s: %d %q", c.name, status, text)
		}
		if status == http.StatusConflict && header.Get("Content-Type") != sizeType {
			t.Errorf("%s: type %q", c.name, header.Get("Content-Type"))
		}
	}
	_, sig, _ := post(t, w, format(l.request(t, 9, 12)))
	n, err := note.Open(append(l.request(t, 9, 12).checkpoint, sig...), note.VerifierList(logKey, key))
	if err != nil || len(n.Sigs) != 2 || !checkpoint.CosignedAt(n).Equal(time.Unix(1_800_000_000, 0)) {
		t.Errorf("%v, %v", n, err)
	}
	forks, err := os.ReadDir(filepath.Join(filepath.Dir(w.File(origin)), "forks"))
	if err != nil || len(forks) != 4 {
		t.Errorf("%d pieces of evidence, %v", len(forks), err)
	}
}

// TestRemembers: what was answered is there after a restart, and after a crash in the middle of writing the next.
func TestRemembers(t *testing.T) {
	l, logKey := newLog(t)
	signer, _ := keyOf(t, checkpoint.NewWitnessKey, "witness.example")
	dir := t.TempDir()
	w := openOne(t, dir, signer, logKey)
	for _, size := range []int64{4, 9} {
		if status, _, _ := post(t, w, format(l.request(t, w.states[origin].size, size))); status != http.StatusOK {
			t.Fatal(status)
		}
	}
	if _, err := Open(dir, signer, []note.Verifier{logKey}); err == nil {
		t.Error("two witnesses share a folder")
	}
	file := w.File(origin)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for cut := range 40 {
		if err := os.WriteFile(file, append(bytes.Clone(whole), whole[:cut]...), 0o600); err != nil {
			t.Fatal(err)
		}
		again := openOne(t, dir, signer, logKey)
		if got := again.states[origin].size; got != 9 {
			t.Fatalf("after a crash it remembers %d", got)
		}
		if err := again.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if status, text, _ := post(t, openOne(t, dir, signer, logKey), format(l.request(t, 4, 12))); status != http.StatusConflict || text != "9\n" {
		t.Errorf("%d %q", status, text)
	}
}

// TestDamagedFileIsRefused: a byte changed in what was confirmed.
func TestDamagedFileIsRefused(t *testing.T) {
	l, logKey := newLog(t)
	signer, _ := keyOf(t, checkpoint.NewWitnessKey, "witness.example")
	dir := t.TempDir()
	w := openOne(t, dir, signer, logKey)
	post(t, w, format(l.request(t, 0, 4)))
	file := w.File(origin)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text[40] ^= 1
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, signer, []note.Verifier{logKey}); err == nil {
		t.Error("a damaged file was accepted")
	}
}

// TestNothingIsConfirmedThatIsNotWritten: when the disk fails, nothing is signed, then or later.
func TestNothingIsConfirmedThatIsNotWritten(t *testing.T) {
	l, logKey := newLog(t)
	signer, _ := keyOf(t, checkpoint.NewWitnessKey, "witness.example")
	w := openOne(t, t.TempDir(), signer, logKey)
	file := w.states[origin].file
	readOnly, err := os.Open(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	defer readOnly.Close()
	w.states[origin].file = readOnly
	for range 2 {
		if status, text, _ := post(t, w, format(l.request(t, 0, 4))); status != http.StatusInternalServerError || text != "" {
			t.Errorf("%d %q", status, text)
		}
	}
	w.states[origin].file = file
	if status, _, _ := post(t, w, format(l.request(t, 0, 4))); status != http.StatusInternalServerError {
		t.Errorf("after a failed write: %d", status)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("old 5\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\nx"))
	f.Add([]byte("old 0\n\nx\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := parse(body)
		if err == nil && !bytes.Equal(format(r), body) {
			t.Errorf("%q reads as another request", body)
		}
	})
}
