package correlate

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// Each case is one group: the seconds at which matches arrive, in that order, and which of them are hits at the end.
func TestCounter(t *testing.T) {
	cases := []struct {
		name         string
		need         int
		within, fold int
		arrive, hits []int
	}{
		{"too few", 3, 10, 20, []int{0, 5}, nil},
		{"enough", 3, 10, 20, []int{0, 5, 10}, []int{0, 5, 10}},
		{"too slow", 3, 10, 20, []int{0, 5, 11}, nil},
		{"sliding", 3, 10, 20, []int{0, 5, 11, 14}, []int{5, 11, 14}},
		{"follows by itself", 3, 10, 20, []int{0, 5, 10, 30}, []int{0, 5, 10, 30}},
		{"follows too late", 3, 10, 20, []int{0, 5, 10, 31}, []int{0, 5, 10}},
		{"a chain of followers", 2, 1, 20, []int{0, 1, 20, 40, 60}, []int{0, 1, 20, 40, 60}},
		{"late, completes", 3, 10, 20, []int{0, 10, 5}, []int{0, 5, 10}},
		{"late, makes one before it a hit", 4, 10, 20, []int{9, 13, 18, 21, 21, 19}, []int{9, 13, 18, 19, 21, 21}},
		{"late, before the run", 3, 10, 20, []int{10, 12, 14, 5}, []int{5, 10, 12, 14}},
		{"late, too far before the run", 3, 10, 20, []int{10, 12, 14, 1}, []int{10, 12, 14}},
		{"late, joins two runs", 2, 1, 5, []int{0, 1, 8, 9, 4}, []int{0, 1, 4, 8, 9}},
		{"late, lets a lone one follow", 2, 1, 5, []int{0, 1, 9, 5}, []int{0, 1, 5, 9}},
		{"same second", 3, 1, 5, []int{7, 7, 7}, []int{7, 7, 7}},
		{"one is enough", 1, 1, 1, []int{3, 9}, []int{3, 9}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			rs := newRuleState(counting(c.need, time.Duration(c.within)*time.Second, time.Duration(c.fold)*time.Second))
			var k counter
			var got []int
			for i, s := range c.arrive {
				m := &match{t: int64(s) * 1e9, src: fmt.Sprintf("t/0/%d/0", i)}
				k.add(m, rs, func(f found) {
					if f.trigger != m {
						t.Error("the trigger is not what arrived")
					}
					got = append(got, int(f.m.t/1e9))
				})
			}
			slices.Sort(got)
			if !slices.Equal(got, c.hits) {
				t.Errorf("hits %v, want %v", got, c.hits)
			}
			if len(k.cold)+len(got) != len(c.arrive) {
				t.Errorf("%d cold and %d hits of %d", len(k.cold), len(got), len(c.arrive))
			}
		})
	}
}
