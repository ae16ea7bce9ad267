// Package normalise is the stage from raw records to events: parse, enrich, class, match, encode once, hand on.
//
// Each worker owns one raw partition, takes its records in order and writes what it made of them to the same partition
// number of weir.events, in order and without holes. Every derived record carries its source position and the one
// before it, so that readers can drop what comes twice and see what is missing.
package normalise

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"
	"unsafe"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/event"
	"weir/internal/bus"
	"weir/internal/ledger"
	"weir/internal/pipeline"
	"weir/internal/record"
	"weir/internal/rerun"
	"weir/internal/signal"
	"weir/internal/state"
	"weir/processors"
	"weir/processors/normalise/cursor"
)

// Options is what the stage needs.
type Options struct {
	// Idempotent, manual partitions; outlives the stage.
	Producer *kgo.Client
	// EventWriter opens the way to one partition of the events. Each worker has its own, and closes it.
	EventWriter func(topic string, partition int32) (EventWriter, error)
	// Topics and their partition numbers.
	Events, Signals, DeadLetters, Ledger string
	SignalPartitions                     int
	// ReadBack returns the records before an offset, to learn which raw records were seen already.
	ReadBack func(ctx context.Context, topic string, partition int32, to int64, n int) ([]*kgo.Record, error)
	// CursorStore returns where the cursors of a raw partition are kept, nil for a topic whose records cannot come again.
	// Nil: no topic has any.
	CursorStore func(topic string, partition int32) (state.Store, error)

	NewParser func() processors.Parser
	// After parse: enrichment, class.
	Steps []processors.Step
	// Nil: nothing is filtered.
	DropIf func(e *event.Event) bool
	// The rule set of this moment. It is asked once for each batch, so all events of one meet the same rules.
	Detector func() processors.Detector
	// Nil: it is not kept what the rules were tried on.
	Coverage *Coverage
	// Route returns the values that decide, with the rule, to which partition a signal goes: those of its group by
	// which alerts fold.
	Route func(*signal.Signal) []string
	// Instance and start for ledger records.
	Self record.Ing
	// How often counts are published.
	Interval time.Duration
	Log      *slog.Logger
}

// Stage makes the workers and can ask all of them for their counts.
type Stage struct {
	opts Options
	mu   sync.Mutex
	live map[*worker]struct{}
	// Of *memory: what batches leave behind when they are acknowledged.
	memories sync.Pool
	cursors  cursor.Stats
}

// New makes the stage.
func New(o Options) *Stage { return &Stage{opts: o, live: map[*worker]struct{}{}} }

// NewWorker makes the worker of one raw partition.
func (s *Stage) NewWorker(ctx context.Context, topic string, partition int32, from int64) (pipeline.Worker, error) {
	w := &worker{stage: s, opts: &s.opts, topic: topic, partition: partition, parser: s.opts.NewParser(), seen: newSeen(), marks: newMarks(),
		prefix: fmt.Appendf(nil, "%s/%d/", topic, partition), trails: map[target]*trail{}}
	n, err := w.openCursors(ctx, from)
	if err != nil {
		return nil, err
	}
	back, err := s.opts.ReadBack(ctx, topic, partition, from, max(n, seenBack))
	if err != nil {
		w.closeCursors()
		return nil, err
	}
	for _, r := range back {
		if ing, err := record.ParseIng(bus.Header(r, record.HeaderIng)); err == nil {
			w.seen.fresh(ing)
		}
		w.lookBack(r)
	}
	if w.writer, err = s.opts.EventWriter(s.opts.Events, partition); err != nil {
		w.closeCursors()
		return nil, err
	}
	if err = w.openCoverage(ctx, from); err != nil {
		w.closeCursors()
		w.writer.Close()
		return nil, err
	}
	w.emit = w.event
	if p, ok := w.parser.(processors.Dropper); ok {
		p.OnDrop(w.dropped)
	}
	ctx, w.cancel = context.WithCancel(ctx)
	w.wg.Go(func() { w.tick(ctx) })
	s.mu.Lock()
	s.live[w] = struct{}{}
	s.mu.Unlock()
	return w, nil
}

