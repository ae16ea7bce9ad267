package search

import (
	"container/heap"
	"context"
	"iter"
	"slices"
	"sort"
	"time"

	"weir/event"
	"weir/internal/archive/column"
	"weir/internal/query"
)

// ScanOptions says what a scan reads. The zero value reads everything.
type ScanOptions struct {
	Classes  []string
	From, To time.Time     // bounds of the sort time, To not included; zero: open
	Fields   []event.Field // the only fields that the events need to have; empty: all
	Newest   bool          // newest first
	Filter   *query.Query  // nil: every event
	// Revisions gives every revision of an event; else only the newest of each.
	Revisions bool
	// Raw, if it is not nil, gets the document of each event before the event comes, where it is kept whole; else nil, and
	// the event's AppendJSON gives it. It is valid as long as the event.
	Raw *[]byte
}

// scanWindow is how many rows of one chunk are in memory at a time.
const scanWindow = 8192

// Scan reads the parts in time order. Events of one time come in the order in which they were stored. An event is only
// valid until the next one. Memory is bounded by one window for each part that overlaps the present time.
func Scan(ctx context.Context, parts []Part, opts ScanOptions, onBad func(error)) iter.Seq2[*event.Event, error] {
	return func(yield func(*event.Event, error) bool) {
		m := merge{opts: opts, onBad: onBad}
		m.from, m.to = bounds(opts.From, opts.To)
		if opts.Filter != nil {
			m.plan = NewPlan(opts.Filter)
		}
		for _, p := range parts {
			if p.Rows > 0 && p.Max >= m.from && p.Min < m.to && wanted(opts.Classes, p.Class) {
				m.waiting = append(m.waiting, p)
			}
		}
		if !opts.Revisions {
			for _, err := range hide(parts, m.waiting) {
				if !yield(nil, err) {
					return
				}
			}
		}
		sort.SliceStable(m.waiting, func(i, j int) bool { return m.key(m.start(m.waiting[i])) < m.key(m.start(m.waiting[j])) })
		defer m.close()
		m.run(ctx, yield)
	}
}

// merge is one scan at work: cursors in a heap, and parts whose time has not come.
type merge struct {
	opts     ScanOptions
	plan     *Plan
	sift     *sift                     // nil: rows are chosen by plan
	columns  func(*column.Column) bool // nil: those of opts.Fields
	from, to int64
	onBad    func(error)
	waiting  []Part
	opened   int
	open     []*cursor
}

// key turns a time into a number that ascends in the order of the scan.
func (m *merge) key(t int64) int64 {
	if m.opts.Newest {
		return ^t
	}
	return t
}

// start returns the sort time at which the scan comes to a part.
func (m *merge) start(p Part) int64 {
	if m.opts.Newest {
		return p.Max
	}
	return p.Min
}

// Len is for container/heap.
func (m *merge) Len() int { return len(m.open) }

// Less is for container/heap: the earliest row first, of one time the part that was opened first.
func (m *merge) Less(i, j int) bool {
	a, b := m.open[i], m.open[j]
	if a.now != b.now {
		return a.now < b.now
	}
	return a.nr < b.nr
}

// Swap is for container/heap.
func (m *merge) Swap(i, j int) { m.open[i], m.open[j] = m.open[j], m.open[i] }

// Push is for container/heap.
func (m *merge) Push(x any) { m.open = append(m.open, x.(*cursor)) }

// Pop is for container/heap.
func (m *merge) Pop() any {
	c := m.open[len(m.open)-1]
	m.open = m.open[:len(m.open)-1]
	return c
}

// close lets go of the parts that are still open when the caller stops early.
func (m *merge) close() {
	for _, c := range m.open {
		c.release()
	}
}

