package correlation

import (
	"fmt"
	"slices"
	"strings"
)

// Logic is which steps must be there. Exactly one of its parts is set.
type Logic struct {
	// A step's name.
	Step string
	And  []*Logic
	Or   []*Logic
	Not  *Logic
}

// Holds tells whether the logic holds where has tells which steps are there.
func (l *Logic) Holds(has func(step string) bool) bool {
	switch {
	case l.Not != nil:
		return !l.Not.Holds(has)
	case l.And != nil:
		return !slices.ContainsFunc(l.And, func(k *Logic) bool { return !k.Holds(has) })
	case l.Or != nil:
		return slices.ContainsFunc(l.Or, func(k *Logic) bool { return k.Holds(has) })
	}
	return has(l.Step)
}

// String writes the logic as a text that is read as the same.
func (l *Logic) String() string {
	if l == nil {
		return ""
	}
	join := func(list []*Logic, word string) string {
		parts := make([]string, len(list))
		for i, k := range list {
			parts[i] = k.String()
			// Brackets around all that could bind otherwise: who reads it need not know what binds least.
			if k.And != nil || k.Or != nil {
				parts[i] = "(" + parts[i] + ")"
			}
		}
		return strings.Join(parts, word)
	}
	switch {
	case l.Not != nil && l.Not.Step == "":
		return "not (" + l.Not.String() + ")"
	case l.Not != nil:
		return "not " + l.Not.String()
	case l.And != nil:
		return join(l.And, " and ")
	case l.Or != nil:
		return join(l.Or, " or ")
	}
	return l.Step
}

// Names are the steps that the logic names, each once, in its order.
func (l *Logic) Names() []string {
	var out []string
	l.walk(func(k *Logic) {
		if k.Step != "" && !slices.Contains(out, k.Step) {
			out = append(out, k.Step)
		}
	})
	return out
}

// Negated are the steps that the logic names below a not, each once.
func (l *Logic) Negated() []string {
	var out []string
	l.walk(func(k *Logic) {
		if k.Not != nil {
			for _, name := range k.Not.Names() {
				if !slices.Contains(out, name) {
					out = append(out, name)
				}
			}
		}
	})
	return out
}

// without tells whether the logic can hold where a step is not there.
func (l *Logic) without(step string) bool {
	for _, w := range l.ways() {
		if w.with>>slices.Index(l.Names(), step)&1 == 0 {
			return true
		}
	}
	return false
}

// Renamed returns the logic with other names for its steps.
func (l *Logic) Renamed(name func(string) string) *Logic {
	if l == nil {
		return nil
	}
	out := &Logic{Not: l.Not.Renamed(name)}
	if l.Step != "" {
		out.Step = name(l.Step)
	}
	for _, k := range l.And {
		out.And = append(out.And, k.Renamed(name))
	}
	for _, k := range l.Or {
		out.Or = append(out.Or, k.Renamed(name))
	}
	return out
}

// walk calls fn for the logic and its parts, the whole first.
func (l *Logic) walk(fn func(*Logic)) {
	if l == nil {
		return
	}
	fn(l)
	for _, k := range l.And {
		k.walk(fn)
	}
	for _, k := range l.Or {
		k.walk(fn)
	}
	l.Not.walk(fn)
}

// negates tells whether there is a not in it.
func (l *Logic) negates() bool {
	found := false
	l.walk(func(k *Logic) { found = found || k.Not != nil })
	return found
}

// pushed returns the logic with every not above a step: it is what engines work with. negative is whether a not stands
// above it.
func (l *Logic) pushed(negative bool) *Logic {
	switch {
	case l.Not != nil:
		return l.Not.pushed(!negative)
	case l.And != nil || l.Or != nil:
		// By De Morgan: what is denied turns into the other one, over denied parts.
		parts := make([]*Logic, 0, len(l.And)+len(l.Or))
		and := (l.And != nil) != negative
		for _, k := range append(slices.Clone(l.And), l.Or...) {
			k = k.pushed(negative)
			// Brackets that change nothing go: a and (b and c).
			switch {
			case and && k.And != nil:
				parts = append(parts, k.And...)
			case !and && k.Or != nil:
				parts = append(parts, k.Or...)
			default:
				parts = append(parts, k)
			}
		}
		if and {
			return &Logic{And: parts}
		}
		return &Logic{Or: parts}
	case negative:
		return &Logic{Not: &Logic{Step: l.Step}}
	}
	return &Logic{Step: l.Step}
}

