package archive

import (
	"context"
	"iter"
	"slices"
	"time"

	"weir/event"
	"weir/internal/archive/column"
	"weir/internal/archive/index"
	"weir/internal/archive/search"
	"weir/internal/archive/search/fields"
)

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
// caller's goroutine; it may be nil. Segments that cannot be read are named in the answer, which is without them.
func (a *Archive) Search(ctx context.Context, req search.Request, emit search.Emit) (*search.Summary, error) {
	v := a.view().narrow(req.From, req.To)
	defer v.pin()()
	emitted := false
	watch := emit
	if emit != nil {
		watch = func(doc []byte, e *event.Event) error {
			emitted = true
			return emit(doc, e)
		}
	}
	for {
		parts, bad := v.parts(req.From, req.To, only(req.Classes))
		sum, err := search.Run(ctx, parts, req, watch, a.badIndex)
		if !emitted && ctx.Err() == nil {
			// A segment may turn out to be damaged only where some of it was counted: then the others are searched again.
			if _, now := v.parts(req.From, req.To, only(req.Classes)); len(now) > len(bad) {
				continue
			}
		}
		if err != nil {
			return nil, err
		}
		sum.Unreadable = append(bad, sum.Unreadable...)
		sum.Segments += len(bad) + v.left
		return sum, nil
	}
}

// FieldCounts counts which fields the events have that were appended before, and names segments as Search does.
func (a *Archive) FieldCounts(ctx context.Context, req fields.Request) (*fields.Summary, error) {
	v := a.view().narrow(req.From, req.To)
	defer v.pin()()
	parts, bad := v.parts(req.From, req.To, only(req.Classes))
	sum, err := fields.Count(ctx, parts, req, a.badIndex)
	if err == nil {
		sum.Unreadable = append(bad, sum.Unreadable...)
	}
	return sum, err
}

// Scan reads everything that was appended before in time order. An event is only valid until the next one. An error
// with a nil event is about one segment, or the end of ctx; the scan goes on with the others as long as it is asked.
func (a *Archive) Scan(ctx context.Context, opts search.ScanOptions) iter.Seq2[*event.Event, error] {
	return a.through(opts.From, opts.To, only(opts.Classes), func(p []search.Part) iter.Seq2[*event.Event, error] { return search.Scan(ctx, p, opts, a.badIndex) })
}

// Sift reads everything that was appended before, epoch by epoch, and yields what opts want: see search.Sift. Errors are
// those of Scan.
func (a *Archive) Sift(ctx context.Context, opts search.SiftOptions) iter.Seq2[*event.Event, error] {
	wanted := func(class string) bool { return !slices.Contains(opts.Without, class) }
	return a.through(opts.From, opts.To, wanted, func(p []search.Part) iter.Seq2[*event.Event, error] { return search.Sift(ctx, p, opts, a.badIndex) })
}

// through yields what is read of everything that is there now, after an error for each segment in quarantine.
func (a *Archive) through(from, to time.Time, wanted func(class string) bool, read func([]search.Part) iter.Seq2[*event.Event, error]) iter.Seq2[*event.Event, error] {
	v := a.view()
	return func(yield func(*event.Event, error) bool) {
		defer v.pin()()
		parts, bad := v.parts(from, to, wanted)
		if !slices.ContainsFunc(bad, func(err error) bool { return !yield(nil, err) }) {
			read(parts)(yield)
		}
	}
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

// Stats returns how much the archive holds that can be read.
func (a *Archive) Stats() Stats {
	a.mu.Lock()
	defer a.mu.Unlock()
	var s Stats
	for _, f := range a.segments {
		if f.bad != nil {
			continue
		}
		s.Segments++
		s.Rows += f.Rows
		s.Bytes += f.Bytes
	}
	for _, e := range a.epochs() {
		s.TailRows += e.rows
	}
	return s
}
