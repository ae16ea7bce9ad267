// Package replica keeps an archive's content in a store, laid out as in the archive's own folder, so that whoever reads
// the one reads the other. It is how an archive lives in a bucket, and how second copies are made.
//
// A folder holds the manifest as one file that grows. A bucket has no such files: there each line is an object of its own,
// manifest/NNNNNNNN.json, that is written only if nobody wrote it before. Put together in the order of their names they
// are the manifest. So of two that write to one bucket the second is refused, whatever each of them believes.
package replica

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"weir/internal/archive/manifest"
	"weir/internal/archive/store"
	"weir/internal/fault"
)

// linePrefix begins the names of lines that are objects.
const linePrefix = "manifest/"

// maxLine bounds a line that is read back, as the manifest does.
const maxLine = 64 << 20

// fetchers is how many lines are read from a bucket at once: each takes one round trip.
const fetchers = 16

// Replica is the content of one archive in one store. Its methods that write are called by one goroutine at a time.
type Replica struct {
	st   store.Store
	grow store.Appender // nil: lines are objects
	size int64          // of the manifest where it grows; known once State was called

	log map[string]stamp // files of the log that are there as they are here
}

// New returns the replica in a store.
func New(st store.Store) *Replica {
	r := &Replica{st: st, log: map[string]stamp{}}
	r.grow, _ = st.(store.Appender)
	return r
}

// Store returns where it is.
func (r *Replica) Store() store.Store { return r.st }

// State is the end of a replica's manifest.
type State struct {
	Seq  uint64 // 0: there is none
	Hash string // of the line with that number
}

// State reads the end of the manifest. It is called before the first PutLine, and again after an error of one.
func (r *Replica) State(ctx context.Context) (State, error) {
	if r.grow != nil {
		return r.fileState(ctx)
	}
	var last string
	n := uint64(0)
	for i, err := range r.st.List(ctx, linePrefix) {
		if err != nil {
			return State{}, err
		}
		n++
		if i.Key != lineKey(n) {
			return State{}, &fault.Error{Code: "archive-manifest", What: fmt.Sprintf("line %d of the manifest is missing", n), Where: r.st.String() + "/" + lineKey(n),
				Why: "the next that is there is " + i.Key, Do: "bring the object back from an older version or from a second copy"}
		}
		last = i.Key
	}
	if n == 0 {
		return State{}, nil
	}
	b, err := store.ReadAll(ctx, r.st, last, maxLine)
	if err != nil {
		return State{}, err
	}
	return State{Seq: n, Hash: manifest.Hash([]byte(strings.TrimSuffix(string(b), "\n")))}, nil
}

// fileState is State where the manifest is one file.
func (r *Replica) fileState(ctx context.Context) (State, error) {
	f, _, err := r.st.Open(ctx, manifest.Name)
	if errors.Is(err, store.ErrNotFound) {
		r.size = 0
		return State{}, nil
	}
	if err != nil {
		return State{}, err
	}
	defer f.Close()
	list, err := manifest.Read(f)
	if err != nil {
		return State{}, err
	}
	if len(list.Problems) > 0 {
		p := list.Problems[0]
		return State{}, &fault.Error{Code: "archive-manifest", What: fmt.Sprintf("line %d of the manifest was changed", p.Line), Where: r.st.String() + "/" + manifest.Name,
			Why: p.Reason, Do: "keep this copy as it is, and name another place for a new one"}
	}
	r.size = list.Size
	s := State{Hash: list.Last}
	if n := len(list.Records); n > 0 {
		s.Seq = list.Records[n-1].Seq
	}
	return s, nil
}

// lineKey names the object of a line.
func lineKey(seq uint64) string { return fmt.Sprintf("%s%08d.json", linePrefix, seq) }

// Lines yields the lines behind a number, without their ends, in order. An error ends it.
func (r *Replica) Lines(ctx context.Context, after uint64) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		if r.grow != nil {
			r.fileLines(ctx, after, yield)
			return
		}
		var keys []string
		for i, err := range r.st.List(ctx, linePrefix) {
			if err != nil {
				yield(nil, err)
				return
			}
			if i.Key > lineKey(after) || after == 0 {
				keys = append(keys, i.Key)
			}
		}
		for len(keys) > 0 {
			n := min(len(keys), 4*fetchers)
			lines, err := r.fetch(ctx, keys[:n])
			if err != nil {
				yield(nil, err)
				return
			}
			for _, l := range lines {
				if !yield(l, nil) {
					return
				}
			}
			keys = keys[n:]
		}
	}
}

// fetch reads some lines at once.
func (r *Replica) fetch(ctx context.Context, keys []string) ([][]byte, error) {
	out, errs := make([][]byte, len(keys)), make([]error, len(keys))
	var wg sync.WaitGroup
	slots := make(chan struct{}, fetchers)
	for i, key := range keys {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			b, err := store.ReadAll(ctx, r.st, key, maxLine)
			out[i], errs[i] = []byte(strings.TrimSuffix(string(b), "\n")), err
		})
	}
	wg.Wait()
	return out, errors.Join(errs...)
}

// fileLines is Lines where the manifest is one file.
func (r *Replica) fileLines(ctx context.Context, after uint64, yield func([]byte, error) bool) {
	f, _, err := r.st.Open(ctx, manifest.Name)
	if errors.Is(err, store.ErrNotFound) {
		return
	}
	if err != nil {
		yield(nil, err)
		return
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		yield(nil, fmt.Errorf("reading the manifest of %s: %w", r.st, err))
		return
	}
	for line := range strings.SplitAfterSeq(string(b), "\n") {
		whole, ok := strings.CutSuffix(line, "\n")
		if !ok {
			return // torn: it was never acknowledged
		}
		if rec, reason := manifest.Parse([]byte(whole)); reason == "" && rec.Seq <= after {
			continue
		}
		if !yield([]byte(whole), nil) {
			return
		}
	}
}

