package search

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sort"
	"sync"
	"time"

	"weir/event"
	"weir/internal/archive/column"
	"weir/internal/archive/search/bars"
	"weir/internal/archive/search/rank"
	"weir/internal/archive/search/tally"
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
	// Order, unless it is the zero value, is another order than by time: see package rank. Ascending is not looked at then.
	Order rank.Order
	// After is Summary.Next of the page before: only what comes behind it is returned. Everything is counted all the same,
	// unless Uncounted is set.
	After string
	// Uncounted leaves out Total and all counts: parts that hold none of the documents are not read then.
	Uncounted bool
	// Fields limits the documents to some fields; empty: whole documents.
	Fields []event.Field
	// Buckets asks for a histogram of at most so many buckets; Interval, if it is set, is their width.
	Buckets  int
	Interval time.Duration
	// Top asks for the commonest values of a field, TopSize of them (10).
	Top     string
	TopSize int
	// CountBy asks for the commonest combinations of the values of up to tally.MaxFields fields, CountSize of them (10).
	CountBy   []string
	CountSize int
	// Revisions counts and returns every revision of an event; else only the newest of each is there.
	Revisions bool
}

// Bucket is one bar of a histogram.
type Bucket = bars.Bucket

// Value is one of the top values.
type Value struct {
	Text  string
	Count int
}

// Summary is what a search found besides the documents.
type Summary struct {
	Total         int    // events that match
	Returned      int    // documents handed over
	Next          string // cursor of the page behind; empty: there is none
	Segments      int    // sealed segments in the archive
	SegmentsRead  int    // of which so many had to be read: not left out for their time, nor by their index
	Tail          int    // rows of the memory tail that were looked at
	Took          time.Duration
	Interval      time.Duration // width of a bucket
	Buckets       []Bucket      // ascending, without gaps
	Top           []Value       // most first
	TopValues     int           // how many different values there are
	TopMissing    int           // matching events without the field
	TopBounded    bool          // there were more different values than are counted: counts of rare ones may be missing
	Groups        []tally.Group // of CountBy, most first
	GroupsTotal   int
	GroupsMissing int     // matching events that lack one of the fields
	GroupsBounded bool    // as TopBounded
	Unreadable    []error // segments that could not be read: the answer is without them
	IndexProblems int     // indexes that could not be used; the answer is right all the same, only slower
}

// Emit takes one document. doc and e are only valid during the call. A returned error ends the search.
type Emit func(doc []byte, e *event.Event) error

// Run searches the parts. emit is called on the caller's goroutine, after everything was counted.
func Run(ctx context.Context, parts []Part, req Request, emit Emit, onBad func(error)) (*Summary, error) {
	start := time.Now()
	s := &run{req: req, plan: NewPlan(req.Query), onBad: onBad, sum: &Summary{}}
	s.from, s.to = bounds(req.From, req.To)
	if err := s.order(); err != nil {
		return nil, err
	}
	all := parts
	parts = s.choose(parts)
	if !req.Revisions {
		s.sum.Unreadable = hide(all, parts)
	}
	if !req.Uncounted {
		if req.Buckets > 0 || req.Interval > 0 {
			s.hist = newHistogram(req, s.from, s.to, parts)
		}
		s.counts = counters(req)
	}
	if err := s.scan(ctx, parts); err != nil {
		return nil, err
	}
	list, next := s.hits.page(req.Size)
	s.sum.Next = next
	if err := s.emit(ctx, list, emit); err != nil {
		return nil, err
	}
	if s.hist != nil {
		s.sum.Interval, s.sum.Buckets = s.hist.Width(), s.hist.Buckets()
	}
	for _, c := range s.counts {
		c.write(s.sum)
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

	mu     sync.Mutex // guards what follows: parts are evaluated by several goroutines
	sum    *Summary
	hits   hits
	hist   *bars.Histogram
	counts []counted
}

// order settles the order of the hits and the place behind which they begin. Where nothing but hits is wanted, that place
// bounds the time too, so that a page far behind costs no more than the first.
func (s *run) order() error {
	s.hits.order = s.req.Order
	if s.hits.order == (rank.Order{}) {
		s.hits.order = rank.By("", s.req.Ascending)
	}
	if s.req.Size > 0 {
		s.hits.size = s.req.Size + 1 // one more tells whether there is a page behind
	}
	if s.req.After == "" {
		return nil
	}
	after, err := s.hits.order.Place(s.req.After)
	if err != nil {
		return err
	}
	s.hits.after = &after
	if s.hits.size > 0 {
		s.hits.size += min(after.Same, maxSame)
	}
	switch {
	case !s.req.Uncounted || !s.hits.order.Time():
	case s.hits.order.Ascending():
		s.from = max(s.from, after.Time)
	case after.Time < maxTime:
		s.to = min(s.to, after.Time+1)
	}
	return nil
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
	s.hits.parts = out
	ascending := s.hits.order.Time() && s.hits.order.Ascending()
	sort.SliceStable(out, func(i, j int) bool {
		if ascending {
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
				if ctx.Err() != nil {
					continue
				}
				if err := s.part(ctx, i, parts[i]); err != nil {
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
	if errors.Is(err, errStopped) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sum.Unreadable = append(s.sum.Unreadable, err)
}

// skip tells whether the part need not be read: its count is enough because all its rows match, or nothing is counted and
// none of its rows can be among the hits. The lock is held.
func (s *run) skip(p Part) (counted, skip bool) {
	if s.hits.wants(p) {
		return false, false
	}
	if s.req.Uncounted {
		return false, true
	}
	all := s.plan.All() && p.Min >= s.from && p.Max < s.to && s.hist == nil && len(s.counts) == 0
	return all, all
}

// part evaluates one part and adds what it found. Only the adding holds the lock. When ctx ends it stops soon, with an
// answer that is not whole: nobody sees it.
func (s *run) part(ctx context.Context, i int, p Part) error {
	s.mu.Lock()
	count, skip := s.skip(p)
	timed := s.hist != nil || s.hits.wants(p) // a part that is of no use as hits never is again
	if count {
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
	r.done = ctx.Done()
	rows, err := s.rows(r, p)
	if err != nil {
		return err
	}
	var times []int64
	if timed && !rows.Empty() {
		if times, err = r.times(); err != nil {
			return err
		}
	}
	found, err := s.candidates(r, i, p, times, rows)
	if err != nil {
		return err
	}
	tables := make([]*tally.Table, len(s.counts))
	for i, c := range s.counts {
		if tables[i], err = c.Count(&Found{r: r}, rows); err != nil {
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
		s.hist.Add(times, rows)
	}
	for i, c := range s.counts {
		c.Merge(tables[i])
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
