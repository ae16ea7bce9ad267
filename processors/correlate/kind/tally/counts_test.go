package tally

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// Counts know what a map knows, of short values and long ones, while many come and go, and give memory back.
func TestCounts(t *testing.T) {
	var c counts
	model := map[string]int32{}
	rnd := rand.New(rand.NewPCG(6, 6))
	for i := range 60_000 {
		value := strings.Repeat("x", rnd.IntN(3)*11) + fmt.Sprint(rnd.IntN(1000))
		n := 1 + int32(rnd.IntN(3))
		if i%20_000 < 10_000 {
			c.add(value, n)
			model[value] += n
		} else if c.remove(value, n); model[value] <= n {
			delete(model, value)
		} else {
			model[value] -= n
		}
		if c.has(value) != (model[value] > 0) || c.len() != len(model) {
			t.Fatalf("%d: %q is there: %v, of %d; want %d of %d", i, value, c.has(value), c.len(), model[value], len(model))
		}
		if c.n > len(c.slots)/4*3 {
			t.Fatalf("%d: %d values in %d slots", i, c.n, len(c.slots))
		}
	}
	for value := range model {
		if !c.has(value) {
			t.Errorf("%q is not there", value)
		}
		c.remove(value, 1<<20)
	}
	if c.len() != 0 || len(c.slots) > keptSlots {
		t.Errorf("%d values are left in %d slots", c.len(), len(c.slots))
	}
}

// Values that differ in nothing but their end, their length or a zero byte are different ones.
func TestCounts_alike(t *testing.T) {
	var c counts
	values := []string{"", "\x00", "\x00\x00", "a", "a\x00", strings.Repeat("b", 22), strings.Repeat("b", 23), strings.Repeat("b", 24), strings.Repeat("b", 25)}
	for i, v := range values {
		if c.has(v) {
			t.Errorf("%q is there already", v)
		}
		if c.add(v, 1); c.len() != i+1 {
			t.Errorf("%d values, want %d", c.len(), i+1)
		}
	}
	c.remove("c", 1)
	c.remove(strings.Repeat("c", 30), 1)
	if c.len() != len(values) {
		t.Error("what was not there took something out")
	}
	if c.reset(); c.len() != 0 || c.has("a") {
		t.Error("something is left")
	}
}
