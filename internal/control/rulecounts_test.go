package control

import (
	"context"
	"reflect"
	"testing"

	"weir/internal/control/cost"
	"weir/internal/fault"
)

// counting is a backend that matches rules.
type counting struct {
	Backend
	counts cost.Counts
}

func (c counting) RuleCounts(context.Context) (cost.Counts, error) { return c.counts, nil }

func TestRuleCounts(t *testing.T) {
	want := cost.Counts{Set: "abc", Events: 640, Rules: []cost.Rule{{Rule: "a", Candidates: 64, Hits: 3, Lacking: 1, TookNS: 6400}}}
	s := &server{backend: counting{counts: want}}
	got, err := s.ruleCounts(t.Context())
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	if ns := got.PerEvent(got.Rules[0]); ns != 10 {
		t.Errorf("%v ns for an event", ns)
	}
	if ns := (cost.Counts{}).PerEvent(cost.Rule{TookNS: 5}); ns != 0 {
		t.Errorf("of no events: %v", ns)
	}
	if _, err := (&server{}).ruleCounts(t.Context()); fault.Code(err) != "version-mismatch" || fault.Exit(err) != fault.ExitMissing {
		t.Errorf("a backend that matches no rules: %v", err)
	}
}
