package elastic

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/elastic/go-elasticsearch/v8"
	"github.com/elastic/go-elasticsearch/v8/esutil"
	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/record"
	"weir/internal/testkit/realelastic"
)

// cpu is the processor time of this process, user and system.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// benchDoc writes an event of 25 fields and about 760 bytes, as logs of firewalls and hosts make them.
func benchDoc(dst []byte, r *rand.Rand, i int, t time.Time) []byte {
	pick := func(s ...string) string { return s[r.IntN(len(s))] }
	ip := func() string { return fmt.Sprintf("10.%d.%d.%d", r.IntN(8), r.IntN(256), 1+r.IntN(254)) }
	message := fmt.Sprintf("<166>Nov 21 2026 10:00:00 fw%02d : %%ASA-6-302013: Built outbound TCP connection %d for outside:%s/443 (%s/443) to inside:%s/%d (%s/%d)",
		i%40, r.IntN(1<<30), ip(), ip(), ip(), r.IntN(60000), ip(), r.IntN(60000))
	return fmt.Appendf(dst, `{"@timestamp":"%s","ecs":{"version":"8.11.0"},"event":{"kind":"event","category":["%s"],"action":"%s","outcome":"%s","dataset":"%s","severity":%d},`+
		`"log":{"level":"%s","syslog":{"facility":{"code":%d},"severity":{"code":%d}}},"host":{"name":"fw%02d","ip":["%s"]},"observer":{"vendor":"Cisco","product":"asa"},`+
		`"process":{"name":"%s","pid":%d},"source":{"ip":"%s","port":%d},"destination":{"ip":"%s","port":%d},"network":{"transport":"%s","bytes":%d},"user":{"name":"user%04d"},"message":"%s"}`,
		t.Format("2006-01-02T15:04:05.000Z"), pick("network", "authentication", "session"), pick("flow-creation", "flow-expiration", "firewall-rule", "ssh_login"),
		pick("success", "failure", "unknown"), pick("cisco_asa.log", "system.auth", "juniper_srx.log"), r.IntN(8), pick("informational", "warning", "error"), r.IntN(24), r.IntN(8),
		r.IntN(40), ip(), pick("sshd", "asa", "RT_FLOW"), r.IntN(32768), ip(), 1024+r.IntN(60000), ip(), []int{22, 53, 80, 443, 8080}[r.IntN(5)], pick("tcp", "udp"), r.IntN(1<<20), r.IntN(2000), message)
}

// benchRecords are n records of a partition, in one piece of memory as a fetch gives them.
func benchRecords(partition int32, n int) []*kgo.Record {
	r := rand.New(rand.NewPCG(3, uint64(partition)))
	t := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	out := make([]*kgo.Record, n)
	var b []byte
	for i := range out {
		t = t.Add(time.Duration(r.IntN(20)) * time.Millisecond)
		from := len(b)
		if b = benchDoc(b, r, i, t); cap(b)-len(b) < 4096 {
			b = append(make([]byte, 0, 1<<20), b[from:]...)
			from = 0
		}
		rec := &kgo.Record{Topic: events, Partition: partition, Offset: int64(i), Value: b[from:len(b):len(b)], Timestamp: t}
		prev := ""
		if i > 0 {
			prev = fmt.Sprintf("weir.raw.syslog/%d/%d/0", partition, i-1)
		}
		peer := fmt.Appendf(nil, "10.1.0.%d:514", i/50%40)
		rec.Headers = []kgo.RecordHeader{{Key: record.HeaderSource, Value: fmt.Appendf(nil, "weir.raw.syslog/%d/%d/0", partition, i)}, {Key: record.HeaderPrev, Value: []byte(prev)},
			{Key: record.HeaderID, Value: fmt.Appendf(nil, "a1b2c3d4e5f6/%d/%d", partition+1, i)}, {Key: record.HeaderInput, Value: []byte("syslog")},
			{Key: record.HeaderPeer, Value: peer}, {Key: record.HeaderDay, Value: []byte("standard/2026-11-21")}}
		out[i] = rec
	}
	return out
}

// load feeds records to workers of their partitions as the runner does, in batches of a thousand, until all are answered.
func load(t testing.TB, s *Sink, parts ...[]*kgo.Record) {
	t.Helper()
	var wg sync.WaitGroup
	for p, all := range parts {
		wg.Go(func() {
			w, err := s.NewWorker(t.Context(), events, int32(p), 0)
			if err != nil {
				t.Error(err)
				return
			}
			defer w.Close()
			var left atomic.Int64
			for from := 0; from < len(all); from += 1000 {
				left.Add(1)
				if err := w.Process(t.Context(), all[from:min(from+1000, len(all))], func(err error) {
					if err != nil {
						t.Error(err)
					}
					left.Add(-1)
				}); err != nil {
					t.Error(err)
					return
				}
			}
			for left.Load() > 0 && !t.Failed() {
				time.Sleep(200 * time.Millisecond)
				s.Flush()
			}
		})
	}
	wg.Wait()
}

// TestReal_Cost prints what a million documents cost this process, in processor seconds, and what the official client's
// BulkIndexer costs beside it, and that both leave every document. WEIR_ELASTIC_DOCS says how many are sent: few where
// nobody wants the figures.
func TestReal_Cost(t *testing.T) {
	n, err := strconv.Atoi(os.Getenv("WEIR_ELASTIC_DOCS"))
	if err != nil {
		n = 4000
	}
	server := realelastic.Start(t, "--heap", "1g")
	k := newKafka(t)
	parts := [][]*kgo.Record{benchRecords(0, n/2), benchRecords(1, n-n/2)}
	bytesAll := 0
	for _, p := range parts {
		for _, r := range p {
			bytesAll += len(r.Value)
		}
	}
	t.Logf("%d documents of %d bytes", n, bytesAll/n)
	report := func(name string, before time.Duration, start time.Time, index string) {
		used, took := cpu()-before, time.Since(start)
		if got := server.Count(t, index); got != n {
			t.Errorf("%s: %d documents, want %d", name, got, n)
		}
		server.Do(t, "DELETE", "/"+index, "")
		t.Logf("%-22s %.2f CPU-s/M, %.0f documents/s", name, used.Seconds()/float64(n)*1e6, float64(n)/took.Seconds())
	}
	for run := range min(3, 1+n/100_000) {
		for _, compression := range []string{"none", "gzip"} {
			s, log := newSink(t, k, server.URLs, func(o *Options) {
				o.Config.Compression, o.Group = compression, fmt.Sprint("g", run, compression)
			})
			if err := s.Check(t.Context()); err != nil {
				t.Fatal(err, log)
			}
			before, start := cpu(), time.Now()
			load(t, s, parts...)
			report("weir, compression "+compression, before, start, "logs-weir.standard-2026.11.21")
			s.Close()
		}
		index := fmt.Sprintf("logs-weir.standard-2026.11.%02d", run+1)
		client, err := elasticsearch.NewClient(elasticsearch.Config{Addresses: server.URLs})
		if err != nil {
			t.Fatal(err)
		}
		before, start := cpu(), time.Now()
		bi, err := esutil.NewBulkIndexer(esutil.BulkIndexerConfig{Client: client, Index: index, NumWorkers: 2, FlushBytes: 2 << 20})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range parts {
			for _, r := range p {
				if err := bi.Add(context.Background(), esutil.BulkIndexerItem{Action: "index", Body: bytes.NewReader(r.Value)}); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := bi.Close(context.Background()); err != nil {
			t.Fatal(err)
		}
		report("esutil.BulkIndexer", before, start, index)
	}
}
