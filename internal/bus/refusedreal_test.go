package bus_test

import (
	"bytes"
	"context"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/bus"
	"weir/internal/bus/dial"
	"weir/internal/config"
	"weir/internal/record"
	"weir/internal/testkit/realkafka"
)

// lockedBuffer is a log that several goroutines write.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// noise is text that hardly compresses.
func noise(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(' ' + rand.N(94))
	}
	return b
}

// TestReal_LargeAndRefusedRecords: the largest record passes the raw topic, its event the derived one; what Kafka refuses
// is counted with its reason, and the rest goes on.
func TestReal_LargeAndRefusedRecords(t *testing.T) {
	k := realkafka.Start(t, 1)
	for _, codec := range []string{"none", "lz4"} {
		t.Run(codec, func(t *testing.T) {
			var said lockedBuffer
			cfg := realConfig(k, func(c *config.Bus) { c.Prefix, c.Compression, c.Partitions = codec+".", codec, 1 })
			b, err := bus.Open(t.Context(), cfg, filepath.Join(t.TempDir(), "bus"), slog.New(slog.NewTextHandler(&said, nil)))
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			counts := &tallyCounter{}
			door, err := openDoor(t, b, t.TempDir(), counts)
			if err != nil {
				t.Fatal(err)
			}
			raw := func(value []byte, at time.Time) record.Raw {
				return record.Raw{Value: value, Received: at, Peer: netip.MustParseAddrPort("192.0.2.1:514"), Proto: "tcp", Input: "syslog"}
			}
			largest := noise(4 << 20)
			if err := publish(t, door, []record.Raw{raw([]byte("a"), time.Now()), raw(largest, time.Now()), raw([]byte("b"), time.Now())}); err != nil {
				t.Fatalf("4 MiB: %v", err)
			}
			if err := publish(t, door, []record.Raw{raw(noise(5<<20), time.Now())}); err == nil {
				t.Error("5 MiB were taken")
			}
			if counts.reason != "kafka: too large" {
				t.Errorf("the reason is %q", counts.reason)
			}
			// Kafka refuses its time, so it goes without one; the time of its receipt is in a header.
			if err := publish(t, door, []record.Raw{raw([]byte("from tomorrow"), time.Now().Add(24*time.Hour))}); err != nil || counts.refused != 1 {
				t.Errorf("a record of tomorrow: %v, refused %d", err, counts.refused)
			}
			if err := publish(t, door, []record.Raw{raw([]byte("c"), time.Now())}); err != nil {
				t.Errorf("the lane does not go on: %v", err)
			}
			if want := "Kafka refuses a record as too large"; !strings.Contains(said.String(), want) {
				t.Errorf("the log does not say %q:\n%s", want, said.String())
			}
			if got := read(t, b, bus.RawSyslog, 5); !bytes.Equal(got[1].Value, largest) || string(got[3].Value) != "from tomorrow" || string(got[4].Value) != "c" {
				t.Error("the log is another")
			}

			p, err := b.Producer()
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			err = p.ProduceSync(t.Context(), &kgo.Record{Topic: b.Topic(bus.Events), Value: []byte("x"), Timestamp: time.Now().Add(24 * time.Hour)}).FirstErr()
			if f := dial.Explain(err, cfg, "events"); f == nil || f.Code != "kafka-clock" || !strings.Contains(f.Do, "timedatectl") {
				t.Errorf("an event of tomorrow: %v, explained as %v", err, f)
			}
			event := noise(b.MaxValue(bus.Events))
			if len(event) < 16<<20 {
				t.Errorf("an event may have %d bytes", len(event))
			}
			if err := p.ProduceSync(t.Context(), &kgo.Record{Topic: b.Topic(bus.Events), Value: event}).FirstErr(); err != nil {
				t.Fatalf("the largest event: %v", err)
			}
			if got := read(t, b, bus.Events, 1); !bytes.Equal(got[0].Value, event) {
				t.Error("the event is another")
			}
		})
	}
}

