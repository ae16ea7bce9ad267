package correlation

import (
	"fmt"
	"strings"
	"testing"

	"weir/internal/fault"
	"weir/rules/keys"
	"weir/rules/yamlfile"
)

// read reads what stands below `correlate` of a rule with the conditions a, b, c and d, or those that are given.
func read(t testing.TB, doc string, names ...string) (*Correlate, fault.List) {
	t.Helper()
	f, docs := yamlfile.Open("f.yaml", []byte(doc))
	if len(docs) != 1 {
		t.Fatalf("%d documents: %v", len(docs), f.Faults())
	}
	body := f.Body(docs[0])
	if body == nil {
		return nil, f.Faults()
	}
	if names == nil {
		names = []string{"a", "b", "c", "d"}
	}
	var conds []Condition
	for _, n := range names {
		conds = append(conds, Condition{Name: n, At: yamlfile.Place{Line: 1, Col: 1}})
	}
	return Read(keys.Reader{File: f}, body.Node, conds), f.Faults()
}

// tell is a correlation in one line: what differs from what is always so.
func tell(c *Correlate) string {
	if c == nil {
		return "nothing"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s", c.Kind)
	for _, s := range c.Steps {
		fmt.Fprintf(&b, " %s*%d", s.When, s.AtLeast)
	}
	for _, x := range c.Bounds {
		fmt.Fprintf(&b, " %s %v", x.Op, x.Value)
	}
	if c.Logic != nil {
		fmt.Fprintf(&b, " if %s", c.Logic)
	}
	if c.Field != nil {
		fmt.Fprintf(&b, " of %v", c.Field)
	}
	if c.Kind == Percentile {
		fmt.Fprintf(&b, " percent %v", c.Percent)
	}
	if c.MinValues > 0 {
		fmt.Fprintf(&b, " min %d", c.MinValues)
	}
	if c.Learn > 0 {
		fmt.Fprintf(&b, " learn %s", c.Learn)
	}
	fmt.Fprintf(&b, " by %v within %s", c.By, c.Within)
	if c.Window != Sliding {
		fmt.Fprintf(&b, " %s", c.Window)
	}
	if c.Alias != nil {
		fmt.Fprintf(&b, " alias %v", c.Alias)
	}
	for _, in := range c.Inner {
		fmt.Fprintf(&b, " {%s: %s}", in.Name, tell(in))
	}
	return b.String()
}

func TestRead(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, doc, want string }{
		{"count", "count: {when: a, at_least: 10}\nby: [source.ip]\nwithin: 5m", "count a*1 gte 10 by [source.ip] within 5m0s"},
		{"count of several", "count: {when: [a, b], is: {gte: 5, lt: 100}}\nwithin: 1d", "count a*1 b*1 gte 5 lt 100 by [] within 24h0m0s"},
		{"both ways to say how many", "count: {when: a, at_least: 2, is: {neq: 3}}\nwithin: 1m", "count a*1 gte 2 neq 3 by [] within 1m0s"},
		{"distinct", "distinct: {when: a, of: user.name, at_least: 8}\nwithin: 5m", "distinct a*1 gte 8 of [user.name] by [] within 5m0s"},
		{"distinct of two fields", "distinct: {when: a, of: [user.name, host.name], at_least: 8}\nwithin: 5m", "distinct a*1 gte 8 of [user.name host.name] by [] within 5m0s"},
		{"sum", "sum: {when: a, of: source.bytes, at_least: 1_000_000_000}\nwithin: 1h\nwindow: session", "sum a*1 gte 1e+09 of [source.bytes] by [] within 1h0m0s session"},
		{"avg", "avg: {when: a, of: event.duration, is: {gt: 0.5}, min_values: 10}\nwithin: 1h\nwindow: tumbling", "avg a*1 gt 0.5 of [event.duration] min 10 by [] within 1h0m0s tumbling"},
		{"median", "median: {when: a, of: event.duration, is: {lt: -1.5e3}}\nwithin: 1h", "median a*1 lt -1500 of [event.duration] min 1 by [] within 1h0m0s"},
		{"percentile", "percentile: {when: a, of: event.duration, percent: 95, is: {gt: 500}}\nwithin: 1h", "percentile a*1 gt 500 of [event.duration] percent 95 min 1 by [] within 1h0m0s"},
		{"percentile 0", "percentile: {when: a, of: event.duration, percent: 0, is: {gt: 500}}\nwithin: 1h", "percentile a*1 gt 500 of [event.duration] percent 0 min 1 by [] within 1h0m0s"},
		{"any order", "any_order: [{when: a}, {when: b, at_least: 2}]\nwithin: 1m", "any_order a*1 b*2 by [] within 1m0s"},
		{"any order with a condition", "any_order: {steps: [{when: a}, {when: b}, {when: c}, {when: d}], condition: a and (b or c) and not d}\nwithin: 1m", "any_order a*1 b*1 c*1 d*1 if a and (b or c) and not d by [] within 1m0s"},
		{"the steps of a condition", "any_order: {condition: b or a}\nwithin: 1m", "any_order b*1 a*1 if b or a by [] within 1m0s"},
		{"any order in windows", "any_order: {condition: a and not b}\nwithin: 1m\nwindow: tumbling", "any_order a*1 b*1 if a and not b by [] within 1m0s tumbling"},
		{"sequence", "sequence: [{when: a}, {when: b}, {when: a, at_least: 2}]\nwithin: 1m", "sequence a*1 b*1 a*2 by [] within 1m0s"},
		{"sequence with a condition", "sequence: {steps: [{when: a}, {when: b}], condition: 1 of them}\nwithin: 1m", "sequence a*1 b*1 if a or b by [] within 1m0s"},
		{"absence", "absence: {after: a, of: b}\nwithin: 1m", "absence a*1 b*1 by [] within 1m0s"},
		{"absence of the same", "absence: {after: a}\nwithin: 1m", "absence a*1 a*1 by [] within 1m0s"},
		{"new value", "new_value: {when: a, of: host.name, learn: 7d}\nby: [user.name]", "new_value a*1 of [host.name] learn 168h0m0s by [user.name] within 720h0m0s"},
		{"new value for a year", "new_value: {when: a, of: host.name}\nwithin: 400d", "new_value a*1 of [host.name] learn 24h0m0s by [] within 9600h0m0s"},
		{"aliases", "any_order: [{when: a}, {when: b}]\nby: [user.name, {switch: {a: host.ip, b: [host.name, observer.name]}}]\nwithin: 1m",
			"any_order a*1 b*1 by [user.name switch] within 1m0s alias map[switch:map[a:host.ip b:host.name observer.name]]"},
		{"an alias that is counted", "distinct: {when: [a, b], of: {who: {a: user.name, b: user.target.name}}, at_least: 2}\nby: {host: {a: host.name, b: host.ip}}\nwithin: 1m",
			"distinct a*1 b*1 gte 2 of [who] by [host] within 1m0s alias map[host:map[a:host.name b:host.ip] who:map[a:user.name b:user.target.name]]"},
		{"a chain", "sequence: [{when: burst}, {when: b}]\nby: [user.name]\nwithin: 1h\nof:\n  burst: {count: {when: a, at_least: 5}, by: [user.name], within: 5m}",
			"sequence burst*1 b*1 by [user.name] within 1h0m0s {burst: count a*1 gte 5 by [user.name] within 5m0s}"},
		{"a chain of chains", "count: {when: often, at_least: 2}\nwithin: 1d\nof:\n  often: {count: {when: burst, at_least: 2}, within: 1h, of: {burst: {count: {when: a, at_least: 2}, within: 1m}}}",
			"count often*1 gte 2 by [] within 24h0m0s {often: count burst*1 gte 2 by [] within 1h0m0s {burst: count a*1 gte 2 by [] within 1m0s}}"},
		{"a sibling", "count: {when: x, at_least: 2}\nwithin: 1d\nof:\n  y: {count: {when: a, at_least: 2}, within: 1m}\n  x: {count: {when: y, at_least: 2}, within: 1h}",
			"count x*1 gte 2 by [] within 24h0m0s {x: count y*1 gte 2 by [] within 1h0m0s {y: count a*1 gte 2 by [] within 1m0s}}"},
		{"an alias of a chain", "any_order: [{when: burst}, {when: b}]\nby: [{who: {burst: user.name, b: user.target.name}}]\nwithin: 1h\nof: {burst: {count: {when: a, at_least: 5}, by: [user.name], within: 5m}}",
			"any_order burst*1 b*1 by [who] within 1h0m0s alias map[who:map[b:user.target.name burst:user.name]] {burst: count a*1 gte 5 by [user.name] within 5m0s}"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, faults := read(t, tc.doc)
			for _, f := range faults {
				if f.Code != "rule-unused-condition" {
					t.Errorf("%s: %s", f.Where, f.What)
				}
			}
			if got := tell(c); got != tc.want {
				t.Errorf("got\n%s\nwant\n%s", got, tc.want)
			}
		})
	}
}

