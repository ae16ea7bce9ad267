package correlate

import (
	"container/heap"
	"strconv"
)

// levels is how finely groups are told apart by how close to firing they are; the highest level has fired.
const levels = 10

// group is the state of one group of a correlation.
type group struct {
	key    string
	fold   string   // key of the fold group
	values []string // of Correlate.By
	count  *counter
	seq    *sequence

	level      int
	prev, next *group // neighbours in the list of its level
	due        int64  // time in the heap: not later than the group's end
	place      int    // in the heap
}

// add takes a match and calls fn for what it was found to be, and what others became by it.
func (g *group) add(m *match, rs *ruleState, fn func(found)) {
	if g.count != nil {
		g.count.add(m, rs, fn)
	} else {
		g.seq.add(m, rs, fn)
	}
}

// prune lets go of what no match from cut on can reach.
func (g *group) prune(cut int64, rs *ruleState) {
	if g.count != nil {
		g.count.prune(cut, rs)
	} else {
		g.seq.prune(cut, rs)
	}
}

// expires returns the time after which nothing of the group is needed.
func (g *group) expires(rs *ruleState) int64 {
	if g.count != nil {
		return g.count.expires(rs)
	}
	return g.seq.expires(rs)
}

// progress tells how far the group is on the way to firing, from 0 to levels-1.
func (g *group) progress(rs *ruleState) int {
	if g.count != nil {
		return g.count.progress(rs)
	}
	return g.seq.progress(rs)
}

// groups holds the groups of one rule, each in three ways: by key, by level in the order in which they were touched,
// and by the time at which they end. The lists by level are what keeps a flood of groups, each seen once, from pushing
// out the few that are about to fire: an attacker who can make up source addresses must not be able to hide behind
// them.
type groups struct {
	byKey  map[string]*group
	lists  [levels]groupList
	ending groupHeap
}

// groupList is a list from the longest untouched group to the latest.
type groupList struct{ first, last *group }

// push puts a group at the end, as the one touched last.
func (l *groupList) push(g *group) {
	g.prev, g.next = l.last, nil
	if l.last != nil {
		l.last.next = g
	} else {
		l.first = g
	}
	l.last = g
}

// remove takes a group out, wherever it stands.
func (l *groupList) remove(g *group) {
	if g.prev != nil {
		g.prev.next = g.next
	} else {
		l.first = g.next
	}
	if g.next != nil {
		g.next.prev = g.prev
	} else {
		l.last = g.prev
	}
	g.prev, g.next = nil, nil
}

// put makes a new group known. It must be touched once it has its first match.
func (gs *groups) put(g *group) {
	gs.byKey[g.key] = g
	gs.lists[g.level].push(g)
	g.due = farthest
	heap.Push(&gs.ending, g)
}

// touch moves a group to the end of the list of its level, which may be a new one. The heap is only told of an
// earlier end: a later one is found when the group's old turn comes.
func (gs *groups) touch(g *group, rs *ruleState) {
	gs.lists[g.level].remove(g)
	g.level = g.progress(rs)
	gs.lists[g.level].push(g)
	if at := g.expires(rs); at < g.due {
		g.due = at
		heap.Fix(&gs.ending, g.place)
	}
}

// remove lets a group go.
func (gs *groups) remove(g *group) {
	delete(gs.byKey, g.key)
	gs.lists[g.level].remove(g)
	heap.Remove(&gs.ending, g.place)
}

// advance removes the groups that ended before cut.
// The heap may name an end that is too early, never one that is too late; a group whose turn comes too early is put back.
func (gs *groups) advance(cut int64, rs *ruleState) {
	for len(gs.ending) > 0 && gs.ending[0].due < cut {
		g := gs.ending[0]
		if at := g.expires(rs); at >= cut {
			g.due = at
			heap.Fix(&gs.ending, 0)
			g.prune(cut, rs)
			continue
		}
		gs.remove(g)
	}
}

// evict removes the group that is furthest from firing, the longest untouched of those, but not spare.
// spare is the group of the signal at hand: what has just come must not push itself out.
func (gs *groups) evict(spare *group) {
	for i := range gs.lists {
		g := gs.lists[i].first
		if g == spare && g != nil {
			g = g.next
		}
		if g != nil {
			gs.remove(g)
			return
		}
	}
}

// groupHeap orders groups by the time at which they may end.
type groupHeap []*group

func (h groupHeap) Len() int           { return len(h) }
func (h groupHeap) Less(i, j int) bool { return h[i].due < h[j].due }
func (h groupHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i, j
}

// Push is called by container/heap.
func (h *groupHeap) Push(x any) {
	g := x.(*group)
	g.place = len(*h)
	*h = append(*h, g)
}

// Pop is called by container/heap.
func (h *groupHeap) Pop() any {
	old := *h
	g := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return g
}

// keyOf joins values so that no two lists of values give the same key.
func keyOf(values []string) string {
	n := 0
	for _, v := range values {
		n += len(v) + 4
	}
	b := make([]byte, 0, n)
	for _, v := range values {
		b = strconv.AppendInt(b, int64(len(v)), 10)
		b = append(append(b, ':'), v...)
	}
	return string(b)
}
