package app

import (
	"maps"
	"strconv"
	"testing"

	"weir/internal/ledger"
)

func TestBusiest(t *testing.T) {
	tests := []struct {
		name   string
		counts map[string]int64
		limit  int
		want   map[string]int64
	}{
		{"few", map[string]int64{"a": 1, "b": 2}, 2, map[string]int64{"a": 1, "b": 2}},
		{"more", map[string]int64{"a": 1, "b": 9, "c": 5, "d": 2}, 2, map[string]int64{"b": 9, "c": 5, ledger.Other: 3}},
		{"alike", map[string]int64{"c": 1, "b": 1, "a": 1}, 1, map[string]int64{"a": 1, ledger.Other: 2}},
		{"others are there already", map[string]int64{"a": 1, ledger.Other: 9, "b": 2}, 1, map[string]int64{ledger.Other: 12}},
		{"none wanted", map[string]int64{"a": 1, "b": 2}, 0, map[string]int64{ledger.Other: 3}},
		{"nothing", nil, 3, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := busiest(tt.counts, tt.limit); !maps.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// TestBusiest_Bounded: forged addresses make no more series than the limit, and none is lost from the sum.
func TestBusiest_Bounded(t *testing.T) {
	counts := map[string]int64{}
	for i := range 5000 {
		counts["syslog/"+strconv.Itoa(i)] = int64(i)
	}
	got := busiest(counts, 100)
	var sum int64
	for _, n := range got {
		sum += n
	}
	if len(got) != 101 || sum != 4999*5000/2 {
		t.Errorf("%d series with %d rows", len(got), sum)
	}
}
