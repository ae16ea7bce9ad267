package watchdog

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"time"
)

// slowness is how much of one processor a rule takes, of late.
type slowness struct {
	took  time.Duration // as it was read last
	at    time.Duration
	share float64
}

const (
	// slowOver is over what time the share is taken.
	slowOver = 5 * time.Minute
	// slowShare of a processor is too much for one rule; below slowAgain it is over.
	slowShare, slowAgain = 0.2, 0.1
)

// slowRules finds rules that take much of the time of the stage that tries them: a pattern that goes astray, or a condition
// that every event meets. They go on; who wrote them has to look.
func slowRules(m *memory, s *sample, open func(string, string) bool) ([]finding, bool) {
	if s.took == nil {
		return nil, false
	}
	maps.DeleteFunc(m.slow, func(id string, _ *slowness) bool { _, there := s.took[id]; return !there })
	var out []finding
	for _, id := range slices.Sorted(maps.Keys(s.took)) {
		took, r := s.took[id], m.slow[id]
		if r == nil {
			m.slow[id] = &slowness{took: took, at: s.up}
			continue
		}
		span := s.up - r.at // by the steady clock
		if span <= 0 {
			continue
		}
		if took < r.took { // counted from 0 since the rules were loaded again
			r.took = 0
		}
		now := float64(took-r.took) / float64(span)
		r.share += (now - r.share) * min(1, float64(span)/float64(slowOver))
		r.took, r.at = took, s.up
		limit := slowShare
		if open("weir-rule-slow", id) {
			limit = slowAgain
		}
		if r.share < limit {
			continue
		}
		percent := math.Round(100 * r.share)
		out = append(out, finding{entity: id, say: func(int64) (string, string) {
			return fmt.Sprintf("the rule %s takes %.0f %% of a processor", id, percent), fmt.Sprintf("탐지 규칙 %s이(가) 프로세서의 %.0f%%를 사용합니다", id, percent)
		}})
	}
	return out, true
}
