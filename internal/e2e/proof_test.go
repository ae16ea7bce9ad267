package e2e

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"weir/internal/bus"
	"weir/internal/config"
	"weir/internal/testkit/relpclient"
)

// The proof of delivery: numbered events go by RELP, files and objects through processes on a real Kafka into the archive
// and into a real Elasticsearch, while something is broken. Afterwards every number is looked for, and every term of the
// equation is printed:
//
//	raw records + split - duplicates - filtered - dead letters = rows in the archive = documents in Elasticsearch
//
// `task proof` runs it with 200,000 events and breaks of 30 s; without WEIR_PROOF_N it is short.

// proofSize is how many events a case sends, and how long a server is away.
func proofSize(t testing.TB) (n int, away time.Duration) {
	t.Helper()
	s := os.Getenv("WEIR_PROOF_N")
	if s == "" {
		return 12_000, 6 * time.Second
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n, 30 * time.Second
}

// front is a proxy before Elasticsearch that can answer 429 in its place.
type front struct {
	addr string
	busy atomic.Bool
	said atomic.Int64 // answers of 429

	bulks atomic.Int64  // after so many bulk requests one is held until its sender is gone; 0: none
	held  chan struct{} // has one when that has happened
}

func newFront(t testing.TB, backend string) *front {
	t.Helper()
	target, err := url.Parse(backend)
	if err != nil {
		t.Fatal(err)
	}
	f := &front{held: make(chan struct{}, 1)}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f.busy.Load() {
			f.said.Add(1)
			http.Error(w, `{"error":{"type":"es_rejected_execution_exception","reason":"busy"},"status":429}`, http.StatusTooManyRequests)
			return
		}
		if strings.HasSuffix(r.URL.Path, "/_bulk") && f.bulks.Add(-1) == 0 {
			_, _ = io.Copy(io.Discard, r.Body) // only what was read to its end tells of a sender that went
			f.held <- struct{}{}
			<-r.Context().Done()
			return
		}
		proxy.ServeHTTP(w, r)
	})}
	var wg sync.WaitGroup
	wg.Go(func() { _ = srv.Serve(l) })
	t.Cleanup(func() { _ = srv.Close(); wg.Wait() })
	f.addr = "http://" + l.Addr().String()
	return f
}

// proof is one case under way.
type proof struct {
	*cluster
	t       *testing.T
	n       int
	away    time.Duration
	kafka   *server
	elastic *server
	aws     *trail
	front   *front
	procs   map[string]*weir // by stage
	sending chan struct{}    // closed when all was sent and acknowledged
	wait    sync.WaitGroup
	relp    relpclient.Report
	again   int // records of objects that were announced twice
	ways    map[byte]int
}

// stagesOfProof are the processes of the proof.
var stagesOfProof = []string{"ingest", "normalise", "correlate", "archive", "elastic", "console"}

// begin starts the processes and the senders.
func begin(t *testing.T, kafka, elastic *server, aws *trail, name, ingestDir string) *proof {
	t.Helper()
	n, away := proofSize(t)
	p := &proof{t: t, n: n, away: away, kafka: kafka, elastic: elastic, aws: aws, procs: map[string]*weir{}, sending: make(chan struct{})}
	p.front = newFront(t, strings.Split(elastic.addrs, ",")[0])
	logs := t.TempDir()
	p.cluster = newCluster(t, kafka, &server{addrs: p.front.addr}, "proof-"+name+".", "WEIR_LEDGER_INTERVAL=2s", "WEIR_ARCHIVE_EPOCH_AGE=5s")
	ingest := []string{
		"WEIR_INPUTS_SYSLOG_ENABLED=true", "WEIR_INPUTS_FILE_PATHS=" + filepath.Join(logs, "app.log*"), "WEIR_INPUTS_FILE_START=beginning",
		"WEIR_INPUTS_AWS_QUEUE=" + aws.queueURL, "WEIR_INPUTS_AWS_ENDPOINT=" + aws.endpoint, "WEIR_INPUTS_AWS_REGION=eu-west-1",
		"WEIR_INPUTS_AWS_WAIT=1s", "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test",
		"WEIR_BUS_EMBEDDED_MIN_FREE=2MiB", "WEIR_BUS_EMBEDDED_SEGMENT_BYTES=1MiB",
	}
	for _, stage := range stagesOfProof {
		if stage == "ingest" {
			p.procs[stage] = p.process(stage, ingestDir, ingest...)
			p.procs[stage].start()
			continue
		}
		p.procs[stage] = p.run(stage)
	}
	p.ways = map[byte]int{byRELP: n / 2, byFile: n * 3 / 10, byObject: n / 5}
	ctx := within(t, 15*time.Minute)
	// About two breaks long, so that what is broken is broken while events come.
	pace := func(count int) func() {
		every, i := max(count/400, 1), 0
		pause := 2 * away / 400
		return func() {
			if i++; i%every == 0 {
				time.Sleep(pause)
			}
		}
	}
	client, err := relpclient.Dial(ctx, p.procs["ingest"].relp(), 500)
	if err != nil {
		t.Fatal(err)
	}
	p.wait.Go(func() { p.relp = sendRELP(ctx, t, client, p.ways[byRELP], pace(p.ways[byRELP])) })
	p.wait.Go(func() { writeFiles(ctx, t, logs, p.ways[byFile], pace(p.ways[byFile])) })
	p.wait.Go(func() { p.again = aws.sendObjects(ctx, t, p.ways[byObject], pace(p.ways[byObject])) })
	go func() { p.wait.Wait(); close(p.sending) }()
	return p
}

