package timeline

import (
	"weir/processors/correlate/kind/match"
	"weir/processors/correlate/kind/spec"
	"weir/processors/correlate/kind/tally"
	"weir/rules/correlation"
)

// Trailing is what the matches at the end of a list come to: those of the window that ends with the last one. As long as
// matches come in order it costs as much to follow as there are matches, however many the window holds.
//
// It covers the list from place lo on. Who takes matches out of the list tells it.
type Trailing struct {
	Lo    int         // the first place that is covered
	Tally tally.Tally // of all from there on
}

// Follow takes in the match at the end of the list.
func (t *Trailing) Follow(l *List, s *spec.Spec) {
	last := l.Len() - 1
	switch s.Window {
	case correlation.Sliding:
		for from := l.Time(last) - s.Within; t.Lo < last && l.Time(t.Lo) < from; {
			t.Tally.Remove(l.Weigh(t.Lo, s))
			t.Lo++
		}
	// Of the others a window is left at once, with all that was in it.
	default:
		if t.Lo < last && l.apart(s, last-1, last) {
			t.Tally.Reset()
			t.Lo = last
		}
	}
	t.Tally.Add(l.Weigh(last, s))
}

// apart tells whether two neighbours are in different tumbling windows or sessions.
func (l *List) apart(s *spec.Spec, i, j int) bool {
	if s.Window == correlation.Tumbling {
		return s.Start(l.Time(i)) != s.Start(l.Time(j))
	}
	return l.Time(j)-l.Last(i) > s.Within
}

// Holds tells whether the correlation holds in what is covered.
func (t *Trailing) Holds(l *List) bool {
	return t.Lo < l.Len() && t.Tally.Holds(l.Time(t.Lo), l.Time(l.Len()-1))
}

// Begin covers nothing, and from now on what comes after what is in the list.
func (t *Trailing) Begin(l *List) {
	t.Tally.Reset()
	t.Lo = l.Len()
}

// Rebuild covers the window that ends with the last match, as if all had come in order.
func (t *Trailing) Rebuild(l *List, s *spec.Spec) {
	t.Begin(l)
	if n := l.Len(); n > 0 {
		t.Lo, _ = l.Stretch(s, n-1)
		if s.Window == correlation.Sliding {
			t.Lo = l.From(l.Time(n-1) - s.Within)
		}
		t.Cover(l, s, t.Lo, n)
	}
}

// Cover puts the matches from place i to before j in.
func (t *Trailing) Cover(l *List, s *spec.Spec, i, j int) {
	for ; i < j; i++ {
		t.Tally.Add(l.Weigh(i, s))
	}
}

// Late takes in a match that was put into the middle of the list.
func (t *Trailing) Late(l *List, s *spec.Spec, place int) {
	switch {
	case place > t.Lo && place < l.Len()-1:
		t.Tally.Add(l.Weigh(place, s))
	case s.Window == correlation.Sliding && l.Time(place) < l.Time(l.Len()-1)-s.Within:
		t.Lo++
	default:
		t.Rebuild(l, s)
	}
}

// Take makes ready for the matches from place i to before j being taken out of the list.
func (t *Trailing) Take(l *List, s *spec.Spec, i, j int) {
	for k := max(i, t.Lo); k < j; k++ {
		t.Tally.Remove(l.Weigh(k, s))
	}
	t.Lo -= max(min(j, t.Lo)-i, 0)
}

// Stretch returns which matches are in the tumbling window or session of the one at a place.
func (l *List) Stretch(s *spec.Spec, place int) (lo, hi int) {
	if s.Window == correlation.Tumbling {
		return l.From(s.Start(l.Time(place))), l.Until(s, place)
	}
	// Sessions have no bounds but their pauses, so these are looked for.
	for lo = place; lo > 0 && !l.apart(s, lo-1, lo); lo-- {
	}
	return lo, l.Until(s, place)
}

// Until returns the place after the tumbling window or session of the match at a place.
func (l *List) Until(s *spec.Spec, place int) int {
	if s.Window == correlation.Tumbling {
		return l.From(s.Start(l.Time(place)) + s.Within)
	}
	hi := place + 1
	for hi < l.Len() && !l.apart(s, hi-1, hi) {
		hi++
	}
	return hi
}

// Past returns how many matches nothing from cut on can share a window with, and the cut at which there are more. The
// last session begins at place last: it may be long, and is not looked through.
func (l *List) Past(s *spec.Spec, cut int64, last int) (n int, next int64) {
	switch s.Window {
	case correlation.Session:
		for n < l.Len() {
			end := l.Len()
			if n != last {
				end = l.Until(s, n)
			}
			if next = s.End(l.Last(end - 1)); next >= cut {
				return n, next
			}
			n = end
		}
		return n, match.Farthest
	case correlation.Tumbling:
		n = l.From(s.Start(cut))
	default:
		n = l.From(cut - s.Within)
	}
	if n == l.Len() {
		return n, match.Farthest
	}
	return n, s.End(l.Time(n))
}
