package file

import (
	"bytes"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

const (
	// headSize is how much of a file's beginning is remembered: enough that two logs which begin with the same lines of
	// comment differ in it.
	headSize = 1 << 10
	// markSize is how much before the place that was read to is remembered. Together with the place it tells a file that
	// grew from one that was cut and has grown again.
	markSize = 64
)

// identity is what the file system says a file is. An inode's number is given again when its file is gone, its time of
// birth is not.
type identity struct {
	Dev  uint64 `json:"dev"`
	Ino  uint64 `json:"ino"`
	Born int64  `json:"born"` // nanoseconds since 1970; 0 where the file system keeps none
}

// status is what a look at an open file tells.
type status struct {
	identity
	size    int64
	changed int64 // nanoseconds since 1970
	links   uint32
	regular bool
}

// look asks about an open file.
func look(f *os.File) (status, error) {
	return statx(int(f.Fd()), "", unix.AT_EMPTY_PATH)
}

// lookAt asks about a path. It follows symbolic links, as opening would.
func lookAt(path string) (status, error) {
	return statx(unix.AT_FDCWD, path, 0)
}

func statx(fd int, path string, flags int) (status, error) {
	var st unix.Statx_t
	for {
		err := unix.Statx(fd, path, flags, unix.STATX_BASIC_STATS|unix.STATX_BTIME, &st)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return status{}, &os.PathError{Op: "stat", Path: path, Err: err}
		}
		break
	}
	s := status{
		identity: identity{Dev: unix.Mkdev(st.Dev_major, st.Dev_minor), Ino: st.Ino}, size: int64(st.Size), changed: st.Mtime.Sec*1e9 + int64(st.Mtime.Nsec),
		links: st.Nlink, regular: st.Mode&unix.S_IFMT == unix.S_IFREG,
	}
	if st.Mask&unix.STATX_BTIME != 0 {
		s.Born = st.Btime.Sec*1e9 + int64(st.Btime.Nsec)
	}
	return s, nil
}

// fingerprint says what a file held: its beginning, as far as lines of it were emitted or are about to be, and what
// stands right before a place. A file that only grows keeps it, whatever it is called.
type fingerprint struct {
	Offset  int64  `json:"offset"`
	HeadLen int    `json:"head_len"` // may be more than Offset: what was emitted is not yet in Kafka
	Head    uint64 `json:"head"`
	MarkLen int    `json:"mark_len"`
	Mark    uint64 `json:"mark"`
}

// sum is a hash of contents. It recognises; it protects from nobody, since who writes the file may write anything.
func sum(b []byte) uint64 {
	h := fnv.New64a()
	_, _ = h.Write(b) // never fails
	return h.Sum64()
}

// take reads the fingerprint of a file at a place.
func take(f io.ReaderAt, offset int64) (fingerprint, []byte, error) {
	p := fingerprint{Offset: offset, HeadLen: int(min(offset, headSize)), MarkLen: int(min(offset, markSize))}
	head := make([]byte, p.HeadLen)
	if _, err := f.ReadAt(head, 0); err != nil && p.HeadLen > 0 {
		return p, nil, fmt.Errorf("reading the beginning: %w", err)
	}
	var mark [markSize]byte
	if _, err := f.ReadAt(mark[:p.MarkLen], offset-int64(p.MarkLen)); err != nil && p.MarkLen > 0 {
		return p, nil, fmt.Errorf("reading what was read last: %w", err)
	}
	p.Head, p.Mark = sum(head), sum(mark[:p.MarkLen])
	return p, head, nil
}

// takeNew reads the fingerprint of a file that is about to be read from a place on. Its beginning goes as far as there
// are whole lines: what comes behind them may still be written over.
func takeNew(f io.ReaderAt, offset int64) (fingerprint, []byte, error) {
	p, head, err := take(f, offset)
	if err != nil || p.HeadLen == headSize {
		return p, head, err
	}
	var b [headSize]byte
	n, _ := f.ReadAt(b[:], 0)
	if whole := bytes.LastIndexByte(b[:n], '\n') + 1; whole > p.HeadLen {
		head = bytes.Clone(b[:whole])
		p.HeadLen, p.Head = whole, sum(head)
	}
	return p, head, nil
}

// holds tells whether a file has the fingerprint, and returns its beginning.
func (p fingerprint) holds(f io.ReaderAt) (head []byte, ok bool) {
	head = make([]byte, p.HeadLen)
	if n, _ := f.ReadAt(head, 0); n < p.HeadLen || p.HeadLen > 0 && sum(head) != p.Head {
		return nil, false
	}
	return head, p.marked(f)
}

// marked tells whether the file has what stood before the place.
func (p fingerprint) marked(f io.ReaderAt) bool {
	var mark [markSize]byte
	n, _ := f.ReadAt(mark[:p.MarkLen], p.Offset-int64(p.MarkLen))
	return n == p.MarkLen && (n == 0 || sum(mark[:n]) == p.Mark)
}

// begins tells whether a file begins with head.
func begins(f io.ReaderAt, head []byte) bool {
	var now [headSize]byte
	n, _ := f.ReadAt(now[:len(head)], 0)
	return n == len(head) && bytes.Equal(now[:n], head)
}

// magics are the beginnings of compressed files.
var magics = []struct{ name, start string }{
	{"gzip", "\x1f\x8b"}, {"bzip2", "BZh"}, {"xz", "\xfd7zXZ\x00"}, {"zstd", "\x28\xb5\x2f\xfd"}, {"lz4", "\x04\x22\x4d\x18"},
}

// compressed returns how a file is compressed, "" if it does not look so.
func compressed(f io.ReaderAt) string {
	var b [6]byte
	n, _ := f.ReadAt(b[:], 0)
	for _, m := range magics {
		if bytes.HasPrefix(b[:n], []byte(m.start)) {
			return m.name
		}
	}
	return ""
}

// lineStart returns the beginning of the last line that begins before size: where a file is followed from its end. A
// line longer than limit is entered in its middle.
func lineStart(f io.ReaderAt, size, limit int64) (int64, error) {
	buf := make([]byte, 32<<10)
	for end := size; end > 0 && end > size-limit; {
		n := min(end, int64(len(buf)))
		if _, err := f.ReadAt(buf[:n], end-n); err != nil && !errors.Is(err, io.EOF) {
			return 0, err
		}
		if at := bytes.LastIndexByte(buf[:n], '\n'); at >= 0 {
			return end - n + int64(at) + 1, nil
		}
		end -= n
	}
	if size <= limit {
		return 0, nil
	}
	return size, nil
}
