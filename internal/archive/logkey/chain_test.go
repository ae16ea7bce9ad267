package logkey

import (
	"testing"

	"weir/internal/archive/manifest"
)

func TestChain(t *testing.T) {
	// Four keys, one after the other, at leaves 10, 20 and 30.
	r := newRing(t)
	keys := []string{r.Verifier()}
	var changes []Change
	for i := range 3 {
		k, err := r.Prepare()
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Settle(k.New); err != nil {
			t.Fatal(err)
		}
		keys = append(keys, k.New)
		changes = append(changes, Change{int64(10 * (i + 1)), k})
	}
	at := map[int64]int{0: 0, 10: 0, 11: 1, 20: 1, 21: 2, 30: 2, 31: 3, 1000: 3}
	for trusted := range keys {
		c := NewChain(keys[trusted], changes)
		for size, want := range at {
			if got := c.At(size); got != keys[want] {
				t.Errorf("trusting key %d, size %d: %s, want key %d", trusted, size, got, want)
			}
		}
		if len(c.Keys()) != 4 || len(c.Ignored) > 0 {
			t.Errorf("trusting key %d: %v, ignored %v", trusted, c.Keys(), c.Ignored)
		}
	}
	forged, err := newRing(t).Prepare()
	if err != nil {
		t.Fatal(err)
	}
	bad := changes[1].Key
	bad.NewSignature = nil
	for name, tc := range map[string]struct {
		changes []Change
		trusted int
		want    int // key at 1000
		ignored int
	}{
		"none":                     {nil, 2, 2, 0},
		"one by a stranger":        {append([]Change{{5, forged}}, changes...), 0, 3, 1},
		"twice the same":           {append(append([]Change{}, changes...), Change{40, changes[2].Key}), 0, 3, 1},
		"back to an older key":     {append(append([]Change{}, changes...), Change{40, manifest.Key{Old: keys[3], New: keys[0]}}), 1, 3, 1},
		"one is missing":           {[]Change{changes[0], changes[2]}, 0, 1, 1},
		"one that nobody signed":   {[]Change{changes[0], {20, bad}, changes[2]}, 0, 1, 2},
		"one missing, from behind": {[]Change{changes[0], changes[2]}, 3, 3, 1},
		"a stranger's key":         {[]Change{{5, forged}}, 0, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			c := NewChain(keys[tc.trusted], tc.changes)
			if c.At(1000) != keys[tc.want] || len(c.Ignored) != tc.ignored {
				t.Errorf("key %s, ignored %d", c.At(1000), len(c.Ignored))
			}
		})
	}
}
