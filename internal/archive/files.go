package archive

import (
	"container/list"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"weir/internal/archive/index"
	"weir/internal/archive/manifest"
	"weir/internal/archive/search"
	"weir/internal/archive/segment"
	"weir/internal/fault"
)

// segmentFile is one published segment. What stands above here never changes; the last four fields are
// guarded by the archive's lock.
type segmentFile struct {
	manifest.Segment
	seq         uint64
	published   time.Time
	path, index string
	sum         [32]byte
	claims      *search.Claims // of revisions among its rows; nil: there are none
	mask        search.Mask
	here        atomic.Bool  // its files are in the folder
	used        atomic.Int64 // when it was last opened; 0: never
	fetching    sync.Mutex   // held while it is fetched

	bad   *fault.Error // why it is quarantined; nil: it is read
	pins  int          // readers that may still open it
	gone  bool         // it expired: no new reader opens it
	loose bool         // and the log says so: its files go with the last pin
}

// newSegmentFile names the files of a segment; neither is looked at.
func newSegmentFile(dir string, s manifest.Segment) *segmentFile {
	path := filepath.Join(dir, filepath.FromSlash(s.Path))
	return &segmentFile{Segment: s, path: path, index: indexName(path), sum: s.Sum()}
}

// segmentFile is newSegmentFile for a segment that is read: with what revisions in it say of others.
func (a *Archive) segmentFile(s manifest.Segment, rec *manifest.Record) *segmentFile {
	f := newSegmentFile(a.dir, s)
	f.seq, f.published = rec.Seq, rec.Published
	if s.Revised != nil {
		f.claims = &search.Claims{Min: s.Revised[0].UnixNano(), Max: s.Revised[1].UnixNano()}
		f.claims.Load = func() ([]search.Claim, error) { return search.LoadClaims(a.part(f)) }
	}
	return f
}

// restoreIt is what to do about a segment that is not as it was.
const restoreIt = "keep a copy of the folder as it is now, and restore the file from a copy"

// examine compares the file with what the manifest says, without reading it.
func (s *segmentFile) examine() *fault.Error {
	p := &fault.Error{Code: "archive-segment", Where: s.path, Do: restoreIt}
	st, err := os.Stat(s.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		p.What = fmt.Sprintf("a segment with %d events of %s is missing", s.Rows, s.Day)
	case err != nil:
		p.What, p.Why, p.Cause = fmt.Sprintf("a segment with %d events of %s cannot be read", s.Rows, s.Day), reason(err), err
	case st.Size() != s.Bytes:
		p.What = fmt.Sprintf("a segment with %d events of %s was changed: it has %d bytes, not %d", s.Rows, s.Day, st.Size(), s.Bytes)
	default:
		return nil
	}
	return p
}

// maxOpen is how many segments stay open, with two files and 60 KB each: opening one costs more than most questions to it.
const maxOpen = 512

// files keeps recently used segments open. It is safe for many goroutines.
type files struct {
	mu     sync.Mutex
	most   int                            // that stay open
	open   map[*segmentFile]*list.Element // of *handle
	recent *list.List                     // latest first
	closed bool
	fetch  func(*segmentFile) error // brings a segment that is not in the folder; nil: all are
}

// handle is one open segment with its index.
type handle struct {
	file  *segmentFile
	users int
	once  sync.Once
	seg   *segment.Reader
	ix    *index.Reader // nil: none that can be used
	err   error
}

// newFiles returns a cache with nothing open.
func newFiles() *files {
	return &files{most: maxOpen, open: map[*segmentFile]*list.Element{}, recent: list.New()}
}

// get opens a segment or finds it open. put must be called when it is no longer used.
func (f *files) get(s *segmentFile) (*handle, error) {
	f.mu.Lock()
	if f.closed {
		f.mu.Unlock()
		return nil, ErrClosed
	}
	el := f.open[s]
	if el == nil {
		el = f.recent.PushFront(&handle{file: s})
		f.open[s] = el
	}
	f.recent.MoveToFront(el)
	h := el.Value.(*handle)
	h.users++
	f.mu.Unlock()
	h.once.Do(func() { h.load(f.fetch) })
	if h.err != nil {
		f.forget(h)
		return nil, h.err
	}
	return h, nil
}

// load opens the files, once, on the goroutine of whoever asked first. A missing or damaged index is no error.
func (h *handle) load(fetch func(*segmentFile) error) {
	if fetch != nil {
		if h.err = fetch(h.file); h.err != nil {
			return
		}
	}
	if h.seg, h.err = segment.Open(h.file.path); h.err != nil {
		return
	}
	if h.seg.Rows() != h.file.Rows {
		h.err = fmt.Errorf("%s has %d rows, the manifest says %d", h.file.path, h.seg.Rows(), h.file.Rows)
		_ = h.seg.Close() // only read
		return
	}
	h.ix, _ = index.Open(h.file.index, h.file.sum, h.file.Rows)
}

// close closes the files. Nobody uses the handle any more.
func (h *handle) close() {
	if h.seg != nil && h.err == nil {
		_ = h.seg.Close() // only read
	}
	if h.ix != nil {
		_ = h.ix.Close() // only read
	}
}

// put lets go of a handle, and closes those that were not used for longest.
func (f *files) put(h *handle) {
	f.mu.Lock()
	defer f.mu.Unlock()
	h.users--
	f.shrink(f.most)
}

// shrink closes handles that nobody uses, oldest first, until so many are left. The lock is held.
func (f *files) shrink(keep int) {
	for el := f.recent.Back(); el != nil && f.recent.Len() > keep; {
		prev := el.Prev()
		if h := el.Value.(*handle); h.users == 0 {
			f.recent.Remove(el)
			delete(f.open, h.file)
			h.close()
		}
		el = prev
	}
	if f.closed && f.recent.Len() > 0 && keep > 0 {
		f.shrink(0)
	}
}

// forget takes out a handle that could not be opened, so that the next one tries again.
func (f *files) forget(h *handle) {
	f.mu.Lock()
	defer f.mu.Unlock()
	h.users--
	if el := f.open[h.file]; el != nil && el.Value == h {
		f.recent.Remove(el)
		delete(f.open, h.file)
	}
}

// drop closes a segment that nobody uses, so that it is opened anew.
func (f *files) drop(s *segmentFile) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if el := f.open[s]; el != nil && el.Value.(*handle).users == 0 {
		f.recent.Remove(el)
		delete(f.open, s)
		el.Value.(*handle).close()
	}
}

// close closes what is not in use; the rest is closed when it is put back.
func (f *files) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	f.shrink(0)
}