// restart kills a process and starts it again on its folder and ports.
func (p *proof) restart(stage string, pause time.Duration) {
	p.t.Helper()
	w := p.procs[stage]
	w.kill()
	time.Sleep(pause)
	w.start()
}

// end waits until everything that was sent is stored everywhere, stops the processes, and counts.
func (p *proof) end() {
	p.t.Helper()
	<-p.sending
	// A message that a killed process had is seen again only after a while.
	ctx := within(p.t, 10*time.Minute)
	for p.aws.waiting(ctx, p.t) > 0 && !p.t.Failed() {
		time.Sleep(200 * time.Millisecond)
	}
	console := p.procs["console"]
	var rows map[string]ledgerRow
	settled := func() bool {
		r, ok := console.ledger()
		rows = r
		var waiting, stored, indexed int64
		for _, row := range r {
			waiting += row.InFlight + row.Unindexed
			stored, indexed = stored+row.Stored, indexed+row.Indexed
		}
		// Nothing is unindexed either while no count of Elasticsearch is there yet.
		return ok && waiting == 0 && stored >= int64(p.n) && indexed >= int64(p.n)
	}
	for deadline := time.Now().Add(3 * time.Minute); !settled(); time.Sleep(300 * time.Millisecond) {
		if time.Now().After(deadline) {
			p.t.Errorf("after three minutes the ledger is not settled: %+v", rows)
			break
		}
	}
	p.stop()
	p.count(rows)
}

var proofPattern = regexp.MustCompile(`wseq=([RFC])(\d{8})`)

// count looks for every number and prints the terms.
func (p *proof) count(led map[string]ledgerRow) {
	p.t.Helper()
	counts := map[byte][]int{}
	for way, n := range p.ways {
		counts[way] = make([]int, n)
	}
	ids := map[string]bool{}
	rows := int64(0)
	reader := &weir{t: p.t, bin: p.procs["archive"].bin, dir: p.data}
	reader.each("weir.input: (syslog or file or aws)", 10*p.n, func(doc map[string]any) {
		m := proofPattern.FindStringSubmatch(field(doc, "event.original"))
		if m == nil {
			p.t.Fatalf("a stored event without a number: %v", doc)
		}
		i, err := strconv.Atoi(m[2])
		if err != nil || i >= len(counts[m[1][0]]) {
			p.t.Fatalf("number %s was never sent", m[0])
		}
		counts[m[1][0]][i]++
		rows++
		ids[field(doc, "event.id")] = true
	})
	docs := p.elastic.documents(p.index)
	raw := p.rawRecords()
	var t ledgerRow
	for source, r := range led {
		if source != auditSource {
			t.add(r)
		}
	}
	duplicates := t.Duplicate + t.Repeated
	p.t.Logf("raw records %d + split %d - duplicates %d - filtered %d - dead letters %d = %d; rows in the archive %d; documents in Elasticsearch %d",
		raw, t.Split, duplicates, t.Filtered, t.Dead, raw+t.Split-duplicates-t.Filtered-t.Dead, rows, len(docs))
	if raw+t.Split-duplicates-t.Filtered-t.Dead != rows || rows != int64(len(docs)) || rows != t.Stored {
		p.t.Errorf("the terms do not add up; the ledger says stored %d\n%s", t.Stored, p.elastic.indices(p.index))
	}
	for id := range ids {
		if !docs[id] {
			p.t.Errorf("event %s is in the archive and not in Elasticsearch", id)
			break
		}
	}
	lost, copies, excess := 0, 0, 0
	for i, c := range counts[byRELP] {
		m := p.relp.Messages[i]
		if m.Acked && c == 0 {
			lost++
		}
		copies += max(c-1, 0)
		excess += max(c-m.Frames, 0)
	}
	p.t.Logf("RELP: sent %d, acknowledged %d, lost %d, copies %d, sent again %d, copies beyond that %d", p.ways[byRELP], p.relp.Acked, lost, copies, p.relp.Resent, excess)
	if lost > 0 || excess > 0 || p.relp.Acked != p.ways[byRELP] {
		p.t.Error("RELP is not at least once with no more copies than were sent again")
	}
	for _, way := range []byte{byFile, byObject} {
		missing, twice := 0, 0
		for _, c := range counts[way] {
			if c == 0 {
				missing++
			}
			twice += max(c-1, 0)
		}
		p.t.Logf("%c: %d sent, %d missing, %d twice", way, p.ways[way], missing, twice)
		if missing > 0 || twice > 0 {
			p.t.Errorf("%c is not exactly once", way)
		}
	}
}

