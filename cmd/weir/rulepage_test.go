package main

import (
	"testing"
	"time"

	"weir/rules"
)

func TestCorrelateWords(t *testing.T) {
	for want, x := range map[string]*rules.Correlate{
		"": nil,
		"failed 5 times; per source.ip, user.name; within 10 min": {Kind: rules.Count, Steps: []rules.Step{{When: "failed", AtLeast: 5}},
			By: []string{"source.ip", "user.name"}, Within: 10 * time.Minute},
		"a once, then b 1,000 times; within 1 h": {Kind: rules.Sequence, Steps: []rules.Step{{When: "a", AtLeast: 1}, {When: "b", AtLeast: 1000}}, Within: time.Hour},
	} {
		if got := correlateWords(x); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
