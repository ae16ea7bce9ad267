package archive

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"weir/internal/archive/column"
	"weir/internal/archive/disk"
	"weir/internal/archive/index"
	"weir/internal/archive/manifest"
	"weir/internal/archive/segment"
	"weir/internal/archive/store"
)

// backoff is how long to wait between two tries.
type backoff struct{ first, most time.Duration }

// logEvery bounds how often the same trouble is logged.
const logEvery = time.Minute

// sealLoop seals closed epochs, and closes the open one when it is old enough, or full since the one before was
// published. It ends with ctx.
func (a *Archive) sealLoop(ctx context.Context) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		ep, sleep := a.nextToSeal()
		if ep != nil {
			if !a.sealUntilDone(ctx, ep) {
				return
			}
			continue
		}
		timer.Reset(sleep)
		select {
		case <-ctx.Done():
			return
		case <-a.wake:
		case <-timer.C:
		}
	}
}

// nextToSeal returns the epoch that is ready, or how long there will be none for its age.
func (a *Archive) nextToSeal() (ep *epoch, sleep time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	sleep = a.opts.EpochAge
	if a.sealing == nil && !a.open.empty() {
		if sleep = a.open.began.Add(a.opts.EpochAge).Sub(a.opts.Now()); sleep <= 0 || a.full(a.open) {
			a.rotate()
		}
	}
	if a.sealing != nil && a.sealing.adding == 0 {
		return a.sealing, 0
	}
	return nil, max(sleep, time.Millisecond)
}

// sealUntilDone tries until the epoch is published; false if ctx ended before. A full disk, and any other trouble with
// the folder, passes: the rows stay in memory, found by every search, and Append blocks when the next epoch is full.
func (a *Archive) sealUntilDone(ctx context.Context, ep *epoch) bool {
	wait := a.retry.first
	var logged time.Time
	for {
		err := a.takePen(ctx)
		if err != nil {
			return false
		}
		err = a.seal(ctx, ep)
		a.dropPen()
		if err == nil {
			if !logged.IsZero() {
				a.log.Info("sealing works again")
			}
			return true
		}
		if time.Since(logged) >= logEvery {
			logged = time.Now()
			a.log.Error("sealing an epoch; its rows are kept in memory and it is tried again", "err", err, "rows", ep.rows, "full", errors.Is(err, syscall.ENOSPC))
		}
		a.setTrouble(ep, err)
		select {
		case <-ctx.Done():
			return false
		case <-time.After(wait):
		}
		wait = min(2*wait, a.retry.most)
	}
}

// setTrouble notes why the epoch is not sealed yet, for a caller of Seal that gives up waiting.
func (a *Archive) setTrouble(ep *epoch, err error) {
	a.mu.Lock()
	ep.trouble = err
	a.mu.Unlock()
}

// seal writes the files of an epoch and publishes them. The pen is held.
func (a *Archive) seal(ctx context.Context, ep *epoch) error {
	if err := a.settle(ctx); err != nil {
		return err
	}
	a.mu.Lock()
	done := a.sealing != ep
	a.mu.Unlock()
	if done { // it was what was settled
		return nil
	}
	rec := &manifest.Record{Seq: a.seq + 1, Writer: a.opts.Writer, Prev: a.last, Segments: []manifest.Segment{},
		Epoch: ep.began.UTC().Format(time.RFC3339Nano) + "/" + ep.last.UTC().Format(time.RFC3339Nano), Counts: ep.counts}
	ep.marks.toRecord(rec, ep.first)
	keys := slices.Clone(ep.keys)
	slices.SortFunc(keys, func(x, y tableKey) int { return strings.Compare(x.folder(), y.folder()) })
	for _, k := range keys {
		s, err := a.writeSegment(k, ep.tables[k].View(), rec.Seq)
		if err != nil {
			a.unwrite(rec)
			return fmt.Errorf("sealing class %s, day %s: %w", k.class, k.day, err)
		}
		if c := ep.claims[k]; c != nil {
			s.Revised = &[2]time.Time{time.Unix(0, c.lo).UTC(), time.Unix(0, c.hi).UTC()}
		}
		rec.Segments = append(rec.Segments, s)
	}
	rec.Published = a.opts.Now().UTC()
	return a.commit(ctx, rec, ep)
}

// pending is a record whose number is taken: where the archive is in a bucket it may be there already, though nobody
// said so. Nothing else gets that number before it is known.
type pending struct {
	rec *manifest.Record
	ep  *epoch // nil: it has actions
}

// commit makes a record the next of the manifest, and does what follows from it. The pen is held. After an error there is
// either nothing of it, or it is pending. What a failed try wrote is removed again: its number may go to another record.
func (a *Archive) commit(ctx context.Context, rec *manifest.Record, ep *epoch) error {
	a.pending = &pending{rec, ep}
	err := a.settle(ctx)
	if err != nil && (a.bucket == nil || errors.Is(err, store.ErrContent)) {
		a.pending = nil
		a.unwrite(rec)
	}
	return err
}

// settle finishes what is pending.
func (a *Archive) settle(ctx context.Context) error {
	p := a.pending
	if p == nil {
		return nil
	}
	if err := a.share(ctx, p.rec); err != nil {
		return err
	}
	hash, err := a.appendRecord(p.rec)
	if err != nil {
		return err
	}
	a.seq, a.last, a.pending = p.rec.Seq, hash, nil
	if p.ep != nil {
		a.publish(p.ep, p.rec)
		return nil
	}
	a.mu.Lock()
	gone := a.act(p.rec)
	a.announce()
	a.mu.Unlock()
	a.leave(leaving{seq: p.rec.Seq, segments: gone})
	return nil
}

