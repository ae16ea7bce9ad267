package normalise

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/event"
	"weir/internal/bus/produce"
	"weir/internal/record"
	"weir/internal/signal"
	"weir/processors"
)

// written collects what is handed to a producer that reaches no broker: nothing is ever acknowledged.
type written struct {
	mu   sync.Mutex
	recs []*kgo.Record
}

func (w *written) OnProduceRecordBuffered(r *kgo.Record) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.recs = append(w.recs, r)
}

// take returns what was written to a topic since it was asked last.
func (w *written) take(topic string) (out []*kgo.Record) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range w.recs {
		if r.Topic == topic {
			out = append(out, r)
		}
	}
	w.recs = nil
	return out
}

// echo makes one event a record.
type echo struct{}

func (echo) Parse(raw *record.Raw, e *event.Event, emit func(*event.Event) error) error {
	e.Reset()
	e.SetStr(event.Message, string(raw.Value))
	e.SetStr(event.EventDataset, "d")
	if len(raw.Value) == 0 {
		return errors.New("nothing")
	}
	return emit(e)
}

type silent struct{}

func (silent) Signals(*event.Event, record.Pos) []signal.Signal { return nil }
func (silent) Hash() string                                     { return "none" }

// nowhere takes events and never has them.
type nowhere struct{}

func (nowhere) Write(produce.Run, int, int) {}
func (nowhere) Close()                      {}

// lone makes a worker without a broker behind it.
func lone(t *testing.T) (*worker, *written, *kgo.Client) {
	t.Helper()
	out := &written{}
	client, err := kgo.NewClient(kgo.SeedBrokers("127.0.0.1:1"), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.WithHooks(out))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	st := New(Options{Producer: client, EventWriter: func(string, int32) (EventWriter, error) { return nowhere{}, nil }, Events: "events", Signals: "signals", DeadLetters: "dead", Ledger: "ledger", SignalPartitions: 3,
		ReadBack:  func(context.Context, string, int32, int64, int) ([]*kgo.Record, error) { return nil, nil },
		NewParser: func() processors.Parser { return echo{} }, Detector: func() processors.Detector { return silent{} },
		Route: func(*signal.Signal) []string { return nil }, Interval: time.Hour, Log: slog.New(slog.DiscardHandler)})
	made, err := st.NewWorker(t.Context(), "raw", 4, 0)
	if err != nil {
		t.Fatal(err)
	}
	w := made.(*worker)
	t.Cleanup(func() { w.cancel(); w.wg.Wait() }) // Close would wait for acknowledgements that never come
	return w, out, client
}

func rec(offset int64, value string) *kgo.Record {
	return &kgo.Record{Topic: "raw", Partition: 4, Offset: offset, Value: []byte(value), Timestamp: time.Unix(1000+offset, 0)}
}

// sieve makes an event of each letter but the small ones, which it filters on purpose.
type sieve struct{ drop func() }

func (s *sieve) OnDrop(fn func()) { s.drop = fn }

func (s *sieve) Parse(raw *record.Raw, e *event.Event, emit func(*event.Event) error) error {
	for _, c := range raw.Value {
		if c >= 'a' {
			s.drop()
			continue
		}
		e.Reset()
		e.SetStr(event.Message, string(rune(c)))
		if err := emit(e); err != nil {
			return err
		}
	}
	return nil
}

// TestWhatAFormatDropsIsCountedInItsPlace: the sum of the ledger holds, and the events behind keep their numbers.
func TestWhatAFormatDropsIsCountedInItsPlace(t *testing.T) {
	w, _, _ := lone(t)
	p := &sieve{}
	w.parser = p
	p.OnDrop(w.dropped)
	if err := w.Process(t.Context(), []*kgo.Record{rec(7, "AbC"), rec(8, "d")}, func(error) {}); err != nil {
		t.Fatal(err)
	}
	c := w.counts
	if c.Received != 2 || c.Split != 2 || c.Events != 2 || c.Filtered != 2 || len(c.Dead) > 0 {
		t.Errorf("counted %+v", *c)
	}
	if got := string(w.lastEvent); got != "raw/4/7/2" {
		t.Errorf("the last event is %s", got)
	}
}

