package translog

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"

	"weir/internal/archive/manifest"
)

// maxLine bounds a line of the manifest, as whoever writes it does.
const maxLine = 64 << 20

// errEnough ends a scan before the end of the manifest; scan returns nil then.
var errEnough = errors.New("enough")

// position is a place between two lines of the manifest.
type position struct {
	offset int64
	seq    uint64 // of the line before; 0: there is none
	last   string // its hash
}

// at is where the writer is.
func (w *writer) at() position { return w.position }

// line is a record with the hash of its line and the offset behind it.
type line struct {
	rec  *manifest.Record
	hash string
	end  int64
}

// scan reads the whole lines from a position on. Every line must follow the one before it.
//
// A line that is written and not synced yet could be gone after a crash, and the log would know of something that never
// was. So nothing is read behind what the archive says is synced, and what is read is synced once more: that is cheap, and
// holds for a manifest that was put here by somebody else.
func (w *writer) scan(from position, each func(l line) error) error {
	path := filepath.Join(w.k.opts.Archive, manifest.Name)
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) && from.offset == 0 {
		return nil
	}
	if err != nil {
		return writeFault(path, err)
	}
	defer f.Close()
	size, err := w.k.whole(f, from.offset)
	if err == nil {
		err = f.Sync()
	}
	switch {
	case err != nil:
		return writeFault(path, err)
	case size < 0:
		return differs(path, "the manifest became shorter", "")
	}
	br := bufio.NewReaderSize(io.NewSectionReader(f, from.offset, size), 256<<10)
	for n := from; n.offset < from.offset+size; {
		b, err := br.ReadBytes('\n')
		if err != nil || len(b) > maxLine {
			return writeFault(path, fmt.Errorf("reading the line behind number %d, of %d bytes or more: %w", n.seq, len(b), err))
		}
		l, err := n.next(b[:len(b)-1])
		if err != nil {
			return differs(path, fmt.Sprintf("the line behind number %d of the manifest is not one that weir wrote", n.seq), err.Error())
		}
		n = position{l.end, l.rec.Seq, l.hash}
		if err := each(l); errors.Is(err, errEnough) {
			return nil
		} else if err != nil {
			return err
		}
	}
	return nil
}

// next reads the line at a position.
func (p position) next(b []byte) (line, error) {
	rec := &manifest.Record{}
	if err := json.Unmarshal(b, rec); err != nil {
		return line{}, fmt.Errorf("reading a record: %w", err)
	}
	switch {
	case rec.Prev != p.last:
		return line{}, errors.New("it does not follow the line before it")
	case rec.Seq == 0 || p.seq != 0 && rec.Seq != p.seq+1:
		return line{}, fmt.Errorf("its number is %d", rec.Seq)
	}
	return line{rec, manifest.Hash(b), p.offset + int64(len(b)) + 1}, nil
}

// whole counts the bytes from an offset to the end of the last line that stays; less than 0: the file is shorter.
func (k *Keeper) whole(f *os.File, from int64) (int64, error) {
	// The archive is asked before the file is looked at: the file may grow meanwhile, what stays does not shrink.
	stays := int64(math.MaxInt64)
	if k.opts.Synced != nil {
		stays = k.opts.Synced()
	}
	n, err := wholeLines(f, from)
	if n > 0 {
		n = max(min(n, stays-from), 0)
	}
	return n, err
}

// wholeLines counts the bytes from an offset to the end of the last whole line; less than 0: the file is shorter.
func wholeLines(f *os.File, from int64) (int64, error) {
	st, err := f.Stat()
	if err != nil {
		return 0, err
	}
	if st.Size() < from {
		return -1, nil
	}
	buf := make([]byte, 64<<10)
	for end := st.Size(); end > from; {
		part := buf[:min(int64(len(buf)), end-from)]
		if _, err := f.ReadAt(part, end-int64(len(part))); err != nil {
			return 0, err
		}
		if i := bytes.LastIndexByte(part, '\n'); i >= 0 {
			return end - int64(len(part)) + int64(i) + 1 - from, nil
		}
		end -= int64(len(part))
	}
	return 0, nil
}
