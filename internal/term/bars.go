package term

import (
	"math"
	"strings"
)

// The eight heights and eighths of a cell, and what stands for them where there are no block characters. A point is
// zero in both, so that nothing and little differ.
var (
	heights      = []rune("▁▂▃▄▅▆▇█")
	heightsASCII = []rune(":-=+*%#@")
	eighths      = []rune("▏▎▍▌▋▊▉█")
)

// Spark draws one character a value, the highest value in full height.
// It scales to its own highest value: two sparks side by side cannot be compared by height.
func (f *Face) Spark(values []int64) string {
	signs := heights
	if f.ASCII {
		signs = heightsASCII
	}
	top := int64(0)
	for _, v := range values {
		top = max(top, v)
	}
	var b strings.Builder
	for _, v := range values {
		if v <= 0 {
			b.WriteByte('.')
			continue
		}
		i := int(math.Ceil(float64(v)/float64(top)*float64(len(signs)))) - 1
		b.WriteRune(signs[min(max(i, 0), len(signs)-1)])
	}
	return b.String()
}

// Bar draws a horizontal bar of part in whole, whole being cells wide. Anything above nothing shows. Eighths of a cell
// are what a terminal can do; in ASCII a bar is rounded to whole cells, so two near values may look alike: the number
// always stands beside it.
func (f *Face) Bar(part, whole float64, cells int) string {
	if part <= 0 || whole <= 0 || cells <= 0 {
		return ""
	}
	share := min(part/whole, 1) * float64(cells)
	if f.ASCII {
		return strings.Repeat("#", max(1, int(math.Round(share))))
	}
	full := int(share)
	b := strings.Repeat("█", full)
	if rest := int(math.Round((share - float64(full)) * 8)); rest > 0 {
		b += string(eighths[rest-1])
	} else if full == 0 {
		b = string(eighths[0])
	}
	return b
}
