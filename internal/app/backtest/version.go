package backtest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"weir/event"
	"weir/internal/archive/column"
	"weir/internal/fault"
	"weir/internal/record"
	"weir/internal/signal"
	"weir/processors/correlate"
	"weir/processors/detect"
	"weir/rules"
)

// version is one version of the rules at work: both engines of live, and the alerts that come of them. It belongs to the
// goroutine that reads.
type version struct {
	set    *rules.Set
	detect *detect.Engine
	engine *correlate.Engine
	alerts *alerts
	hits   map[string]int64 // matches by rule

	seen    int64 // events held against the rules
	timed   int64 // of these, those whose cost was taken
	elapsed time.Duration
	hit     bool // found by the present call of matches

	onward func(*signal.Signal) error // takes each match too; nil: nobody does

	waiting []found   // of the present epoch
	last    time.Time // newest time of a match
}

// newVersion makes the engines. A rule that cannot run is an error: there are few, and they were named.
func newVersion(p Place, set *rules.Set, opts correlate.Options, values bool) (*version, error) {
	v := &version{set: set, alerts: newAlerts(values), hits: map[string]int64{}}
	var faults fault.List
	if v.detect, faults = detect.New(set, p.Lists, p.Pipes); len(faults) > 0 {
		return nil, faults
	}
	v.engine = correlate.New(opts)
	v.engine.SetRules(set.Rules)
	return v, nil
}

// timeEvery is which events have their cost taken: reading the clock costs as much as many a rule.
const timeEvery = 16

// matches tells whether a condition holds for the event.
func (v *version) matches(e *event.Event) bool {
	v.hit = false
	v.seen++
	if v.seen%timeEvery != 0 {
		v.detect.Hits(e, v.note)
		return v.hit
	}
	start := time.Now()
	v.detect.Hits(e, v.note)
	v.elapsed += time.Since(start)
	v.timed++
	return v.hit
}

func (v *version) note(*rules.Rule, string) { v.hit = true }

// cost returns the nanoseconds for one event, 0 where none was timed.
func (v *version) cost() float64 {
	if v.timed == 0 {
		return 0
	}
	return max(0, float64(v.elapsed.Nanoseconds())/float64(v.timed)-clockCost())
}

// clockCost is what taking the time costs by itself.
func clockCost() float64 {
	const n = 1000
	start := time.Now()
	for range n {
		_ = time.Since(time.Now())
	}
	return float64(time.Since(start).Nanoseconds()) / n / 2
}

// found is a match that waits for the others of its epoch.
type found struct {
	sig signal.Signal
	at  int64 // when it was ingested
	ing record.Ing
	pos record.Pos
}

// find takes the whole of an event that may match.
func (v *version) find(e *event.Event) {
	pos, _ := record.ParsePos(e.Str(event.WeirSrc)) // orders what came at one time, and no more
	sigs := v.detect.Signals(e, pos)
	if len(sigs) == 0 {
		return
	}
	id := e.Str(event.EventID)
	if i := strings.LastIndexByte(id, '-'); i > strings.LastIndexByte(id, '/') {
		id = id[:i] // the number of an event of a record that holds several
	}
	ing, _ := record.ParseIng(id) // what the front door did not number has its position
	at := column.SortTime(e)
	if in := e.Get(event.EventIngested); in.Kind() == event.Time {
		at = in.Int()
	}
	for i := range sigs {
		v.waiting = append(v.waiting, found{sigs[i], at, ing, pos})
	}
}

// came orders matches as live took them.
func came(a, b found) int {
	return cmp.Or(cmp.Compare(a.at, b.at), strings.Compare(a.ing.Ingester, b.ing.Ingester), cmp.Compare(a.ing.Start, b.ing.Start),
		cmp.Compare(a.ing.Seq, b.ing.Seq), strings.Compare(a.pos.Topic, b.pos.Topic), cmp.Compare(a.pos.Partition, b.pos.Partition), a.pos.Compare(b.pos))
}

// settle takes what waits, and tells the engine how far the time is.
func (v *version) settle() error {
	slices.SortStableFunc(v.waiting, came)
	for i := range v.waiting {
		if err := v.apply(&v.waiting[i].sig); err != nil {
			return err
		}
	}
	clear(v.waiting)
	v.waiting = v.waiting[:0]
	if v.last.IsZero() {
		return nil
	}
	return v.mark(v.last.Add(-patience))
}

// event takes an event of a file: what it matches is taken at once.
func (v *version) event(e *event.Event, pos record.Pos) error {
	sigs := v.detect.Signals(e, pos)
	for i := range sigs {
		if err := v.apply(&sigs[i]); err != nil {
			return err
		}
	}
	return nil
}

// apply takes the next match.
func (v *version) apply(s *signal.Signal) error {
	v.hits[s.Rule]++
	if s.Time.After(v.last) {
		v.last = s.Time
	}
	if err := v.engine.Apply(s, v.alerts.take); err != nil {
		return fmt.Errorf("event %s: %w", s.EventID, err)
	}
	if v.onward != nil {
		return v.onward(s)
	}
	return nil
}

const (
	// patience is how far the time of the matches may go back from one epoch to the next.
	patience = 24 * time.Hour
	// reader is who writes marks here.
	reader = "backtest/0/0/0"
)

// mark tells the engine that what is older has been read.
func (v *version) mark(at time.Time) error {
	if err := v.engine.Apply(&signal.Signal{Kind: signal.Watermark, Time: at, Src: reader}, v.alerts.take); err != nil {
		return fmt.Errorf("marking the time: %w", err)
	}
	return nil
}

// finish closes the stream. What waits for time has it up to at; where that is not known, as of files, as much as any rule
// needs after the last match.
func (v *version) finish(at time.Time) {
	switch {
	case at.IsZero():
		at = v.last.Add(v.engine.Horizon())
	case at.Before(v.last):
		at = v.last
	}
	v.engine.Finish(at, v.alerts.take)
}
