package backtest

import (
	"time"

	"weir/rules"
	"weir/rules/correlation"
)

// remembers returns how far back an event may lie that still decides what the rules find now.
func remembers(list []*rules.Rule) time.Duration {
	longest := time.Duration(0)
	for _, r := range list {
		if r.Correlate != nil {
			longest = max(longest, r.Fold.For, reach(r.Correlate))
		}
	}
	return longest
}

// reach is how far back a correlation looks, with those that it is made of: the end of one span may be the begin of the
// next. A session goes on as long as its matches do, which nobody knows beforehand: ten pauses are a guess.
func reach(c *rules.Correlate) time.Duration {
	own := c.Within
	if c.Window == correlation.Session {
		own *= 10
	}
	inner := time.Duration(0)
	for _, in := range c.Inner {
		inner = max(inner, reach(in))
	}
	return own + max(inner, c.Learn)
}
