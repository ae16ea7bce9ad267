package event

// arena hands out the memory of lists and objects of one event. It is made in blocks, so that what it gave stays where
// it is; Reset takes everything back and keeps the blocks.
type arena struct {
	blocks [][]Value
	block  int // the block in use
	used   int // of that block
}

// Sizes of the arena, in values.
const (
	arenaBlock = 128
	// arenaKeep bounds the blocks that a reset event keeps, so that one huge event does not stay in memory for ever.
	arenaKeep = 16
)

// take returns an empty slice with room for n values. The room is the caller's until release.
func (a *arena) take(n int) []Value {
	// Long lists get memory of their own, which the collector takes back after Reset.
	if n > arenaBlock/2 {
		return make([]Value, 0, n)
	}
	if len(a.blocks) == 0 || a.used+n > arenaBlock {
		if len(a.blocks) > 0 {
			a.block++
		}
		if a.block >= len(a.blocks) {
			a.blocks = append(a.blocks, make([]Value, arenaBlock))
		}
		a.used = 0
	}
	from := a.used
	a.used += n
	return a.blocks[a.block][from : from : from+n]
}

// push appends values to a list that take or push returned, or that is somebody else's: it never writes behind the end
// of a list that is full, so lists may be shared as long as they have no room.
func (a *arena) push(list []Value, vs ...Value) []Value {
	if len(list)+len(vs) > cap(list) {
		grown := a.take(max(2*len(list), len(list)+len(vs), 4))
		list = append(grown, list...)
	}
	return append(list, vs...)
}

// copy returns a list of its own with the values of vs, without room for more: what is appended to it later moves, so
// a list of the event never grows into another one.
func (a *arena) copy(vs []Value) []Value {
	if len(vs) == 0 {
		return nil
	}
	return append(a.take(len(vs)), vs...)
}

// release takes everything back. What was in it is cleared, so that no buffer stays alive through it.
func (a *arena) release() {
	if len(a.blocks) == 0 {
		return
	}
	for _, b := range a.blocks[:a.block] {
		clear(b)
	}
	clear(a.blocks[a.block][:a.used])
	if len(a.blocks) > arenaKeep {
		clear(a.blocks[arenaKeep:])
		a.blocks = a.blocks[:arenaKeep]
	}
	a.block, a.used = 0, 0
}
