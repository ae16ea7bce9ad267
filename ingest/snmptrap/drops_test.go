package snmptrap

import (
	"math"
	"testing"

	"weir/internal/testkit/frontdoor"
)

func TestDrops_CountsIncreases(t *testing.T) {
	var d drops
	var c frontdoor.Counter
	for _, step := range []struct {
		count uint32
		want  int
	}{{0, 0}, {5, 5}, {5, 5}, {3, 5}, {9, 9}} {
		d.saw(step.count, &c)
		if c.Drops() != step.want {
			t.Errorf("after %d: %d, want %d", step.count, c.Drops(), step.want)
		}
	}
}

func TestDrops_Wraps(t *testing.T) {
	var d drops
	var c frontdoor.Counter
	d.seen.Store(math.MaxUint32 - 1)
	d.saw(3, &c)
	if c.Drops() != 5 {
		t.Errorf("%d, want 5", c.Drops())
	}
}
