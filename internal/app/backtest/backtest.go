// Package backtest tries rules on events that are there already, in an archive or in files, through the engines that run
// live: the same matches, the same alerts, with the same ids.
//
// # Order
//
// What is stored is read epoch by epoch, which is how it came, and the matches of an epoch are put into the order in which
// live took them: by the time of ingestion, then by the numbers of the front door. So also what arrived late is late here,
// and an alert is fired by the same event, which gives it the same id. Only where matches of one group came over several
// partitions at once may another of them be the first here. What decides of time is weir.time, as live.
//
// The engines are told after each epoch how far the time of the matches is, less a day. That is more patience than live
// has: what is later still is counted (Late).
//
// # Memory
//
// Only columns are read, a window of rows at a time, and the whole event only where a rule matches. What is kept is the
// matches of one epoch, the state of the engine, which it bounds by itself, and the alerts: at most a hundred thousand for
// each version, after which the reading ends and says so. Values of the evidence are kept up to 64 MiB.
package backtest

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"weir/event"
	"weir/internal/alert"
	"weir/internal/app/build"
	"weir/internal/archive"
	"weir/internal/archive/search"
	"weir/internal/control/trial"
	"weir/internal/fault"
	"weir/internal/signal"
)

// Test is rules on trial. It is made by New, for one reading, on one goroutine.
type Test struct {
	place    Place
	req      trial.Request
	each     func(trial.Line) error
	versions []*version // the one that is tried, and the one that it is held against, if any
	columns  []string   // read of every event that the sieve lets through; nil: all
	whole    []string   // read of those that match; nil: all
	sieve    *search.Sieve

	start   time.Time
	sum     trial.Summary
	out     Outlet
	reached int64 // about how far in time the reading is
	told    time.Time
	span    span // of events in files
}

// Outlet is where what is found goes besides the answer. Its functions are called on the goroutine that reads.
type Outlet struct {
	// Match takes the matches of a request that warms, in the order in which they came.
	Match func(*signal.Signal) error
	// Alert takes the alerts of a request that writes, after the reading, and says whether it was kept or was there already.
	Alert func(*alert.Alert) (kept bool, err error)
}

// To says where matches and alerts go. It is called before the reading.
func (t *Test) To(o Outlet) {
	t.out = o
	if t.req.Warm {
		t.versions[0].onward = func(s *signal.Signal) error {
			t.sum.Warmed++
			return o.Match(s)
		}
	}
}

// New loads the rules of a request. Rules that do not load are a fault.List.
func New(p Place, req trial.Request, each func(trial.Line) error) (*Test, error) {
	t := &Test{place: p, req: req, each: each, start: time.Now(), sum: trial.Summary{From: req.From, To: req.To}}
	opts := build.Engine(p.Config, slog.New(slog.DiscardHandler))
	// A day of groups is held, and not minutes of them as live: see the mark.
	opts.MaxGroups *= 4
	req.Values = req.Values || req.Write
	t.req = req
	lists := [][]trial.Source{req.Rules}
	if len(req.Against) > 0 {
		lists = append(lists, req.Against)
	}
	for _, texts := range lists {
		set, warnings, err := p.load(texts)
		if err != nil {
			return nil, err
		}
		t.sum.Warnings = append(t.sum.Warnings, warnings...)
		v, err := newVersion(p, set, opts, req.Values)
		if err != nil {
			return nil, err
		}
		t.versions = append(t.versions, v)
	}
	if req.Warm && req.From.IsZero() {
		t.req.From = time.Now().Add(-remembers(t.versions[0].set.Rules))
		t.sum.From = t.req.From
	}
	conds := conditions(p, t.versions)
	t.columns, t.sieve = columnsOf(p, conds), sieveOf(p, conds)
	t.whole = wholeOf(p, t.columns, t.versions)
	return t, nil
}

// bookkeeping are the classes of documents that no rule is held against live: they are made behind the rules.
var bookkeeping = []string{"alerts", "deadletters"}

// Archive tries the rules on what an archive holds. When ctx ends the answer is about what was read by then.
func (t *Test) Archive(ctx context.Context, a *archive.Archive) (trial.Summary, error) {
	for _, p := range a.Problems() {
		if p.Code != "archive-segment" { // said below, of those that the time of the test touches
			t.warn(p)
		}
	}
	opts := search.SiftOptions{From: t.req.From, To: t.req.To, Without: bookkeeping, Sieve: t.sieve, Keep: t.keep, Read: t.columns, More: t.whole}
	var failed error
	opts.Epoch = func() {
		if failed == nil {
			failed = t.epoch()
		}
	}
	opts.Progress = func(s search.SiftStats) {
		t.sum.Skipped, t.sum.Tried = int64(s.Ruled), int64(s.Asked)
		t.sum.Events = t.sum.Skipped + t.sum.Tried
		t.sum.Segments, t.sum.SegmentsRead = s.Segments, s.Read
		if s.Passed > 0 {
			t.reached = s.At.UnixNano()
		}
		t.covers(s.Min, s.Max)
		if failed == nil {
			failed = t.progress(trial.Progress{Done: int64(s.Passed), Total: int64(s.Rows), At: s.At.UTC()})
		}
	}
	for e, err := range a.Sift(ctx, opts) {
		switch {
		case ctx.Err() != nil || failed != nil:
		case err != nil:
			t.warn(&fault.Error{Code: "segment-unreadable", What: "a part of the archive cannot be read; the answer is without it", Why: err.Error(), Warn: true, Cause: err})
			continue
		default:
			e.Delete(event.WeirRules)
			for _, v := range t.versions {
				v.find(e)
			}
		}
		if ctx.Err() != nil || failed != nil || t.full() {
			break
		}
	}
	if failed == nil {
		failed = t.epoch() // of one that was left before its end
	}
	if failed != nil {
		return t.sum, failed
	}
	t.stopped(ctx)
	return t.finish(t.until(ctx))
}

