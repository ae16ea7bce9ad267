package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/bus"
	"weir/internal/config"
	"weir/internal/pipeline"
)

func openBus(t testing.TB) *bus.Bus {
	t.Helper()
	cfg := config.Default().Bus
	cfg.Partitions = 2
	cfg.Embedded.MinFree = 0
	b, err := bus.Open(t.Context(), cfg, filepath.Join(t.TempDir(), "bus"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// produce writes n numbered records to each partition of weir.events, from number first on.
func produce(t testing.TB, b *bus.Bus, first, n int) {
	t.Helper()
	p, err := b.Producer()
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for i := range n {
		for part := range int32(2) {
			p.Produce(t.Context(), &kgo.Record{Topic: b.Topic(bus.Events), Partition: part, Value: fmt.Appendf(nil, "%d", first+i)}, func(_ *kgo.Record, err error) {
				if err != nil {
					t.Error(err)
				}
			})
		}
	}
	if err := p.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// sink collects what its workers take and fails on request.
type sink struct {
	mu      sync.Mutex
	taken   map[int32][]string
	workers int
	closed  int
	failAt  map[string]int // value -> how often it still fails
	later   bool           // fail by done instead of by the return value
	hold    bool           // keep every done back
	held    []func(error)
}

func newSink() *sink { return &sink{taken: map[int32][]string{}, failAt: map[string]int{}} }

func (s *sink) stage(b *bus.Bus) pipeline.Stage {
	return pipeline.Stage{
		Name: "test", Group: "weir.test", Topics: []string{b.Topic(bus.Events)}, Client: b.Client, Log: slog.New(slog.DiscardHandler),
		New: func(_ context.Context, _ string, p int32, _ int64) (pipeline.Worker, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.workers++
			return &sinkWorker{s, p}, nil
		},
	}
}

type sinkWorker struct {
	s *sink
	p int32
}

func (w *sinkWorker) Process(_ context.Context, batch []*kgo.Record, done func(error)) error {
	w.s.mu.Lock()
	defer w.s.mu.Unlock()
	for _, r := range batch {
		v := string(r.Value)
		if w.s.failAt[v] > 0 {
			w.s.failAt[v]--
			if w.s.later {
				go done(errors.New("asked to fail later"))
				return nil
			}
			return errors.New("asked to fail")
		}
		w.s.taken[w.p] = append(w.s.taken[w.p], v)
	}
	if w.s.hold {
		w.s.held = append(w.s.held, done)
		return nil
	}
	done(nil)
	return nil
}

func (w *sinkWorker) Close() {
	w.s.mu.Lock()
	defer w.s.mu.Unlock()
	w.s.closed++
}

func (s *sink) values(p int32) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.taken[p])
}

func start(t testing.TB, st pipeline.Stage) *pipeline.Runner {
	t.Helper()
	r, err := pipeline.Start(st)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func waitFor(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func catchUp(t testing.TB, b *bus.Bus, r *pipeline.Runner) {
	t.Helper()
	ends, err := b.Ends(t.Context(), bus.Events)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := r.CatchUp(ctx, ends); err != nil {
		t.Fatal(err)
	}
}

func numbers(from, to int) []string {
	var out []string
	for i := from; i < to; i++ {
		out = append(out, fmt.Sprint(i))
	}
	return out
}

func TestRunnerTakesEachPartitionInOrderAndCommits(t *testing.T) {
	b := openBus(t)
	defer b.Close()
	s := newSink()
	produce(t, b, 0, 3000)
	r := start(t, s.stage(b))
	catchUp(t, b, r)
	r.Stop(t.Context())
	for p := range int32(2) {
		if got := s.values(p); !slices.Equal(got, numbers(0, 3000)) {
			t.Fatalf("partition %d: %d records, not 0 to 2999 in order", p, len(got))
		}
	}
	if s.workers != s.closed {
		t.Errorf("%d workers made, %d closed", s.workers, s.closed)
	}
	produce(t, b, 3000, 10)
	s2 := newSink()
	r = start(t, s2.stage(b))
	catchUp(t, b, r)
	r.Stop(t.Context())
	if got := s2.values(1); !slices.Equal(got, numbers(3000, 3010)) {
		t.Errorf("the second run took %v", got)
	}
}

func TestRunnerRewindsAFailedPartitionOnly(t *testing.T) {
	for _, later := range []bool{false, true} {
		t.Run(fmt.Sprintf("later=%t", later), func(t *testing.T) {
			b := openBus(t)
			defer b.Close()
			s := newSink()
			s.later = later
			s.failAt["50"] = 2
			produce(t, b, 0, 100)
			r := start(t, s.stage(b))
			waitFor(t, "all records", func() bool {
				return slices.Contains(s.values(0), "99") && slices.Contains(s.values(1), "99")
			})
			r.Stop(t.Context())
			for p := range int32(2) {
				got := s.values(p)
				if tail := got[len(got)-50:]; !slices.Equal(tail, numbers(50, 100)) {
					t.Errorf("partition %d ends with %v", p, tail)
				}
			}
		})
	}
}

func TestRunnerReadsAgainWhatWasNotDone(t *testing.T) {
	b := openBus(t)
	defer b.Close()
	s := newSink()
	s.hold = true
	produce(t, b, 0, 20)
	r := start(t, s.stage(b))
	catchUp(t, b, r)
	r.Stop(t.Context())
	again := newSink()
	r = start(t, again.stage(b))
	catchUp(t, b, r)
	r.Stop(t.Context())
	if got := again.values(0); !slices.Equal(got, numbers(0, 20)) {
		t.Errorf("records that were never done were not read again: %v", got)
	}
}

func TestRunnerStartsAtTheStagesOwnOffset(t *testing.T) {
	b := openBus(t)
	defer b.Close()
	s := newSink()
	produce(t, b, 0, 20)
	st := s.stage(b)
	st.StartOffset = func(_ string, p int32) (int64, bool) { return 15, p == 1 }
	r := start(t, st)
	catchUp(t, b, r)
	r.Stop(t.Context())
	if !slices.Equal(s.values(0), numbers(0, 20)) || !slices.Equal(s.values(1), numbers(15, 20)) {
		t.Errorf("took %v and %v", s.values(0), s.values(1))
	}
}

func TestTwoRunnersShareAndHandOver(t *testing.T) {
	b := openBus(t)
	defer b.Close()
	s := newSink()
	first := start(t, s.stage(b))
	produce(t, b, 0, 10)
	catchUp(t, b, first)
	second := start(t, s.stage(b))
	waitFor(t, "a shared assignment", func() bool {
		return len(first.Processed()[b.Topic(bus.Events)]) == 1 && len(second.Processed()[b.Topic(bus.Events)]) == 1
	})
	produce(t, b, 10, 10)
	waitFor(t, "both partitions", func() bool { return len(s.values(0)) == 20 && len(s.values(1)) == 20 })
	first.Stop(t.Context())
	waitFor(t, "the rest to move", func() bool { return len(second.Processed()[b.Topic(bus.Events)]) == 2 })
	produce(t, b, 20, 10)
	catchUp(t, b, second)
	second.Stop(t.Context())
	for p := range int32(2) {
		if got := s.values(p); !slices.Equal(got, numbers(0, 30)) {
			t.Errorf("partition %d took %v", p, got)
		}
	}
}

// TestAFailingPartitionHoldsUpNoOther: the pause after a failure is that of its partition alone.
func TestAFailingPartitionHoldsUpNoOther(t *testing.T) {
	b := openBus(t)
	defer b.Close()
	produce(t, b, 0, 1)
	s := newSink()
	var mu sync.Mutex
	tries := 0
	stage := s.stage(b)
	stage.New = func(_ context.Context, _ string, p int32, _ int64) (pipeline.Worker, error) {
		if p == 0 {
			mu.Lock()
			defer mu.Unlock()
			tries++
			return nil, errors.New("this partition has no worker")
		}
		return &sinkWorker{s, p}, nil
	}
	r, err := pipeline.Start(stage)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Stop(t.Context())
	failed := func() int {
		mu.Lock()
		defer mu.Unlock()
		return tries
	}
	waitFor(t, "the fifth failure", func() bool { return failed() >= 5 })
	// The pause is over a second by now, and longer after each further failure. The other partition goes round several times
	// in one pause: once could be by chance, between its end and the next try. A machine that stands still sees the next try
	// whatever the other partition does, so there are more pauses to do it in.
	had := 1
	within := func() bool {
		at := failed()
		for i := 0; i < 5 && failed() == at; i++ {
			produce(t, b, had, 20)
			had += 20
			waitFor(t, "the records of the other partition", func() bool { return len(s.values(1)) == had })
		}
		return failed() == at
	}
	for range 6 {
		if within() {
			return
		}
	}
	t.Error("the other partition waits for the tries of the one that fails")
}

// TestStopInThePauseOfAPartition: a pause of seconds does not hold up the end.
func TestStopInThePauseOfAPartition(t *testing.T) {
	b := openBus(t)
	defer b.Close()
	produce(t, b, 0, 1)
	tried := make(chan struct{}, 100)
	stage := newSink().stage(b)
	stage.New = func(context.Context, string, int32, int64) (pipeline.Worker, error) {
		tried <- struct{}{}
		return nil, errors.New("no worker")
	}
	r, err := pipeline.Start(stage)
	if err != nil {
		t.Fatal(err)
	}
	for range 4 {
		<-tried
	}
	r.Stop(t.Context()) // returns: the goroutines of the pauses have ended
}