// unwrite removes the files of a record that could not be published. What is left all the same is removed at the next
// start.
func (a *Archive) unwrite(rec *manifest.Record) {
	for _, s := range rec.Segments {
		a.removeFiles(filepath.Join(a.dir, filepath.FromSlash(s.Path)))
	}
}

// removeFiles removes a segment that is not published, and its index.
func (a *Archive) removeFiles(path string) {
	for _, file := range []string{path, indexName(path)} {
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			a.log.Warn("removing a file of an epoch that could not be sealed", "path", file, "err", err)
		}
	}
}

// publish makes the change from memory to file in one step, and then tells who waits.
func (a *Archive) publish(ep *epoch, rec *manifest.Record) {
	fresh := make([]*segmentFile, len(rec.Segments))
	for i, s := range rec.Segments {
		fresh[i] = a.segmentFile(s, rec)
		fresh[i].here.Store(true)
	}
	a.mu.Lock()
	a.announce()
	a.segments = append(slices.Clip(a.segments), fresh...)
	a.durable.merge(ep.marks)
	ep.addCounts(a.counts)
	a.sealed = rec.Published
	a.sealing = nil
	a.broadcast()
	a.mu.Unlock()
	ep.finish(nil)
	a.log.Debug("epoch sealed", "seq", rec.Seq, "rows", ep.rows, "segments", len(rec.Segments))
}

// appendRecord appends a line to the manifest and syncs it. What a failed try wrote is cut off again.
func (a *Archive) appendRecord(rec *manifest.Record) (hash string, err error) {
	line, hash, err := rec.Append(nil)
	if err != nil {
		return "", err
	}
	if _, err = a.manifest.WriteAt(line, a.size); err == nil {
		err = a.manifest.Sync()
	}
	if err != nil {
		if cut := a.manifest.Truncate(a.size); cut != nil {
			err = errors.Join(err, cut)
		}
		return "", fmt.Errorf("writing the manifest: %w", err)
	}
	a.size += int64(len(line))
	return hash, nil
}

// writeSegment writes the file of one class and day and the index beside it. Both are complete and synced when they get
// their names.
func (a *Archive) writeSegment(k tableKey, v *column.View, seq uint64) (s manifest.Segment, err error) {
	folder := filepath.Join(a.dir, filepath.FromSlash(k.folder()))
	if err := disk.MakeFolder(a.dir, k.folder()); err != nil {
		return s, err
	}
	name := segmentName(seq, "")
	order := segment.Order(v)
	times, err := v.Times()
	if err != nil {
		return s, err
	}
	s = manifest.Segment{Path: k.folder() + "/" + name, Class: k.class, Day: k.day, Rows: len(order), Schema: segment.Schema,
		Min: time.Unix(0, times[order[0]]).UTC(), Max: time.Unix(0, times[order[len(order)-1]]).UTC()}
	defer func() {
		if err != nil {
			a.removeFiles(filepath.Join(folder, name))
		}
	}()
	sum := sha256.New()
	s.Bytes, err = disk.WriteFile(folder, name, sum, func(w io.Writer) error { return segment.Write(w, v, order, k.class, k.day) })
	if err != nil {
		return s, err
	}
	s.SHA256 = hex.EncodeToString(sum.Sum(nil))
	if a.bucket != nil {
		plain := filepath.Join(folder, name)
		name = segmentName(seq, s.SHA256[:8])
		s.Path = k.folder() + "/" + name
		if err = os.Rename(plain, filepath.Join(folder, name)); err != nil {
			a.removeFiles(plain)
			return s, err
		}
	}
	if _, err = disk.WriteFile(folder, indexName(name), nil, func(w io.Writer) error { return index.Build(w, v, order, s.Sum()) }); err != nil {
		return s, err
	}
	return s, disk.SyncFolder(folder)
}

// segmentName returns the name of the files of one epoch. Numbers ascend, so names sort by age; in a folder they are never
// used twice, so a file that is there without being published is left over from a crash. In a bucket what is left may be
// locked, and may be of another writer: there part of the content's hash makes the name one of its own.
func segmentName(seq uint64, hash string) string {
	if hash != "" {
		hash = "-" + hash
	}
	return fmt.Sprintf("s-%08d%s%s", seq, hash, segmentEnd)
}

// indexName returns the name of the index beside a segment.
func indexName(segment string) string { return strings.TrimSuffix(segment, segmentEnd) + indexEnd }

// Ends of file names.
const (
	segmentEnd = ".parquet"
	indexEnd   = ".idx"
)

// Seal closes the open epoch and waits until everything that was appended before is published. It gives up when ctx
// ends: nothing is lost then, what is not published is still in the topics.
func (a *Archive) Seal(ctx context.Context) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	var last *epoch
	for last == nil {
		if a.closed || a.open == nil {
			return ErrClosed
		}
		switch {
		case a.open.empty() && a.open.adding == 0:
			if last = a.sealing; last == nil {
				return nil
			}
		case a.sealing == nil:
			a.rotate()
			last = a.sealing
		default:
			trouble := a.sealing
			if err := a.wait(ctx, a.changed); err != nil {
				return sealError(trouble, err)
			}
		}
	}
	if err := a.wait(ctx, last.sealed); err != nil {
		return sealError(last, err)
	}
	return last.err
}

// sealError adds why the epoch is not sealed yet to the end of the caller's patience. The lock is held.
func sealError(ep *epoch, err error) error {
	if ep.trouble != nil {
		return fmt.Errorf("sealing the open epoch: %w (%w)", err, ep.trouble)
	}
	return fmt.Errorf("sealing the open epoch: %w", err)
}
