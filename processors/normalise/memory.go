package normalise

import (
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/event"
	"weir/internal/record"
)

// memory is what the derived records of one batch are made of, but for its events: signals, marks and dead letters, and
// the positions of all. The producer keeps pointers into all of it until it has
// kept the promise of the last record; then another batch may have it. So a stage at work asks the collector for
// little, and its records lie in memory that is mapped already.
type memory struct {
	out []*kgo.Record
	// Of out.
	slab  []kgo.Record
	heads []kgo.RecordHeader
	// Of the values of heads, and of positions in events.
	text []byte
	// Of the values of out.
	arena []byte
}

// newMemory takes memory from the pool, which may be nil, and makes it large enough for what n raw records mostly become.
// What becomes more makes its part grow.
func newMemory(pool *sync.Pool, n int) *memory {
	var m *memory
	if pool != nil {
		m, _ = pool.Get().(*memory)
	}
	if m == nil {
		m = &memory{}
	}
	m.out = room(m.out, 64)
	m.slab = room(m.slab, 64)
	m.heads = room(m.heads, 128)
	m.text = room(m.text, 48*n)
	m.arena = room(m.arena, 16<<10)
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

// headers makes the headers of a derived record that is no event.
func (m *memory) headers(src, prev []byte) []kgo.RecordHeader {
	from := len(m.heads)
	m.heads = append(m.heads, kgo.RecordHeader{Key: record.HeaderSource, Value: src}, kgo.RecordHeader{Key: record.HeaderPrev, Value: m.keep(prev)})
	return m.heads[from:len(m.heads):len(m.heads)]
}
