package term

import (
	"testing"
)

func TestSpark(t *testing.T) {
	block, ascii := &Face{}, &Face{ASCII: true}
	for name, x := range map[string]struct {
		values []int64
		block  string
		ascii  string
	}{
		"none":              {nil, "", ""},
		"zeros":             {[]int64{0, 0, 0}, "...", "..."},
		"one":               {[]int64{5}, "█", "@"},
		"steps":             {[]int64{1, 2, 3, 4, 5, 6, 7, 8}, "▁▂▃▄▅▆▇█", ":-=+*%#@"},
		"little is no zero": {[]int64{0, 1, 4112}, ".▁█", ".:@"},
	} {
		if got := block.Spark(x.values); got != x.block {
			t.Errorf("%s: %s, want %s", name, got, x.block)
		}
		if got := ascii.Spark(x.values); got != x.ascii {
			t.Errorf("%s: %s, want %s", name, got, x.ascii)
		}
	}
}

func TestBar(t *testing.T) {
	block, ascii := &Face{}, &Face{ASCII: true}
	for _, x := range []struct {
		part         float64
		block, ascii string
	}{
		{0, "", ""}, {100, "██████████", "##########"}, {50, "█████", "#####"}, {0.1, "▏", "#"}, {15.5, "█▌", "##"}, {200, "██████████", "##########"},
		{99.9, "██████████", "##########"},
	} {
		if got := block.Bar(x.part, 100, 10); got != x.block {
			t.Errorf("%v: %s, want %s", x.part, got, x.block)
		}
		if got := ascii.Bar(x.part, 100, 10); got != x.ascii {
			t.Errorf("%v: %s, want %s", x.part, got, x.ascii)
		}
	}
	if block.Bar(1, 0, 10) != "" || block.Bar(1, 1, 0) != "" {
		t.Error("a bar of nothing")
	}
}
