package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/record"
	"weir/internal/signal"
	"weir/processors/correlate"
	"weir/processors/correlate/keep"
	"weir/processors/correlate/oracle"
	"weir/processors/correlate/oracle/gen"
	"weir/rules"
)

// engines is how many share the signals where a stream is split.
const engines = 3

// topic is what the workers read.
const topic = "weir.signals"

// memory keeps the newest snapshot, as a disk does, until the process is killed.
type memory struct {
	mu     sync.Mutex
	data   []byte
	killed bool
}

// Load implements keep.Snapshots.
func (m *memory) Load(context.Context, int32) ([]keep.Saved, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.data == nil {
		return nil, nil
	}
	data := m.data
	return []keep.Saved{func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }}, nil
}

var errKilled = errors.New("the process was killed")

// Store implements keep.Snapshots.
func (m *memory) Store(_ context.Context, _ int32, write func(io.Writer) error) error {
	m.mu.Lock()
	killed := m.killed
	m.mu.Unlock()
	if killed {
		return errKilled
	}
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	m.mu.Lock()
	m.data = b.Bytes()
	m.mu.Unlock()
	return nil
}

func (m *memory) kill(dead bool) {
	m.mu.Lock()
	m.killed = dead
	m.mu.Unlock()
}

// sets are the rule sets of a moment; a reload adds one.
type sets struct {
	rule    *rules.Rule
	history *correlate.History
}

// newSets begins with a set of the one rule.
func newSets(r *rules.Rule) *sets {
	s := &sets{rule: r, history: &correlate.History{}}
	s.reload(nil)
	return s
}

// reload adds a set with the rule and another one.
func (s *sets) reload(rnd *rand.Rand) {
	own := *s.rule
	list := []*rules.Rule{&own}
	hash := "first"
	if rnd != nil {
		hash = fmt.Sprint("set", s.history.Number)
		own.Title = hash // what a rule says of itself may change, and its state stays
		list = append(list, &rules.Rule{ID: "other", Hash: hash, Enabled: true, Title: "other", When: own.When[:1]})
	}
	s.history = &correlate.History{Number: s.history.Number + 1, Sets: append(slices.Clone(s.history.Sets), &rules.Set{Rules: list, Hash: hash})}
}

// records makes the topic's partitions of what the workers of normalise write: matches where their rule and group say,
// marks everywhere. Where signals come twice, a worker begins again now and then, and writes its last ones again.
func records(rnd *rand.Rand, r *rules.Rule, f gen.Fault, in []gen.Arrival) ([][]*kgo.Record, error) {
	n := 1
	if f.Split {
		n = engines
	}
	out := make([][]*kgo.Record, n)
	type trail struct{ worker, partition int32 }
	last := map[trail]string{}
	for _, a := range in {
		if f.Reloaded && rnd.IntN(20) == 0 {
			for p := range int32(n) {
				out[p] = append(out[p], ruleset(rnd, a, p))
			}
		}
		value, err := signal.Encode(a.Signal)
		if err != nil {
			return nil, err
		}
		for p := range int32(n) {
			if a.Kind == signal.Match && p != signal.Partition(a.Rule, correlate.Route(r, a.When, a.Group), n) {
				continue
			}
			key := trail{a.Pos.Partition, p}
			rec := &kgo.Record{Topic: topic, Partition: p, Value: value, Timestamp: a.Written.Truncate(time.Millisecond), Headers: []kgo.RecordHeader{{Key: record.HeaderSource, Value: []byte(a.Pos.String())}, {Key: record.HeaderPrev, Value: []byte(last[key])}}}
			last[key] = a.Pos.String()
			out[p] = append(out[p], rec)
			if f.Twice && rnd.IntN(20) == 0 {
				for _, old := range out[p][max(0, len(out[p])-1-rnd.IntN(6)):] {
					again := *old
					out[p] = append(out[p], &again)
				}
			}
		}
	}
	for p := range out {
		for i, rec := range out[p] {
			rec.Offset = int64(i)
			if i > 0 && rec.Timestamp.Before(out[p][i-1].Timestamp) {
				rec.Timestamp = out[p][i-1].Timestamp // what was written again was written later
			}
		}
	}
	return out, nil
}

