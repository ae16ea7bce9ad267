package bus_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/bus"
	"weir/internal/config"
)

// fill publishes n records of 1 KiB that do not compress to one partition.
func fill(t testing.TB, ctx context.Context, b *bus.Bus, topic string, n int) error {
	t.Helper()
	p, err := b.Producer()
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for i := range n {
		v := make([]byte, 1024)
		for j := range v {
			v[j] = byte(uint32(i*1024+j) * 2654435761 >> 13)
		}
		p.Produce(ctx, &kgo.Record{Topic: b.Topic(topic), Value: v}, nil)
		if i%100 == 99 { // many small batches, as in life, so that files roll
			if err := p.Flush(ctx); err != nil {
				return err
			}
		}
	}
	return p.Flush(ctx)
}

func small(c *config.Bus) {
	c.Partitions = 1
	c.Compression = "none"
	c.Embedded.MaxBytes = 8 << 20 // 3.2 MiB for raw.syslog
	c.Embedded.Sync = false
}

func records(t testing.TB, b *bus.Bus, topic string) bus.TopicInfo {
	t.Helper()
	list, err := b.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range list {
		if i.Name == topic {
			return i
		}
	}
	t.Fatalf("no topic %s", topic)
	return bus.TopicInfo{}
}

func commit(t testing.TB, b *bus.Bus, group, topic string, at int64) {
	t.Helper()
	c, err := b.Client()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	offsets := kadm.Offsets{}
	offsets.Add(kadm.Offset{Topic: b.Topic(topic), Partition: 0, At: at})
	if err := kadm.NewClient(c).CommitAllOffsets(t.Context(), b.Topic(group), offsets); err != nil {
		t.Fatal(err)
	}
}

func TestGuardHoldsProducersUntilTheReaderHasCaughtUp(t *testing.T) {
	b := open(t, filepath.Join(t.TempDir(), "bus"), small)
	defer b.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
	defer cancel()
	if err := fill(t, ctx, b, bus.RawSyslog, 20_000); err == nil {
		t.Fatal("20 MiB went into a log of 3.2 MiB that nobody had read")
	}
	if b.Holding() != "log" {
		t.Fatalf("holding %q, want log", b.Holding())
	}
	held := records(t, b, bus.RawSyslog)
	if held.Bytes > 8<<20 {
		t.Errorf("the log has %d bytes", held.Bytes)
	}
	commit(t, b, "normalise", bus.RawSyslog, held.Records)
	deadline := time.Now().Add(5 * time.Second)
	for b.Holding() != "" {
		if time.Now().After(deadline) {
			t.Fatal("producers still wait although everything was read")
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err := fill(t, t.Context(), b, bus.RawSyslog, 100); err != nil {
		t.Fatal(err)
	}
}

func TestTrimmingNeverRestartsOffsets(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "bus")
	b := open(t, dir, small)
	if err := fill(t, t.Context(), b, bus.RawSyslog, 2000); err != nil {
		t.Fatal(err)
	}
	commit(t, b, "normalise", bus.RawSyslog, 2000)
	deadline := time.Now().Add(5 * time.Second)
	for records(t, b, bus.RawSyslog).Records == 2000 {
		if time.Now().After(deadline) {
			t.Fatal("nothing was trimmed")
		}
		time.Sleep(20 * time.Millisecond)
	}
	b.Close()
	b = open(t, dir, small)
	defer b.Close()
	ends, err := b.Ends(t.Context(), bus.RawSyslog)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(ends); got != "map[weir.raw.syslog:map[0:2000]]" {
		t.Errorf("after a trim and a restart the log ends at %s", got)
	}
	if err := fill(t, t.Context(), b, bus.RawSyslog, 1); err != nil {
		t.Fatal(err)
	}
	ends, err = b.Ends(t.Context(), bus.RawSyslog)
	if err != nil || ends["weir.raw.syslog"][0] != 2001 {
		t.Errorf("the next record went to %v (%v)", ends, err)
	}
}
