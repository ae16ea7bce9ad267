package correlation

import (
	"fmt"
	"strings"
	"testing"
)

func TestImpossible(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		kind   Kind
		bounds string
		can    bool
	}{
		{Count, "gte 1", true}, {Count, "lt 1", false}, {Count, "lte 1", true}, {Count, "eq 0", false}, {Count, "neq 1", true}, {Count, "lte 2 neq 1 neq 2", false},
		{Count, "lte 3 neq 1 neq 2 neq 2", true}, {Count, "gt 1 lt 2", false}, {Distinct, "gt 1 lt 3", true}, {Distinct, "eq 5 eq 6", false}, {Count, "gte 5 lte 4", false},
		{Sum, "lt 0", false}, {Sum, "lte 0", true}, {Sum, "gt 1 lt 2", true}, {Sum, "eq 1 neq 1", false}, {Avg, "lt -5", true}, {Avg, "gt 3 lt 3", false},
		{Median, "gte 3 lte 3", true}, {Median, "gt 3 lte 3", false}, {Percentile, "gte 3 lte 3 neq 3", false}, {Avg, "", true},
	} {
		var bounds []Bound
		fields := strings.Fields(tc.bounds)
		for i := 0; i < len(fields); i += 2 {
			var v float64
			_, _ = fmt.Sscan(fields[i+1], &v)
			bounds = append(bounds, Bound{fields[i], v})
		}
		if got := Impossible(tc.kind, bounds); (got == "") != tc.can {
			t.Errorf("%s %s: %q", tc.kind, tc.bounds, got)
		}
	}
}
