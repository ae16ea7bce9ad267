package bus_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/bus"
	"weir/internal/config"
	"weir/internal/config/unit"
	"weir/internal/keep"
	"weir/internal/record"
)

// open starts a bus in dir with two partitions and ends it with the test.
func open(t testing.TB, dir string, change func(*config.Bus)) *bus.Bus {
	t.Helper()
	cfg := config.Default().Bus
	cfg.Partitions = 2
	cfg.Embedded.MinFree = 0
	if change != nil {
		change(&cfg)
	}
	b, err := bus.Open(t.Context(), cfg, dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// tallyCounter is a front door counter for tests.
type tallyCounter struct {
	mu                 sync.Mutex
	published, refused int
	reason             string // of the last refusal
}

func (c *tallyCounter) Published(_ string, n int) { c.mu.Lock(); c.published += n; c.mu.Unlock() }
func (c *tallyCounter) Refused(_, reason string, n int) {
	c.mu.Lock()
	c.refused += n
	c.reason = reason
	c.mu.Unlock()
}

// openDoor makes the next start's front door.
func openDoor(t testing.TB, b *bus.Bus, dir string, counts bus.DoorCounter) (*bus.Door, error) {
	t.Helper()
	self, err := keep.NextStart(filepath.Join(dir, "ingester.json"))
	if err != nil {
		t.Fatal(err)
	}
	return bus.OpenDoor(b, self, counts)
}

func raws(n int) []record.Raw {
	out := make([]record.Raw, n)
	for i := range out {
		out[i] = record.Raw{Value: fmt.Appendf(nil, "line %d", i), Received: time.Now(), Peer: netip.MustParseAddrPort("192.0.2.1:514"), Proto: "tcp", Input: "syslog"}
	}
	return out
}

// read returns the records of a topic until want are there.
func read(t testing.TB, b *bus.Bus, topic string, want int) []*kgo.Record {
	t.Helper()
	c, err := b.Client(kgo.ConsumeTopics(b.Topic(topic)))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var out []*kgo.Record
	for len(out) < want {
		f := c.PollFetches(ctx)
		if err := f.Err(); err != nil {
			t.Fatalf("read %d of %d: %v", len(out), want, err)
		}
		out = append(out, f.Records()...)
	}
	return out
}

func TestDoorMintsIdentitiesThatAscendPerPartition(t *testing.T) {
	dir := t.TempDir()
	b := open(t, filepath.Join(dir, "bus"), func(c *config.Bus) { c.BatchBytes = 2 << 10 }) // many batches
	defer b.Close()
	var counts tallyCounter
	d, err := openDoor(t, b, dir, &counts)
	if err != nil {
		t.Fatal(err)
	}
	emit := d.Emit(bus.RawSyslog)
	var wg, emitters sync.WaitGroup
	for range 4 {
		emitters.Go(func() {
			for range 25 {
				wg.Add(1)
				if err := emit(t.Context(), raws(20), func(err error) {
					if err != nil {
						t.Error(err)
					}
					wg.Done()
				}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	emitters.Wait()
	wg.Wait()
	if counts.published != 2000 || counts.refused != 0 {
		t.Fatalf("published %d, refused %d; want 2000 and 0", counts.published, counts.refused)
	}
	highest, ids, perPartition := map[int32]uint64{}, map[string]bool{}, map[int32]int{}
	var raw record.Raw
	for _, rec := range read(t, b, bus.RawSyslog, 2000) {
		if err := bus.ReadRaw(rec, &raw); err != nil {
			t.Fatal(err)
		}
		if raw.Ing.Seq <= highest[rec.Partition] {
			t.Fatalf("partition %d: sequence %d after %d", rec.Partition, raw.Ing.Seq, highest[rec.Partition])
		}
		highest[rec.Partition] = raw.Ing.Seq
		perPartition[rec.Partition]++
		if ids[raw.ID] {
			t.Fatalf("identity %s came twice", raw.ID)
		}
		ids[raw.ID] = true
		if raw.Peer.String() != "192.0.2.1:514" || raw.Proto != "tcp" || raw.Input != "syslog" || raw.Received.IsZero() {
			t.Fatalf("headers came back as %+v", raw)
		}
	}
	if perPartition[0] == 0 || perPartition[1] == 0 {
		t.Errorf("one source did not spread over the partitions: %v", perPartition)
	}
	if err := d.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d.Waiting() != 0 {
		t.Errorf("%d records wait after the door was closed", d.Waiting())
	}
	if self, err := keep.NextStart(filepath.Join(dir, "ingester.json")); err != nil || self.Start != 2 || self.Ingester == "" {
		t.Errorf("the next start is %v (%v)", self, err)
	}
}

func TestDoorBlocksWhenFullAndEndsWithItsContext(t *testing.T) {
	dir := t.TempDir()
	b := open(t, filepath.Join(dir, "bus"), func(c *config.Bus) {
		c.InFlight = 1000
		c.Linger = unit.Duration(time.Minute) // nothing is acknowledged until it is flushed
	})
	defer b.Close()
	var counts tallyCounter
	d, err := openDoor(t, b, dir, &counts)
	if err != nil {
		t.Fatal(err)
	}
	emit := d.Emit(bus.RawSyslog)
	if err := emit(t.Context(), raws(1), nil); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := emit(ctx, raws(1), nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("a batch beyond the limit: %v", err)
	}
	if counts.refused != 1 {
		t.Errorf("refused %d, want 1", counts.refused)
	}
	if err := d.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestRestartKeepsRecordsAndOffsets(t *testing.T) {
	dir := t.TempDir()
	for round := range 3 {
		b := open(t, filepath.Join(dir, "bus"), nil)
		d, err := openDoor(t, b, dir, &tallyCounter{})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Emit(bus.RawSyslog)(t.Context(), raws(10), nil); err != nil {
			t.Fatal(err)
		}
		if err := d.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := len(read(t, b, bus.RawSyslog, (round+1)*10)); got != (round+1)*10 {
			t.Errorf("round %d: %d records", round, got)
		}
		b.Close()
	}
}

func TestReadBack(t *testing.T) {
	dir := t.TempDir()
	b := open(t, filepath.Join(dir, "bus"), func(c *config.Bus) { c.Partitions = 1 })
	defer b.Close()
	d, err := openDoor(t, b, dir, &tallyCounter{})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Emit(bus.RawSyslog)(t.Context(), raws(50), nil); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		to    int64
		n     int
		first int64
		count int
	}{{50, 10, 40, 10}, {5, 10, 0, 5}, {0, 10, 0, 0}} {
		got, err := b.ReadBack(t.Context(), b.Topic(bus.RawSyslog), 0, tc.to, tc.n)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != tc.count || tc.count > 0 && got[0].Offset != tc.first {
			t.Errorf("reading back %d before %d gave %d records", tc.n, tc.to, len(got))
		}
	}
}
