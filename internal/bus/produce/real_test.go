package produce_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/bus/produce"
	"weir/internal/testkit"
	"weir/internal/testkit/realkafka"
)

// counted are records that hold their number.
type counted struct {
	settled atomic.Int64
	failed  atomic.Int64
}

func (c *counted) Record(i int, r *produce.Record) {
	r.Time, r.Value = time.Now(), strconv.AppendInt(nil, int64(i), 10)
	r.Headers = produce.AppendHeader(binary.AppendVarint(nil, 1), "n", strconv.Itoa(i))
}

func (c *counted) Settled(from, to int, err error) {
	c.settled.Add(int64(to - from))
	if err != nil {
		c.failed.Add(int64(to - from))
	}
}

// TestWriter_ARealKafkaIsKilled kills the broker, or the leader of three, again and again while records come. Everything
// must be in the partition once and in order: Kafka's own memory of the writer has to work with the numbers it was given.
func TestWriter_ARealKafkaIsKilled(t *testing.T) {
	if !testkit.Required(t, "kafka") {
		testkit.Skip(t, "kafka", "kills brokers for half a minute; WEIR_REQUIRE=kafka runs it")
	}
	for _, brokers := range []int{1, 3} {
		t.Run(fmt.Sprint(brokers), func(t *testing.T) {
			k := realkafka.Start(t, brokers)
			client, err := kgo.NewClient(kgo.SeedBrokers(k.Brokers...), kgo.MetadataMinAge(100*time.Millisecond),
				kgo.RetryBackoffFn(func(int) time.Duration { return 100 * time.Millisecond }))
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			admin := kadm.NewClient(client)
			if r, err := admin.CreateTopic(t.Context(), 1, int16(brokers), nil, "t"); err != nil || r.Err != nil {
				t.Fatal(err, r.Err)
			}
			squeeze, err := kgo.DefaultCompressor(kgo.SnappyCompression())
			if err != nil {
				t.Fatal(err)
			}
			w := produce.New(produce.Options{Client: client, Topic: "t", Linger: 5 * time.Millisecond, MaxBytes: 50_000, Compress: squeeze, Log: slog.New(slog.DiscardHandler)})
			defer w.Close()
			c, n := &counted{}, 0
			write := func(until func() bool) {
				for !until() {
					w.Write(c, n, n+100)
					n += 100
					time.Sleep(2 * time.Millisecond)
				}
			}
			for range 3 {
				goal := c.settled.Load() + 20_000
				write(func() bool { return c.settled.Load() >= goal })
				victim := "1"
				if brokers > 1 {
					victim = leader(t, admin)
				}
				k.Do("kill", "--broker", victim)
				for range 200 { // some wait while nobody, or another broker, takes them
					w.Write(c, n, n+10)
					n += 10
				}
				k.Do("start", "--broker", victim)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if err := w.Flush(ctx); err != nil {
				t.Fatalf("%d of %d records wait: %v", w.Waiting(), n, err)
			}
			if c.settled.Load() != int64(n) || c.failed.Load() != 0 {
				t.Fatalf("%d of %d settled, %d failed", c.settled.Load(), n, c.failed.Load())
			}
			wantNumbers(t, k.Brokers, n)
		})
	}
}

// leader is the number, from 1, of the broker that leads the partition.
func leader(t *testing.T, admin *kadm.Client) string {
	t.Helper()
	topics, err := admin.ListTopics(t.Context(), "t")
	if err != nil {
		t.Fatal(err)
	}
	return strconv.Itoa(int(topics["t"].Partitions[0].Leader))
}

// wantNumbers reads the partition: the numbers from 0 to n, each once and in order, and nothing else.
func wantNumbers(t *testing.T, brokers []string, n int) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers...), kgo.ConsumeTopics("t"))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for next := 0; next < n; {
		f := client.PollFetches(ctx)
		if err := f.Err(); err != nil {
			t.Fatalf("%d of %d records: %v", next, n, err)
		}
		for _, rec := range f.Records() {
			if string(rec.Value) != strconv.Itoa(next) {
				t.Fatalf("offset %d holds %s, want %d", rec.Offset, rec.Value, next)
			}
			next++
		}
	}
	ends, err := kadm.NewClient(client).ListEndOffsets(ctx, "t")
	if err != nil {
		t.Fatal(err)
	}
	if end, _ := ends.Lookup("t", 0); end.Offset != int64(n) {
		t.Errorf("the partition ends at %d, want %d", end.Offset, n)
	}
}
