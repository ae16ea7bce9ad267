package normalise

import (
	"context"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/event"
	"weir/internal/ledger"
	"weir/internal/record"
	"weir/processors/normalise/cursor"
)

// batch is what became of one batch of raw records: the derived records, their memory, and the counts. The worker's
// goroutine fills it; after send only acknowledgements touch it, and the counts are read by the checkpoint.
type batch struct {
	// Raw offsets, to not included.
	from, to int64
	answer   func(error)
	once     sync.Once

	out []*kgo.Record
	// Memory of out.
	slab  []kgo.Record
	heads []kgo.RecordHeader
	// Encoded events.
	arena   []byte
	tallies map[tally]*ledger.Counts
	// Of the row below: most records come in runs of one source.
	peer   netip.Addr
	row    *ledger.Counts
	rowKey tally
	// Of the objects that its records came from, as they stood at its end.
	marks []cursor.Mark

	left atomic.Int64
	// Closed when every derived record is acknowledged.
	acked chan struct{}
}

// tally names one row of counts.
type tally struct {
	ingester string
	start    uint32
	source   string
}

func newBatch(recs []*kgo.Record, done func(error)) *batch {
	size := 0
	for _, r := range recs {
		size += len(r.Value)
	}
	return &batch{
		from: recs[0].Offset, to: recs[len(recs)-1].Offset + 1, answer: done, tallies: map[tally]*ledger.Counts{}, acked: make(chan struct{}),
		slab: make([]kgo.Record, 0, len(recs)+len(recs)/8+8), arena: make([]byte, 0, 4*size+1024*len(recs)),
		heads: make([]kgo.RecordHeader, 0, 7*len(recs)+64),
	}
}

// done answers the batch once.
func (b *batch) done(err error) { b.once.Do(func() { b.answer(err) }) }

// counts returns the row of the record's source.
func (b *batch) counts(raw *record.Raw) *ledger.Counts {
	addr := raw.Peer.Addr()
	// The source is input/address: up to the slash, or syslog would stand for syslog2 too.
	rest, same := strings.CutPrefix(b.rowKey.source, raw.Input)
	if same && strings.HasPrefix(rest, "/") && b.row != nil && b.peer == addr && b.rowKey.start == raw.Ing.Start && b.rowKey.ingester == raw.Ing.Ingester {
		return b.row
	}
	k := tally{raw.Ing.Ingester, raw.Ing.Start, raw.Source()}
	c := b.tallies[k]
	if c == nil {
		// The batch outlives the record whose memory the name is in.
		k.ingester = strings.Clone(k.ingester)
		c = &ledger.Counts{}
		b.tallies[k] = c
	}
	b.peer, b.row, b.rowKey = addr, c, k
	return c
}

// mergeInto adds the counts to those of a ledger record. Source names alias raw records, so they are copied.
func (b *batch) mergeInto(starts map[string]map[string]*ledger.Counts) {
	for k, c := range b.tallies {
		key := ledger.StartKey(k.ingester, k.start)
		if starts[key] == nil {
			starts[key] = map[string]*ledger.Counts{}
		}
		ledger.Merge(starts[key], k.source, c)
	}
}

// encode appends the event's JSON to the batch's memory. A later growth moves the memory; what was handed out before
// keeps the old one.
func (b *batch) encode(e *event.Event) []byte {
	from := len(b.arena)
	b.arena = e.AppendJSON(b.arena)
	return b.arena[from:len(b.arena):len(b.arena)]
}

// next returns a fresh derived record.
func (b *batch) next() *kgo.Record {
	if len(b.slab) == cap(b.slab) {
		b.slab = make([]kgo.Record, 0, 64)
	}
	b.slab = append(b.slab, kgo.Record{})
	rec := &b.slab[len(b.slab)-1]
	b.out = append(b.out, rec)
	return rec
}

// headers makes the headers of a derived record. Those of the raw record are passed on as they are.
func (b *batch) headers(src, prev string, account bool, raw *record.Raw) []kgo.RecordHeader {
	from := len(b.heads)
	b.heads = append(b.heads, kgo.RecordHeader{Key: record.HeaderSource, Value: []byte(src)}, kgo.RecordHeader{Key: record.HeaderPrev, Value: []byte(prev)})
	if account {
		b.heads = append(b.heads, kgo.RecordHeader{Key: record.HeaderID, Value: []byte(raw.ID)},
			kgo.RecordHeader{Key: record.HeaderInput, Value: []byte(raw.Input)})
		if raw.Origin != "" {
			b.heads = append(b.heads, kgo.RecordHeader{Key: record.HeaderOrigin, Value: []byte(raw.Origin)})
		}
		if raw.Peer.IsValid() {
			b.heads = append(b.heads, kgo.RecordHeader{Key: record.HeaderPeer, Value: raw.Peer.AppendTo(nil)})
		}
	}
	return b.heads[from:len(b.heads):len(b.heads)]
}

// send hands the derived records to the producer, in order. failed is called for a record that was refused for good;
// what comes after it may be written, but the batch is never acknowledged.
func (b *batch) send(p *kgo.Client, failed func(*batch, error)) {
	b.left.Store(int64(len(b.out)) + 1)
	promise := func(_ *kgo.Record, err error) {
		if err != nil {
			failed(b, err)
			return
		}
		b.ack()
	}
	for _, rec := range b.out {
		p.Produce(context.Background(), rec, promise)
	}
	// The producer holds what it needs; a batch waits much longer for its counts to be published.
	b.out, b.slab, b.heads, b.arena, b.row = nil, nil, nil, nil, nil
	b.ack()
}

func (b *batch) ack() {
	if b.left.Add(-1) == 0 {
		close(b.acked)
	}
}

func (b *batch) isAcked() bool {
	select {
	case <-b.acked:
		return true
	default:
		return false
	}
}