// PutLine writes the next line of the manifest. Everything that it names must be there. store.ErrOther means that
// somebody else wrote this line: there are two writers.
func (r *Replica) PutLine(ctx context.Context, seq uint64, line []byte, until time.Time) error {
	b := append(append([]byte(nil), line...), '\n')
	if r.grow != nil {
		if err := r.grow.Append(ctx, manifest.Name, r.size, b); err != nil {
			return err
		}
		r.size += int64(len(b))
		return nil
	}
	c := store.Bytes(b)
	c.Until = until
	err := r.st.Put(ctx, lineKey(seq), c)
	if errors.Is(err, store.ErrOther) {
		return r.conflict(ctx, seq, err)
	}
	return err
}

// conflict names who wrote the line that was to be written.
func (r *Replica) conflict(ctx context.Context, seq uint64, err error) error {
	who := "somebody"
	if b, readErr := store.ReadAll(ctx, r.st, lineKey(seq), maxLine); readErr == nil {
		var rec manifest.Record
		if json.Unmarshal(b, &rec) == nil && rec.Writer != "" {
			who = rec.Writer
		}
	}
	return &fault.Error{Code: "archive-bucket-writer", What: "another weir writes to this bucket: " + who, Where: r.st.String() + "/" + lineKey(seq),
		Why: "it published an epoch under the number that this one was about to take", Do: "stop one of the two, or give them different prefixes", Exit: fault.ExitMissing, Cause: err}
}

// PutSegment writes a segment and its index from the folder of an archive. It may be called again. An error that is
// fs.ErrNotExist or store.ErrContent is about the archive's own file.
func (r *Replica) PutSegment(ctx context.Context, file string, s manifest.Segment, until time.Time) error {
	f, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("copying a segment: %w", err)
	}
	defer f.Close()
	if err := r.st.Put(ctx, s.Path, store.Content{Body: f, Size: s.Bytes, SHA256: s.Sum(), Until: until}); err != nil {
		return fmt.Errorf("copying a segment: %w", err)
	}
	// The index is derived, and may be made anew at any time: it is no evidence, and its absence only makes slow.
	b, err := os.ReadFile(IndexOf(file))
	if err != nil {
		return nil
	}
	return r.st.Replace(ctx, IndexOf(s.Path), b)
}

// IndexOf returns the name of the index beside a segment.
func IndexOf(segment string) string { return strings.TrimSuffix(segment, ".parquet") + ".idx" }

// PutFile writes a file that an action of the archive names: it is never replaced by other content.
func (r *Replica) PutFile(ctx context.Context, folder, key string) error {
	b, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(key)))
	if err != nil {
		return fmt.Errorf("copying a file: %w", err)
	}
	return r.st.Put(ctx, key, store.Bytes(b))
}

// DeleteSegment deletes a segment that expired, and its index before it: a crash between them leaves the segment, which is
// found again, and not an index that nobody looks for. *store.LockedError.
func (r *Replica) DeleteSegment(ctx context.Context, path string) error {
	if err := r.st.Delete(ctx, IndexOf(path)); err != nil {
		return err
	}
	return r.st.Delete(ctx, path)
}

// Segments returns the segments that are there, by path with their sizes and when they were written.
func (r *Replica) Segments(ctx context.Context) (map[string]store.Info, error) {
	out := map[string]store.Info{}
	for i, err := range r.st.List(ctx, "class=") {
		if err != nil {
			return nil, err
		}
		if strings.HasSuffix(i.Key, ".parquet") {
			out[i.Key] = i
		}
	}
	return out, nil
}

// Fetch writes the files below a prefix into an archive's folder, but for those that are there.
func (r *Replica) Fetch(ctx context.Context, prefix, folder string) error {
	to := store.NewFolder(folder)
	for i, err := range r.st.List(ctx, prefix) {
		if err != nil {
			return err
		}
		if _, err := to.Stat(ctx, i.Key); err == nil {
			continue
		}
		b, err := store.ReadAll(ctx, r.st, i.Key, 1<<30)
		if err != nil {
			return err
		}
		if err := to.Put(ctx, i.Key, store.Bytes(b)); err != nil {
			return err
		}
	}
	return nil
}

// FetchSegment writes a segment, which must be the one that the manifest names, and its index if there is one.
func (r *Replica) FetchSegment(ctx context.Context, s manifest.Segment, folder string) error {
	to := store.NewFolder(folder)
	if b, err := store.ReadAll(ctx, r.st, IndexOf(s.Path), 1<<30); err == nil {
		if err := to.Replace(ctx, IndexOf(s.Path), b); err != nil {
			return err
		}
	}
	b, err := store.ReadAll(ctx, r.st, s.Path, s.Bytes)
	if err != nil {
		return fmt.Errorf("fetching a segment: %w", err)
	}
	if sha256.Sum256(b) != s.Sum() {
		return &fault.Error{Code: "archive-segment", What: fmt.Sprintf("a segment with %d events of %s was changed: its SHA-256 is not the one of the manifest", s.Rows, s.Day),
			Where: r.st.String() + "/" + s.Path, Do: "keep the object as it is, and bring it back from an older version or from a second copy", Cause: store.ErrContent}
	}
	return to.Replace(ctx, s.Path, b)
}
