package kind

import (
	"cmp"
	"crypto/sha256"
	"maps"
	"slices"

	"weir/processors/correlate/kind/match"
	"weir/processors/correlate/kind/pack"
	"weir/processors/correlate/kind/spec"
	"weir/processors/correlate/kind/timeline"
)

// Bounds of what a group remembers of its values.
const (
	maxValues = 1 << 15 // beyond it the longest unseen are forgotten
	longValue = 32      // a longer one is remembered by its SHA-256
)

// novel finds matches with a value that the group did not have before, once the group has been known for long enough.
// Matches are decided in their order when the cut has passed them; of those that are decided only the values and the
// times are kept.
type novel struct {
	spec *spec.Spec
	list timeline.List // not decided
	// When each value was last there. It is a list as long as it is short.
	few  []seen
	many map[string]int64
	kept int // values after the last time that old ones were let go
	// Times of the group's matches: as many as are needed to tell whether there was one in the time in which a group
	// learns. Of three that are close enough the middle one tells nothing.
	times []int64
	last  int64 // time of the last match that was decided
	lost  timeline.Rough
	cut   int64
}

// seen is when a value was last there.
type seen struct {
	value string
	t     int64
}

// maxFew is up to how many values a list is shorter than a map.
const maxFew = 8

func (g *novel) add(m *Match, _ Found) {
	if m.T < g.cut {
		return
	}
	if _, fresh := g.list.Insert(m); fresh {
		g.list.Crowded(g.spec)
	}
}

// pass decides in order what the cut has passed. A group that was silent for within knows nothing any more, and learns
// again.
func (g *novel) pass(cut int64, to Found) {
	g.cut = max(g.cut, cut)
	n := g.list.From(g.cut)
	for i, j := 0, 0; i < n; i = j {
		// One event may have matched several conditions: none of its matches is before another.
		for j = i + 1; j < n && Compare(g.list.At(i), g.list.At(j)) == 0; j++ {
		}
		for k := i; k < j; k++ {
			m := g.list.At(k)
			switch {
			case !g.fresh(m) || !g.learned(m.T):
			case g.spec.Completes:
				to.Complete(g.list.Completion(m, m.T, k, k+1))
			default:
				say(&g.list, k, to)
			}
		}
		for k := i; k < j; k++ {
			g.meet(g.list.At(k))
			g.remember(g.list.Last(k))
		}
	}
	drop(g.spec, &g.list, 0, n, to)
	if g.last < g.cut-g.spec.Within {
		g.few, g.many, g.kept, g.times = nil, nil, 0, nil
	}
}

// fresh tells whether the value of m was not there in the time before it.
func (g *novel) fresh(m *Match) bool {
	value, old := short(m.Value), m.T-g.spec.Within
	if g.many != nil {
		t, ok := g.many[value]
		return !ok || t < old
	}
	i := slices.IndexFunc(g.few, func(x seen) bool { return x.value == value })
	return i < 0 || g.few[i].t < old
}

// meet notes that the value of m was there.
func (g *novel) meet(m *Match) {
	value, old := short(m.Value), m.T-g.spec.Within
	if g.many == nil {
		if i := slices.IndexFunc(g.few, func(x seen) bool { return x.value == value }); i >= 0 {
			g.few[i].t = m.T
			return
		}
		if len(g.few) == maxFew {
			g.few = slices.DeleteFunc(g.few, func(x seen) bool { return x.t < old })
		}
		if len(g.few) < maxFew {
			g.few = append(g.few, seen{value, m.T})
			return
		}
		g.many, g.kept = make(map[string]int64, 2*maxFew), maxFew
		for _, x := range g.few {
			g.many[x.value] = x.t
		}
		g.few = nil
	}
	if g.many[value] = m.T; len(g.many) > max(2*g.kept, 2*maxFew) {
		g.forget(old)
	}
}

// forget lets go of values that are too old to matter, and if there are too many, of those that were not there for the
// longest time. It is called when their number has doubled, so it costs next to nothing for each.
func (g *novel) forget(old int64) {
	maps.DeleteFunc(g.many, func(_ string, t int64) bool { return t < old })
	if len(g.many) > maxValues {
		all := g.sorted()
		slices.SortStableFunc(all, func(a, b seen) int { return cmp.Compare(a.t, b.t) })
		for _, x := range all[:len(all)-maxValues/2] {
			delete(g.many, x.value)
		}
		g.lost = timeline.RoughLost
	}
	g.kept = min(len(g.many), maxValues/2)
}

