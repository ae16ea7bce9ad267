package archive

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"weir/internal/archive/column"
	"weir/internal/archive/index"
	"weir/internal/archive/manifest"
	"weir/internal/archive/segment"
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
		err := a.seal(ep)
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

// seal writes the files of an epoch and publishes them.
func (a *Archive) seal(ep *epoch) error {
	rec := &manifest.Record{Seq: a.seq + 1, Writer: a.opts.Writer, Prev: a.last, Segments: []manifest.Segment{},
		Epoch: ep.began.UTC().Format(time.RFC3339Nano) + "/" + ep.last.UTC().Format(time.RFC3339Nano), Counts: ep.counts}
	ep.marks.toRecord(rec, ep.first)
	keys := slices.Clone(ep.keys)
	slices.SortFunc(keys, func(x, y tableKey) int { return strings.Compare(x.folder(), y.folder()) })
	for _, k := range keys {
		s, err := a.writeSegment(k, ep.tables[k].View(), rec.Seq)
		if err != nil {
			return fmt.Errorf("sealing class %s, day %s: %w", k.class, k.day, err)
		}
		if c := ep.claims[k]; c != nil {
			s.Revised = &[2]time.Time{time.Unix(0, c.lo).UTC(), time.Unix(0, c.hi).UTC()}
		}
		rec.Segments = append(rec.Segments, s)
	}
	rec.Published = a.opts.Now().UTC()
	hash, err := a.appendRecord(rec)
	if err != nil {
		return err
	}
	a.seq, a.last = rec.Seq, hash
	a.publish(ep, rec)
	return nil
}

// publish makes the change from memory to file in one step, and then tells who waits.
func (a *Archive) publish(ep *epoch, rec *manifest.Record) {
	fresh := make([]*segmentFile, len(rec.Segments))
	for i, s := range rec.Segments {
		fresh[i] = a.segmentFile(s)
	}
	a.mu.Lock()
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
func (a *Archive) writeSegment(k tableKey, v *column.View, seq uint64) (manifest.Segment, error) {
	folder := filepath.Join(a.dir, filepath.FromSlash(k.folder()))
	if err := makeFolder(a.dir, k.folder()); err != nil {
		return manifest.Segment{}, err
	}
	name := segmentName(seq)
	order := segment.Order(v)
	times, err := v.Times()
	if err != nil {
		return manifest.Segment{}, err
	}
	s := manifest.Segment{Path: k.folder() + "/" + name, Class: k.class, Day: k.day, Rows: len(order), Schema: segment.Schema,
		Min: time.Unix(0, times[order[0]]).UTC(), Max: time.Unix(0, times[order[len(order)-1]]).UTC()}
	sum := sha256.New()
	s.Bytes, err = writeFile(folder, name, sum, func(w io.Writer) error { return segment.Write(w, v, order, k.class, k.day) })
	if err != nil {
		return s, err
	}
	s.SHA256 = hex.EncodeToString(sum.Sum(nil))
	if _, err = writeFile(folder, indexName(name), nil, func(w io.Writer) error { return index.Build(w, v, order, s.Sum()) }); err != nil {
		return s, err
	}
	return s, syncFolder(folder)
}

// segmentName returns the name of the files of one epoch. Numbers ascend, so names sort by age; they are never used
// twice, so a file that is there without being published is left over from a crash.
func segmentName(seq uint64) string { return fmt.Sprintf("s-%08d%s", seq, segmentEnd) }

// indexName returns the name of the index beside a segment.
func indexName(segment string) string { return strings.TrimSuffix(segment, segmentEnd) + indexEnd }

// Ends of file names.
const (
	segmentEnd = ".parquet"
	indexEnd   = ".idx"
	tmpEnd     = ".tmp"
)

// writeFile writes a file under a name of its own, syncs it and gives it its name. sum, if there is one, gets the bytes.
func writeFile(folder, name string, sum io.Writer, fill func(io.Writer) error) (size int64, err error) {
	path := filepath.Join(folder, name)
	f, err := os.OpenFile(path+tmpEnd, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, fmt.Errorf("writing %s: %w", name, err)
	}
	defer func() {
		if err != nil {
			_ = f.Close()                // what was written is thrown away
			_ = os.Remove(path + tmpEnd) // else the next start does it
			err = fmt.Errorf("writing %s: %w", name, err)
		}
	}()
	bw := bufio.NewWriterSize(f, 256<<10)
	var w io.Writer = bw
	if sum != nil {
		w = io.MultiWriter(bw, sum)
	}
	if err = fill(w); err != nil {
		return 0, err
	}
	if err = bw.Flush(); err != nil {
		return 0, err
	}
	if err = f.Sync(); err != nil {
		return 0, err
	}
	if size, err = f.Seek(0, io.SeekEnd); err != nil {
		return 0, err
	}
	if err = f.Close(); err != nil {
		return 0, err
	}
	return size, os.Rename(path+tmpEnd, path)
}

// makeFolder makes the folders of a segment, each synced into the one above it.
func makeFolder(dir, below string) error {
	path := dir
	for part := range strings.SplitSeq(below, "/") {
		up := path
		path = filepath.Join(path, part)
		err := os.Mkdir(path, 0o700)
		if errors.Is(err, os.ErrExist) {
			continue
		}
		if err != nil {
			return err
		}
		if err := syncFolder(up); err != nil {
			return err
		}
	}
	return nil
}

// syncFolder makes new names in a folder durable.
func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Sync(); err != nil {
		return fmt.Errorf("syncing %s: %w", path, err)
	}
	return nil
}

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
