package search

import (
	"context"
	"iter"
	"sort"
	"time"

	"weir/event"
	"weir/internal/archive/column"
)

// SiftOptions says what Sift reads. A nil list of paths means every field; a path stands for itself and for what is above
// and below it.
type SiftOptions struct {
	From, To time.Time // bounds of the sort time, To not included; zero: open
	Without  []string  // retention classes that are left out
	// Sieve leaves out rows that Keep would not keep, without making their events. nil: none.
	Sieve *Sieve
	// Keep is asked about the rows that are left, with the fields of Read, part by part and in no order of time. It must
	// not keep the event. nil: all are kept.
	Keep func(e *event.Event) bool
	Read []string
	// More are the fields of the events that come out.
	More []string
	// Epoch is called after the events of each epoch. May be nil.
	Epoch func()
	// Progress is told from time to time how far the reading is. May be nil.
	Progress func(SiftStats)
}

// SiftStats is how far a sifting has come.
type SiftStats struct {
	Rows     int // of the parts that are to be read, as far as their bounds tell
	Passed   int // of those: read, or left out
	Ruled    int // left out by columns and index, without making an event
	Asked    int // held against Keep
	Kept     int
	Segments int // sealed ones that lie within the bounds
	Read     int // of which rows had to be read
	At       time.Time
	Min, Max time.Time // of the parts that are to be read, within the bounds; zero: there are none
}

// Sift reads the parts in the order in which they were stored, epoch by epoch, each in time order, and yields the events
// that Keep wants. Where Scan makes an event of every row, Sift first leaves out what columns can decide, then asks with
// few fields, and reads the others only for what is kept. Of an event with several revisions it sees the newest. An event is only valid until the next one. Errors are those of
// Scan.
func Sift(ctx context.Context, parts []Part, opts SiftOptions, onBad func(error)) iter.Seq2[*event.Event, error] {
	return func(yield func(*event.Event, error) bool) {
		s := &sift{SiftOptions: opts, root: opts.Sieve.node()}
		from, to := bounds(opts.From, opts.To)
		var chosen []Part
		for _, p := range parts {
			if p.Rows > 0 && p.Max >= from && p.Min < to && (len(opts.Without) == 0 || !wanted(opts.Without, p.Class)) {
				chosen = append(chosen, p)
				s.stats.Rows += p.Rows
				s.stats.span(max(p.Min, from), min(p.Max, to-1))
				if p.Segment {
					s.stats.Segments++
				}
			}
		}
		for _, err := range hide(parts, chosen) {
			if !yield(nil, err) {
				return
			}
		}
		s.tell(from)
		sort.SliceStable(chosen, func(i, j int) bool {
			a, b := &chosen[i], &chosen[j]
			return a.Epoch < b.Epoch || a.Epoch == b.Epoch && a.Min < b.Min
		})
		more := true
		for more && len(chosen) > 0 {
			n := 1
			for n < len(chosen) && chosen[n].Epoch == chosen[0].Epoch {
				n++
			}
			m := merge{onBad: onBad, sift: s, columns: named(opts.More), from: from, to: to, waiting: chosen[:n]}
			chosen = chosen[n:]
			more = m.epoch(ctx, yield)
			if more && opts.Epoch != nil {
				opts.Epoch()
			}
		}
	}
}

// epoch runs to the end of the parts. It tells whether to go on with others.
func (m *merge) epoch(ctx context.Context, yield func(*event.Event, error) bool) (more bool) {
	defer m.close()
	more = true
	m.run(ctx, func(e *event.Event, err error) bool {
		more = yield(e, err)
		return more
	})
	return more && ctx.Err() == nil
}

// span takes the bounds of a part.
func (s *SiftStats) span(lo, hi int64) {
	if first := time.Unix(0, lo); s.Min.IsZero() || first.Before(s.Min) {
		s.Min = first
	}
	if last := time.Unix(0, hi); last.After(s.Max) {
		s.Max = last
	}
}

// named returns which columns some paths need; nil for all.
func named(paths []string) func(*column.Column) bool {
	if paths == nil {
		return func(*column.Column) bool { return true }
	}
	return func(c *column.Column) bool { return concerns(paths, c.Name) }
}

// sift is one sifting at work. It belongs to the goroutine that ranges over it.
type sift struct {
	SiftOptions
	root  node
	stats SiftStats
	e     event.Event
}

// part chooses the rows of one part. What columns rule out costs no more than those columns.
func (s *sift) part(ctx context.Context, c *cursor, m *merge, p Part) error {
	defer func() {
		s.stats.Passed += p.Rows
		s.tell(p.Min)
	}()
	total := c.r.chunk.Rows()
	rows := column.NewBits(total)
	rows.SetRange(0, total)
	if p.Min < m.from || p.Max >= m.to {
		times, err := c.r.times()
		if err != nil {
			return err
		}
		rows = timeRange(times, p.Segment, m.from, m.to)
	}
	rows = p.shown(rows)
	inside := rows.Count()
	a, err := s.root.eval(c.r, rows)
	if err != nil {
		return err
	}
	rows = a.maybe
	s.stats.Ruled += inside - rows.Count()
	if rows.Empty() {
		if p.Segment && c.r.read {
			s.stats.Read++
		}
		return nil
	}
	if p.Segment {
		s.stats.Read++
	}
	if c.times, err = c.r.times(); err != nil {
		return err
	}
	if c.rows, err = s.ask(ctx, c.r, rows.Rows(), p); err != nil {
		return err
	}
	if !p.Segment {
		sort.SliceStable(c.rows, func(i, j int) bool { return c.times[c.rows[i]] < c.times[c.rows[j]] })
	}
	return nil
}

// ask holds the rows against Keep, a window of them at a time, and returns those that it keeps. The end of the context
// ends it early: the scan sees it too.
func (s *sift) ask(ctx context.Context, r *reach, rows []int, p Part) ([]int, error) {
	if s.Keep == nil {
		s.stats.Kept += len(rows)
		return rows, nil
	}
	kept := rows[:0]
	passed := s.stats.Passed
	for from := 0; from < len(rows) && ctx.Err() == nil; from += scanWindow {
		window := rows[from:min(from+scanWindow, len(rows))]
		cols, err := s.window(r, window)
		if err != nil {
			return nil, err
		}
		for _, row := range window {
			if column.Rebuild(&s.e, cols, row); s.Keep(&s.e) {
				kept = append(kept, row)
			}
		}
		s.stats.Asked += len(window)
		s.stats.Passed = passed + int(int64(p.Rows)*int64(from+len(window))/int64(len(rows)))
		s.tell(p.Min)
	}
	s.stats.Passed = passed
	s.stats.Kept += len(kept)
	return kept, nil
}

// window loads the columns of Read for some rows. What has no column is only read where it may concern one of them:
// decoding it costs more than all columns together.
func (s *sift) window(r *reach, rows []int) ([]*column.Column, error) {
	need := column.NewBits(r.chunk.Rows())
	for _, row := range rows {
		need.Set(row)
	}
	cols, err := r.loadAll(need, named(s.Read), false)
	if err != nil {
		return nil, err
	}
	loose, err := r.loose(s.Read, need)
	if err != nil || loose.Empty() {
		return cols, err
	}
	for _, id := range [...]column.ID{column.Rest, column.Raw} {
		c, err := r.named(id, loose)
		if err != nil {
			return nil, err
		}
		if c != nil {
			cols = append(cols, c)
		}
	}
	return cols, nil
}

// tell reports how far it is.
func (s *sift) tell(at int64) {
	if s.Progress != nil {
		s.stats.At = time.Unix(0, at)
		s.Progress(s.stats)
	}
}