// run opens each part when its time comes and yields the earliest row of all open ones. A part that cannot be read is
// yielded as an error and left out; the caller decides whether to go on.
func (m *merge) run(ctx context.Context, yield func(*event.Event, error) bool) {
	for {
		for len(m.waiting) > 0 && (len(m.open) == 0 || m.key(m.start(m.waiting[0])) <= m.open[0].now) {
			p := m.waiting[0]
			m.waiting = m.waiting[1:]
			c, err := m.openPart(ctx, p)
			if err != nil {
				if !yield(nil, err) {
					return
				}
				continue // the rest stays readable
			}
			if c != nil {
				heap.Push(m, c)
			}
		}
		if len(m.open) == 0 {
			return
		}
		if err := ctx.Err(); err != nil {
			yield(nil, err)
			return
		}
		c := m.open[0]
		e, err := c.event(m)
		if err != nil {
			heap.Pop(m)
			c.release()
		}
		if !yield(e, err) {
			return
		}
		if err != nil {
			continue
		}
		if c.advance(m) {
			heap.Fix(m, 0)
		} else {
			heap.Pop(m)
			c.release()
		}
	}
}

// cursor walks over the chosen rows of one chunk.
type cursor struct {
	nr      int // order of opening, which decides between equal times
	r       *reach
	times   []int64
	rows    []int // in the order of the scan
	at      int
	now     int64 // key of the row at hand
	cols    []*column.Column
	loaded  int // rows before this place are in cols
	e       event.Event
	release func()
}

// openPart opens a part and chooses its rows; nil if there are none.
func (m *merge) openPart(ctx context.Context, p Part) (*cursor, error) {
	chunk, ix, release, err := p.Open()
	if err != nil {
		return nil, err
	}
	c := &cursor{nr: m.opened, r: newReach(chunk, ix, m.onBad), release: release}
	m.opened++
	if err := c.choose(ctx, m, p); err != nil {
		release()
		return nil, err
	}
	if len(c.rows) == 0 {
		release()
		return nil, nil
	}
	c.r.whole = map[string]*column.Column{} // what the filter needed may go
	c.now = m.key(c.times[c.rows[0]])
	return c, nil
}

// choose evaluates bounds and filter once for the whole part and puts the rows in order.
func (c *cursor) choose(ctx context.Context, m *merge, p Part) (err error) {
	if m.sift != nil {
		return m.sift.part(ctx, c, m, p)
	}
	if c.times, err = c.r.chunk.Times(); err != nil {
		return err
	}
	rows := p.shown(timeRange(c.times, p.Segment, m.from, m.to))
	if m.plan != nil {
		if rows, err = m.plan.rows(c.r, rows); err != nil {
			return err
		}
	}
	c.rows = rows.Rows()
	if !p.Segment {
		sort.SliceStable(c.rows, func(i, j int) bool { return c.times[c.rows[i]] < c.times[c.rows[j]] })
	}
	if m.opts.Newest {
		slices.Reverse(c.rows)
	}
	return nil
}

// event rebuilds the row at hand, in memory that the next row uses again.
func (c *cursor) event(m *merge) (*event.Event, error) {
	if c.at >= c.loaded {
		if err := c.window(m); err != nil {
			return nil, err
		}
	}
	raw := column.Rebuild(&c.e, c.cols, c.rows[c.at])
	if len(m.opts.Fields) > 0 {
		Only(&c.e, m.opts.Fields)
		raw = nil
	}
	if m.opts.Raw != nil {
		*m.opts.Raw = raw
	}
	return &c.e, nil
}

// window loads the columns of the next rows.
func (c *cursor) window(m *merge) error {
	end := min(c.at+scanWindow, len(c.rows))
	need := column.NewBits(len(c.times))
	for _, row := range c.rows[c.at:end] {
		need.Set(row)
	}
	choose := m.columns
	if choose == nil {
		choose = chooser(m.opts.Fields)
	}
	cols, err := c.r.gather(need, choose)
	if err != nil {
		return err
	}
	c.cols, c.loaded = cols, end
	return nil
}

// advance goes to the next row; false at the end of the part.
func (c *cursor) advance(m *merge) bool {
	if c.at++; c.at == len(c.rows) {
		return false
	}
	c.now = m.key(c.times[c.rows[c.at]])
	return true
}
