package normalise

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"weir/event"
	"weir/internal/bus"
	"weir/internal/bus/produce"
	"weir/internal/record"
	"weir/internal/retention/policy"
	"weir/internal/signal"
	"weir/internal/testkit"
	"weir/processors"
	"weir/processors/detect"
	"weir/processors/enrich"
	"weir/processors/enrich/asset"
	"weir/processors/enrich/network"
	"weir/processors/parse"
	"weir/rules"
	"weir/rules/content"
)

// The lines that these benchmarks pass through the worker are real ones: 60 % Cisco ASA and 20 % sshd with headers of
// RFC 3164, 20 % RFC 5424 of four vendors, about 210 bytes on average.
var (
	benchASA  = regexp.MustCompile(`%ASA-(\d)-\d{6}: .*`)
	benchSSH  = regexp.MustCompile(`^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \S+ sshd\[\d+\]: .*`)
	bench5424 = regexp.MustCompile(`^<\d{1,3}>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d) \S+ \S+ \S+ \S+ (-|\[[^ ="\]]+( [^ ="\]]+="[^"\]\\]*")*\])( |$).*`)
)

// benchMatches returns the different lines of the files that match, from where they match.
func benchMatches(tb testing.TB, re *regexp.Regexp, globs ...string) []string {
	tb.Helper()
	dir := filepath.Join(testkit.Shared(tb), "data")
	seen := map[string]bool{}
	var out []string
	for _, g := range globs {
		files, err := filepath.Glob(filepath.Join(dir, g))
		if err != nil {
			tb.Fatal(err)
		}
		for _, name := range files {
			data, err := os.ReadFile(name)
			if err != nil {
				tb.Fatal(err)
			}
			for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
				if m := re.FindString(lines.Text()); m != "" && len(m) <= 900 && !seen[m] {
					seen[m] = true
					out = append(out, m)
				}
			}
		}
	}
	if len(out) == 0 {
		tb.Fatalf("no lines in %v", globs)
	}
	return out
}

