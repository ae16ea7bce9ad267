package app_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"weir/internal/app"
	"weir/internal/config/unit"
	"weir/internal/control"
	"weir/internal/fault"
	"weir/internal/testkit"
)

// TestAWholeWeirOnAKafkaThatGoesAndComesBack runs all stages on a Kafka of somebody else.
func TestAWholeWeirOnAKafkaThatGoesAndComesBack(t *testing.T) {
	t.Parallel()
	addr, run := restartable(t)
	cfg := settings(t)
	cfg.Bus.Brokers = []string{addr}
	cfg.Bus.Spool.After = unit.Duration(150 * time.Millisecond)
	a, err := app.New(cfg, options())
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(t.Context()); fault.Code(err) != "kafka-unreachable" || fault.Exit(err) != fault.ExitMissing {
		t.Fatalf("without Kafka: %v", err)
	}

	kafka := run()
	defer func() { kafka.Close() }()
	var said syncBuffer
	begin := func() *app.App {
		opts := options()
		opts.Log = slog.New(slog.NewTextHandler(&said, nil))
		a, err := app.New(cfg, opts)
		if err == nil {
			err = a.Start(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	a = begin()
	b := backend(t, cfg)
	if a.Status().Embedded {
		t.Error("the status says that Kafka is built in")
	}
	lines := func(from, to int) (out []string) {
		for i := from; i < to; i++ {
			out = append(out, fmt.Sprintf("<34>Oct 11 22:14:15 web-1 app: number %d", i))
		}
		return out
	}
	send(t, cfg, lines(0, 100)...)
	waitHits(t, b, "process.name: app", 100)
	kafka.Close()
	send(t, cfg, lines(100, 300)...)
	spooled := func() {
		t.Helper()
		for end := time.Now().Add(time.Minute); a.Status().InFlight < 200 || !strings.Contains(said.String(), "records go to the spool"); time.Sleep(10 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%d records wait for Kafka, want 200; the log:\n%s", a.Status().InFlight, said.String())
			}
		}
	}
	spooled()
	kafka = run()
	send(t, cfg, attack(6)...)
	waitHits(t, b, "process.name: app", 300)
	waitHits(t, b, "event.kind: alert", 1)
	if docs := hits(t, b, "process.name: app"); len(docs) != 300 {
		t.Errorf("%d events of 300 lines", len(docs))
	}
	l, err := b.Ledger(t.Context(), control.LedgerRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if !l.Balanced {
		t.Errorf("the ledger does not balance: %+v", l.Rows)
	}
	stopsWithoutKafka := func() {
		kafka.Close()
		said.Reset()
		send(t, cfg, lines(300, 500)...)
		spooled()
		// More than it takes: a stop does not wait for a Kafka that is away as long as it may.
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		if _, err := a.Stop(ctx); fault.Code(err) != "kafka-away" || !strings.Contains(err.Error(), "stay in the spool") {
			t.Errorf("stopped without Kafka: %v", err)
		}
		kafka = run()
	}
	stopsWithoutKafka()
	a = begin()
	b = backend(t, cfg)
	waitHits(t, b, "process.name: app", 500)
	if l, err = b.Ledger(t.Context(), control.LedgerRequest{}); err != nil || !l.Balanced {
		t.Errorf("the ledger after a stop without Kafka does not balance: %+v (%v)", l.Rows, err)
	}
	if docs := hits(t, b, "process.name: app"); len(docs) != 500 {
		t.Errorf("%d events of 500 lines", len(docs))
	}
	if totals := stop(t, a); totals.InFlight != 0 || !totals.Balanced {
		t.Errorf("totals %+v", totals)
	}
}

// syncBuffer is a log that is read while it is written.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func (s *syncBuffer) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.b.Reset()
}

// restartable returns the address of a Kafka and what starts it there: closed and started again, it has what it had.
func restartable(t *testing.T) (addr string, run func() *kfake.Cluster) {
	t.Helper()
	addr, dir := testkit.FreePort(t), t.TempDir()
	_, portText, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	port, err := net.LookupPort("tcp", portText)
	if err != nil {
		t.Fatal(err)
	}
	return addr, func() *kfake.Cluster {
		c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.Ports(port), kfake.DataDir(dir))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
}