// TestReal_ATopicThatTakesLessThanPlanned: only what is too large by itself is refused.
func TestReal_ATopicThatTakesLessThanPlanned(t *testing.T) {
	k := realkafka.Start(t, 1)
	cfg := realConfig(k, func(c *config.Bus) { c.Partitions, c.Compression = 1, "none" })
	first, err := bus.Open(t.Context(), cfg, filepath.Join(t.TempDir(), "bus"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	small, days := "1048588", "86400000"
	if _, err := admin(t, first).AlterTopicConfigs(t.Context(), []kadm.AlterConfig{{Name: "max.message.bytes", Value: &small}, {Name: "retention.ms", Value: &days}}, first.Topic(bus.RawSyslog)); err != nil {
		t.Fatal(err)
	}
	// A change of settings takes a moment until the broker that is asked knows it.
	var said lockedBuffer
	var b *bus.Bus
	for end := time.Now().Add(time.Minute); b == nil || !strings.Contains(said.String(), "takes batches of") && time.Now().Before(end); {
		if b, err = bus.Open(t.Context(), cfg, filepath.Join(t.TempDir(), "bus"), slog.New(slog.NewTextHandler(&said, nil))); err != nil {
			t.Fatal(err)
		}
		defer b.Close()
	}
	for _, want := range []string{"topic weir.raw.syslog takes batches of", "Kafka keeps topic weir.raw.syslog for 1d, and weir counts on 7d", "retention.ms=604800000"} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("the log does not say %q:\n%s", want, said.String())
		}
	}
	counts := &tallyCounter{}
	door, err := openDoor(t, b, t.TempDir(), counts)
	if err != nil {
		t.Fatal(err)
	}
	batch := make([]record.Raw, 40)
	for i := range batch {
		batch[i] = record.Raw{Value: noise(100 << 10), Received: time.Now(), Proto: "tcp", Input: "file"}
	}
	batch[7].Value = noise(2 << 20)
	// What Kafka says of a topic it may not hold to yet: it tells its own logs of a change a moment after it knows it.
	for end := time.Now().Add(time.Minute); counts.refused == 0 && time.Now().Before(end); {
		counts.published = 0
		_ = publish(t, door, batch)
	}
	if counts.published != 39 || counts.refused != 1 {
		t.Errorf("published %d, refused %d (%s)", counts.published, counts.refused, counts.reason)
	}
}

