package bus_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/bus"
	"weir/internal/config"
	"weir/internal/config/unit"
	"weir/internal/record"
	"weir/internal/testkit"
)

// kafka is a Kafka that somebody else runs: it can be stopped, and started again on its port with its data.
type kafka struct {
	t       testing.TB
	dir     string
	addr    string
	port    int // of addr
	cluster *kfake.Cluster
	mute    atomic.Bool // answers are lost
}

// muteConn loses what the broker answers while its Kafka is mute.
type muteConn struct {
	net.Conn
	mute *atomic.Bool
}

func (c muteConn) Write(b []byte) (int, error) {
	if c.mute.Load() {
		return len(b), nil
	}
	return c.Conn.Write(b)
}

type muteListener struct {
	net.Listener
	mute *atomic.Bool
}

func (l muteListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return muteConn{c, l.mute}, nil
}

func startKafka(t testing.TB) *kafka {
	t.Helper()
	addr := testkit.FreePort(t)
	k := &kafka{t: t, dir: t.TempDir(), addr: addr, port: int(netip.MustParseAddrPort(addr).Port())}
	k.start()
	t.Cleanup(k.stop)
	return k
}

func (k *kafka) start() {
	k.t.Helper()
	var err error
	listen := func(network, addr string) (net.Listener, error) {
		l, err := net.Listen(network, addr)
		return muteListener{l, &k.mute}, err
	}
	if k.cluster, err = kfake.NewCluster(kfake.NumBrokers(1), kfake.Ports(k.port), kfake.DataDir(k.dir), kfake.ListenFn(listen)); err != nil {
		k.t.Fatal(err)
	}
}

// stop may be called on a stopped one.
func (k *kafka) stop() {
	if k.cluster != nil {
		k.cluster.Close()
		k.cluster = nil
	}
}

// use makes a configuration use k, with a spool that is taken soon.
func (k *kafka) use(change func(*config.Bus)) func(*config.Bus) {
	return func(c *config.Bus) {
		c.Brokers = []string{k.addr}
		c.Spool.After = unit.Duration(150 * time.Millisecond)
		if change != nil {
			change(c)
		}
	}
}

// sending emits numbers from 0 on, in order, and counts what became of them.
type sending struct {
	tallyCounter
	door  *bus.Door
	next  int
	acked atomic.Int64
}

func newSending(t testing.TB, b *bus.Bus, dir string) *sending {
	t.Helper()
	s := &sending{}
	var err error
	if s.door, err = openDoor(t, b, dir, s); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *sending) send(t testing.TB, ctx context.Context, n int) error {
	t.Helper()
	batch := make([]record.Raw, n)
	for i := range batch {
		batch[i] = record.Raw{Value: fmt.Appendf(nil, "%d", s.next+i), Received: time.Now(), Peer: netip.MustParseAddrPort("192.0.2.1:514"), Proto: "tcp", Input: "syslog", Tags: []string{"kept"}}
	}
	err := s.door.Emit(bus.RawSyslog)(ctx, batch, func(err error) {
		if err != nil {
			t.Error(err)
		}
		s.acked.Add(int64(n))
	})
	if err == nil {
		s.next += n
	}
	return err
}

func (s *sending) mustSend(t testing.TB, n int) {
	t.Helper()
	if err := s.send(t, t.Context(), n); err != nil {
		t.Fatal(err)
	}
}

func (s *sending) close(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := s.door.Close(ctx); err != nil {
		t.Error(err)
	}
}

func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited too long until %s", what)
		}
	}
}

// wantNumbers reads the raw topic as normalise does: what is not above the highest sequence of its start and partition is
// a copy. The numbers 0 to n-1 must be left, each once.
func wantNumbers(t testing.TB, b *bus.Bus, n int) (copies int) {
	t.Helper()
	c, err := b.Client(kgo.ConsumeTopics(b.Topic(bus.RawSyslog)))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	type lane struct {
		partition int32
		start     uint32
	}
	highest, seen := map[lane]uint64{}, map[string]bool{}
	for len(seen) < n {
		fetches := c.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatalf("%d of %d numbers came, and %d copies: %v", len(seen), n, copies, err)
		}
		for _, rec := range fetches.Records() {
			var raw record.Raw
			if err := bus.ReadRaw(rec, &raw); err != nil {
				t.Fatal(err)
			}
			l := lane{rec.Partition, raw.Ing.Start}
			if raw.Ing.Seq <= highest[l] {
				copies++
				continue
			}
			highest[l] = raw.Ing.Seq
			if seen[string(rec.Value)] {
				t.Fatalf("number %s came twice, with two sequences", rec.Value)
			}
			seen[string(rec.Value)] = true
			if raw.Peer.String() != "192.0.2.1:514" || raw.Proto != "tcp" || len(raw.Tags) != 1 || raw.Received.IsZero() || raw.ID == "" {
				t.Fatalf("headers came as %+v", raw)
			}
			if d := raw.Received.Sub(rec.Timestamp); d < 0 || d >= time.Millisecond {
				t.Fatalf("the record is of %s, and was received at %s", rec.Timestamp, raw.Received)
			}
		}
	}
	for i := range n {
		if !seen[strconv.Itoa(i)] {
			t.Fatalf("number %d is missing", i)
		}
	}
	return copies
}

