package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/record"
	"weir/internal/signal"
	"weir/processors/correlate"
	"weir/processors/correlate/keep"
	"weir/rules"
	"weir/rules/correlation"
)

// state is what a million groups cost.
type state struct {
	Groups      int
	Heap, RSS   int64         // bytes, with the groups there and the garbage gone
	Size        int64         // of the snapshot
	Saved       time.Duration // how long it took to write
	Held        time.Duration // longest that a batch took while snapshots were written
	HeldBefore  time.Duration // longest while none was
	Batches     int           // while snapshots were written
	Restart     time.Duration // from a new worker to its first batch done
	RestartHeap int64
}

// watched is a folder of snapshots that notes how long the writing of each takes.
type watched struct {
	keep.Snapshots
	writing atomic.Bool
	saves   atomic.Int64
	took    atomic.Int64
	size    atomic.Int64
}

// counting counts what is written.
type counting struct {
	to io.Writer
	n  int64
}

func (c *counting) Write(p []byte) (int, error) {
	n, err := c.to.Write(p)
	c.n += int64(n)
	return n, err
}

// Store implements keep.Snapshots.
func (w *watched) Store(ctx context.Context, partition int32, write func(io.Writer) error) error {
	began := time.Now()
	w.writing.Store(true)
	defer w.writing.Store(false)
	var n int64
	err := w.Snapshots.Store(ctx, partition, func(to io.Writer) error {
		c := &counting{to: to}
		err := write(c)
		n = c.n
		return err
	})
	w.took.Store(int64(time.Since(began)))
	w.size.Store(n)
	w.saves.Add(1)
	return err
}

// sending is how many signals are in a batch, as a fetch from Kafka would have them.
const sending = 100

// measureState fills a worker with groups of one match each, as a flood of addresses does, has it write its state while
// signals go on, and starts another one from what it wrote.
func measureState(ctx context.Context, dir string, groups int, interval time.Duration) (state, error) {
	out := state{Groups: groups}
	w := workload{name: "state", groups: groups, rate: 5_000, values: 40,
		rule: ruleOf(rules.Correlate{Kind: correlation.Count, Bounds: gte(10), Within: 24 * time.Hour}, 1)}
	snaps := &watched{Snapshots: keep.Folder(dir)}
	worker, err := newWorker(ctx, w.rule, snaps, 0, interval)
	if err != nil {
		return out, err
	}
	in := &feed{st: newStream(w), worker: worker}
	in.st.inTurn = true
	if err := in.send(ctx, groups/sending, nil); err != nil {
		return out, err
	}
	debug.FreeOSMemory()
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	out.Heap, out.RSS = int64(mem.HeapAlloc), rss()
	in.st.inTurn, in.st.few = false, 1000
	if err := out.hold(ctx, in, snaps); err != nil {
		return out, err
	}
	worker.Close()
	out.Size, out.Saved = snaps.size.Load(), time.Duration(snaps.took.Load())
	in.worker, worker = nil, nil
	debug.FreeOSMemory()
	began := time.Now()
	if in.worker, err = newWorker(ctx, w.rule, snaps, in.offset, interval); err != nil {
		return out, err
	}
	if err := in.send(ctx, 1, nil); err != nil {
		return out, err
	}
	out.Restart = time.Since(began)
	debug.FreeOSMemory()
	runtime.ReadMemStats(&mem)
	out.RestartHeap = int64(mem.HeapAlloc)
	in.worker.Close()
	return out, nil
}

// hold lets signals go on, 5,000 in a second, until three snapshots were written meanwhile, and notes how long the longest
// batch took.
func (s *state) hold(ctx context.Context, in *feed, snaps *watched) error {
	began, saves := time.Now(), snaps.saves.Load()
	for snaps.saves.Load() < saves+3 {
		if time.Since(began) > 3*time.Minute {
			return fmt.Errorf("%d snapshots in three minutes", snaps.saves.Load()-saves)
		}
		err := in.send(ctx, 1, func(took time.Duration) {
			if snaps.writing.Load() {
				s.Held = max(s.Held, took)
				s.Batches++
			} else {
				s.HeldBefore = max(s.HeldBefore, took)
			}
		})
		if err != nil {
			return err
		}
		time.Sleep(sending * time.Second / 5_000)
	}
	return nil
}

func newWorker(ctx context.Context, r *rules.Rule, snaps keep.Snapshots, from int64, interval time.Duration) (*correlate.Worker, error) {
	history := &correlate.History{Number: 1, Sets: []*rules.Set{{Rules: []*rules.Rule{r}, Hash: "bench"}}}
	return correlate.NewWorker(ctx, correlate.WorkerOptions{
		Snapshots: snaps, Interval: interval,
		Engine:  correlate.Options{MaxGroups: 2_000_000, MaxBytes: 8 << 30, Lateness: 5 * time.Second},
		Rules:   func() *correlate.History { return history },
		Produce: func(_ context.Context, _ []correlate.Out, done func(error)) { done(nil) },
		Log:     slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	}, "weir.signals", 0, from)
}

// feed gives batches of records to a worker.
type feed struct {
	st     *stream
	worker *correlate.Worker
	offset int64
}

// send gives n batches; fn is told how long each took.
func (f *feed) send(ctx context.Context, n int, fn func(took time.Duration)) error {
	for range n {
		batch := make([]*kgo.Record, 0, sending)
		for range sending {
			s := f.st.next()
			value, err := signal.AppendTo(nil, s)
			if err != nil {
				return err
			}
			src := fmt.Sprintf("weir.raw.syslog/2/%d/1", f.offset)
			batch = append(batch, &kgo.Record{Topic: "weir.signals", Offset: f.offset, Value: value, Timestamp: s.Time,
				Headers: []kgo.RecordHeader{{Key: record.HeaderSource, Value: []byte(src)}}})
			f.offset++
		}
		began := time.Now()
		if err := f.worker.Process(ctx, batch, func(error) {}); err != nil {
			return err
		}
		if fn != nil {
			fn(time.Since(began))
		}
	}
	return nil
}

// rss returns how much memory of the machine the process has.
func rss() int64 {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		return 0
	}
	defer func() { _ = f.Close() }()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if words := strings.Fields(lines.Text()); len(words) > 1 && words[0] == "VmRSS:" {
			n, err := strconv.ParseInt(words[1], 10, 64)
			if err != nil {
				return 0
			}
			return n << 10
		}
	}
	return 0
}

// median of some durations.
func median(list []time.Duration) time.Duration {
	slices.Sort(list)
	return list[len(list)/2]
}