// Flush publishes the counts of this moment.
func (s *Stage) Flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for w := range s.live {
		w.checkpoint()
	}
}

// worker handles one raw partition. Process and Close come from the partition's goroutine; acknowledgements from the
// producer's; checkpoints from the ticker, Flush and Close.
type worker struct {
	stage     *Stage
	opts      *Options
	topic     string
	partition int32
	parser    processors.Parser
	seen      *seen
	marks     *marks

	// Of the record under way.
	e    event.Event
	emit func(*event.Event) error
	raw  record.Raw
	rec  *kgo.Record
	// Of a record that is an original to be read again; nil: it is none.
	again *again
	// Reads records into raw.
	reader bus.Reader
	// Number of the next event of this record.
	sub int32
	// Number of the next signal of this record.
	sig int32
	b   *batch
	// Of the batch under way.
	detector processors.Detector
	// The rule set that was said last, empty before the first.
	said string
	// Of the record's source.
	counts *ledger.Counts
	// The record's position without offset and sub.
	prefix []byte
	// When the batch was taken, for event.ingested: a clock read for each event would cost more than it says.
	now event.Value

	writer EventWriter
	sheet  sheet
	// The source position of the last event of this run.
	lastEvent []byte
	// Of the other derived records, by where they go to.
	trails map[target]*trail

	// Guards all above: Process, and the idle marks of the ticker.
	work sync.Mutex
	// A batch is under way.
	busy bool
	// When the last batch came, or was handed on.
	quiet time.Time
	// Of quiet, after which the next idle mark is due.
	next time.Duration

	mu sync.Mutex
	// Not yet checkpointed, in order.
	pending []*batch
	// Nil where records cannot come again.
	cursors *cursor.Cursors
	// Nil where coverage is not kept.
	covering *covering
	answers  answers
	cancel   context.CancelFunc
	wg       sync.WaitGroup
}

// target is a topic and partition that a worker writes to.
type target struct {
	topic     string
	partition int32
}

// trail is what a worker wrote to one target in this run.
type trail struct {
	target
	// The source position of the last record.
	last []byte
}

// trail returns the trail to a target.
func (w *worker) trail(topic string, partition int32) *trail {
	t := target{topic, partition}
	if w.trails[t] == nil {
		w.trails[t] = &trail{target: t}
	}
	return w.trails[t]
}

// record makes events of one raw record. Nothing that a record holds can stop the ones after it.
func (w *worker) record(rec *kgo.Record) {
	w.rec, w.sub, w.sig, w.again = rec, 0, firstSignal, nil
	if err := w.reader.Read(rec, &w.raw); err != nil {
		w.opts.Log.Warn("raw record with unreadable headers", "topic", rec.Topic, "partition", rec.Partition, "offset", rec.Offset, "err", err)
	}
	if w.raw.ID == "" { // a foreign producer's record: its place is the best name it has
		w.raw.ID = w.src(0).String()
	}
	if w.raw.Input == "" { // likewise; the ledger and the archive must call it the same
		w.raw.Input = InputForeign
	}
	c := w.b.counts(&w.raw)
	w.counts = c
	if w.raw.Ing.Ingester != "" && !w.seen.fresh(w.raw.Ing) {
		c.Repeated++
		return
	}
	c.Received++
	c.Bytes += int64(len(rec.Value))
	if w.raw.Key != "" && w.cursors != nil && !w.cursors.Fresh(w.raw.Key, w.raw.Line, w.raw.Received) {
		c.Duplicate++
		return
	}
	var err error
	switch w.raw.Input {
	case InputAudit:
		if err = w.e.Decode(rec.Value); err == nil {
			err = w.emit(&w.e)
		}
	case rerun.InputRedrive, rerun.InputReparse:
		err = w.readAgain(rec.Value)
	default:
		err = w.parser.Parse(&w.raw, &w.e, w.emit)
	}
	if err != nil {
		w.deadLetter(err)
	}
	if w.sub > 1 {
		c.Split += int64(w.sub - 1)
	}
}

// InputAudit is the input of weir's own records: who searched, who changed what. Their value is an ECS document.
const InputAudit = "audit"

