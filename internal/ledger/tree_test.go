package ledger

import (
	"context"
	"fmt"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"ribble/internal/ledger/leaf"
)

// tiles keeps tiles as the database does, and nothing else of a Reader.
type tiles struct {
	Reader
	kept map[TileID][]byte
}

// Tiles gives those that there are.
func (k tiles) Tiles(_ context.Context, ids []TileID) (map[TileID][]byte, error) {
	found := map[TileID][]byte{}
	for _, id := range ids {
		if hashes, ok := k.kept[id]; ok {
			found[id] = hashes
		}
	}
	return found, nil
}

// keep grows the tree in steps and keeps what changes.
func (k tiles) keep(t *tree) *tree {
	for _, tile := range t.changed() {
		k.kept[tile.TileID] = append([]byte(nil), tile.Hashes...)
	}
	next := t.clone()
	return next
}

// reference is the same tree as the library stores it.
type reference []tlog.Hash

// ReadHashes gives stored hashes.
func (r reference) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		out[i] = r[index]
	}
	return out, nil
}

func leafHash(n int64) tlog.Hash { return tlog.RecordHash(fmt.Appendf(nil, "event %d", n)) }

func build(t interface{ Fatal(...any) }, size int64) reference {
	var r reference
	for n := range size {
		hashes, err := tlog.StoredHashesForRecordHash(n, leafHash(n), r)
		if err != nil {
			t.Fatal(err)
		}
		r = append(r, hashes...)
	}
	return r
}

// TestTreeIsThatOfTheLibrary grows a tree in steps, across tiles, taking it up from what is kept every time: roots and proofs are those of the library.
func TestTreeIsThatOfTheLibrary(t *testing.T) {
	const most = 70_000
	all := build(t, most)
	rapid.Check(t, func(t *rapid.T) {
		k, own := tiles{kept: map[TileID][]byte{}}, (&tree{}).clone()
		for own.size < most/10 && rapid.IntRange(0, 9).Draw(t, "more") > 0 {
			old := own.size
			for range rapid.IntRange(1, 900).Draw(t, "step") {
				if err := own.add(leafHash(own.size)); err != nil {
					t.Fatal(err)
				}
			}
			check(t, own, k, old, all)
			k.keep(own)
			taken, err := loadTree(context.Background(), own.size, k)
			if err != nil {
				t.Fatal(err)
			}
			own = taken
		}
	})
	// Two levels of full tiles.
	k, own := tiles{kept: map[TileID][]byte{}}, (&tree{}).clone()
	for _, size := range []int64{256, 65_535, 65_536, 65_537, most} {
		old := own.size
		for own.size < size {
			if err := own.add(leafHash(own.size)); err != nil {
				t.Fatal(err)
			}
		}
		check(t, own, k, old, all)
		own = k.keep(own)
	}
}

func check(t interface{ Fatalf(string, ...any) }, own *tree, k tiles, old int64, all reference) {
	root, err := own.root()
	want, errWant := tlog.TreeHash(own.size, all)
	if err != nil || errWant != nil || root != want {
		t.Fatalf("size %d: another root (%v)", own.size, err)
	}
	reader := own.hashes(func(ids []TileID) (map[TileID][]byte, error) { return k.Tiles(context.Background(), ids) })
	if old > 0 {
		proof, err := tlog.ProveTree(own.size, old, reader)
		before, errBefore := tlog.TreeHash(old, all)
		if err != nil || errBefore != nil || tlog.CheckTree(proof, own.size, root, old, before) != nil {
			t.Fatalf("from %d to %d: no proof (%v)", old, own.size, err)
		}
	}
	for _, n := range []int64{0, old, own.size - 1} {
		proof, err := tlog.ProveRecord(own.size, n, reader)
		if err != nil || tlog.CheckRecord(proof, own.size, root, n, leafHash(n)) != nil {
			t.Fatalf("event %d of %d: no proof (%v)", n, own.size, err)
		}
	}
}

func TestMissingTileIsFound(t *testing.T) {
	own := (&tree{}).clone()
	for range 300 {
		if err := own.add(leafHash(own.size)); err != nil {
			t.Fatal(err)
		}
	}
	k := tiles{kept: map[TileID][]byte{}}
	k.keep(own)
	delete(k.kept, TileID{0, 1})
	if _, err := loadTree(t.Context(), 300, k); err == nil {
		t.Error("a tree without one of its tiles was taken up")
	}
}

// TestForgedRowsAreNotSignedFor covers what grow refuses.
func TestForgedRowsAreNotSignedFor(t *testing.T) {
	l := newLedger(Config{Authentic: func(r *leaf.Row) error {
		if r.MACKey != "ours" {
			return fmt.Errorf("forged")
		}
		return nil
	}})
	for name, rows := range map[string][]leaf.Row{
		"a gap":     {{Sequence: 2, MACKey: "ours"}},
		"twice":     {{Sequence: 1, MACKey: "ours"}, {Sequence: 1, MACKey: "ours"}},
		"not ours":  {{Sequence: 1, MACKey: "ours"}, {Sequence: 2, MACKey: "theirs"}},
		"backwards": {{Sequence: 1, MACKey: "ours"}, {Sequence: 3, MACKey: "ours"}, {Sequence: 2, MACKey: "ours"}},
	} {
		if _, err := l.grow((&tree{}).clone(), rows); err == nil {
			t.Errorf("%s was signed for", name)
		}
	}
	if prints, err := l.grow((&tree{}).clone(), []leaf.Row{{Sequence: 1, MACKey: "ours"}, {Sequence: 2, MACKey: "ours"}}); err != nil || len(prints) != 16 {
		t.Errorf("%d bytes of prints, %v", len(prints), err)
	}
}
