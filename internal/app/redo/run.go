package redo

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"weir/internal/archive"
	"weir/internal/control/redo"
	"weir/internal/ledger"
	"weir/internal/record"
	"weir/internal/rerun"
	"weir/processors/normalise"
)

// Place is where originals are read again: what a run needs of the process around it.
type Place struct {
	Archive *archive.Archive
	// Reader reads as normalise would, for runs that write nothing; nil: this process has no normalise.
	Reader func() *normalise.Reader
	// Settle waits until every order that was ever sent has been read, counted and stored.
	Settle func(ctx context.Context) error
	// Made returns what normalise made of a source.
	Made func(source string) ledger.Counts
	// Emit hands orders to the front door; done comes when Kafka has them, and never after an error.
	Emit func(ctx context.Context, source string, batch []record.Raw, bytes int, done func(error)) error
	// Emitted is called once, when no more is sent and Kafka has all that was.
	Emitted func()
}

const (
	// Of orders that are handed over together. They share the front door's memory with what devices send, so two batches
	// are under way at the most.
	orderRecords = 500
	orderBytes   = 1 << 20
	ordersOpen   = 2
	// drainWithin bounds how long a run that was stopped waits for what it sent.
	drainWithin = 45 * time.Second
)

// Run reads originals again, to the end or until ctx ends; either way the summary is about what was handed over. each is
// called on the caller's goroutine.
func (p *Place) Run(ctx context.Context, r redo.Request, each func(redo.Line) error) (redo.Summary, error) {
	n := &run{Place: p, r: r, each: each, source: rerun.Source(rerun.InputReparse)}
	if r.Redrive {
		n.source = rerun.Source(rerun.InputRedrive)
	}
	n.sum = redo.Summary{Run: strings.ToLower(rand.Text()[:10]), DryRun: r.DryRun}
	began := time.Now()
	err := n.do(ctx)
	n.sum.TookMS = time.Since(began).Milliseconds()
	return n.sum, err
}

// run is one run. Its fields belong to the goroutine of the question, but for what has a lock of its own.
type run struct {
	*Place
	r      redo.Request
	each   func(redo.Line) error
	source string // of its orders in the ledger
	sum    redo.Summary

	batch []record.Raw
	size  int
	open  sync.WaitGroup // batches that Kafka has not acknowledged
	slots chan struct{}
	lost  atomic.Pointer[error] // the first that was not taken
}

// do runs to the end, or until ctx ends; either way the summary is about what was handed over.
func (n *run) do(ctx context.Context) error {
	before, err := n.emit(ctx)
	if n.r.DryRun || errors.Is(err, errNotBegun) {
		return err
	}
	late := n.Settle(ctx)
	if ctx.Err() != nil { // whoever asked may be gone; what was handed over is counted all the same
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainWithin)
		defer cancel()
		late = n.Settle(end)
	}
	if late != nil {
		return errors.Join(err, late)
	}
	n.count(before, n.Made(n.source))
	return err
}

// errNotBegun is the error of a run that has sent nothing.
var errNotBegun = errors.New("nothing was read again")

// emit sends the orders, and waits until Kafka has them; of a run that writes nothing it is all. before are the counts
// of its kind as they were.
func (n *run) emit(ctx context.Context) (before ledger.Counts, err error) {
	defer n.Emitted()
	if n.r.DryRun {
		return before, n.walk(ctx, n.try())
	}
	if err := n.Settle(ctx); err != nil {
		return before, fmt.Errorf("%w: %w", errNotBegun, err)
	}
	before = n.Made(n.source)
	n.slots = make(chan struct{}, ordersOpen)
	if err = n.walk(ctx, func(f *Found) error { return n.order(ctx, f) }); err == nil {
		err = n.send(ctx)
	}
	if errors.Is(err, context.Canceled) || ctx.Err() != nil { // whoever asked has had enough, or is gone
		n.sum.Stopped, err = true, nil
	}
	n.sum.Tried -= int64(len(n.batch)) // of a run that was stopped: never handed over
	n.open.Wait()
	if lost := n.lost.Load(); err == nil && lost != nil {
		err = *lost
	}
	return before, err
}

