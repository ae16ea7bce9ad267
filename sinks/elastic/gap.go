package elastic

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/fault"
	"weir/internal/record"
	"weir/sinks/elastic/bulk"
)

// A gap is what Kafka deleted before it was brought over: Elasticsearch was away for longer than the topic is kept. The
// worker goes on with what there is and fills the gap from the archive beside it. The gap is part of the position, so a
// restart does not forget it.

// gapPause is between two attempts to fill a gap.
const gapPause = time.Minute

// findGap looks whether records between the position and from are gone. Offsets may be missing without a gap: a
// compacted topic leaves them out.
func (w *worker) findGap(ctx context.Context, from int64) error {
	first, err := w.sink.positions.first(ctx, w.at.topic, w.at.partition)
	if err != nil {
		return err
	}
	first = min(first, from)
	if first <= w.next {
		return nil
	}
	g := gap{w.next, first}
	w.gaps = append(w.gaps, g)
	w.next = first
	w.order = order{high: marks{}} // what lies between is unknown; the next records say where they go on
	f := &fault.Error{Code: "elastic-gap", What: fmt.Sprintf("Kafka no longer has %d records of %s that Elasticsearch needs", g.to-g.from, w.at),
		Why: "they are older than the topic is kept", Do: "nothing, if this weir has the archive: they are read from it; weir ledger shows when that is done"}
	w.log.Warn("a fault", "what", f.What, "code", f.Code, "why", f.Why, "do", f.Do, "from", g.from, "to", g.to)
	return nil
}

// fillGaps fills the gaps of the partition one after the other, until there is none or the worker ends.
func (w *worker) fillGaps() {
	for {
		w.mu.Lock()
		if len(w.gaps) == 0 {
			w.mu.Unlock()
			return
		}
		g := w.gaps[0]
		w.mu.Unlock()
		err := w.fillGap(g)
		if err == nil {
			continue
		}
		w.log.Warn("filling a gap from the archive; trying again", "from", g.from, "to", g.to, "err", err)
		select {
		case <-time.After(gapPause):
		case <-w.stop:
			return
		}
	}
}

// fillGap brings the documents of one gap over, and publishes what became of them.
func (w *worker) fillGap(g gap) error {
	s := w.sink
	if s.opts.Replay == nil {
		return &fault.Error{Code: "elastic-gap", What: "there is no archive to read them from", Do: "run the stages archive and elastic in one process once"}
	}
	ctx, cancel := context.WithCancel(w.ctx)
	defer cancel()
	w.wg.Go(func() {
		select {
		case <-w.stop:
			cancel()
		case <-ctx.Done():
		}
	})
	f := filler{w: w, ctx: ctx, b: newBatch(g.from, g.to, nil)}
	if err := s.opts.Replay(ctx, w.at.topic, w.at.partition, g.from, g.to, f.each); err != nil {
		return fmt.Errorf("reading the archive: %w", err)
	}
	if err := f.send(); err != nil {
		return err
	}
	f.b.filled(f.n)
	select {
	case <-f.b.settled:
	case <-ctx.Done():
		return ctx.Err()
	}
	if _, givenUp := f.b.isSettled(); givenUp {
		return errGivenUp
	}
	prev := ""
	if err := s.bury(ctx, f.b.letters(), &prev); err != nil {
		return err
	}
	rec := w.ledgerRecord(g.from, g.to)
	rec.Gap, rec.Sources, rec.Open = true, f.b.rows, rec.Open[1:]
	if err := w.publish(ctx, rec); err != nil {
		return err
	}
	w.mu.Lock()
	w.gaps = w.gaps[1:]
	w.mu.Unlock()
	w.poke(true)
	w.log.Info("filled a gap from the archive", "from", g.from, "to", g.to, "documents", f.n)
	return nil
}

// filler sends the documents of a gap. Those that the archive cannot tell apart from their neighbours are left out by their
// source position: what came after the gap was read from Kafka.
type filler struct {
	w    *worker
	ctx  context.Context //nolint:containedctx // of one fillGap
	b    *batch
	docs []bulk.Doc
	refs []ref
	size int
	n    int64
}

// each takes one document, whose memory is the archive's.
func (f *filler) each(doc []byte) error {
	facts, ok := peek(doc)
	if !ok {
		return fmt.Errorf("a row of the archive is no document")
	}
	if src, err := record.ParsePos(facts.src); err == nil {
		f.w.mu.Lock()
		first, ok := f.w.first[markKey(src)]
		f.w.mu.Unlock()
		if ok && src.Compare(first) >= 0 {
			return nil
		}
	}
	source := f.w.at.topic
	if facts.input != "" {
		source = facts.input + "/" + facts.address
	}
	d := bulk.Doc{Index: f.w.indexFor(&facts, time.Now()), ID: []byte(facts.id), JSON: append([]byte(nil), doc...), Version: facts.version()}
	if len(d.ID) == 0 {
		return fmt.Errorf("a row of the archive has no event.id")
	}
	rec := &kgo.Record{Topic: f.w.at.topic, Partition: f.w.at.partition, Offset: -1, Value: d.JSON}
	if f.w.at.topic == f.w.sink.opts.Alerts {
		if u, ok := f.w.sink.revision(d.JSON); ok {
			d = u
		}
	}
	f.add(d, ref{b: f.b, row: f.b.row(source), rec: rec})
	if f.w.at.topic == f.w.sink.opts.Changes {
		if u, ok := f.w.sink.decision(rec.Value); ok {
			f.add(u, ref{b: f.b, row: f.b.row(source), rec: rec, beside: true})
		}
	}
	if f.size < f.w.sink.sender.Size() {
		return nil
	}
	return f.send()
}

// add puts a document to the next request.
func (f *filler) add(d bulk.Doc, r ref) {
	f.docs, f.refs = append(f.docs, bulk.Tidy(d)), append(f.refs, r)
	f.size += len(d.JSON)
	f.n++
}

// send hands the documents over.
func (f *filler) send() error {
	if len(f.docs) == 0 {
		return nil
	}
	docs, refs := f.docs, f.refs
	f.docs, f.refs, f.size = nil, nil, 0
	err := f.w.sink.sender.Send(f.ctx, docs, func(places []int32, o bulk.Outcome) { f.w.settle(docs, refs, places, o) })
	if err != nil {
		return fmt.Errorf("sending documents: %w", err)
	}
	return nil
}
