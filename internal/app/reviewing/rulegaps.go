package reviewing

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"weir/event"
	"weir/internal/app/answer"
	"weir/internal/archive/search"
	"weir/internal/query"
	"weir/internal/review"
	"weir/rules/coverage"
)

// parts is how finely stored events are laid beside those that the rules looked at.
const parts = 10 * time.Minute

// settling is how long after an event came it is not missed yet among those that the rules looked at.
const settling = 2 * time.Minute

// maxRuleGaps bounds how many stretches without rules are named; the rest is one gap.
const maxRuleGaps = 100

// unwatched are stretches of events of the systems that no rule set says it was tried on, and records between two of which none
// does. Stretches are taken by the time of their events and not by when they were evaluated: old logs may be read in later. What
// weir took in just now is left out: what was tried on it is written down once a minute.
func (l *looker) unwatched(ctx context.Context) ([]review.Gap, error) {
	by, clock := &coverage.Input{From: l.p.From, To: l.p.To, Later: coverage.Times{}}, &border{p: l.p}
	err := l.scan(ctx, stretches, search.ScanOptions{Classes: []string{coverage.Class}, From: l.p.From.AddDate(0, 0, -1)}, func(e *event.Event) bool {
		if s, ok := coverage.ReadStretch(e); ok {
			for _, x := range s.Spans {
				by.Later.Add(x, time.Minute)
			}
			clock.take(s)
		}
		return true
	})
	if err == nil && clock.lacks() { // a partition that was not heard for a day
		o := search.ScanOptions{Classes: []string{coverage.Class}, From: l.p.From.AddDate(0, 0, -reachBack), To: l.p.From.AddDate(0, 0, -1), Newest: true}
		err = l.scan(ctx, stretches, o, func(e *event.Event) bool {
			if s, ok := coverage.ReadStretch(e); ok {
				clock.take(s)
			}
			return clock.lacks()
		})
	}
	if err != nil {
		return nil, fmt.Errorf("reading what the rules were tried on: %w", err)
	}
	older := ` and not event.ingested >= "` + l.k.d.Now().Add(-settling).UTC().Format(time.RFC3339) + `"`
	which := answer.Which{KQL: "(" + l.h.Scope + ")" + older}
	if l.h.Exact {
		by.Stored, err = l.stored(ctx, older)
	} else {
		which.Own, which.Fields = l.h.Own, l.h.Fields
		by.Stored, err = l.storedOwn(ctx, older)
	}
	if err != nil {
		return nil, err
	}
	gaps, err := answer.Recount(ctx, l.ar, by, coverage.Compute(by).Gaps, which)
	if err != nil {
		return nil, err
	}
	var out []review.Gap
	for _, g := range joined(gaps, by.Stored) {
		out = append(out, review.Gap{From: later(g.From, l.p.From), To: earlier(g.To, l.p.To), Source: g.Dataset, Kind: "rules", N: g.Events, What: fmt.Sprintf("events that no detection rule looked at: %d", g.Events)})
	}
	return bounded(append(out, clock.holes()...)), nil
}

// stretches is KQL of the documents that say what was evaluated.
const stretches = `event.dataset: "` + coverage.Dataset + `" and weir.coverage.to: *`

// stored counts the events of the systems by dataset and time, where a query finds them and no others.
func (l *looker) stored(ctx context.Context, older string) (out []coverage.Stored, err error) {
	for _, dataset := range l.h.Datasets {
		if strings.HasPrefix(dataset, "weir.") { // no rule is tried on what weir writes of itself
			continue
		}
		q, err := query.ParseAt("("+l.h.Scope+") and event.dataset: "+review.Quote(dataset)+older, l.p.To.In(l.p.Location()))
		if err != nil {
			return nil, err
		}
		sum, err := l.ar.Search(ctx, search.Request{Query: q, From: l.p.From, To: l.p.To, Interval: parts}, nil)
		if err != nil {
			return nil, fmt.Errorf("counting %s: %w", dataset, err)
		}
		l.bad = append(l.bad, sum.Unreadable...)
		for _, b := range sum.Buckets {
			if b.Count > 0 {
				out = append(out, coverage.Stored{Dataset: dataset, From: b.From, To: b.From.Add(sum.Interval), Events: int64(b.Count)})
			}
		}
	}
	return out, nil
}

