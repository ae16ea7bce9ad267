package translog

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// The shape of tiles, of c2sp.org/tlog-tiles.
const (
	height    = 8
	fullWidth = 1 << height
	maxEntry  = 1<<16 - 1
)

// entriesLevel is the level of entry bundles where one of tiles of hashes is expected.
const entriesLevel = -1

// TilePath is the path of a tile below the log's folder: of hashes at a level, or of entries at level -1. width is 1 to 256.
func TilePath(level int, n int64, width int) string {
	p := tlog.Tile{H: height, L: level, N: n, W: width}.Path()
	p = "tile/" + strings.TrimPrefix(p, "tile/"+strconv.Itoa(height)+"/")
	if rest, ok := strings.CutPrefix(p, "tile/data/"); ok {
		p = "tile/entries/" + rest
	}
	return p
}

// appendEntry appends an entry to a bundle.
func appendEntry(bundle, entry []byte) ([]byte, error) {
	if len(entry) > maxEntry {
		return bundle, fmt.Errorf("an entry of %d bytes: at most %d fit into the log", len(entry), maxEntry)
	}
	bundle = binary.BigEndian.AppendUint16(bundle, uint16(len(entry))) //nolint:gosec // bounded above
	return append(bundle, entry...), nil
}

// ParseBundle takes an entry bundle apart. The entries point into it.
func ParseBundle(b []byte) ([][]byte, error) {
	var out [][]byte
	for len(b) > 0 {
		if len(b) < 2 {
			return nil, fmt.Errorf("the bundle ends within the length of entry %d", len(out))
		}
		n := int(binary.BigEndian.Uint16(b))
		if b = b[2:]; len(b) < n {
			return nil, fmt.Errorf("the bundle ends within entry %d", len(out))
		}
		if len(out) == fullWidth {
			return nil, fmt.Errorf("the bundle has more than %d entries", fullWidth)
		}
		out = append(out, b[:n:n])
		b = b[n:]
	}
	return out, nil
}

// tile is a file of the log that is to be written.
type tile struct {
	level int // entriesLevel: a bundle
	n     int64
	width int
	data  []byte
}

// path is where the tile goes.
func (t tile) path() string { return TilePath(t.level, t.n, t.width) }

// edge is the right edge of the tree: of each level the hashes that do not fill a tile yet, and the entries that do not
// fill a bundle. It is all that is needed to append and to hash everything. One goroutine has it.
type edge struct {
	size   int64
	bundle []byte // entries of the open bundle, encoded
	levels []level
}

// level is one level of tiles.
type level struct {
	count int64       // hashes so far
	open  []tlog.Hash // those of the tile that is not full
}

// push appends an entry. full is told of every tile that it fills; the data belongs to it from then on.
func (e *edge) push(entry []byte, full func(tile)) error {
	bundle, err := appendEntry(e.bundle, entry)
	if err != nil {
		return err
	}
	e.bundle = bundle
	e.size++
	if e.size%fullWidth == 0 {
		full(tile{entriesLevel, e.size/fullWidth - 1, fullWidth, e.bundle})
		e.bundle = nil
	}
	e.add(0, tlog.RecordHash(entry), full)
	return nil
}

// add appends a hash to a level; a tile that it fills becomes one hash of the level above.
func (e *edge) add(at int, h tlog.Hash, full func(tile)) {
	if at == len(e.levels) {
		e.levels = append(e.levels, level{})
	}
	l := &e.levels[at]
	l.open = append(l.open, h)
	l.count++
	if len(l.open) < fullWidth {
		return
	}
	full(tile{at, l.count/fullWidth - 1, fullWidth, encode(l.open)})
	// The data was copied by encode, so the slice can be used again.
	top := subtree(l.open)
	l.open = l.open[:0]
	e.add(at+1, top, full)
}

// partial are the tiles that are not full, with copies of their data.
func (e *edge) partial() []tile {
	var out []tile
	if w := int(e.size % fullWidth); w > 0 {
		out = append(out, tile{entriesLevel, e.size / fullWidth, w, append([]byte(nil), e.bundle...)})
	}
	for i, l := range e.levels {
		if len(l.open) > 0 {
			out = append(out, tile{i, l.count / fullWidth, len(l.open), encode(l.open)})
		}
	}
	return out
}

// root is the hash of all entries.
func (e *edge) root() (tlog.Hash, error) {
	h, err := tlog.TreeHash(e.size, e)
	if err != nil {
		return h, fmt.Errorf("hashing the log at size %d: %w", e.size, err)
	}
	return h, nil
}

// ReadHashes implements tlog.HashReader for the hashes at the edge, which are those that the root is made of.
func (e *edge) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		t := tlog.TileForIndex(height, x)
		if t.L >= len(e.levels) || t.N != e.levels[t.L].count/fullWidth || t.W > len(e.levels[t.L].open) {
			return nil, fmt.Errorf("hash %d is not at the edge", x)
		}
		// A wider tile has the same hashes in the same places.
		t.W = len(e.levels[t.L].open)
		h, err := tlog.HashFromTile(t, encode(e.levels[t.L].open), x)
		if err != nil {
			return nil, err
		}
		out[i] = h
	}
	return out, nil
}

// encode writes hashes one behind the other.
func encode(hashes []tlog.Hash) []byte {
	b := make([]byte, 0, len(hashes)*tlog.HashSize)
	for i := range hashes {
		b = append(b, hashes[i][:]...)
	}
	return b
}

// subtree hashes a full tile. The hashes stay as they are.
func subtree(hashes []tlog.Hash) tlog.Hash {
	if len(hashes) == 1 {
		return hashes[0]
	}
	half := len(hashes) / 2
	return tlog.NodeHash(subtree(hashes[:half]), subtree(hashes[half:]))
}
