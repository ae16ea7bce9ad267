package coverage

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// The kinds of gaps.
const (
	// NotEvaluated: offsets that no stretch names, or events that the archive holds and no stretch covers.
	NotEvaluated = "not-evaluated"
	// OlderSet: evaluated by a rule set that was replaced later, with fewer or other rules.
	OlderSet = "older-set"
	// RulesLost: rules of the set could not run, or files of it were refused.
	RulesLost = "rules-lost"
	// Unread: a part of the archive cannot be read, of whatever dataset; what it holds is in no count.
	Unread = "unread"
)

// Gap is a part of the time that the rules of the newest set did not see.
type Gap struct {
	Kind string `json:"kind"`
	// By event time where Dataset is set, else by the clock.
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	// Where it is known.
	Dataset   string `json:"dataset,omitempty"`
	Topic     string `json:"topic,omitempty"`
	Partition int32  `json:"partition,omitempty"`
	// Offsets of the raw partition, ToOffset not included.
	FromOffset int64  `json:"from_offset,omitempty"`
	ToOffset   int64  `json:"to_offset,omitempty"`
	Events     int64  `json:"events,omitempty"` // as far as they are known
	Set        string `json:"set,omitempty"`
	Why        string `json:"why"`
}

// gaps lists the gaps, the oldest first. used are the sets of the time.
func gaps(in *Input, used []Used, newest string) []Gap {
	out := holes(in.Stretches)
	out = append(out, uncovered(in)...)
	for _, u := range used {
		if u.Hash != newest {
			why := "its description is not in the archive"
			if u.Rules >= 0 {
				why = fmt.Sprintf("rules that came later: %d, that are gone: %d", u.Added, u.Gone)
			}
			if u.Rules < 0 || u.Added+u.Gone > 0 {
				out = append(out, Gap{Kind: OlderSet, From: u.First, To: u.Last, Events: u.Events, Set: u.Hash, Why: why})
			}
		}
		if n := len(u.Lost); n > 0 {
			out = append(out, Gap{Kind: RulesLost, From: u.First, To: u.Last, Events: u.Events, Set: u.Hash, Why: fmt.Sprintf("rules that could not run: %d, the first is %s", n, u.Lost[0])})
		}
		if n := len(u.Refused); n > 0 {
			out = append(out, Gap{Kind: RulesLost, From: u.First, To: u.Last, Events: u.Events, Set: u.Hash, Why: fmt.Sprintf("rules that were refused: %d, the first at %s", n, u.Refused[0])})
		}
	}
	for _, text := range in.Unread {
		out = append(out, Gap{Kind: Unread, From: in.From, To: in.To, Dataset: "*", Why: text})
	}
	slices.SortStableFunc(out, func(a, b Gap) int {
		return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Dataset, b.Dataset))
	})
	return out
}

