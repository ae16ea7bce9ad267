package archive

import (
	"context"
	"iter"
	"slices"

	"weir/event"
	"weir/internal/archive/column"
	"weir/internal/archive/index"
	"weir/internal/archive/search"
)

// snapshot returns every row exactly once: what is sealed, and what is only in memory.
func (a *Archive) snapshot() []search.Part {
	a.mu.Lock()
	defer a.mu.Unlock()
	parts := make([]search.Part, 0, len(a.segments)+4)
	for _, s := range a.segments {
		parts = append(parts, a.part(s))
	}
	for _, e := range a.epochs() {
		for _, k := range e.keys {
			parts = append(parts, tailPart(k, e.tables[k].View()))
		}
	}
	return parts
}

// tailPart makes a view of rows in memory one part. Its bounds are found by looking at every row: they come in any order.
func tailPart(k tableKey, v *column.View) search.Part {
	times, _ := v.Times()
	p := search.Part{Rows: v.Rows(), Class: k.class, Open: func() (search.Chunk, *index.Reader, func(), error) { return v, nil, func() {}, nil }}
	if len(times) > 0 {
		p.Min, p.Max = slices.Min(times), slices.Max(times)
	}
	return p
}

// Search answers a request from everything that was appended before. emit gets the documents, in order, on the
// caller's goroutine; it may be nil.
func (a *Archive) Search(ctx context.Context, req search.Request, emit search.Emit) (*search.Summary, error) {
	return search.Run(ctx, a.snapshot(), req, emit, a.badIndex)
}

// Scan reads everything that was appended before in time order. An event is only valid until the next one. An error
// with a nil event is about one segment, or the end of ctx; the scan goes on with the others as long as it is asked.
func (a *Archive) Scan(ctx context.Context, opts search.ScanOptions) iter.Seq2[*event.Event, error] {
	return search.Scan(ctx, a.snapshot(), opts, a.badIndex)
}

// badIndex says that an index was not believed. Searches are slower until it is rebuilt, not wrong.
func (a *Archive) badIndex(err error) {
	a.log.Warn("an index cannot be used; the search reads the segment instead. To repair it: weir archive rebuild-index", "err", err)
}

// Stats says how much the archive holds.
type Stats struct {
	Segments int
	Rows     int   // in segments
	Bytes    int64 // of segments, without indexes
	TailRows int   // only in memory
}

// Stats returns how much the archive holds.
func (a *Archive) Stats() Stats {
	a.mu.Lock()
	defer a.mu.Unlock()
	var s Stats
	for _, f := range a.segments {
		s.Segments++
		s.Rows += f.Rows
		s.Bytes += f.Bytes
	}
	for _, e := range a.epochs() {
		s.TailRows += e.rows
	}
	return s
}
