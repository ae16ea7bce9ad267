package alerts

import (
	"testing"
	"time"

	"weir/internal/alert"
)

// TestApply: changes of another time, or of a store that was lost, are taken over once, in any order, before their alert or
// after it; nothing of it is sent again.
func TestApply(t *testing.T) {
	list := []alert.Change{
		{Alert: id, Version: 1, Kind: alert.ToState, State: alert.Acknowledged, Assignee: "ana", By: "ana", Note: "looking", At: noon, Count: 1},
		{Alert: id, Version: 2, Kind: alert.ToState, State: alert.Closed, Verdict: alert.FalsePositive, Assignee: "ana", By: "ben", At: noon.Add(time.Minute), Count: 3},
		{Alert: id, Version: 3, Kind: alert.Note, State: alert.Closed, Verdict: alert.FalsePositive, Assignee: "ana", By: "cho", Note: "seen", At: noon.Add(time.Hour), Count: 3},
	}
	for name, order := range map[string][]int{"in order": {0, 1, 2}, "backwards": {2, 1, 0}, "twice": {0, 0, 2, 1, 2, 1}} {
		for _, before := range []bool{true, false} {
			s := open(t)
			if !before {
				put(t, s, sample(id, 3))
			}
			for _, i := range order {
				if err := s.Apply(t.Context(), list[i:i+1]); err != nil {
					t.Fatal(err)
				}
			}
			if before {
				put(t, s, sample(id, 3))
			}
			row := get(t, s, id)
			if row.State != alert.Closed || row.Verdict != alert.FalsePositive || row.Assignee != "ana" || row.By != "ben" || row.Version != 3 || !row.Changed.Equal(noon.Add(time.Minute)) {
				t.Errorf("%s, before the alert %v: %+v", name, before, row)
			}
			if got := scoreOfAddress(t, s); got != 0 {
				t.Errorf("%s, before the alert %v: a false positive weighs %f", name, before, got)
			}
			if line, err := s.line(t.Context()); err != nil || len(line) != 0 {
				t.Errorf("%s: %d are sent again, %v", name, len(line), err)
			}
			// What comes next has the next number.
			if row := change(t, s, id, to(alert.Open, "", "ana", "")); row.Version != 4 || row.Assignee != "ana" {
				t.Errorf("%s: %+v", name, row)
			}
		}
	}
}

// scoreOfAddress is that of the address of all samples.
func scoreOfAddress(t *testing.T, s *Store) float64 {
	t.Helper()
	list, err := s.Risks(t.Context(), noon, "203.0.113.5", 0)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) == 0 {
		return 0
	}
	return list[0].Score
}
