package watchdog

import (
	"fmt"

	"weir/internal/term"
)

// refusals finds rules that are not used.
func refusals(_ *memory, s *sample, _ func(string, string) bool) ([]finding, bool) {
	if s.refusals == nil {
		return nil, false
	}
	var out []finding
	for _, r := range s.refusals {
		out = append(out, finding{entity: r.Where, say: func(int64) (string, string) {
			return fmt.Sprintf("a rule is not used: %s: %s", r.Where, r.Why), fmt.Sprintf("규칙이 사용되지 않습니다: %s: %s", r.Where, r.Why)
		}})
	}
	return out, true
}

// canaryLost finds transports by which the last canary did not come out.
func canaryLost(_ *memory, s *sample, _ func(string, string) bool) ([]finding, bool) {
	if s.canaries == nil {
		return nil, false
	}
	var out []finding
	for _, c := range s.canaries {
		if c.Lost > 0 {
			out = append(out, finding{entity: c.Via, say: func(int64) (string, string) { return sayLost(&c) }})
		}
	}
	return out, true
}

// sayLost says of canaries that did not come out how many they are and how far the last one came.
func sayLost(c *Canary) (en, ko string) {
	hop, hopKo := c.Hop, c.Hop
	if hop == "" || hop == "send" {
		hop, hopKo = "nowhere", "없음"
	}
	en = fmt.Sprintf("%s by %s did not come out in a row; the last one was seen: %s", term.Count(int64(c.Lost)), c.Via, hop)
	ko = fmt.Sprintf("%s로 보낸 점검용 로그가 연속 %s건 나오지 않았습니다. 마지막으로 확인된 단계: %s", c.Via, term.Count(int64(c.Lost)), hopKo)
	if c.Forged > 0 {
		en += fmt.Sprintf("; %s canary lines came that weir never sent", term.Count(c.Forged))
		ko += fmt.Sprintf("; weir가 보내지 않은 점검용 로그 %s건", term.Count(c.Forged))
	}
	return en, ko
}
