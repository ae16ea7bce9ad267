package e2e

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/event"
	"weir/ingest/syslog"
	"weir/internal/archive"
	"weir/internal/bus"
	"weir/internal/config"
	"weir/internal/keep"
	"weir/internal/ledger"
	"weir/internal/pipeline"
	"weir/internal/record"
	"weir/internal/retention/policy"
	"weir/internal/signal"
	"weir/processors"
	"weir/processors/detect"
	"weir/processors/normalise"
	"weir/processors/parse"
	"weir/rules"
	"weir/rules/content"
	archivesink "weir/sinks/archive"
)

// The three hops of a record, each alone on the embedded broker, in this process: the hop's own work is what is
// measured, with the work of the broker (unless WEIR_BENCH_KAFKA names another) and of its clients that it causes. Run with -benchtime 1x; WEIR_BENCH_N is how
// many records pass.

// benchCount is how many records pass a hop.
func benchCount(b *testing.B) int {
	b.Helper()
	if s := os.Getenv("WEIR_BENCH_N"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			b.Fatal(err)
		}
		return n
	}
	return 200_000
}

// benchLine is line i of a firewall and five hosts.
func benchLine(dst []byte, i int) []byte {
	stamp := benchStamp
	switch i % 4 {
	case 0:
		return fmt.Appendf(dst, "<38>%s web-%d sshd[%d]: Failed password for root from 203.0.113.%d port %d ssh2", stamp, i%5, 1000+i%100, i%250, 1024+i%60000)
	case 1:
		return fmt.Appendf(dst, "<166>%s fw-1 : %%ASA-6-302013: Built inbound TCP connection %d for outside:198.51.100.%d/%d (198.51.100.%d/%d) to dmz:192.0.2.11/443 (192.0.2.11/443)",
			stamp, i, i%250, 1024+i%60000, i%250, 1024+i%60000)
	case 2:
		return fmt.Appendf(dst, "<164>%s fw-1 : %%ASA-4-106023: Deny tcp src outside:203.0.113.%d/%d dst dmz:192.0.2.11/%d by access-group \"outside_in\" [0x0, 0x0]",
			stamp, i%250, 1024+i%60000, 1+i%1000)
	}
	return fmt.Appendf(dst, "<30>%s web-%d systemd[1]: Started session-%d.scope - Session %d of User root.", stamp, i%5, i, i)
}

// benchStamp is the time of every line, so that their making costs little.
var benchStamp = time.Now().Format(time.Stamp)

// site is a bus with the parts that the hops need.
type site struct {
	b        *testing.B
	dir      string
	bus      *bus.Bus
	door     *bus.Door
	producer *kgo.Client
	self     record.Ing
	book     *ledger.Book
	rules    *detect.Holder // nil: those that weir ships
}

