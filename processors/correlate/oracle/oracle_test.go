package oracle

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"weir/internal/signal"
	"weir/rules"
	"weir/rules/correlation"
)

// parse reads a stream: "a0 b3:x c5:y@g" are matches of a at 0 s, of b at 3 s with the value x, of c at 5 s with y in the
// group g. Ids are the texts without group and value.
func parse(t *testing.T, text string) (out []*signal.Signal) {
	t.Helper()
	base := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	for i, word := range strings.Fields(text) {
		word, g, _ := strings.Cut(word, "@")
		word, value, _ := strings.Cut(word, ":")
		seconds, err := strconv.ParseFloat(word[1:], 64)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, &signal.Signal{Kind: signal.Match, Rule: "r", Hash: "1", When: word[:1], Group: []string{g}, EventID: word,
			Time: base.Add(time.Duration(seconds * 1e9)), Src: fmt.Sprintf("t/0/%d/0", i), Values: map[string]string{"v": value, "g": g}})
	}
	return out
}

func conditions(names string) (out []rules.Condition) {
	for _, n := range names {
		out = append(out, rules.Condition{Name: string(n)})
	}
	return out
}

func node(kind correlation.Kind, steps string, within int) *rules.Correlate {
	c := &rules.Correlate{Kind: kind, Window: correlation.Sliding, By: []string{"g"}, Within: time.Duration(within) * time.Second, Field: []string{"v"}}
	for _, s := range steps {
		c.Steps = append(c.Steps, rules.Step{When: string(s), AtLeast: 1})
	}
	return c
}

func (b bound) on(c *rules.Correlate) *rules.Correlate {
	op, value, _ := strings.Cut(string(b), " ")
	n, _ := strconv.ParseFloat(value, 64)
	c.Bounds = append(c.Bounds, rules.Bound{Op: op, Value: n})
	return c
}

type bound string

func with(c *rules.Correlate, change func(*rules.Correlate)) *rules.Correlate {
	change(c)
	return c
}

func step(s string) *rules.Logic { return &rules.Logic{Step: s} }

func no(s string) *rules.Logic { return &rules.Logic{Not: step(s)} }

func and(l ...*rules.Logic) *rules.Logic { return &rules.Logic{And: l} }

func or(l ...*rules.Logic) *rules.Logic { return &rules.Logic{Or: l} }

