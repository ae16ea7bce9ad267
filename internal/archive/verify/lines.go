package verify

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"weir/internal/archive/logkey"
	"weir/internal/archive/manifest"
	"weir/internal/archive/translog"
)

// maxLine bounds a line of the manifest, as its writer does.
const maxLine = 64 << 20

// line is one line of the manifest, as far as it is needed later.
type line struct {
	nr        int // from 1
	seq       uint64
	published time.Time
	first     int64 // of its leaves
	leaves    int64
	bad       string // why it is no record
	broken    string // why it does not follow the one before
}

// part is a segment that a line or an entry of the log names.
type part struct {
	path, sha256 string
	bytes        int64
	rows         int
	seq          uint64
	sealed       time.Time
	leaf         int64 // -1: it has none yet
}

// paper is a file that an action names.
type paper struct {
	manifest.File
	seq  uint64
	at   time.Time
	leaf int64
}

// gone is an expiry.
type gone struct {
	manifest.Expiry
	at   time.Time
	leaf int64
}

// contents is what lines, or the entries of a log, say that there is.
type contents struct {
	parts  []part
	papers []paper
	gone   map[string]gone // by path
	keys   []logkey.Change
}

// lines is the manifest, read up to its last whole line, and the log that follows from it.
type lines struct {
	contents
	all    []line
	size   int64 // bytes of whole lines
	torn   int64 // bytes behind them
	leaves []tlog.Hash
	tree   tree
}

// last is the number of the newest record.
func (l *lines) last() (seq uint64) {
	for i := range l.all {
		seq = max(seq, l.all[i].seq)
	}
	return seq
}

// readLines reads the manifest. Only reading itself can fail.
func readLines(files fs.FS) (*lines, error) {
	f, err := files.Open(manifestName)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	l := &lines{contents: contents{gone: map[string]gone{}}}
	r := bufio.NewReaderSize(f, 1<<20)
	prev := ""
	seq := uint64(0)
	var buf []byte
	for nr := 1; ; nr++ {
		buf, err = readLine(r, buf[:0])
		if errors.Is(err, io.EOF) {
			l.torn = int64(len(buf))
			return l, nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading the manifest, line %d: %w", nr, err)
		}
		l.size += int64(len(buf)) + 1
		rec, bad := manifest.Parse(buf)
		ln := line{nr: nr, bad: bad, first: int64(len(l.leaves))}
		hash := manifest.Hash(buf)
		if bad == "" {
			ln.seq, ln.published = rec.Seq, rec.Published
			switch {
			case rec.Prev != prev:
				ln.broken = "it does not follow the line before it: that one was changed, or lines are missing"
			case seq != 0 && rec.Seq != seq+1:
				ln.broken = fmt.Sprintf("number %d follows number %d", rec.Seq, seq)
			}
			seq = rec.Seq
			l.take(&rec, hash)
			ln.leaves = int64(len(l.leaves)) - ln.first
		}
		// The chain goes over every line, also one that cannot be read: what follows it names its hash.
		prev = hash
		l.all = append(l.all, ln)
	}
}

// readLine returns the next line without its end, or with io.EOF what is left without one.
func readLine(r *bufio.Reader, buf []byte) ([]byte, error) {
	for {
		chunk, err := r.ReadSlice('\n')
		buf = append(buf, chunk...)
		switch {
		case err == nil:
			return buf[:len(buf)-1], nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return buf, err
		case len(buf) > maxLine:
			return buf, fmt.Errorf("a line of more than %d bytes", maxLine)
		}
	}
}

// take adds the leaves of a record to the log that follows from the manifest, and notes what it says.
func (l *lines) take(rec *manifest.Record, hash string) {
	at := int64(len(l.leaves)) + 1 // behind the leaf of the line itself
	for i, s := range rec.Segments {
		l.segment(s, rec.Seq, rec.Published, at+int64(i))
	}
	at += int64(len(rec.Segments))
	for i, a := range rec.Actions {
		l.action(a.Kind, a.At, a.Body, rec.Seq, at+int64(i))
	}
	for _, leaf := range translog.Leaves(rec, hash) {
		h := tlog.RecordHash(leaf)
		l.leaves = append(l.leaves, h)
		l.tree.push(h)
	}
}

// segment notes a segment.
func (c *contents) segment(s manifest.Segment, seq uint64, sealed time.Time, leaf int64) {
	c.parts = append(c.parts, part{path: s.Path, sha256: s.SHA256, bytes: s.Bytes, rows: s.Rows, seq: seq, sealed: sealed, leaf: leaf})
}

// action notes what an action says of files and keys. A body that cannot be read says nothing; its leaf is what it is.
func (c *contents) action(kind string, at time.Time, body []byte, seq uint64, leaf int64) {
	switch kind {
	case manifest.KindExpiry:
		var e manifest.Expiry
		if json.Unmarshal(body, &e) == nil {
			c.gone[e.Path] = gone{e, at, leaf}
		}
	case manifest.KindPolicy, manifest.KindReview:
		var f manifest.File
		if json.Unmarshal(body, &f) == nil && f.Path != "" {
			c.papers = append(c.papers, paper{f, seq, at, leaf})
		}
	case manifest.KindKey:
		var k manifest.Key
		if json.Unmarshal(body, &k) == nil {
			c.keys = append(c.keys, logkey.Change{Leaf: leaf, Key: k})
		}
	}
}

// tree has every hash of a log, so that the root of any beginning of it is at hand. It belongs to one goroutine.
type tree struct {
	size   int64
	hashes []tlog.Hash
}

// push adds a leaf.
func (t *tree) push(leaf tlog.Hash) {
	more, err := tlog.StoredHashesForRecordHash(t.size, leaf, t)
	if err != nil { // every hash that it may ask for is there
		panic("BUG: " + err.Error())
	}
	t.hashes = append(t.hashes, more...)
	t.size++
}

// root is the hash of the first n leaves.
func (t *tree) root(n int64) (tlog.Hash, bool) {
	if n < 0 || n > t.size {
		return tlog.Hash{}, false
	}
	h, err := tlog.TreeHash(n, t)
	return h, err == nil
}

// ReadHashes implements tlog.HashReader.
func (t *tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		if x < 0 || x >= int64(len(t.hashes)) {
			return nil, fmt.Errorf("hash %d is not in a log of %d leaves", x, t.size)
		}
		out[i] = t.hashes[x]
	}
	return out, nil
}
