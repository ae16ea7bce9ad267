package lint

import (
	"fmt"
	"slices"

	"weir/internal/match/fold"
	"weir/internal/match/tree"
	"weir/rules"
)

// A rule is shadowed when whatever it finds another one finds too. Rules that say the same are found by their printed
// form. A rule that only asks for more than another is found by what the two have in common: the wider one is filed
// under the values of its narrowest part, one of which the other must have too. So each rule is held against a few
// others and not against thousands.

// maxSteps bounds the work of holding one rule against another.
const maxSteps = 4000

// shadows gathers the single-event rules of a set.
type shadows struct {
	list []*shape
	by   map[string][]*shape // wider rules by the values of their anchor
	same map[string]*shape   // the first rule of each log source and condition
}

// shape is one rule as far as shadows go.
type shape struct {
	rule  *rules.Rule
	root  *tree.Node
	parts []*tree.Node // that must hold together
	text  string
}

func newShadows() *shadows {
	return &shadows{by: map[string][]*shape{}, same: map[string]*shape{}}
}

// add takes a rule whose one condition is n.
func (s *shadows) add(r *rules.Rule, n *tree.Node) {
	n = n.Flat()
	x := &shape{rule: r, root: n, parts: []*tree.Node{n}, text: n.String()}
	if n.Op == tree.And {
		x.parts = flat(n, tree.And)
	}
	s.list = append(s.list, x)
	for _, v := range anchor(x.parts) {
		s.by[v] = append(s.by[v], x)
	}
	key := fmt.Sprintf("%v\x00%s", r.LogSource, x.text)
	if s.same[key] == nil {
		s.same[key] = x
	}
}

// each calls fn for every rule that another one makes needless, with that reason and what to do.
func (s *shadows) each(fn func(r *rules.Rule, why, do string)) {
	for _, x := range s.list {
		key := fmt.Sprintf("%v\x00%s", x.rule.LogSource, x.text)
		if first := s.same[key]; first != x {
			fn(x.rule, fmt.Sprintf("`%s` (%s) has the same condition", first.rule.ID, at(first.rule)), "remove one of the two")
			continue
		}
		if wide := s.wider(x); wide != nil {
			fn(x.rule, fmt.Sprintf("`%s` (%s) holds whenever it does", wide.rule.ID, at(wide.rule)),
				"keep it if its level or its text is worth a second alert, else remove it")
		}
	}
}

// at is the place of a rule.
func at(r *rules.Rule) string { return fmt.Sprintf("%s:%d", r.File, r.Line) }

// wider returns a rule that holds whenever x does, nil if none is found.
func (s *shadows) wider(x *shape) *shape {
	var found *shape
	seen := map[*shape]bool{x: true}
	for _, v := range values(x.root) {
		for _, y := range s.by[v] {
			if seen[y] || found != nil {
				continue
			}
			seen[y] = true
			p := prover{}
			// Rules of the same width shadow each other; the one that came first stays.
			if covers(y.rule.LogSource, x.rule.LogSource) && y.text != x.text && p.follows(x.root, y.root) {
				found = y
			}
		}
	}
	return found
}

// covers tells whether every event of the narrow log source is one of the wide one.
func covers(wide, narrow rules.LogSource) bool {
	part := func(w, n string) bool { return w == "" || w == n }
	return part(wide.Product, narrow.Product) && part(wide.Category, narrow.Category) && part(wide.Service, narrow.Service)
}

// anchor returns the values of the part with the fewest of them: whatever satisfies the whole has one of these. A rule
// without such a part is not looked for.
func anchor(parts []*tree.Node) []string {
	var best []string
	for _, p := range parts {
		if v := positive(p); len(v) > 0 && (best == nil || len(v) < len(best)) {
			best = v
		}
	}
	return best
}

// positive returns the values of a part that is a test of texts, or a choice of such tests; nil for others.
func positive(n *tree.Node) []string {
	switch n.Op {
	case tree.Leaf:
		if onText(n.Test) {
			return keysOf(n.Test)
		}
	case tree.Or:
		var out []string
		for _, k := range n.Kids {
			v := positive(k)
			if v == nil {
				return nil
			}
			out = append(out, v...)
		}
		return out
	}
	return nil
}

// values returns the keys of all tests of texts that are not ruled out.
func values(n *tree.Node) []string {
	var out []string
	n.Walk(func(n *tree.Node) bool {
		if n.Op == tree.Leaf && onText(n.Test) {
			out = append(out, keysOf(n.Test)...)
		}
		return n.Op != tree.Not
	})
	slices.Sort(out)
	return slices.Compact(out)
}

// keysOf returns a key for each value of a test.
func keysOf(t *tree.Test) []string {
	out := make([]string, len(t.Values))
	for i, v := range t.Values {
		out[i] = t.Field + "\x00" + fold.String(v)
	}
	return out
}

// prover tells whether one condition follows from another. It says no when it does not know.
type prover struct{ steps int }

// follows tells whether to holds for every event for which from does.
func (p *prover) follows(from, to *tree.Node) bool {
	if p.steps++; p.steps > maxSteps {
		return false
	}
	each := func(list []*tree.Node, fn func(*tree.Node) bool) bool {
		return !slices.ContainsFunc(list, func(k *tree.Node) bool { return !fn(k) })
	}
	toThis := func(k *tree.Node) bool { return p.follows(k, to) }
	fromThis := func(k *tree.Node) bool { return p.follows(from, k) }
	switch {
	case from.Op == tree.Or:
		return each(from.Kids, toThis)
	case to.Op == tree.And:
		return each(to.Kids, fromThis)
	case from.Op == tree.And && slices.ContainsFunc(from.Kids, toThis):
		return true
	case to.Op == tree.Or && slices.ContainsFunc(to.Kids, fromThis):
		return true
	case from.Op == tree.Not && to.Op == tree.Not:
		return p.follows(to.Kids[0], from.Kids[0])
	case from.Op == tree.Leaf && to.Op == tree.Leaf:
		return implies(from.Test, to.Test)
	}
	return false
}
