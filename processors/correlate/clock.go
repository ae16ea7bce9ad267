package correlate

import (
	"strings"

	"weir/internal/record"
	"weir/internal/signal"
)

// silentFor is how far a dataset's mark may lie behind the newest of its worker before it no longer holds time back:
// a dataset that speaks once a day must not keep a day of state.
const silentFor = int64(6 * 3600 * 1e9)

// clock follows the marks. Its low time is what every worker vouches for: in each dataset, all up to it was read. It is
// the only notion of now that the package has. A worker of normalise writes a mark for each dataset behind the events
// that it vouches for, into every partition of signals, so each engine sees the marks of all workers.
type clock struct {
	marks  map[string]map[string]int64 // by worker (source topic/partition), by dataset
	latest int64                       // newest time of any record
	low    int64                       // never goes back
}

// newClock makes a clock that nobody has marked.
func newClock() clock {
	return clock{marks: map[string]map[string]int64{}, latest: longAgo, low: longAgo}
}

// workerOf returns the part of a position that names the worker which wrote a mark.
func workerOf(src string) string {
	p, err := record.ParsePos(src)
	if err != nil {
		return src
	}
	p.Offset, p.Sub = 0, 0
	return strings.TrimSuffix(p.String(), "/0/0")
}

// mark takes a mark and tells whether the low time rose.
func (c *clock) mark(s *signal.Signal) bool {
	t := nanos(s.Time)
	worker := workerOf(s.Src)
	sets := c.marks[worker]
	if sets == nil {
		sets = map[string]int64{}
		c.marks[worker] = sets
	}
	switch s.Kind {
	case signal.Watermark:
		if old, ok := sets[s.Dataset]; !ok || t > old {
			sets[s.Dataset] = t
		}
	case signal.Idle:
		for name, old := range sets {
			sets[name] = max(old, t)
		}
		if len(sets) == 0 {
			sets[s.Dataset] = t
		}
	}
	return c.raise()
}

// raise sets the low time to the lowest mark that still counts.
// It goes over all marks: there are as many as datasets times partitions, and marks are rare beside matches.
func (c *clock) raise() bool {
	low := farthest
	newestOfAll := longAgo
	for _, sets := range c.marks {
		for _, t := range sets {
			newestOfAll = max(newestOfAll, t)
		}
	}
	for _, sets := range c.marks {
		for _, t := range sets {
			if t >= newestOfAll-silentFor {
				low = min(low, t)
			}
		}
	}
	if low == farthest || low <= c.low {
		return false
	}
	c.low = low
	return true
}
