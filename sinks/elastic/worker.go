package elastic

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/ledger"
	"weir/internal/record"
	"weir/sinks/elastic/bulk"
)

const (
	// linger is how long documents wait for a request to fill.
	linger = 200 * time.Millisecond
	// openBatches bounds the batches that are not settled, so that what a stuck one holds back stays small.
	openBatches = 256
	// checkpointAt is after how many records counts are published whatever the clock says.
	checkpointAt = 100_000
	// closeWait bounds how long an ending worker waits for Elasticsearch and Kafka.
	closeWait = 5 * time.Second
)

// worker brings one partition over. Process and Close come from the partition's goroutine; a follower of its own takes
// settled batches in order, writes their dead letters and publishes counts.
type worker struct {
	sink *Sink
	at   place
	log  *slog.Logger

	// Of the partition's goroutine.
	next  int64 // offset after the last record taken
	order order
	added int64 // documents of the batch under way
	head  header
	last  header // of the record before
	row   *ledger.ElasticCounts
	rowOf *batch
	day   []byte // of the record before, and the index that follows from it
	index string
	days  map[string]string

	// send guards the documents that are not sent yet: records and the timer send.
	send  sync.Mutex
	docs  []bulk.Doc
	refs  []ref
	size  int
	timer *time.Timer

	// mu guards what the follower shares.
	mu      sync.Mutex
	pending []*batch // in order
	gaps    []gap
	first   marks            // the first source positions taken: a gap before them ends there
	differ  map[string]int64 // conflicts with other content, not published yet, by source
	flush   bool             // counts are asked for
	broken  error            // set once: nothing may be published after what failed
	closed  bool

	// Of the follower.
	ready []*batch // settled, their dead letters written
	prev  string   // source position of the dead letter before

	kick   chan struct{}
	ctx    context.Context //nolint:containedctx // ends when the worker has closed
	cancel context.CancelFunc
	wg     sync.WaitGroup

	// The one goroutine that fills gaps; stop ends it.
	gapRun sync.Once
	stop   chan struct{}
}

func newWorker(s *Sink, at place, pos position) *worker {
	ctx, cancel := context.WithCancel(context.Background())
	return &worker{sink: s, at: at, log: s.log.With("topic", at.topic, "partition", at.partition), next: pos.to, order: order{high: pos.high}, first: marks{}, gaps: pos.gaps,
		days: map[string]string{}, differ: map[string]int64{}, kick: make(chan struct{}, 1), stop: make(chan struct{}), ctx: ctx, cancel: cancel}
}

// begin starts the follower.
func (w *worker) begin() { w.wg.Go(w.follow) }

// poke wakes the follower.
func (w *worker) poke(flush bool) {
	if flush {
		w.mu.Lock()
		w.flush = true
		w.mu.Unlock()
	}
	select {
	case w.kick <- struct{}{}:
	default: // it will look anyway
	}
}

