package correlate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"weir/internal/alert"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/pipeline"
	"weir/internal/record"
	"weir/internal/signal"
	"weir/rules"
)

var _ pipeline.Worker = (*Worker)(nil)

// topic is a partition of weir.signals in memory.
func topic(t testing.TB, in []*signal.Signal) []*kgo.Record {
	t.Helper()
	out := make([]*kgo.Record, len(in))
	prev := ""
	for i, s := range in {
		value, err := signal.Encode(s)
		if err != nil {
			t.Fatal(err)
		}
		src := fmt.Sprintf("weir.raw.syslog/0/%d/0", i)
		out[i] = &kgo.Record{Topic: "weir.signals", Partition: 3, Offset: int64(i), Value: value, Timestamp: base.Add(time.Duration(i) * time.Millisecond),
			Headers: []kgo.RecordHeader{{Key: record.HeaderSource, Value: []byte(src)}, {Key: record.HeaderPrev, Value: []byte(prev)}}}
		prev = src
	}
	return out
}

// sink is weir.alerts in memory. It keeps what a reader of the topic would: each position once, in order.
type sink struct {
	mu     sync.Mutex
	lines  []string
	last   record.Pos
	copies int
	held   []func(error) // answers that are held back
	hold   bool
	fail   error
}

func (k *sink) produce(_ context.Context, out []Out, done func(error)) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.fail != nil {
		go done(k.fail)
		return
	}
	for _, o := range out {
		if len(k.lines) > 0 && o.Src.Compare(k.last) <= 0 {
			k.copies++
			continue
		}
		b, _ := json.Marshal(o.Alert)
		k.lines, k.last = append(k.lines, string(b)), o.Src
	}
	if k.hold {
		k.held = append(k.held, done)
		return
	}
	done(nil)
}

func options(dir string, k *sink, list []*rules.Rule) WorkerOptions {
	set := &History{Number: 1, Sets: []*rules.Set{{Rules: list, Hash: "set"}}}
	return WorkerOptions{Snapshots: Folder(dir), Engine: Options{Lateness: 5 * time.Second}, Rules: func() *History { return set }, Interval: time.Hour, Produce: k.produce}
}

func mixed(seed uint64, n int) []*signal.Signal {
	rnd := rand.New(rand.NewPCG(seed, 1))
	var all []*signal.Signal
	for _, r := range testRules() {
		all = append(all, stream(rnd, r, n, time.Duration(n)*time.Second)...)
	}
	slices.SortStableFunc(all, func(a, b *signal.Signal) int { return a.Time.Compare(b.Time) })
	return disorder(rnd, all, 5*time.Second)
}

