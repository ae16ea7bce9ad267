package detect

import (
	"testing"

	"weir/internal/record"
)

// TestCounts_Cost: a rule that is tried has a cost, one that the index spares every event has none.
func TestCounts_Cost(t *testing.T) {
	t.Parallel()
	set := loadText(t, `id: tried
title: T
level: low
when: icontains(message, "hello") and re(message, "(?s)^(a|b|.)*hello .{3}.*(x|y)$")
---
id: spared
title: S
level: low
when: icontains(message, "farewell")
---
id: held
title: H
level: low
when: icontains(message, "hello")
`)
	en, faults := New(set, nil, nil)
	if len(faults) != 0 {
		t.Fatal(faults)
	}
	e := decode(t, `{"message":"they say HELLO to everybody in the world, hello and again hello to all of them"}`)
	const n = 20 * sampleEvery
	for range n {
		if got := len(en.Signals(e, record.Pos{})); got != 1 {
			t.Fatalf("%d signals", got)
		}
	}
	counts := en.Counts()
	if c := counts[1]; c.Tried != 0 || c.Took != 0 || c.Matched != 0 {
		t.Errorf("the spared one: %+v", c)
	}
	if c := counts[2]; c.Matched != n {
		t.Errorf("the one that held: %+v", c)
	}
	// Which worker an event meets is the pool's affair, so that the sample may be smaller than one in so many.
	if c := counts[0]; c.Tried > 2*n || c.Tried%sampleEvery != 0 || c.Tried > 0 && c.Took == 0 {
		t.Errorf("the tried one: %+v", c)
	}
}

// TestTimed: the sampled event gives the same signals as any other.
func TestTimed(t *testing.T) {
	t.Parallel()
	en := engine(t, ruleFile)
	e := decode(t, `{"event":{"code":"2"},"message":"password"}`)
	w := new(worker)
	w.view.Reset(e)
	var got []string
	en.class(e).timed(en, w, func(c *condition) { got = append(got, c.of.rule.ID) })
	if len(got) != 2 || got[0] != "any" || got[1] != "codes" {
		t.Errorf("%v", got)
	}
	for _, c := range en.Counts()[1:] {
		if c.Tried != sampleEvery || c.Matched != 0 {
			t.Errorf("%+v", c)
		}
	}
	samples := 0
	for range 10 * sampleEvery {
		if w.sampled() {
			samples++
		}
	}
	if samples != 10 {
		t.Errorf("%d samples", samples)
	}
}
