package ledger

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// Tiles hold the hashes of the tree: 256 to a tile, eight levels of the tree between one level of tiles and the next (as in C2SP tlog-tiles).
const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
	tileLevels = 8
)

// TileID names a tile: its level, and its place in it.
type TileID struct {
	Level int
	Index int64
}

// Tile is a tile as it is kept: up to 256 hashes of 32 bytes.
type Tile struct {
	TileID
	Hashes []byte
}

// tree is the right edge of the ledger's tree: all that adding to it needs. It keeps the tiles that are not full, and notes which changed.
type tree struct {
	size  int64
	edge  [tileLevels][]byte
	fresh map[TileID][]byte
}

var errTooLarge = errors.New("the tree is full")

// clone gives a tree that can grow without changing this one.
func (t *tree) clone() *tree {
	c := &tree{size: t.size, fresh: map[TileID][]byte{}}
	for level, hashes := range t.edge {
		c.edge[level] = append([]byte(nil), hashes...)
	}
	return c
}

// add puts a leaf at the end.
func (t *tree) add(h tlog.Hash) error {
	index := t.size
	t.size++
	for level := range t.edge {
		tile := append(t.edge[level], h[:]...)
		t.edge[level] = tile
		id := TileID{level, index / tileWidth}
		t.fresh[id] = tile
		if len(tile) < tileWidth*tlog.HashSize {
			return nil
		}
		// A full tile is one hash in the level above.
		t.edge[level] = nil
		h, index = rootOfTile(tile), id.Index
	}
	return errTooLarge
}

func rootOfTile(hashes []byte) tlog.Hash {
	if len(hashes) == tlog.HashSize {
		return tlog.Hash(hashes)
	}
	half := len(hashes) / 2
	return tlog.NodeHash(rootOfTile(hashes[:half]), rootOfTile(hashes[half:]))
}

// root is the RFC 6962 root.
func (t *tree) root() (tlog.Hash, error) {
	h, err := tlog.TreeHash(t.size, t.hashes(nil))
	if err != nil {
		return tlog.Hash{}, fmt.Errorf("hashing the tree: %w", err)
	}
	return h, nil
}

// changed are the tiles that differ from those kept.
func (t *tree) changed() []Tile {
	tiles := make([]Tile, 0, len(t.fresh))
	for id, hashes := range t.fresh {
		tiles = append(tiles, Tile{id, hashes})
	}
	return tiles
}

// locate gives the tile in which the hash of that index stands, and where in the tile's own tree.
func locate(index int64) (id TileID, level int, at int64) {
	treeLevel, n := tlog.SplitStoredHashIndex(index)
	id.Level, level = treeLevel/tileHeight, treeLevel%tileHeight
	first := n << level
	id.Index = first / tileWidth
	return id, level, first % tileWidth
}

var errTile = errors.New("a tile of the tree is missing or too short")

// hashes reads hashes from the edge, and others from stored, which may be nil when all that is asked for lies at the edge.
func (t *tree) hashes(stored func([]TileID) (map[TileID][]byte, error)) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		tiles, err := t.gather(indexes, stored)
		if err != nil {
			return nil, err
		}
		out := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			id, level, at := locate(index)
			from, to := at*tlog.HashSize, (at+1<<level)*tlog.HashSize
			if to > int64(len(tiles[id])) {
				return nil, errTile
			}
			out[i] = rootOfTile(tiles[id][from:to])
		}
		return out, nil
	})
}

func (t *tree) gather(indexes []int64, stored func([]TileID) (map[TileID][]byte, error)) (map[TileID][]byte, error) {
	tiles := map[TileID][]byte{}
	var missing []TileID
	for _, index := range indexes {
		id, _, _ := locate(index)
		if tiles[id] != nil {
			continue
		}
		if tiles[id] = t.own(id); tiles[id] == nil {
			tiles[id] = []byte{}
			missing = append(missing, id)
		}
	}
	if len(missing) == 0 {
		return tiles, nil
	}
	if stored == nil {
		return nil, errTile
	}
	found, err := stored(missing)
	if err != nil {
		return nil, err
	}
	for id, hashes := range found {
		tiles[id] = hashes
	}
	return tiles, nil
}

// own gives a tile that the tree has in memory.
func (t *tree) own(id TileID) []byte {
	if hashes := t.fresh[id]; hashes != nil {
		return hashes
	}
	if id.Level < tileLevels && id.Index == t.size>>(tileHeight*(id.Level+1)) {
		return t.edge[id.Level]
	}
	return nil
}

// edgeTiles are the tiles that are not full in a tree of that size, with how many bytes each must have.
func edgeTiles(size int64) (ids []TileID, lengths []int) {
	for level := range tileLevels {
		at := size >> (tileHeight * level)
		if n := at % tileWidth; n > 0 {
			ids = append(ids, TileID{level, at / tileWidth})
			lengths = append(lengths, int(n)*tlog.HashSize)
		}
	}
	return ids, lengths
}

// loadTree reads the right edge of a tree of that size. A tile may be longer than it was at that size.
func loadTree(ctx context.Context, size int64, from Reader) (*tree, error) {
	ids, lengths := edgeTiles(size)
	tiles, err := from.Tiles(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("reading the tree: %w", err)
	}
	t := &tree{size: size, fresh: map[TileID][]byte{}}
	for i, id := range ids {
		if len(tiles[id]) < lengths[i] {
			return nil, fmt.Errorf("%w: a tile of its tree is missing", ErrBroken)
		}
		t.edge[id.Level] = append([]byte(nil), tiles[id][:lengths[i]]...)
	}
	return t, nil
}
