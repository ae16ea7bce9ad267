package search

import (
	"context"
	"runtime"
	"slices"
	"sort"
	"sync"
	"time"

	"weir/event"
	"weir/internal/archive/column"
	"weir/internal/query"
)

// Request is one search. The zero value of every field but Query is useful.
type Request struct {
	Query *query.Query
	// From and To bound the sort time (@timestamp); From is included, To is not. Zero: open.
	From, To time.Time
	// Classes limits the search to retention classes; empty: all.
	Classes []string
	// Size is how many documents are returned, 0 for none.
	Size int
	// Ascending returns the oldest first instead of the newest. Events of one time are in the order of event.id.
	Ascending bool
	// Fields limits the documents to some fields; empty: whole documents.
	Fields []event.Field
	// Buckets asks for a histogram of at most so many buckets; Interval, if it is set, is their width.
	Buckets  int
	Interval time.Duration
	// Top asks for the commonest values of a field, TopSize of them (10).
	Top     string
	TopSize int
	// Revisions counts and returns every revision of an event; else only the newest of each is there.
	Revisions bool
}

// Bucket is one bar of a histogram.
type Bucket struct {
	From  time.Time
	Count int
}

// Value is one of the top values.
type Value struct {
	Text  string
	Count int
}

// Summary is what a search found besides the documents.
type Summary struct {
	Total         int // events that match
	Returned      int // documents handed over
	Segments      int // sealed segments in the archive
	SegmentsRead  int // of which so many had to be read: not left out for their time, nor by their index
	Tail          int // rows of the memory tail that were looked at
	Took          time.Duration
	Interval      time.Duration // width of a bucket
	Buckets       []Bucket      // ascending, without gaps
	Top           []Value       // most first
	TopValues     int           // how many different values there are
	TopMissing    int           // matching events without the field
	TopBounded    bool          // there were more different values than are counted: counts of rare ones may be missing
	Unreadable    []error       // segments that could not be read: the answer is without them
	IndexProblems int           // indexes that could not be used; the answer is right all the same, only slower
}

// Emit takes one document. doc and e are only valid during the call. A returned error ends the search.
type Emit func(doc []byte, e *event.Event) error

// Run searches the parts. emit is called on the caller's goroutine, after everything was counted.
func Run(ctx context.Context, parts []Part, req Request, emit Emit, onBad func(error)) (*Summary, error) {
	start := time.Now()
	s := &run{req: req, plan: NewPlan(req.Query), onBad: onBad, sum: &Summary{}}
	s.from, s.to = bounds(req.From, req.To)
	all := parts
	parts = s.choose(parts)
	if !req.Revisions {
		s.sum.Unreadable = hide(all, parts)
	}
	if req.Buckets > 0 || req.Interval > 0 {
		s.hist = newHistogram(req, s.from, s.to, parts)
	}
	if req.Top != "" {
		s.top = newTop(req.Top)
	}
	if err := s.scan(ctx, parts); err != nil {
		return nil, err
	}
	hits := s.hits.sorted()
	if err := s.emit(ctx, hits, emit); err != nil {
		return nil, err
	}
	if s.hist != nil {
		s.sum.Interval, s.sum.Buckets = time.Duration(s.hist.width), s.hist.buckets()
	}
	if s.top != nil {
		s.top.summary(s.sum, req.TopSize)
	}
	s.sum.Took = time.Since(start)
	return s.sum, nil
}

// run is one search at work.
type run struct {
	req      Request
	plan     *Plan
	from, to int64
	onBad    func(error)

	mu   sync.Mutex // guards what follows: parts are evaluated by several goroutines
	sum  *Summary
	hits hits
	hist *histogram
	top  *top
}

// bounds returns the first sort time that is wanted and the first behind.
func bounds(from, to time.Time) (lo, hi int64) {
	lo, hi = minTime, maxTime
	if !from.IsZero() {
		lo = nanos(from)
	}
	if !to.IsZero() {
		hi = nanos(to)
	}
	return lo, hi
}

// nanos returns the time in nanoseconds, or the nearest that they can say.
func nanos(t time.Time) int64 {
	switch {
	case t.Before(time.Unix(0, minTime)):
		return minTime
	case t.After(time.Unix(0, maxTime)):
		return maxTime
	}
	return t.UnixNano()
}

const (
	minTime = -1 << 63
	maxTime = 1<<63 - 1
)

