package detect

import (
	"encoding/binary"
	"slices"
	"sync"
	"sync/atomic"

	"weir/event"
	"weir/internal/match"
	"weir/rules/pipelines"
)

// classes are the sets of conditions by the class of events that they are for, each made when the first event of the
// class comes by. There are some dozens, and never more than pipelines gives classes. Reading takes no lock.
type classes struct {
	list atomic.Pointer[[]*class] // by pipelines.Class

	mu   sync.Mutex
	same map[string]*class // by the conditions: classes without rules of their own share a set
}

// class is the conditions for the events of one class. It is immutable.
type class struct {
	set   *match.Set
	conds []uint32 // places in the engine's list, ascending
}

// class returns the conditions for an event.
func (en *Engine) class(e *event.Event) *class {
	id := en.pipes.Classify(e)
	if id == 0 {
		id = en.assumed
	}
	if list := en.classes.list.Load(); list != nil && int(id) < len(*list) && (*list)[id] != nil {
		return (*list)[id]
	}
	return en.build(id)
}

// build makes the set of a class. Whoever else needs one waits: making it twice would take longer.
func (en *Engine) build(id pipelines.Class) *class {
	cs := en.classes
	cs.mu.Lock()
	defer cs.mu.Unlock()
	var list []*class
	if old := cs.list.Load(); old != nil {
		list = *old
	}
	if int(id) < len(list) && list[id] != nil {
		return list[id]
	}
	c := cs.of(en, en.covered(id))
	next := make([]*class, max(len(list), int(id)+1))
	copy(next, list)
	next[id] = c
	cs.list.Store(&next)
	return c
}

// covered returns the conditions of the rules for a class: of events of which nothing is known, all.
func (en *Engine) covered(id pipelines.Class) []uint32 {
	var conds []uint32
	for i := range en.conds {
		if id == 0 || en.pipes.Covers(id, en.conds[i].source) {
			conds = append(conds, uint32(i))
		}
	}
	return conds
}

// of returns the class of some conditions. The caller holds the lock.
func (cs *classes) of(en *Engine, places []uint32) *class {
	key := make([]byte, 0, 4*len(places))
	for _, i := range places {
		key = binary.LittleEndian.AppendUint32(key, i)
	}
	if c := cs.same[string(key)]; c != nil {
		return c
	}
	conds := make([]*match.Cond, len(places))
	for k, i := range places {
		conds[k] = en.conds[i].cond
	}
	c := &class{set: match.NewSet(conds), conds: slices.Clip(places)}
	if cs.same == nil {
		cs.same = map[string]*class{}
	}
	cs.same[string(key)] = c
	return c
}
