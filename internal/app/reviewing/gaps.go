package reviewing

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"weir/event"
	"weir/internal/alert"
	"weir/internal/app/answer"
	"weir/internal/archive"
	"weir/internal/archive/manifest"
	"weir/internal/archive/search"
	"weir/internal/query"
	"weir/internal/rerun"
	"weir/internal/review"
	"weir/internal/review/draft"
	"weir/rules/coverage"
)

// What is missing of a record is said by those who know of it: the manifest of segments that are not read and of records that
// went, the archive of dead letters and of weir's own alerts about losses, the ledger of what it turned away and cannot explain,
// and the rules of what they were tried on. Days without a word of a system are found by the draft, which reads its events.

// inManifest are the gaps that the manifest knows: segments that are not read, and days whose records went by the policy.
func inManifest(ar *archive.Archive, p review.Period) []review.Gap {
	var out []review.Gap
	for _, s := range ar.Segments() {
		day, err := time.Parse(time.DateOnly, s.Day)
		if s.Quarantined != "" && err == nil && overlaps(day, day.AddDate(0, 0, 1), p) {
			out = append(out, review.Gap{From: day, To: day.AddDate(0, 0, 1), Source: s.Path, Kind: "unread", What: "a segment is not read: " + s.Quarantined})
		}
	}
	return append(out, expired(ar.Actions(), p)...)
}

// unheard are the gaps of the sources and datasets that the systems are heard by.
func (k *Desk) unheard(ctx context.Context, ar *archive.Archive, p review.Period, h draft.Heard) ([]review.Gap, error) {
	var out []review.Gap
	for _, find := range []func(context.Context, *archive.Archive, review.Period, draft.Heard) ([]review.Gap, error){deadLetters, losses, k.counted, k.unwatched} {
		list, err := find(ctx, ar, p, h)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

// scan reads what a query finds in the period.
func scan(ctx context.Context, ar *archive.Archive, kql string, from, to time.Time, fields []event.Field, each func(e *event.Event)) error {
	q, err := query.Parse(kql)
	if err != nil {
		return err
	}
	for e, err := range ar.Scan(ctx, search.ScanOptions{From: from, To: to, Filter: q, Fields: fields}) {
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			continue // the draft says which parts cannot be read
		}
		each(e)
	}
	return ctx.Err()
}

// deadLetters are records of the sources that could not be used: each may have been one of the systems. Those that were read
// again since with success are none any more.
func deadLetters(ctx context.Context, ar *archive.Archive, p review.Period, h draft.Heard) ([]review.Gap, error) {
	by := map[string]*review.Gap{}
	reasons := map[string]map[string]bool{}
	fields := []event.Field{event.Timestamp, event.EventDataset, event.WeirInput, event.LogSourceAddress, event.WeirDeadletterReason, event.WeirDeadletterOutcome}
	err := scan(ctx, ar, `event.dataset: "`+rerun.DeadLetterDataset+`" and not weir.deadletter.outcome: *`, p.From, p.To, fields, func(e *event.Event) {
		source, at := e.Str(event.WeirInput)+"/"+e.Str(event.LogSourceAddress), e.Get(event.Timestamp).Time()
		if !slices.Contains(h.Sources, source) {
			return
		}
		g := by[source]
		if g == nil {
			g = &review.Gap{From: at, To: at, Source: strings.Clone(source), Kind: "dead"}
			by[g.Source], reasons[g.Source] = g, map[string]bool{}
		}
		g.To = later(g.To, at)
		g.From = earlier(g.From, at)
		g.N++
		if reason := e.Str(event.WeirDeadletterReason); len(reasons[g.Source]) < 5 {
			reasons[g.Source][strings.Clone(reason)] = true
		}
	})
	if err != nil {
		return nil, fmt.Errorf("looking for dead letters: %w", err)
	}
	var out []review.Gap
	for _, source := range slices.Sorted(maps.Keys(by)) {
		g := by[source]
		g.What = fmt.Sprintf("records of a source of these systems that could not be used: %d (%s)", g.N, strings.Join(slices.Sorted(maps.Keys(reasons[source])), ", "))
		out = append(out, *g)
	}
	return out, nil
}

// ownRules are the rules by which weir tells of its own losses, with the kind of gap that follows.
var ownRules = map[string]string{"weir-records-lost": "lost", "weir-records-refused": "refused", "weir-ledger-difference": "ledger"}

// losses are weir's own alerts of the period about records that it never read, turned away, or cannot explain. They say when, and
// not of which source.
func losses(ctx context.Context, ar *archive.Archive, p review.Period, _ draft.Heard) ([]review.Gap, error) {
	by := map[string]*review.Gap{}
	rules := slices.Sorted(maps.Keys(ownRules))
	fields := []event.Field{event.Timestamp, event.EventDataset, event.RuleID, event.WeirAlertID, event.WeirAlertFirst, event.Message}
	err := scan(ctx, ar, `event.dataset: "`+alert.Dataset+`" and rule.id: (`+strings.Join(rules, " or ")+`)`, p.From, p.To, fields, func(e *event.Event) {
		id, at := e.Str(event.WeirAlertID), e.Get(event.Timestamp).Time()
		if g := by[id]; g != nil { // each hit says the sum so far
			g.To, g.What = later(g.To, at), strings.Clone(e.Str(event.Message))
			return
		}
		from := at
		if v := e.Get(event.WeirAlertFirst); v.Kind() == event.Time {
			from = later(v.Time(), p.From)
		}
		by[strings.Clone(id)] = &review.Gap{From: from, To: at, Kind: ownRules[e.Str(event.RuleID)], What: strings.Clone(e.Str(event.Message))}
	})
	if err != nil {
		return nil, fmt.Errorf("looking for alerts about losses: %w", err)
	}
	var out []review.Gap
	for _, g := range by {
		out = append(out, *g)
	}
	slices.SortFunc(out, func(a, b review.Gap) int { return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.What, b.What)) })
	return out, nil
}

