package watchdog

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"weir/internal/term"
)

// behindFor is how long a record may wait for a stage.
const behindFor = 5 * time.Minute

// place is a partition as a stage reads it.
type place struct {
	stage, topic string
	partition    int32
}

// end is where a topic ended at a moment.
type end struct {
	at     time.Duration // of the steady clock
	offset int64
}

// behind finds stages that have not taken what was in their topics five minutes ago. A stage under load is never at the end,
// so how many records wait says nothing; what has waited for long does.
func behind(m *memory, s *sample, _ func(string, string) bool) ([]finding, bool) {
	if s.stages == nil {
		return nil, false
	}
	waiting, late := map[string]int64{}, map[string]bool{}
	seen := map[place]bool{}
	for _, p := range s.stages {
		at := place{p.Stage, p.Topic, p.Partition}
		seen[at] = true
		list := append(m.ends[at], end{s.up, p.End})
		for len(list) > 1 && s.up-list[1].at >= behindFor {
			list = list[1:]
		}
		if len(list) > 2*int(behindFor/lookEvery) { // who looks more often keeps every second one
			list = slices.DeleteFunc(list, func(e end) bool { return e.at%(2*lookEvery) >= lookEvery })
		}
		m.ends[at] = list
		// Of the whole stage, though one partition is enough to be late: the number is for a person.
		waiting[p.Stage] += max(0, p.End-p.Done)
		if len(list) > 0 && s.up-list[0].at >= behindFor && p.Done < list[0].offset {
			late[p.Stage] = true
		}
	}
	maps.DeleteFunc(m.ends, func(at place, _ []end) bool { return !seen[at] }) // partitions that another process has now
	var out []finding
	for _, stage := range slices.Sorted(maps.Keys(late)) {
		n := waiting[stage]
		out = append(out, finding{entity: stage, say: func(int64) (string, string) {
			return fmt.Sprintf("the stage %s is more than 5 minutes behind: %s records wait", stage, term.Count(n)),
				fmt.Sprintf("%s 단계가 5분 넘게 지연되고 있습니다: 대기 %s건", stage, term.Count(n))
		}})
	}
	return out, true
}

// counter follows a number that only grows.
type counter struct {
	value int64
	known bool
}

// grew tells by how much a number has grown since it was last seen. The first sight of it is none; one that is smaller
// began anew.
func (m *memory) grew(name string, value int64) int64 {
	before := m.lost[name]
	m.lost[name] = counter{value, true}
	switch {
	case !before.known:
		return 0
	case value < before.value:
		return value
	}
	return value - before.value
}

// lost finds inputs that lose records.
func lost(m *memory, s *sample, _ func(string, string) bool) ([]finding, bool) {
	return growing(m, s.kernel, "lost ", func(input string) func(int64) (string, string) {
		return func(n int64) (string, string) {
			return fmt.Sprintf("%s records of the input %s were lost before weir could read them", term.Count(n), input),
				fmt.Sprintf("입력 %s에서 수신 전에 %s건이 유실되었습니다", input, term.Count(n))
		}
	})
}

// refused finds why records are turned away.
func refused(m *memory, s *sample, _ func(string, string) bool) ([]finding, bool) {
	return growing(m, s.refused, "refused ", func(reason string) func(int64) (string, string) {
		return func(n int64) (string, string) {
			return fmt.Sprintf("%s records were turned away: %s", term.Count(n), reason), fmt.Sprintf("%s건을 거부했습니다: %s", term.Count(n), reason)
		}
	})
}

// growing finds which of some numbers have grown.
func growing(m *memory, numbers map[string]int64, prefix string, say func(name string) func(int64) (string, string)) ([]finding, bool) {
	if numbers == nil {
		return nil, false
	}
	var out []finding
	for _, name := range slices.Sorted(maps.Keys(numbers)) {
		if n := m.grew(prefix+name, numbers[name]); n > 0 {
			out = append(out, finding{entity: name, more: n, say: say(name)})
		}
	}
	return out, true
}

// difference finds stores that the ledger does not balance to. Only sure differences come here, so nothing is waited for.
func difference(_ *memory, s *sample, _ func(string, string) bool) ([]finding, bool) {
	if s.differences == nil {
		return nil, false
	}
	var out []finding
	for _, store := range slices.Sorted(maps.Keys(s.differences)) {
		n := s.differences[store]
		if n == 0 {
			continue
		}
		out = append(out, finding{entity: store, say: func(int64) (string, string) {
			if n < 0 {
				return fmt.Sprintf("%s records too many are in the way to %s", term.Count(-n), store), fmt.Sprintf("%s 경로에 설명되지 않는 로그가 %s건 더 있습니다", store, term.Count(-n))
			}
			return fmt.Sprintf("%s records are missing on the way to %s", term.Count(n), store), fmt.Sprintf("%s 경로에서 로그 %s건이 누락되었습니다", store, term.Count(n))
		}})
	}
	return out, true
}

// deadRate is how fast dead letters of one reason come, a minute: of late, and as a rule.
type deadRate struct {
	value       int64
	short, long float64
	at          time.Duration
}

const (
	deadShort = 5 * time.Minute
	deadLong  = 24 * time.Hour
	// deadTimes is how much faster than as a rule is rising, deadLeast the least number a minute.
	deadTimes = 5
	deadLeast = 1
)

// deadLetters finds reasons of which dead letters come faster than they did. A device that has always sent a few lines
// that cannot be used is no news.
func deadLetters(m *memory, s *sample, open func(string, string) bool) ([]finding, bool) {
	if s.dead == nil {
		return nil, false
	}
	var out []finding
	for _, reason := range slices.Sorted(maps.Keys(s.dead)) {
		n := s.dead[reason]
		d := m.dead[reason]
		if d == nil {
			d = &deadRate{at: s.up, value: n}
			if m.last == nil { // what came before weir looked is not of now
				m.dead[reason] = d
				continue
			}
			d.value, d.at = 0, m.last.up
			m.dead[reason] = d
		}
		// By the steady clock: one that is set would make a rate of years, or a negative one.
		span := s.up - d.at
		if span <= 0 {
			continue
		}
		came := max(0, n-d.value)
		rate := float64(came) / span.Minutes()
		d.short += (rate - d.short) * min(1, float64(span)/float64(deadShort))
		d.long += (rate - d.long) * min(1, float64(span)/float64(deadLong))
		d.at, d.value = s.up, n
		times := float64(deadTimes)
		if open("weir-dead-letters", reason) {
			times = 2
		}
		if d.short < deadLeast || d.short < times*d.long {
			continue
		}
		short := d.short
		out = append(out, finding{entity: reason, more: came, say: func(n int64) (string, string) {
			return fmt.Sprintf("%s records cannot be used because of %s, %s a minute now", term.Count(n), reason, term.Short(short)),
				fmt.Sprintf("%s 사유로 처리할 수 없는 로그 %s건, 현재 분당 %s건", reason, term.Count(n), term.Short(short))
		}})
	}
	return out, true
}
