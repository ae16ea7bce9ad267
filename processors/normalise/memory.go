package normalise

import (
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/event"
)

// memory is what the derived records of one batch are made of. The producer keeps pointers into all of it until it has
// kept the promise of the last record; then another batch may have it. So a stage at work asks the collector for
// little, and its records lie in memory that is mapped already.
type memory struct {
	out []*kgo.Record
	// Of out.
	slab  []kgo.Record
	heads []kgo.RecordHeader
	// Of the values of heads, and of positions in events.
	text []byte
	// Encoded events.
	arena []byte
}

// newMemory takes memory from the pool, which may be nil, and makes it large enough for what n raw records of size bytes
// mostly become. What becomes more makes its part grow.
func newMemory(pool *sync.Pool, n, size int) *memory {
	var m *memory
	if pool != nil {
		m, _ = pool.Get().(*memory)
	}
	if m == nil {
		m = &memory{}
	}
	n += n/8 + 8
	m.out = room(m.out, n)
	m.slab = room(m.slab, n)
	m.heads = room(m.heads, 6*n)
	m.text = room(m.text, 128*n)
	m.arena = room(m.arena, 4*size+1024*n)
	return m
}

// room empties a slice, or makes one with room for n.
func room[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, 0, n)
	}
	return s[:0]
}

// encode appends the event's JSON. A later growth moves the memory; what was handed out before keeps the old one.
func (m *memory) encode(e *event.Event) []byte {
	from := len(m.arena)
	m.arena = e.AppendJSON(m.arena)
	return m.arena[from:len(m.arena):len(m.arena)]
}

// keep copies a text.
func (m *memory) keep(s []byte) []byte {
	from := len(m.text)
	m.text = append(m.text, s...)
	return m.text[from:len(m.text):len(m.text)]
}

// next returns a fresh derived record.
func (m *memory) next() *kgo.Record {
	if len(m.slab) == cap(m.slab) { // the records so far stay where they are
		m.slab = make([]kgo.Record, 0, 2*cap(m.slab))
	}
	m.slab = append(m.slab, kgo.Record{})
	rec := &m.slab[len(m.slab)-1]
	m.out = append(m.out, rec)
	return rec
}
