package pdf

import (
	"slices"
	"strconv"
	"testing"

	"weir/internal/report/doc"
)

// TestBars: the value of the highest bar is said, each label stands where there is room for it, and none on another.
func TestBars(t *testing.T) {
	for _, n := range []int{1, 2, 24, 31, 400} {
		b := &doc.Bars{Title: "Events"}
		for i := range n {
			b.Labels = append(b.Labels, strconv.Itoa(i+1))
			b.Values = append(b.Values, int64(i*1000))
		}
		_, texts := write(t, &doc.Document{Title: "t", Blocks: []doc.Block{{Bars: b}}})
		legiblePages(t, texts)
		var all []string
		for _, l := range texts {
			all = append(all, l.Text)
		}
		if !slices.Contains(all, "Events") || !slices.Contains(all, "1") {
			t.Errorf("%d bars: %v", n, all)
		}
		if top := map[int]string{2: "1,000", 24: "23,000", 31: "30,000", 400: "399,000"}[n]; top != "" && !slices.Contains(all, top) {
			t.Errorf("%d bars: the highest is not said: %v", n, all)
		}
	}
}

// TestBars_empty: no bars are no picture, and bars of nothing are no division by it.
func TestBars_empty(t *testing.T) {
	for _, b := range []*doc.Bars{{Title: "x"}, {Title: "x", Labels: []string{"1"}}, {Title: "x", Labels: []string{"1", "2"}, Values: []int64{0, 0}}, {Title: "x", Labels: []string{"1"}, Values: []int64{-5}}} {
		_, texts := write(t, &doc.Document{Title: "t", Blocks: []doc.Block{{Bars: b}}})
		legiblePages(t, texts)
	}
}
