package reviewing

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"weir/event"
	"weir/internal/alert"
	"weir/internal/app/answer"
	"weir/internal/archive"
	"weir/internal/archive/manifest"
	"weir/internal/archive/search"
	"weir/internal/control"
	"weir/internal/ledger"
	"weir/internal/query"
	"weir/internal/rerun"
	"weir/internal/review"
	"weir/internal/review/draft"
)

// What is missing of a record is said by those who know of it: the manifest of segments that are not read and of records that
// went, the archive of dead letters and of weir's own alerts about losses, the ledger of what it turned away and cannot explain,
// and the rules of what they were tried on. Days without a word of a system are found by the draft, which reads its events.

// looker looks for what is missing of a period. One goroutine has it.
type looker struct {
	k   *Desk
	ar  *archive.Archive
	p   review.Period
	h   draft.Heard
	bad []error // of parts of the archive that could not be read
}

// unread are the parts of the archive that are not read: segments that the manifest has of these days and that are known to be
// damaged by now, and what any of the looks came upon, each once. known is what the draft says of itself.
func (l *looker) unread(known []string) []review.Gap {
	var out []review.Gap
	var paths []string
	for _, s := range l.ar.Segments() {
		day, err := time.Parse(time.DateOnly, s.Day)
		if s.Quarantined != "" && err == nil && overlaps(day, day.AddDate(0, 0, 1), l.p) {
			out = append(out, review.Gap{From: day, To: day.AddDate(0, 0, 1), Source: s.Path, Kind: "unread", What: unreadWords + s.Quarantined})
			paths = append(paths, s.Path)
		}
	}
	for _, err := range l.bad {
		text := answer.Damage(err)
		named := func(path string) bool { return strings.Contains(text, filepath.FromSlash(path)) }
		if slices.Contains(known, text) || slices.Contains(known, err.Error()) || slices.ContainsFunc(paths, named) {
			continue
		}
		known = append(known, text)
		out = append(out, review.Gap{From: l.p.From, To: l.p.To, Kind: "unread", What: unreadWords + text})
	}
	return out
}

// unreadWords begin what is said of a part that is not read; review.Gap knows them in Korean.
const unreadWords = "a segment is not read: "

// unheard are the gaps of the sources and datasets that the systems are heard by.
func (l *looker) unheard(ctx context.Context, h draft.Heard) ([]review.Gap, error) {
	l.h = h
	var out []review.Gap
	for _, find := range []func(context.Context) ([]review.Gap, error){l.deadLetters, l.losses, l.counted, l.unwatched} {
		list, err := find(ctx)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

// scan reads what a query finds, until each says that it has enough.
func (l *looker) scan(ctx context.Context, kql string, o search.ScanOptions, each func(e *event.Event) (more bool)) error {
	q, err := query.ParseAt(kql, l.p.To.In(l.p.Location()))
	if err != nil {
		return err
	}
	o.Filter = q
	for e, err := range l.ar.Scan(ctx, o) {
		if err != nil {
			l.bad = append(l.bad, err) // where it is the end of ctx, that is said below
			continue
		}
		if !each(e) {
			break
		}
	}
	return ctx.Err()
}

// manyNames is more than a name has ways to be written in.
const manyNames = 10000

// spelled is draft.Options.Spelled.
func (l *looker) spelled(ctx context.Context, field string, names []string, from, to time.Time) ([]string, error) {
	patterns := make([]string, len(names))
	for i, n := range names {
		patterns[i] = anyCase(n)
	}
	q, err := query.Parse(field + ": (" + strings.Join(patterns, " or ") + ")")
	if err != nil {
		return nil, err
	}
	sum, err := l.ar.Search(ctx, search.Request{Query: q, From: from, To: to, Top: field, TopSize: 1 << 20}, nil)
	if err != nil {
		return nil, fmt.Errorf("counting %s: %w", field, err)
	}
	l.bad = append(l.bad, sum.Unreadable...)
	var out []string
	for _, v := range sum.Top {
		if len(out) < manyNames && slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, v.Text) }) {
			out = append(out, v.Text)
		}
	}
	return out, nil
}

// anyCase is KQL of a value that finds it in every case, and others: a star stands for letters that have cases.
func anyCase(s string) string {
	lit := query.Lit{Text: s}
	part := ""
	for _, r := range s {
		if unicode.SimpleFold(r) == r {
			part += string(r)
			continue
		}
		if lit.Parts == nil || part != "" {
			lit.Parts, part = append(lit.Parts, part), ""
		}
	}
	if lit.Parts != nil {
		lit.Parts = append(lit.Parts, part)
	}
	return lit.Source()
}