// benchLines are n lines in a mix that is the same every time.
func benchLines(tb testing.TB, n int) [][]byte {
	tb.Helper()
	asa := benchMatches(tb, benchASA, "integrations/cisco_asa/log/*.log")
	ssh := benchMatches(tb, benchSSH, "loghub/OpenSSH/*.log")
	r54 := benchMatches(tb, bench5424, "integrations/juniper_srx/log/*.log", "integrations/checkpoint/firewall/*.log",
		"integrations/symantec_endpoint/log/*.log", "integrations/vsphere/log/*.log", "integrations/pfsense/log/*.log")
	r := rand.New(rand.NewPCG(1, 2))
	lines := make([][]byte, n)
	for i := range lines {
		var s string
		switch k := i % 10; {
		case k < 6:
			l := asa[r.IntN(len(asa))]
			s = fmt.Sprintf("<%d>Nov %2d %02d:%02d:%02d fw%02d %s", 160+int(benchASA.FindStringSubmatch(l)[1][0]-'0'), 1+r.IntN(28), r.IntN(24), r.IntN(60), r.IntN(60), r.IntN(20), l)
		case k < 8:
			s = "<86>" + ssh[r.IntN(len(ssh))]
		default:
			s = r54[r.IntN(len(r54))]
		}
		// What a load generator stamps on each line to find it again.
		lines[i] = fmt.Appendf(nil, "%s wseq=%010d wts=%019d", strings.TrimRight(s, " "), i, benchReceived.UnixNano())
	}
	r.Shuffle(n, func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	return lines
}

// benchReceived is when all records came.
var benchReceived = time.Date(2026, 11, 21, 9, 0, 0, 123456789, time.UTC)

// benchRecords are raw records as a consumer gets them from the front door: those of one fetch alias one buffer.
func benchRecords(tb testing.TB, n int) []*kgo.Record {
	tb.Helper()
	recs := make([]*kgo.Record, n)
	var buf []byte
	alias := func(text []byte) []byte {
		from := len(buf)
		buf = append(buf, text...)
		return buf[from:len(buf):len(buf)]
	}
	for i, line := range benchLines(tb, n) {
		if i%benchBatch == 0 {
			buf = make([]byte, 0, 1<<20)
		}
		ing := record.Ing{Ingester: "k3v9qhd2m4xw", Start: 7, Seq: uint64(i + 1)}.AppendText(nil)
		recv := benchReceived.Add(time.Duration(i) * time.Microsecond)
		recs[i] = &kgo.Record{Topic: "weir.raw.syslog", Partition: 1, Offset: int64(i), Value: alias(line), Timestamp: recv.Truncate(time.Millisecond),
			Headers: []kgo.RecordHeader{
				{Key: record.HeaderIng, Value: alias(ing)}, {Key: record.HeaderID, Value: alias(ing)},
				{Key: record.HeaderRecv, Value: alias(fmt.Append(nil, recv.UnixNano()))},
				{Key: record.HeaderPeer, Value: alias(fmt.Appendf(nil, "127.0.0.1:%d", 40000+i/100%4))},
				{Key: record.HeaderProto, Value: alias([]byte("tcp"))}, {Key: record.HeaderInput, Value: alias([]byte("syslog"))},
			}}
	}
	return recs
}

// benchHolder holds the shipped rules.
func benchHolder(tb testing.TB) *detect.Holder {
	return benchRules(tb, rules.Source{Name: "shipped", FS: content.FS()})
}

// benchRules holds the rules of some sources.
func benchRules(tb testing.TB, sources ...rules.Source) *detect.Holder {
	tb.Helper()
	holder := &detect.Holder{}
	if _, err := holder.Reload(func() (detect.Loaded, error) {
		return detect.Loaded{Set: rules.Load(rules.Options{}, sources...)}, nil
	}, nil); err != nil {
		tb.Fatal(err)
	}
	return holder
}

// benchStage is the stage with all that `weir run` gives it: inventory, classes, filter, rules.
func benchStage(tb testing.TB, producer *kgo.Client, events EventWriter, holder *detect.Holder) *Stage {
	tb.Helper()
	classes, _, err := policy.Load(policy.Options{Classes: filepath.Join(tb.TempDir(), "classes.yaml")})
	if err != nil {
		tb.Fatal(err)
	}
	inv, err := asset.Load(filepath.Join(tb.TempDir(), "inventory.csv"))
	if err != nil {
		tb.Fatal(err)
	}
	added, err := enrich.New(enrich.Options{Internal: []string{network.Private}, Inventory: func() *asset.Inventory { return inv }, UserAgent: true})
	if err != nil {
		tb.Fatal(err)
	}
	groups := map[string]int{} // of each rule, how many values name its group
	for _, r := range holder.Rules().Rules {
		groups[r.ID] = len(r.Fold.By)
	}
	return New(Options{
		Producer: producer, EventWriter: func(string, int32) (EventWriter, error) { return events, nil }, Events: "weir.events", Signals: "weir.signals", DeadLetters: "weir.deadletters", Ledger: "weir.ledger",
		SignalPartitions: 16,
		ReadBack:         func(context.Context, string, int32, int64, int) ([]*kgo.Record, error) { return nil, nil },
		NewParser: func() processors.Parser {
			p, err := parse.New(parse.Options{DefaultZone: time.UTC, Zone: inv.Zone})
			if err != nil {
				tb.Error(err)
			}
			return p
		},
		Steps: []processors.Step{
			added.Step,
			func(e *event.Event, _ *record.Raw) { e.Set(event.WeirClass, event.Str(classes.Choose(e))) },
		},
		DropIf:   func(e *event.Event) bool { return e.Str(event.Message) == "" && !e.Has(event.EventCode) },
		Detector: func() processors.Detector { return holder.Now() },
		Route:    func(s *signal.Signal) []string { return s.Group[:min(len(s.Group), groups[s.Rule])] },
		Self:     record.Ing{Ingester: "bench", Start: 1}, Interval: time.Hour, Log: slog.New(slog.DiscardHandler),
	})
}

// benchWorker is the worker of one partition, with the shipped rules.
func benchWorker(tb testing.TB, producer *kgo.Client, events EventWriter) *worker {
	return benchWorkerOf(tb, producer, events, benchHolder(tb))
}

// benchWorkerOf is the worker of one partition, with the rules of a holder.
func benchWorkerOf(tb testing.TB, producer *kgo.Client, events EventWriter, holder *detect.Holder) *worker {
	tb.Helper()
	w, err := benchStage(tb, producer, events, holder).NewWorker(tb.Context(), "weir.raw.syslog", 1, 0)
	if err != nil {
		tb.Fatal(err)
	}
	own := w.(*worker)
	own.cancel() // its ticker would speak of being idle while another step is measured
	own.wg.Wait()
	return own
}

const (
	// benchCount is how many records there are; they pass again and again.
	benchCount = 20_000
	// benchBatch is how many come with one fetch.
	benchBatch = 1000
)

// BenchmarkMake is all of the stage but for Kafka: one operation is one raw record that becomes an event.
func BenchmarkMake(b *testing.B) {
	recs := benchRecords(b, benchCount)
	w := benchWorker(b, nil, nil)
	made, bytes := 0, 0
	next := benchRounds(recs, w)
	b.ReportAllocs()
	b.ResetTimer()
	before := benchCPU(b)
	for left := b.N; left > 0; {
		batch := next(left)
		left -= len(batch)
		out := w.make(batch, func(error) {})
		made += len(out.events)
		for i := range out.events {
			bytes += len(out.events[i].value)
		}
		out.left.Store(1)
		out.ack(1) // as Kafka does for the last record
	}
	b.ReportMetric(float64(benchCPU(b)-before)/float64(b.N), "cpu-ns/event")
	b.ReportMetric(float64(bytes)/float64(made), "B/event")
	b.ReportMetric(float64(made)/float64(b.N), "events/record")
}

// benchRounds hands out batches for ever. A round begins with nothing seen.
func benchRounds(recs []*kgo.Record, w *worker) (next func(most int) []*kgo.Record) {
	at := 0
	return func(most int) []*kgo.Record {
		if at == len(recs) {
			at, w.seen = 0, newSeen()
		}
		n := min(most, benchBatch, len(recs)-at)
		at += n
		return recs[at-n : at]
	}
}

// BenchmarkProcess is the stage with what writes to Kafka. WEIR_BENCH_KAFKA names brokers; without it the broker runs in
// this process and its work is measured too.
func BenchmarkProcess(b *testing.B) {
	recs := benchRecords(b, benchCount)
	for _, c := range []struct {
		name  string
		codec kgo.CompressionCodec
	}{{"none", kgo.NoCompression()}, {"snappy", kgo.SnappyCompression()}, {"lz4", kgo.Lz4Compression()}, {"zstd", kgo.ZstdCompression()}} {
		b.Run(c.name, func(b *testing.B) {
			client := benchClient(b)
			squeeze, err := kgo.DefaultCompressor(c.codec)
			if err != nil {
				b.Fatal(err)
			}
			events := produce.New(produce.Options{Client: client, Topic: "weir.events", Partition: 1, Linger: 5 * time.Millisecond, MaxBytes: 1_000_000,
				Compress: squeeze, Log: slog.New(slog.DiscardHandler)})
			b.Cleanup(events.Close)
			w := benchWorker(b, client, events)
			next := benchRounds(recs, w)
			b.ReportAllocs()
			b.ResetTimer()
			before := benchCPU(b)
			for left := b.N; left > 0; {
				batch := next(left)
				left -= len(batch)
				if err := w.Process(b.Context(), batch, func(error) {}); err != nil {
					b.Fatal(err)
				}
			}
			if err := errors.Join(events.Flush(b.Context()), client.Flush(b.Context())); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(benchCPU(b)-before)/float64(b.N), "cpu-ns/event")
		})
	}
}