// What is a hit, worked out by hand from the definition. Each alert is its hits; behind a colon, what else is behind it.
func TestAlerts(t *testing.T) {
	session := func(c *rules.Correlate) { c.Window = correlation.Session }
	tumbling := func(c *rules.Correlate) { c.Window = correlation.Tumbling }
	cases := []struct {
		name   string
		c      *rules.Correlate
		stream string
		want   string
	}{
		{"every match of a rule without correlation", nil, "a0 a5 a30 a9", "a0 a5 a9 | a30"},
		{"the same event twice", nil, "a0 a0 a1", "a0 a1"},
		{"count: a span is closed", bound("gte 3").on(node(correlation.Count, "a", 10)), "a0 a5 a10", "a0 a5 a10"},
		{"count: too far apart", bound("gte 3").on(node(correlation.Count, "a", 10)), "a0 a5 a11 a16", ""},
		{"count: followers within the fold time, and theirs", bound("gte 2").on(node(correlation.Count, "a", 10)), "a0 a40 a41 a51 a61 a72", "a40 a41 a51 a61"},
		{"count: groups apart", bound("gte 2").on(node(correlation.Count, "a", 10)), "a0@x a1@y a2@y a20@x", "a1 a2"},
		{"count: two conditions together", bound("gt 2").on(node(correlation.Count, "ab", 10)), "a0 b1 a2 b20", "a0 b1 a2"},
		{"count: tumbling", with(bound("gte 2").on(node(correlation.Count, "a", 10)), tumbling), "a8 a9.9 a10 a30 a45", "a8 a9.9 a10"},
		{"count: tumbling, astride", with(bound("gte 2").on(node(correlation.Count, "a", 10)), tumbling), "a9 a10", ""},
		{"count: session", with(bound("gte 4").on(node(correlation.Count, "a", 3)), session), "a0 a3 a6 a9 a13 a40", "a0 a3 a6 a9"},
		{"distinct", bound("gte 2").on(node(correlation.Distinct, "a", 10)), "a0:x a1:x a2:y a30:x a31:x", "a0 a1 a2"},
		{"distinct: without a value it is no match", bound("gte 2").on(node(correlation.Distinct, "a", 10)), "a0:x a1 a2", ""},
		{"sum: below nothing counts as nothing", bound("gte 10").on(node(correlation.Sum, "a", 10)), "a0:4 a1:-9 a2:6 a20:9", "a0 a1 a2"},
		{"sum: no number", bound("gte 10").on(node(correlation.Sum, "a", 10)), "a0:4 a1:n/a a2:6 a3:+Inf", "a0 a2"},
		{"any_order", node(correlation.AnyOrder, "ab", 10), "b0 b1 a10 a12", "b0 b1 a10 a12"},
		{"any_order: each as often as it must", with(node(correlation.AnyOrder, "ab", 10), func(c *rules.Correlate) { c.Steps[1].AtLeast = 2 }), "b0 a5 a20 b21 b22", "a20 b21 b22"},
		{"any_order: one of two", with(node(correlation.AnyOrder, "abc", 10), func(c *rules.Correlate) { c.Logic = and(step("a"), or(step("b"), step("c"))) }), "a0 c5 b30 c31", "a0 c5"},
		{"sequence", node(correlation.Sequence, "ab", 10), "b0 a1 b2 b11 b12", "b2 b11 : a1"},
		{"sequence: not of one event", node(correlation.Sequence, "ab", 10), "a0 b20", ""},
		{"sequence: counts", with(node(correlation.Sequence, "ab", 10), func(c *rules.Correlate) { c.Steps[0].AtLeast = 2 }), "a0 a1 a2 b3 b12", "b3 : a0 a1 a2"},
		{"sequence: there and back", node(correlation.Sequence, "aba", 10), "a0 a1 b2 a3", "a3 : a0 a1 b2"},
		{"sequence: either of two", with(node(correlation.Sequence, "abc", 10), func(c *rules.Correlate) { c.Logic = or(and(step("a"), step("b")), step("c")) }), "a0 b1 c9", "b1 c9 : a0"},
		{"fewer than", bound("lt 3").on(node(correlation.Count, "a", 10)), "a0 a1 a2 a12", "a1 a2 a12"},
		{"fewer than, behind it what there is", bound("eq 2").on(node(correlation.Count, "a", 10)), "a0 a1 a20", "a0 : a1"},
		{"a mean", bound("gt 5").on(with(node(correlation.Avg, "a", 10), func(c *rules.Correlate) { c.MinValues = 2 })), "a0:9 a1:3 a2:6 a11:3 a12:3", "a1 a2 : a0" /* 6 and 6; then 4 and 4 */},
		{"a mean of the same time", bound("gt 5").on(with(node(correlation.Avg, "a", 10), func(c *rules.Correlate) { c.MinValues = 2 })), "a0:4 a00:8", "a0 a00"},
		{"a median of an even number", bound("eq 4").on(with(node(correlation.Median, "a", 10), func(c *rules.Correlate) { c.MinValues = 2 })), "a0:3 a1:5 a2:9", "a1 : a0"},
		{"a percentile", bound("gte 9").on(with(node(correlation.Percentile, "a", 10), func(c *rules.Correlate) { c.MinValues, c.Percent = 3, 66 })), "a0:1 a1:9 a2:9 a3:1", "a2 a3 : a0 a1"},
		{"the least is percentile 0", bound("gte 2").on(with(node(correlation.Percentile, "a", 10), func(c *rules.Correlate) { c.MinValues, c.Percent = 1, 0 })), "a0:1 a1:9 a11:9", "a11 : a1"},
		{"any_order with not", with(node(correlation.AnyOrder, "abc", 10), func(c *rules.Correlate) { c.Logic = and(step("a"), step("b"), no("c")) }), "a0 b1 c12 a20 b30 c35", "b1 : a0"},
		{"any_order with not: after it", with(node(correlation.AnyOrder, "ab", 10), func(c *rules.Correlate) { c.Logic = and(step("a"), no("b")) }), "a0 b10 a21", "a21"},
		{"any_order with not: the other way", with(node(correlation.AnyOrder, "abc", 10), func(c *rules.Correlate) { c.Logic = or(step("a"), and(step("b"), no("c"))) }), "a0 c1 b2", "a0 b2"},
		{"sequence with not", with(node(correlation.Sequence, "abc", 10), func(c *rules.Correlate) { c.Logic = and(step("a"), step("b"), no("c")) }), "a0 b1 c12 a40 c41 b42", "b1 : a0"},
		{"absence", node(correlation.Absence, "ab", 10), "a0 b10 a20 b31", "a20"},
		{"absence of what it begins with", node(correlation.Absence, "aa", 10), "a0 a10 a21", "a10 | a21"},
		{"new value", with(node(correlation.NewValue, "a", 20), func(c *rules.Correlate) { c.Learn = 5 * time.Second }), "a0:x a4:y a5:z a6:y a25.5:x", "a5 | a25.5"},
		{"new value: forgotten, and the group too", with(node(correlation.NewValue, "a", 20), func(c *rules.Correlate) { c.Learn = 5 * time.Second }), "a0:x a30:y", ""},
		{"session of a mean", with(bound("gte 5").on(with(node(correlation.Avg, "a", 3), func(c *rules.Correlate) { c.MinValues = 2 })), session), "a0:5 a3:5 a6:5 a10:9", "a0 a3 a6"},
		{"tumbling fewer than", with(bound("lt 2").on(node(correlation.Count, "a", 10)), tumbling), "a0 a1 a12 a30", "a12 | a30"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := &rules.Rule{ID: "r", Hash: "1", When: conditions("abc"), Correlate: c.c, Fold: rules.Fold{By: []string{"g"}}}
			if c.c == nil {
				r.Fold.For = 10 * time.Second
			}
			in := parse(t, c.stream)
			for range 2 {
				if got := shown(Alerts(r, in)); got != c.want {
					t.Errorf("got  %s\nwant %s", got, c.want)
				}
				slices.Reverse(in) // in whatever order they come
			}
		})
	}
}