// TestAnIdleWorkerSaysSoAndThenLessAndLessOften moves the worker's clock by hand.
func TestAnIdleWorkerSaysSoAndThenLessAndLessOften(t *testing.T) {
	w, out, _ := lone(t)
	quietFor := func(d time.Duration) []*kgo.Record {
		w.work.Lock()
		w.quiet = time.Now().Add(-d)
		w.work.Unlock()
		w.idle()
		return out.take("signals")
	}
	if got := quietFor(time.Hour); len(got) != 0 {
		t.Fatalf("a worker that has read nothing wrote %d marks", len(got))
	}
	if err := w.Process(t.Context(), []*kgo.Record{rec(7, "")}, func(error) {}); err != nil {
		t.Fatal(err)
	}
	out.take("") // the mark of the rules
	if got := quietFor(time.Hour); len(got) != 0 {
		t.Fatalf("after a dead letter there is no time to go on from, and %d marks", len(got))
	}
	if err := w.Process(t.Context(), []*kgo.Record{rec(8, "a"), rec(9, "b")}, func(error) {}); err != nil {
		t.Fatal(err)
	}
	out.take("")
	var wrote []string
	for _, d := range []time.Duration{time.Second, 3 * time.Second, 9 * time.Second, 11 * time.Second, 49 * time.Second, 51 * time.Second} {
		recs := quietFor(d)
		if len(recs) == 0 {
			continue
		}
		wrote = append(wrote, d.String())
		for p, r := range recs {
			var s signal.Signal
			if err := json.Unmarshal(r.Value, &s); err != nil {
				t.Fatal(err)
			}
			// Event time goes on from the newest event as the clock does.
			if ahead := s.Time.Sub(time.Unix(1009, 0)); s.Kind != signal.Idle || s.Dataset != "d" || ahead < d || ahead > d+5*time.Second {
				t.Errorf("after %s: %+v", d, s)
			}
			pos, err := record.ParsePos(s.Src)
			if err != nil || pos.Offset != 9 || pos.Partition != 4 || r.Partition != int32(p) {
				t.Errorf("after %s: mark %s on partition %d (%v)", d, s.Src, r.Partition, err)
			}
		}
		if len(recs) != 3 {
			t.Errorf("after %s: %d marks for 3 partitions", d, len(recs))
		}
	}
	if got := strings.Join(wrote, " "); got != "3s 11s 51s" {
		t.Errorf("it spoke after %s", got)
	}
	// What comes after it starts the wait again, and its marks have other positions than those before.
	if err := w.Process(t.Context(), []*kgo.Record{rec(10, "c")}, func(error) {}); err != nil {
		t.Fatal(err)
	}
	out.take("")
	if got := quietFor(3 * time.Second); len(got) != 3 {
		t.Errorf("%d marks after new events", len(got))
	}
}

// named sees a signal in every event, by the rules of its name.
type named string

func (n named) Signals(e *event.Event, src record.Pos) []signal.Signal {
	return []signal.Signal{{Kind: signal.Match, Rule: "r", Hash: string(n), When: "event", Src: src.String()}}
}
func (n named) Hash() string { return string(n) }

