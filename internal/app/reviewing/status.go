package reviewing

import (
	"cmp"
	"context"
	"slices"
	"time"

	"weir/internal/control/reviewing"
	"weir/internal/retention/policy"
	"weir/internal/review"
	"weir/internal/review/draft"
	"weir/internal/review/store"
)

// status answers AskStatus.
func (k *Desk) status(ctx context.Context, r reviewing.StatusRequest) (reviewing.Status, error) {
	st, err := k.rows()
	st.Rows = newest(st.Rows, max(0, cmp.Or(r.Periods, 36)))
	k.note(ctx, "review-status", "", "", err)
	return st, err
}

// newest returns the rows of the newest periods, each with all of its rows: many systems may have reviews of their own.
func newest(rows []reviewing.Row, periods int) []reviewing.Row {
	var kept []string
	return slices.DeleteFunc(rows, func(r reviewing.Row) bool {
		if !slices.Contains(kept, r.Period) && len(kept) < periods {
			kept = append(kept, r.Period)
		}
		return !slices.Contains(kept, r.Period)
	})
}

// Overdue returns the reviews, and the periods without one, that nobody has signed in time, of whatever time: for an alert. It
// records nothing, since nobody asked.
func (k *Desk) Overdue() ([]reviewing.Row, error) {
	st, err := k.rows()
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(st.Rows, func(r reviewing.Row) bool { return r.State != review.Overdue }), nil
}

// rows lists reviews, and the periods that are over and have none, the newest first.
func (k *Desk) rows() (reviewing.Status, error) {
	p, err := k.d.Policy()
	if err != nil {
		return reviewing.Status{}, err
	}
	cycle, grace := p.Review()
	st := reviewing.Status{Cycle: cycle, Grace: grace, Zone: named(p.Zone()).String(), At: k.d.Now().UTC(), Rows: []reviewing.Row{}}
	ids, err := k.store.List()
	if err != nil {
		return st, err
	}
	for _, id := range ids {
		row, err := k.summary(id)
		if err != nil {
			return st, err
		}
		if row.State != review.Signed && !k.d.Now().Before(row.Due) {
			row.State = review.Overdue
		}
		st.Rows = append(st.Rows, row)
	}
	for _, r := range st.Rows {
		if i := slices.IndexFunc(st.Rows, func(x reviewing.Row) bool { return r.Corrects != "" && x.ID == r.Corrects }); i >= 0 {
			st.Rows[i].Corrected = r.ID
		}
	}
	missing, err := k.missing(p, st)
	if err != nil {
		return st, err
	}
	st.Rows = append(st.Rows, missing...)
	slices.SortStableFunc(st.Rows, func(a, b reviewing.Row) int {
		return cmp.Or(b.From.Compare(a.From), cmp.Compare(a.Period, b.Period), cmp.Compare(a.ID, b.ID))
	})
	return st, nil
}

// summed is what a review came to when its mark was this one.
type summed struct {
	mark string
	row  reviewing.Row
}

// summary sums a review up. A review may be some MiB, and the watchdog asks every minute: what did not change is not read
// again. The state does not say yet whether it is overdue.
func (k *Desk) summary(id string) (reviewing.Row, error) {
	mark := k.store.Mark(id)
	k.mu.Lock()
	have, ok := k.summaries[id]
	k.mu.Unlock()
	if ok && have.mark == mark {
		return have.row, nil
	}
	v, err := k.store.Get(id)
	if err != nil {
		return reviewing.Row{}, err
	}
	row := rowOf(v)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.summaries[id] = summed{mark, row}
	return row, nil
}

// monthOf is the first month of a period, in its own days.
func monthOf(p review.Period) string { return p.From.In(p.Location()).Format("2006-01") }

// rowOf sums a review up.
func rowOf(v store.View) reviewing.Row {
	f := v.Facts
	r := reviewing.Row{
		Period: f.Period.Name, Month: monthOf(f.Period), ID: f.ID, From: f.Period.From, To: f.Period.To, Due: f.Policy.Due, State: f.State, Systems: len(f.Systems),
		Signed: signers(f), Waits: f.Unsigned(), Comments: len(f.Comments), Sealed: v.Sealed != nil, Corrects: f.Corrects,
	}
	for i := range f.Systems {
		s := &f.Systems[i]
		r.Names = append(r.Names, s.ID)
		r.Comments += len(s.Comments)
		for j := range s.Findings {
			if s.Findings[j].Hit && s.Findings[j].Severity != "info" {
				r.Hits++
			}
		}
		for j := range s.Downloads {
			if status := s.Downloads[j].Status(); status == "none" || status == "asked" {
				r.Reasons++
			}
		}
	}
	return r
}

// missing are the periods that are over and for which not every system has a review. They begin with the one in which the
// archive began: what was before weir ran, weir does not ask for.
func (k *Desk) missing(p *policy.Policy, st reviewing.Status) ([]reviewing.Row, error) {
	systems := p.Systems()
	ar, err := k.d.Archive()
	if err != nil || len(systems) == 0 {
		return nil, err
	}
	var first time.Time
	for _, s := range ar.Segments() {
		if first.IsZero() || s.Published.Before(first) {
			first = s.Published
		}
	}
	if first.IsZero() {
		return nil, nil // nothing was recorded yet
	}
	now, zone := k.d.Now(), named(p.Zone())
	period, before, err := draft.PeriodOf(st.Cycle, now, zone)
	var out []reviewing.Row
	for err == nil && before.To.After(first) {
		if period, before, err = draft.PeriodOf(st.Cycle, before.From, zone); err != nil {
			break
		}
		waits := without(systems, st.Rows, period.Name)
		if len(waits) == 0 {
			continue
		}
		r := reviewing.Row{Period: period.Name, Month: monthOf(period), From: period.From, To: period.To, Due: due(period, st.Grace), State: "missing", Systems: len(waits), Names: waits, Waits: waits}
		if !now.Before(r.Due) {
			r.State = review.Overdue
		}
		out = append(out, r)
	}
	return out, err
}

// without are the systems that no review of the period is about. A review of all systems is about those that were known when it
// was drafted: one that was named later has none.
func without(systems []*policy.System, rows []reviewing.Row, period string) []string {
	var out []string
	for _, s := range systems {
		if !slices.ContainsFunc(rows, func(r reviewing.Row) bool {
			return r.Period == period && r.ID != "" && slices.ContainsFunc(r.Names, s.Named)
		}) {
			out = append(out, s.Name)
		}
	}
	return out
}
