package elastic

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/config"
	"weir/internal/config/unit"
	"weir/internal/ledger"
	"weir/internal/record"
)

// kafka is an in-process cluster with the topics of the sink.
type kafka struct {
	cluster *kfake.Cluster
	client  *kgo.Client
}

const (
	events  = "weir.events"
	letters = "weir.deadletters"
	counts  = "weir.ledger"
)

func newKafka(t testing.TB) *kafka {
	t.Helper()
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(2, events), kfake.SeedTopics(1, letters, counts, alertsTopic, changesTopic))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	cl, err := kgo.NewClient(kgo.SeedBrokers(c.ListenAddrs()...), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.DefaultProduceTopic(events))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cl.Close)
	return &kafka{c, cl}
}

// read returns all values of partition 0 of a topic, until n were read.
func (k *kafka) read(t testing.TB, topic string, n int) []*kgo.Record {
	t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(k.cluster.ListenAddrs()...), kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {0: kgo.NewOffset().AtStart()}}))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var out []*kgo.Record
	for len(out) < n {
		f := cl.PollFetches(ctx)
		if ctx.Err() != nil {
			t.Fatalf("%s has %d records, want %d", topic, len(out), n)
		}
		f.EachRecord(func(r *kgo.Record) { out = append(out, r) })
	}
	return out
}

// balance returns what the ledger says of a partition.
func (k *kafka) balance(t testing.TB, partition int32, records int) *ledger.ElasticPartition {
	t.Helper()
	p := &ledger.ElasticPartition{}
	for _, r := range k.read(t, counts, records) {
		e, ok, err := ledger.ParseElastic(r.Value)
		if err != nil || !ok {
			t.Fatalf("ledger record %s: %v", r.Value, err)
		}
		if e.Partition == partition {
			p.Apply(e)
		}
	}
	return p
}

// logged collects what was logged.
type logged struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// newSink makes a sink on urls. change may set more options.
func newSink(t testing.TB, k *kafka, urls []string, change ...func(*Options)) (*Sink, *logged) {
	t.Helper()
	out := &logged{}
	o := Options{Config: config.Default().Elastic, Producer: k.client, DeadLetters: letters, Ledger: counts, Group: "weir.elastic.positions",
		Self: record.Ing{Ingester: "test", Start: 1}, Interval: time.Hour, Log: slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	o.Config.URLs = urls
	o.Config.Refresh = unit.Duration(time.Second)
	for _, c := range change {
		c(&o)
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s, out
}

// doc is an event as normalise writes it.
func doc(id, class, day, message string) []byte {
	b, err := json.Marshal(map[string]any{
		"@timestamp": day + "T10:00:00.000Z", "event": map[string]any{"id": id, "kind": "event"}, "message": message,
		"log":  map[string]any{"source": map[string]any{"address": "192.0.2.1"}},
		"weir": map[string]any{"class": class, "input": "syslog", "time": day + "T10:00:00.000Z"},
	})
	if err != nil {
		panic(err)
	}
	return b
}

// rec is a record of weir.events with the headers that normalise writes.
func rec(offset int64, value []byte) *kgo.Record {
	prev := ""
	if offset > 0 {
		prev = fmt.Sprintf("weir.raw.syslog/0/%d/0", offset-1)
	}
	return &kgo.Record{Topic: events, Offset: offset, Value: value, Timestamp: time.Now(), Headers: []kgo.RecordHeader{
		{Key: record.HeaderSource, Value: fmt.Appendf(nil, "weir.raw.syslog/0/%d/0", offset)}, {Key: record.HeaderPrev, Value: []byte(prev)},
		{Key: record.HeaderID, Value: fmt.Appendf(nil, "ing/1/%d", offset)}, {Key: record.HeaderInput, Value: []byte("syslog")},
		{Key: record.HeaderPeer, Value: []byte("192.0.2.1:514")}, {Key: record.HeaderDay, Value: []byte("standard/2026-11-21")}}}
}

// recs are records with documents of their own from offset from on.
func recs(from, n int) []*kgo.Record {
	out := make([]*kgo.Record, n)
	for i := range out {
		at := int64(from + i)
		out[i] = rec(at, doc(fmt.Sprintf("ing/1/%d", at), "standard", "2026-11-21", fmt.Sprint("message ", at)))
	}
	return out
}

// feed hands batches to a worker of partition 0 and waits for all answers.
func feed(t testing.TB, s *Sink, batches ...[]*kgo.Record) error {
	t.Helper()
	return feedHalting(t, s, 0, nil, batches...)
}

// feedHalting is feed that halts before batch number at until on is closed.
func feedHalting(t testing.TB, s *Sink, at int, on <-chan struct{}, batches ...[]*kgo.Record) error {
	t.Helper()
	w, err := s.NewWorker(t.Context(), events, 0, batches[0][0].Offset)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	answers := make(chan error, len(batches))
	for i, b := range batches {
		if on != nil && i == at {
			<-on
		}
		if err := w.Process(t.Context(), b, func(err error) { answers <- err }); err != nil {
			return err
		}
	}
	limit := time.After(4 * time.Minute)
	for left := len(batches); left > 0; {
		select {
		case err := <-answers:
			if err != nil {
				return err
			}
			left--
		case <-time.After(20 * time.Millisecond):
			s.Flush()
		case <-limit:
			t.Fatal("a batch was never answered")
		}
	}
	return nil
}
