package bus_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
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
	c.Embedded.MaxBytes = 8 << 20 * 40 / 24 // 3.2 MiB for raw.syslog
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
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	written := make(chan error, 1)
	go func() { written <- fillNumbered(ctx, b, bus.RawSyslog, 20_000) }()
	eventually(t, "producers are held", func() bool { return b.Holding() == "log" || len(written) > 0 })
	time.Sleep(500 * time.Millisecond) // and nothing goes on
	cancel()
	if err := <-written; err == nil {
		t.Fatal("20 MiB went into a log of 3.2 MiB that nobody had read")
	}
	if b.Holding() != "log" || !b.Pressed(bus.Events, bus.RawSyslog) || b.Pressed(bus.Events) {
		t.Fatalf("holding %q, want log; pressed %v, other topics %v", b.Holding(), b.Pressed(bus.RawSyslog), b.Pressed(bus.Events))
	}
	held := records(t, b, bus.RawSyslog)
	if held.Bytes > 8<<20 {
		t.Errorf("the log has %d bytes", held.Bytes)
	}
	commit(t, b, "normalise", bus.RawSyslog, held.Records)
	eventually(t, "producers go on, since everything was read", func() bool { return b.Holding() == "" })
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
	eventually(t, "something is trimmed", func() bool { return records(t, b, bus.RawSyslog).Records < 2000 })
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

// TestAReaderThatLagsByTwiceTheBoundLosesNothing is what the bound is for: the producer waits, nothing is thrown away,
// and whoever comes late reads everything, once and in order.
func TestAReaderThatLagsByTwiceTheBoundLosesNothing(t *testing.T) {
	b := open(t, filepath.Join(t.TempDir(), "bus"), small)
	defer b.Close()
	const n = 6500 // KiB; the bound is 3.2 MiB, of which producers get four fifths
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	written := make(chan error, 1)
	go func() { written <- fillNumbered(ctx, b, bus.RawSyslog, n) }()
	for b.Holding() != "log" {
		select {
		case err := <-written:
			t.Fatalf("all was written before anybody read (%v)", err)
		case <-time.After(5 * time.Millisecond):
		}
	}
	c, err := b.Client(kgo.ConsumerGroup(b.Topic("normalise")), kgo.ConsumeTopics(b.Topic(bus.RawSyslog)),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.DisableAutoCommit())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	most := int64(0)
	for next := 0; next < n; {
		f := c.PollRecords(ctx, 400)
		if err := f.Err(); err != nil {
			t.Fatalf("after %d records: %v", next, err)
		}
		for _, r := range f.Records() {
			var number int
			if _, err := fmt.Sscan(string(r.Value[:8]), &number); err != nil || number != next {
				t.Fatalf("record %d comes after %d (%v)", number, next-1, err)
			}
			next++
		}
		if err := c.CommitUncommittedOffsets(ctx); err != nil {
			t.Fatal(err)
		}
		most = max(most, records(t, b, bus.RawSyslog).Bytes)
	}
	if err := <-written; err != nil {
		t.Fatal(err)
	}
	if most > 4<<20 {
		t.Errorf("the log grew to %d bytes", most)
	}
}

// fillNumbered publishes n records of 1 KiB that begin with their number, and waits until all are acknowledged.
func fillNumbered(ctx context.Context, b *bus.Bus, topic string, n int) error {
	p, err := b.Producer()
	if err != nil {
		return err
	}
	defer p.Close()
	for i := range n {
		p.Produce(ctx, &kgo.Record{Topic: b.Topic(topic), Value: append(fmt.Appendf(nil, "%-8d", i), make([]byte, 1016)...)}, nil)
		if i%50 == 49 { // small batches: what a producer has under way may pass the bound
			if err := p.Flush(ctx); err != nil {
				return err
			}
		}
	}
	return p.Flush(ctx)
}

func TestATopicWithTwoReadersKeepsWhatTheSlowerOneNeeds(t *testing.T) {
	b := open(t, filepath.Join(t.TempDir(), "bus"), small)
	defer b.Close()
	if err := fill(t, t.Context(), b, bus.Alerts, 200); err != nil { // 4 % of 13 MiB hold 540 KiB
		t.Fatal(err)
	}
	commit(t, b, "archive", bus.Alerts, 200)
	if err := fill(t, t.Context(), b, bus.RawSyslog, 1000); err != nil {
		t.Fatal(err)
	}
	commit(t, b, "normalise", bus.RawSyslog, 1000)
	eventually(t, "something is trimmed", func() bool { return records(t, b, bus.RawSyslog).Records < 1000 }) // the guard has been round
	if got := records(t, b, bus.Alerts).Records; got != 200 {
		t.Errorf("%d alerts are left, of 200 that the sink of alerts has not read", got)
	}
	commit(t, b, "elastic", bus.Alerts, 0) // it runs here, and has read nothing
	commit(t, b, "alerts", bus.Alerts, 200)
	time.Sleep(time.Second)
	if got := records(t, b, bus.Alerts).Records; got != 200 {
		t.Errorf("%d alerts are left, of 200 that elastic has not read", got)
	}
	commit(t, b, "elastic", bus.Alerts, 200)
	eventually(t, "alerts go that everybody has read", func() bool { return records(t, b, bus.Alerts).Records < 200 })
}

func TestPartitionsAreAddedAndNeverTakenAway(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "bus")
	for _, tc := range []struct{ asked, want int }{{2, 2}, {4, 4}, {3, 4}} {
		b := open(t, dir, func(c *config.Bus) { c.Partitions = tc.asked })
		if got := records(t, b, bus.Events).Partitions; got != tc.want {
			t.Errorf("asked for %d: %d partitions", tc.asked, got)
		}
		if got := records(t, b, bus.LedgerTopic).Partitions; got != 1 {
			t.Errorf("the ledger has %d partitions", got)
		}
		b.Close()
	}
}

func TestEveryCompressionIsRead(t *testing.T) {
	for _, codec := range []string{"snappy", "lz4", "zstd", "none"} {
		b := open(t, filepath.Join(t.TempDir(), "bus"), func(c *config.Bus) { c.Partitions, c.Compression = 1, codec })
		if err := fillNumbered(t.Context(), b, bus.Events, 200); err != nil {
			t.Fatal(err)
		}
		if got := len(read(t, b, bus.Events, 200)); got != 200 {
			t.Errorf("%s: %d records", codec, got)
		}
		info := records(t, b, bus.Events)
		if small := info.Bytes < 100<<10; info.Records != 200 || small != (codec != "none") {
			t.Errorf("%s: %d records in %d bytes", codec, info.Records, info.Bytes)
		}
		b.Close()
	}
}

func TestReadBackSaysWhatItCannotRead(t *testing.T) {
	b := open(t, filepath.Join(t.TempDir(), "bus"), nil)
	defer b.Close()
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for _, tc := range []struct {
		name, topic string
		partition   int32
		begin       func() context.Context
	}{
		{"no such topic", "weir.none", 0, t.Context}, {"no such partition", "weir.events", 9, t.Context},
		{"no time", "weir.events", 0, func() context.Context { return over }},
	} {
		recs, err := b.ReadBack(tc.begin(), tc.topic, tc.partition, 5, 5)
		if err == nil || recs != nil || strings.Contains(err.Error(), "%!") {
			t.Errorf("%s: %d records, %v", tc.name, len(recs), err)
		}
	}
	short, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := b.ReadBack(short, "weir.events", 0, 5, 5); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("records that were never written: %v", err)
	}
}
