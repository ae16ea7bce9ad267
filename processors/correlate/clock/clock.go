// Package clock follows the marks of a stream of signals. It says up to which time of events everything has come, for all
// datasets together and for some of them alone, and it is the only notion of now that correlation has.
package clock

import (
	"slices"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"weir/processors/correlate/kind"
)

const (
	// silentFor is how far a mark may lie behind the newest before it no longer holds time back: a dataset that speaks
	// once a day must not keep a day of state.
	silentFor = int64(6 * time.Hour)
	// ahead is how far a mark may lie behind the moment at which it was written, before it. A worker vouches for the past;
	// one that vouches for next year has believed a broken clock.
	ahead = int64(time.Hour)
	// nearly is how far a match may lie beyond all marks and still move Now.
	nearly = int64(10 * time.Minute)
)

// Lateness is how far behind the marks events of some datasets may be.
type Lateness struct {
	Pattern string // of names of datasets, with * for any part
	Span    time.Duration
}

// Options say how late events may be.
type Options struct {
	Lateness time.Duration
	Datasets []Lateness // come before Lateness; the first that fits
}

// Clock follows marks. One goroutine at a time. The same calls in the same order lead to the same times.
//
// A worker of normalise writes a mark for each dataset behind the events that it vouches for, into every partition of
// signals, so each clock sees the marks of all workers.
type Clock struct {
	opts    Options
	sets    []dataset
	setAt   map[string]int // place in sets, by name
	marks   []mark
	markAt  map[string]int // place in marks, by worker and dataset
	workers map[string][]int
	scopes  map[string]*Scope
	newest  int64 // of the marks
	now     int64
	written int64 // when the record at hand was written, 0: not known
	key     []byte
}

// dataset is one that a mark has named.
type dataset struct {
	name     string
	lateness int64
	cut      int64 // scratch: lowest of its marks that count, less lateness
}

// mark is how far one worker has read one dataset.
type mark struct {
	set int
	at  int64
}

// New makes a clock that nobody has marked.
func New(o Options) *Clock {
	return &Clock{opts: o, setAt: map[string]int{}, markAt: map[string]int{}, workers: map[string][]int{}, scopes: map[string]*Scope{},
		newest: kind.LongAgo, now: kind.LongAgo}
}

// Written tells when the record was written that holds the next mark: no mark is believed that lies more than an hour
// beyond that. Records keep that time, so a replay says the same.
func (c *Clock) Written(at time.Time) {
	c.written = 0
	if !at.IsZero() {
		c.written = kind.Nanos(at)
	}
}

// Mark says that a worker has read a dataset up to t. It tells whether a cut may have moved.
func (c *Clock) Mark(worker, dataset string, t int64) bool {
	t = c.believed(t)
	m := &c.marks[c.mark(worker, dataset)]
	if t <= m.at {
		return false
	}
	m.at = t
	return c.moved(t)
}

// Idle says that a worker has nothing to read: all its datasets are as far as t.
func (c *Clock) Idle(worker, dataset string, t int64) bool {
	t = c.believed(t)
	if len(c.workers[worker]) == 0 {
		c.mark(worker, dataset)
	}
	for _, i := range c.workers[worker] {
		c.marks[i].at = max(c.marks[i].at, t)
	}
	return c.moved(t)
}

func (c *Clock) believed(t int64) int64 {
	if c.written != 0 {
		t = min(t, c.written+ahead)
	}
	return t
}

// mark returns the place of a mark, making it known. The texts may be parts of a record.
func (c *Clock) mark(worker, dataset string) int {
	c.key = append(append(append(c.key[:0], worker...), 0), dataset...)
	if i, ok := c.markAt[string(c.key)]; ok {
		return i
	}
	i := len(c.marks)
	c.markAt[string(c.key)] = i
	c.marks = append(c.marks, mark{c.set(dataset), kind.LongAgo})
	c.workers[strings.Clone(worker)] = append(c.workers[worker], i)
	return i
}

// set returns the place of a dataset, making it known to the scopes that it belongs to.
func (c *Clock) set(name string) int {
	if i, ok := c.setAt[name]; ok {
		return i
	}
	i := len(c.sets)
	name = strings.Clone(name)
	d := dataset{name: name, lateness: c.lateness(name)}
	c.setAt[name] = i
	c.sets = append(c.sets, d)
	for _, s := range c.scopes {
		s.add(i, name)
	}
	return i
}

// lateness returns how late events of a dataset may be.
func (c *Clock) lateness(name string) int64 {
	span := c.opts.Lateness
	for _, l := range c.opts.Datasets {
		if fits(l.Pattern, name) {
			span = l.Span
			break
		}
	}
	return min(max(int64(span), 0), kind.Farthest/4)
}

