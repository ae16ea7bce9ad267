package translog

import (
	"errors"
	"fmt"
	"io/fs"

	"golang.org/x/mod/sumdb/tlog"
)

// cached is how many tiles a reader keeps: those of a proof, and of neighbours.
const cached = 64

// Reader reads the log as it was at one size. Nothing that it reads is believed: a root must be compared with a
// checkpoint, a proof checked against one. It is for one goroutine.
type Reader struct {
	files fs.FS
	size  int64

	tiles  map[tlog.Tile][]byte
	bundle [][]byte // entries of bundle number at-1
	at     int64
}

// NewReader reads the log in a folder, such as os.DirFS of it, up to a size. The tiles of a larger log do as well.
func NewReader(files fs.FS, size int64) *Reader {
	return &Reader{files: files, size: size, tiles: map[tlog.Tile][]byte{}}
}

// Size is up to where the log is read.
func (r *Reader) Size() int64 { return r.size }

// Root is the hash of the first n entries.
func (r *Reader) Root(n int64) (tlog.Hash, error) {
	if n < 0 || n > r.size {
		return tlog.Hash{}, fmt.Errorf("the log is read up to %d entries, not %d", r.size, n)
	}
	return tlog.TreeHash(n, r)
}

// Entry returns entry number i, from 0.
func (r *Reader) Entry(i int64) ([]byte, error) {
	if i < 0 || i >= r.size {
		return nil, fmt.Errorf("the log is read up to %d entries; there is no entry %d", r.size, i)
	}
	b, err := r.Bundle(i / fullWidth)
	if err != nil {
		return nil, err
	}
	return b[i%fullWidth], nil
}

// Bundle returns the entries from n*256 on, at most 256. They are valid until the next call.
func (r *Reader) Bundle(n int64) ([][]byte, error) {
	if r.at == n+1 {
		return r.bundle, nil
	}
	w := r.width(0, n)
	if w <= 0 {
		return nil, fmt.Errorf("the log is read up to %d entries; there is no bundle %d", r.size, n)
	}
	data, err := r.read(entriesLevel, n, w)
	if err != nil {
		return nil, err
	}
	b, err := ParseBundle(data)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", TilePath(entriesLevel, n, w), err)
	}
	if len(b) < w {
		return nil, fmt.Errorf("reading %s: it has %d entries", TilePath(entriesLevel, n, w), len(b))
	}
	r.bundle, r.at = b[:w], n+1
	return r.bundle, nil
}

// Inclusion proves that entry i is in the log of n entries.
func (r *Reader) Inclusion(i, n int64) (tlog.RecordProof, error) {
	if n > r.size {
		return nil, fmt.Errorf("the log is read up to %d entries, not %d", r.size, n)
	}
	p, err := tlog.ProveRecord(n, i, r)
	if err != nil {
		return nil, fmt.Errorf("proving that entry %d is in the log of %d: %w", i, n, err)
	}
	return p, nil
}

// Consistency proves that the log of n entries begins with that of older.
func (r *Reader) Consistency(older, n int64) (tlog.TreeProof, error) {
	if n > r.size {
		return nil, fmt.Errorf("the log is read up to %d entries, not %d", r.size, n)
	}
	p, err := tlog.ProveTree(n, older, r)
	if err != nil {
		return nil, fmt.Errorf("proving that the log of %d entries begins with that of %d: %w", n, older, err)
	}
	return p, nil
}

// ReadHashes implements tlog.HashReader.
func (r *Reader) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		t := tlog.TileForIndex(height, x)
		w := r.width(t.L, t.N)
		if t.W > w {
			return nil, fmt.Errorf("hash %d is not in a log of %d entries", x, r.size)
		}
		// The tile as wide as the log's size makes it, which is the file that is there, not the narrowest that would do.
		t.W = w
		data, err := r.tile(t)
		if err != nil {
			return nil, err
		}
		if out[i], err = tlog.HashFromTile(t, data, x); err != nil {
			return nil, fmt.Errorf("reading hash %d: %w", x, err)
		}
	}
	return out, nil
}

// width is how many hashes a tile has at the size that is read; 0 or less: there is none.
func (r *Reader) width(level int, n int64) int {
	return int(min(r.size>>(height*level)-n*fullWidth, fullWidth))
}

// tile returns the data of a tile of hashes.
func (r *Reader) tile(t tlog.Tile) ([]byte, error) {
	if b, ok := r.tiles[t]; ok {
		return b, nil
	}
	b, err := r.read(t.L, t.N, t.W)
	if err != nil {
		return nil, err
	}
	if len(b) < t.W*tlog.HashSize || len(b)%tlog.HashSize != 0 {
		return nil, fmt.Errorf("reading %s: it has %d bytes", TilePath(t.L, t.N, t.W), len(b))
	}
	// Thrown away all at once: proofs go from one end to the other, so what is old is not asked for again soon.
	if len(r.tiles) >= cached {
		clear(r.tiles)
	}
	r.tiles[t] = b[:t.W*tlog.HashSize]
	return r.tiles[t], nil
}

// read reads a tile, or the full one in its place: the partial ones go when it is there.
func (r *Reader) read(level int, n int64, width int) ([]byte, error) {
	b, err := fs.ReadFile(r.files, TilePath(level, n, width))
	if errors.Is(err, fs.ErrNotExist) && width < fullWidth {
		if full, fullErr := fs.ReadFile(r.files, TilePath(level, n, fullWidth)); fullErr == nil {
			return full, nil
		}
	}
	if err != nil {
		return nil, fmt.Errorf("reading the log: %w", err)
	}
	return b, nil
}
