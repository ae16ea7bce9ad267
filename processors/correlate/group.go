package correlate

import (
	"unsafe"

	"weir/processors/correlate/clock"
	"weir/processors/correlate/fold"
	"weir/processors/correlate/kind"
)

// group is the state of one group of a correlation.
type group struct {
	key        string // its values, of Correlate.By
	state      kind.State
	prev, next *group      // neighbours in the list of its level
	fold       *fold.Group // where its last hit went
	touched    uint64      // number of the touch, by which a snapshot keeps the order of the lists
	epoch      uint32      // of the snapshot that has it
	place      int32       // in the queue of those that are due
	bytes      int32
	turn       uint16 // of the last time that what is too old was let go
	level      uint8
}

// compact is a group with its key beside it, as most keys are short: it is found by a look at one place. The key is never
// changed after it was put there.
type compact struct {
	group
	text [shortKey]byte
}

const shortKey = 24

// newGroup makes a group of a key, which is copied, in a given state.
func newGroup(key []byte, state kind.State) *group {
	if len(key) == 0 || len(key) > shortKey {
		return &group{key: string(key), state: state}
	}
	s := &compact{group: group{state: state}}
	s.key = unsafe.String(&s.text[0], copy(s.text[:], key))
	return &s.group
}

// groupOverhead is about what a group takes beside its key and its state: itself, its place in the map, and in the queue.
const groupOverhead = 160

// Place implements clock.Waiting.
func (g *group) Place() *int32 { return &g.place }

// Before implements clock.Waiting.
func (g *group) Before(o *group) bool { return g.key < o.key }

// groups holds the groups of one node, each in three ways: by key, by level in the order in which they were touched,
// and by the time at which they are due. The lists by level are what keeps a flood of groups, each seen once, from
// pushing out the few that are about to fire: an attacker who can make up source addresses must not be able to hide
// behind them.
type groups struct {
	byKey index
	lists [kind.Levels]groupList
	due   clock.Queue[*group]
	// The next one that a snapshot writes, and the list that it is in.
	cursor *group
	list   int
}

// groupList is a list from the longest untouched group to the latest.
type groupList struct{ first, last *group }

func newGroups() groups { return groups{byKey: newIndex()} }

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

// unlink takes a group out of its list, wherever it stands.
func (gs *groups) unlink(g *group) {
	if gs.cursor == g {
		gs.cursor = g.next
	}
	l := &gs.lists[g.level]
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

// around reads the neighbours of a group. What it returns means nothing.
func (g *group) around() uint64 {
	sum := uint64(0)
	for _, o := range [...]*group{g.prev, g.next} {
		if o != nil {
			sum += o.touched
		}
	}
	return sum
}

// put makes a new group known. It must be touched once it has its first match.
func (gs *groups) put(g *group) {
	gs.byKey.put(g)
	gs.lists[g.level].push(g)
	gs.due.Add(g, kind.Farthest)
}

// touch moves a group to the end of the list of its level, which may be a new one.
func (gs *groups) touch(g *group, number uint64) {
	gs.unlink(g)
	g.level = uint8(min(max(g.state.Progress(), 0), kind.Levels-1))
	g.touched = number
	gs.lists[g.level].push(g)
}

// remove lets a group go.
func (gs *groups) remove(g *group) {
	gs.byKey.remove(g)
	gs.unlink(g)
	gs.due.Remove(g)
}

// rewind begins to go through the groups for a snapshot.
func (gs *groups) rewind() { gs.list, gs.cursor = 0, gs.lists[0].first }

// next returns the next group that a snapshot does not have, nil if there is none or steps are used up.
func (gs *groups) next(epoch uint32, steps *int) *group {
	for ; *steps > 0; *steps-- {
		switch g := gs.cursor; {
		case g == nil && gs.list == len(gs.lists)-1:
			return nil
		case g == nil:
			gs.list++
			gs.cursor = gs.lists[gs.list].first
		default:
			gs.cursor = g.next
			if g.epoch != epoch {
				return g
			}
		}
	}
	return nil
}

// spare returns the group of a level that was not touched for the longest time, nil if all were touched after began: what
// has just come must not push itself out.
func (gs *groups) spare(level int, began uint64) *group {
	if g := gs.lists[level].first; g != nil && g.touched <= began {
		return g
	}
	return nil
}
