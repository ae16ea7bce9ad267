package timeline

import (
	"math"
	"strings"

	"weir/processors/correlate/kind/match"
	"weir/processors/correlate/kind/spec"
	"weir/processors/correlate/kind/tally"
	"weir/rules/correlation"
)

// finest is of how many parts of a window matches are put together at first. How many a list holds, the spec says.
const finest = 64

// Rough is in what ways a group is not exact.
type Rough uint8

// RoughLost is the only one that others than the list bring about.
const (
	roughTimes   Rough = 1 << iota // matches stand for neighbours
	roughValues                    // different values are estimated
	RoughLost                      // matches were let go
	roughNumbers                   // numbers stand for others like them

	roughAll = roughTimes | roughValues | RoughLost | roughNumbers
)

// String says it to who reads an alert.
func (r Rough) String() string {
	var out []string
	for i, text := range [...]string{
		"times are rounded, there were too many matches to keep each",
		"the number of different values is an estimate, within about 5 percent",
		"matches were left out, there were too many to keep",
		"numbers are rounded, within about 2 percent",
	} {
		if r&(1<<i) != 0 {
			out = append(out, text)
		}
	}
	return strings.Join(out, "; ")
}

// lump is what was put together with a match that stands for more.
type lump struct {
	last int64
	sum  float64 // of the numbers of the others
}

// Crowded condenses a list that has become too long. It returns whether it did: places are others then.
//
// What stands at one step, has one value and lies close together becomes one match that stands for all of them, at
// first within a 64th of a window, then ever coarser. If that is not enough, values are estimated. If that is not
// enough either, the longest ago go.
func (l *List) Crowded(s *spec.Spec) bool {
	if l.Len() <= s.Limit {
		return false
	}
	l.Rough |= roughTimes
	if s.Kind == correlation.Median || s.Kind == correlation.Percentile {
		l.Rough |= roughNumbers
	}
	enough := s.Limit / 4 * 3
	for part := int64(finest); part >= 4; part /= 4 {
		if l.condense(s, s.Within/part); l.Len() <= enough {
			return true
		}
	}
	if s.Window == correlation.Session { // all of a session counts, however long it lasts
		if l.condense(s, match.Farthest); l.Len() <= enough {
			return true
		}
	}
	if s.Kind == correlation.Distinct && !l.Values.Made() {
		l.Rough |= roughValues
		l.Values.Make(s.Within)
		for _, x := range l.Live() {
			l.Values.Add(x.M.T, x.M.Value)
		}
		// Now that values are not told apart any more, many more are alike.
		if l.condense(s, s.Within/finest); l.Len() <= enough {
			return true
		}
	}
	l.Rough |= RoughLost
	l.Drop(0, l.Len()-enough)
	return true
}

// kin tells matches apart that must not be put together.
type kin struct {
	step   int32
	flags  uint8
	window int64
	value  string
	number int32
}

// alike is a number of all numbers that stand for one another where only their order counts: those that differ by two
// percent at most. It keeps their order.
func alike(x float64) int32 {
	switch {
	case x == 0:
		return 0
	case math.Abs(x) < 1e-9:
		return int32(math.Copysign(1, x))
	}
	const zero = 2000 // below the least logarithm that is asked for
	n := int32(math.Floor(math.Log(math.Abs(x))/math.Log(1.02))) + zero
	return int32(math.Copysign(float64(n), x))
}

// condense puts matches together that are alike and within a span.
func (l *List) condense(s *spec.Spec, within int64) {
	if l.lumps == nil {
		l.lumps = map[*match.Match]lump{}
	}
	open := map[kin]int{}
	live := l.Live()
	n := 0
	for i, x := range live {
		// What was said of one must be true of all that it stands for: hence the flags.
		k := kin{step: x.M.Step, flags: x.Flags}
		if !l.Values.Made() {
			k.value = x.M.Value
		}
		if s.Kind == correlation.Median || s.Kind == correlation.Percentile {
			k.number = alike(x.M.Number) // the whole lump counts as its first, so its numbers must be near
		}
		if s.Window == correlation.Tumbling {
			k.window = s.Start(x.M.T)
		}
		to, ok := open[k]
		if !ok || x.t-live[to].t > within || s.Window == correlation.Session && l.holdsTogether(live, n, i, to, s.Within) {
			open[k] = n
			live[n] = x
			n++
			continue
		}
		l.absorb(&live[to], x, l.Last(i), s)
	}
	clear(live[n:])
	l.items = l.items[:l.head+n]
}

// holdsTogether tells whether a session would fall apart without the match at place i, of which the first n places are
// condensed: then its time must stay, as must that of its last match.
func (l *List) holdsTogether(live []Item, n, i, to int, within int64) bool {
	if i+1 == len(live) {
		return true
	}
	end := l.Last(n - 1)
	if to == n-1 {
		end = max(end, l.Last(i))
	}
	return live[i+1].t-end > within
}

// absorb puts x, whose last match is at last, together with y.
func (l *List) absorb(y *Item, x Item, last int64, s *spec.Spec) {
	// The number of y itself stays in its match; the sum is of the others.
	b, ok := l.lumps[y.M]
	if !ok {
		b.last = y.M.T
	}
	b.last = max(b.last, last)
	b.sum += tally.Weigh(s, x.M).Number
	if x.More > 0 {
		b.sum += l.lumps[x.M].sum
		delete(l.lumps, x.M)
	}
	y.More = min(y.More+1+x.More, spec.MaxNeed)
	l.lumps[y.M] = b
	l.size -= x.bytes()
}

// Thin takes every second match of the middle half away, but none from before a time. The ends stay: the first ones may
// have begun something, and the latest ones are what is built on.
func (l *List) Thin(before int64) {
	live := l.Live()
	n := len(live)
	quarter := n / 4
	kept := quarter
	for j := quarter; j < n; j++ {
		if j < n-quarter && j%2 == 1 && live[j].t >= before {
			l.size -= live[j].bytes()
			continue
		}
		live[kept] = live[j]
		kept++
	}
	clear(live[kept:])
	l.items = l.items[:l.head+kept]
}
