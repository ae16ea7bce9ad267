package normalise

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/event"
	"weir/internal/bus"
	"weir/internal/record"
	"weir/internal/signal"
	"weir/processors"
)

// storm has so many signals for each event.
type storm int

func (n storm) Signals(_ *event.Event, src record.Pos) (list []signal.Signal) {
	for i := range n {
		list = append(list, signal.Signal{Kind: signal.Match, Rule: fmt.Sprintf("r%d", i), Src: src.String()})
	}
	return list
}
func (storm) Hash() string { return "storm" }

// TestWorker_Parts: records of which very much is made are done in parts. Each signal is written once, each record says
// which one came before it, and nothing is counted or committed within the records that came together.
func TestWorker_Parts(t *testing.T) {
	const rules, n = 100, 150
	w, out, _ := lone(t)
	w.opts.Detector = func() processors.Detector { return storm(rules) }
	var recs []*kgo.Record
	for i := range n {
		recs = append(recs, rec(int64(i), "a"))
	}
	if err := w.Process(t.Context(), recs, func(error) {}); err != nil {
		t.Fatal(err)
	}
	want := (n*rules + maxDerived - 1) / maxDerived
	if len(w.pending) != want {
		t.Fatalf("%d parts, want %d", len(w.pending), want)
	}
	written := map[string]int{}
	last := map[int32]string{}
	for _, r := range out.take("signals") {
		src, prev := bus.Header(r, record.HeaderSource), bus.Header(r, record.HeaderPrev)
		if prev != last[r.Partition] {
			t.Fatalf("%s follows %q, and says %q", src, last[r.Partition], prev)
		}
		last[r.Partition] = src
		var s signal.Signal
		if err := json.Unmarshal(r.Value, &s); err != nil {
			t.Fatal(err)
		}
		if s.Kind == signal.Match {
			written[s.Rule+" "+src]++
		}
	}
	if len(written) != n*rules {
		t.Errorf("%d signals, want %d", len(written), n*rules)
	}
	for what, times := range written {
		if times != 1 {
			t.Fatalf("%s was written %d times", what, times)
		}
	}
	covered := func() string {
		w.checkpoint()
		s := ""
		for _, r := range out.take("ledger") {
			var l struct{ From, To int64 }
			if err := json.Unmarshal(r.Value, &l); err != nil {
				t.Fatal(err)
			}
			s += fmt.Sprintf("[%d,%d)", l.From, l.To)
		}
		return s
	}
	for i, b := range w.pending {
		if got := covered(); got != "" {
			t.Fatalf("%s is counted after %d of %d parts", got, i, want)
		}
		for !b.isAcked() {
			b.ack(1)
		}
	}
	if got, all := covered(), fmt.Sprintf("[0,%d)", n); got != all {
		t.Errorf("%s is counted, want %s", got, all)
	}
}

// TestWorker_LargeEvents: bytes end a part too.
func TestWorker_LargeEvents(t *testing.T) {
	w, _, _ := lone(t)
	large := strings.Repeat("x", 1<<20)
	var recs []*kgo.Record
	for i := range 2 * maxMade >> 20 {
		recs = append(recs, rec(int64(i), large))
	}
	if err := w.Process(t.Context(), recs, func(error) {}); err != nil {
		t.Fatal(err)
	}
	if len(w.pending) < 2 || w.pending[0].to != w.pending[1].from {
		t.Errorf("%d parts", len(w.pending))
	}
}

// TestWorker_PartsFail: of several parts that fail one answers.
func TestWorker_PartsFail(t *testing.T) {
	w, _, client := lone(t)
	w.opts.Detector = func() processors.Detector { return storm(100) }
	answers := make(chan error, 10)
	var recs []*kgo.Record
	for i := range 100 {
		recs = append(recs, rec(int64(i), "a"))
	}
	if err := w.Process(t.Context(), recs, func(err error) { answers <- err }); err != nil {
		t.Fatal(err)
	}
	if len(w.pending) < 2 {
		t.Fatalf("%d parts", len(w.pending))
	}
	// Nothing is answered before the client gives up what it holds.
	var failed sync.WaitGroup
	failed.Add(len(w.pending))
	for _, b := range w.pending {
		answer := b.answer
		b.answer = func(err error) {
			answer(err)
			failed.Done()
		}
	}
	client.Close()
	failed.Wait()
	if n := len(answers); n != 1 {
		t.Fatalf("%d answers of %d parts", n, len(w.pending))
	}
	if err := <-answers; !errors.Is(err, kgo.ErrClientClosed) {
		t.Errorf("%v", err)
	}
}

// TestWorker_PartsEnd: a worker that has to end while parts wait for the broker gives up the rest.
func TestWorker_PartsEnd(t *testing.T) {
	w, _, _ := lone(t)
	w.opts.Detector = func() processors.Detector { return storm(100) }
	var recs []*kgo.Record
	for i := range 10 * openRecords / 100 {
		recs = append(recs, rec(int64(i), "a"))
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- w.Process(ctx, recs, func(err error) {
			if err == nil {
				t.Error("answered, and much is not written")
			}
		})
	}()
	for _, _, open := w.open(); open <= openRecords; _, _, open = w.open() { // until it waits
		if len(ended) > 0 {
			t.Fatal("it does not wait")
		}
		time.Sleep(time.Millisecond)
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if _, _, open := w.open(); open > openRecords+2*maxDerived {
		t.Errorf("%d records were under way", open)
	}
}

// TestWorker_IdleBehindTheRest: while the producer has no room for the signals of a batch, no idle mark passes them.
func TestWorker_IdleBehindTheRest(t *testing.T) {
	w, _, _ := lone(t)
	out := &written{}
	client, err := kgo.NewClient(kgo.SeedBrokers("127.0.0.1:1"), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.MaxBufferedRecords(20), kgo.WithHooks(out))
	if err != nil {
		t.Fatal(err)
	}
	w.opts.Producer = client
	w.opts.Detector = func() processors.Detector { return storm(100) }
	ended := make(chan error, 1)
	go func() { ended <- w.Process(t.Context(), []*kgo.Record{rec(0, "a")}, func(error) {}) }()
	for client.BufferedProduceRecords() < 20 { // then it waits
		time.Sleep(time.Millisecond)
	}
	w.work.Lock()
	w.quiet = time.Now().Add(-time.Hour)
	w.work.Unlock()
	idle := make(chan struct{})
	go func() {
		defer close(idle)
		w.idle() // with the mark it would wait, too
	}()
	select {
	case <-idle:
	case <-time.After(time.Minute):
		t.Error("an idle mark is written before the signals that wait")
	}
	client.Close() // gives up what it holds
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	<-idle
	if w.quiet.Before(time.Now().Add(-30 * time.Minute)) {
		t.Error("it counts as quiet although it was busy")
	}
}
