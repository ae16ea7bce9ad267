package elastic

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/ledger"
	"weir/sinks/elastic/bulk"
)

// batch is one batch of records on its way. The worker's goroutine fills it, the sender settles its documents from
// several goroutines, and the follower takes it when all are settled.
type batch struct {
	from, to int64 // offsets, to not included
	answer   func(error)
	high     marks // as they are after this batch

	// left is the number of documents that are not settled, and hold until the worker has added its last one.
	left    atomic.Int64
	settled chan struct{} // closed when left is 0
	givenUp atomic.Bool

	mu   sync.Mutex // of rows' values and dead
	rows map[string]*ledger.ElasticCounts
	dead []dead
}

// hold is more than the documents of any batch.
const hold = 1 << 40

// ref is what the sender's answer about a document is for.
type ref struct {
	b   *batch
	row *ledger.ElasticCounts
	rec *kgo.Record
	// beside is a document that a record makes besides its own: it is in no count.
	beside bool
}

func newBatch(from, to int64, done func(error)) *batch {
	b := &batch{from: from, to: to, answer: done, rows: map[string]*ledger.ElasticCounts{}, settled: make(chan struct{})}
	b.left.Store(hold)
	return b
}

// row returns the counts of a source. Only who fills the batch calls it.
func (b *batch) row(source string) *ledger.ElasticCounts {
	c := b.rows[source]
	if c == nil {
		c = &ledger.ElasticCounts{}
		b.rows[source] = c
	}
	return c
}

// filled says that n documents were added and no more will be.
func (b *batch) filled(n int64) { b.leave(hold - n) }

// leave takes n off those that are not settled, and tells whether there is none any more.
func (b *batch) leave(n int64) bool {
	if b.left.Add(-n) != 0 {
		return false
	}
	close(b.settled)
	return true
}

// settle counts the outcome of some documents of this batch, and tells whether it is settled by that.
func (b *batch) settle(docs []bulk.Doc, refs []ref, places []int32, o bulk.Outcome) bool {
	if o.Kind == bulk.GivenUp {
		b.givenUp.Store(true)
		return b.leave(int64(len(places)))
	}
	b.mu.Lock()
	for _, at := range places {
		if refs[at].beside {
			continue
		}
		switch row := refs[at].row; o.Kind {
		case bulk.Indexed:
			row.Indexed++
		case bulk.Conflict:
			row.Conflicts++
		case bulk.Refused:
			b.kill(row, dead{rec: refs[at].rec, id: docs[at].ID, reason: reasonRefused, detail: detail(o)})
		}
	}
	b.mu.Unlock()
	return b.leave(int64(len(places)))
}

// detail joins the server's name of a refusal and its words.
func detail(o bulk.Outcome) string {
	if o.Type == "" {
		return o.Reason
	}
	return o.Type + ": " + o.Reason
}

// kill counts a dead letter and keeps it until the batch is settled. mu is held.
func (b *batch) kill(row *ledger.ElasticCounts, d dead) {
	if row.Dead == nil {
		row.Dead = map[string]int64{}
	}
	row.Dead[d.reason]++
	b.dead = append(b.dead, d)
}

// letters returns the dead letters in the order of their records.
func (b *batch) letters() []dead {
	b.mu.Lock()
	defer b.mu.Unlock()
	slices.SortFunc(b.dead, func(x, y dead) int { return int(x.rec.Offset - y.rec.Offset) })
	return b.dead
}

// isSettled tells whether all is known of the batch, and whether something was given up.
func (b *batch) isSettled() (all, givenUp bool) {
	select {
	case <-b.settled:
		return true, b.givenUp.Load()
	default:
		return false, false
	}
}
