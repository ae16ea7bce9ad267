package elastic

import (
	"slices"
	"sync"

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

	mu      sync.Mutex
	rows    map[string]*ledger.ElasticCounts
	dead    []dead
	left    int // documents that are not settled, and one for the worker that still adds some
	givenUp bool
	settled chan struct{} // closed when left is 0
}

// ref is what the sender's answer about a document is for.
type ref struct {
	b   *batch
	row *ledger.ElasticCounts
	rec *kgo.Record
	id  []byte // event.id
}

func newBatch(recs []*kgo.Record, done func(error)) *batch {
	return &batch{from: recs[0].Offset, to: recs[len(recs)-1].Offset + 1, answer: done, rows: map[string]*ledger.ElasticCounts{}, left: 1, settled: make(chan struct{})}
}

// row returns the counts of a source.
func (b *batch) row(source string) *ledger.ElasticCounts {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := b.rows[source]
	if c == nil {
		c = &ledger.ElasticCounts{}
		b.rows[source] = c
	}
	return c
}

// expect says that one more document is on its way.
func (b *batch) expect() {
	b.mu.Lock()
	b.left++
	b.mu.Unlock()
}

// release says that something expected is over: a document, or the worker's own hold.
func (b *batch) release() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.leave()
}

// leave is release with mu held.
func (b *batch) leave() {
	if b.left--; b.left == 0 {
		close(b.settled)
	}
}

// settle counts the outcome of a document.
func (r *ref) settle(o bulk.Outcome) {
	b := r.b
	b.mu.Lock()
	defer b.mu.Unlock()
	switch o.Kind {
	case bulk.Indexed:
		r.row.Indexed++
	case bulk.Conflict:
		r.row.Conflicts++
	case bulk.Refused:
		b.kill(r.row, dead{rec: r.rec, id: r.id, reason: reasonRefused, detail: detail(o)})
	case bulk.GivenUp:
		b.givenUp = true
	}
	b.leave()
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
		b.mu.Lock()
		defer b.mu.Unlock()
		return true, b.givenUp
	default:
		return false, false
	}
}
