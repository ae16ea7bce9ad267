package sigma

import (
	"fmt"
	"strings"
	"testing"
)

// TestChoicesAreBounded: 10 of 20 are 184,756 ways.
func TestChoicesAreBounded(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for i := range 20 {
		fmt.Fprintf(&b, "s%d: {User: x%d}\n  ", i, i)
	}
	got := parse(detection(b.String()+"condition: 10 of s*"), Options{})
	if len(got.rules) != 0 || len(got.faults) != 1 || got.faults[0].Code != "rule-too-large" {
		t.Error(show(got.faults))
	}
	got = parse(detection(b.String()+"condition: 2 of s*"), Options{})
	if len(got.rules) != 1 || len(got.rules[0].Detection.Kids) != 190 {
		t.Error(show(got.faults))
	}
}

func TestChoices(t *testing.T) {
	t.Parallel()
	if got := fmt.Sprint(choices(2, 4, 100)); got != "[[0 1] [0 2] [0 3] [1 2] [1 3] [2 3]]" {
		t.Error(got)
	}
	if got := choices(3, 9, 5); len(got) != 5 {
		t.Error(len(got))
	}
}

func TestFits(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		pattern, name string
		want          bool
	}{
		{"a*", "abc", true}, {"a*", "ba", false}, {"*c", "abc", true}, {"a*c", "abc", true}, {"a*c", "ac", true}, {"a*b*c", "a1b2c", true}, {"a*b*c", "acb", false},
		{"*", "", true}, {"ab*ba", "aba", false}, {"a", "a", true}, {"a", "ab", false}, {"**", "x", true},
	} {
		if fits(tc.pattern, tc.name) != tc.want {
			t.Errorf("%s %s", tc.pattern, tc.name)
		}
	}
}
