package watchdog

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

// TestBehind: a stage is behind when what waits is old, not when much waits.
func TestBehind(t *testing.T) {
	for _, tc := range []struct {
		name string
		// at tells where stage and topic are after some seconds.
		at   func(seconds int64) (done, end int64)
		want string
	}{
		{"idle", func(int64) (int64, int64) { return 7, 7 }, ""},
		{"a million a second, and a minute behind", func(s int64) (int64, int64) { return max(0, s-60) * 1e6, s * 1e6 }, ""},
		{"four minutes behind", func(s int64) (int64, int64) { return max(0, s-240), s }, ""},
		{"stands still", func(s int64) (int64, int64) { return min(s, 100), s }, "weir-stage-behind/1"},
		{"stands still and catches up", func(s int64) (int64, int64) {
			if s < 900 {
				return min(s, 100), s
			}
			return s, s
		}, "weir-stage-behind/1, weir-stage-behind/2 over"},
		{"seven minutes behind", func(s int64) (int64, int64) { return max(0, s-420), s }, "weir-stage-behind/1"},
		{"slower than what comes", func(s int64) (int64, int64) { return s / 2, s }, "weir-stage-behind/1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var s *site
			s = newSite(t, func(o *Options) {
				o.Reading.Stages = func(context.Context) ([]Position, error) {
					done, end := tc.at(int64(s.up / time.Second))
					return []Position{{"normalise", "weir.raw.syslog", 0, done, end}, {"archive", "weir.events", 0, end, end}}, nil
				}
			})
			s.look(30 * time.Minute)
			if len(s.raised) > 0 && !strings.Contains(s.raised[0].What, "the stage normalise is more than 5 minutes behind") {
				t.Error(s.raised[0].What)
			}
			if got := s.said(); got != tc.want {
				t.Errorf("said %q, want %q", got, tc.want)
			}
		})
	}
}

// TestBehindUnknown: while Kafka does not say where topics end, nothing changes.
func TestBehindUnknown(t *testing.T) {
	var err error
	var s *site
	s = newSite(t, func(o *Options) {
		o.Reading.Stages = func(context.Context) ([]Position, error) {
			return []Position{{"elastic", "weir.events", 3, 0, int64(s.up)}}, err
		}
	})
	s.look(10 * time.Minute)
	s.said()
	err = errors.New("away")
	s.look(30 * time.Minute)
	if got := s.said(); got != "" {
		t.Errorf("said %q", got)
	}
	if n := len(s.w.memory.ends); n != 1 {
		t.Errorf("%d partitions are remembered", n)
	}
}

// TestLost: each loss counts in one alert that ends ten minutes after the last one.
func TestLost(t *testing.T) {
	kernel, refused := map[string]int64{"syslog": 500}, map[string]int64{}
	s := newSite(t, func(o *Options) {
		o.Reading.Kernel = func() map[string]int64 { return kernel }
		o.Reading.Refused = func() map[string]int64 { return refused }
	})
	s.look(time.Minute)
	if got := s.said(); got != "" {
		t.Fatalf("what was lost before anybody looked: %s", got)
	}
	kernel["syslog"] += 1204
	s.look(20 * time.Second)
	if len(s.raised) != 1 || s.raised[0].Count != 1204 || !strings.HasPrefix(s.raised[0].What, "1,204 records of the input syslog were lost before weir could read them") || s.raised[0].Level != "high" {
		t.Fatalf("%+v", s.raised)
	}
	s.said()
	refused["limit"] = 0
	s.look(10 * time.Second)
	refused["limit"] = 10
	s.look(5 * time.Minute)
	kernel["syslog"] += 6
	s.look(9 * time.Minute)
	if got := s.said(); got != "weir-records-refused/1, weir-records-refused/2 over" {
		t.Errorf("%s", got)
	}
	s.look(3 * time.Minute)
	last := s.raised[len(s.raised)-1]
	if got := s.said(); got != "weir-records-lost/2 over" || last.Count != 1210 {
		t.Errorf("%s, %d", got, last.Count)
	}
	kernel["syslog"] = 3 // a new start counts from zero
	s.look(10 * time.Second)
	if len(s.raised) != 1 || s.raised[0].Count != 3 {
		t.Errorf("%+v", s.raised)
	}
}

func TestDifference(t *testing.T) {
	by, ok := map[string]int64{"archive": 50}, false
	s := newSite(t, func(o *Options) { o.Reading.Differences = func() (map[string]int64, bool) { return by, ok } })
	s.look(time.Minute)
	ok = true
	s.look(10 * time.Second)
	if len(s.raised) != 1 || !strings.HasPrefix(s.raised[0].What, "50 records are missing on the way to archive") {
		t.Fatalf("%+v", s.raised)
	}
	by = nil
	s.look(3 * time.Minute)
	by = map[string]int64{"archive": -2, "elastic": 0}
	s.look(time.Minute)
	last := s.raised[len(s.raised)-1]
	if got := s.said(); got != "weir-ledger-difference/1, weir-ledger-difference/2 over, weir-ledger-difference/1" || !strings.HasPrefix(last.What, "2 records too many") {
		t.Errorf("%s %+v", got, last)
	}
}

// TestDeadLetters: what rises is said, what has always come is not.
func TestDeadLetters(t *testing.T) {
	for _, tc := range []struct {
		name string
		rate func(minute int) int64 // dead letters of this minute
		want int                    // alerts within a day
	}{
		{"none", func(int) int64 { return 0 }, 0},
		{"one an hour", func(m int) int64 { return int64(1 - min(1, m%60)) }, 0},
		{"ten a minute from the first minute on", func(int) int64 { return 10 }, 1},
		{"a hundred at once", func(m int) int64 {
			if m == 300 {
				return 100
			}
			return 0
		}, 1},
		{"ten times as many as ever", func(m int) int64 {
			if m > 1200 {
				return 1000
			}
			return 100
		}, 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			total := int64(0)
			s := newSite(t, func(o *Options) {
				o.Reading.Dead = func() (map[string]int64, bool) { return map[string]int64{"bad-json": total}, true }
			})
			opened := map[string]bool{}
			for m := range 24 * 60 {
				total += tc.rate(m)
				s.look(time.Minute)
			}
			for _, a := range s.raised {
				opened[a.ID] = true
			}
			if len(opened) != tc.want {
				t.Errorf("%d alerts: %s", len(opened), s.said())
			}
		})
	}
}