// TestReal_BrokersGo: of three brokers one is killed, and everything goes on; with two gone it waits in the spool.
func TestReal_BrokersGo(t *testing.T) {
	k := realkafka.Start(t, 3)
	b, err := bus.Open(t.Context(), realConfig(k, nil), filepath.Join(t.TempDir(), "bus"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	adm, done, err := bus.Admin(t.Context(), realConfig(k, nil), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	list, err := adm.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range list {
		if x.Copies != 3 || x.MinInSync != 2 {
			t.Errorf("%s has %d copies, %d in step", x.Name, x.Copies, x.MinInSync)
		}
	}
	s := newSending(t, b, t.TempDir())
	stop := emitting(t, s)
	time.Sleep(time.Second)
	k.Do("kill", "--broker", "2")
	before := s.acked.Load()
	eventually(t, "two of three brokers go on", func() bool { return s.acked.Load() >= before+1000 })
	time.Sleep(2 * time.Second)
	stop()
	k.Do("start", "--broker", "2")
	s.allSent(t)
	s.close(t)
	t.Logf("%d records, each once; %d copies dropped", s.next, wantNumbers(t, b, s.next))
}

// TestReal_ADeletedTopic: one sentence; the rest goes on, what comes for it waits, and after weir topics create it goes on.
func TestReal_ADeletedTopic(t *testing.T) {
	k := realkafka.Start(t, 1)
	var said lockedBuffer
	b, err := bus.Open(t.Context(), realConfig(k, nil), filepath.Join(t.TempDir(), "bus"), slog.New(slog.NewTextHandler(&said, nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	s := newSending(t, b, t.TempDir())
	s.mustSend(t, 1000)
	s.allSent(t)
	kafka := admin(t, b)
	if _, err := kafka.DeleteTopics(t.Context(), b.Topic(bus.RawSyslog)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the topic is gone", func() bool {
		list, err := kafka.ListTopics(t.Context())
		return err == nil && !list.Has(b.Topic(bus.RawSyslog))
	})
	s.next = 0 // those are gone with the topic
	s.mustSend(t, 1000)
	other := false
	if err := s.door.Emit(bus.RawFile)(t.Context(), []record.Raw{{Value: []byte("x"), Received: time.Now(), Input: "file"}}, func(err error) { other = err == nil }); err != nil {
		t.Fatal(err)
	}
	b.Look(t.Context())
	b.Look(t.Context())
	if n := strings.Count(said.String(), "topic weir.raw.syslog was deleted"); n != 1 || !strings.Contains(said.String(), "weir topics create") {
		t.Errorf("said %d times:\n%s", n, said.String())
	}
	adm, done, err := bus.Admin(t.Context(), realConfig(k, nil), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	if _, made, err := adm.Ensure(t.Context()); err != nil || len(made) != 1 {
		t.Fatalf("made %v: %v", made, err)
	}
	s.allSent(t)
	s.close(t)
	if !other {
		t.Error("another topic waited too")
	}
	wantNumbers(t, b, 1000)
}

// TestReal_AGroupThatIsBehind: a group that has read nothing new for half of what Kafka keeps is an alert, once.
func TestReal_AGroupThatIsBehind(t *testing.T) {
	k := realkafka.Start(t, 1)
	var said lockedBuffer
	b, err := bus.Open(t.Context(), realConfig(k, nil), filepath.Join(t.TempDir(), "bus"), slog.New(slog.NewTextHandler(&said, nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	p, err := b.Producer()
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	ctx := context.Background()
	for i, age := range []time.Duration{100 * time.Hour, 90 * time.Hour, 3 * time.Hour} {
		r := &kgo.Record{Topic: b.Topic(bus.Events), Partition: int32(i % 2), Value: []byte("x"), Timestamp: time.Now().Add(-age)}
		if err := p.ProduceSync(ctx, r).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	offsets := kadm.Offsets{}
	offsets.Add(kadm.Offset{Topic: b.Topic(bus.Events), Partition: 0, At: 0, LeaderEpoch: -1})
	offsets.Add(kadm.Offset{Topic: b.Topic(bus.Events), Partition: 1, At: 1, LeaderEpoch: -1})
	if err := admin(t, b).CommitAllOffsets(ctx, "weir.archive", offsets); err != nil {
		t.Fatal(err)
	}
	b.Look(ctx)
	b.Look(ctx)
	var archive float64
	for _, l := range b.Behind() {
		if l.Group == "weir.archive" && l.Topic == b.Topic(bus.Events) {
			archive = l.Share
			if l.Age < 99*time.Hour || l.Age > 101*time.Hour {
				t.Errorf("behind by %s", l.Age)
			}
		}
	}
	if archive < 0.55 || archive > 0.65 {
		t.Errorf("a share of %v", archive)
	}
	if n := strings.Count(said.String(), "behind by more than half of what Kafka keeps: soon records are deleted before they are read\" component=bus group=weir.archive"); n != 1 {
		t.Errorf("said %d times:\n%s", n, said.String())
	}
	offsets.Add(kadm.Offset{Topic: b.Topic(bus.Events), Partition: 0, At: 2, LeaderEpoch: -1})
	if err := admin(t, b).CommitAllOffsets(ctx, "weir.archive", offsets); err != nil {
		t.Fatal(err)
	}
	b.Look(ctx)
	if !strings.Contains(said.String(), "group has caught up") {
		t.Errorf("%s", said.String())
	}
}