// table is the logic for every choice of up to maxSteps steps, one bit each: with so few it is the shortest way to know
// whether it can hold at all.
type table []uint64

// tableOf makes the table over the given steps.
func (l *Logic) tableOf(steps []string) table {
	// 64 choices to a word; up to six steps fit into the one that there is at least.
	size := max(1, 1<<len(steps)/64)
	out := make(table, size)
	switch {
	case l.Not != nil:
		for i, w := range l.Not.tableOf(steps) {
			out[i] = ^w
		}
	case l.And != nil:
		// All choices, of which each part takes some away.
		for i := range out {
			out[i] = ^uint64(0)
		}
		for _, k := range l.And {
			for i, w := range k.tableOf(steps) {
				out[i] &= w
			}
		}
	case l.Or != nil:
		for _, k := range l.Or {
			for i, w := range k.tableOf(steps) {
				out[i] |= w
			}
		}
	default:
		out.step(slices.Index(steps, l.Step))
	}
	return out
}

// low has the bits of the choices, among 64, that have the first to sixth step.
var low = [6]uint64{0xaaaaaaaaaaaaaaaa, 0xcccccccccccccccc, 0xf0f0f0f0f0f0f0f0, 0xff00ff00ff00ff00, 0xffff0000ffff0000, 0xffffffff00000000}

// step fills the table of one step.
func (t table) step(at int) {
	for i := range t {
		switch {
		case at < 0:
		case at < len(low):
			t[i] = low[at]
		case i>>(at-len(low))&1 == 1:
			t[i] = ^uint64(0)
		}
	}
}

// Unsound says why a correlation of a kind cannot have the logic, "" if it can, and what to do.
func (l *Logic) Unsound(kind Kind) (why, do string) {
	possible, empty := l.possible(l.Names())
	switch {
	case !possible:
		return "the condition can never hold", "take out what denies another part"
	case empty:
		return "the condition holds when nothing happens at all", "name something that happens; what does not follow is found by `absence`"
	case kind == Sequence && len(l.ways()) > maxChoices:
		return fmt.Sprintf("the condition can come true in more than %d ways, each with an order of its own", maxChoices), "use `any_order`, or fewer steps"
	}
	return "", ""
}

// possible tells whether the logic holds for any choice of steps, and empty whether it does for none of them being there.
func (l *Logic) possible(steps []string) (possible, empty bool) {
	t := l.tableOf(steps)
	// Bits beyond the choices that there are mean nothing, and a not has set them.
	if len(steps) < len(low) {
		t[0] &= 1<<(1<<len(steps)) - 1
	}
	return slices.ContainsFunc(t, func(w uint64) bool { return w != 0 }), t[0]&1 == 1
}

// way is one way in which a logic comes true: the steps that must be there and those that must not, one bit each.
type way struct{ with, without uint32 }

// ways returns the least ways, at most a few more than maxChoices: parts that others say already are left out.
func (l *Logic) ways() []way { return l.waysOf(l.Names()) }

// waysOf is ways over given steps, which are the bits of what it returns.
func (l *Logic) waysOf(steps []string) []way {
	switch {
	case l.And != nil:
		out := []way{{}}
		for _, k := range l.And {
			var next []way
			for _, a := range out {
				for _, b := range k.waysOf(steps) {
					next = addWay(next, way{a.with | b.with, a.without | b.without})
				}
				// Some of so many could still go, but what it costs to find out is bounded.
				if len(next) > 4*maxChoices {
					return next
				}
			}
			if out = next; len(out) > maxChoices {
				return out
			}
		}
		return out
	case l.Or != nil:
		var out []way
		for _, k := range l.Or {
			for _, w := range k.waysOf(steps) {
				out = addWay(out, w)
			}
			if len(out) > maxChoices {
				return out
			}
		}
		return out
	case l.Not != nil:
		return []way{{without: 1 << slices.Index(steps, l.Not.Step)}}
	}
	return []way{{with: 1 << slices.Index(steps, l.Step)}}
}

// addWay adds a way unless it denies itself or another one says less, and takes out those that say more.
func addWay(list []way, w way) []way {
	// A way that asks for less covers all that ask for more: the shortest are enough to tell when the whole is true.
	covers := func(a, b way) bool { return a.with&^b.with == 0 && a.without&^b.without == 0 }
	if w.with&w.without != 0 || slices.ContainsFunc(list, func(o way) bool { return covers(o, w) }) {
		return list
	}
	return append(slices.DeleteFunc(list, func(o way) bool { return covers(w, o) }), w)
}
