package archive

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"weir/internal/archive/manifest"
	"weir/internal/archive/replica"
	"weir/internal/archive/store"
	"weir/internal/fault"
)

// bucket is where an archive is kept besides its folder. An epoch is published when the bucket has it; the folder is then
// what is at hand of it.
//
// The order of one epoch is: files in the folder, files in the bucket, line in the bucket, line in the folder. The line in
// the bucket decides. A process that ends before it leaves files in the bucket that nobody knows; one that ends after it
// finds the line when it starts again, in whatever folder.
type bucket struct {
	*replica.Replica
	*replica.Reaper
	seq uint64 // last line that is there; whoever has the pen

	keep sync.RWMutex // held for reading while a segment is fetched, for writing while some are evicted
	wake chan struct{}
}

// newBucket returns one that was not asked anything yet.
func newBucket(r *replica.Replica, log *slog.Logger) *bucket {
	return &bucket{Replica: r, Reaper: replica.NewReaper(r, log), wake: make(chan struct{}, 1)}
}

// errFetch marks errors of the way to the bucket, which pass.
var errFetch = errors.New("the bucket cannot be reached")

// Times of the work that goes on in the background.
const (
	bucketEvery = time.Minute      // looking at what else there is to do
	fetchTime   = 10 * time.Minute // for one segment
	orphanAge   = 24 * time.Hour   // before files that no line names are deleted: another writer may be about to name them
)

// catchUp makes manifest and bucket one when the archive is opened: lines that only the bucket has are taken into the
// folder. A folder that is empty gets everything that a start needs.
func (a *Archive) catchUp(ctx context.Context, list *manifest.List) (*manifest.List, error) {
	b := a.bucket
	there, err := b.State(ctx)
	if err != nil {
		return nil, bucketFault(b, err)
	}
	b.seq = there.Seq
	local := uint64(0)
	for i := range list.Records {
		local = max(local, list.Records[i].Seq)
	}
	if there.Seq > 0 && there.Seq <= local && lineHash(list, there.Seq) != there.Hash {
		return nil, strange(b, there.Seq)
	}
	for _, prefix := range []string{"log/", "policy/", "reviews/"} {
		if _, err := os.Stat(filepath.Join(a.dir, prefix)); err == nil {
			continue
		}
		if err := b.Fetch(ctx, prefix, a.dir); err != nil {
			return nil, bucketFault(b, err)
		}
	}
	if there.Seq <= local {
		return list, nil
	}
	size, last, seq := list.Size, list.Last, local
	for line, err := range b.Lines(ctx, local) {
		if err != nil {
			return nil, bucketFault(b, err)
		}
		rec, reason := manifest.Parse(line)
		if reason != "" || rec.Prev != last || rec.Seq != seq+1 {
			return nil, strange(b, seq+1)
		}
		whole := append(line, '\n')
		if _, err := a.manifest.WriteAt(whole, size); err != nil {
			return nil, folderFault(a.manifest.Name(), err)
		}
		size, last, seq = size+int64(len(whole)), manifest.Hash(line), rec.Seq
	}
	if err := a.manifest.Sync(); err != nil {
		return nil, folderFault(a.manifest.Name(), err)
	}
	a.log.Info("the manifest was completed from the bucket", "lines", seq-local, "bucket", b.Store().String())
	if _, err := a.manifest.Seek(0, io.SeekStart); err != nil {
		return nil, folderFault(a.manifest.Name(), err)
	}
	if list, err = manifest.Read(a.manifest); err != nil {
		return nil, folderFault(a.manifest.Name(), err)
	}
	return list, nil
}

// lineHash returns the hash of a line: the line after it names it.
func lineHash(list *manifest.List, seq uint64) string {
	for i := range list.Records {
		if list.Records[i].Seq == seq+1 {
			return list.Records[i].Prev
		}
	}
	return list.Last
}

// strange says that bucket and folder are not of one archive.
func strange(b *bucket, seq uint64) error {
	return &fault.Error{Code: "archive-bucket-other", What: fmt.Sprintf("line %d of the bucket's manifest does not go with this folder", seq), Where: b.Store().String(),
		Why: "the bucket holds another archive, or the folder went on without the bucket", Do: "name another prefix in archive.bucket, or move the folder aside: the archive is then taken from the bucket", Exit: fault.ExitMissing}
}

// bucketFault says that the bucket is needed to start.
func bucketFault(b *bucket, err error) error {
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	return &fault.Error{Code: "archive-bucket", What: "the archive's bucket cannot be read", Where: b.Store().String(), Why: reason(err),
		Do: "aws s3 ls " + b.Store().String() + "/", Exit: fault.ExitMissing, Cause: err}
}

// share brings a record and its files into the bucket, after every record before it. The pen is held.
func (a *Archive) share(ctx context.Context, rec *manifest.Record) error {
	b := a.bucket
	if b == nil || b.seq >= rec.Seq {
		return nil
	}
	if b.seq+1 < rec.Seq {
		if err := a.shareOlder(ctx, rec.Seq); err != nil {
			return err
		}
	}
	line, _, err := rec.Append(nil)
	if err != nil {
		return err
	}
	return a.shareLine(ctx, rec, line[:len(line)-1])
}

// shareOlder brings what the folder had before there was a bucket.
func (a *Archive) shareOlder(ctx context.Context, before uint64) error {
	b := a.bucket
	a.log.Info("older epochs go into the bucket first", "from", b.seq+1, "to", before-1)
	for line, err := range replica.New(store.NewFolder(a.dir)).Lines(ctx, b.seq) {
		if err != nil {
			return err
		}
		rec, reason := manifest.Parse(line)
		if reason != "" {
			return fmt.Errorf("bringing line %d into the bucket: %s", b.seq+1, reason)
		}
		if err := a.shareLine(ctx, &rec, line); err != nil {
			return err
		}
	}
	return nil
}

