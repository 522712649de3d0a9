package audit

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"ribble/internal/ledger/leaf"
	"ribble/internal/record"
)

// keyFiles makes a fresh file of each kind.
func keyFiles(t *testing.T) KeyFiles {
	t.Helper()
	dir := t.TempDir()
	files := KeyFiles{filepath.Join(dir, "index"), filepath.Join(dir, "person"), filepath.Join(dir, "row")}
	for _, f := range []string{files.Index, files.Person, files.Row} {
		if err := WriteKeyFile(f); err != nil {
			t.Fatal(err)
		}
		if err := WriteKeyFile(f); err == nil {
			t.Error("a key file was replaced")
		}
		if info, err := os.Stat(f); err != nil || info.Mode().Perm() != 0o400 {
			t.Errorf("%v, %v", info.Mode(), err)
		}
	}
	return files
}

// rotate puts a fresh key before the old one.
func rotate(t *testing.T, file string) string {
	t.Helper()
	fresh := file + "-fresh"
	if err := WriteKeyFile(fresh); err != nil {
		t.Fatal(err)
	}
	a, errA := os.ReadFile(fresh)
	b, errB := os.ReadFile(file)
	name := file + "-rotated"
	if err := errors.Join(errA, errB, os.WriteFile(name, append(a, b...), 0o400)); err != nil {
		t.Fatal(err)
	}
	return name
}

func load(t *testing.T, files KeyFiles, store DataKeys) *Keys {
	t.Helper()
	k, err := LoadKeys(files, store)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func newMemoryDataKeys() *memoryDataKeys { return &memoryDataKeys{keys: map[string]DataKey{}} }

// trace writes one event about the test's person and gives it with its entry.
func trace(t *testing.T, k *Keys) (Event, Entry) {
	t.Helper()
	m := &memory{}
	if err := NewTrail(m, k, time.Now).Note(t.Context(), Note{Act: ActTraced, NHSNumber: testNumber(t)}); err != nil {
		t.Fatal(err)
	}
	return m.last(t), m.entries[0]
}

func TestKeysRotate(t *testing.T) {
	files, store := keyFiles(t), newMemoryDataKeys()
	before := load(t, files, store)
	e, entry := trace(t, before)

	rotated := KeyFiles{rotate(t, files.Index), rotate(t, files.Person), rotate(t, files.Row)}
	k := load(t, rotated, store)
	if number, _, err := k.Reveal(t.Context(), e); err != nil || number != testNumber(t) {
		t.Errorf("under the rotated keys: %v", err)
	}
	found := k.Indexes(testNumber(t))
	if len(found) != 2 || found[1].Key != e.Person.IndexKey || !bytes.Equal(found[1].Value, e.Person.Index) || bytes.Equal(found[0].Value, e.Person.Index) {
		t.Error("the rotated keys do not find the old event")
	}
	later, laterEntry := trace(t, k)
	if later.Person.SealKey == e.Person.SealKey || laterEntry.MACKey == entry.MACKey {
		t.Error("a new event is under old keys")
	}
	for name, entry := range map[string]Entry{"old": entry, "new": laterEntry} {
		if r := rowOf(entry); k.Authentic(&r) != nil {
			t.Errorf("the %s row is not authentic under the rotated keys", name)
		}
	}
	ids, err := k.DataKeyIDs(t.Context(), testNumber(t))
	if err != nil || len(ids) != 2 {
		t.Errorf("data keys %v, %v", ids, err)
	}
}

// TestWrappingKeyIsRetired wraps every data key anew and drops the old wrapping key: everything opens as before.
func TestWrappingKeyIsRetired(t *testing.T) {
	files, store := keyFiles(t), newMemoryDataKeys()
	e, _ := trace(t, load(t, files, store))
	fresh := files
	fresh.Person = filepath.Join(t.TempDir(), "person")
	if err := WriteKeyFile(fresh.Person); err != nil {
		t.Fatal(err)
	}
	alone := load(t, fresh, store)
	if _, _, err := alone.Reveal(t.Context(), e); !errors.Is(err, ErrKeyUnknown) {
		t.Fatalf("without the wrapping key: %v", err)
	}
	both := *alone
	both.wrap = append(both.wrap[:1:1], load(t, files, store).wrap...)
	for id, key := range store.keys {
		again, err := both.Rewrap(key)
		if err != nil || again.WrapKey == key.WrapKey {
			t.Fatalf("%v", err)
		}
		if same, err := both.Rewrap(again); err != nil || !bytes.Equal(same.Wrapped, again.Wrapped) {
			t.Errorf("a key wrapped already was wrapped again: %v", err)
		}
		store.keys[id] = again
	}
	if number, _, err := alone.Reveal(t.Context(), e); err != nil || number != testNumber(t) {
		t.Errorf("after wrapping anew: %v", err)
	}
}

func TestSealedPersonOpensInItsEventAlone(t *testing.T) {
	k := GenerateKeys()
	e, _ := trace(t, k)
	if _, _, err := GenerateKeys().Reveal(t.Context(), e); !errors.Is(err, ErrKeyUnknown) {
		t.Errorf("without its key: %v", err)
	}
	e.ID[0] ^= 1
	if _, _, err := k.Reveal(t.Context(), e); err == nil {
		t.Error("a sealed person opened in another event")
	}
}

// TestDataKeysCannotBeSwapped: somebody with the database gives one person's row the other's wrapped key.
func TestDataKeysCannotBeSwapped(t *testing.T) {
	store := newMemoryDataKeys()
	k := load(t, keyFiles(t), store)
	e, _ := trace(t, k)
	other, err := k.protect(t.Context(), UUID{9}, record.NHSNumber{}, Terms{Family: "x"})
	if err != nil {
		t.Fatal(err)
	}
	swapped := store.keys[e.Person.SealKey]
	swapped.Wrapped = store.keys[other.SealKey].Wrapped
	store.keys[e.Person.SealKey] = swapped
	k.data.held = map[string]openKey{}
	if _, _, err := k.Reveal(t.Context(), e); err == nil || errors.Is(err, ErrKeyUnknown) {
		t.Errorf("got %v", err)
	}
}

// TestErasure destroys a person's data key: within a minute no event about them opens, and the person's next event is under a new key.
func TestErasure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemoryDataKeys()
		k := load(t, keyFiles(t), store)
		e, _ := trace(t, k)
		ids, err := k.DataKeyIDs(t.Context(), testNumber(t))
		if err != nil || len(ids) != 1 || ids[0] != e.Person.SealKey {
			t.Fatalf("%v, %v", ids, err)
		}
		delete(store.keys, ids[0])
		time.Sleep(dataKeyLife)
		if _, _, err := k.Reveal(t.Context(), e); !errors.Is(err, ErrKeyUnknown) {
			t.Errorf("an erased person: %v", err)
		}
		later, _ := trace(t, k)
		if later.Person.SealKey == e.Person.SealKey {
			t.Error("the destroyed key is in use")
		}
		if number, _, err := k.Reveal(t.Context(), later); err != nil || number != testNumber(t) {
			t.Errorf("a later event: %v", err)
		}
	})
}

