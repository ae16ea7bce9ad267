package archive

import (
	"context"
	"iter"
	"path"
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
	epoch, name := 0, ""
	for _, s := range a.segments { // in the order of the manifest; the files of an epoch have one name in many folders
		if base := path.Base(s.Path); base != name {
			epoch, name = epoch+1, base
		}
		p := a.part(s)
		p.Epoch = epoch
		parts = append(parts, p)
	}
	for _, e := range a.epochs() {
		epoch++
		for _, k := range e.keys {
			p := tailPart(k, e.tables[k].View())
			p.Epoch, p.Claims = epoch, claimsOf(e.claims[k])
			parts = append(parts, p)
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

// claimsOf makes the claims of rows in memory ready for readers; nil where there are none. The archive is locked; what is
// added later is not seen.
func claimsOf(c *claims) *search.Claims {
	if c == nil {
		return nil
	}
	list := c.list
	return &search.Claims{Min: c.lo, Max: c.hi, Of: c.of, Load: func() ([]search.Claim, error) { return list, nil }}
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

// Sift reads everything that was appended before, epoch by epoch, and yields what opts want: see search.Sift. Errors are
// those of Scan.
func (a *Archive) Sift(ctx context.Context, opts search.SiftOptions) iter.Seq2[*event.Event, error] {
	return search.Sift(ctx, a.snapshot(), opts, a.badIndex)
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
