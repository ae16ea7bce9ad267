package pipelines

import (
	"slices"
	"testing"
)

func TestReads(t *testing.T) {
	t.Parallel()
	got := Shipped().Reads()
	if !slices.IsSorted(got) || !slices.Contains(got, "event.dataset") || !slices.Contains(got, "winlog.channel") {
		t.Errorf("the fields that tell classes apart: %v", got)
	}
	if slices.Contains(got, "message") || len(slices.Compact(slices.Clone(got))) != len(got) {
		t.Errorf("too many: %v", got)
	}
}