// TestOnlyCondition: where there is one condition nobody has to name it.
func TestOnlyCondition(t *testing.T) {
	t.Parallel()
	for doc, want := range map[string]string{
		"count: {at_least: 3}\nwithin: 1m":                                                       "count event*1 gte 3 by [] within 1m0s",
		"distinct: {of: user.name, at_least: 3}\nwithin: 1m":                                     "distinct event*1 gte 3 of [user.name] by [] within 1m0s",
		"new_value: {of: host.name}":                                                             "new_value event*1 of [host.name] learn 24h0m0s by [] within 720h0m0s",
		"absence: {}\nwithin: 1m":                                                                "absence event*1 event*1 by [] within 1m0s",
		"sequence: [{at_least: 2}, {when: event}]\nwithin: 1m":                                   "sequence event*2 event*1 by [] within 1m0s",
		"count: {when: x, at_least: 2}\nwithin: 1h\nof: {x: {count: {at_least: 2}, within: 1m}}": "count x*1 gte 2 by [] within 1h0m0s {x: count event*1 gte 2 by [] within 1m0s}",
	} {
		c, faults := read(t, doc, "event")
		if got := tell(c); got != want || len(faults) > 0 {
			t.Errorf("%s: %s %v", doc, got, faults)
		}
	}
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, doc, want string }{
		{"no keys", "a: 1", "1:1 rule-unknown-key unknown key `a` in correlate"},
		{"a misspelt kind", "cuont: {at_least: 2}\nwithin: 1m", "1:1 rule-unknown-key unknown key `cuont` in correlate | did you mean `count`?"},
		{"two kinds", "count: {when: a, at_least: 2}\nsum: {when: a, of: source.bytes, at_least: 2}\nwithin: 1m", "2:6 rule-value `correlate` has both `count` and `sum`"},
		{"no kind", "within: 1m", "1:1 rule-missing-key `correlate` does not say what is counted"},
		{"no window", "count: {when: a, at_least: 2}", "1:1 rule-missing-key `correlate` has no `within`"},
		{"too long", "count: {when: a, at_least: 2}\nwithin: 401d", "2:9 rule-value `within` must be longer than nothing and at most 400d"},
		{"a window that is none", "count: {when: a, at_least: 2}\nwithin: 1m\nwindow: slidng", "3:9 rule-value `window` cannot be `slidng` | did you mean `sliding`?"},
		{"a sequence of windows", "sequence: [{when: a}, {when: b}]\nwithin: 1m\nwindow: tumbling", "1:1 rule-value `sequence` looks at the time before or after each match; a tumbling window has no meaning for it"},
		{"sessions of absence", "absence: {after: a}\nwithin: 1m\nwindow: session", "1:1 rule-value `absence` looks"},
		{"which condition", "count: {at_least: 2}\nwithin: 1m", "1:8 rule-missing-key the rule has 4 conditions: say which one is meant"},
		{"unknown condition", "count: {when: aa, at_least: 2}\nwithin: 1m", "1:15 rule-unknown-condition there is no condition `aa` | did you mean `a`?"},
		{"counted twice", "count: {when: [a, b, a], at_least: 2}\nwithin: 1m", "1:22 rule-value `when` names a twice"},
		{"no number", "count: {when: a}\nwithin: 1m", "1:8 rule-missing-key `count` has no `at_least`"},
		{"no number for a mean", "avg: {when: a, of: source.bytes}\nwithin: 1m", "1:6 rule-missing-key `avg` has no `at_least` | add `is: {gt: 500}`"},
		{"no field", "distinct: {when: a, at_least: 2}\nwithin: 1m", "1:11 rule-missing-key `distinct` has no `of`"},
		{"two fields", "sum: {when: a, of: [source.bytes, destination.bytes], at_least: 2}\nwithin: 1m", "1:6 rule-value `sum` computes with one field"},
		{"no percent", "percentile: {when: a, of: source.bytes, is: {gt: 2}}\nwithin: 1m", "1:13 rule-missing-key `percentile` has no `percent`"},
		{"too many percent", "percentile: {when: a, of: source.bytes, percent: 101, is: {gt: 2}}\nwithin: 1m", "1:50 rule-value `percent` needs a number from 0 to 100"},
		{"half an event", "count: {when: a, is: {gt: 2.5}}\nwithin: 1m", "1:27 rule-value `gt` needs a whole number from 0 to 1000000"},
		{"a number that is none", "sum: {when: a, of: source.bytes, at_least: much}\nwithin: 1m", "1:44 rule-value `at_least` needs a number"},
		{"an endless number", "sum: {when: a, of: source.bytes, at_least: .inf}\nwithin: 1m", "1:44 rule-value `at_least` needs a number"},
		{"an unknown comparison", "count: {when: a, is: {ge: 2}}\nwithin: 1m", "1:23 rule-unknown-key unknown key `ge` in is"},
		{"fewer than one", "count: {when: a, is: {lt: 1}}\nwithin: 1m", "1:8 rule-value `count` can never be met: no number can be lt 1 here: the least is 1"},
		{"between two", "count: {when: a, is: {gt: 2, lt: 3}}\nwithin: 1m", "1:8 rule-value `count` can never be met: no number meets all of them"},
		{"more than and fewer than", "avg: {when: a, of: source.bytes, is: {gt: 3, lt: 3}}\nwithin: 1m", "1:6 rule-value `avg` can never be met"},
		{"learning for too long", "new_value: {when: a, of: host.name, learn: 31d}\nwithin: 30d", "1:1 rule-value `learn` (31 d) is longer than values are remembered (30 d): nothing would ever be new"},
		{"one step", "any_order: [{when: a}]\nwithin: 1m", "1:12 rule-value `any_order` needs 2 to 16 steps"},
		{"steps that are none", "any_order: {steps: a}\nwithin: 1m", "1:20 rule-value `steps` is a list"},
		{"a condition that is none", "any_order: {steps: [{when: a}, {when: b}], condition: [a]}\nwithin: 1m", "1:55 rule-value `condition` needs a text"},
		{"an unknown name in the text", "any_order: {steps: [{when: a}, {when: b}], condition: a and c}\nwithin: 1m", "1:61 rule-unknown-condition there is no step `c` | there are: a, b"},
		{"a text that ends too soon", "any_order:\n  condition: |\n    a and\n    not\nwithin: 1m", "4:8 rule-value the condition ends where a step is expected"},
		{"a step that the text leaves out", "any_order: {steps: [{when: a}, {when: b}], condition: a}\nwithin: 1m", "1:39 rule-value the condition does not name the step `b`"},
		{"nothing happens", "any_order: {condition: not a or b}\nwithin: 1m", "1:24 rule-value the condition holds when nothing happens at all"},
		{"a contradiction", "any_order: {condition: a and b and not a}\nwithin: 1m", "1:24 rule-value the condition can never hold"},
		{"fewer than by not", "any_order: {steps: [{when: a}, {when: b, at_least: 3}], condition: a and not b}\nwithin: 1m", "1:39 rule-value `not b` asks for none, and the step for 3"},
		{"twice beside a condition", "any_order: {steps: [{when: a}, {when: a}], condition: a}\nwithin: 1m", "1:39 rule-value beside a condition `a` can be one step only"},
		{"too many orders", "sequence: {condition: 6 of them}\nwithin: 1m", "names|1:23 rule-value there are more than 256 ways"},
		{"absence of what", "absence: {after: a, of: x}\nwithin: 1m", "1:25 rule-unknown-condition there is no condition `x`"},
		{"grouped twice", "count: {when: a, at_least: 2}\nby: [user.name, user.name]\nwithin: 1m", "2:17 rule-value `by` names user.name twice"},
		{"no path", "count: {when: a, at_least: 2}\nby: [a..b]\nwithin: 1m", "2:6 rule-value \"a..b\" is no field name"},
		{"an alias for half", "any_order: [{when: a}, {when: b}]\nby: [{x: {a: host.ip}}]\nwithin: 1m", "2:7 rule-value `x` says no field for `b`"},
		{"an alias for too many", "count: {when: a, at_least: 2}\nby: [{x: {a: host.ip, b: host.ip}}]\nwithin: 1m", "2:23 rule-unknown-condition `b` is no step of the rule"},
		{"an alias of nothing", "count: {when: a, at_least: 2}\nby: [{x: {}}]\nwithin: 1m", "2:10 rule-value `x` needs a field for each condition"},
		{"an alias twice", "count: {when: a, at_least: 2}\nby: [{x: {a: host.ip}}, {x: {a: host.ip}}]\nwithin: 1m", "2:26 rule-value `by` names x twice"},
		{"an inner one without keys", "count: {when: x, at_least: 2}\nwithin: 1h\nof: {x: 1}", "3:9 rule-value `x` needs keys"},
		{"an inner one of that name", "count: {when: a, at_least: 2}\nwithin: 1h\nof: {a: {count: {when: b, at_least: 2}, within: 1m}}", "3:6 rule-duplicate-key `a` is a condition and a correlation"},
		{"inner ones of one name", "count: {when: x, at_least: 2}\nwithin: 1h\nof: {x: {count: {when: b, at_least: 2}, within: 1m}, x: {count: {when: b, at_least: 2}, within: 1m}}", "3:54 rule-duplicate-key the correlation `x` is there twice"},
		{"circular", "count: {when: x, at_least: 2}\nwithin: 1h\nof:\n  x: {count: {when: y, at_least: 2}, within: 1m}\n  y: {count: {when: x, at_least: 2}, within: 1m}", "5:21 rule-circular `x` names `y`, which names `x`: no correlation can wait for itself"},
		{"of itself", "count: {when: x, at_least: 2}\nwithin: 1h\nof: {x: {count: {when: x, at_least: 2}, within: 1m}}", "3:24 rule-circular `x` names `x`"},
		{"circular in three", "count: {when: a, at_least: 2}\nwithin: 1h\nof:\n  x: {count: {when: y, at_least: 2}, within: 1m}\n  y: {count: {when: z, at_least: 2}, within: 1m}\n  z: {count: {when: x, at_least: 2}, within: 1m}",
			"6:21 rule-circular `x` names `y`, which names `z`, which names `x`"},
		{"a condition of two", "sequence: [{when: x}, {when: a}]\nwithin: 1h\nof: {x: {count: {when: a, at_least: 2}, within: 1m}}", "3:24 rule-value the condition `a` is used by the rule and by `x`"},
		{"a correlation of two", "any_order: [{when: x}, {when: y}]\nwithin: 1h\nof:\n  x: {count: {when: a, at_least: 2}, within: 1m}\n  y: {count: {when: x, at_least: 2}, within: 1m}", "5:21 rule-value the correlation `x` is used by the rule and by `y`"},
		{"two names for one", "any_order: [{when: x}, {when: b}]\nby: [{who: {x: [user.name, user.id], b: user.name}}]\nwithin: 1h\nof: {x: {count: {when: a, at_least: 2}, within: 1m}}", "2:13 rule-value `x` is a correlation, of which one value is taken"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			names := []string(nil)
			want := tc.want
			if rest, ok := strings.CutPrefix(want, "names|"); ok {
				want = rest
				for i := range 16 {
					names = append(names, fmt.Sprintf("n%d", i))
				}
			}
			_, faults := read(t, tc.doc, names...)
			var got []string
			for _, f := range faults {
				if !f.Warn {
					got = append(got, strings.TrimPrefix(f.Where, "f.yaml:")+" "+f.Code+" "+f.What+" | "+f.Do)
				}
			}
			if len(got) != 1 || !strings.HasPrefix(got[0], strings.Split(want, " | ")[0]) || !strings.HasSuffix(got[0], want[strings.LastIndex(want, "|")+1:]) && strings.Contains(want, "|") {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
			}
		})
	}
}