// storedOwn is stored where only the conditions of the systems tell which events are theirs: each is read and held against them.
func (l *looker) storedOwn(ctx context.Context, older string) ([]coverage.Stored, error) {
	by := map[string]map[int64]int64{} // events by dataset and part
	for _, dataset := range l.h.Datasets {
		if !strings.HasPrefix(dataset, "weir.") {
			by[dataset] = map[int64]int64{}
		}
	}
	o := search.ScanOptions{From: l.p.From, To: l.p.To}
	if l.h.Fields != nil {
		o.Fields = append([]event.Field{event.Timestamp, event.EventDataset}, l.h.Fields...)
	}
	err := l.scan(ctx, "("+l.h.Scope+")"+older, o, func(e *event.Event) bool {
		if to := by[e.Str(event.EventDataset)]; to != nil && l.h.Own(e) {
			to[e.Get(event.Timestamp).Time().Truncate(parts).UnixNano()]++
		}
		return true
	})
	if err != nil {
		return nil, fmt.Errorf("counting the events of the systems: %w", err)
	}
	var out []coverage.Stored
	for _, dataset := range slices.Sorted(maps.Keys(by)) {
		for _, at := range slices.Sorted(maps.Keys(by[dataset])) {
			from := time.Unix(0, at).UTC()
			out = append(out, coverage.Stored{Dataset: dataset, From: from, To: from.Add(parts), Events: by[dataset][at]})
		}
	}
	return out, nil
}

// reachBack is how many days before a period the stretch is looked for after which the first of the period comes.
const reachBack = 31

// border keeps the stretches that were evaluated in a period, and of each partition the one before and the one after it: offsets
// that were left out over its first or last midnight lie between those.
type border struct {
	p             review.Period
	list          []coverage.Stretch
	before, after map[partition]coverage.Stretch
}

// partition is a raw partition.
type partition struct {
	topic  string
	number int32
}

// take takes a stretch in. Its events are not kept.
func (b *border) take(s coverage.Stretch) {
	if b.before == nil {
		b.before, b.after = map[partition]coverage.Stretch{}, map[partition]coverage.Stretch{}
	}
	s.Spans = nil
	at := partition{s.Topic, s.Partition}
	switch {
	case !s.Ended.After(b.p.From): // of records that were read twice the furthest counts
		if have, ok := b.before[at]; !ok || s.To > have.To {
			b.before[at] = s
		}
	case !s.Began.Before(b.p.To):
		if have, ok := b.after[at]; !ok || s.Began.Before(have.Began) {
			b.after[at] = s
		}
	default:
		b.list = append(b.list, s)
	}
}

// lacks tells whether there is a partition of which nothing is known before the period.
func (b *border) lacks() bool {
	for at := range b.after {
		if _, ok := b.before[at]; !ok {
			return true
		}
	}
	return slices.ContainsFunc(b.list, func(s coverage.Stretch) bool {
		_, ok := b.before[partition{s.Topic, s.Partition}]
		return !ok
	})
}

// holes are the records that no stretch names, of which a part may be of the period.
func (b *border) holes() []review.Gap {
	in := &coverage.Input{From: b.p.From, To: b.p.To, Stretches: slices.Concat(slices.Collect(maps.Values(b.before)), b.list, slices.Collect(maps.Values(b.after)))}
	var out []review.Gap
	for _, g := range coverage.Compute(in).Gaps {
		// A topic that was made anew begins at 0 again: then the next offset is of long before, and nothing lies between.
		if g.Kind != coverage.NotEvaluated || g.Topic == "" || g.To.Before(g.From) || !overlaps(g.From, g.To.Add(time.Nanosecond), b.p) {
			continue
		}
		out = append(out, review.Gap{From: g.From, To: g.To, Source: g.Topic, Kind: "rules", N: g.ToOffset - g.FromOffset, What: fmt.Sprintf("records that no set of detection rules names: %d", g.ToOffset-g.FromOffset)})
	}
	return out
}

// joined makes one stretch of those of a dataset between which there is no event that a rule looked at: somebody who logs on twice
// a day while no rules run leaves one gap, and not two a day. Gaps come in the order of their time, as coverage has them.
func joined(gaps []coverage.Gap, stored []coverage.Stored) []coverage.Gap {
	var out []coverage.Gap
	last := map[string]int{} // of out, by dataset
	for _, g := range gaps {
		if g.Kind != coverage.NotEvaluated || g.Dataset == "" {
			continue
		}
		i, ok := last[g.Dataset]
		if ok && !slices.ContainsFunc(stored, func(s coverage.Stored) bool {
			return s.Dataset == g.Dataset && !s.From.Before(out[i].To) && s.From.Before(g.From)
		}) {
			out[i].To, out[i].Events = g.To, out[i].Events+g.Events
			continue
		}
		last[g.Dataset] = len(out)
		out = append(out, g)
	}
	return out
}

// bounded joins the gaps beyond a number into the last one.
func bounded(list []review.Gap) []review.Gap {
	slices.SortStableFunc(list, func(a, b review.Gap) int { return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.Source, b.Source)) })
	if len(list) <= maxRuleGaps {
		return list
	}
	rest := review.Gap{From: list[maxRuleGaps-1].From, Kind: "rules"}
	for _, g := range list[maxRuleGaps-1:] {
		rest.To, rest.N = later(rest.To, g.To), rest.N+g.N
	}
	rest.What = fmt.Sprintf("events that no detection rule looked at: %d, in %d more stretches of this time", rest.N, len(list)-maxRuleGaps+1)
	return append(list[:maxRuleGaps-1], rest)
}
