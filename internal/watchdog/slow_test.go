package watchdog

import (
	"strings"
	"testing"
	"time"
)

// TestSlowRules: a rule that takes a good part of a processor for minutes is named; a burst, and one that is busy with little,
// is not.
func TestSlowRules(t *testing.T) {
	for _, tc := range []struct {
		name string
		took func(up time.Duration) time.Duration // of the rule, since it was loaded
		want string
	}{
		{"idle", func(time.Duration) time.Duration { return 0 }, ""},
		{"a tenth of a processor", func(up time.Duration) time.Duration { return up / 10 }, ""},
		{"half of one", func(up time.Duration) time.Duration { return up / 2 }, "weir-rule-slow/1"},
		{"busy before weir looked", func(up time.Duration) time.Duration { return time.Hour + up/10 }, ""},
		{"a burst of half a minute", func(up time.Duration) time.Duration { return min(max(0, up-10*time.Minute), 30*time.Second) }, ""},
		{"slow, then mended", func(up time.Duration) time.Duration { return min(up, 15*time.Minute) }, "weir-rule-slow/1, weir-rule-slow/2 over"},
		{"loaded anew each minute, and slow all the time", func(up time.Duration) time.Duration { return up % time.Minute / 2 }, "weir-rule-slow/1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var s *site
			s = newSite(t, func(o *Options) {
				o.Reading.RuleTimes = func() map[string]time.Duration {
					return map[string]time.Duration{"many-dots": tc.took(s.up), "quick": 0}
				}
			})
			s.look(time.Hour)
			if tc.want != "" && !strings.HasPrefix(s.raised[0].What, "the rule many-dots takes ") {
				t.Error(s.raised[0].What)
			}
			if got := s.said(); got != tc.want {
				t.Errorf("said %q, want %q", got, tc.want)
			}
		})
	}
}

// TestSlowRules_Gone: of a rule that was taken away nothing is said any more.
func TestSlowRules_Gone(t *testing.T) {
	there := true
	var s *site
	s = newSite(t, func(o *Options) {
		o.Reading.RuleTimes = func() map[string]time.Duration {
			if !there {
				return map[string]time.Duration{}
			}
			return map[string]time.Duration{"many-dots": s.up}
		}
	})
	s.look(20 * time.Minute)
	there = false
	s.look(40 * time.Minute)
	if got := s.said(); got != "weir-rule-slow/1, weir-rule-slow/2 over" {
		t.Error(got)
	}
}
