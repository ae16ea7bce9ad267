package normalise

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/event"
	"weir/internal/record"
	"weir/internal/state"
	"weir/rules/coverage"
)

// Coverage is what the stage needs to keep which events the rules were tried on.
//
// A stretch of offsets is written down when its batches are acknowledged, and before its last offset is committed, in a
// store of its own: so a crash leaves no hole. It becomes a document once a minute, or where the rule set changes. A
// document is a derived record of the events' topic with a chain of positions of its own, named after its raw topic and
// CoverageChain: one that is written again after a crash is dropped by the readers as any other. It has no input and no
// sender, so the ledger, which follows what was received, passes it over as it does alerts.
type Coverage struct {
	// Store opens where the open stretch of a raw partition is kept.
	Store func(topic string, partition int32) (state.Store, error)
	// RuleSet sees to it that a set's description is durable. done is called once, from any goroutine; the documents
	// that name the set count as written when it was.
	RuleSet func(hash string, done func(error))
	// Every is the least time between two documents of one partition; 0: a minute.
	Every time.Duration
}

// Classifier is what a detector may be besides: it knows the log sources of events. It is called for each event.
type Classifier interface {
	// Class is the class of an event by its log source, ClassName what is written of it.
	Class(e *event.Event) uint32
	ClassName(class uint32) string
}

// CoverageChain ends the name of the source of documents about coverage. No topic has such a name.
const CoverageChain = "#coverage"

// stretchKey is the one key of the store.
const stretchKey = "stretch"

// covering is how far a worker has come with its coverage. It is guarded by the worker's lock of pending.
type covering struct {
	*Coverage
	store state.Store
	// What is evaluated and in no document yet. To is 0 where there is nothing.
	open coverage.Stretch
	// Documents that may not be durable yet, the oldest first.
	closing []*closing
	trail   trail
}

// closing is a document on its way. acked is set by the producer's goroutine.
type closing struct {
	stretch coverage.Stretch
	acked   atomic.Bool
}

// kept is the value of the store.
type kept struct {
	Open    *coverage.Stretch  `json:"open,omitempty"`
	Closing []coverage.Stretch `json:"closing,omitempty"`
}

// openCoverage takes up what the worker before this one left: its open stretch goes on if this worker begins where it
// ends. Else records are read again, and what was evaluated before is a stretch of its own.
func (w *worker) openCoverage(ctx context.Context, from int64) error {
	if w.opts.Coverage == nil {
		return nil
	}
	store, err := w.opts.Coverage.Store(w.topic, w.partition)
	if err != nil {
		return fmt.Errorf("opening the coverage of %s/%d: %w", w.topic, w.partition, err)
	}
	values, err := store.Load(ctx)
	if err != nil {
		store.Close()
		return fmt.Errorf("reading the coverage of %s/%d: %w", w.topic, w.partition, err)
	}
	c := &covering{Coverage: w.opts.Coverage, store: store, trail: trail{target: target{w.opts.Events, w.partition}}}
	var k kept
	if v := values[stretchKey]; v != nil {
		if err := json.Unmarshal(v, &k); err != nil { // coverage that is not known is a gap that will be seen
			w.opts.Log.Error("the coverage of a partition cannot be read; it begins anew", "topic", w.topic, "partition", w.partition, "err", err)
			k = kept{}
		}
	}
	for _, s := range k.Closing {
		c.closing = append(c.closing, &closing{stretch: s})
	}
	switch {
	case k.Open == nil || k.Open.To <= k.Open.From:
	case k.Open.To == from:
		c.open = *k.Open
	case len(k.Open.Spans) > 0:
		c.closing = append(c.closing, &closing{stretch: *k.Open})
	}
	w.covering = c
	for _, d := range c.closing {
		w.writeStretch(d, func(error) {})
	}
	return nil
}

// cover takes in batches that are acknowledged, and returns the documents that are due.
func (c *covering) cover(ready []*batch, topic string, partition int32, now time.Time) (due []*closing) {
	for _, b := range ready {
		if c.open.To > 0 && c.open.Set != b.set {
			if len(c.open.Spans) > 0 {
				due = append(due, c.end())
			} else {
				c.open.Set = b.set // it holds no event: whichever set read it
			}
		}
		if c.open.To == 0 {
			c.open = coverage.Stretch{Topic: topic, Partition: partition, From: b.from, Set: b.set, Began: b.at}
		}
		c.open.To, c.open.Ended = b.to, b.at
		c.open.Add(b.spans())
	}
	return c.due(due, now)
}

