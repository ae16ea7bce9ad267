package correlate

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/internal/alert"
	"weir/internal/signal"
	"weir/processors/correlate/fold"
	"weir/processors/correlate/kind"
	"weir/rules"
	"weir/rules/correlation"
)

// The oracle says what the alerts must be by brute force over all matches in order. It shares no code with the engine
// but the order of matches.

// outcome is what an alert ends up as, without what depends on the order of arrival (id, created, texts).
type outcome struct {
	group       string
	first, last int64
	count       int
	matched     string
	evidence    string
}

func (o outcome) String() string {
	return fmt.Sprintf("%s first %d last %d count %d matched %s evidence %s", o.group, o.first/1e9, o.last/1e9, o.count, o.matched, o.evidence)
}

// oracle returns the outcomes of one rule.
func oracle(r *rules.Rule, all []*signal.Signal) []outcome {
	groups := map[string][]*kind.Match{}
	conds := map[string]int{}
	for i, c := range r.When {
		conds[c.Name] = i
	}
	for _, s := range all {
		if s.Rule == r.ID {
			key := strings.Join(s.Group, "|")
			groups[key] = append(groups[key], &kind.Match{T: kind.Nanos(s.Time), ID: s.EventID, Src: s.Src, Cond: uint16(conds[s.When])})
		}
	}
	hits := map[string][]*kind.Match{}      // by fold group
	with := map[*kind.Match][]*kind.Match{} // evidence of each hit
	for key, ms := range groups {
		slices.SortFunc(ms, kind.Compare)
		fold := strings.Join(foldGroup(r, strings.Split(key, "|")), "|")
		for y, evidence := range oracleHits(r, ms) {
			hits[fold] = append(hits[fold], y)
			with[y] = evidence
		}
	}
	var out []outcome
	for key, hs := range hits {
		slices.SortFunc(hs, kind.Compare)
		for i := 0; i < len(hs); {
			j := i + 1
			for j < len(hs) && hs[j].T-hs[j-1].T <= foldOf(r) {
				j++
			}
			out = append(out, summary(r, key, hs[i:j], with))
			i = j
		}
	}
	slices.SortFunc(out, func(a, b outcome) int { return strings.Compare(a.String(), b.String()) })
	return out
}

// foldGroup returns, of the values of a group, those that fold.
func foldGroup(r *rules.Rule, group []string) []string {
	if r.Correlate == nil {
		return group
	}
	var out []string
	for _, f := range fold.Fields(r) {
		out = append(out, group[slices.Index(r.Correlate.By, f)])
	}
	return out
}

func foldOf(r *rules.Rule) int64 {
	f := int64(r.Fold.For)
	if r.Correlate != nil {
		f = max(f, int64(r.Correlate.Within))
	}
	return f
}

// oracleHits returns the hits among the ordered matches of one group, each with its evidence.
func oracleHits(r *rules.Rule, ms []*kind.Match) map[*kind.Match][]*kind.Match {
	out := map[*kind.Match][]*kind.Match{}
	switch {
	case r.Correlate == nil:
		for _, m := range ms {
			out[m] = []*kind.Match{m}
		}
	case r.Correlate.Kind == correlation.Count:
		need, within := r.Correlate.Steps[0].AtLeast, int64(r.Correlate.Within)
		hot := map[*kind.Match]bool{}
		for i := 0; i+need <= len(ms); i++ {
			if ms[i+need-1].T-ms[i].T <= within {
				for _, m := range ms[i : i+need] {
					hot[m] = true
				}
			}
		}
		last := kind.LongAgo
		for _, m := range ms {
			if hot[m] || m.T-last <= foldOf(r) {
				last = m.T
				out[m] = []*kind.Match{m}
			}
		}
	default:
		for _, y := range ms {
			if chainable(r, ms, y, nil, 0, 0, 0) {
				evidence := []*kind.Match{}
				for _, x := range ms {
					if chainable(r, ms, y, x, 0, 0, 0) {
						evidence = append(evidence, x)
					}
				}
				out[y] = evidence
			}
		}
	}
	return out
}

// chainable tries every way to lay out the steps from place at on so that they end with y and hold must.
func chainable(r *rules.Rule, ms []*kind.Match, y, must *kind.Match, at, step, have int) bool {
	steps := r.Correlate.Steps
	for i := at; i < len(ms); i++ {
		m := ms[i]
		if kind.Compare(m, y) > 0 || m.T < y.T-int64(r.Correlate.Within) || r.When[m.Cond].Name != steps[step].When {
			continue
		}
		if must != nil && kind.Compare(m, must) > 0 {
			return false // must was passed over
		}
		rest := must
		if m == must {
			rest = nil
		}
		done := have+1 >= steps[step].AtLeast
		if done && step == len(steps)-1 && m == y && rest == nil {
			return true
		}
		if m == y {
			continue
		}
		if done && step < len(steps)-1 && chainable(r, ms, y, rest, i+1, step+1, 0) {
			return true
		}
		if chainable(r, ms, y, rest, i+1, step, have+1) { // a step may hold more than it needs
			return true
		}
	}
	return false
}

