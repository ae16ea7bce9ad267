package correlate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"weir/internal/state"
	"weir/processors/correlate/keep"
)

// Snapshots is where the snapshot of each partition is kept.
type Snapshots = keep.Snapshots

// Folder keeps snapshots as files in a folder, which must exist. The one before is kept beside the newest.
func Folder(dir string) Snapshots { return keep.Folder(dir) }

// Kept keeps snapshots where other state is kept: in the compacted topic of a Kafka, from which any process can take a
// partition over.
func Kept(o state.Opener) Snapshots { return keep.Topic(o) }

// saved is what stands before the state in the snapshot of a partition. It and the state belong together: a state without
// the offset up to which it was fed would count signals twice.
type saved struct {
	next int64     // offset of the first signal that is not in the state
	last time.Time // timestamp of the record before it, to tell a topic that was made anew
	seen positions
}

func (s *saved) appendTo(e *keep.Encoder) {
	e.Int(s.next)
	e.Int(s.last.UnixMilli())
	s.seen.appendTo(e)
}

// readSaved reads the first frame of a snapshot.
func readSaved(in *keep.Reader) (*saved, error) {
	first, err := in.Next()
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: there is nothing in it", keep.ErrBroken)
	}
	if err != nil {
		return nil, err
	}
	d := keep.Decoder{B: first}
	s := &saved{next: d.Int(), last: time.UnixMilli(d.Int()), seen: readPositions(&d)}
	if d.Failed || len(d.B) > 0 || s.next < 0 {
		return nil, fmt.Errorf("%w: its beginning does not fit together", keep.ErrBroken)
	}
	return s, nil
}

// StartOffset returns the offset of weir.signals from which the snapshot of a partition must be brought up to date; ok
// is false when there is no usable one.
func StartOffset(ctx context.Context, from Snapshots, partition int32) (offset int64, ok bool) {
	all, err := from.Load(ctx, partition)
	if err != nil {
		return 0, false
	}
	for _, one := range all {
		if s, err := open(one, rest); err == nil {
			return s.next, true
		}
	}
	return 0, false
}

// open reads a snapshot: what stands before the state, and the state by what read does with it.
func open(one keep.Saved, read func(*keep.Reader) error) (*saved, error) {
	file, err := one()
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // it was only read
	in, err := keep.NewReader(file)
	if err != nil {
		return nil, err
	}
	s, err := readSaved(in)
	if err != nil {
		return nil, err
	}
	return s, read(in)
}

