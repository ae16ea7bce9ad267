package tally

import (
	"fmt"
	"slices"
	"sync"
	"testing"
)

// TestResults follows one message over two attempts.
func TestResults(t *testing.T) {
	var r Results
	all := []string{"a", "b", "c", "d"}
	if got := r.Left("m", all); !slices.Equal(got, all) {
		t.Fatalf("before the first attempt: %v", got)
	}
	r.Settle("m", "b", "")
	r.Settle("m", "d", "no such user")
	if got := r.Left("m", all); !slices.Equal(got, []string{"a", "c"}) {
		t.Errorf("after the first attempt: %v", got)
	}
	if got := r.Left("other", all); !slices.Equal(got, all) {
		t.Errorf("another message: %v", got)
	}
	r.Settle("m", "a", "")
	r.Settle("m", "c", "full")
	refused, taken := r.Finish("m")
	if !slices.Equal(refused, []string{"c: full", "d: no such user"}) || taken != 2 {
		t.Errorf("at the end: %v, %d", refused, taken)
	}
	if got := r.Left("m", all); !slices.Equal(got, all) || len(r.byID) != 0 || len(r.order) != 0 {
		t.Errorf("it is not forgotten: %v, %v, %v", got, r.byID, r.order)
	}
}

// TestResults_bound: messages that are never finished do not fill the memory; the oldest go first.
func TestResults_bound(t *testing.T) {
	var r Results
	for i := range 3 * bound {
		r.Settle(fmt.Sprint(i), "a", "")
	}
	if len(r.byID) != bound || len(r.order) != bound {
		t.Fatalf("%d messages, %d in order", len(r.byID), len(r.order))
	}
	if got := r.Left(fmt.Sprint(2*bound-1), []string{"a"}); len(got) != 1 {
		t.Error("an old one is still there")
	}
	if got := r.Left(fmt.Sprint(2*bound), []string{"a"}); len(got) != 0 {
		t.Error("a new one is gone")
	}
}

// TestResults_together is for the race detector.
func TestResults_together(t *testing.T) {
	var r Results
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			id := fmt.Sprint(i % 3)
			r.Settle(id, "a", "")
			r.Left(id, []string{"a", "b"})
			r.Finish(id)
		})
	}
	wg.Wait()
	if len(r.byID) != 0 {
		t.Errorf("left over: %v", r.byID)
	}
}
