package control

import (
	"context"
	"reflect"
	"testing"
	"time"

	"weir/internal/control/memory"
	"weir/internal/fault"
)

// remembering is a backend that correlates.
type remembering struct {
	Backend
	state memory.State
}

func (r remembering) RuleMemory(context.Context) (memory.State, error) { return r.state, nil }

func TestRuleMemory(t *testing.T) {
	want := memory.State{Held: 3, Rules: []memory.Rule{{Rule: "a", Groups: 7, Bytes: 4096, Late: 1, LateBy: map[string]int64{"aws.cloudtrail": 1}}},
		Late: []memory.Late{{Rule: "a", EventID: "x/1/2", Dataset: "aws.cloudtrail", At: time.Unix(0, 0).UTC(), LateMS: 60_000}}}
	c := asked(t, remembering{state: want})
	got, err := c.RuleMemory(t.Context())
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := (&server{}).ruleMemory(t.Context()); fault.Code(err) != "version-mismatch" || fault.Exit(err) != fault.ExitMissing {
		t.Errorf("a backend that correlates nothing: %v", err)
	}
}