// rest reads a snapshot to its end, and so finds out whether it is whole.
func rest(in *keep.Reader) error {
	for {
		if _, err := in.Next(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// resume takes over the newest usable snapshot of the partition. Broken ones are named in the log. The one before is as
// good as the newest, it only makes more signals be read again: nothing after it was committed unless the newest was
// whole at that moment.
func (w *Worker) resume(ctx context.Context) error {
	log := w.opts.Log.With("component", "correlate", "partition", w.partition)
	all, err := w.opts.Snapshots.Load(ctx, w.partition)
	if err != nil {
		return fmt.Errorf("loading the state of correlation: %w", err)
	}
	for i, one := range all {
		s, err := open(one, func(in *keep.Reader) error { return w.restore(in, log) })
		switch {
		case errors.Is(err, keep.ErrVersion):
			log.Warn("a snapshot of correlation was written by another version of weir; correlation begins without it: counts and sequences that were under way begin anew", "before", i, "err", err)
		case err != nil:
			log.Error("a snapshot of correlation cannot be used; the one before it is tried", "before", i, "err", err)
		default:
			w.seen, w.resumed, w.last = s.seen, s, s.last
			if w.next > s.next {
				log.Warn("signals after the snapshot are gone; alerts that need them are missing", "topic", w.topic, "snapshot", s.next, "offset", w.next)
				w.seen = positions{} // what is missing is known, and no hole to stop at
			}
			return nil
		}
	}
	return nil
}

// restore reads the state of a snapshot. One that is whole and makes no sense is left out, and the place that goes with it
// counts: reading its signals again would not help.
func (w *Worker) restore(in *keep.Reader, log *slog.Logger) error {
	err := w.en.read(in)
	if err == nil {
		return nil
	}
	if rest(in) != nil {
		return err
	}
	log.Error("the state in a snapshot cannot be used; correlation begins without it", "err", err)
	return nil
}

const (
	// saveBytes is how much of its topic a worker reads between two snapshots, unless those are large: signals that no
	// snapshot covers cannot be trimmed, and a full log makes everybody wait.
	saveBytes    = 8 << 20
	maxSaveBytes = 64 << 20
	// rests is how many times as long as a snapshot took none is written after it.
	rests = 9
	// partTime is about how long signals wait for a part of a snapshot.
	partTime = 5 * time.Millisecond
)

// saveBytes is how much is read before a snapshot is written ahead of its time: a large one is worth more signals.
func (w *Worker) saveBytes() int { return int(min(max(saveBytes, w.size/4), maxSaveBytes)) }

// tick writes snapshots until the worker closes. Writing takes no more than a tenth of the time, so that a large state does
// not keep the disk busy for ever.
// It is the only goroutine that the worker starts; Close ends it with the context and waits for it.
func (w *Worker) tick(ctx context.Context) {
	t := time.NewTimer(w.opts.Interval)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		case <-w.full:
		}
		began := time.Now()
		if err := w.save(ctx); err != nil && ctx.Err() == nil {
			w.opts.Log.Error("the state of correlation is not written; it is tried again", "component", "correlate", "partition", w.partition, "err", err)
		}
		pause := rests * time.Since(began)
		select {
		case <-ctx.Done():
			return
		case <-time.After(min(pause, time.Hour)):
		}
		t.Reset(max(w.opts.Interval-pause, 0))
	}
}

// save writes a snapshot and answers the batches that it covers. After an error they stay open.
// The lock is held for a part of the state at a time, and not while the disk is waited for, so signals go on meanwhile;
// what they change is in the next snapshot.
func (w *Worker) save(ctx context.Context) error {
	w.saving.Lock()
	defer w.saving.Unlock()
	w.mu.Lock()
	if len(w.pending) == 0 || w.err != nil {
		err := w.err
		w.mu.Unlock()
		return err
	}
	var head keep.Encoder
	(&saved{next: w.next, last: w.last, seen: w.seen}).appendTo(&head)
	s := w.en.shoot()
	acks, covered := w.acks, len(w.pending)
	w.unsaved = 0
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		s.end()
		w.mu.Unlock()
	}()
	var size int64
	err := w.opts.Snapshots.Store(ctx, w.partition, func(to io.Writer) error {
		out, err := keep.NewWriter(to)
		if err != nil {
			return err
		}
		if err := w.write(ctx, out, head.B, s); err != nil {
			return err
		}
		size = out.Size()
		return durable(ctx, acks)
	})
	if err != nil {
		return err
	}
	w.mu.Lock()
	w.size = size
	if w.err != nil { // the batches were answered meanwhile
		w.mu.Unlock()
		return nil
	}
	answered := w.pending[:covered:covered]
	w.pending = slices.Clone(w.pending[covered:])
	w.acks = slices.Clone(w.acks[len(acks):])
	w.mu.Unlock()
	for _, done := range answered {
		done(nil)
	}
	return nil
}

// write writes the frames of a snapshot.
func (w *Worker) write(ctx context.Context, out *keep.Writer, head []byte, s *shot) error {
	if err := out.Frame(head); err != nil {
		return err
	}
	var buf []byte
	for more := true; more; {
		if err := ctx.Err(); err != nil {
			return err
		}
		buf = buf[:0]
		w.mu.Lock()
		for began := time.Now(); more && time.Since(began) < partTime; {
			buf, more = s.next(buf, partSize)
		}
		w.mu.Unlock()
		if err := out.Frame(buf); err != nil {
			return err
		}
	}
	return out.Close()
}

// durable waits until the alerts are, that follow from what a snapshot covers.
func durable(ctx context.Context, acks []*ack) error {
	for _, a := range acks {
		select {
		case <-a.done:
			if a.err != nil {
				return a.err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