// due adds the open stretch to the documents if it has been open for long enough.
func (c *covering) due(list []*closing, now time.Time) []*closing {
	every := c.Every
	if every == 0 {
		every = time.Minute
	}
	if len(c.open.Spans) > 0 && now.Sub(c.open.Began) >= every {
		list = append(list, c.end())
	}
	return list
}

// end makes the open stretch a document.
func (c *covering) end() *closing {
	d := &closing{stretch: c.open}
	c.closing = append(c.closing, d)
	c.open = coverage.Stretch{}
	return d
}

// value is what is written to the store.
func (c *covering) value() []byte {
	v, err := json.Marshal(c.kept())
	if err != nil { // plain data always encodes
		return nil
	}
	return v
}

// kept is what is kept: a document that the broker has is forgotten.
func (c *covering) kept() (k kept) {
	if c.open.To > 0 {
		k.Open = &c.open
	}
	left := c.closing[:0]
	for _, d := range c.closing {
		if !d.acked.Load() {
			left, k.Closing = append(left, d), append(k.Closing, d.stretch)
		}
	}
	c.closing = left
	return k
}

// saveCoverage writes what is open and what is on its way, and then the documents that are due. In this order: what the
// store does not know any more is in the topic.
func (w *worker) saveCoverage(due []*closing, got func(error)) {
	c := w.covering
	c.store.Save(context.Background(), []state.Change{{Key: stretchKey, Value: c.value()}}, got)
	for _, d := range due {
		w.writeStretch(d, got)
	}
}

// Coverage returns what the workers of this process have evaluated and what may be in no document yet. Who wants it to the
// last event calls Flush before.
func (s *Stage) Coverage() []coverage.Stretch {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []coverage.Stretch
	for w := range s.live {
		w.mu.Lock()
		if c := w.covering; c != nil {
			out = append(out, c.kept().all()...)
		}
		w.mu.Unlock()
	}
	return out
}

// KeptCoverage returns what a worker that has ended left in its store, as Load gives it.
func KeptCoverage(values map[string][]byte) []coverage.Stretch {
	var k kept
	if json.Unmarshal(values[stretchKey], &k) != nil { // the next worker says so
		return nil
	}
	return k.all()
}

// all returns the stretches that hold something.
func (k kept) all() []coverage.Stretch {
	out := slices.Clone(k.Closing)
	if k.Open != nil && len(k.Open.Spans) > 0 {
		open := *k.Open
		open.Spans = slices.Clone(open.Spans) // they are added to
		out = append(out, open)
	}
	return out
}

// writeStretch writes one document. got is called twice: for the document, and for the description of its rule set.
func (w *worker) writeStretch(d *closing, got func(error)) {
	c := w.covering
	c.RuleSet(d.stretch.Set, got)
	var e event.Event
	d.stretch.Event(&e)
	src := record.Pos{Topic: w.topic + CoverageChain, Partition: w.partition, Offset: d.stretch.To - 1}.String()
	e.SetStr(event.WeirSrc, src)
	rec := CoverageRecord(&e, c.trail.topic, c.trail.partition, src, string(c.trail.last))
	c.trail.last = []byte(src)
	w.opts.Producer.Produce(context.Background(), rec, func(_ *kgo.Record, err error) {
		if err == nil {
			d.acked.Store(true)
		}
		got(err)
	})
}

// stretchParts is how often got is called for one document.
const stretchParts = 2

// CoverageRecord makes the record of a document about coverage: like an event's, without a sender.
func CoverageRecord(e *event.Event, topic string, partition int32, src, prev string) *kgo.Record {
	at := e.Get(event.WeirTime).Time()
	rec := &kgo.Record{Topic: topic, Partition: partition, Value: e.AppendJSON(nil), Timestamp: at}
	for _, h := range []struct{ key, value string }{
		{record.HeaderSource, src}, {record.HeaderPrev, prev}, {record.HeaderID, e.Str(event.EventID)}, {record.HeaderDay, coverage.Class + "/" + at.Format(time.DateOnly)},
	} {
		rec.Headers = append(rec.Headers, kgo.RecordHeader{Key: h.key, Value: []byte(h.value)})
	}
	return rec
}

