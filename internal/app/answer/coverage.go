package answer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"weir/event"
	"weir/internal/alert"
	"weir/internal/archive"
	"weir/internal/archive/search"
	"weir/internal/fault"
	"weir/internal/query"
	"weir/processors/normalise"
	"weir/rules/coverage"
)

const (
	// coverageSpan is the time that is looked at where none is named.
	coverageSpan = 30 * 24 * time.Hour
	// manyRules is more than there are rules, so that counts are exact.
	manyRules = 1 << 20
	// coverageParts is into how many parts the time is cut where stored events are laid beside evaluated ones.
	coverageParts = 240
)

// Coverage computes from an archive, live or not, what the rules were tried on. open are stretches that may be in no
// document yet.
func Coverage(ctx context.Context, ar *archive.Archive, open []coverage.Stretch, r coverage.Request) (*coverage.Report, error) {
	if r.To.IsZero() {
		r.To = time.Now()
	}
	if r.From.IsZero() {
		r.From = r.To.Add(-coverageSpan)
	}
	in := &coverage.Input{From: r.From.UTC(), To: r.To.UTC(), Later: coverage.Times{}}
	var err error
	if err = evaluated(ctx, ar, r, in); err != nil {
		return nil, err
	}
	for _, s := range open {
		if !s.Ended.Before(r.From) {
			take(in, s)
		}
	}
	if in.Matches, err = counted(ctx, ar, r, in, `weir.rules: *`, event.WeirRules.Path()); err != nil {
		return nil, err
	}
	if in.Alerts, err = counted(ctx, ar, r, in, `event.dataset: "`+alert.Dataset+`" and weir.revision: 1`, event.RuleID.Path()); err != nil {
		return nil, err
	}
	if in.Fields, err = ar.Fields(ctx, r.From, r.To, coverage.Class, "alerts", "deadletters"); err != nil {
		return nil, err
	}
	if in.Stored, err = storedTimes(ctx, ar, r, in); err != nil {
		return nil, err
	}
	out := coverage.Compute(in)
	out.Gaps, err = Recount(ctx, ar, in, out.Gaps, Which{})
	return out, err
}

// Which says which events are meant: those that the query finds and for which Own, if it is there, holds by the fields of Fields
// (nil: by any). The zero value is all of them.
type Which struct {
	KQL    string
	Own    func(e *event.Event) bool
	Fields []event.Field
}

// Recount takes off gaps what rules were tried on by the time that weir gave the events, and not by @timestamp; see coverage.Recount.
// What cannot be read stays in its gap: a part that is damaged is told of by who counted the events, and is no reason to know
// nothing of the rest.
func Recount(ctx context.Context, ar *archive.Archive, in *coverage.Input, gaps []coverage.Gap, which Which) ([]coverage.Gap, error) {
	kql, fields := "", []event.Field{event.WeirTime}
	if which.KQL != "" {
		kql = "(" + which.KQL + ") and "
	}
	if which.Own != nil && which.Fields == nil {
		fields = nil
	}
	fields = append(fields, which.Fields...)
	return in.Recount(gaps, func(g *coverage.Gap, first, end time.Time, each func(at time.Time)) error {
		from, to := g.From.UTC().Format(time.RFC3339Nano), g.To.UTC().Format(time.RFC3339Nano)
		q, err := query.Parse(kql + event.EventDataset.Path() + ": " + quoted(g.Dataset) + ` and (weir.time < "` + from + `" or weir.time >= "` + to + `")`)
		if err != nil {
			return err
		}
		for e, err := range ar.Scan(ctx, search.ScanOptions{From: first, To: end, Filter: q, Fields: fields}) {
			if err == nil && (which.Own == nil || which.Own(e)) {
				each(e.Get(event.WeirTime).Time())
			}
		}
		return ctx.Err()
	})
}

// take adds a stretch to what a report is computed from. One that was evaluated after the time counts by its events alone.
func take(in *coverage.Input, s coverage.Stretch) {
	if s.Began.Before(in.To) {
		in.Stretches = append(in.Stretches, s)
		return
	}
	for _, x := range s.Spans {
		in.Later.Add(x, time.Minute)
	}
}

