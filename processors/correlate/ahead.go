package correlate

import (
	"weir/internal/signal"
	"weir/processors/correlate/fold"
)

// Lookahead is how many signals are looked at ahead. What a processor has near holds what they touch, and its queue of what it
// waits for is not much longer.
const Lookahead = 16

// Ahead looks at what the signals touch that come next, Lookahead of them at the most, and changes nothing: it is there for
// speed alone. Of a large state nothing is near the processor. A signal finds one thing by another, and waits for each; here
// all of them wait together.
func (en *Engine) Ahead(list []signal.Signal) {
	var nodes [Lookahead]*node
	var hashes [Lookahead]uint64
	var near [Lookahead]*group
	sum := uint64(0)
	list = list[:min(len(list), Lookahead)]
	for i := range list {
		if n := en.nodeOf(&list[i]); n != nil {
			x := &n.groups.byKey
			nodes[i], hashes[i] = n, x.hash(en.keyOf(&list[i]))
			sum += x.slots[x.home(hashes[i])].hash
		}
	}
	for i, n := range nodes {
		if n == nil {
			continue
		}
		if g := n.groups.byKey.guess(hashes[i]); g != nil {
			near[i] = g
			sum += g.touched
		}
	}
	for i, g := range near {
		if g != nil {
			sum += uint64(nodes[i].groups.due.Due(g)) + g.around() + uint64(g.state.Peek())
		}
	}
	en.ahead += sum
}

// nodeOf returns the correlation that takes a signal, nil if none does.
func (en *Engine) nodeOf(s *signal.Signal) *node {
	if s.Kind != signal.Match || len(s.Group) == 0 {
		return nil
	}
	rs := en.version(s.Rule, s.Hash)
	if rs == nil {
		return nil
	}
	if c := rs.cond(s.When); c != nil {
		return c.node
	}
	return nil
}

// keyOf returns the key of the group of a signal. It is good until the next is asked for.
func (en *Engine) keyOf(s *signal.Signal) []byte {
	en.scratch = en.scratch[:0]
	for _, v := range s.Group {
		en.scratch = fold.AppendValue(en.scratch, v)
	}
	return en.scratch
}