// shown writes alerts as the cases have them.
func shown(list []Alert) string {
	slices.SortFunc(list, func(a, b Alert) int { return int(a.First - b.First) })
	var out []string
	for _, a := range list {
		text := strings.Join(a.Hits, " ")
		var more []string
		for _, ids := range a.Matched {
			for _, id := range ids {
				if !slices.Contains(a.Hits, id) {
					more = append(more, id)
				}
			}
		}
		if len(more) > 0 {
			text += " : " + strings.Join(more, " ")
		}
		out = append(out, text)
	}
	return strings.Join(out, " | ")
}

func TestAlerts_oneEvent(t *testing.T) {
	in := parse(t, "a0 b0")
	in[1].EventID, in[1].Src = in[0].EventID, in[0].Src
	r := &rules.Rule{ID: "r", Hash: "1", When: conditions("ab"), Correlate: node(correlation.Sequence, "ab", 10), Fold: rules.Fold{By: []string{"g"}}}
	if got := Alerts(r, in); len(got) > 0 {
		t.Errorf("one event is no sequence: %v", got)
	}
	r.Correlate.Kind = correlation.AnyOrder
	if got := Alerts(r, in); len(got) != 1 || got[0].Count != 2 {
		t.Errorf("one event can be both in any order: %v", got)
	}
}

func TestAlerts_chains(t *testing.T) {
	burst := func(kind correlation.Kind, steps, bounded string, within int) *rules.Correlate {
		return with(bound(bounded).on(node(kind, steps, within)), func(c *rules.Correlate) { c.Name = "burst" })
	}
	outer := func(kind correlation.Kind, within int, in *rules.Correlate, steps ...string) *rules.Correlate {
		c := &rules.Correlate{Kind: kind, Window: correlation.Sliding, Within: time.Duration(within) * time.Second, Inner: []*rules.Correlate{in}, Field: []string{"v"}}
		for _, s := range steps {
			c.Steps = append(c.Steps, rules.Step{When: s, AtLeast: 1})
		}
		return c
	}
	cases := []struct {
		name   string
		c      *rules.Correlate
		stream string
		want   string
	}{
		{"then a login", outer(correlation.Sequence, 30, burst(correlation.Count, "a", "gte 2", 10), "burst", "b"), "a0@x a1@x b5@x a7@y b50", "b5 : a0 a1"},
		{"bursts of two groups", bound("gte 2").on(outer(correlation.Count, 30, burst(correlation.Count, "a", "gte 2", 10), "burst")), "a0@x a1@x a7@y a8@y a70@y a71@y", "a1 a8 : a0 a7"},
		{"each completion counts once, each match completes once", bound("gte 2").on(outer(correlation.Count, 30, burst(correlation.Count, "a", "gte 2", 10), "burst")), "a0@x a1@x a2@x", "a1 a2 : a0"},
		{"by a value of the event that completed", with(bound("gte 1").on(outer(correlation.Count, 30, burst(correlation.Count, "a", "gte 2", 10), "burst")), func(c *rules.Correlate) { c.By = []string{"v"} }), "a0:p a1:q a2", "a1 : a0"},
		{"by an alias", with(outer(correlation.Sequence, 30, burst(correlation.Count, "a", "gte 1", 10), "burst", "b"), func(c *rules.Correlate) {
			c.By, c.Alias = []string{"who"}, map[string]map[string]string{"who": {"burst": "g", "b": "v"}}
		}), "a0@x b1:x@x", "b1 : a0"},
		{"an absence comes when the time is over", outer(correlation.Sequence, 30, with(node(correlation.Absence, "ac", 10), func(c *rules.Correlate) { c.Name = "burst" }), "burst", "b"), "a0 b5 b11 b40 b41", "b11 b40 : a0"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := &rules.Rule{ID: "r", Hash: "1", When: conditions("abc"), Correlate: c.c}
			in := parse(t, c.stream)
			for _, s := range in { // a condition of the outer correlation is grouped by what that groups by
				if s.When == "b" {
					s.Group = nil
					for _, name := range c.c.By {
						s.Group = append(s.Group, s.Values[c.c.Alias[name]["b"]])
					}
				}
			}
			if got := shown(Alerts(r, in)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}
