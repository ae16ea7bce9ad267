package correlate

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"weir/processors/correlate/clock"
	"weir/processors/correlate/keep"
	"weir/processors/correlate/kind"
)

// Restore reads a snapshot into an engine whose rules are set. The state of rules, or versions of rules, that do not
// run any more is left out. After an error the engine is as it was before.
func (en *Engine) Restore(r io.Reader) error {
	in, err := keep.NewReader(r)
	if err == nil {
		err = en.read(in)
	}
	if err != nil {
		return fmt.Errorf("reading state: %w", err)
	}
	return nil
}

// read reads a state and puts it in place of the engine's. It reads into a new engine: a state that turns out broken
// half-way must leave this one as it was, since the worker then goes on without a state.
func (en *Engine) read(in *keep.Reader) error {
	next := New(en.opts)
	first, err := in.Next()
	if errors.Is(err, io.EOF) {
		err = fmt.Errorf("%w: there is nothing in it", keep.ErrBroken)
	}
	if err != nil {
		return err
	}
	l := loading{en: next, d: keep.Decoder{B: first}}
	if err := l.begin(en); err != nil {
		return err
	}
	for {
		if err := l.items(); err != nil {
			return err
		}
		if l.d.B, err = in.Next(); errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	if err := l.finish(); err != nil {
		return err
	}
	en.take(next)
	return nil
}

// take puts another engine in place of this one.
func (en *Engine) take(next *Engine) {
	stats, late := en.stats, en.late
	*en = *next
	en.stats, en.late = stats, late
	for _, rs := range en.ordered() {
		rs.en = en
	}
}

// loading is a state that is read. Everything that the code relies on, such as order, is checked: a state is a file that
// anybody may have changed.
type loading struct {
	en    *Engine
	d     keep.Decoder
	rules []*ruleState // nil: does not run any more
	nodes map[*node][]*group
}

// begin reads what stands before the groups, for an engine with the rules of old.
func (l *loading) begin(old *Engine) error {
	en, d := l.en, &l.d
	en.clock = clock.Read(d, en.timing())
	en.desk.Clock(en.clock)
	en.desk.Read(d)
	en.touches = uint64(d.Number())
	if err := en.copyRules(old); err != nil {
		return err
	}
	for range d.Count() {
		id, hash := d.Text(), d.Text()
		l.rule(en.version(id, hash))
	}
	l.nodes = map[*node][]*group{}
	return l.broken("its beginning")
}

// rule reads how far the nodes of a rule are; rs is nil if it does not run any more.
func (l *loading) rule(rs *ruleState) {
	l.rules = append(l.rules, rs)
	nodes := l.d.Count()
	if rs != nil && nodes != len(rs.nodes) {
		l.d.Fail()
	}
	for i := 0; i < nodes && !l.d.Failed; i++ {
		n := &node{}
		if rs != nil {
			n = rs.nodes[i]
		}
		for _, t := range []*int64{&n.passed, &n.hold, &n.looked} {
			*t = l.d.Between(kind.LongAgo, kind.Farthest)
		}
	}
}

// broken returns the error of a part that cannot be, nil if it can.
func (l *loading) broken(part string) error {
	if l.d.Failed {
		return fmt.Errorf("%w: %s does not fit together", keep.ErrBroken, part)
	}
	return nil
}

// items reads the items of a frame.
func (l *loading) items() error {
	d := &l.d
	for len(d.B) > 0 && !d.Failed {
		what := d.B[0]
		d.B = d.B[1:]
		rule, place := d.Number(), d.Number()
		body := keep.Decoder{B: d.Bytes()}
		if d.Failed || rule >= len(l.rules) {
			d.Fail()
			break
		}
		rs := l.rules[rule]
		if rs == nil {
			continue
		}
		switch {
		case what == itemFold:
			rs.book.Read(&body)
		case what == itemGroup && place < len(rs.nodes):
			l.group(rs.nodes[place], &body)
		default:
			d.Fail()
		}
		if body.Failed || len(body.B) > 0 {
			d.Fail()
			return l.broken("what it holds of the rule " + rs.rule.ID)
		}
	}
	return l.broken("a part of it")
}

// group reads one group.
func (l *loading) group(n *node, d *keep.Decoder) {
	touched, level, turn, key := d.Number(), d.Number(), d.Number(), d.Text()
	if d.Failed || level >= kind.Levels || turn > 1<<16-1 || n.groups.byKey.find([]byte(key)) != nil {
		d.Fail()
		return
	}
	state, err := n.spec.Read(d.B)
	if err != nil || state.Empty() {
		d.Fail()
		return
	}
	d.B = nil
	g := newGroup([]byte(key), *state)
	g.touched, g.epoch, g.level, g.turn = uint64(touched), l.en.epoch, uint8(level), uint16(turn)
	n.groups.byKey.put(g)
	n.groups.due.Add(g, kind.Farthest)
	n.rs.groups++
	n.settle(g)
	l.nodes[n] = append(l.nodes[n], g)
}

// finish puts the groups into the order in which they were touched: a snapshot has them in the order in which they were
// written, which says nothing.
func (l *loading) finish() error {
	for n, list := range l.nodes {
		slices.SortFunc(list, func(a, b *group) int { return cmp.Or(cmp.Compare(a.touched, b.touched), strings.Compare(a.key, b.key)) })
		for _, g := range list {
			n.groups.lists[g.level].push(g)
		}
	}
	for _, rs := range l.rules {
		if rs != nil {
			rs.book.Finish()
			now := rs.book.Bytes()
			l.en.bytes += int64(now - rs.said)
			rs.said = now
		}
	}
	l.en.desk.Finish(&l.d)
	return l.broken("the order of what is unsaid")
}

// copyRules makes the rules of another engine, without state.
func (en *Engine) copyRules(old *Engine) error {
	en.sets = old.sets
	en.sets.former = map[string]*former{}
	for id, rs := range old.rules {
		next, err := en.newRuleState(rs.rule)
		if err != nil {
			return err
		}
		en.rules[id] = next
	}
	for key, f := range old.sets.former {
		next, err := en.newRuleState(f.rs.rule)
		if err != nil {
			return err
		}
		en.sets.former[key] = &former{next, f.until}
	}
	return nil
}
