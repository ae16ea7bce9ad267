package many

import (
	"fmt"
	"testing"
)

// TestRarestGram: values that begin and end alike are filed under what they differ in, so that a text with the usual
// beginning does not lead to all of them.
func TestRarestGram(t *testing.T) {
	t.Parallel()
	var values []string
	for i := range 900 {
		values = append(values, fmt.Sprintf("sha256=%04d=end", i+100))
	}
	g := newGrams(values)
	most := 0
	for _, list := range g.entries {
		most = max(most, len(list))
	}
	if most > 10 {
		t.Errorf("%d values under one gram", most)
	}
	for _, v := range values {
		if !g.in("x" + v + "y") {
			t.Fatalf("%s is not found", v)
		}
	}
}

// TestSameValueTwice: it is filed once.
func TestSameValueTwice(t *testing.T) {
	t.Parallel()
	g := newGrams([]string{"abcdef", "abcdef", "abcdef", "ab", "ab"})
	total := len(g.short)
	for _, list := range g.entries {
		total += len(list)
	}
	if total != 2 {
		t.Errorf("%d entries", total)
	}
}