// rawRecords counts what was ever written to the raw topics of the case.
func (p *proof) rawRecords() int64 {
	p.t.Helper()
	cfg := config.Default().Bus
	cfg.Brokers, cfg.Prefix, cfg.Partitions = strings.Split(p.kafka.addrs, ","), p.prefix, 2
	b, err := bus.Open(within(p.t, 30*time.Second), cfg, p.t.TempDir(), slog.New(slog.DiscardHandler))
	if err != nil {
		p.t.Fatal(err)
	}
	defer b.Close()
	ends, err := b.Ends(within(p.t, 20*time.Second), bus.RawSyslog, bus.RawFile, bus.RawCloud)
	if err != nil {
		p.t.Fatal(err)
	}
	var n int64
	for _, ps := range ends {
		for _, end := range ps {
			n += end
		}
	}
	return n
}

// during calls fn until everything was sent, at least once.
func (p *proof) during(ctx context.Context, fn func(round int)) {
	for round := 0; ; round++ {
		fn(round)
		select {
		case <-p.sending:
			return
		case <-ctx.Done():
			return
		default:
		}
	}
}

// TestProof is the table of deliveries. The cases share the servers, and have topics, indices and folders of their own.
func TestProof(t *testing.T) {
	kafka := startServer(t, "kafka", "--brokers", "3", "--heap", "512m")
	elastic := startServer(t, "elastic", "--heap", "1g")
	for _, tc := range []struct {
		name  string
		fault func(p *proof)
		disk  string // size of the disk that ingest has for itself
	}{
		{name: "nothing", fault: func(*proof) {}},
		{name: "each-stage-killed", fault: func(p *proof) {
			p.during(p.t.Context(), func(int) {
				for _, stage := range stagesOfProof {
					p.restart(stage, 100*time.Millisecond)
					time.Sleep(p.away / 10)
				}
			})
		}},
		{name: "join-and-leave", fault: func(p *proof) {
			standby := p.process("archive", "")
			standby.launch() // it is ready when the other one has gone
			p.during(p.t.Context(), func(round int) {
				second := p.run("normalise,correlate,elastic")
				time.Sleep(p.away / 4)
				if round%2 == 0 {
					second.stop()
				} else {
					second.kill()
				}
				time.Sleep(p.away / 8)
			})
			p.procs["archive"].kill() // who stood by takes over
			p.procs["archive"] = standby
			eventually(p.t, 30*time.Second, "the process that stood by has the archive", standby.ready)
		}},
		{name: "elastic-stopped", fault: func(p *proof) {
			time.Sleep(p.away / 4)
			p.elastic.do("stop")
			time.Sleep(p.away)
			p.elastic.do("start")
		}},
		{name: "elastic-busy", fault: func(p *proof) {
			time.Sleep(p.away / 4)
			p.front.busy.Store(true)
			time.Sleep(p.away)
			p.front.busy.Store(false)
			p.t.Logf("answered 429 %d times", p.front.said.Load())
		}},
		{name: "kafka-stopped", fault: func(p *proof) {
			time.Sleep(p.away / 4)
			p.kafka.do("kill")
			time.Sleep(p.away)
			p.kafka.do("start")
		}},
		{name: "one-broker-killed", fault: func(p *proof) {
			time.Sleep(p.away / 4)
			p.kafka.do("kill", "--broker", "2")
			time.Sleep(p.away)
			p.kafka.do("start", "--broker", "2")
		}},
		{name: "spool-disk-full", disk: "64m", fault: func(p *proof) {
			time.Sleep(p.away / 4)
			p.kafka.do("kill")
			ballast := filepath.Join(p.procs["ingest"].dir, "..", "ballast")
			time.Sleep(p.away / 2)
			fill(p.t, ballast, 1<<20)
			time.Sleep(p.away / 2)
			if err := os.Remove(ballast); err != nil {
				p.t.Error(err)
			}
			p.kafka.do("start")
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := ""
			if tc.disk != "" {
				dir = filepath.Join(smallDisk(t, tc.disk), "data")
			}
			p := begin(t, kafka, elastic, newSilentTrail(t), tc.name, dir)
			tc.fault(p)
			p.end()
		})
	}
}