// InputForeign is the input of records that another Kafka client wrote to a raw topic.
const InputForeign = "kafka"

// event finishes one event of the record under way and hands it on. The parser calls it.
func (w *worker) event(e *event.Event) error {
	if w.again != nil {
		return w.revision(e)
	}
	src := w.identify(e)
	for _, step := range w.opts.Steps {
		step(e, &w.raw)
	}
	c := w.counts
	if w.opts.DropIf != nil && w.opts.DropIf(e) {
		c.Filtered++
		w.sub++
		return nil
	}
	sigs := w.detector.Signals(e, w.src(w.sub))
	for i := range sigs {
		e.Append(event.WeirRules, sigs[i].Rule)
	}
	if w.covering != nil {
		w.b.see(e)
	}
	doc := w.sheet.encode(e)
	if len(doc) > maxEvent {
		return tooLarge(doc)
	}
	w.marks.see(e)
	class, day := classDay(e)
	w.sheet.add(doc, src, w.lastEvent, &w.raw, w.raw.ID, nil, class, day)
	w.lastEvent = append(w.lastEvent[:0], src...)
	c.Events++
	w.sub++
	for i := range sigs {
		w.signal(&sigs[i])
	}
	return nil
}

// tooLarge refuses an event for its size. It makes no event, so sub stays: what deadLetter counts follows from it.
func tooLarge(doc []byte) error {
	return &processors.DeadLetter{Reason: "event-too-large", Detail: fmt.Sprintf("the event has %d bytes; the most is %d", len(doc), maxEvent)}
}

// classDay returns the class of an event and the day of its weir.time, since 1970; no class where it has no day.
func classDay(e *event.Event) (class string, day int64) {
	if at := e.Get(event.WeirTime); at.Kind() == event.Time && at.Int() >= 0 {
		return e.Str(event.WeirClass), at.Int() / dayNanos
	}
	return "", 0
}

// dropped counts an event that its format filters on purpose, in the place that it would have had: events behind it keep
// their numbers when the format changes.
func (w *worker) dropped() {
	switch a := w.again; {
	case a != nil && w.sub < a.Skip: // made when the record was new
		w.counts.Duplicate++
	case a != nil:
		a.filtered = a.filtered || a.id(w.sub) == a.ID
		w.counts.Filtered++
	default:
		w.counts.Filtered++
	}
	w.sub++
}

// maxEvent bounds an encoded document, so that it fits a Kafka batch. One that does not is refused for good, and the
// partition would stand still before it.
const maxEvent = 3 << 20

// identify gives the event what no parser knows. It returns the position of the derived record.
func (w *worker) identify(e *event.Event) (src []byte) {
	id := w.raw.ID
	if w.sub > 0 {
		id = fmt.Sprintf("%s-%d", id, w.sub)
	}
	if e.Has(event.WeirRevisedAt) { // a message may not say which revisions of its event there are
		e.Delete(event.WeirRevisedAt)
	}
	return w.stamp(e, id, 1, w.raw.Received)
}

// stamp gives the event its id, its revision and its place. It returns the position of the derived record.
func (w *worker) stamp(e *event.Event, id string, revision int64, received time.Time) (src []byte) {
	e.Set(event.EventID, event.Str(id))
	e.Set(event.EventIngested, w.now)
	e.Set(event.WeirRevision, event.Num(revision))
	src = w.position(w.sub)
	// The text lives as long as the batch, and the event no longer than its record.
	e.Set(event.WeirSrc, event.Str(unsafe.String(unsafe.SliceData(src), len(src))))
	if !e.Has(event.WeirTime) {
		e.Set(event.WeirTime, event.At(received))
	}
	return src
}

// position writes the position of derived record number sub of the record under way, as record.Pos does, into the memory
// of the batch.
func (w *worker) position(sub int32) []byte {
	from := len(w.b.text)
	text := append(w.b.text, w.prefix...)
	text = append(strconv.AppendInt(text, w.rec.Offset, 10), '/')
	w.b.text = strconv.AppendInt(text, int64(sub), 10)
	return w.b.text[from:len(w.b.text):len(w.b.text)]
}