func summary(r *rules.Rule, key string, hits []*kind.Match, with map[*kind.Match][]*kind.Match) outcome {
	seen := map[*kind.Match]bool{}
	var all []*kind.Match
	for _, h := range hits {
		for _, m := range with[h] {
			if !seen[m] {
				seen[m] = true
				all = append(all, m)
			}
		}
	}
	slices.SortFunc(all, kind.Compare)
	perCond := make([][]*kind.Match, len(r.When))
	for _, m := range all {
		perCond[m.Cond] = append(perCond[m.Cond], m)
	}
	o := outcome{group: key, first: all[0].T, last: all[len(all)-1].T, count: len(hits)}
	var shown []*kind.Match
	for _, list := range perCond {
		o.matched += fmt.Sprint(len(list), " ")
		head := min(len(list), 5)
		shown = append(shown, list[:head]...)
		shown = append(shown, list[max(head, len(list)-3):]...)
	}
	slices.SortFunc(shown, kind.Compare)
	for _, m := range shown {
		o.evidence += m.ID + " "
	}
	return o
}

// outcomes returns what the revisions of one rule's alerts end up as.
func outcomes(r *rules.Rule, revisions []*alert.Alert) []outcome {
	last := map[string]*alert.Alert{}
	for _, a := range revisions {
		if a.Rule == r.ID {
			last[a.ID] = a
		}
	}
	var out []outcome
	for _, a := range last {
		if a.MergedInto != "" {
			continue
		}
		by := r.Fold.By
		if r.Correlate != nil {
			by = fold.Fields(r)
		}
		values := make([]string, len(by))
		for i, f := range by {
			values[i] = a.Group[f]
		}
		o := outcome{group: strings.Join(values, "|"), first: a.First.UnixNano(), last: a.Last.UnixNano(), count: a.Count}
		for _, c := range a.Conditions {
			o.matched += fmt.Sprint(c.Matched, " ")
		}
		for _, e := range a.Evidence {
			o.evidence += e.EventID + " "
		}
		out = append(out, o)
	}
	slices.SortFunc(out, func(a, b outcome) int { return strings.Compare(a.String(), b.String()) })
	return out
}

// base is the time at which test streams begin.
var base = time.Date(2026, 11, 21, 7, 0, 0, 0, time.UTC)

func when(names ...string) []rules.Condition {
	out := make([]rules.Condition, len(names))
	for i, n := range names {
		out[i] = rules.Condition{Name: n, Expr: n + ` == "x"`}
	}
	return out
}

func testRules() []*rules.Rule {
	return []*rules.Rule{
		{ID: "single", Hash: "1", Enabled: true, Title: "single", When: when("event"), Fold: rules.Fold{By: []string{"ip"}, For: 20 * time.Second}},
		{ID: "count", Hash: "1", Enabled: true, Title: "count", When: when("fail"), Fold: rules.Fold{By: []string{"ip"}, For: 25 * time.Second},
			Correlate: &rules.Correlate{Kind: correlation.Count, Steps: []rules.Step{{When: "fail", AtLeast: 4}}, By: []string{"ip"}, Within: 10 * time.Second}},
		{ID: "count-short-fold", Hash: "1", Enabled: true, Title: "count", When: when("fail"), Fold: rules.Fold{By: []string{"ip"}, For: time.Second},
			Correlate: &rules.Correlate{Kind: correlation.Count, Steps: []rules.Step{{When: "fail", AtLeast: 3}}, By: []string{"ip", "user"}, Within: 6 * time.Second}},
		{ID: "count-one", Hash: "1", Enabled: true, Title: "count", When: when("fail"), Fold: rules.Fold{By: []string{"ip"}, For: 3 * time.Second},
			Correlate: &rules.Correlate{Kind: correlation.Count, Steps: []rules.Step{{When: "fail", AtLeast: 1}}, By: []string{"ip"}, Within: time.Second}},
		{ID: "sequence", Hash: "1", Enabled: true, Title: "sequence", When: when("fail", "login"), Fold: rules.Fold{By: []string{"ip"}, For: 30 * time.Second},
			Correlate: &rules.Correlate{Kind: correlation.Sequence, Steps: []rules.Step{{When: "fail", AtLeast: 3}, {When: "login", AtLeast: 1}}, By: []string{"ip"}, Within: 12 * time.Second}},
		{ID: "sequence-long", Hash: "1", Enabled: true, Title: "sequence", When: when("a", "b"), Fold: rules.Fold{By: []string{"ip"}, For: time.Second},
			Correlate: &rules.Correlate{Kind: correlation.Sequence, Steps: []rules.Step{{When: "a", AtLeast: 1}, {When: "b", AtLeast: 1}, {When: "a", AtLeast: 2}},
				By: []string{"ip", "user"}, Within: 20 * time.Second}},
	}
}

