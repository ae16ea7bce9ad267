package search

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"weir/internal/archive/column"
)

// Found is a part with the rows of it that match. It belongs to one goroutine, and is valid while it is visited.
type Found struct {
	Rows column.Bits
	part Part
	r    *reach
}

// Visit evaluates the query of a request on each part, the newest first, with so many goroutines, and calls visit for those
// in which something matches, from any of them, until one says that no more are wanted. Parts that cannot be read are
// returned.
func Visit(ctx context.Context, parts []Part, req Request, workers int, visit func(*Found) (more bool, err error), onBad func(error)) (unreadable []error, err error) {
	s := &run{req: req, plan: NewPlan(req.Query), onBad: onBad, sum: &Summary{}}
	s.from, s.to = bounds(req.From, req.To)
	all := parts
	parts = s.choose(parts)
	if !req.Revisions {
		s.sum.Unreadable = hide(all, parts)
	}
	var enough atomic.Bool
	next := make(chan Part)
	var wg sync.WaitGroup
	for range min(workers, len(parts)) {
		wg.Go(func() {
			for p := range next {
				if ctx.Err() != nil || enough.Load() {
					continue
				}
				more, err := s.visit(ctx, p, visit)
				if err != nil {
					s.unreadable(err)
				}
				if !more {
					enough.Store(true)
				}
			}
		})
	}
	for _, p := range parts {
		next <- p // whoever takes it looks whether it is wanted still
	}
	close(next)
	wg.Wait()
	return s.sum.Unreadable, ctx.Err()
}

// visit evaluates one part.
func (s *run) visit(ctx context.Context, p Part, visit func(*Found) (bool, error)) (more bool, err error) {
	chunk, ix, release, err := p.Open()
	if err != nil {
		return true, err
	}
	defer release()
	r := newReach(chunk, ix, s.bad)
	r.done = ctx.Done()
	rows, err := s.rows(r, p)
	if err != nil || rows.Empty() {
		return true, err
	}
	return visit(&Found{rows, p, r})
}

// Columns returns what columns there are; their content is missing.
func (f *Found) Columns() []column.Column { return f.r.metas }

// Column returns a column by its name on disk, nil where there is none. Rows outside within may look empty.
func (f *Found) Column(name string, within column.Bits) (*column.Column, error) {
	for i := range f.r.metas {
		if m := &f.r.metas[i]; m.Name == name {
			return f.r.load(name, m.ID, within)
		}
	}
	return nil, nil
}

// Loose returns, of the rows within, those that may have values of the paths outside of their columns; nil paths: any.
func (f *Found) Loose(paths []string, within column.Bits) (column.Bits, error) {
	return f.r.loose(paths, within)
}

// Gather returns columns from which events are rebuilt that have the paths' values.
func (f *Found) Gather(paths []string, within column.Bits) ([]*column.Column, error) {
	return f.r.gather(within, func(c *column.Column) bool { return concerns(paths, c.Name) })
}

// Each calls fn for each row until it returns false or nobody waits for the answer any more.
func (f *Found) Each(rows column.Bits, fn func(row int) bool) { f.r.each(rows, fn) }

// InOrder returns the rows that match, the oldest first.
func (f *Found) InOrder() ([]int, error) {
	list := f.Rows.Rows()
	if f.part.Segment {
		return list, nil // they are kept so
	}
	times, err := f.r.times()
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(list, func(a, b int) int { return cmp.Compare(times[a], times[b]) })
	return list, nil
}
