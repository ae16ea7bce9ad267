package spec

import (
	"errors"
	"fmt"
	"slices"

	"weir/rules/correlation"
)

// Formula is which steps must be there, as a tree in which only steps are negated.
type Formula struct {
	step int  // of a leaf
	not  bool // of a leaf
	any  bool // one of the parts, not all
	of   []*Formula
}

// maxDepth bounds how deep conditions nest.
const maxDepth = 64

// formulaOf makes the formula of a node; without a condition each step must be there.
func formulaOf(c *correlation.Correlate) (*Formula, error) {
	if len(c.Bounds) > 0 {
		return nil, fmt.Errorf("%s has no number that a bound could hold against", c.Kind)
	}
	if c.Logic == nil {
		f := &Formula{}
		for i := range c.Steps {
			f.of = append(f.of, &Formula{step: i})
		}
		return f, nil
	}
	return parse(c.Logic, c.Steps, false, 0)
}

// parse turns a condition into a formula. A not goes down to the steps, on its way and becomes or.
func parse(l *correlation.Logic, steps []correlation.Step, not bool, depth int) (*Formula, error) {
	// Rules come from people: what is nested without end would take the stack.
	if l == nil || depth > maxDepth {
		return nil, errors.New("the condition is empty, or nested too deep")
	}
	switch {
	case l.Step != "":
		i := slices.IndexFunc(steps, func(s correlation.Step) bool { return s.When == l.Step })
		if i < 0 {
			return nil, fmt.Errorf("the condition names %q, which is no step", l.Step)
		}
		return &Formula{step: i, not: not}, nil
	case l.Not != nil:
		return parse(l.Not, steps, !not, depth+1)
	}
	// Under a not, all becomes any and any becomes all: only leaves are negated then.
	list, any := l.And, not
	if len(list) == 0 {
		list, any = l.Or, !not
	}
	if len(list) == 0 {
		return nil, errors.New("the condition has an empty part")
	}
	f := &Formula{any: any}
	// The order of the parts does not matter: steps are done in the order in which the rule lists them.
	for _, part := range list {
		p, err := parse(part, steps, not, depth+1)
		if err != nil {
			return nil, err
		}
		f.of = append(f.of, p)
	}
	return f, nil
}

// Holds evaluates the formula. there tells whether a step is there; not says that it is asked for a negated one, for
// which another span counts.
func (f *Formula) Holds(there func(step int, not bool) bool) bool {
	if len(f.of) == 0 {
		return there(f.step, f.not) != f.not
	}
	for _, p := range f.of {
		if p.Holds(there) == f.any {
			return f.any
		}
	}
	return !f.any
}

// each calls fn for every leaf.
func (f *Formula) each(fn func(step int, not bool)) {
	if len(f.of) == 0 {
		fn(f.step, f.not)
	}
	for _, p := range f.of {
		p.each(fn)
	}
}

// negates tells whether there is a not in it.
func (f *Formula) negates() bool {
	found := false
	f.each(func(_ int, not bool) { found = found || not })
	return found
}

// Way is one set of steps that satisfies a formula: those that must be there, in their order, and those that must not.
type Way struct{ Steps, Without []int }

// ways returns the minimal sets that satisfy the formula.
func (f *Formula) ways() ([]Way, error) {
	all, err := f.expand()
	if err != nil {
		return nil, err
	}
	var out []Way
	// Of two that are the same the first stays; of two of which one asks for less, that one.
	for i, w := range all {
		if !slices.ContainsFunc(all[:i], func(o Way) bool { return o.within(w) }) &&
			!slices.ContainsFunc(all[i+1:], func(o Way) bool { return o.within(w) && !w.within(o) }) {
			out = append(out, w)
		}
	}
	for _, w := range out {
		if len(w.Steps) == 0 {
			return nil, errors.New("the condition can hold without any match: something in each part of it must be there")
		}
	}
	return out, nil
}

// within tells whether everything that w asks for, o asks for too.
func (w Way) within(o Way) bool {
	has := func(list []int) func(int) bool {
		return func(x int) bool { return !slices.Contains(list, x) }
	}
	return !slices.ContainsFunc(w.Steps, has(o.Steps)) && !slices.ContainsFunc(w.Without, has(o.Without))
}

// expand multiplies the formula out.
func (f *Formula) expand() ([]Way, error) {
	if len(f.of) == 0 {
		if f.not {
			return []Way{{Without: []int{f.step}}}, nil
		}
		return []Way{{Steps: []int{f.step}}}, nil
	}
	var out []Way
	for i, p := range f.of {
		list, err := p.expand()
		if err != nil {
			return nil, err
		}
		// The bound is held after each part, before products of products can grow.
		switch {
		case f.any || i == 0:
			out = append(out, list...)
		default:
			out = product(out, list)
		}
		if len(out) > maxWays {
			return nil, fmt.Errorf("the condition can be satisfied in more than %d ways", maxWays)
		}
	}
	return out, nil
}

// product joins each of a with each of b, and leaves out what another one makes needless.
func product(a, b []Way) []Way {
	var out []Way
	for _, x := range a {
		for _, y := range b {
			w := Way{union(x.Steps, y.Steps), union(x.Without, y.Without)}
			if slices.ContainsFunc(w.Steps, func(i int) bool { return slices.Contains(w.Without, i) }) ||
				slices.ContainsFunc(out, func(o Way) bool { return o.within(w) }) {
				continue // it can never hold, or holds whenever the other one does
			}
			out = append(slices.DeleteFunc(out, w.within), w)
			if len(out) > maxWays {
				return out
			}
		}
	}
	return out
}

// union joins two ordered lists. The result is ordered and has each step once, which is the order in which a sequence
// asks for them.
func union(a, b []int) []int {
	out := append(slices.Clone(a), b...)
	slices.Sort(out)
	return slices.Compact(out)
}
