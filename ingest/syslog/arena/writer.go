package arena

// Writer copies short byte strings, such as datagrams, one behind the other into chunks, so that a batch holds no more
// memory than its bytes. One goroutine at a time.
type Writer struct {
	pool  *Pool
	chunk *Chunk
	to    int
	class int
}

// NewWriter makes a writer whose chunks hold 72 KiB.
func (p *Pool) NewWriter() *Writer { return &Writer{pool: p, class: 2} }

// Copy copies data and makes b keep the copy.
func (w *Writer) Copy(b *Batch, data []byte) []byte {
	if w.chunk != nil && w.to > 0 && w.chunk.alone() {
		w.to = 0 // all that was copied is done with
	}
	if w.chunk == nil || len(w.chunk.Buf)-w.to < len(data) {
		w.Close()
		w.chunk = w.pool.Get(w.class, len(data))
	}
	at := w.to
	w.to += copy(w.chunk.Buf[at:], data)
	b.Hold(w.chunk)
	return w.chunk.Buf[at:w.to:w.to]
}

// Close gives the memory back that no batch holds.
func (w *Writer) Close() {
	if w.chunk != nil {
		w.chunk.Release()
		w.chunk, w.to = nil, 0
	}
}
