package main

import (
	"strings"
	"testing"
	"time"

	"weir/internal/signal"
)

// TestWorkloads: the streams are what the table says of them.
func TestWorkloads(t *testing.T) {
	for _, w := range workloads() {
		t.Run(w.name, func(t *testing.T) {
			st := newStream(w)
			groups, values, marks := map[string]bool{}, map[string]bool{}, 0
			last := time.Time{}
			for range 20_000 {
				s := st.next()
				if s.Time.Before(last) {
					t.Fatal("time goes back")
				}
				last = s.Time
				if s.Kind != signal.Match {
					marks++
					continue
				}
				groups[strings.Clone(s.Group[0])] = true
				user, ok := signal.Get(s.Packed, fieldUser)
				if ip, _ := signal.Get(s.Packed, fieldIP); !ok || ip != s.Group[0] {
					t.Fatalf("values %s of the group %q", s.Packed, s.Group)
				}
				values[strings.Clone(user)] = true
			}
			if marks == 0 || len(groups) > w.groups || len(groups) < min(w.groups, 15_000) || len(values) != w.values {
				t.Errorf("%d marks, %d groups, %d values", marks, len(groups), len(values))
			}
		})
	}
}

func TestStream_inTurn(t *testing.T) {
	st := newStream(workload{name: "x", rule: workloads()[0].rule, groups: 100, rate: 1000, values: 3})
	st.inTurn = true
	seen := map[string]int{}
	for range 100 {
		seen[strings.Clone(st.next().Group[0])]++
	}
	if len(seen) != 100 {
		t.Errorf("%d groups of a hundred", len(seen))
	}
}

// TestStream_noGarbage: what is collected while an engine is measured is the engine's.
func TestStream_noGarbage(t *testing.T) {
	st := newStream(workloads()[0])
	if n := testing.AllocsPerRun(1000, func() { st.next() }); n > 0.1 {
		t.Errorf("%v allocations for a signal", n)
	}
}