// A worker that is killed at any moment, with or without a snapshot before, leads to the same alerts in the same order
// as one that never was.
func TestWorker_killedAtRandom(t *testing.T) {
	set := testRules()
	recs := topic(t, mixed(7, 150))
	var want sink
	steady := newWorker(t, options(t.TempDir(), &want, set), "weir.signals", 3, 0)
	if err := steady.Process(t.Context(), recs, func(error) {}); err != nil {
		t.Fatal(err)
	}
	steady.Close()
	if len(want.lines) < 100 {
		t.Fatalf("only %d revisions", len(want.lines))
	}
	for seed := range uint64(10) {
		rnd := rand.New(rand.NewPCG(seed, 2))
		dir := t.TempDir()
		var got sink
		committed, kills := int64(0), 0
		for committed < int64(len(recs)) {
			at := committed
			if own, ok := StartOffset(t.Context(), Folder(dir), 3); ok {
				at = own
			}
			if at != committed {
				t.Fatalf("seed %d: the group committed %d, the snapshot says %d", seed, committed, at)
			}
			w := newWorker(t, options(dir, &got, set), "weir.signals", 3, at)
			life := 1 + rnd.IntN(len(recs)/2)
			for life > 0 && at < int64(len(recs)) {
				n := min(1+rnd.IntN(40), len(recs)-int(at))
				end := at + int64(n)
				if err := w.Process(t.Context(), recs[at:end], func(err error) {
					if err == nil {
						committed = end
					}
				}); err != nil {
					t.Fatal(err)
				}
				at, life = end, life-n
				if rnd.IntN(4) == 0 {
					if err := w.save(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
			}
			if at == int64(len(recs)) {
				w.Close()
				continue
			}
			kill(w)
			kills++
		}
		if !slices.Equal(got.lines, want.lines) {
			t.Fatalf("seed %d, %d kills: %d revisions, want %d", seed, kills, len(got.lines), len(want.lines))
		}
		if kills == 0 || got.copies == 0 {
			t.Logf("seed %d: %d kills, %d copies", seed, kills, got.copies)
		}
	}
}

// kill ends a worker as kill -9 would: nothing is written any more.
func kill(w *Worker) {
	w.cancel()
	w.wg.Wait()
}

func TestWorker_doneAfterDurable(t *testing.T) {
	dir := t.TempDir()
	k := sink{hold: true}
	w := newWorker(t, options(dir, &k, testRules()), "weir.signals", 3, 0)
	defer kill(w)
	answered := 0
	recs := topic(t, mixed(7, 40))
	if err := w.Process(t.Context(), recs[:100], func(error) { answered++ }); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := w.save(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("a snapshot was written before the alerts were durable: %v", err)
	}
	if _, ok := StartOffset(t.Context(), Folder(dir), 3); ok || answered != 0 {
		t.Fatal("a snapshot is there, or the batch was answered")
	}
	for _, done := range k.held {
		done(nil)
	}
	if err := w.save(t.Context()); err != nil {
		t.Fatal(err)
	}
	if at, ok := StartOffset(t.Context(), Folder(dir), 3); !ok || at != 100 || answered != 1 {
		t.Errorf("snapshot at %d, %v; answered %d times", at, ok, answered)
	}
}

func TestWorker_alertsRefused(t *testing.T) {
	dir := t.TempDir()
	refused := errors.New("message too large")
	k := sink{fail: refused}
	w := newWorker(t, options(dir, &k, testRules()), "weir.signals", 3, 0)
	answers := make(chan error, 2)
	recs := topic(t, mixed(7, 40))
	if err := w.Process(t.Context(), recs[:100], func(err error) { answers <- err }); err != nil {
		t.Fatal(err)
	}
	if err := <-answers; !errors.Is(err, refused) {
		t.Fatalf("answered with %v", err)
	}
	if err := w.Process(t.Context(), recs[100:], func(error) {}); !errors.Is(err, refused) {
		t.Errorf("the worker went on: %v", err)
	}
	w.Close()
	if _, ok := StartOffset(t.Context(), Folder(dir), 3); ok {
		t.Error("a snapshot covers alerts that were never written")
	}
}

func process(t testing.TB, w *Worker, recs []*kgo.Record) {
	t.Helper()
	if err := w.Process(t.Context(), recs, func(error) {}); err != nil {
		t.Fatal(err)
	}
}

func TestWorker_brokenRecordsAreNamed(t *testing.T) {
	var log bytes.Buffer
	o := options(t.TempDir(), &sink{}, testRules())
	o.Log = slog.New(slog.NewTextHandler(&log, nil))
	w := newWorker(t, o, "weir.signals", 3, 0)
	process(t, w, []*kgo.Record{{Topic: "weir.signals", Partition: 3, Offset: 9, Value: []byte("garbage")}})
	if w.Stats().Broken != 1 || !strings.Contains(log.String(), "offset=9") {
		t.Errorf("%+v %s", w.Stats(), log.String())
	}
	w.Close()
}

// A topic that was deleted and made again begins at offset 0 with newer records: the old state is not for them.
func TestWorker_topicMadeAnew(t *testing.T) {
	dir := t.TempDir()
	recs := topic(t, mixed(7, 40))
	w := newWorker(t, options(dir, &sink{}, testRules()), "weir.signals", 3, 0)
	process(t, w, recs)
	w.Close()
	for _, r := range recs {
		r.Timestamp = r.Timestamp.Add(time.Hour)
	}
	var k sink
	w = newWorker(t, options(dir, &k, testRules()), "weir.signals", 3, 0)
	process(t, w, recs)
	w.Close()
	if w.Stats().Duplicates != 0 || len(k.lines) == 0 {
		t.Errorf("%d duplicates, %d revisions", w.Stats().Duplicates, len(k.lines))
	}
}

func TestWorker_ticks(t *testing.T) {
	o := options(t.TempDir(), &sink{}, testRules())
	o.Interval = time.Millisecond
	w := newWorker(t, o, "weir.signals", 3, 0)
	defer w.Close()
	answered := make(chan error, 1)
	if err := w.Process(t.Context(), topic(t, mixed(7, 10)), func(err error) { answered <- err }); err != nil {
		t.Fatal(err)
	}
	if err := <-answered; err != nil {
		t.Error(err)
	}
}

func TestWorker_rulesChange(t *testing.T) {
	sets := &History{Number: 1, Sets: []*rules.Set{{Hash: "A", Rules: testRules()}}}
	o := options(t.TempDir(), &sink{}, nil)
	o.Rules = func() *History { return sets }
	w := newWorker(t, o, "weir.signals", 3, 0)
	defer w.Close()
	recs := topic(t, mixed(7, 40))
	process(t, w, recs[:100])
	set := sets.Sets[0].Rules
	// Two changes while the worker had nothing to do; of the first, signals may be on their way.
	between, changed := *set[1], *set[1]
	between.Hash, changed.Hash = "2", "3"
	sets = &History{Number: 3, Sets: []*rules.Set{sets.Sets[0], {Hash: "B", Rules: []*rules.Rule{set[0], &between}}, {Hash: "C", Rules: []*rules.Rule{set[0], &changed}}}}
	process(t, w, recs[100:110])
	if len(w.en.rules) != 2 || w.en.rules["count"].groups != 0 {
		t.Errorf("%d rules; a changed rule must begin empty", len(w.en.rules))
	}
	if w.en.version("count", "2") == nil || w.en.version("count", changed.Hash) == nil || w.en.sets.number != 3 {
		t.Errorf("after %d sets the versions of a rule that may still come are not known", w.en.sets.number)
	}
	if first := w.en.version("count", set[1].Hash); first == nil || first.groups == 0 {
		t.Error("what the first version had is lost before its last signal came")
	}
}

// Over Kafka, through kills and copies, the alerts are still those of the oracle.
func TestWorker_equalsOracle(t *testing.T) {
	set := testRules()
	for seed := range uint64(5) {
		rnd := rand.New(rand.NewPCG(seed, 9))
		var ordered []*signal.Signal
		for _, r := range set {
			ordered = append(ordered, stream(rnd, r, 30, 90*time.Second)...)
		}
		slices.SortStableFunc(ordered, func(a, b *signal.Signal) int { return a.Time.Compare(b.Time) })
		recs := topic(t, disorder(rnd, ordered, 5*time.Second))
		dir := t.TempDir()
		var k sink
		for at, end := int64(0), int64(len(recs)); at < end; {
			w := newWorker(t, options(dir, &k, set), "weir.signals", 3, at)
			for at < end {
				n := min(int64(1+rnd.IntN(60)), end-at)
				process(t, w, recs[at:at+n])
				at += n
				if rnd.IntN(3) == 0 {
					break
				}
			}
			if rnd.IntN(2) == 0 || at == end {
				w.Close()
				continue
			}
			kill(w)
			at, _ = StartOffset(t.Context(), Folder(dir), 3)
		}
		var revisions []*alert.Alert
		for _, line := range k.lines {
			a := &alert.Alert{}
			if err := json.Unmarshal([]byte(line), a); err != nil {
				t.Fatal(err)
			}
			revisions = append(revisions, a)
		}
		checkRevisions(t, revisions)
		for _, r := range set {
			if got, want := outcomes(r, revisions), oracle(r, ordered); !slices.Equal(got, want) {
				t.Errorf("seed %d, rule %s\n got %v\nwant %v", seed, r.ID, got, want)
			}
		}
	}
}

// newWorker makes a worker whose snapshots can be read.
func newWorker(t testing.TB, o WorkerOptions, topic string, partition int32, from int64) *Worker {
	t.Helper()
	w, err := NewWorker(t.Context(), o, topic, partition, from)
	if err != nil {
		t.Fatal(err)
	}
	return w
}