func TestSpool_KafkaAwayWhenSendingBegins(t *testing.T) {
	dir, k := t.TempDir(), startKafka(t)
	b := open(t, filepath.Join(dir, "bus"), k.use(nil))
	defer b.Close()
	s := newSending(t, b, dir)
	k.stop()
	for range 20 {
		s.mustSend(t, 50)
	}
	eventually(t, "the spool has everything", func() bool { return s.acked.Load() == 1000 })
	if got := s.door.Waiting(); got != 1000 {
		t.Errorf("%d records wait for Kafka, want 1000", got)
	}
	s.mu.Lock()
	if s.published != 1000 || s.refused != 0 {
		t.Errorf("published %d, refused %d", s.published, s.refused)
	}
	s.mu.Unlock()
	k.start()
	eventually(t, "the spool is empty", func() bool { return s.door.Waiting() == 0 })
	wantNumbers(t, b, 1000)
	s.close(t)
}

// TestSpool_AnswersAreLost: Kafka takes records and cannot say so. They come again by the spool, below the highest sequence.
func TestSpool_AnswersAreLost(t *testing.T) {
	dir, k := t.TempDir(), startKafka(t)
	b := open(t, filepath.Join(dir, "bus"), k.use(nil))
	defer b.Close()
	s := newSending(t, b, dir)
	for i := range int64(10) { // one after the other: so every lane has its turn, and knows its Kafka
		s.mustSend(t, 10)
		eventually(t, "Kafka has the first", func() bool { return s.acked.Load() == 10*(i+1) })
	}
	k.mute.Store(true)
	for range 20 {
		s.mustSend(t, 20)
	}
	eventually(t, "the spool has the others", func() bool { return s.acked.Load() == 500 })
	k.mute.Store(false)
	k.stop() // as a network that breaks: a connection that stays would wait for its answer for a long time
	k.start()
	eventually(t, "the spool is empty", func() bool { return s.door.Waiting() == 0 })
	s.mustSend(t, 100)
	eventually(t, "nothing waits", func() bool { return s.door.Waiting() == 0 })
	s.close(t)
	if copies := wantNumbers(t, b, 600); copies == 0 {
		t.Error("Kafka had taken nothing before it went mute: nothing was tested")
	}
}

// TestSpool_KafkaGoesAndComesBack sends all the time, so that each lane must find its way back under load.
func TestSpool_KafkaGoesAndComesBack(t *testing.T) {
	dir, k := t.TempDir(), startKafka(t)
	b := open(t, filepath.Join(dir, "bus"), k.use(nil))
	defer b.Close()
	s := newSending(t, b, dir)
	ctx, cancel := context.WithCancel(t.Context())
	var sender sync.WaitGroup
	sender.Go(func() {
		for ctx.Err() == nil {
			if err := s.send(t, t.Context(), 20); err != nil {
				t.Error(err)
				return
			}
			time.Sleep(time.Millisecond)
		}
	})
	acked := func(more int64) func() bool {
		goal := s.acked.Load() + more
		return func() bool { return s.acked.Load() >= goal }
	}
	for range 3 {
		eventually(t, "Kafka takes records", acked(500))
		k.stop()
		eventually(t, "the spool takes records", acked(2000))
		eventually(t, "it holds them", func() bool { return s.door.Waiting() > 1000 })
		k.start()
		eventually(t, "the lanes are direct again", func() bool { return s.door.Waiting() < 200 })
	}
	cancel()
	sender.Wait()
	eventually(t, "nothing waits", func() bool { return s.door.Waiting() == 0 })
	if int(s.acked.Load()) != s.next || s.refused != 0 {
		t.Errorf("%d of %d answered, %d refused", s.acked.Load(), s.next, s.refused)
	}
	wantNumbers(t, b, s.next)
	s.close(t)
}

