package coverage

import (
	"slices"

	"weir/internal/match"
	"weir/internal/match/tree"
	"weir/internal/match/tree/kind"
	"weir/rules"
)

// fieldsOf returns the fields that the conditions of a rule read, and what an event must have for it to fire. A rule
// over time needs all conditions that its steps name, if not in one event, then in some.
func fieldsOf(r *rules.Rule, lists match.Lists) (fields []string, need [][]string) {
	for _, c := range r.When {
		n := c.Tree
		if n == nil {
			cond, err := match.Compiler{Lists: lists}.Compile(c.Expr)
			if err != nil {
				continue // it runs, so it compiles; without its list it says nothing
			}
			n = cond.Tree()
		}
		n.Walk(func(k *tree.Node) bool {
			if k.Op == tree.Leaf && k.Test.Field != "" && k.Test.Field != tree.Any && !slices.Contains(fields, k.Test.Field) {
				fields = append(fields, k.Test.Field)
			}
			return true
		})
		if r.Correlate == nil || r.Correlate.Requires(c.Name) {
			for _, any := range needs(n, true) {
				if !slices.ContainsFunc(need, func(have []string) bool { return slices.Equal(have, any) }) {
					need = append(need, any)
				}
			}
		}
	}
	slices.Sort(fields)
	return fields[:min(len(fields), maxFields)], need
}

// needs returns lists of fields of which an event must have one each, or the condition cannot hold: not all that it needs,
// but nothing that it does not. should is false below a not.
func needs(n *tree.Node, should bool) [][]string {
	switch {
	case n.Op == tree.Not:
		return needs(n.Kids[0], !should)
	case n.Op == tree.Leaf:
		if field := needed(n.Test, should); field != "" {
			return [][]string{{field}}
		}
		return nil
	case (n.Op == tree.And) == should: // all of them; nor is a not of it with any
		var out [][]string
		for _, k := range n.Kids {
			out = append(out, needs(k, should)...)
		}
		return out
	}
	// One of them: a field that one needs, or one that the next does.
	var union []string
	for _, k := range n.Kids {
		best := needs(k, should)
		if len(best) == 0 {
			return nil
		}
		shortest := slices.MinFunc(best, func(a, b []string) int { return len(a) - len(b) })
		union = append(union, shortest...)
	}
	slices.Sort(union)
	if union = slices.Compact(union); len(union) == 0 || len(union) > maxFields {
		return nil
	}
	return [][]string{union}
}

// needed returns the field without which a test cannot come out as it should, "" if there is none.
func needed(t *tree.Test, should bool) string {
	if t.Field == tree.Any || t.Field == "" {
		return ""
	}
	switch t.Kind {
	case kind.Constant, kind.Code:
		return ""
	case kind.Absent:
		if should {
			return ""
		}
		return t.Field
	default: // whatever is asked of a field that is not there, the answer is no
		if should {
			return t.Field
		}
		return ""
	}
}