// TestWarnings: what can be meant is said and runs.
func TestWarnings(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, doc, want string }{
		{"unused", "count: {when: [a, b, c], at_least: 2}\nwithin: 1m", "no step uses the condition `d`"},
		{"an unused correlation", "count: {when: [a, b, c], at_least: 2}\nwithin: 1m\nof: {x: {count: {when: d, at_least: 2}, within: 1m}}", "no step uses the correlation `x`"},
		{"a misspelt field", "count: {when: [a, b, c, d], at_least: 2}\nby: [user.nmae]\nwithin: 1m", "no format fills the field `user.nmae`"},
		{"a misspelt field of an alias", "count: {when: [a, b, c, d], at_least: 2}\nby: [{x: {a: user.nmae, b: user.name, c: user.name, d: user.name}}]\nwithin: 1m", "no format fills the field `user.nmae`"},
		{"a misspelt field that is counted", "distinct: {when: [a, b, c, d], of: user.nmae, at_least: 2}\nwithin: 1m", "no format fills the field `user.nmae`"},
		{"not grouped within", "any_order: [{when: x}, {when: b}, {when: c}, {when: d}]\nby: [user.name]\nwithin: 1h\nof: {x: {count: {when: a, at_least: 2}, by: [host.name], within: 1m}}", "`x` does not group by user.name"},
		{"an alias is no field", "any_order: [{when: x}, {when: b}, {when: c}, {when: d}]\nby: [who]\nwithin: 1h\nof: {x: {count: {when: a, at_least: 2}, by: [{who: {a: host.name}}], within: 1m}}", "no format fills the field `who`"},
	} {
		c, faults := read(t, tc.doc)
		if c == nil || len(faults) != 1 || !faults[0].Warn || faults[0].What != tc.want {
			t.Errorf("%s: %v", tc.name, faults)
		}
	}
}

