package rhythm

import (
	"math"
	"testing"
)

// TestEndHour: the share of an hour is that of the last weeks, the newest most, and hours that were seen in part count in
// part.
func TestEndHour(t *testing.T) {
	type seen struct{ seen, active float32 }
	for _, tc := range []struct {
		name  string
		hours []seen
		share float64
		weeks float64
	}{
		{"one", []seen{{3600, 1800}}, 0.5, 1},
		{"two alike", []seen{{3600, 1800}, {3600, 1800}}, 0.5, 1.75},
		{"the newer counts more", []seen{{3600, 3600}, {3600, 0}}, 0.75 / 1.75, 1.75},
		{"a short look counts little", []seen{{3600, 3600}, {360, 0}}, 0.75 / 0.85, 0.85},
		{"never looked at", []seen{{0, 0}}, 0, 0},
		{"always heard", []seen{{3600, 3600}, {3600, 3600}, {3600, 3600}, {3600, 3600}, {3600, 3600}, {3600, 3600}, {3600, 3600}, {3600, 3600}}, 1, 3.6},
	} {
		s := &source{hour: 7}
		for _, h := range tc.hours {
			s.seen, s.active = h.seen, h.active
			s.endHour()
		}
		if got := float64(s.shares[7]) / share; math.Abs(got-tc.share) > 0.01 {
			t.Errorf("%s: share %.3f, want %.3f", tc.name, got, tc.share)
		}
		if got := float64(s.weights[7]) / weight; math.Abs(got-tc.weeks) > 0.05 {
			t.Errorf("%s: %.3f weeks, want %.3f", tc.name, got, tc.weeks)
		}
	}
}

func TestRate(t *testing.T) {
	s := &source{generation: 1, hour: 7, seen: 3600, active: 3600}
	s.endHour()
	if got := s.rate(7); math.Abs(got-2.0/3) > 0.01 {
		t.Errorf("what was seen once is believed by %.3f", got)
	}
	if got := s.rate(8); got != 0 {
		t.Errorf("an hour that was never seen: %.3f", got)
	}
	first := &source{spoke: 1800, observed: 5400}
	if got := first.rate(8); got != 0.25 {
		t.Errorf("in the first week: %.3f", got)
	}
}

// TestSpeak: what is learned of a pause that ends.
func TestSpeak(t *testing.T) {
	for _, tc := range []struct {
		name     string
		change   func(*source)
		longest  float32
		patience uint8
	}{
		{"a pause", nil, 9000, 0},
		{"of many", func(s *source) { s.massed = true }, 7200, 0},
		{"that was said", func(s *source) { s.silent, s.quiet = true, 30000 }, 30000, 1},
		{"that was said, and far beyond the limit", func(s *source) { s.silent, s.quiet = true, 1e6 }, 1.5 * 21600, 1},
		{"said again and again", func(s *source) { s.silent, s.patience = true, 3 }, 9000, 3},
	} {
		s := made(func(s *source) { s.quiet, s.missed = 9000, 3; s.zone = &zone{} })
		if tc.change != nil {
			tc.change(s)
		}
		s.speak(20*86400, 10)
		if got := maxOf(s.longest[:]); math.Abs(float64(got-tc.longest)) > 1 || s.patience != tc.patience || s.quiet != 0 || s.missed != 0 || s.silent || s.massed {
			t.Errorf("%s: longest %g, want %g; %+v", tc.name, got, tc.longest, s.fixed())
		}
	}
}

// TestTurn: each week forgets the one five weeks ago, and the first week's words after the second.
func TestTurn(t *testing.T) {
	s := &source{longest: [generations]float32{100}, most: [generations]float32{50}, missedMean: 3, countedMissed: 6, patience: 3}
	for w, want := range []struct{ longest, most float32 }{{100, 50}, {100, 50}, {100, 0}, {100, 0}, {0, 0}} {
		s.turn(int64(w) * week)
		if maxOf(s.longest[:]) != want.longest || maxOf(s.most[:]) != want.most {
			t.Errorf("after week %d: %v %v", w, s.longest, s.most)
		}
	}
	if s.countedMissed != 0 || s.patience != 0 {
		t.Errorf("%+v", s.fixed())
	}
}
