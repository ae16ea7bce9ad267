package clock

import (
	"maps"
	"slices"

	"weir/processors/correlate/keep"
	"weir/processors/correlate/kind"
)

// Append writes the clock, in one order, so that equal clocks are equal bytes.
func (c *Clock) Append(e *keep.Encoder) {
	e.Int(c.newest)
	e.Int(c.now)
	e.Count(len(c.workers))
	for _, worker := range slices.Sorted(maps.Keys(c.workers)) {
		e.Text(worker)
		places := slices.Clone(c.workers[worker])
		slices.SortFunc(places, func(a, b int) int { return c.named(a, b) })
		e.Count(len(places))
		for _, i := range places {
			e.Text(c.sets[c.marks[i].set].name)
			e.Int(c.marks[i].at)
		}
	}
	e.Count(len(c.scopes))
	for _, key := range slices.Sorted(maps.Keys(c.scopes)) {
		s := c.scopes[key]
		e.Texts(s.patterns)
		e.Int(s.cut)
		e.Int(s.swept)
	}
}

// named orders marks by the names of their datasets.
func (c *Clock) named(a, b int) int {
	x, y := c.sets[c.marks[a].set].name, c.sets[c.marks[b].set].name
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

// Read returns the clock that Append wrote. Marks decide when state ends, so their times are bounded as those of matches
// are. A broken one makes d fail.
func Read(d *keep.Decoder, o Options) *Clock {
	c := New(o)
	at := func() int64 { return d.Between(kind.LongAgo, kind.Farthest) }
	c.newest, c.now = at(), at()
	for range d.Count() {
		worker := d.Text()
		for range d.Count() {
			i := c.mark(worker, d.Text())
			c.marks[i].at = at()
		}
	}
	for range d.Count() {
		patterns := d.Texts()
		if len(patterns) == 0 {
			patterns = nil
		}
		s := c.Scope(patterns)
		s.cut, s.swept = at(), at()
	}
	return c
}
