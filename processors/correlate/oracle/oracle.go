// Package oracle says what the alerts of a rule must be, by brute force over all its matches at once. It is what the
// correlation of streams is held against in tests: it follows the definition word by word, looks at everything as often as it
// likes, and shares nothing with the engine but the types and the order of matches.
package oracle

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"weir/internal/signal"
	"weir/processors/correlate/kind"
	"weir/rules"
)

// Alert is what hits of one fold group that lie near one another come to.
type Alert struct {
	// What the hits have in the fields by which the alerts of the rule fold.
	Group map[string]string
	// Ids of the events that are hits, in order.
	Hits []string
	// By the place of the condition in the rule, the ids of all its events that are behind the alert, in order.
	Matched [][]string
	Count   int
	// Of the events behind it, nanoseconds since 1970.
	First, Last int64
}

// String makes the alert readable where a test fails.
func (a Alert) String() string {
	return fmt.Sprint(a.Group, ": ", a.Count, " hits ", strings.Join(a.Hits, " "), ", matched ", a.Matched)
}

// Alerts returns what the signals of a rule come to when nothing more will ever come. Signals of other rules and marks are
// passed over, and so is what came before under the same id and condition.
func Alerts(r *rules.Rule, signals []*signal.Signal) []Alert {
	o := &oracle{rule: r, signals: once(r, signals)}
	byFold := map[string][]hit{}
	for _, g := range o.rootGroups() {
		key := joined(o.foldValues(g.values))
		byFold[key] = append(byFold[key], o.hits(r.Correlate, g.matches)...)
	}
	var out []Alert
	for key, hits := range byFold {
		slices.SortFunc(hits, func(a, b hit) int { return kind.Compare(a.m, b.m) })
		for len(hits) > 0 {
			n := 1
			for n < len(hits) && hits[n].m.T-hits[n-1].m.T <= o.foldTime(r.Correlate) {
				n++
			}
			out = append(out, o.alert(key, hits[:n]))
			hits = hits[n:]
		}
	}
	slices.SortFunc(out, func(a, b Alert) int {
		return cmp.Or(cmp.Compare(a.First, b.First), slices.Compare(a.Hits, b.Hits))
	})
	return out
}

// oracle evaluates one rule.
type oracle struct {
	rule    *rules.Rule
	signals []*signal.Signal
}

// hit is a match that counts in an alert, and what else is behind it.
type hit struct {
	m     *kind.Match
	parts []*kind.Match
}

// group is the matches of one group of a correlation, in order.
type group struct {
	values  []string
	matches []*kind.Match
}

// once returns the matches of a rule, each once for an event and a condition.
func once(r *rules.Rule, signals []*signal.Signal) []*signal.Signal {
	type which struct{ id, when string }
	seen := map[which]bool{}
	var out []*signal.Signal
	for _, s := range signals {
		if s.Kind == signal.Match && s.Rule == r.ID && s.Hash == r.Hash && !seen[which{s.EventID, s.When}] {
			seen[which{s.EventID, s.When}] = true
			out = append(out, s)
		}
	}
	return out
}

// rootGroups returns the groups of the outermost correlation; of a rule without one, those by which its matches fold.
func (o *oracle) rootGroups() []*group {
	if o.rule.Correlate != nil {
		return o.groups(o.rule.Correlate)
	}
	list := groupList{}
	for _, s := range o.signals {
		list.add(s.Group, &kind.Match{T: s.Time.UnixNano(), ID: s.EventID, Src: s.Src})
	}
	return list.ordered()
}

// foldFields are those of Fold.By by which the correlation groups; without any of them, all.
func (o *oracle) foldFields() []string {
	if o.rule.Correlate == nil {
		return o.rule.Fold.By
	}
	var out []string
	for _, f := range o.rule.Fold.By {
		if slices.Contains(o.rule.Correlate.By, f) {
			out = append(out, f)
		}
	}
	if len(out) == 0 {
		return o.rule.Correlate.By
	}
	return out
}

// foldValues returns what a group has in the fields by which its alerts fold.
func (o *oracle) foldValues(values []string) []string {
	if o.rule.Correlate == nil {
		return values
	}
	var out []string
	for _, f := range o.foldFields() {
		out = append(out, values[slices.Index(o.rule.Correlate.By, f)])
	}
	return out
}

// foldTime is how far apart two hits of one alert may be.
func (o *oracle) foldTime(c *rules.Correlate) int64 {
	if c == nil {
		return int64(o.rule.Fold.For)
	}
	return int64(max(o.rule.Fold.For, c.Within))
}

// alert sums hits up.
func (o *oracle) alert(fold string, hits []hit) Alert {
	a := Alert{Group: map[string]string{}, Count: len(hits), Matched: make([][]string, len(o.rule.When))}
	values := strings.Split(fold, "\x00")
	for i, f := range o.foldFields() {
		a.Group[f] = values[i]
	}
	behind := map[*kind.Match]bool{}
	for _, h := range hits {
		a.Hits = append(a.Hits, h.m.ID)
		behind[h.m] = true
		for _, p := range h.parts {
			behind[p] = true
		}
	}
	// What made a completion of an inner correlation is behind the alert too.
	all := map[*kind.Match]bool{}
	for m := range behind {
		all[m] = true
		for _, p := range m.Parts {
			all[p] = true
		}
	}
	ordered := make([]*kind.Match, 0, len(all))
	for m := range all {
		ordered = append(ordered, m)
	}
	slices.SortFunc(ordered, kind.Compare)
	a.First, a.Last = ordered[0].T, ordered[len(ordered)-1].T
	for _, m := range ordered {
		if ids := a.Matched[m.Cond]; len(ids) == 0 || ids[len(ids)-1] != m.ID { // a completion has the id of its last match
			a.Matched[m.Cond] = append(ids, m.ID)
		}
	}
	return a
}

// groupList is groups by their values.
type groupList map[string]*group

func (l groupList) add(values []string, m *kind.Match) {
	key := joined(values)
	if l[key] == nil {
		l[key] = &group{values: values}
	}
	if slices.ContainsFunc(l[key].matches, func(x *kind.Match) bool { return x.ID == m.ID && x.Step == m.Step && x.T == m.T }) {
		return // by one event, an inner correlation can be complete in two groups
	}
	l[key].matches = append(l[key].matches, m)
}

// ordered returns the groups in the order of their values, with their matches in order.
func (l groupList) ordered() []*group {
	var out []*group
	for _, g := range l {
		slices.SortFunc(g.matches, kind.Compare)
		out = append(out, g)
	}
	slices.SortFunc(out, func(a, b *group) int { return slices.Compare(a.values, b.values) })
	return out
}

// joined makes one text of values; no value of a test holds the separator.
func joined(values []string) string { return strings.Join(values, "\x00") }

// within is a duration in the unit of times of matches.
func within(c *rules.Correlate) int64 { return int64(c.Within / time.Nanosecond) }