// holes returns the offsets between stretches of one partition that none names. Overlaps are stretches that were read again
// after a crash; they hide nothing.
func holes(list []Stretch) []Gap {
	sorted := slices.Clone(list)
	slices.SortFunc(sorted, func(a, b Stretch) int {
		return cmp.Or(cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Partition, b.Partition), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	var out []Gap
	for i := 0; i < len(sorted); {
		furthest := i
		k := i + 1
		for ; k < len(sorted) && sorted[k].Topic == sorted[i].Topic && sorted[k].Partition == sorted[i].Partition; k++ {
			have, s := &sorted[furthest], &sorted[k]
			if s.From > have.To {
				out = append(out, Gap{Kind: NotEvaluated, From: have.Ended, To: s.Began, Topic: s.Topic, Partition: s.Partition, FromOffset: have.To, ToOffset: s.From,
					Why: "no rule set says that it evaluated these records"})
			}
			if s.To > have.To {
				furthest = k
			}
		}
		i = k
	}
	return out
}

// uncovered returns the parts of the time in which the archive has events of a dataset and no stretch says so. Parts that
// follow each other are one gap.
func uncovered(in *Input) []Gap {
	spans := in.tried()
	var out []Gap
	open := map[string]int{} // of out, by dataset
	for _, s := range in.Stored {
		if s.Events == 0 || overlaps(spans[s.Dataset], s) || overlaps(spans[other], s) {
			delete(open, s.Dataset)
			continue
		}
		if at, ok := open[s.Dataset]; ok && !out[at].To.Before(s.From) {
			out[at].To, out[at].Events = s.To, out[at].Events+s.Events
			continue
		}
		open[s.Dataset] = len(out)
		out = append(out, Gap{Kind: NotEvaluated, From: s.From, To: s.To, Dataset: s.Dataset, Events: s.Events, Why: "these events are stored, and no rule set says that it evaluated them"})
	}
	return out
}

// tried returns the times of the events of each dataset that rules were tried on, sorted and apart.
func (in *Input) tried() map[string][]period {
	out := map[string][]period{}
	for dataset, list := range in.Later {
		out[dataset] = slices.Clone(list)
	}
	for i := range in.Stretches {
		for _, x := range in.Stretches[i].Spans {
			out[x.Dataset] = append(out[x.Dataset], period{x.First, x.Last})
		}
	}
	for dataset, list := range out {
		out[dataset] = joined(list)
	}
	return out
}

// Recount looks again at gaps of stored events. They are found by @timestamp, as Stored has them, and spans have weir.time, which
// is another time where a clock was not believed or an old log was read in. read calls each with the weir.time of the gap's events
// from..to for which that time lies outside the gap; those that a span has are taken off, and a gap of which none is left is none.
// A gap may reach beyond the time of the input, because parts are whole; from..to does not, and its events neither.
func (in *Input) Recount(gaps []Gap, read func(g *Gap, from, to time.Time, each func(at time.Time)) error) ([]Gap, error) {
	tried := in.tried()
	out := gaps[:0]
	for _, g := range gaps {
		if spans := tried[g.Dataset]; g.Kind == NotEvaluated && len(spans) > 0 {
			from, to := later(g.From, in.From), g.To
			if !in.To.IsZero() && in.To.Before(to) {
				to = in.To
			}
			err := read(&g, from, to, func(at time.Time) {
				if overlaps(spans, Stored{From: at.Add(-time.Millisecond), To: at.Add(time.Millisecond)}) { // documents may have cut the rest off
					g.Events--
				}
			})
			if err != nil {
				return nil, err
			}
			if g.Events <= 0 {
				continue
			}
		}
		out = append(out, g)
	}
	return out, nil
}

// Times are when the events of each dataset were that rules were tried on, sorted and apart.
type Times map[string][]period

// Add takes in a span, and joins what is not further apart than gap. Stretches of a live source follow each other within a minute:
// a year of them is a few periods, whatever order they come in.
func (t Times) Add(x Span, gap time.Duration) {
	list := t[x.Dataset]
	one := period{x.First, x.Last}
	from, _ := slices.BinarySearchFunc(list, one.first.Add(-gap), func(p period, at time.Time) int { return p.last.Compare(at) })
	to := from
	for ; to < len(list) && !list[to].first.After(one.last.Add(gap)); to++ {
		if list[to].first.Before(one.first) {
			one.first = list[to].first
		}
		one.last = later(one.last, list[to].last)
	}
	t[x.Dataset] = slices.Replace(list, from, to, one)
}

// period is a time, both ends included.
type period struct{ first, last time.Time }

// joined sorts periods and joins those that overlap: a month has hundreds of thousands of stretches, and nearly all touch
// the one before.
func joined(list []period) []period {
	slices.SortFunc(list, func(a, b period) int { return a.first.Compare(b.first) })
	out := list[:0]
	for _, p := range list {
		if n := len(out); n > 0 && !p.first.After(out[n-1].last) {
			out[n-1].last = later(out[n-1].last, p.last)
			continue
		}
		out = append(out, p)
	}
	return out
}

// overlaps tells whether a part of the time touches one of the periods, which are sorted and apart.
func overlaps(list []period, s Stored) bool {
	i, _ := slices.BinarySearchFunc(list, s.From, func(p period, from time.Time) int {
		if p.last.Before(from) {
			return -1
		}
		return 1
	})
	return i < len(list) && list[i].first.Before(s.To)
}
