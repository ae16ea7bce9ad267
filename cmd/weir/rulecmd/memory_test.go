package rulecmd

import (
	"context"
	"strings"
	"testing"
	"time"

	"weir/internal/control"
	"weir/internal/control/memory"
	"weir/internal/fault"
)

// rememberer is a weir that runs and correlates.
type rememberer struct {
	control.Backend
	state memory.State
}

func (r rememberer) RuleMemory(context.Context) (memory.State, error) { return r.state, nil }

func TestMemory(t *testing.T) {
	s := ruleWorld(0)
	s.backend = rememberer{state: memory.State{
		Held: 4,
		Rules: []memory.Rule{
			{Rule: "quiet"},
			{Rule: "small", Groups: 2, Bytes: 700, Matches: 9},
			{Rule: "large", Groups: 50_000, Alerts: 3, Bytes: 12 << 20, Matches: 1_234_567, Evicted: 17, Late: 2, Lacking: 5, NotANumber: 1},
		},
		Late: []memory.Late{{Rule: "large", EventID: "ab/1/2", Dataset: "aws.cloudtrail", At: time.Date(2026, 11, 21, 7, 0, 0, 0, time.UTC), LateMS: 3_900_000}},
	}}
	out, msg, code := s.run(t, "memory")
	if code != 0 || !strings.Contains(msg, "3 rules, 12 MiB in memory") || !strings.Contains(msg, "4 revisions of alerts waited") {
		t.Fatalf("exit %d, %q", code, msg)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != 2 || !strings.HasPrefix(lines[0], "large\t") || !strings.HasPrefix(lines[1], "small\t") {
		t.Errorf("the largest first, and none that met nothing:\n%s", out)
	}
	if out, _, code = s.run(t, "memory", "--late"); code != 0 || !strings.Contains(out, "aws.cloudtrail\tlarge\tab/1/2") || !strings.Contains(out, "1 h 5 min") {
		t.Errorf("exit %d, %q", code, out)
	}
	if out, _, code = s.run(t, "memory", "--json"); code != 0 || strings.Count(out, "\n") != 3 || !strings.Contains(out, `"rule":"quiet"`) {
		t.Errorf("exit %d, %q", code, out)
	}
}

// TestMemory_NotRunning: files do not know what a process holds.
func TestMemory_NotRunning(t *testing.T) {
	s := ruleWorld(0)
	s.backend = struct{ control.Backend }{}
	if _, msg, code := s.run(t, "memory"); code != fault.ExitMissing || !strings.Contains(msg, "error[not-running]") {
		t.Errorf("exit %d, %s", code, msg)
	}
}