// evaluated reads the stretches of a time, and the descriptions of rule sets of any time: a set may have been described
// long before.
func evaluated(ctx context.Context, ar *archive.Archive, r coverage.Request, in *coverage.Input) error {
	read := func(kql string, from time.Time, each func(e *event.Event)) (bad []error, err error) {
		q, err := query.Parse(kql)
		if err != nil {
			return nil, err
		}
		for e, err := range ar.Scan(ctx, search.ScanOptions{Classes: []string{coverage.Class}, Filter: q, From: from}) {
			if err != nil {
				bad = append(bad, err)
				continue
			}
			each(e)
		}
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("reading coverage: %w", err)
		}
		return bad, nil
	}
	// A stretch stands at the time of its end, so one that reaches into the time may stand after it.
	bad, err := read(`event.dataset: "`+coverage.Dataset+`" and weir.coverage.to: *`, r.From, func(e *event.Event) {
		if s, ok := coverage.ReadStretch(e); ok {
			take(in, s)
		}
	})
	if err != nil {
		return err
	}
	unread(in, bad)
	var all coverage.Sets
	bad, err = read(`event.dataset: "`+coverage.Dataset+`" and weir.ruleset.part: *`, time.Time{}, func(e *event.Event) { all.Read(e) })
	in.Sets = all.All()
	if slices.ContainsFunc(in.Stretches, func(s coverage.Stretch) bool { return in.Sets[s.Set].Hash == "" }) { // else nothing of them is missed
		unread(in, bad)
	}
	return err
}

// unread notes parts of the archive that a report is without, each once.
func unread(in *coverage.Input, bad []error) {
	for _, err := range bad {
		if text := Damage(err); !slices.Contains(in.Unread, text) {
			in.Unread = append(in.Unread, text)
		}
	}
}

// Damage says which part of the archive cannot be read, and why: alike whoever came upon it, so that it is told of once.
func Damage(err error) string {
	if f := (*fault.Error)(nil); errors.As(err, &f) {
		return f.Error()
	}
	return err.Error()
}

// counted counts the values of a field in the events that a query finds. What of them cannot be read is noted in in.
func counted(ctx context.Context, ar *archive.Archive, r coverage.Request, in *coverage.Input, kql, field string) (map[string]int64, error) {
	q, err := query.Parse(kql)
	if err != nil {
		return nil, err
	}
	sum, err := ar.Search(ctx, search.Request{Query: q, From: r.From, To: r.To, Top: field, TopSize: manyRules}, nil)
	if err != nil {
		return nil, fmt.Errorf("counting %s: %w", field, err)
	}
	unread(in, sum.Unreadable)
	out := make(map[string]int64, len(sum.Top))
	for _, v := range sum.Top {
		out[v.Text] = int64(v.Count)
	}
	return out, nil
}

// storedTimes counts the stored events of each dataset over the time. What weir writes of itself is left out: no rule is
// tried on that.
func storedTimes(ctx context.Context, ar *archive.Archive, r coverage.Request, in *coverage.Input) ([]coverage.Stored, error) {
	own := `event.dataset: ("` + coverage.Dataset + `" or "` + alert.Dataset + `" or "` + normalise.DeadLetterDataset + `")`
	datasets, err := counted(ctx, ar, r, in, `not `+own, event.EventDataset.Path())
	if err != nil {
		return nil, err
	}
	width := max(time.Minute, r.To.Sub(r.From)/coverageParts).Truncate(time.Second)
	var out []coverage.Stored
	for dataset := range datasets {
		q, err := query.Parse(event.EventDataset.Path() + ": " + quoted(dataset))
		if err != nil {
			return nil, err
		}
		sum, err := ar.Search(ctx, search.Request{Query: q, From: r.From, To: r.To, Interval: width}, nil)
		if err != nil {
			return nil, fmt.Errorf("counting %s: %w", dataset, err)
		}
		for _, b := range sum.Buckets {
			if b.Count > 0 {
				out = append(out, coverage.Stored{Dataset: dataset, From: b.From, To: b.From.Add(sum.Interval), Events: int64(b.Count)})
			}
		}
	}
	slices.SortFunc(out, func(a, b coverage.Stored) int {
		return cmp.Or(cmp.Compare(a.Dataset, b.Dataset), a.From.Compare(b.From))
	})
	return out, nil
}

// quoted writes a text as a phrase of KQL.
func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
