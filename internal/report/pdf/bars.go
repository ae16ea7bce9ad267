package pdf

import (
	"weir/internal/report/doc"
	"weir/internal/term"
)

// barsHigh is the height of a histogram, without its title and labels.
const barsHigh = 70.0

// bars draws a histogram: the highest bar is as high as there is room, and its value is said.
func (s *sheet) bars(b *doc.Bars) {
	n := min(len(b.Labels), len(b.Values))
	if n == 0 {
		return
	}
	s.need(barsHigh + 40)
	f := s.font(false, noteSize)
	s.ink(grey)
	s.paragraph(f, f.legible(b.Title), left, right-left, noteSize)
	s.y += 10
	most := int64(0)
	for _, v := range b.Values[:n] {
		most = max(most, v)
	}
	f = s.font(false, 6.5)
	step := (right - left) / float64(n)
	told := -100.0 // where the last label ended
	for i := range n {
		x := left + float64(i)*step
		high := 0.0
		if v := b.Values[i]; v > 0 {
			high = max(0.8, barsHigh*float64(v)/float64(most)) // little is not nothing
		}
		s.box(x+step*0.12, s.y+barsHigh-high, step*0.76, high, barInk)
		if value := term.Count(b.Values[i]); b.Values[i] > 0 && (b.Values[i] == most || f.wide(value, 6.5) < step*0.9) {
			s.ink(ink)
			s.out.Text(min(x+(step-f.wide(value, 6.5))/2, right-f.wide(value, 6.5)), s.y+barsHigh-high-2, value)
		}
		if label := f.legible(b.Labels[i]); x+(step-f.wide(label, 6.5))/2 > told+4 {
			s.ink(grey)
			at := min(max(left, x+(step-f.wide(label, 6.5))/2), right-f.wide(label, 6.5))
			s.out.Text(at, s.y+barsHigh+9, label)
			told = at + f.wide(label, 6.5)
		}
	}
	s.line(left, s.y+barsHigh, right, grey)
	s.y += barsHigh + 18
}
