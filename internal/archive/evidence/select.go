package evidence

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"time"

	"weir/event"
	"weir/internal/archive/column"
	"weir/internal/archive/index"
	"weir/internal/archive/manifest"
	"weir/internal/archive/search"
	"weir/internal/archive/segment"
	"weir/internal/query"
)

// sealed is one segment that may hold events of a package.
type sealed struct {
	manifest.Segment
	leaf int64 // of the log
	seq  uint64
	file string // where it lies on this machine; "": it was not fetched
	hits int64
}

// candidates are the segments of a manifest whose times meet [from, to), in its order, with their leaves. What expired is
// left out.
func candidates(list *manifest.List, from, to time.Time) []*sealed {
	gone := map[string]string{}
	for i := range list.Records {
		for _, a := range list.Records[i].Actions {
			if x, ok := expiry(a); ok {
				gone[x.Path] = x.SHA256
			}
		}
	}
	var out []*sealed
	leaf := int64(0)
	for i := range list.Records {
		r := &list.Records[i]
		leaf++
		for n, s := range r.Segments {
			if gone[s.Path] == s.SHA256 || !from.IsZero() && s.Max.Before(from) || !to.IsZero() && !s.Min.Before(to) {
				continue
			}
			out = append(out, &sealed{Segment: s, leaf: leaf + int64(n), seq: r.Seq})
		}
		leaf += int64(len(r.Segments) + len(r.Actions))
	}
	return out
}

// fetch copies a file of an archive and returns its hash. No more than size bytes are taken, and one to see that there are
// more.
func fetch(ctx context.Context, files fs.FS, name, to string, size int64, read func(int64)) (sum string, err error) {
	in, err := files.Open(name)
	if err != nil {
		return "", err
	}
	defer in.Close()
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return "", err
	}
	out, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	buf := make([]byte, 1<<20)
	left := size + 1
	for left > 0 && err == nil {
		if err = ctx.Err(); err != nil {
			break
		}
		var n int
		n, err = io.ReadFull(in, buf[:min(int64(len(buf)), left)])
		left -= int64(n)
		h.Write(buf[:n])
		if _, werr := out.Write(buf[:n]); werr != nil {
			err = werr
		}
		if read != nil {
			read(int64(n))
		}
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return "", fmt.Errorf("copying %s: %w", name, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// part makes a fetched segment one that a scan can open. Its index is not asked: what a package has is found by reading.
func (s *sealed) part(epoch int) search.Part {
	return search.Part{Min: s.Min.UnixNano(), Max: s.Max.UnixNano(), Rows: s.Rows, Class: s.Class, Segment: true, Epoch: epoch,
		Open: func() (search.Chunk, *index.Reader, func(), error) {
			r, err := segment.Open(s.file)
			if err != nil {
				return nil, nil, nil, err
			}
			if r.Rows() != s.Rows {
				_ = r.Close() // only read
				return nil, nil, nil, fmt.Errorf("%s has %d rows, the manifest says %d", s.Path, r.Rows(), s.Rows)
			}
			return chunk{r}, nil, func() { _ = r.Close() }, nil
		}}
}

// chunk is a segment that is being read.
type chunk struct{ *segment.Reader }

var _ search.Chunk = chunk{}

// Load implements search.Chunk.
func (c chunk) Load(name string, within column.Bits) (*column.Column, error) {
	return c.Reader.Load(name, within)
}

// events yields the events of some segments that a query finds, in the order of their times, all revisions. It is the one
// definition of what a package has: the one that makes it and the one that checks it both ask here.
func events(ctx context.Context, segments []*sealed, q *query.Query, from, to time.Time) iter.Seq2[*event.Event, error] {
	parts := make([]search.Part, len(segments))
	for i, s := range segments {
		parts[i] = s.part(i + 1)
	}
	return search.Scan(ctx, parts, search.ScanOptions{From: from, To: to, Filter: q, Revisions: true}, func(error) {})
}

// count counts the events of one segment, by class of none: a segment has one.
func (s *sealed) count(ctx context.Context, q *query.Query, from, to time.Time) error {
	s.hits = 0
	for _, err := range events(ctx, []*sealed{s}, q, from, to) {
		if err != nil {
			return fmt.Errorf("reading %s: %w", s.Path, err)
		}
		s.hits++
	}
	return nil
}
