package arena

import (
	"context"

	"weir/ingest"
	"weir/internal/record"
)

// MaxRecords is how many records a batch may hold. A record costs the front door more than its bytes, so a read of
// thousands of tiny ones goes on in parts.
const MaxRecords = 512

// Batch collects records and keeps the memory they point into. Its maker fills it and calls Emit; from then on it
// belongs to the front door.
type Batch struct {
	Recs   []record.Raw
	chunks []*Chunk
	pool   *Pool
	done   func(error) // bound once, so that emitting allocates nothing
	then   func(error)
}

// Batch returns an empty batch.
func (p *Pool) Batch() *Batch {
	if b, _ := p.batches.Get().(*Batch); b != nil {
		return b
	}
	b := &Batch{pool: p}
	b.done = b.finish
	return b
}

// Full tells whether the batch must be emitted before it takes another record.
func (b *Batch) Full() bool { return len(b.Recs) >= MaxRecords }

// Hold keeps c until the batch is done. Asking again for the chunk held last costs nothing.
func (b *Batch) Hold(c *Chunk) {
	if n := len(b.chunks); n > 0 && b.chunks[n-1] == c {
		return
	}
	c.refs.Add(1)
	b.chunks = append(b.chunks, c)
}

// Emit hands the batch over. then, which may be nil, hears what the front door says when it is done, from the front
// door's goroutine. With an error the batch was not taken and then is not called. The caller must not use the batch
// again in either case.
func (b *Batch) Emit(ctx context.Context, emit ingest.Emit, then func(error)) error {
	b.then = then
	b.pool.flying.Add(1)
	if err := emit(ctx, b.Recs, b.done); err != nil {
		b.pool.flying.Add(-1)
		b.recycle()
		return err
	}
	return nil
}

// Drop gives the batch back without emitting it.
func (b *Batch) Drop() { b.recycle() }

// finish is what the front door calls. After an error its producer may still hold the bytes somewhere between two
// retries, so that memory is left to the garbage collector and never read into again.
func (b *Batch) finish(err error) {
	then, pool := b.then, b.pool
	if err == nil {
		b.recycle()
	} else {
		for _, c := range b.chunks {
			c.lost.Store(true)
			c.Release()
		}
	}
	if then != nil {
		then(err)
	}
	pool.flying.Add(-1)
}

// recycle gives everything back. The records are not cleared: they point into chunks of the same pool.
func (b *Batch) recycle() {
	for i, c := range b.chunks {
		c.Release()
		b.chunks[i] = nil
	}
	b.chunks, b.Recs, b.then = b.chunks[:0], b.Recs[:0], nil
	b.pool.batches.Put(b)
}