// walk goes over the documents.
func (n *run) walk(ctx context.Context, each func(*Found) error) error {
	var total int64
	said := time.Time{}
	sel, err := Walk(ctx, n.Archive, n.r, func(s *Selection) { total = s.Total }, func(f *Found) error {
		if err := each(f); err != nil {
			return err
		}
		n.sum.Tried++
		if time.Since(said) < 100*time.Millisecond {
			return nil
		}
		said = time.Now()
		return n.each(redo.Line{Progress: &redo.Progress{Done: n.sum.Tried, Total: total, At: f.At}})
	})
	if sel != nil {
		n.sum.Warnings, n.sum.SkippedBy = sel.Warnings, sel.Skipped
		for _, x := range sel.Skipped {
			n.sum.Skipped += x
		}
	}
	if err != nil && n.r.DryRun && errors.Is(err, context.Canceled) {
		n.sum.Stopped, err = true, nil
	}
	return err
}

// order puts one original into the batch, and sends that when it is full.
func (n *run) order(ctx context.Context, f *Found) error {
	f.Order.Run = n.sum.Run
	value, err := f.Order.Append(nil, f.Original)
	if err != nil {
		return err
	}
	n.batch = append(n.batch, rerun.Carrier(f.Order.By, value, time.Now()))
	if n.size += len(value); len(n.batch) < orderRecords && n.size < orderBytes {
		return nil
	}
	// This one is in the batch, and is counted when it returns.
	n.sum.Tried++
	err = n.send(ctx)
	n.sum.Tried--
	return err
}

// send hands the batch to the front door. It waits while as many are under way as may be.
func (n *run) send(ctx context.Context) error {
	if len(n.batch) == 0 {
		return nil
	}
	select {
	case n.slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	if lost := n.lost.Load(); lost != nil {
		return *lost
	}
	batch, size := n.batch, n.size
	n.open.Add(1)
	settled := func(err error) {
		if err != nil {
			n.lost.CompareAndSwap(nil, &err)
		}
		<-n.slots
		n.open.Done()
	}
	if err := n.Emit(ctx, n.source, batch, size, settled); err != nil {
		settled(nil)
		return fmt.Errorf("handing originals over: %w", err)
	}
	n.batch, n.size = nil, 0
	return nil
}

// count turns what normalise counted into the summary.
func (n *run) count(before, after ledger.Counts) {
	s := &n.sum
	s.Stored = after.Events - before.Events
	s.Filtered = after.Filtered - before.Filtered
	same := after.Failed - before.Failed
	s.Unchanged = after.Duplicate - before.Duplicate - same
	for reason, x := range after.Dead {
		if x -= before.Dead[reason]; x > 0 {
			s.Fail(reason, x)
		}
	}
	if same > 0 {
		s.Fail(sameReason, same)
	}
}

// sameReason stands for what failed as it did before.
const sameReason = "as before"

// try returns what reads an original and writes nothing, and shows some of what would be written.
func (n *run) try() func(*Found) error {
	reader, differ := n.Reader(), &Differ{}
	return func(f *Found) error {
		got, s := reader.Read(&f.Order, f.Original), &n.sum
		s.Filtered += int64(got.Filtered)
		s.Stored += int64(got.More)
		ex := redo.Example{ID: f.Order.ID, Time: f.At}
		switch {
		case got.Failed != nil:
			s.Fail(got.Failed.Reason, 1)
			ex.Failed = got.Failed.Error()
		case got.Same:
			s.Unchanged++
			return nil
		case got.Doc == nil:
			return nil
		default:
			s.Stored++
			before := f.Doc
			if n.r.Redrive {
				before = nil
			}
			ex.Changes = differ.Changes(before, got.Doc)
			ex.Dataset = differ.Dataset()
		}
		if n.r.Examples <= 0 {
			return nil
		}
		n.r.Examples--
		return n.each(redo.Line{Example: &ex})
	}
}
