package rhythm

import (
	"math"
	"testing"
)

// made is a source that is known for three weeks, as far as limits look at it.
func made(change func(*source)) *source {
	s := &source{since: 0, generation: 2, hoursHeard: 200, counted: 20, countedMissed: 13, days: 1<<21 - 1, quietMean: 3600, missedMean: 4, longest: [generations]float32{7200, 3600}, most: [generations]float32{5, 4}}
	if change != nil {
		change(s)
	}
	return s
}

func TestLimits(t *testing.T) {
	inf := math.Inf(1)
	const now = 21 * 86400
	for _, tc := range []struct {
		name     string
		s        *source
		gap, due float64
	}{
		{"regular", made(nil), 3 * 7200, 10},
		{"known for an hour", made(func(s *source) { s.since = now - 3600 }), inf, inf},
		{"of few words", made(func(s *source) { s.hoursHeard = 4 }), inf, inf},
		{"of few words, but expected", made(func(s *source) { s.hoursHeard, s.presence, s.longest[0] = 1, Expected, 10 }), day, inf},
		{"of few words, with long pauses, but expected", made(func(s *source) { s.hoursHeard, s.presence, s.longest[0] = 1, Expected, day }), 3 * day, inf},
		{"in its first week", made(func(s *source) { s.generation, s.longest[0] = 0, 600; s.longest[1] = 0 }), 1800, inf},
		{"in its first week, with pauses of hours", made(func(s *source) { s.generation, s.longest[0] = 0, 3*3600 }), 3 * day, inf},
		{"in its first week, and not around the clock", made(func(s *source) { s.generation, s.longest[0], s.hoursHeard = 0, 600, 19 }), 3 * day, inf},
		{"in its second week, when nothing is known of its days", made(func(s *source) { s.generation, s.countedMissed = 1, 3 }), 3 * 7200, sure},
		{"nearly without pauses", made(func(s *source) { s.missedMean, s.most = 0.5, [generations]float32{0.5} }), 3 * 7200, 3},
		{"of few days", made(func(s *source) { s.days, s.longest[0] = 0b1000001, 7*day }), 6 * 7 * day, 10},
		{"daily, with a long pause in four weeks", made(func(s *source) { s.longest[1] = 2 * day }), day, 10},
		{"twice said for nothing", made(func(s *source) { s.patience = 2 }), 4 * 3 * 7200, 40},
	} {
		gap, due := tc.s.limits(now)
		if math.Abs(gap-tc.gap) > 1 && gap != tc.gap || math.Abs(due-tc.due) > 0.1 && due != tc.due {
			t.Errorf("%s: %g s and %g words, want %g and %g", tc.name, gap, due, tc.gap, tc.due)
		}
	}
}

func TestDaily(t *testing.T) {
	for _, tc := range []struct {
		name          string
		days, excused uint32
		counted       uint16
		want          bool
	}{
		{"every day", 1<<20 - 1, 0, 20, true},
		{"not yet today", (1<<20 - 1) << 1, 0, 20, true},
		{"nor yesterday: that is what is judged", (1<<20 - 1) << 2, 0, 20, true},
		{"a week, and not known for longer", 1<<8 - 1, 0, 7, true},
		{"six days", 1<<6 - 1, 0, 6, false},
		{"but for a Sunday", (1<<20 - 1) &^ (1 << 9), 0, 20, false},
		{"but for a day on which nobody looked", (1<<20 - 1) &^ (1 << 9), 1 << 9, 20, true},
		{"never", 0, 0, 20, false},
	} {
		s := &source{days: tc.days, excused: tc.excused, counted: tc.counted}
		if s.daily() != tc.want {
			t.Errorf("%s: %v", tc.name, !tc.want)
		}
	}
}

// TestPlausible: the quantile of a Gumbel distribution, checked by what it is made of: the longest of 24 exponential
// pauses exceeds it once in a hundred thousand days.
func TestPlausible(t *testing.T) {
	mean, variance := float32(math.Log(24)+0.5772), float32(math.Pi*math.Pi/6)
	x := plausible(mean, variance, math.MaxUint16)
	spread := 1 + 4/math.Sqrt(27) // what is added for not knowing more than 27 days
	want := math.Log(24) + 0.5772 - 0.5772*spread + spread*math.Log(1e5)
	if math.Abs(x-want) > 0.01 {
		t.Errorf("%g, want %g", x, want)
	}
	if p := 1 - math.Pow(1-math.Exp(-x), 24); p > rare {
		t.Errorf("exceeded with probability %g", p)
	}
	if few := plausible(mean, variance, 5); few < x {
		t.Errorf("of five days %g, of many %g", few, x)
	}
}