// stream makes matches in order of time.
func stream(rnd *rand.Rand, r *rules.Rule, n int, span time.Duration) []*signal.Signal {
	out := make([]*signal.Signal, n)
	for i := range out {
		t := base.Add(time.Duration(rnd.Int64N(int64(span/time.Second))) * time.Second) // whole seconds: many are equal
		ip, user := fmt.Sprintf("10.0.0.%d", rnd.IntN(2)), fmt.Sprintf("u%d", rnd.IntN(2))
		by := r.Fold.By
		if r.Correlate != nil {
			by = r.Correlate.By
		}
		group := []string{ip, user}[:len(by)]
		out[i] = &signal.Signal{Kind: signal.Match, Rule: r.ID, Hash: r.Hash, When: r.When[rnd.IntN(len(r.When))].Name, Group: group,
			EventID: fmt.Sprintf("%s-%d", r.ID, i), Time: t, Src: fmt.Sprintf("weir.raw.syslog/0/%d/0", i), Dataset: "sshd"}
	}
	slices.SortStableFunc(out, func(a, b *signal.Signal) int { return a.Time.Compare(b.Time) })
	return out
}

// disorder lets each match arrive up to lateness after its turn, and adds the marks of a worker that reads them so.
func disorder(rnd *rand.Rand, in []*signal.Signal, lateness time.Duration) []*signal.Signal {
	type arrival struct {
		s  *signal.Signal
		at time.Time
	}
	list := make([]arrival, len(in))
	for i, s := range in {
		list[i] = arrival{s, s.Time}
		if lateness > 0 {
			list[i].at = s.Time.Add(time.Duration(rnd.Int64N(int64(lateness))))
		}
	}
	slices.SortStableFunc(list, func(a, b arrival) int { return a.at.Compare(b.at) })
	var out []*signal.Signal
	newest := time.Time{}
	for i, a := range list {
		out = append(out, a.s)
		if a.s.Time.After(newest) {
			newest = a.s.Time
		}
		if rnd.IntN(3) == 0 {
			out = append(out, mark(signal.Watermark, newest, i))
		}
	}
	return append(out, mark(signal.Idle, newest, len(list)))
}

func mark(k signal.Kind, t time.Time, n int) *signal.Signal {
	return &signal.Signal{Kind: k, Time: t, Dataset: "sshd", Src: fmt.Sprintf("weir.raw.syslog/0/%d/9", n)}
}

// play applies a stream and returns all revisions.
func play(t testing.TB, en *Engine, in []*signal.Signal) []*alert.Alert {
	t.Helper()
	var out []*alert.Alert
	for _, s := range in {
		if err := en.Apply(s, func(a *alert.Alert) { out = append(out, a) }); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func TestEngine_equalsOracle(t *testing.T) {
	for _, lateness := range []time.Duration{0, 5 * time.Second, 40 * time.Second} {
		for _, r := range testRules() {
			t.Run(fmt.Sprintf("%s late %s", r.ID, lateness), func(t *testing.T) {
				fired := 0
				for seed := range uint64(400) {
					rnd := rand.New(rand.NewPCG(seed, uint64(lateness)))
					n, span := 8+rnd.IntN(16), time.Duration(10+rnd.IntN(40))*time.Second
					if r.Correlate == nil || r.Correlate.Kind == correlation.Count {
						n, span = 3*n, 6*span
					}
					ordered := stream(rnd, r, n, span)
					arriving := disorder(rnd, ordered, lateness)
					en := New(Options{Lateness: lateness})
					en.SetRules([]*rules.Rule{r})
					revisions := play(t, en, arriving)
					checkRevisions(t, revisions)
					got, want := outcomes(r, revisions), oracle(r, ordered)
					fired += len(want)
					if !slices.Equal(got, want) {
						for _, s := range arriving {
							t.Logf("%s %s %d %v %s", s.Kind, s.When, s.Time.Sub(base)/time.Second, s.Group, s.EventID)
						}
						t.Fatalf("seed %d\n got %v\nwant %v", seed, got, want)
					}
					if en.Stats().Late != 0 {
						t.Fatalf("seed %d: %d matches were counted late", seed, en.Stats().Late)
					}
				}
				if fired < 100 {
					t.Errorf("only %d alerts in all: the streams test nothing", fired)
				}
			})
		}
	}
}

// checkRevisions holds what is true of every list of revisions: numbers without holes, counts that never shrink.
func checkRevisions(t testing.TB, list []*alert.Alert) {
	t.Helper()
	last := map[string]*alert.Alert{}
	for _, a := range list {
		old := last[a.ID]
		switch {
		case old == nil && a.Revision != 1, old != nil && a.Revision != old.Revision+1:
			t.Fatalf("alert %s: revision %d does not follow", a.ID, a.Revision)
		case old != nil && (a.Count < old.Count || a.First.After(old.First) || a.Last.Before(old.Last)):
			t.Fatalf("alert %s: revision %d shrank: %+v after %+v", a.ID, a.Revision, a, old)
		case old != nil && old.MergedInto != "":
			t.Fatalf("alert %s: revision %d after it was merged", a.ID, a.Revision)
		}
		if len(a.Evidence) == 0 || a.Count == 0 || cmp.Compare(len(a.ID), 16) != 0 {
			t.Fatalf("incomplete: %+v", a)
		}
		last[a.ID] = a
	}
}
