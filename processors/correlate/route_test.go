package correlate

import (
	"fmt"
	"testing"
	"time"

	"weir/rules"
	"weir/rules/correlation"
)

func TestRoute(t *testing.T) {
	step := func(name string) []rules.Step { return []rules.Step{{When: name, AtLeast: 1}} }
	inner := func(by ...string) *rules.Correlate {
		return &rules.Correlate{Name: "in", Kind: correlation.Count, Steps: step("a"), By: by, Within: time.Minute}
	}
	outer := func(in *rules.Correlate, alias map[string]map[string]string, by ...string) *rules.Rule {
		return &rules.Rule{When: when("a", "b"), Correlate: &rules.Correlate{Kind: correlation.AnyOrder, Steps: append(step("in"), step("b")...), By: by, Alias: alias, Within: time.Hour, Inner: []*rules.Correlate{in}}}
	}
	folded := func(r *rules.Rule, by ...string) *rules.Rule {
		r.Fold.By = by
		return r
	}
	quiet := func(r *rules.Rule, by ...string) *rules.Rule {
		r.Suppress = &rules.Suppress{By: by, For: time.Hour}
		return r
	}
	single := func() *rules.Rule { return folded(&rules.Rule{When: when("a")}, "ip", "user") }
	for _, c := range []struct {
		name  string
		r     *rules.Rule
		when  string
		group []string
		want  string
	}{
		{"without a correlation", single(), "a", []string{"1", "2"}, "[1 2]"},
		{"suppressed by less", quiet(single(), "user"), "a", []string{"1", "2"}, "[2]"},
		{"a condition of the outer one", outer(inner("ip", "user"), nil, "user", "ip"), "b", []string{"kim", "1"}, "[kim 1]"},
		{"one of the inner one, in its order", outer(inner("ip", "user"), nil, "user", "ip"), "a", []string{"1", "kim"}, "[1 kim]"},
		{"what they have in common", outer(inner("ip", "host"), nil, "ip", "user"), "a", []string{"1", "web"}, "[1]"},
		{"and fold by", folded(outer(inner("ip", "user"), nil, "user", "ip"), "user"), "a", []string{"1", "kim"}, "[kim]"},
		{"and are silenced by", quiet(outer(inner("ip", "user"), nil, "user", "ip"), "ip"), "a", []string{"1", "kim"}, "[1]"},
		{"nothing in common", outer(inner("host"), nil, "user"), "a", []string{"web"}, "[]"},
		{"the inner one groups all together", outer(inner(), nil, "user"), "b", []string{"kim"}, "[]"},
		{"a name that means another value outside", outer(inner("ip"), map[string]map[string]string{"ip": {"in": "peer", "b": "ip"}}, "ip"), "a", []string{"1"}, "[]"},
		{"a name that stands for fields of conditions", outer(inner("ip"), map[string]map[string]string{"ip": {"in": "ip", "b": "peer"}}, "ip"), "a", []string{"1"}, "[1]"},
		{"a condition that nothing names", outer(inner("ip"), nil, "ip"), "x", []string{"1"}, "[]"},
		{"a group that is too short", single(), "a", []string{"1"}, "[1]"},
	} {
		if got := fmt.Sprint(Route(c.r, c.when, c.group)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestHorizon(t *testing.T) {
	chain := &rules.Rule{Correlate: &rules.Correlate{Within: time.Hour, Inner: []*rules.Correlate{{Within: time.Minute}, {Within: time.Second}}}}
	if got := Horizon(chain); got < time.Hour+time.Minute+time.Second || got > 2*time.Hour {
		t.Errorf("%s", got)
	}
	if got := Horizon(&rules.Rule{}); got <= 0 || got > time.Second {
		t.Errorf("of a rule without time: %s", got)
	}
	en := engine(counting(3, time.Minute, time.Hour), bruteForce())
	if got := en.Horizon(); got < 10*time.Minute || got > time.Hour {
		t.Errorf("of an engine: %s", got)
	}
}