// counted is what the ledger knows of the sources. It counts since a source is known and has no months, so what it says is of all
// of that time; stops have their moment.
func (k *Desk) counted(ctx context.Context, _ *archive.Archive, p review.Period, h draft.Heard) ([]review.Gap, error) {
	if k.d.Ledger == nil {
		return []review.Gap{{From: p.From, To: p.To, Kind: "unasked", What: "the ledger was not asked: another process has it"}}, nil
	}
	l, err := k.d.Ledger(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return []review.Gap{{From: p.From, To: p.To, Kind: "unasked", What: "the ledger was not asked: " + err.Error()}}, nil
	}
	var out []review.Gap
	for _, r := range l.Rows {
		if r.First.IsZero() || !slices.Contains(h.Sources, r.Source) || !overlaps(r.First, r.Last.Add(time.Nanosecond), p) {
			continue
		}
		g := review.Gap{From: later(r.First, p.From), To: earlier(r.Last, p.To), Source: r.Source}
		since := ", counted since " + r.First.In(p.Location()).Format(time.DateOnly)
		if g.N = r.Refused; g.N > 0 {
			g.Kind, g.What = "refused", "records of this source that were turned away: "+strconv.FormatInt(g.N, 10)+since
			out = append(out, g)
		}
		if g.N = r.Difference; g.N != 0 {
			g.Kind, g.What = "ledger", "records of this source that are not accounted for: "+strconv.FormatInt(g.N, 10)+since
			out = append(out, g)
		}
	}
	for _, u := range l.Unclean {
		if u.Most > 0 && overlaps(u.At, u.At.Add(time.Nanosecond), p) {
			out = append(out, review.Gap{From: u.At, To: u.At, Kind: "unclean", N: u.Most, What: fmt.Sprintf("weir did not stop in order; records that it had read and may not have stored: at most %d", u.Most)})
		}
	}
	return out, nil
}

// parts is how finely stored events are laid beside those that the rules looked at.
const parts = 10 * time.Minute

// settling is how long after an event came it is not missed yet among those that the rules looked at.
const settling = 2 * time.Minute

// maxRuleGaps bounds how many stretches without rules are named; the rest is one gap.
const maxRuleGaps = 100