// TestSpool_GoesFirstAfterARestart stops weir while Kafka is away, also with records that nobody had answered yet.
func TestSpool_GoesFirstAfterARestart(t *testing.T) {
	dir, k := t.TempDir(), startKafka(t)
	b := open(t, filepath.Join(dir, "bus"), k.use(nil))
	s := newSending(t, b, dir)
	s.mustSend(t, 100)
	eventually(t, "Kafka has the first", func() bool { return s.acked.Load() == 100 })
	k.stop()
	for range 10 {
		s.mustSend(t, 50)
	}
	eventually(t, "the spool has them", func() bool { return s.acked.Load() == 600 })
	s.mustSend(t, 50)
	s.close(t)
	if s.acked.Load() != 650 || s.door.Waiting() != 550 {
		t.Fatalf("%d answered, %d wait", s.acked.Load(), s.door.Waiting())
	}
	b.Close()

	k.start()
	b = open(t, filepath.Join(dir, "bus"), k.use(nil))
	defer b.Close()
	again := newSending(t, b, dir)
	again.next = 650
	again.mustSend(t, 100)
	eventually(t, "nothing waits", func() bool { return again.door.Waiting() == 0 })
	// The new start's records may not overtake those of the old one on their partition.
	newest := map[int32]uint32{}
	for _, rec := range read(t, b, bus.RawSyslog, 750) {
		var raw record.Raw
		if err := bus.ReadRaw(rec, &raw); err != nil {
			t.Fatal(err)
		}
		if raw.Ing.Start < newest[rec.Partition] {
			t.Fatalf("partition %d: start %d after start %d", rec.Partition, raw.Ing.Start, newest[rec.Partition])
		}
		newest[rec.Partition] = raw.Ing.Start
	}
	wantNumbers(t, b, 750)
	again.close(t)

	// What was forwarded is not forwarded again.
	third := newSending(t, b, dir)
	if got := third.door.Waiting(); got != 0 {
		t.Errorf("%d records wait in a spool that was emptied", got)
	}
	third.close(t)
}

func TestSpool_FullMakesSendersWait(t *testing.T) {
	dir, k := t.TempDir(), startKafka(t)
	b := open(t, filepath.Join(dir, "bus"), k.use(func(c *config.Bus) {
		c.Partitions, c.InFlight, c.Compression = 1, 256<<10, "none"
		c.Spool.MaxBytes = 1 << 20
	}))
	defer b.Close()
	s := newSending(t, b, dir)
	k.stop()
	refused := 0
	waiting, full := make(chan error, 1), false
	for !full && s.next < 100_000 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		err := s.send(t, ctx, 100)
		cancel()
		if err == nil {
			continue
		}
		if refused += 100; !errors.Is(err, context.DeadlineExceeded) || s.refused != refused {
			t.Fatalf("after %d records: %v, %d refused", s.next, err, s.refused)
		}
		// On a machine that stands still a second goes by as well. A spool that is full takes nothing however long one waits.
		go func() { waiting <- s.send(t, t.Context(), 100) }()
		select {
		case err := <-waiting:
			if err != nil {
				t.Fatal(err)
			}
		case <-time.After(500 * time.Millisecond):
			full = true
		}
	}
	if !full {
		t.Fatalf("a spool of 1 MiB took %d records", s.next)
	}
	k.start()
	if err := <-waiting; err != nil {
		t.Fatal(err)
	}
	eventually(t, "nothing waits", func() bool { return s.door.Waiting() == 0 })
	wantNumbers(t, b, s.next)
	s.close(t)
}

// TestSpool_OfMorePartitionsThanNow: somebody lowered bus.partitions while records waited for Kafka.
func TestSpool_OfMorePartitionsThanNow(t *testing.T) {
	dir, k := t.TempDir(), startKafka(t)
	b := open(t, filepath.Join(dir, "bus"), k.use(func(c *config.Bus) { c.Partitions = 4 }))
	s := newSending(t, b, dir)
	k.stop()
	for range 40 {
		s.mustSend(t, 5)
	}
	s.close(t)
	b.Close()
	k.start()
	b = open(t, filepath.Join(dir, "bus"), k.use(func(c *config.Bus) { c.Partitions = 2 }))
	defer b.Close()
	again := newSending(t, b, dir)
	eventually(t, "all four partitions are forwarded", func() bool { return again.door.Waiting() == 0 })
	wantNumbers(t, b, 200)
	again.close(t)
}