// choose returns the parts that may hold something, in the order in which documents are wanted.
func (s *run) choose(parts []Part) []Part {
	var out []Part
	for _, p := range parts {
		if p.Segment {
			s.sum.Segments++
		}
		if p.Rows > 0 && p.Max >= s.from && p.Min < s.to && wanted(s.req.Classes, p.Class) {
			out = append(out, p)
		}
	}
	s.hits = hits{size: s.req.Size, ascending: s.req.Ascending, parts: out}
	sort.SliceStable(out, func(i, j int) bool {
		if s.req.Ascending {
			return out[i].Min < out[j].Min
		}
		return out[i].Max > out[j].Max
	})
	return out
}

// wanted tells whether a class is among those asked for; no class named means all.
func wanted(classes []string, class string) bool {
	return len(classes) == 0 || slices.Contains(classes, class)
}

// scan evaluates the parts with as many goroutines as there are processors, and waits for all of them.
func (s *run) scan(ctx context.Context, parts []Part) error {
	var wg sync.WaitGroup
	next := make(chan int)
	for range min(runtime.GOMAXPROCS(0), len(parts)) {
		wg.Go(func() {
			for i := range next {
				if err := s.part(i, parts[i]); err != nil {
					s.unreadable(err)
				}
			}
		})
	}
feed:
	for i := range parts {
		select {
		case next <- i:
		case <-ctx.Done():
			break feed
		}
	}
	close(next)
	wg.Wait()
	return ctx.Err()
}

// unreadable notes a part that could not be read. The search goes on: an answer without one segment, which says so, is
// worth more than none.
func (s *run) unreadable(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sum.Unreadable = append(s.sum.Unreadable, err)
}

// countOnly tells whether the part's rows all match, so that its count is enough.
func (s *run) countOnly(p Part) bool {
	return s.plan.All() && p.Min >= s.from && p.Max < s.to && s.hist == nil && s.top == nil && !s.hits.wants(p)
}

// part evaluates one part and adds what it found. Only the adding holds the lock.
func (s *run) part(i int, p Part) error {
	s.mu.Lock()
	skip := s.countOnly(p)
	if skip {
		s.sum.Total += p.Rows - p.hidden.Count()
	}
	s.mu.Unlock()
	if skip {
		return nil
	}
	chunk, ix, release, err := p.Open()
	if err != nil {
		return err
	}
	defer release()
	r := newReach(chunk, ix, s.bad)
	rows, err := s.rows(r, p)
	if err != nil {
		return err
	}
	var times []int64
	if (s.hist != nil || s.req.Size > 0) && !rows.Empty() {
		if times, err = r.times(); err != nil {
			return err
		}
	}
	found, err := s.candidates(r, i, p, times, rows)
	if err != nil {
		return err
	}
	var counts *top
	if s.top != nil {
		if counts, err = s.top.count(r, rows); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !p.Segment {
		s.sum.Tail += chunk.Rows()
	} else if r.read {
		s.sum.SegmentsRead++
	}
	s.sum.Total += rows.Count()
	s.hits.add(found)
	if s.hist != nil {
		s.hist.add(times, rows)
	}
	if s.top != nil {
		s.top.merge(counts)
	}
	return nil
}

// rows returns the rows of a part that match. Times are only read where a bound cuts through the part.
func (s *run) rows(r *reach, p Part) (column.Bits, error) {
	within := column.NewBits(r.chunk.Rows())
	within.SetRange(0, r.chunk.Rows())
	if p.Min < s.from || p.Max >= s.to {
		times, err := r.times()
		if err != nil {
			return nil, err
		}
		within = timeRange(times, p.Segment, s.from, s.to)
	}
	return s.plan.rows(r, p.shown(within))
}

// shown takes off the rows that have a newer revision.
func (p *Part) shown(rows column.Bits) column.Bits {
	if p.hidden == nil {
		return rows
	}
	return rows.AndNot(p.hidden)
}

// bad counts an index that could not be used and tells the archive.
func (s *run) bad(err error) {
	s.mu.Lock()
	s.sum.IndexProblems++
	s.mu.Unlock()
	if s.onBad != nil {
		s.onBad(err)
	}
}

// timeRange returns the rows from from up to, not including, to.
func timeRange(times []int64, sorted bool, from, to int64) column.Bits {
	b := column.NewBits(len(times))
	if sorted {
		lo := sort.Search(len(times), func(i int) bool { return times[i] >= from })
		hi := sort.Search(len(times), func(i int) bool { return times[i] >= to })
		b.SetRange(lo, max(lo, hi))
		return b
	}
	for i, t := range times {
		if t >= from && t < to {
			b.Set(i)
		}
	}
	return b
}