// coverIdle writes what has been open for long enough while no batch comes.
func (w *worker) coverIdle(now time.Time) {
	if w.covering == nil {
		return
	}
	if due := w.covering.due(nil, now); len(due) > 0 {
		w.saveCoverage(due, w.coverageFailed)
	}
}

// closeCoverage writes what is open, so that the files of a weir that was stopped say everything.
func (w *worker) closeCoverage(ctx context.Context) {
	c := w.covering
	if c == nil {
		return
	}
	defer c.store.Close()
	if len(c.open.Spans) > 0 {
		w.saveCoverage([]*closing{c.end()}, w.coverageFailed)
	}
	if err := w.opts.Producer.Flush(ctx); err != nil {
		return // the worker's own flush says so; what is kept is written by the next one
	}
	c.store.Save(ctx, []state.Change{{Key: stretchKey, Value: c.value()}}, w.coverageFailed)
}

// coverageFailed says that coverage could not be written outside of a checkpoint. The next one tries it again, or fails.
func (w *worker) coverageFailed(err error) {
	if err != nil {
		w.opts.Log.Warn("writing coverage", "topic", w.topic, "partition", w.partition, "err", err)
	}
}

// tried is what a batch holds of one dataset and log source, of times that are not far apart: an old event among new ones is a row
// of its own, or the weeks between would look as if the rules had seen all of them.
type tried struct {
	dataset     string
	class       uint32
	n           int64
	first, last int64
}

// Bounds of the rows of a batch. Of a dataset beyond maxTried all is counted together; once there are maxApart rows, an event goes
// to the nearest one of its dataset, however far that is.
const (
	maxTried = 256
	maxApart = maxTried / 4
)

// see takes note of an event that the rules were tried on.
func (b *batch) see(e *event.Event) {
	class := uint32(0)
	if b.classes != nil {
		class = b.classes.Class(e)
	}
	at, dataset := e.Get(event.WeirTime).Int(), e.Str(event.EventDataset)
	if b.last < len(b.tried) {
		if t := &b.tried[b.last]; t.near(at) && t.class == class && t.dataset == dataset {
			t.add(at)
			return
		}
	}
	b.last = b.place(dataset, class, at)
	if b.last < len(b.tried) {
		b.tried[b.last].add(at)
		return
	}
	if b.last == maxTried {
		dataset, class = "other", 0
	}
	b.tried = append(b.tried, tried{strings.Clone(dataset), class, 1, at, at})
}

// place is which row an event belongs to; the one behind the last is to be made.
func (b *batch) place(dataset string, class uint32, at int64) int {
	nearest := -1
	for i := range b.tried[:min(len(b.tried), maxTried)] {
		t := &b.tried[i]
		if t.class != class || t.dataset != dataset {
			continue
		}
		if t.near(at) {
			return i
		}
		if nearest < 0 || t.far(at) < b.tried[nearest].far(at) {
			nearest = i
		}
	}
	if nearest >= 0 && len(b.tried) >= maxApart {
		return nearest
	}
	return min(len(b.tried), maxTried)
}

func (t *tried) add(at int64) {
	t.n++
	t.first, t.last = min(t.first, at), max(t.last, at)
}

// near tells whether a time is in a row, or so close to it that what lies between counts as seen: in one comparison, since it is asked
// for each event.
func (t *tried) near(at int64) bool {
	return uint64(at-t.first+int64(coverage.Apart)) <= uint64(t.last-t.first+2*int64(coverage.Apart))
}

// far is how far a time is from a row that it is not in.
func (t *tried) far(at int64) uint64 {
	if at < t.first {
		return uint64(t.first) - uint64(at)
	}
	return uint64(at) - uint64(t.last)
}

// spans returns what the batch holds, with names.
func (b *batch) spans() []coverage.Span {
	out := make([]coverage.Span, len(b.tried))
	for i, t := range b.tried {
		source := ""
		if b.classes != nil && t.class != 0 {
			source = b.classes.ClassName(t.class)
		}
		out[i] = coverage.Span{Dataset: t.dataset, Source: source, Events: t.n, First: time.Unix(0, t.first).UTC(), Last: time.Unix(0, t.last).UTC()}
	}
	return out
}
