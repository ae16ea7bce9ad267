package kqltest_test

import (
	"testing"

	"weir/event"
	"weir/internal/query"
	"weir/internal/query/kqltest"
)

// The predicate over one event is the first implementation.
func TestRun_predicate(t *testing.T) {
	kqltest.Run(t, func(src string, docs [][]byte) []int {
		q, err := query.Parse(src)
		if err != nil {
			t.Fatalf("%s: %v", src, err)
		}
		var out []int
		var e event.Event
		for i, d := range docs {
			if err := e.Decode(d); err != nil {
				t.Fatalf("document %d: %v", i, err)
			}
			if q.Match(&e) {
				out = append(out, i)
			}
		}
		return out
	})
}