// src returns the position of derived record number sub of the record under way.
func (w *worker) src(sub int32) record.Pos {
	return record.Pos{Topic: w.topic, Partition: w.partition, Offset: w.rec.Offset, Sub: sub}
}

// deadLetter writes the record under way to the dead letters. It is counted as dead only if it made no event at all;
// else the events it made stand, and the rest of it is in the dead letter.
func (w *worker) deadLetter(cause error) {
	d := asDeadLetter(cause)
	c := w.counts
	if w.sub > 0 { // the record stands for one more than the events it made
		c.Split++
	}
	if w.again != nil {
		w.failedAgain(d)
		return
	}
	countDead(c, d.Reason)
	fillDeadLetter(&w.e, &w.raw, d)
	w.addLetter(w.identify(&w.e), &w.raw)
	w.opts.Log.Warn("dead letter", "source", w.raw.Source(), "reason", d.Reason, "detail", d.Detail)
}

// addLetter queues the dead letter under way, which is of the record raw.
func (w *worker) addLetter(src []byte, raw *record.Raw) {
	doc := w.b.encode(&w.e)
	if len(doc) > maxEvent {
		shrinkDeadLetter(&w.e, raw)
		doc = w.b.encode(&w.e)
	}
	w.add(w.trail(w.opts.DeadLetters, 0), src, doc)
}

// add queues a derived record that is no event.
func (w *worker) add(t *trail, src, value []byte) {
	rec := w.b.next()
	rec.Topic, rec.Partition, rec.Value, rec.Timestamp = t.topic, t.partition, value, w.raw.Received
	rec.Headers = w.b.headers(src, t.last)
	t.last = append(t.last[:0], src...)
}

// tick publishes counts at the interval, and idle marks when nothing comes, until the worker ends.
func (w *worker) tick(ctx context.Context) {
	counts := time.NewTicker(w.opts.Interval)
	defer counts.Stop()
	idle := time.NewTicker(idleAfter)
	defer idle.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-counts.C:
			w.checkpoint()
		case <-idle.C:
			w.idle()
		}
	}
}

// checkpoint publishes the counts of every batch that is acknowledged, in order, and saves the cursors; the offsets are
// free to be committed when both are durable. It ends where an offset may be committed, so never behind a part of more.
func (w *worker) checkpoint() {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for n < len(w.pending) && w.pending[n].isAcked() {
		n++
	}
	for n > 0 && w.pending[n-1].more {
		n--
	}
	if n == 0 {
		w.coverIdle(time.Now())
		return
	}
	ready := w.pending[:n:n]
	w.pending = append([]*batch(nil), w.pending[n:]...)
	rec := ledger.Record{Hop: ledger.HopNormalise, Instance: w.opts.Self.Ingester, Start: w.opts.Self.Start, At: time.Now(),
		Topic: w.topic, Partition: w.partition, From: ready[0].from, To: ready[n-1].to, Starts: map[string]map[string]*ledger.Counts{}}
	for _, b := range ready {
		b.mergeInto(rec.Starts)
	}
	w.publish(ready, &rec)
}

// Close waits for what was written, publishes the last counts and ends.
func (w *worker) Close() {
	w.stage.mu.Lock()
	delete(w.stage.live, w)
	w.stage.mu.Unlock()
	w.cancel()
	w.wg.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), closeWait)
	defer cancel()
	w.mu.Lock()
	waiting := w.pending
	w.mu.Unlock()
	for _, b := range waiting {
		select {
		case <-b.acked:
		case <-ctx.Done():
		}
	}
	w.checkpoint()
	w.mu.Lock()
	w.closeCoverage(ctx)
	w.mu.Unlock()
	if err := w.opts.Producer.Flush(ctx); err != nil {
		w.opts.Log.Warn("waiting for the last counts", "topic", w.topic, "partition", w.partition, "err", err)
	}
	w.writer.Close()
	w.closeCursors()
}

// closeWait bounds how long an ending worker waits for Kafka. What is not acknowledged then is made again later.
const closeWait = 5 * time.Second

// escapeDetail keeps a detail to one line.
func escapeDetail(s string) string { return strings.ReplaceAll(s, "\n", " ") }