// Process implements pipeline.Worker.
func (w *worker) Process(ctx context.Context, recs []*kgo.Record, done func(error)) error {
	// From where the last one ended, so that stretches meet where a compacted topic leaves offsets out.
	b := newBatch(w.next, max(w.next, recs[len(recs)-1].Offset+1), done)
	w.added = 0
	for _, r := range recs {
		if r.Offset < w.next || r.Value == nil {
			continue // read again after a rewind, and counted then; or a tombstone, which says nothing
		}
		if err := w.take(ctx, b, r); err != nil {
			return err
		}
		w.next = r.Offset + 1
	}
	w.next = b.to
	b.high = w.order.snapshot()
	b.filled(w.added)
	w.mu.Lock()
	w.pending = append(w.pending, b)
	oldest, open := w.pending[0], len(w.pending)
	gaps := len(w.gaps)
	w.mu.Unlock()
	w.poke(false)
	if gaps > 0 {
		w.gapRun.Do(func() { w.wg.Go(w.fillGaps) }) // now it is known where the records begin that Kafka has
	}
	if open <= openBatches {
		return nil
	}
	if err := w.flushDocs(ctx); err != nil {
		return err
	}
	select {
	case <-oldest.settled:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// take counts one record and adds its document to the next request.
func (w *worker) take(ctx context.Context, b *batch, r *kgo.Record) error {
	w.head.read(r)
	h := &w.head
	if w.rowOf != b || !h.sameSource(&w.last) {
		w.row, w.rowOf = b.row(h.source(r.Topic)), b
	}
	repeated, sub, err := w.check(r, h)
	if err != nil {
		return err
	}
	w.last = *h
	if repeated {
		w.row.Repeated++ // nobody else touches it: only outcomes of documents share the batch's lock
		return nil
	}
	doc := bulk.Doc{ID: h.eventID(sub), JSON: r.Value, Version: h.revision()}
	row := w.row
	if len(h.day) == 0 || len(doc.ID) == 0 {
		f, ok := peek(r.Value)
		if !ok {
			b.mu.Lock()
			b.kill(row, dead{rec: r, id: doc.ID, reason: reasonUnreadable, detail: "the value is no JSON object"})
			b.mu.Unlock()
			return nil
		}
		w.fill(&doc, r, &f)
	} else {
		doc.Index = w.indexOf(h.day)
	}
	if w.at.topic == w.sink.opts.Alerts {
		if d, ok := w.sink.revision(r.Value); ok {
			doc = d
		}
	}
	w.added++
	if err := w.add(ctx, bulk.Tidy(doc), ref{b: b, row: row, rec: r}); err != nil || w.at.topic != w.sink.opts.Changes {
		return err
	}
	// A decision is a document of its own, and changes that of its alert.
	d, ok := w.sink.decision(r.Value)
	if !ok {
		return nil
	}
	w.added++
	return w.add(ctx, bulk.Tidy(d), ref{b: b, row: row, rec: r, beside: true})
}

// fill completes a document whose headers do not say all. Without an id of its own its place in the topic has to do.
func (w *worker) fill(doc *bulk.Doc, r *kgo.Record, f *facts) {
	if len(doc.ID) == 0 {
		doc.ID = []byte(f.id)
	}
	if len(doc.ID) == 0 {
		doc.ID = []byte(record.Pos{Topic: r.Topic, Partition: r.Partition, Offset: r.Offset}.String())
	}
	doc.Index, doc.Version = w.indexFor(f, r.Timestamp), f.version()
}

// indexFor returns the index of a document by what it says of itself; one that says no time goes by now.
func (w *worker) indexFor(f *facts, now time.Time) string {
	class, at := f.class, f.time
	if f.firstDay != "" { // a revision replaces the first one where that is
		class, at = f.firstClass, f.firstDay+"T00:00:00Z"
	}
	if class == "" {
		class = "standard"
	}
	t, err := time.Parse(time.RFC3339, at)
	if err != nil {
		t = now
	}
	return w.sink.names.Index(class, t)
}

// indexOf returns the index that a day header names. Nearly all records of a batch have the same.
func (w *worker) indexOf(day []byte) string {
	if bytes.Equal(day, w.day) {
		return w.index
	}
	w.day = append(w.day[:0], day...)
	if index, ok := w.days[string(day)]; ok {
		w.index = index
		return index
	}
	f := facts{}
	if at := bytes.LastIndexByte(day, '/'); at >= 0 {
		f.class, f.time = string(day[:at]), string(day[at+1:])+"T00:00:00Z"
	}
	w.index = w.indexFor(&f, time.Now())
	if len(w.days) > 10_000 { // days come from outside
		clear(w.days)
	}
	w.days[string(day)] = w.index
	return w.index
}

// add puts a document into the next request, and sends it when it is full.
func (w *worker) add(ctx context.Context, d bulk.Doc, r ref) error {
	w.send.Lock()
	defer w.send.Unlock()
	w.docs, w.refs = append(w.docs, d), append(w.refs, r)
	w.size += len(d.JSON) + len(d.ID)
	if w.size >= w.sink.sender.Size() {
		return w.dispatch(ctx)
	}
	if len(w.docs) == 1 {
		if w.timer == nil {
			w.timer = time.AfterFunc(linger, w.late)
		} else {
			w.timer.Reset(linger)
		}
	}
	return nil
}

// late sends what has waited long enough. The timer calls it.
func (w *worker) late() {
	if err := w.flushDocs(w.ctx); err != nil && w.ctx.Err() == nil && !errors.Is(err, bulk.ErrClosed) {
		w.log.Warn("sending documents", "err", err)
	}
}

// flushDocs sends what has gathered.
func (w *worker) flushDocs(ctx context.Context) error {
	w.send.Lock()
	defer w.send.Unlock()
	return w.dispatch(ctx)
}

// dispatch hands the documents to the sender. send is held. After an error they are given up: the partition is read again.
func (w *worker) dispatch(ctx context.Context) error {
	if len(w.docs) == 0 {
		return nil
	}
	docs, refs := w.docs, w.refs
	// The next request will be about as long as this one.
	w.docs, w.refs, w.size = make([]bulk.Doc, 0, len(docs)+16), make([]ref, 0, len(docs)+16), 0
	err := w.sink.sender.Send(ctx, docs, func(places []int32, o bulk.Outcome) { w.settle(docs, refs, places, o) })
	if err != nil {
		all := make([]int32, len(docs))
		for i := range all {
			all[i] = int32(i)
		}
		w.settle(docs, refs, all, bulk.Outcome{Kind: bulk.GivenUp})
		return fmt.Errorf("sending documents: %w", err)
	}
	return nil
}

// settle takes the outcome of some documents. The sender's goroutines call it.
func (w *worker) settle(docs []bulk.Doc, refs []ref, places []int32, o bulk.Outcome) {
	t, n := &w.sink.totals, int64(len(places))
	switch o.Kind {
	case bulk.Indexed:
		t.indexed.Add(n)
	case bulk.Conflict:
		t.conflicts.Add(n)
		d := &docs[places[0]]
		w.sink.checker.offer(d.Index, d.ID, d.JSON, w, refs[places[0]].rec)
	case bulk.Refused:
		t.refused.Add(n)
		w.sink.refusal(docs[places[0]].Index, o)
	}
	whole := false
	for len(places) > 0 { // documents of one batch come together
		b, n := refs[places[0]].b, 1
		for n < len(places) && refs[places[n]].b == b {
			n++
		}
		whole = b.settle(docs, refs, places[:n], o) || whole
		places = places[n:]
	}
	if whole {
		w.poke(false)
	}
}

// differing counts a conflict whose stored document says something else.
func (w *worker) differing(rec *kgo.Record) {
	var h header
	h.read(rec)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.differ[h.source(rec.Topic)]++
}

// Close sends what has gathered, waits a moment for the answers, publishes the last counts and ends.
func (w *worker) Close() {
	s := w.sink
	s.mu.Lock()
	delete(s.live, w)
	s.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), closeWait)
	defer cancel()
	close(w.stop)
	err := w.flushDocs(ctx)
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	w.poke(true)
	ended := make(chan struct{})
	go func() {
		w.wg.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-ctx.Done():
		err = errors.Join(err, ctx.Err())
	}
	w.cancel()
	<-ended
	w.send.Lock()
	if w.timer != nil {
		w.timer.Stop()
	}
	w.send.Unlock()
	if err != nil && !errors.Is(err, bulk.ErrClosed) {
		w.log.Info("a partition ends before all of it is in Elasticsearch; the rest is sent again", "err", err)
	}
}

// String names the partition in messages.
func (p place) String() string { return p.topic + "/" + strconv.Itoa(int(p.partition)) }