func newSite(b *testing.B) *site {
	b.Helper()
	needE2E(b)
	s := &site{b: b, dir: b.TempDir()}
	var err error
	if s.bus, err = bus.Open(b.Context(), benchBus(), filepath.Join(s.dir, "bus"), slog.New(slog.DiscardHandler)); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(s.bus.Close)
	if s.self, err = keep.NextStart(filepath.Join(s.dir, "ingester.json")); err != nil {
		b.Fatal(err)
	}
	s.book = ledger.NewBook(s.self, 100)
	if s.door, err = bus.OpenDoor(s.bus, s.self, s.book); err != nil {
		b.Fatal(err)
	}
	if s.producer, err = s.bus.Producer(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(s.producer.Close)
	return s
}

// benchBus is the embedded broker, or a real Kafka that WEIR_BENCH_KAFKA names: then its work is not measured.
func benchBus() config.Bus {
	cfg := config.Default().Bus
	if brokers := os.Getenv("WEIR_BENCH_KAFKA"); brokers != "" {
		cfg.Brokers, cfg.Partitions, cfg.Replication = strings.Split(brokers, ","), 2, 1
		cfg.Prefix = fmt.Sprintf("bench-%d.", time.Now().UnixNano())
	}
	return cfg
}

// measure runs a hop over n records and reports what it took.
func (s *site) measure(n int, hop func()) {
	s.b.Helper()
	before := ownCPU(s.b)
	s.b.ResetTimer()
	begun := time.Now()
	hop()
	took := time.Since(begun)
	s.b.StopTimer()
	cpu := ownCPU(s.b) - before
	s.b.ReportMetric(float64(n)/took.Seconds(), "events/s")
	s.b.ReportMetric(cpu.Seconds()/float64(n)*1e6, "cpu-s/M")
	s.b.ReportMetric(0, "ns/op") // of a whole run: says nothing
}

// ownCPU is the CPU time of this process, all threads.
func ownCPU(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// stage starts a runner; the returned function waits until it has taken all that its topics hold now.
func (s *site) stage(name string, topics []string, newWorker func(context.Context, string, int32, int64) (pipeline.Worker, error)) (caughtUp func()) {
	s.b.Helper()
	full := make([]string, len(topics))
	for i, t := range topics {
		full[i] = s.bus.Topic(t)
	}
	r, err := pipeline.Start(pipeline.Stage{Name: name, Group: "weir." + name, Topics: full, New: newWorker, Client: s.bus.Client, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		s.b.Fatal(err)
	}
	s.b.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		r.Stop(ctx)
	})
	return func() {
		ends, err := s.bus.Ends(s.b.Context(), topics...)
		if err == nil {
			err = r.CatchUp(s.b.Context(), ends)
		}
		if err != nil {
			s.b.Fatal(err)
		}
	}
}

// fillRaw puts n lines into the raw topic.
func (s *site) fillRaw(n int) {
	s.b.Helper()
	emit := s.door.Emit(bus.RawSyslog)
	peer := net.UDPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 514}
	var left sync.WaitGroup
	for i := 0; i < n; {
		batch := make([]record.Raw, 0, 200)
		for ; i < n && len(batch) < cap(batch); i++ {
			batch = append(batch, record.Raw{Value: benchLine(nil, i), Received: time.Now(), Peer: peer.AddrPort(), Proto: "udp", Input: "syslog"})
		}
		left.Add(1)
		if err := emit(s.b.Context(), batch, func(error) { left.Done() }); err != nil {
			s.b.Fatal(err)
		}
	}
	left.Wait()
}

// load loads rules.
func (s *site) load(sources ...rules.Source) *detect.Holder {
	s.b.Helper()
	holder := &detect.Holder{}
	if _, err := holder.Reload(func() (detect.Loaded, error) {
		return detect.Loaded{Set: rules.Load(rules.Options{}, sources...)}, nil
	}, nil); err != nil {
		s.b.Fatal(err)
	}
	return holder
}

// normalise starts the stage with everything that `weir up` gives it.
func (s *site) normalise() (caughtUp func()) {
	s.b.Helper()
	holder := s.rules
	if holder == nil {
		holder = s.load(rules.Source{Name: "shipped", FS: content.FS()})
	}
	classes, _, err := policy.Load(policy.Options{Classes: filepath.Join(s.dir, "classes.yaml")})
	if err != nil {
		s.b.Fatal(err)
	}
	st := normalise.New(normalise.Options{
		Producer: s.producer, ReadBack: s.bus.ReadBack,
		EventWriter: func(topic string, p int32) (normalise.EventWriter, error) { return s.bus.Partition(topic, p) },
		Events:      s.bus.Topic(bus.Events), Signals: s.bus.Topic(bus.Signals), DeadLetters: s.bus.Topic(bus.DeadLetters), Ledger: s.bus.Topic(bus.LedgerTopic),
		SignalPartitions: s.bus.Partitions(bus.Signals),
		NewParser: func() processors.Parser {
			p, err := parse.New(parse.Options{ECSVersion: "8.11.0", DefaultZone: time.Local})
			if err != nil {
				s.b.Error(err)
			}
			return p
		},
		Steps:    []processors.Step{func(e *event.Event, _ *record.Raw) { e.SetStr(event.WeirClass, classes.Choose(e)) }},
		Detector: func() processors.Detector { return holder.Now() },
		Route:    func(*signal.Signal) []string { return nil },
		Self:     s.self, Interval: 10 * time.Second, Log: slog.New(slog.DiscardHandler),
	})
	return s.stage("normalise", []string{bus.RawSyslog}, st.NewWorker)
}