func benchClient(b *testing.B) *kgo.Client {
	b.Helper()
	brokers := strings.Split(os.Getenv("WEIR_BENCH_KAFKA"), ",")
	if brokers[0] == "" {
		fake, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(16, "weir.events", "weir.signals", "weir.deadletters", "weir.ledger"))
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(fake.Close)
		brokers = fake.ListenAddrs()
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers...), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.AllowAutoTopicCreation(),
		kgo.ProducerLinger(5*time.Millisecond), kgo.MaxBufferedRecords(1<<20))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(client.Close)
	return client
}

// benchCPU is the CPU time of this process in nanoseconds.
func benchCPU(b *testing.B) int64 {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return u.Utime.Nano() + u.Stime.Nano()
}

// BenchmarkSteps takes the way apart: what each step costs for one event of the mix.
func BenchmarkSteps(b *testing.B) {
	recs := benchRecords(b, benchCount)
	w := benchWorker(b, nil, nil)
	each := func(name string, step func(i int, e *event.Event)) {
		b.Run(name, func(b *testing.B) {
			raws := make([]record.Raw, len(recs))
			for i, rec := range recs {
				benchRead(b, rec, &raws[i])
			}
			p := w.opts.NewParser()
			events := make([]event.Event, 1000)
			for i := range events {
				if err := p.Parse(&raws[i], &events[i], func(*event.Event) error { return nil }); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				step(i%len(recs), &events[i%len(events)])
			}
		})
	}
	var raw record.Raw
	var e event.Event
	raws := make([]record.Raw, len(recs))
	for i, rec := range recs {
		benchRead(b, rec, &raws[i])
	}
	emit := func(*event.Event) error { return nil }
	each("read-headers", func(i int, _ *event.Event) {
		if err := w.reader.Read(recs[i], &raw); err != nil {
			b.Fatal(err)
		}
	})
	each("parse", func(i int, _ *event.Event) {
		if err := w.parser.Parse(&raws[i], &e, emit); err != nil {
			b.Fatal(err)
		}
	})
	holder := benchHolder(b)
	each("match", func(_ int, e *event.Event) { holder.Load().Hits(e, func(*rules.Rule, string) {}) })
	each("signals", func(_ int, e *event.Event) { holder.Signals(e, record.Pos{Topic: "weir.raw.syslog"}) })
	var doc []byte
	each("encode", func(_ int, e *event.Event) { doc = e.AppendJSON(doc[:0]) })
}

func benchRead(b *testing.B, rec *kgo.Record, raw *record.Raw) {
	if err := bus.ReadRaw(rec, raw); err != nil {
		b.Fatal(err)
	}
}
