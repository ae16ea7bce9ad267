package correlate

import (
	"fmt"
	"io"

	"weir/processors/correlate/fold"
	"weir/processors/correlate/keep"
)

// Items of a snapshot. Each has its kind, the place of its rule in the list at the beginning and of its node in the rule,
// and its length before it.
const (
	itemGroup = 1
	itemFold  = 2
)

// shot is a snapshot that runs. It is of the moment at which it began: groups and folds that change while it runs are
// written before they do, the others in their turn. So an engine can go on between two parts of a snapshot, however
// large it is. All calls come from who calls the engine.
type shot struct {
	en    *Engine
	rules []*ruleState
	at    int // rule and node that are written
	node  int
	out   keep.Encoder // not taken yet
	item  keep.Encoder // scratch
}

// shoot begins a snapshot. There is one at a time; end ends it.
func (en *Engine) shoot() *shot {
	en.epoch++
	s := &shot{en: en, rules: en.ordered()}
	e := &s.out
	en.clock.Append(e)
	en.desk.Append(e)
	e.Count(int(en.touches))
	e.Count(len(s.rules))
	for i, rs := range s.rules {
		rs.place = i
		e.Text(rs.rule.ID)
		e.Text(rs.rule.Hash)
		rs.book.Rewind()
		e.Count(len(rs.nodes))
		for _, n := range rs.nodes {
			n.groups.rewind()
			e.Int(n.passed)
			e.Int(n.hold)
			e.Int(n.looked)
		}
	}
	en.shot = s
	en.desk.Shoot(en.epoch, func(b *fold.Book, write func(*keep.Encoder)) {
		for i, rs := range s.rules {
			if rs.book == b {
				s.fold(i, write)
			}
		}
	})
	return s
}

// end ends the snapshot, whether or not all of it was taken.
func (s *shot) end() {
	if s.en.shot == s {
		s.en.shot = nil
		s.en.desk.Shoot(s.en.epoch, nil)
	}
}

// before is asked before a group changes.
func (en *Engine) before(n *node, g *group) {
	if en.shot != nil && g.epoch != en.epoch {
		en.shot.group(n, g)
	}
}

// group writes a group.
func (s *shot) group(n *node, g *group) {
	g.epoch = s.en.epoch
	s.item.B = s.item.B[:0]
	s.item.Count(int(g.touched))
	s.item.Count(int(g.level))
	s.item.Count(int(g.turn))
	s.item.Text(g.key)
	s.item.B = g.state.Append(s.item.B)
	place := 0
	for i, x := range n.rs.nodes {
		if x == n {
			place = i
		}
	}
	s.put(itemGroup, n.rs.place, place)
}

// fold writes a fold group of a rule.
func (s *shot) fold(rule int, write func(*keep.Encoder)) {
	s.item.B = s.item.B[:0]
	write(&s.item)
	s.put(itemFold, rule, 0)
}

// put appends the item at hand.
func (s *shot) put(kind byte, rule, node int) {
	s.out.B = append(s.out.B, kind)
	s.out.Count(rule)
	s.out.Count(node)
	s.out.Bytes(s.item.B)
}

// most is how many groups are looked at in one part of a snapshot, be they written or not.
const most = 4096

// next appends about so many bytes of the snapshot to dst. More is false when that is all.
func (s *shot) next(dst []byte, size int) (part []byte, more bool) {
	steps := most
	for len(s.out.B) < size && steps > 0 && s.at < len(s.rules) {
		s.step(&steps)
	}
	dst = append(dst, s.out.B...)
	s.out.B = s.out.B[:0]
	return dst, s.at < len(s.rules)
}

// step writes one group or one fold group, or goes on to the next node or rule.
func (s *shot) step(steps *int) {
	rs := s.rules[s.at]
	if s.node < len(rs.nodes) {
		n := rs.nodes[s.node]
		if g := n.groups.next(s.en.epoch, steps); g != nil {
			s.group(n, g)
		} else if *steps > 0 {
			s.node++
		}
		return
	}
	*steps--
	s.item.B = s.item.B[:0]
	if rs.book.Next(&s.item) {
		s.put(itemFold, s.at, 0)
		return
	}
	s.at++
	s.node = 0
}

// partSize is about how much of a snapshot is made at a time.
const partSize = 64 << 10

// Snapshot writes the state: restored into an engine with the same rules and options, the same signals give the same
// alerts from then on. Counts of Stats are no part of it.
func (en *Engine) Snapshot(w io.Writer) error {
	out, err := keep.NewWriter(w)
	if err == nil {
		err = en.write(out)
	}
	if err == nil {
		err = out.Close()
	}
	if err != nil {
		return fmt.Errorf("writing state: %w", err)
	}
	return nil
}

// write writes all of the state at once.
func (en *Engine) write(out *keep.Writer) error {
	s := en.shoot()
	defer s.end()
	var part []byte
	for more := true; more; {
		part, more = s.next(part[:0], partSize)
		if err := out.Frame(part); err != nil {
			return err
		}
	}
	return nil
}
