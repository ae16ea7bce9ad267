package build

import (
	"slices"
	"testing"
	"time"

	"weir/rules"
	"weir/rules/correlation"
)

func TestDatasetsOfRules(t *testing.T) {
	absence := &rules.Correlate{Kind: correlation.Absence, Steps: []rules.Step{{When: "a", AtLeast: 1}}, Within: time.Minute}
	count := &rules.Correlate{Kind: correlation.Count, Steps: []rules.Step{{When: "a", AtLeast: 1}}, Within: time.Minute, Bounds: []rules.Bound{{Op: "gte", Value: 3}}}
	around := &rules.Correlate{Kind: correlation.Count, Steps: []rules.Step{{When: "in", AtLeast: 1}}, Within: time.Minute, Inner: []*rules.Correlate{absence}}
	for _, c := range []struct {
		name string
		c    *rules.Correlate
		when []string
		want []string
	}{
		{"one dataset", absence, []string{`event.dataset == "sshd.log" and event.outcome == "success"`}, []string{"sshd.log"}},
		{"several", absence, []string{`event.dataset in ["b.x", "a.x"]`}, []string{"a.x", "b.x"}},
		{"two conditions", absence, []string{`event.dataset == "b.x"`, `event.dataset == "a.x" and message contains "x"`}, []string{"a.x", "b.x"}},
		{"a module", absence, []string{`event.module == "sshd" and message contains "x"`}, []string{"sshd", "sshd.*"}},
		{"one of two may be of any", absence, []string{`event.dataset == "b.x"`, `message contains "x"`}, nil},
		{"or something else", absence, []string{`event.dataset == "b.x" or message contains "x"`}, nil},
		{"a name that would be a pattern", absence, []string{`event.dataset == "b.*"`}, nil},
		{"a list that is not here", absence, []string{`event.dataset == "b.x" and in_list(user.name, "vips")`}, nil},
		{"what waits for nothing", count, []string{`event.dataset == "b.x"`}, nil},
		{"what waits is within", around, []string{`event.dataset == "b.x"`}, []string{"b.x"}},
		{"no correlation", nil, []string{`event.dataset == "b.x"`}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &rules.Rule{ID: "r", Correlate: c.c}
			for _, expr := range c.when {
				r.When = append(r.When, rules.Condition{Expr: expr})
			}
			if got := Datasets(r); !slices.Equal(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}
