package bus_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/bus"
	"weir/internal/config"
	"weir/internal/config/unit"
	"weir/internal/testkit"
	"weir/internal/testkit/realkafka"
)

// BenchmarkSettings prints what the settings cost on a real Kafka; docs/kafka.md has the figures. A figure is no condition, so
// it is no test: go test ./internal/bus -run none -bench Settings -benchtime 1x, with WEIR_KAFKA=1.
func BenchmarkSettings(t *testing.B) {
	lines := corpus(t)
	k := realkafka.Start(t, 1, "--heap", "1g")
	const records = 300_000
	def := config.Default().Bus
	for _, tc := range []struct {
		name   string
		change func(*config.Bus)
	}{
		{"warm up", func(*config.Bus) {}},
		{"defaults", func(*config.Bus) {}},
		{"compression none", func(c *config.Bus) { c.Compression = "none" }},
		{"compression zstd", func(c *config.Bus) { c.Compression = "zstd" }},
		{"linger 0", func(c *config.Bus) { c.Linger = 0 }},
		{"linger 20ms", func(c *config.Bus) { c.Linger = unit.Duration(20 * time.Millisecond) }},
		{"batches of 256 KiB", func(c *config.Bus) { c.BatchBytes, c.MaxRecord = 256<<10, 128<<10 }},
		{"batches of 1 MiB", func(c *config.Bus) { c.BatchBytes, c.MaxRecord = 1<<20, 512<<10 }},
		{"batches of 16 MiB", func(c *config.Bus) { c.BatchBytes = 16 << 20 }},
		{"defaults again", func(*config.Bus) {}},
	} {
		cfg := realConfig(k, func(c *config.Bus) { *c = def; c.Brokers, c.Partitions = k.Brokers, 2; tc.change(c) })
		b, err := bus.Open(t.Context(), cfg, filepath.Join(t.TempDir(), "bus"), slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		p, err := b.Producer(kgo.MaxBufferedRecords(20_000))
		if err != nil {
			t.Fatal(err)
		}
		cpu, start := spent(), time.Now()
		for i := range records {
			p.Produce(context.Background(), &kgo.Record{Topic: b.Topic(bus.RawSyslog), Partition: int32(i / 64 % 2), Value: lines[i%len(lines)]}, nil)
		}
		if err := p.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		took := time.Since(start)
		used := spent() - cpu
		p.Close()
		t.Logf("%-20s %5.2f CPU-s per million, %7.0f records/s; one record at a time: %s", tc.name, used.Seconds()*1e6/records, records/took.Seconds(), latency(t, b))
		b.Close()
	}
}

// latency is the time from a record's produce to its being read, at 500 records a second: median and 99th percentile.
func latency(t testing.TB, b *bus.Bus) string {
	t.Helper()
	ends, err := b.Ends(t.Context(), bus.Events)
	if err != nil {
		t.Fatal(err)
	}
	from := map[int32]kgo.Offset{}
	for p, o := range ends[b.Topic(bus.Events)] {
		from[p] = kgo.NewOffset().At(o)
	}
	c, err := b.Client(kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{b.Topic(bus.Events): from}))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	p, err := b.Producer()
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	const n = 1000
	go func() { // ends after n records
		for i := range n {
			p.Produce(context.Background(), &kgo.Record{Topic: b.Topic(bus.Events), Partition: int32(i % 2), Value: fmt.Append(nil, time.Now().UnixNano())}, nil)
			time.Sleep(2 * time.Millisecond)
		}
	}()
	var all []time.Duration
	for len(all) < n {
		c.PollFetches(t.Context()).EachRecord(func(r *kgo.Record) {
			var at int64
			_, _ = fmt.Sscan(string(r.Value), &at)
			all = append(all, time.Since(time.Unix(0, at)))
		})
	}
	slices.Sort(all)
	return fmt.Sprintf("p50 %.1f ms, p99 %.1f ms", all[n/2].Seconds()*1000, all[n*99/100].Seconds()*1000)
}

// spent is the processor time of this process.
func spent() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// corpus returns real log lines.
func corpus(t testing.TB) (lines [][]byte) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(testkit.Shared(t), "data", "loghub", "*", "*.log"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		for s := bufio.NewScanner(f); s.Scan(); {
			if len(s.Bytes()) > 20 {
				lines = append(lines, slices.Clone(s.Bytes()))
			}
		}
		_ = f.Close() // it was only read
	}
	if len(lines) < 100 {
		t.Fatalf("%d lines", len(lines))
	}
	return lines
}
