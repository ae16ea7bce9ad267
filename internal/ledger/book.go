package ledger

import (
	"maps"
	"sync"
	"time"

	"weir/internal/record"
)

// Book counts for the ingest hop, from the start of the process. It implements ingest.Counter and the front door's
// counter; safe for many goroutines.
//
// One lock for all of it: it is taken once a batch, not once a record.
type Book struct {
	self  record.Ing
	max   int
	mu    sync.Mutex
	rows  map[string]*Counts
	kerns map[string]int64
}

// NewBook makes an empty book for one start of an ingester. Beyond maxSources all further sources count as Other.
func NewBook(self record.Ing, maxSources int) *Book {
	return &Book{self: self, max: maxSources, rows: map[string]*Counts{}, kerns: map[string]int64{}}
}

// row returns the counts of a source; the lock is held.
func (b *Book) row(source string) *Counts {
	if c := b.rows[source]; c != nil {
		return c
	}
	if len(b.rows) >= b.max {
		source = Other
		if c := b.rows[source]; c != nil {
			return c
		}
	}
	c := &Counts{}
	b.rows[source] = c
	return c
}

// Received counts frames read from the wire.
func (b *Book) Received(source string, records, bytes int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := b.row(source)
	c.Received += int64(records)
	c.Bytes += int64(bytes)
	c.Last = time.Now()
	if c.First.IsZero() {
		c.First = c.Last
	}
}

// Refused counts frames that were turned away.
func (b *Book) Refused(source, reason string, records int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := b.row(source)
	if c.Refused == nil {
		c.Refused = map[string]int64{}
	}
	c.Refused[reason] += int64(records)
}

// Published counts records that Kafka has acknowledged.
func (b *Book) Published(source string, records int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.row(source).Published += int64(records)
}

// KernelDrops counts datagrams that the kernel dropped before they could be read.
func (b *Book) KernelDrops(input string, records int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.kerns[input] += int64(records)
}

// Record returns the counts of this moment, in memory of their own: they are encoded while counting goes on.
func (b *Book) Record(now time.Time, clean bool) Record {
	b.mu.Lock()
	defer b.mu.Unlock()
	r := Record{Hop: HopIngest, Instance: b.self.Ingester, Start: b.self.Start, At: now, Clean: clean, Sources: make(map[string]*Counts, len(b.rows)), Kernel: maps.Clone(b.kerns)}
	for s, c := range b.rows {
		copied := *c
		copied.Refused = maps.Clone(c.Refused)
		r.Sources[s] = &copied
	}
	return r
}

// Totals returns the sums over all sources.
func (b *Book) Totals() (received, refused, kernel int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.rows {
		received += c.Received
		refused += sum(c.Refused)
	}
	return received, refused, sum(b.kerns)
}

// RefusedBy returns what was refused by reason, over all sources.
func (b *Book) RefusedBy() map[string]int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out map[string]int64
	for _, c := range b.rows {
		out = addMap(out, c.Refused)
	}
	return out
}