func fits(pattern, name string) bool {
	ok, err := doublestar.Match(pattern, name)
	return ok && err == nil
}

// moved takes note of a mark and tells whether the cut of any scope rose. It goes over all marks: there are as many as
// datasets times partitions, and marks are rare beside matches.
func (c *Clock) moved(t int64) bool {
	c.newest = max(c.newest, t)
	if c.now > c.newest+nearly { // a match with a broken clock moved it, before there was any mark
		c.now = c.newest
	}
	c.now = max(c.now, t)
	for i := range c.sets {
		c.sets[i].cut = kind.Farthest
	}
	for _, m := range c.marks {
		if m.at >= c.newest-silentFor {
			d := &c.sets[m.set]
			d.cut = min(d.cut, m.at-d.lateness)
		}
	}
	rose := false
	for _, s := range c.scopes {
		rose = s.raise(c) || rose
	}
	return rose
}

// Match takes note of the time of a match. It moves Now and nothing else: a match is no promise. One that lies far beyond
// all marks has a broken clock, and moves nothing.
func (c *Clock) Match(t int64) {
	if c.newest == kind.LongAgo || t <= c.newest+nearly {
		c.now = max(c.now, t)
	}
}

// Now is about the newest time of the stream, by which revisions are spaced. It goes back only where it was wrong.
func (c *Clock) Now() int64 { return c.now }

// Passed tells whether span lies between a value that Now had and the present one, or the earlier one was wrong.
func (c *Clock) Passed(then, span int64) bool { return c.now-then >= span || c.now < then-nearly }

// Finish says that everything up to t is known.
func (c *Clock) Finish(t int64) {
	c.now = max(c.now, t)
	for _, s := range c.scopes {
		s.cut = max(s.cut, t)
	}
}

// Turn notes for each scope whether its cut rose by as much as every since the last time that it had, and tells whether
// any has.
func (c *Clock) Turn(every int64) bool {
	any := false
	for _, s := range c.scopes {
		if s.turned = s.cut-s.swept >= every; s.turned {
			s.swept, any = s.cut, true
		}
	}
	return any
}

// Workers calls fn for each worker that has marked.
func (c *Clock) Workers(fn func(worker string)) {
	for w := range c.workers {
		fn(w)
	}
}

// Scope is the time of some datasets. It belongs to its clock.
type Scope struct {
	patterns []string // nil: all
	sets     []int
	cut      int64
	swept    int64
	turned   bool
}

// Scope returns the time of the datasets that a pattern names; without patterns, of all. Equal lists share theirs.
func (c *Clock) Scope(patterns []string) *Scope {
	patterns = slices.Compact(slices.Sorted(slices.Values(patterns)))
	key := strings.Join(patterns, "\x00")
	s := c.scopes[key]
	if s == nil {
		s = &Scope{patterns: patterns, cut: kind.LongAgo, swept: kind.LongAgo}
		for i, d := range c.sets {
			s.add(i, d.name)
		}
		c.scopes[key] = s
		if c.newest != kind.LongAgo {
			c.moved(c.newest)
		}
	}
	return s
}

// Cut is the time before which no event of the datasets is expected any more. It never goes back.
func (s *Scope) Cut() int64 { return s.cut }

// Turned tells whether the cut had risen enough at the last Turn.
func (s *Scope) Turned() bool { return s.turned }

// add takes a dataset in if it belongs here.
func (s *Scope) add(i int, name string) {
	if len(s.patterns) == 0 || slices.ContainsFunc(s.patterns, func(p string) bool { return fits(p, name) }) {
		s.sets = append(s.sets, i)
	}
}

// raise sets the cut to the lowest of the marks that count. Where all are silent, time goes on behind the newest of the
// others. Datasets that nobody has marked hold everything back: nothing is known of them yet. Marks without a dataset,
// where there are no others, are of who reads everything alone, and speak for all.
func (s *Scope) raise(c *Clock) bool {
	sets := s.sets
	if len(sets) == 0 && len(c.sets) == 1 && c.sets[0].name == "" {
		sets = []int{0}
	}
	low, late := kind.Farthest, int64(0)
	for _, i := range sets {
		low, late = min(low, c.sets[i].cut), max(late, c.sets[i].lateness)
	}
	if low == kind.Farthest && len(sets) > 0 {
		low = c.newest - silentFor - late
	}
	if low == kind.Farthest || low <= s.cut {
		return false
	}
	s.cut = low
	return true
}