// BenchmarkIngest_SocketToRaw: from four TCP senders to acknowledged records in the raw topic.
func BenchmarkIngest_SocketToRaw(b *testing.B) {
	for range b.N {
		s, n := newSite(b), benchCount(b)
		cfg := config.Default().Inputs.Syslog
		cfg.Listen, cfg.TLS.Listen, cfg.RELP.Listen = "127.0.0.1:0", "", ""
		src, err := syslog.New(cfg, syslog.Options{Log: slog.New(slog.DiscardHandler), Counter: s.book})
		if err != nil {
			b.Fatal(err)
		}
		addr := ""
		for _, l := range src.Listening() {
			if l.Proto == "tcp" {
				addr = l.Addr.String()
			}
		}
		const senders = 4
		load := make([][]byte, senders)
		for i := range n {
			load[i%senders] = append(benchLine(load[i%senders], i), '\n')
		}
		ctx, stop := context.WithCancel(b.Context())
		var acked atomic.Int64
		inner := s.door.Emit(bus.RawSyslog)
		emit := func(ctx context.Context, batch []record.Raw, done func(error)) error {
			size := int64(len(batch))
			return inner(ctx, batch, func(err error) {
				if err == nil {
					acked.Add(size)
				}
				if done != nil {
					done(err)
				}
			})
		}
		var running sync.WaitGroup
		running.Go(func() {
			if err := src.Run(ctx, emit); err != nil {
				b.Error(err)
			}
		})
		s.measure(n, func() {
			for _, bytes := range load {
				running.Go(func() { sendTCP(b, addr, bytes) })
			}
			for acked.Load() < int64(n) {
				time.Sleep(time.Millisecond)
			}
		})
		stop()
		running.Wait()
	}
}

// sendTCP writes everything on one connection.
func sendTCP(b *testing.B, addr string, bytes []byte) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		b.Error(err)
		return
	}
	if _, err := conn.Write(bytes); err != nil {
		b.Error(err)
	}
	if err := conn.Close(); err != nil {
		b.Error(err)
	}
}

// BenchmarkIngest_RawToEvents: from the raw topic to acknowledged ECS events: parse, class, the shipped rules, encode.
func BenchmarkIngest_RawToEvents(b *testing.B) {
	for range b.N {
		s, n := newSite(b), benchCount(b)
		s.fillRaw(n)
		s.measure(n, func() {
			s.normalise()()
			s.awaitEvents(n)
		})
	}
}

// awaitEvents waits until the events topic holds one event for each record: the stage has taken them all, and Kafka has
// what is still on its way within moments.
func (s *site) awaitEvents(n int) {
	s.b.Helper()
	var got int64
	for end := time.Now().Add(30 * time.Second); got < int64(n) && time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		ends, err := s.bus.Ends(s.b.Context(), bus.Events)
		if err != nil {
			s.b.Fatal(err)
		}
		got = 0
		for _, end := range ends[s.bus.Topic(bus.Events)] {
			got += end
		}
	}
	if got != int64(n) {
		s.b.Fatalf("%d events of %d records", got, n)
	}
}

// archive opens the archive of the site, which is closed with the benchmark.
func (s *site) archive() *archive.Archive {
	s.b.Helper()
	ar, err := archive.Open(filepath.Join(s.dir, "archive"), archive.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		s.b.Fatal(err)
	}
	s.b.Cleanup(func() {
		if err := ar.Close(); err != nil {
			s.b.Error(err)
		}
	})
	return ar
}

// sealEvents reads the events topic to its end and seals what was read.
func (s *site) sealEvents(ar *archive.Archive) {
	s.b.Helper()
	sink := archivesink.New(ar, nil)
	s.stage("archive", []string{bus.Events}, func(_ context.Context, topic string, p int32, _ int64) (pipeline.Worker, error) {
		return sink.NewWorker(topic, p), nil
	})()
	if err := ar.Seal(s.b.Context()); err != nil {
		s.b.Fatal(err)
	}
}

// wantStored fails unless the archive has n rows.
func (s *site) wantStored(ar *archive.Archive, n int) {
	s.b.Helper()
	stored := uint64(0)
	for _, c := range ar.Counts() {
		stored += c.Stored
	}
	if stored != uint64(n) {
		s.b.Fatalf("%d rows of %d events", stored, n)
	}
}

// BenchmarkIngest_EventsToArchive: from the events topic to sealed segments.
func BenchmarkIngest_EventsToArchive(b *testing.B) {
	for range b.N {
		s, n := newSite(b), benchCount(b)
		s.fillRaw(n)
		s.normalise()()
		s.awaitEvents(n)
		ar := s.archive()
		s.measure(n, func() { s.sealEvents(ar) })
		s.wantStored(ar, n)
		b.ReportMetric(float64(folderSize(b, filepath.Join(s.dir, "archive")))/float64(n), "disk-B/event")
	}
}