// shareLine brings one record. Files of segments that expired since are rightly missing.
func (a *Archive) shareLine(ctx context.Context, rec *manifest.Record, line []byte) error {
	var until time.Time
	for _, s := range rec.Segments {
		a.mu.Lock()
		_, past := a.past[s.Path]
		a.mu.Unlock()
		if past {
			continue
		}
		lock := a.opts.Lock(s.Class, s.Day)
		if until.Before(lock) {
			until = lock
		}
		if err := a.bucket.PutSegment(ctx, filepath.Join(a.dir, filepath.FromSlash(s.Path)), s, lock); err != nil {
			return err
		}
	}
	if err := a.bucket.PutLine(ctx, rec.Seq, line, until); err != nil {
		return err
	}
	a.bucket.seq = rec.Seq
	return nil
}

// fetch brings a segment that is not in the folder any more.
func (a *Archive) fetch(s *segmentFile) error {
	a.bucket.keep.RLock() // nothing is evicted meanwhile, and not soon after
	defer a.bucket.keep.RUnlock()
	s.used.Store(time.Now().UnixNano())
	s.fetching.Lock()
	defer s.fetching.Unlock()
	if s.here.Load() {
		return nil
	}
	ctx, stop := context.WithTimeout(context.Background(), fetchTime)
	defer stop()
	if err := a.bucket.FetchSegment(ctx, s.Segment, a.dir); err != nil {
		if errors.Is(err, store.ErrContent) {
			return err
		}
		return fmt.Errorf("%w: %w", errFetch, err)
	}
	s.here.Store(true)
	return nil
}

// WithFile calls fn with the path of a segment's file, which is there as long as fn runs: it is fetched from the bucket if
// it has to be.
func (a *Archive) WithFile(segment string, fn func(path string) error) error {
	v := a.view()
	defer v.pin()()
	i := slices.IndexFunc(v.segments, func(s *segmentFile) bool { return s.Path == segment })
	if i < 0 {
		return fmt.Errorf("reading %s: the archive has no such segment", segment)
	}
	if a.bucket != nil {
		if err := a.fetch(v.segments[i]); err != nil {
			return err
		}
	}
	return fn(v.segments[i].path)
}

// Locked returns the expired segments that the bucket still keeps, because their lock is not over, and until when.
func (a *Archive) Locked() map[string]time.Time {
	if a.bucket == nil {
		return nil
	}
	return a.bucket.Locked()
}

// doom has a segment deleted in the background.
func (b *bucket) doom(path string) {
	b.Doom(path)
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// bucketLoop does what nobody waits for: the log goes into the bucket, what expired goes out of it, and old segments leave
// the folder. It ends with ctx.
func (a *Archive) bucketLoop(ctx context.Context) {
	swept := false
	var logged time.Time
	for {
		lines := a.Published()
		err := error(nil)
		if !swept {
			if err = a.sweep(ctx); err == nil {
				swept = true
			}
		}
		log, logErr := a.bucket.TakeLog(a.dir)
		err = errors.Join(err, logErr, a.bucket.SyncLog(ctx, a.dir, log), a.bucket.Reap(ctx, time.Now()))
		a.evict(a.opts.Now())
		if err != nil && ctx.Err() == nil && time.Since(logged) >= logEvery {
			logged = time.Now()
			a.log.Error("the bucket is not up to date; it is tried again", "bucket", a.bucket.Store().String(), "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-lines:
		case <-a.bucket.wake:
		case <-time.After(bucketEvery):
		}
	}
}

// sweep finds what a crash left in the bucket: segments that expired, and files that no line names.
func (a *Archive) sweep(ctx context.Context) error {
	if err := a.logged(ctx, a.lastExpiry()); err != nil {
		return err
	}
	list, err := a.bucket.Segments(ctx)
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	known := map[string]bool{}
	for _, s := range a.segments {
		known[s.Path] = true
	}
	for path, i := range list {
		_, past := a.past[path]
		if past || !known[path] && time.Since(i.Modified) > orphanAge {
			a.bucket.doom(path)
		}
	}
	return nil
}

// evict removes files from the folder that are old enough and that the bucket has; of those that were fetched again, or
// used, the least recent ones beyond the cache's size.
func (a *Archive) evict(now time.Time) {
	if a.opts.Local <= 0 {
		return
	}
	if !a.bucket.keep.TryLock() {
		return // the next time
	}
	defer a.bucket.keep.Unlock()
	a.mu.Lock()
	segments := a.segments
	a.mu.Unlock()
	var old []*segmentFile
	for _, s := range segments {
		if s.here.Load() && now.Sub(s.published) > a.opts.Local {
			old = append(old, s)
		}
	}
	slices.SortFunc(old, func(x, y *segmentFile) int { return cmp.Compare(y.used.Load(), x.used.Load()) })
	size := int64(0)
	for _, s := range old {
		size += s.Bytes
		if used := s.used.Load(); used != 0 && size <= a.opts.Cache || time.Since(time.Unix(0, used)) < bucketEvery {
			continue
		}
		s.here.Store(false)
		a.files.drop(s)
		for _, file := range []string{s.index, s.path} {
			if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
				a.log.Warn("removing a segment that the bucket has", "path", file, "err", err)
			}
		}
	}
}
