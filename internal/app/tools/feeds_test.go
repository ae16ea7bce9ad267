package tools

import (
	"testing"

	"weir/rules"
	"weir/rules/correlation"
)

// TestFeeds: what a match counts for, in each kind and in a chain.
func TestFeeds(t *testing.T) {
	t.Parallel()
	steps := func(names ...string) (out []rules.Step) {
		for _, n := range names {
			out = append(out, rules.Step{When: n, AtLeast: 1})
		}
		return out
	}
	inner := &rules.Correlate{Name: "burst", Kind: correlation.Count, Steps: steps("a"), Bounds: []rules.Bound{{Op: "gte", Value: 10}}}
	for _, tc := range []struct {
		when, want string
		x          *rules.Correlate
	}{
		{"a", "", nil},
		{"a", "counts as one of the 10 that are needed", &rules.Correlate{Kind: correlation.Count, Steps: steps("a"), Bounds: inner.Bounds}},
		{"a", "counts as one", &rules.Correlate{Kind: correlation.Count, Steps: steps("a"), Bounds: []rules.Bound{{Op: "lt", Value: 2}}}},
		{"b", "is step 2 of 2", &rules.Correlate{Kind: correlation.Sequence, Steps: steps("a", "b")}},
		{"a", "is one of the 3 of step 1 of 2", &rules.Correlate{Kind: correlation.AnyOrder, Steps: []rules.Step{{When: "a", AtLeast: 3}, {When: "b", AtLeast: 1}}}},
		{"a", "begins the wait", &rules.Correlate{Kind: correlation.Absence, Steps: steps("a", "b")}},
		{"b", "ends the wait", &rules.Correlate{Kind: correlation.Absence, Steps: steps("a", "b")}},
		{"a", "counts with its user.name, host.name", &rules.Correlate{Kind: correlation.Distinct, Steps: steps("a"), Field: []string{"user.name", "host.name"}}},
		{"a", "counts as one of the 10 that are needed of `burst`", &rules.Correlate{Kind: correlation.Sequence, Steps: steps("burst", "b"), Inner: []*rules.Correlate{inner}}},
		{"z", "counts for nothing: correlate does not name the condition", inner},
	} {
		if got := feeds(&rules.Rule{Correlate: tc.x}, tc.when); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.when, got, tc.want)
		}
	}
}
