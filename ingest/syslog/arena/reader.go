package arena

import "io"

// quietReads is how many small reads in a row make a reader take a smaller chunk.
const quietReads = 64

// Reader reads one stream into chunks. What was read and not yet consumed is always in one piece. Chunks grow while
// reads fill them and shrink when they do not, so that a quiet connection costs 4 KiB. One goroutine at a time.
type Reader struct {
	pool  *Pool
	chunk *Chunk
	room  int
	from  int // chunk.Buf[from:to] is read and not consumed
	to    int
	class int // of the next chunk
	quiet int // small reads in a row
}

// NewReader makes a reader; it holds no memory until the first Fill. room is how long Data may become before some of
// it is consumed for certain.
func (p *Pool) NewReader(room int) *Reader { return &Reader{pool: p, room: room} }

// Data returns what was read and not consumed.
func (r *Reader) Data() []byte {
	if r.chunk == nil {
		return nil
	}
	return r.chunk.Buf[r.from:r.to]
}

// Consume takes n bytes off the front of Data.
func (r *Reader) Consume(n int) { r.from += n }

// HoldIn makes b keep the memory of Data, for records that point into it.
func (r *Reader) HoldIn(b *Batch) { b.Hold(r.chunk) }

// Fill reads once from src, behind what is there. Data may move, so nothing may point into it that no batch holds.
func (r *Reader) Fill(src io.Reader) (int, error) {
	r.makeRoom()
	free := r.chunk.Buf[r.to:]
	n, err := src.Read(free)
	r.to += n
	switch {
	case n == len(free):
		r.quiet = 0
		r.class = min(r.class+1, len(sizes)-1)
	case r.class > 0 && n < sizes[r.class-1]/4:
		r.quiet++
	default:
		r.quiet = 0
	}
	return n, err
}

// makeRoom sees to it that the next read has space worth reading into.
func (r *Reader) makeRoom() {
	if r.quiet >= quietReads {
		r.quiet = 0
		r.class--
	}
	if r.chunk == nil {
		r.chunk = r.pool.Get(r.class, 0)
		return
	}
	size := len(r.chunk.Buf)
	if r.from == r.to {
		switch {
		case r.chunk.class > r.class, r.chunk.class < r.class && r.to == size: // the sender has become quiet, or fast
			r.move(0)
			return
		case r.chunk.alone(): // nobody looks at it any more: start again at its front
			r.from, r.to = 0, 0
		}
	}
	if size-r.to >= size/4 || r.to < size && r.from+r.room <= size {
		return
	}
	rest := r.to - r.from
	least := max(min(rest+rest/3, r.room), rest+1)
	if r.chunk.alone() && r.chunk.class >= r.class && size >= least {
		r.to = copy(r.chunk.Buf, r.Data())
		r.from = 0
		return
	}
	r.move(least)
}

// move goes on in another chunk of at least least bytes.
func (r *Reader) move(least int) {
	next := r.pool.Get(r.class, least)
	n := copy(next.Buf, r.Data())
	r.chunk.Release()
	r.chunk, r.from, r.to = next, 0, n
}

// Close gives the memory back that no batch holds.
func (r *Reader) Close() {
	if r.chunk != nil {
		r.chunk.Release()
		r.chunk, r.from, r.to = nil, 0, 0
	}
}