// unwatched are stretches of events of the systems that no rule set says it was tried on, and records between two of which none
// does. Stretches are taken by the time of their events and not by when they were evaluated: old logs may be read in later. What
// weir took in just now is left out: what was tried on it is written down once a minute.
func (k *Desk) unwatched(ctx context.Context, ar *archive.Archive, p review.Period, h draft.Heard) ([]review.Gap, error) {
	by, clock := &coverage.Input{From: p.From, To: p.To}, &coverage.Input{From: p.From, To: p.To}
	err := scan(ctx, ar, `event.dataset: "`+coverage.Dataset+`" and weir.coverage.to: *`, p.From.AddDate(0, 0, -1), time.Time{}, nil, func(e *event.Event) {
		s, ok := coverage.ReadStretch(e)
		if !ok {
			return
		}
		for _, x := range s.Spans {
			by.Later = coverage.AddSpan(by.Later, x, time.Minute)
		}
		if s.Began.Before(p.To) && s.Ended.After(p.From) {
			s.Spans = nil
			clock.Stretches = append(clock.Stretches, s)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("reading what the rules were tried on: %w", err)
	}
	older := ` and not event.ingested >= "` + k.d.Now().Add(-settling).UTC().Format(time.RFC3339) + `"`
	for _, dataset := range h.Datasets {
		if strings.HasPrefix(dataset, "weir.") { // no rule is tried on what weir writes of itself
			continue
		}
		q, err := query.ParseAt("("+h.Scope+") and event.dataset: "+review.Quote(dataset)+older, p.To.In(p.Location()))
		if err != nil {
			return nil, err
		}
		sum, err := ar.Search(ctx, search.Request{Query: q, From: p.From, To: p.To, Interval: parts}, nil)
		if err != nil {
			return nil, fmt.Errorf("counting %s: %w", dataset, err)
		}
		for _, b := range sum.Buckets {
			if b.Count > 0 {
				by.Stored = append(by.Stored, coverage.Stored{Dataset: dataset, From: b.From, To: b.From.Add(sum.Interval), Events: int64(b.Count)})
			}
		}
	}
	gaps, err := answer.Recount(ctx, ar, by, coverage.Compute(by).Gaps, "("+h.Scope+")"+older)
	if err != nil {
		return nil, err
	}
	var out []review.Gap
	for _, g := range joined(gaps, by.Stored) {
		out = append(out, review.Gap{From: later(g.From, p.From), To: earlier(g.To, p.To), Source: g.Dataset, Kind: "rules", N: g.Events, What: fmt.Sprintf("events that no detection rule looked at: %d", g.Events)})
	}
	for _, g := range coverage.Compute(clock).Gaps {
		if g.Kind == coverage.NotEvaluated && g.Topic != "" && overlaps(g.From, g.To.Add(time.Nanosecond), p) {
			out = append(out, review.Gap{From: g.From, To: g.To, Source: g.Topic, Kind: "rules", N: g.ToOffset - g.FromOffset, What: fmt.Sprintf("records that no set of detection rules names: %d", g.ToOffset-g.FromOffset)})
		}
	}
	return bounded(out), nil
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

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// expired are the days of the period whose records went, a gap for each class.
func expired(actions []archive.ActionInfo, p review.Period) []review.Gap {
	by := map[string]*review.Gap{}
	rows := map[string]int{}
	var order []string
	for _, a := range actions {
		var x manifest.Expiry
		if a.Kind != manifest.KindExpiry || json.Unmarshal(a.Body, &x) != nil {
			continue
		}
		day, err := time.Parse(time.DateOnly, x.Day)
		if err != nil || !overlaps(day, day.AddDate(0, 0, 1), p) {
			continue
		}
		g := by[x.Class]
		if g == nil {
			g = &review.Gap{From: day, Source: "class " + x.Class, Kind: "expired"}
			by[x.Class] = g
			order = append(order, x.Class)
		}
		if day.Before(g.From) {
			g.From = day
		}
		if end := day.AddDate(0, 0, 1); end.After(g.To) {
			g.To = end
		}
		rows[x.Class] += x.Rows
	}
	slices.Sort(order)
	var out []review.Gap
	for _, class := range order {
		by[class].N = int64(rows[class])
		by[class].What = fmt.Sprintf("%d records were removed when their time was over", rows[class])
		out = append(out, *by[class])
	}
	return out
}

func overlaps(from, to time.Time, p review.Period) bool { return from.Before(p.To) && to.After(p.From) }
