package show

import (
	"strings"
	"testing"
	"time"

	"weir/rules"
	"weir/rules/correlation"
)

func TestCorrelateWords(t *testing.T) {
	step := func(names ...string) (out []rules.Step) {
		for _, n := range names {
			out = append(out, rules.Step{When: n, AtLeast: 1})
		}
		return out
	}
	least := func(n float64) []rules.Bound { return []rules.Bound{{Op: "gte", Value: n}} }
	for want, x := range map[string]*rules.Correlate{
		"": nil,
		"failed 5 times; per source.ip, user.name; within 10 min": {Kind: correlation.Count, Steps: step("failed"), Bounds: least(5), By: []string{"source.ip", "user.name"}, Within: 10 * time.Minute},
		"a, b so often: less than 3, not 2; within 10 min":        {Kind: correlation.Count, Steps: step("a", "b"), Bounds: []rules.Bound{{Op: "lt", Value: 3}, {Op: "neq", Value: 2}}, Within: 10 * time.Minute},
		"a once, then b 1,000 times; within 1 h":                  {Kind: correlation.Sequence, Steps: []rules.Step{{When: "a", AtLeast: 1}, {When: "b", AtLeast: 1000}}, Within: time.Hour},
		"a once and b 2 times; in each whole 1 h":                 {Kind: correlation.AnyOrder, Window: correlation.Tumbling, Steps: []rules.Step{{When: "a", AtLeast: 1}, {When: "b", AtLeast: 2}}, Within: time.Hour},
		"a and not b, with a 3 times; within 1 h": {Kind: correlation.AnyOrder, Steps: []rules.Step{{When: "a", AtLeast: 3}, {When: "b", AtLeast: 1}}, Within: time.Hour,
			Logic: &rules.Logic{And: []*rules.Logic{{Step: "a"}, {Not: &rules.Logic{Step: "b"}}}}},
		"a or b, in the order of the steps; within 1 h":                                        {Kind: correlation.Sequence, Steps: step("a", "b"), Within: time.Hour, Logic: &rules.Logic{Or: []*rules.Logic{{Step: "a"}, {Step: "b"}}}},
		"different user.name with host.name in a: at least 8; within 1 h":                      {Kind: correlation.Distinct, Field: []string{"user.name", "host.name"}, Steps: step("a"), Bounds: least(8), Within: time.Hour},
		"sum of source.bytes in a: at least 1,000,000; within 1 h":                             {Kind: correlation.Sum, Field: []string{"source.bytes"}, Steps: step("a"), Bounds: least(1e6), Within: time.Hour},
		"percentile 95 of x in a: more than 0.5, of at least 10 numbers; within 1 h":           {Kind: correlation.Percentile, Percent: 95, MinValues: 10, Field: []string{"x"}, Steps: step("a"), Bounds: []rules.Bound{{Op: "gt", Value: 0.5}}, Within: time.Hour},
		"login, and no logout after it; within 1 h":                                            {Kind: correlation.Absence, Steps: step("login", "logout"), Within: time.Hour},
		"beat, and none after it; within 1 h":                                                  {Kind: correlation.Absence, Steps: step("beat", "beat"), Within: time.Hour},
		"a new host.name in login, of groups known for 7 d; within 30 d":                       {Kind: correlation.NewValue, Steps: step("login"), Field: []string{"host.name"}, Learn: 168 * time.Hour, Within: 720 * time.Hour},
		"a 2 times; per who; in sessions without a pause of more than 1 h; who is x or y in a": {Kind: correlation.Count, Window: correlation.Session, Steps: step("a"), Bounds: least(2), By: []string{"who"}, Alias: map[string]map[string]string{"who": {"a": "x y"}}, Within: time.Hour},
		"burst once, then b once; within 1 h | burst: a 5 times; within 1 min": {Kind: correlation.Sequence, Steps: step("burst", "b"), Within: time.Hour,
			Inner: []*rules.Correlate{{Name: "burst", Kind: correlation.Count, Steps: step("a"), Bounds: least(5), Within: time.Minute}}},
	} {
		if got := strings.Join(correlateWords(x), " | "); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestRuleWords(t *testing.T) {
	if got := suppressWords(&rules.Suppress{By: []string{"host.name"}, For: 4 * time.Hour}); got != "alerts of the same host.name for 4 h after one that was told" {
		t.Error(got)
	}
	if got := labelWords(map[string]string{"team": "network", "a": "b"}); got != "a = b, team = network" {
		t.Error(got)
	}
	if suppressWords(nil) != "" || labelWords(nil) != "" {
		t.Error("a rule without them says something of them")
	}
}
