package normalise

import (
	"context"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/kgo"

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

	// Of the derived records, until all of them are acknowledged.
	*memory
	pool    *sync.Pool
	tallies map[tally]*ledger.Counts
	// Of the row below: most records come in runs of one source.
	peer   netip.Addr
	row    *ledger.Counts
	rowKey tally
	origin string // of that row
	// Of the header values that the record before had, which are shared where they come again.
	sender             netip.AddrPort
	senderAt, inputsAt []byte
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

// newBatch makes the batch of some raw records. Its memory comes from the pool and goes back there.
func newBatch(recs []*kgo.Record, pool *sync.Pool, done func(error)) *batch {
	size := 0
	for _, r := range recs {
		size += len(r.Value)
	}
	return &batch{
		from: recs[0].Offset, to: recs[len(recs)-1].Offset + 1, answer: done, tallies: map[tally]*ledger.Counts{}, acked: make(chan struct{}),
		memory: newMemory(pool, len(recs), size), pool: pool,
	}
}

// done answers the batch once.
func (b *batch) done(err error) { b.once.Do(func() { b.answer(err) }) }

// counts returns the row of the record's source.
func (b *batch) counts(raw *record.Raw) *ledger.Counts {
	addr := raw.Peer.Addr()
	// The source is input/address: up to the slash, or syslog would stand for syslog2 too.
	rest, same := strings.CutPrefix(b.rowKey.source, raw.Input)
	if same && strings.HasPrefix(rest, "/") && b.origin == raw.Origin && b.row != nil && b.peer == addr && b.rowKey.start == raw.Ing.Start && b.rowKey.ingester == raw.Ing.Ingester {
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
	b.peer, b.origin, b.row, b.rowKey = addr, strings.Clone(raw.Origin), c, k
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

// headers makes the headers of a derived record. Those of the raw record are passed on as they are.
func (b *batch) headers(src, prev []byte, account bool, raw *record.Raw) []kgo.RecordHeader {
	from := len(b.heads)
	b.heads = append(b.heads, kgo.RecordHeader{Key: record.HeaderSource, Value: src}, kgo.RecordHeader{Key: record.HeaderPrev, Value: b.keep(prev)})
	if account {
		if string(b.inputsAt) != raw.Input {
			b.inputsAt = b.keep([]byte(raw.Input))
		}
		at := len(b.text)
		b.text = append(b.text, raw.ID...)
		b.heads = append(b.heads, kgo.RecordHeader{Key: record.HeaderID, Value: b.text[at:len(b.text):len(b.text)]},
			kgo.RecordHeader{Key: record.HeaderInput, Value: b.inputsAt})
		if raw.Origin != "" {
			b.heads = append(b.heads, kgo.RecordHeader{Key: record.HeaderOrigin, Value: b.keep([]byte(raw.Origin))})
		}
		if raw.Peer.IsValid() {
			if raw.Peer != b.sender {
				at := len(b.text)
				b.text = raw.Peer.AppendTo(b.text)
				b.sender, b.senderAt = raw.Peer, b.text[at:len(b.text):len(b.text)]
			}
			b.heads = append(b.heads, kgo.RecordHeader{Key: record.HeaderPeer, Value: b.senderAt})
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
	b.ack()
}

// ack counts an acknowledgement. After the last one the producer holds nothing of the batch any more, and its memory goes
// to the next one; the batch itself waits much longer, for its counts to be published. That of a batch with a record
// that was refused never comes here and is left to the collector.
func (b *batch) ack() {
	if b.left.Add(-1) > 0 {
		return
	}
	if b.pool != nil {
		b.pool.Put(b.memory)
	}
	b.memory, b.senderAt, b.inputsAt = nil, nil, nil
	close(b.acked)
}

func (b *batch) isAcked() bool {
	select {
	case <-b.acked:
		return true
	default:
		return false
	}
}