// FuzzRead: whatever stands below `correlate`, what is read is what engines rely on, or a fault says why there is nothing.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		"count: {when: a, at_least: 10}\nby: [source.ip]\nwithin: 5m\n",
		"any_order: {steps: [{when: a}, {when: b, at_least: 3}], condition: 'a and (b or not c)'}\nwithin: 1m\n",
		"sequence: {condition: 2 of them}\nwithin: 1m\n",
		"absence: {after: a, of: b}\nwithin: 400d\n",
		"new_value: {when: [a, b], of: [x, {y: {a: p, b: [q, r]}}], learn: 1h}\n",
		"percentile: {when: a, of: x, percent: 99.9, is: {gt: 1e308}, min_values: 3}\nwithin: 1h\nwindow: session\n",
		"count: {when: x, at_least: 2}\nwithin: 1d\nof:\n  x: {count: {when: y, at_least: 2}, by: [{z: {y: w}}], within: 1h}\n  y: {sum: {when: a, of: v, is: {gt: 1, neq: 2}}, by: [w], within: 1m}\n",
		"count: {when: x}\nof: {x: {count: {when: x}}}\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, doc string) {
		file, docs := yamlfile.Open("f.yaml", []byte(doc))
		if len(docs) == 0 {
			return
		}
		body := file.Body(docs[0])
		if body == nil || body.Anchor != nil {
			return
		}
		conds := []Condition{{Name: "a"}, {Name: "b"}, {Name: "c"}}
		c := Read(keys.Reader{File: file}, body.Node, conds)
		if file.Refused() {
			return
		}
		checkTree(t, c, conds)
	})
}

