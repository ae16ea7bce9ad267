package normalise_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"weir/internal/bus"
	"weir/internal/ledger"
	"weir/internal/record"
	"weir/internal/state"
)

// object sends lines [from, to) of an object through the front door.
func (r *rig) object(emit func(batch []record.Raw), key string, from, to int) {
	r.t.Helper()
	var batch []record.Raw
	for i := from; i < to; i++ {
		batch = append(batch, record.Raw{Value: fmt.Appendf(nil, "%s line %d", key, i), Received: time.Now(), Proto: "s3", Input: "aws", Origin: "bucket", Key: key, Line: int64(i)})
	}
	emit(batch)
}

// TestCursors_WhatComesAgainIsDroppedAndCounted delivers objects again: in the same run, in a run after it, in one that
// begins at an offset before what was done (its commit was lost), and by producers that repeat a record.
func TestCursors_WhatComesAgainIsDroppedAndCounted(t *testing.T) {
	r, _ := newRig(t)
	stores := state.Folder(t.TempDir(), slog.New(slog.DiscardHandler))
	r.cursors = func(topic string, p int32) (state.Store, error) { return stores.Open(r.bus.Name(topic), p) }
	self := record.Ing{Ingester: "objects", Start: 1}
	door, err := bus.OpenDoor(r.bus, self, ledger.NewBook(self, 10))
	if err != nil {
		t.Fatal(err)
	}
	front := door.Emit(bus.RawSyslog)
	emit := func(batch []record.Raw) {
		t.Helper()
		done := make(chan error, 1)
		if err := front(t.Context(), batch, func(err error) { done <- err }); err != nil {
			t.Fatal(err)
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	check := func(when string, lines, received, duplicate int64) {
		t.Helper()
		for text, n := range messages(t, r.all(bus.Events)) {
			if n != 1 {
				t.Errorf("%s: %d events of %q", when, n, text)
			}
			lines--
		}
		if lines != 0 {
			t.Errorf("%s: %d lines have no event", when, lines)
		}
		f := ledger.NewFold()
		for _, rec := range r.all(bus.LedgerTopic) {
			if err := f.Apply(rec.Value); err != nil {
				t.Fatal(err)
			}
		}
		row := f.Balance(ledger.State{Stored: map[string]int64{"aws/bucket": received - duplicate}}).Rows[0]
		if row.Received != received || row.Duplicate != duplicate || row.Difference != 0 {
			t.Errorf("%s: the ledger says %+v", when, row)
		}
	}
	r.object(emit, "a", 0, 50)
	r.object(emit, "b", 0, 30)
	r.start()
	r.object(emit, "a", 0, 50)
	r.stop()
	check("in one run", 80, 130, 50)
	r.object(emit, "b", 0, 40) // ten more than before
	r.object(emit, "c", 0, 5)
	r.start()
	r.stop()
	check("in the next run", 95, 175, 80)
	if got := r.st.CursorStats().Objects.Load(); got != 0 {
		t.Errorf("%d objects are counted after the end", got)
	}
	r.rewind() // the commits of all that was done are lost
	r.start()
	r.object(emit, "c", 0, 5)
	r.stop()
	events := map[string]int{}
	for _, rec := range r.all(bus.Events) {
		events[bus.Header(rec, record.HeaderSource)]++
	}
	if len(events) != 95 {
		t.Errorf("a start from the beginning gives %d positions, the first had 95", len(events))
	}
}

// TestCursors_NothingIsCommittedBeforeTheyAreSaved: a worker whose cursors cannot be saved fails, and its records come again.
func TestCursors_NothingIsCommittedBeforeTheyAreSaved(t *testing.T) {
	r, _ := newRig(t)
	stores, full := state.Folder(t.TempDir(), slog.New(slog.DiscardHandler)), &fullDisk{}
	r.cursors = func(topic string, p int32) (state.Store, error) {
		s, err := stores.Open(r.bus.Name(topic), p)
		return &diskStore{Store: s, disk: full}, err
	}
	self := record.Ing{Ingester: "objects", Start: 1}
	door, err := bus.OpenDoor(r.bus, self, ledger.NewBook(self, 10))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	batch := []record.Raw{{Value: []byte("one"), Received: time.Now(), Input: "aws", Origin: "bucket", Key: "a", Line: 0}}
	if err := door.Emit(bus.RawSyslog)(t.Context(), batch, func(err error) { done <- err }); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	full.set(true)
	r.start()
	ends, err := r.bus.Ends(t.Context(), bus.RawSyslog)
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); full.count() < 2; time.Sleep(5 * time.Millisecond) { // it is tried again
		r.st.Flush()
		if time.Now().After(deadline) {
			t.Fatal("the cursors are not saved again")
		}
	}
	if n := r.committed(); n != 0 {
		t.Errorf("offset %d is committed of %v", n, ends)
	}
	full.set(false)
	for deadline := time.Now().Add(time.Minute); r.committed() != 1; time.Sleep(50 * time.Millisecond) {
		r.st.Flush()
		if time.Now().After(deadline) {
			t.Fatal("nothing is committed although the disk has room again")
		}
	}
	r.stop()
	if got := messages(t, r.all(bus.Events)); len(got) != 1 {
		t.Errorf("events %v", got)
	}
}

// fullDisk is a disk that may be full.
type fullDisk struct {
	mu    sync.Mutex
	full  bool
	tried int
}

func (d *fullDisk) set(full bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.full = full
}

func (d *fullDisk) count() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.tried
}

type diskStore struct {
	state.Store
	disk *fullDisk
}

var errFull = errors.New("no space left on device")

func (s *diskStore) Save(ctx context.Context, changes []state.Change, done func(error)) {
	s.disk.mu.Lock()
	s.disk.tried++
	full := s.disk.full
	s.disk.mu.Unlock()
	if full {
		done(errFull)
		return
	}
	s.Store.Save(ctx, changes, done)
}

// groups asks Kafka about groups.
func (r *rig) groups() *kadm.Client {
	r.t.Helper()
	if r.adm != nil {
		return r.adm
	}
	c, err := r.bus.Client()
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(c.Close)
	r.adm = kadm.NewClient(c)
	return r.adm
}

// rewind takes all commits back.
func (r *rig) rewind() {
	r.t.Helper()
	offsets := kadm.Offsets{}
	for p := range int32(2) {
		offsets.Add(kadm.Offset{Topic: r.bus.Topic(bus.RawSyslog), Partition: p, At: 0, LeaderEpoch: -1})
	}
	if err := r.groups().CommitAllOffsets(r.t.Context(), "weir.normalise", offsets); err != nil {
		r.t.Fatal(err)
	}
}

// committed is the sum of the offsets that are committed.
func (r *rig) committed() (sum int64) {
	r.t.Helper()
	offsets, err := r.groups().FetchOffsets(r.t.Context(), "weir.normalise")
	if err != nil {
		r.t.Fatal(err)
	}
	offsets.Each(func(o kadm.OffsetResponse) { sum += max(o.At, 0) })
	return sum
}
