package kind

import "weir/rules"

// trailing is what the matches at the end of a list come to: those of the window that ends with the last one. As long as
// matches come in order it costs as much to follow as there are matches, however many the window holds.
//
// It covers the list from place lo on. Who takes matches out of the list tells it.
type trailing struct {
	lo    int
	tally tally
}

// follow takes in the match at the end of the list.
func (t *trailing) follow(l *list, s *Spec) {
	last := l.len() - 1
	m := l.at(last)
	switch s.window {
	case rules.Sliding:
		for t.lo < last && l.at(t.lo).T < m.T-s.within {
			t.tally.remove(l.weigh(t.lo, s))
			t.lo++
		}
	default:
		if t.lo < last && s.apart(l, last-1, last) {
			t.tally.reset()
			t.lo = last
		}
	}
	t.tally.add(l.weigh(last, s))
}

// apart tells whether two neighbours are in different tumbling windows or sessions.
func (s *Spec) apart(l *list, i, j int) bool {
	if s.window == rules.Tumbling {
		return s.start(l.at(i).T) != s.start(l.at(j).T)
	}
	return l.at(j).T-l.last(i) > s.within
}

// holds tells whether the correlation holds in what is covered.
func (t *trailing) holds(l *list) bool {
	return t.lo < l.len() && t.tally.holds(l.at(t.lo).T, l.at(l.len()-1).T)
}

// begin covers nothing, and from now on what comes after what is in the list.
func (t *trailing) begin(l *list) {
	t.tally.reset()
	t.lo = l.len()
}

// rebuild covers the window that ends with the last match, as if all had come in order.
func (t *trailing) rebuild(l *list, s *Spec) {
	t.begin(l)
	if n := l.len(); n > 0 {
		t.lo, _ = s.stretch(l, n-1)
		if s.window == rules.Sliding {
			t.lo = l.from(l.at(n-1).T - s.within)
		}
		t.cover(l, s, t.lo, n)
	}
}

// cover puts the matches from place i to before j in.
func (t *trailing) cover(l *list, s *Spec, i, j int) {
	for ; i < j; i++ {
		t.tally.add(l.weigh(i, s))
	}
}

// late takes in a match that was put into the middle of the list.
func (t *trailing) late(l *list, s *Spec, place int) {
	switch {
	case place > t.lo && place < l.len()-1:
		t.tally.add(l.weigh(place, s))
	case s.window == rules.Sliding && l.at(place).T < l.at(l.len()-1).T-s.within:
		t.lo++
	default:
		t.rebuild(l, s)
	}
}

// take makes ready for the matches from place i to before j being taken out of the list.
func (t *trailing) take(l *list, s *Spec, i, j int) {
	for k := max(i, t.lo); k < j; k++ {
		t.tally.remove(l.weigh(k, s))
	}
	t.lo -= max(min(j, t.lo)-i, 0)
}

// stretch returns which matches are in the tumbling window or session of the one at a place.
func (s *Spec) stretch(l *list, place int) (lo, hi int) {
	if s.window == rules.Tumbling {
		return l.from(s.start(l.at(place).T)), s.until(l, place)
	}
	for lo = place; lo > 0 && !s.apart(l, lo-1, lo); lo-- {
	}
	return lo, s.until(l, place)
}

// until returns the place after the tumbling window or session of the match at a place.
func (s *Spec) until(l *list, place int) int {
	if s.window == rules.Tumbling {
		return l.from(s.start(l.at(place).T) + s.within)
	}
	hi := place + 1
	for hi < l.len() && !s.apart(l, hi-1, hi) {
		hi++
	}
	return hi
}

// end is the least cut at which a match may be of no use: what comes then cannot be in a window with it.
func (s *Spec) end(t int64) int64 {
	if s.window == rules.Tumbling {
		return s.start(t) + s.within - 1
	}
	return t + s.within
}

// past returns how many matches nothing from cut on can share a window with, and the cut at which there are more. The
// last session begins at place last: it may be long, and is not looked through.
func (l *list) past(s *Spec, cut int64, last int) (n int, next int64) {
	switch s.window {
	case rules.Session:
		for n < l.len() {
			end := l.len()
			if n != last {
				end = s.until(l, n)
			}
			if next = s.end(l.last(end - 1)); next >= cut {
				return n, next
			}
			n = end
		}
		return n, Farthest
	case rules.Tumbling:
		n = l.from(s.start(cut))
	default:
		n = l.from(cut - s.within)
	}
	if n == l.len() {
		return n, Farthest
	}
	return n, s.end(l.at(n).T)
}