// ruleset is what a worker says of its rules before it writes what it found by them.
func ruleset(rnd *rand.Rand, a gen.Arrival, partition int32) *kgo.Record {
	pos := a.Pos
	pos.Sub = 0
	value, _ := signal.Encode(&signal.Signal{Kind: signal.Ruleset, Hash: fmt.Sprint("set", 1+rnd.IntN(4)), Time: a.Time, Src: pos.String()})
	return &kgo.Record{Topic: topic, Partition: partition, Value: value, Timestamp: a.Written.Truncate(time.Millisecond), Headers: []kgo.RecordHeader{{Key: record.HeaderSource, Value: []byte(pos.String())}}}
}

// player runs the workers of one partition, one after the other.
type player struct {
	rnd    *rand.Rand
	fault  gen.Fault
	list   []*kgo.Record
	kept   *memory
	sets   *sets
	worker *correlate.Worker

	mu        sync.Mutex
	committed int64 // of the batches that are done
	said      oracle.Said
	err       error
}

// play reads the records to their end.
func (p *player) play(ctx context.Context) error {
	if err := p.start(ctx, 0); err != nil {
		return err
	}
	for at := 0; at < len(p.list); {
		n := min(1+p.rnd.IntN(8), len(p.list)-at)
		batch := p.list[at : at+n]
		next := batch[n-1].Offset + 1
		err := p.worker.Process(ctx, batch, func(err error) {
			p.mu.Lock()
			defer p.mu.Unlock()
			if err == nil {
				p.committed = max(p.committed, next)
			}
		})
		if err != nil {
			return fmt.Errorf("reading signals: %w", err)
		}
		at += n
		if p.fault.Reloaded && p.rnd.IntN(25) == 0 {
			p.sets.reload(p.rnd)
		}
		if p.fault.Restored && p.rnd.IntN(12) == 0 {
			if at, err = p.again(ctx, at); err != nil {
				return err
			}
		}
	}
	p.worker.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil && p.committed != int64(len(p.list)) {
		p.err = fmt.Errorf("%d of %d records are done at the end", p.committed, len(p.list))
	}
	return p.err
}

// again ends the worker, in order or not, and starts the next one where a consumer group would. It may be given records that
// the one before it had had.
func (p *player) again(ctx context.Context, at int) (int, error) {
	kill := p.rnd.IntN(2) == 0
	p.kept.kill(kill)
	p.worker.Close()
	p.kept.kill(false)
	p.mu.Lock()
	from := p.committed
	p.mu.Unlock()
	if !kill && from != int64(at) {
		return 0, fmt.Errorf("a worker that ended in order had %d of %d records done", from, at)
	}
	from = max(0, from-int64(p.rnd.IntN(5)))
	p.mu.Lock()
	p.committed = from // what was said of it was lost
	p.mu.Unlock()
	return int(from), p.start(ctx, from)
}

func (p *player) start(ctx context.Context, from int64) (err error) {
	p.worker, err = correlate.NewWorker(ctx, correlate.WorkerOptions{
		Snapshots: p.kept,
		Engine:    engineOptions(),
		Rules:     func() *correlate.History { return p.sets.history },
		Interval:  time.Hour,
		Produce:   p.produce,
		Log:       slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})),
	}, topic, 0, from)
	return err
}

// produce takes alerts; they are durable at once.
func (p *player) produce(_ context.Context, alerts []correlate.Out, done func(error)) {
	p.mu.Lock()
	for _, a := range alerts {
		if a.Alert.Rule != p.sets.rule.ID {
			continue
		}
		one := *a.Alert
		one.Title, one.What = "", "" // these are of the rules of the moment, which another worker may have later
		if err := p.said.Take(&one); err != nil && p.err == nil {
			p.err = err
		}
	}
	p.mu.Unlock()
	done(nil)
}

// play gives the stream to workers and returns what they said.
func play(ctx context.Context, rnd *rand.Rand, r *rules.Rule, f gen.Fault, in []gen.Arrival) (oracle.Said, error) {
	parts, err := records(rnd, r, f, in)
	if err != nil {
		return nil, err
	}
	all := oracle.Said{}
	for _, list := range parts {
		p := &player{rnd: rnd, fault: f, list: list, kept: &memory{}, sets: newSets(r), said: oracle.Said{}}
		if err := p.play(ctx); err != nil {
			return nil, err
		}
		for id, revisions := range p.said {
			if all[id] != nil {
				return nil, fmt.Errorf("two engines made the alert %s", id)
			}
			all[id] = revisions
		}
	}
	return all, nil
}