// covers fills in bounds that were left open: the times of what there is. The end is behind the last event.
func (t *Test) covers(first, last time.Time) {
	if t.req.From.IsZero() && !first.IsZero() {
		t.sum.From = first.UTC()
	}
	if t.req.To.IsZero() && !last.IsZero() {
		t.sum.To = last.UTC().Add(1)
	}
}

// stopped says why the reading ended, if it is not at its end.
func (t *Test) stopped(ctx context.Context) {
	switch {
	case t.full():
		t.sum.Stopped = trial.TooManyAlerts
	case ctx.Err() != nil:
		t.sum.Stopped = trial.Interrupted
	default:
		return
	}
	if t.reached != 0 {
		t.sum.Reached = time.Unix(0, t.reached).UTC()
	}
}

// full tells whether a version has more alerts than anybody reads.
func (t *Test) full() bool {
	for _, v := range t.versions {
		if len(v.alerts.order) >= MaxAlerts {
			return true
		}
	}
	return false
}

// warn keeps a fault that does not end the reading.
func (t *Test) warn(e *fault.Error) { t.sum.Warnings = append(t.sum.Warnings, e) }

// tellEvery is how often somebody hears how far it is.
const tellEvery = 100 * time.Millisecond

// progress says how far it is, not too often.
func (t *Test) progress(p trial.Progress) error {
	now := time.Now()
	if now.Sub(t.told) < tellEvery {
		return nil
	}
	t.told = now
	return t.each(trial.Line{Progress: &p})
}

// keep tells whether any version matches. It sees an event before a rule has written its name into it, as live does.
func (t *Test) keep(e *event.Event) bool {
	e.Delete(event.WeirRules)
	hit := false
	for _, v := range t.versions {
		if v.matches(e) {
			hit = true
		}
	}
	return hit
}

// epoch hands what was found over to the engines that fold and correlate.
func (t *Test) epoch() error {
	for _, v := range t.versions {
		if err := v.settle(); err != nil {
			return err
		}
	}
	return nil
}

// until is the time up to which the archive was read: what is not over by then is not decided.
func (t *Test) until(ctx context.Context) time.Time {
	switch {
	case ctx.Err() != nil || t.full():
		return time.Unix(0, t.reached)
	case !t.req.To.IsZero():
		return t.req.To
	}
	return t.start
}

// finish closes the stream at a time, compares, and hands the alerts over, the earliest first.
func (t *Test) finish(at time.Time) (trial.Summary, error) {
	for _, v := range t.versions {
		v.finish(at)
		stats := v.engine.Stats()
		t.sum.Late += int64(stats.Late)
		t.sum.Evicted += int64(stats.EvictedGroups + stats.EvictedFolds)
		t.sum.ValuesCut += v.alerts.cut
	}
	first := t.versions[0]
	t.sum.Columns, t.sum.TookMS = t.columns, time.Since(t.start).Milliseconds()
	t.sum.CostNS = first.cost()
	found := first.alerts.list()
	lines := make([]trial.Alert, 0, len(found))
	if len(t.versions) == 1 {
		for _, a := range found {
			lines = append(lines, trial.Alert{Alert: *a})
		}
	} else {
		other := t.versions[1]
		t.sum.CostAgainstNS = other.cost()
		lines = compare(found, other.alerts.list(), keyFor(first, other))
	}
	t.count(lines)
	for i := range lines {
		if err := t.each(trial.Line{Alert: &lines[i]}); err != nil {
			return t.sum, err
		}
	}
	return t.sum, t.write(lines)
}

// write keeps what was found, of a request that asks for it. An alert that only the other version has was not found.
func (t *Test) write(lines []trial.Alert) error {
	if !t.req.Write || t.out.Alert == nil {
		return nil
	}
	for i := range lines {
		if lines[i].Change == trial.Gone {
			continue
		}
		a := lines[i].Alert
		a.Historic = true
		kept, err := t.out.Alert(&a)
		if err != nil {
			return fmt.Errorf("writing what was found: %w", err)
		}
		if kept {
			t.sum.Written++
		} else {
			t.sum.Present++
		}
	}
	return nil
}

// count fills in what each rule found.
func (t *Test) count(lines []trial.Alert) {
	rows := map[string]*trial.Rule{}
	t.sum.Rules = []trial.Rule{}
	rename := keyFor(t.versions...)
	for _, r := range t.versions[0].set.Rules {
		t.sum.Rules = append(t.sum.Rules, trial.Rule{Rule: r.ID, Title: r.Title, Level: string(r.Level), Matches: t.versions[0].hits[r.ID]})
	}
	for i := range t.sum.Rules {
		rows[rename(t.sum.Rules[i].Rule)] = &t.sum.Rules[i]
	}
	for i := range lines {
		row := rows[rename(lines[i].Rule)]
		if row == nil { // a rule that only the other version has
			continue
		}
		switch lines[i].Change {
		case trial.Gone:
			row.Gone++
			continue
		case trial.New:
			row.New++
		case trial.Same:
			row.Same++
		}
		row.Alerts++
	}
}
