package normalise

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

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
	// How many raw records it is made of, and whether a further batch is made of those that came with them.
	taken  int
	more   bool
	answer func(error)
	once   sync.Once

	// Its events, until they are sent: they are on the worker's sheet.
	events []made
	// Of the other derived records, until all of them are acknowledged.
	*memory
	pool    *sync.Pool
	tallies map[tally]*ledger.Counts
	// Of the row below: most records come in runs of one source.
	peer   netip.Addr
	row    *ledger.Counts
	rowKey tally
	origin string // of that row
	// Of the objects that its records came from, as they stood at its end.
	marks []cursor.Mark
	// By which rules, and when, and what they were tried on; last is the row of the event before.
	set     string
	at      time.Time
	classes Classifier // nil: log sources are not known
	tried   []tried
	last    int

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
	return &batch{
		from: recs[0].Offset, to: recs[len(recs)-1].Offset + 1, answer: done, tallies: map[tally]*ledger.Counts{}, acked: make(chan struct{}),
		memory: newMemory(pool, len(recs)), pool: pool,
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

// send hands over what became of the batch: its events to the writer of their partition, the rest to the producer. A
// record that is refused for good ends the partition's run; what comes after it may be written, but the batch is never
// acknowledged.
func (b *batch) send(p *kgo.Client, events EventWriter) {
	b.left.Store(int64(len(b.out)+len(b.events)) + 1)
	promise := func(_ *kgo.Record, err error) {
		if err != nil {
			b.done(fmt.Errorf("writing derived records: %w", err))
			return
		}
		b.ack(1)
	}
	for _, rec := range b.out {
		p.Produce(context.Background(), rec, promise)
	}
	if len(b.events) > 0 {
		events.Write(b, 0, len(b.events))
	}
	b.events = nil
	b.ack(1)
}

// ack counts acknowledgements. After the last one the producer holds nothing of the batch any more, and its memory goes
// to the next one; the batch itself waits much longer, for its counts to be published. That of a batch with a record
// that was refused never comes here and is left to the collector.
func (b *batch) ack(n int64) {
	if b.left.Add(-n) > 0 {
		return
	}
	if b.pool != nil {
		b.pool.Put(b.memory)
	}
	b.memory = nil
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
