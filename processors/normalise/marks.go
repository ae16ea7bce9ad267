package normalise

import (
	"math"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/event"
	"weir/internal/record"
	"weir/internal/signal"
)

// marks follows how far each dataset of a partition has been read in event time.
type marks struct {
	newest map[string]*mark
	// Of the event before.
	last *mark
}

// mark has times in nanoseconds since 1970: one comes with each event.
type mark struct {
	dataset string
	time    int64
	// The mark written last, math.MinInt64 before the first.
	sent int64
}

// idleAfter is how long nothing must have come before a worker says that it is idle. It says so again after five times
// as long, and so on, but never more than idleAtMost later: a rule that waits for something that does not come, as for a
// backup that was not made, has no other clock where everything is silent.
const (
	idleAfter  = 2 * time.Second
	idleAtMost = time.Minute
)

// markEvery is the least event time between two watermarks of a dataset.
const markEvery = time.Second

func newMarks() *marks { return &marks{newest: map[string]*mark{}} }

// see takes note of an event's time.
func (m *marks) see(e *event.Event) {
	v := e.Get(event.WeirTime)
	if v.Kind() != event.Time {
		return
	}
	ds := e.Str(event.EventDataset)
	if m.last == nil || ds != m.last.dataset {
		if m.newest[ds] == nil {
			own := strings.Clone(ds)
			m.newest[own] = &mark{dataset: own, time: math.MinInt64, sent: math.MinInt64}
		}
		m.last = m.newest[ds]
	}
	m.last.time = max(m.last.time, v.Int())
}

// watermarks writes a mark to every partition of the signals for each dataset that has moved on.
func (w *worker) watermarks(last *kgo.Record) {
	for ds, m := range w.marks.newest {
		if m.sent != math.MinInt64 && uint64(m.time-m.sent) < uint64(markEvery) {
			continue
		}
		m.sent = m.time
		s := signal.Signal{Kind: signal.Watermark, Dataset: ds, Time: time.Unix(0, m.time).UTC()}
		s.Src = record.Pos{Topic: w.topic, Partition: w.partition, Offset: last.Offset, Sub: w.sig}.String()
		w.signalToAll(&s)
	}
}

// firstSignal is the number of the first signal of a record. The one before it is kept for a mark of the rule set, which
// stands before all that it holds for. Were it not kept, the numbers of a record's signals would depend on where a batch
// began, and a reader would take them for others when they come again.
const firstSignal = 1

// takeRules takes the rules of this moment for the batch that begins with first, and says so to every reader of signals
// if they are others than before: all that follows from this worker's partition, from that record on, is by them.
//
// A reader believes the mark where it stands, even if its position is not above what came before: a worker that begins
// at an offset where another has been says which rules it has, and its later signals are by these.
func (w *worker) takeRules(first *kgo.Record) {
	w.detector = w.opts.Detector()
	hash := w.detector.Hash()
	if hash == w.said {
		return
	}
	w.said = hash
	if w.covering != nil {
		// It is asked for again with each document that names it: this is only for the sake of who looks before that.
		w.covering.RuleSet(hash, w.coverageFailed)
	}
	w.rec, w.sig = first, 0
	w.signalToAll(&signal.Signal{Kind: signal.Ruleset, Hash: hash, Time: w.quiet.UTC(), Src: w.src(0).String()})
}

// afterIdle is when a worker that was quiet for so long, and has just said so, says it again.
func afterIdle(next, quiet time.Duration) time.Duration { return min(next*5, quiet+idleAtMost) }

// idle tells correlate that this worker has nothing to read. Its time goes on from the newest event as the clock does:
// the mark is a record, so a replay sees the same time again.
func (w *worker) idle() {
	w.work.Lock()
	defer w.work.Unlock()
	quiet := time.Since(w.quiet)
	if w.busy || w.rec == nil || quiet < w.next {
		return
	}
	w.next = afterIdle(w.next, quiet)
	s := signal.Signal{Kind: signal.Idle}
	for ds, m := range w.marks.newest {
		if at := time.Unix(0, m.time).UTC(); at.After(s.Time) {
			s.Time, s.Dataset = at, ds
		}
	}
	if s.Time.IsZero() {
		return // nothing but dead letters came: there is no time to speak of
	}
	s.Time = s.Time.Add(quiet)
	s.Src = w.src(w.sig).String()
	// It covers no offsets and is not counted, so it is only answered where it fails.
	w.b = newBatch([]*kgo.Record{w.rec}, &w.stage.memories, func(err error) {
		w.opts.Log.Warn("writing an idle mark", "topic", w.topic, "partition", w.partition, "err", err)
	})
	w.signalToAll(&s)
	w.b.send(w.opts.Producer, w.writer)
}

// signal writes a match to the partition of its rule and group.
func (w *worker) signal(s *signal.Signal) {
	if value := w.signalValue(s); value != nil {
		partition := signal.Partition(s.Rule, w.opts.Route(s), w.opts.SignalPartitions)
		w.add(w.trail(w.opts.Signals, partition), w.position(w.sig), value)
	}
	w.sig++
}

// signalToAll writes a mark to every partition. The records share its bytes.
func (w *worker) signalToAll(s *signal.Signal) {
	if value := w.signalValue(s); value != nil {
		src := w.position(w.sig)
		for p := range w.opts.SignalPartitions {
			w.add(w.trail(w.opts.Signals, int32(p)), src, value)
		}
	}
	w.sig++
}

// signalValue encodes a signal into the memory of the batch.
func (w *worker) signalValue(s *signal.Signal) []byte {
	from := len(w.b.arena)
	var err error
	if w.b.arena, err = signal.AppendTo(w.b.arena, s); err != nil {
		w.opts.Log.Error("encoding a signal", "rule", s.Rule, "err", err)
		return nil
	}
	return w.b.arena[from:len(w.b.arena):len(w.b.arena)]
}