// checkTree holds a correlation that was not refused against what its readers rely on.
func checkTree(t *testing.T, c *Correlate, conds []Condition) {
	owner := map[string]*Correlate{}
	for _, n := range c.Nodes() {
		if len(n.Steps) == 0 || n.Within <= 0 || n.Within > keys.MaxSpan || n.Window == "" || Impossible(n.Kind, n.Bounds) != "" {
			t.Fatalf("%s", tell(n))
		}
		for _, s := range n.Steps {
			if s.AtLeast < 1 {
				t.Fatalf("%s", tell(n))
			}
			inner := false
			for _, in := range n.Inner {
				inner = inner || in.Name == s.When
			}
			if inner {
				continue
			}
			known := false
			for _, x := range conds {
				known = known || x.Name == s.When
			}
			if !known || owner[s.When] != nil && owner[s.When] != n || c.NodeOf(s.When) != n {
				t.Fatalf("the step %s of %s", s.When, tell(c))
			}
			owner[s.When] = n
		}
		for _, name := range append(append([]string{}, n.By...), n.Field...) {
			for _, s := range n.Steps {
				if n.Reads(name, s.When) == "" {
					t.Fatalf("%s is nothing in %s: %s", name, s.When, tell(n))
				}
			}
		}
		if n.Logic != nil {
			if why, _ := n.Logic.Unsound(n.Kind); why != "" {
				t.Fatalf("%s: %s", why, tell(n))
			}
		}
	}
}