// deadLetters are records of the sources that could not be used: each may have been one of the systems. Those that were read
// again since with success are none any more.
func (l *looker) deadLetters(ctx context.Context) ([]review.Gap, error) {
	by := map[string]*review.Gap{}
	reasons := map[string]map[string]bool{}
	fields := []event.Field{event.Timestamp, event.EventDataset, event.WeirInput, event.LogSourceAddress, event.WeirDeadletterReason, event.WeirDeadletterOutcome}
	err := l.scan(ctx, `event.dataset: "`+rerun.DeadLetterDataset+`" and not weir.deadletter.outcome: *`, search.ScanOptions{From: l.p.From, To: l.p.To, Fields: fields}, func(e *event.Event) bool {
		source, at := e.Str(event.WeirInput)+"/"+e.Str(event.LogSourceAddress), e.Get(event.Timestamp).Time()
		if !slices.Contains(l.h.Sources, source) {
			return true
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
		return true
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

// told is the last revision of an alert of weir itself.
type told struct {
	revision     int64
	first, ended time.Time // ended is zero while it lasts
	kind, what   string
}

// losses are weir's own alerts about records that it never read, turned away, or cannot explain, as far as what they tell of lies in
// the period. They say when, and not of which source. A revision stands at its last hit, and what only lasts is not said again: so
// those of all time are read, of which there are few.
func (l *looker) losses(ctx context.Context) ([]review.Gap, error) {
	by := map[string]told{}
	rules := slices.Sorted(maps.Keys(ownRules))
	o := search.ScanOptions{Classes: []string{alertClass}, Fields: []event.Field{event.Timestamp, event.EventDataset, event.RuleID, event.WeirRevision, event.WeirAlertID, event.WeirAlertFirst, event.WeirAlertEnded, event.Message}}
	err := l.scan(ctx, `event.dataset: "`+alert.Dataset+`" and rule.id: (`+strings.Join(rules, " or ")+`)`, o, func(e *event.Event) bool {
		id, revision := e.Str(event.WeirAlertID), e.Get(event.WeirRevision).Int()
		if have, ok := by[id]; ok && have.revision >= revision {
			return true
		}
		t := told{revision: revision, first: e.Get(event.Timestamp).Time(), kind: ownRules[e.Str(event.RuleID)], what: strings.Clone(e.Str(event.Message))}
		if v := e.Get(event.WeirAlertFirst); v.Kind() == event.Time {
			t.first = v.Time()
		}
		if v := e.Get(event.WeirAlertEnded); v.Kind() == event.Time {
			t.ended = v.Time()
		}
		by[strings.Clone(id)] = t
		return true
	})
	if err != nil {
		return nil, fmt.Errorf("looking for alerts about losses: %w", err)
	}
	var out []review.Gap
	for _, t := range by {
		if g, ok := l.loss(t); ok {
			out = append(out, g)
		}
	}
	slices.SortFunc(out, func(a, b review.Gap) int { return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.What, b.What)) })
	return out, nil
}

// alertClass is the retention class of all alerts.
const alertClass = "alerts"

// loss is what an alert says of the period. The sum in its words is of all of its time, which is said where that is longer.
func (l *looker) loss(t told) (review.Gap, bool) {
	end, lasts := t.ended, "to "+t.ended.In(l.p.Location()).Format(time.DateOnly)
	if end.IsZero() {
		end, lasts = later(t.first, l.k.d.Now()), "on"
	}
	if !overlaps(t.first, end.Add(time.Nanosecond), l.p) {
		return review.Gap{}, false
	}
	g := review.Gap{From: later(t.first, l.p.From), To: earlier(end, l.p.To), Kind: t.kind, What: t.what}
	if t.first.Before(l.p.From) || end.After(l.p.To) {
		g.What += " (of all of its time, from " + t.first.In(l.p.Location()).Format(time.DateOnly) + " " + lasts + ")"
	}
	return g, true
}

// counted is what the ledger knows of the sources. It counts since a source is known and has no months, so what it says is of all
// of that time; stops have their moment.
func (l *looker) counted(ctx context.Context) ([]review.Gap, error) {
	unasked := review.Gap{From: l.p.From, To: l.p.To, Kind: "unasked", What: "the ledger was not asked: another process has it"}
	if l.k.d.Ledger == nil {
		return []review.Gap{unasked}, nil
	}
	sums, err := l.k.d.Ledger(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		unasked.What = "the ledger was not asked: " + err.Error()
		return []review.Gap{unasked}, nil
	}
	var out []review.Gap
	for i := range sums.Rows {
		out = append(out, l.row(&sums.Rows[i])...)
	}
	for _, u := range sums.Unclean {
		// What was found in the log behind the last count went its way like any other record.
		if lost := u.Most - u.Found; lost > 0 && overlaps(u.At, u.At.Add(time.Nanosecond), l.p) {
			out = append(out, review.Gap{From: u.At, To: u.At, Kind: "unclean", N: lost, What: fmt.Sprintf("weir did not stop in order; records that it had read and may not have stored: at most %d", lost)})
		}
	}
	return out, nil
}

// row is what the ledger knows of one source. Sources beyond ledger.max_sources are one row, in which some may be of the systems.
func (l *looker) row(r *control.LedgerRow) []review.Gap {
	of, end := "this source", ""
	switch {
	case r.First.IsZero() || !overlaps(r.First, r.Last.Add(time.Nanosecond), l.p):
		return nil
	case r.Source == ledger.Other:
		of, end = "sources that are not counted one by one", "; some may be of these systems"
	case !slices.Contains(l.h.Sources, r.Source):
		return nil
	}
	var out []review.Gap
	g := review.Gap{From: later(r.First, l.p.From), To: earlier(r.Last, l.p.To), Source: r.Source}
	since := ", counted since " + r.First.In(l.p.Location()).Format(time.DateOnly) + end
	if g.N = r.Refused; g.N > 0 {
		g.Kind, g.What = "refused", "records of "+of+" that were turned away: "+strconv.FormatInt(g.N, 10)+since
		out = append(out, g)
	}
	if g.N = r.Difference; g.N != 0 {
		g.Kind, g.What = "ledger", "records of "+of+" that are not accounted for: "+strconv.FormatInt(g.N, 10)+since
		out = append(out, g)
	}
	return out
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
