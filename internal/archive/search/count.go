package search

import (
	"cmp"

	"weir/internal/archive/search/bars"
	"weir/internal/archive/search/tally"
)

// newHistogram begins a histogram over the range of the request where it is bounded, else over that of the parts.
func newHistogram(req Request, from, to int64, parts []Part) *bars.Histogram {
	lo, hi := int64(maxTime), int64(minTime)
	for _, p := range parts {
		lo, hi = min(lo, p.Min), max(hi, p.Max)
	}
	if from != minTime {
		lo = from
	}
	if to != maxTime {
		hi = to - 1
	}
	return bars.New(req.Interval, req.Buckets, lo, hi)
}

// counted is a count by fields that goes into the summary.
type counted struct {
	*tally.Table
	size int
	top  bool // into Top, not into Groups
}

// counters begins the counts that a request asks for.
func counters(req Request) (list []counted) {
	if req.Top != "" {
		list = append(list, counted{tally.New(req.Top), cmp.Or(max(req.TopSize, 0), 10), true})
	}
	if len(req.CountBy) > 0 {
		list = append(list, counted{tally.New(req.CountBy...), cmp.Or(max(req.CountSize, 0), 10), false})
	}
	return list
}

// write puts a count into the summary.
func (c counted) write(sum *Summary) {
	groups := c.Table.Top(c.size)
	if !c.top {
		sum.Groups, sum.GroupsTotal, sum.GroupsMissing, sum.GroupsBounded = groups, c.Len(), c.Missing(), !c.Exact()
		return
	}
	for _, g := range groups {
		sum.Top = append(sum.Top, Value{g.Values[0], g.Count})
	}
	sum.TopValues, sum.TopMissing, sum.TopBounded = c.Len(), c.Missing(), !c.Exact()
}