func TestHeldDataKeysAreBounded(t *testing.T) {
	k := GenerateKeys()
	k.data.store = newMemoryDataKeys()
	for i := range 3 * mostDataKeys {
		k.data.hold(string(rune(i)), openKey{})
	}
	if n := len(k.data.held); n > mostDataKeys {
		t.Errorf("%d keys are held", n)
	}
}

// TestDataKeyOfAnOldCopy: a key that was kept where the event was refused, as by an old copy of the database, seals nothing that another database takes.
func TestDataKeyOfAnOldCopy(t *testing.T) {
	trail, m := testTrail()
	note := Note{Act: ActTraced, User: testUser(), NHSNumber: testNumber(t)}
	m.fail = 1
	if err := trail.Note(t.Context(), note); !errors.Is(err, ErrNotWritten) {
		t.Fatalf("got %v", err)
	}
	clear(trail.keys.data.store.(*memoryDataKeys).keys)
	if err := trail.Note(t.Context(), note); err != nil {
		t.Fatal(err)
	}
	if _, _, err := trail.keys.Forgetful().Reveal(t.Context(), m.last(t)); err != nil {
		t.Errorf("the event is about somebody who cannot be read: %v", err)
	}
}

func TestRevealTerms(t *testing.T) {
	trail, m := testTrail()
	want := Terms{Family: canaryName, Born: "1945-07"}
	if err := trail.Note(t.Context(), Note{Act: ActSearched, User: testUser(), Terms: want}); err != nil {
		t.Fatal(err)
	}
	e := m.last(t)
	n, got, err := trail.keys.Reveal(t.Context(), e)
	if err != nil || !n.IsZero() || got != want || e.Person.Index != nil || e.Person.IndexKey != "" {
		t.Errorf("%v, %v", n.IsZero(), err)
	}
}

// brokenDataKeys cannot be asked.
type brokenDataKeys struct{ DataKeys }

func (brokenDataKeys) Of(context.Context, []byte, string) (DataKey, error) { return DataKey{}, errDown }

func TestNoDataKeyNoEvent(t *testing.T) {
	m := &memory{}
	err := NewTrail(m, load(t, keyFiles(t), brokenDataKeys{}), time.Now).Note(t.Context(), Note{Act: ActTraced, NHSNumber: testNumber(t)})
	if err == nil || len(m.entries) != 0 {
		t.Errorf("%v, %d events", err, len(m.entries))
	}
}

// rowOf is the entry as the database would keep it.
func rowOf(e Entry) leaf.Row {
	r := e.row()
	r.Sequence, r.RecordedAt, r.MAC, r.MACKey = 7, now, e.MAC, e.MACKey
	return r
}

// TestRowMAC: every part of a row that the portal wrote is covered, and a row without a MAC is not authentic.
func TestRowMAC(t *testing.T) {
	k := GenerateKeys()
	_, entry := trace(t, k)
	good := rowOf(entry)
	if err := k.Authentic(&good); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*leaf.Row){
		"body": func(r *leaf.Row) { r.Body = []byte("{}") }, "act": func(r *leaf.Row) { r.Act = "finished" }, "no MAC": func(r *leaf.Row) { r.MAC, r.MACKey = nil, "" },
		"reason": func(r *leaf.Row) { r.Reason = "x" }, "a word": func(r *leaf.Row) { r.Words = []string{"x"} },
		"subject": func(r *leaf.Row) { r.Subject = "x" }, "key": func(r *leaf.Row) { r.MACKey = "other" }, "index": func(r *leaf.Row) { r.PersonIndex = nil },
		"look": func(r *leaf.Row) { r.Look = make([]byte, 16) }, "time": func(r *leaf.Row) { r.At = r.At.Add(time.Second) },
	} {
		r := rowOf(entry)
		change(&r)
		if k.Authentic(&r) == nil {
			t.Errorf("%s: a forged row passed", name)
		}
	}
	if GenerateKeys().Authentic(&good) == nil {
		t.Error("a row of another portal passed")
	}
}