// TestRulesChangeBetweenBatchesAndAMarkSaysFromWhere swaps the rules within a batch: they hold from the next one on, every
// partition of signals is told before the first signal of theirs, and the numbers of signals do not depend on it.
func TestRulesChangeBetweenBatchesAndAMarkSaysFromWhere(t *testing.T) {
	w, out, _ := lone(t)
	now := named("A")
	w.opts.Detector = func() processors.Detector { return now }
	w.opts.Steps = []processors.Step{func(e *event.Event, _ *record.Raw) {
		if strings.Contains(e.Str(event.Message), "swap") {
			now = named(e.Str(event.Message))
		}
	}}
	w.opts.Route = func(*signal.Signal) []string { return nil }
	process := func(recs ...*kgo.Record) string {
		t.Helper()
		if err := w.Process(t.Context(), recs, func(error) {}); err != nil {
			t.Fatal(err)
		}
		lanes := make([]string, w.opts.SignalPartitions)
		for _, r := range out.take("signals") {
			var s signal.Signal
			if err := json.Unmarshal(r.Value, &s); err != nil {
				t.Fatal(err)
			}
			src := strings.TrimPrefix(s.Src, "raw/4/")
			if head := string(r.Headers[0].Value); s.Kind == signal.Ruleset && head != s.Src {
				t.Errorf("the mark says %s and stands at %s", s.Src, head)
			} else if s.Kind == signal.Match {
				src = strings.TrimPrefix(head, "raw/4/")
			}
			if s.Kind != signal.Watermark {
				lanes[r.Partition] += fmt.Sprintf(" %s %s %s", s.Kind, s.Hash, src)
			}
		}
		slices.Sort(lanes) // the lane of the signals is the longest, and comes last
		if lanes[0] != lanes[1] || !strings.HasPrefix(lanes[2], lanes[0]) {
			t.Errorf("lanes differ: %q", lanes)
		}
		return lanes[0] + " |" + strings.TrimPrefix(lanes[2], lanes[0])
	}
	for _, step := range []struct {
		recs []*kgo.Record
		want string
	}{
		{[]*kgo.Record{rec(10, "a"), rec(11, "swap B"), rec(12, "b")}, " ruleset A 10/0 | match A 10/1 match A 11/1 match A 12/1"},
		{[]*kgo.Record{rec(13, "c"), rec(14, "d")}, " ruleset swap B 13/0 | match swap B 13/1 match swap B 14/1"},
		{[]*kgo.Record{rec(15, "swap B")}, " | match swap B 15/1"},
	} {
		if got := process(step.recs...); got != step.want {
			t.Errorf("got  %s\nwant %s", got, step.want)
		}
	}
}

func TestAWorkerWaitsWhileTooMuchIsNotAcknowledged(t *testing.T) {
	w, _, _ := lone(t)
	for i := range openBatches - 1 {
		if err := w.Process(t.Context(), []*kgo.Record{rec(int64(i), "a")}, func(error) {}); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := w.Process(ctx, []*kgo.Record{rec(openBatches, "a")}, func(error) {}); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("with %d batches under way: %v", openBatches, err)
	}
	w.mu.Lock()
	oldest := w.pending[0]
	w.mu.Unlock()
	for !oldest.isAcked() { // as the broker's answer does, for its one event and its marks
		oldest.ack(1)
	}
	if err := w.wait(ctx); err != nil {
		t.Errorf("the oldest is acknowledged: %v", err)
	}
}

func TestCountsWaitForEveryBatchBeforeThem(t *testing.T) {
	w, out, _ := lone(t)
	for i := range 3 {
		if err := w.Process(t.Context(), []*kgo.Record{rec(int64(10*i), "a"), rec(int64(10*i+1), "b")}, func(error) {}); err != nil {
			t.Fatal(err)
		}
	}
	covered := func() string {
		w.checkpoint()
		s := ""
		for _, r := range out.take("ledger") {
			var l struct {
				From, To int64
			}
			if err := json.Unmarshal(r.Value, &l); err != nil {
				t.Fatal(err)
			}
			s += fmt.Sprintf("[%d,%d)", l.From, l.To)
		}
		return s
	}
	w.mu.Lock()
	first, second := w.pending[0], w.pending[1]
	w.mu.Unlock()
	for !second.isAcked() {
		second.ack(1)
	}
	if got := covered(); got != "" {
		t.Errorf("the second batch is acknowledged, the first is not, and %s is counted", got)
	}
	for !first.isAcked() {
		first.ack(1)
	}
	if got := covered(); got != "[0,12)" {
		t.Errorf("%s is counted", got)
	}
	if got := covered(); got != "" {
		t.Errorf("%s is counted again", got)
	}
}

func TestARefusedRecordEndsTheRun(t *testing.T) {
	w, _, client := lone(t)
	answer := make(chan error, 1)
	if err := w.Process(t.Context(), []*kgo.Record{rec(0, "a")}, func(err error) { answer <- err }); err != nil {
		t.Fatal(err)
	}
	client.Close() // gives up what it holds
	if err := <-answer; !errors.Is(err, kgo.ErrClientClosed) {
		t.Errorf("%v", err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.pending[0].isAcked() {
		t.Error("the batch counts as acknowledged: its offsets would be committed")
	}
}