// short returns what a value is remembered by.
func short(value string) string {
	if len(value) <= longValue {
		return value
	}
	sum := sha256.Sum256([]byte(value))
	return string(sum[:]) + "…"
}

// learned tells whether the group has a match in the time before t that is enough to know what is new.
func (g *novel) learned(t int64) bool {
	i, found := slices.BinarySearch(g.times, t-g.spec.Learn)
	if found {
		return true
	}
	return i > 0 && g.times[i-1] >= t-g.spec.Within
}

// remember notes the time of a match. With a gap of within less learn between two, any span in which a group learns
// that a time between them is in has one of the two in it.
func (g *novel) remember(t int64) {
	g.last = max(g.last, t)
	n := len(g.times)
	if n > 0 && g.times[n-1] >= t {
		return
	}
	gap := g.spec.Within - g.spec.Learn
	for ; n > 1 && t-g.times[n-2] <= gap; n-- {
		g.times = g.times[:n-1]
	}
	g.times = append(g.times, t)
	old, _ := slices.BinarySearch(g.times, t-g.spec.Within)
	if g.times = slices.Delete(g.times, 0, old); len(g.times) > maxValues {
		g.times = slices.Delete(g.times, 1, maxValues/2)
		g.lost = timeline.RoughLost
	}
}

// due is the earliest undecided match, else when the group has forgotten everything.
func (g *novel) due() int64 {
	switch {
	case g.list.Len() > 0:
		return g.list.Time(0)
	case g.last != LongAgo:
		return g.last + g.spec.Within
	}
	return LongAgo
}

func (g *novel) since() int64 { return g.list.Since(0) }

func (g *novel) empty() bool {
	return g.list.Len() == 0 && len(g.few) == 0 && len(g.many) == 0
}

// progress is how long the group has been known: a group that may tell what is new is worth more than one that is new.
func (g *novel) progress() int {
	if len(g.times) == 0 {
		return 0
	}
	if g.spec.Learn == 0 {
		return Levels - 2
	}
	return level(min(float64(g.last-g.times[0])/float64(g.spec.Learn), 1))
}

func (g *novel) peek() int64 { return g.list.Peek() }

func (g *novel) rough() timeline.Rough { return g.list.Rough | g.lost }

func (g *novel) bytes() int {
	return 200 + g.list.Bytes() + 32*cap(g.few) + 24*len(g.few) + 80*len(g.many) + 8*cap(g.times)
}

// sorted returns the values in their order.
func (g *novel) sorted() []seen {
	all := slices.Clone(g.few)
	for v, t := range g.many {
		all = append(all, seen{v, t})
	}
	slices.SortFunc(all, func(a, b seen) int { return cmp.Compare(a.value, b.value) })
	return all
}

// append writes the values in their order, so that one state is always the same bytes.
func (g *novel) append(e *pack.Writer) {
	e.Int(g.cut)
	e.Int(g.last)
	e.Byte(uint8(g.lost))
	g.list.Append(e)
	e.Count(g.kept)
	e.Flag(g.many != nil)
	all := g.sorted()
	e.Count(len(all))
	for _, x := range all {
		e.Text(x.value)
		e.Int(x.t)
	}
	e.Count(len(g.times))
	for _, t := range g.times {
		e.Int(t)
	}
}

// read keeps the form that was written, list or map: when a group lets go of old values depends on it.
func (g *novel) read(d *pack.Reader) {
	g.cut, g.last = match.ReadTime(d), match.ReadTime(d)
	g.lost = timeline.Rough(d.Byte(15))
	g.list = timeline.Read(d, g.spec)
	g.kept = d.Number(maxValues)
	if d.Flag() {
		g.many = map[string]int64{}
	}
	before := ""
	for i, n := 0, d.Count(2); i < n && !d.Failed; i++ {
		x := seen{d.Text(), match.ReadTime(d)}
		switch {
		case x.value == "" || x.value <= before || g.many == nil && i == maxFew || i > 2*maxValues:
			d.Fail()
		case g.many != nil:
			g.many[x.value] = x.t
		default:
			g.few = append(g.few, x)
		}
		before = x.value
	}
	for n := d.Count(1); n > 0 && !d.Failed; n-- {
		t := match.ReadTime(d)
		if k := len(g.times); k > maxValues || k > 0 && g.times[k-1] >= t {
			d.Fail()
		}
		g.times = append(g.times, t)
	}
}
