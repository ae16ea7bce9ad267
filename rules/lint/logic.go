package lint

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"weir/internal/match/tree"
	"weir/internal/match/tree/kind"
)

// verdict is what is certain of a part of a condition.
type verdict uint8

const (
	perhaps verdict = iota
	never
	always
)

// maxPairs bounds the comparisons of one condition: rules may have ten thousand tests, and who has that many gets fewer
// findings and no wait.
const maxPairs = 1_000_000

// fact is a test that must hold, or must not, together with all others at its place.
type fact struct {
	test *tree.Test
	not  bool
}

// finding is a part of a condition and what is certain of it.
type finding struct {
	node *tree.Node
	why  string
	// test is the one that shows where in the file to look.
	test *tree.Test
}

// logic looks for what can never hold and what always does. It belongs to one condition.
type logic struct {
	pairs int
	dead  []finding // parts that can never hold, while the whole may
	why   finding   // of the last verdict that was never or always
}

// whole judges a condition: parts that can never hold are in dead, unless the whole is one of them.
func (l *logic) whole(n *tree.Node) verdict {
	v := l.eval(n, nil)
	if v != perhaps {
		l.dead = nil
	}
	return v
}

// eval judges a part of which the facts are known to hold.
func (l *logic) eval(n *tree.Node, known []fact) verdict {
	switch n.Op {
	case tree.Leaf:
		return l.leaf(n, fact{test: n.Test}, known)
	case tree.Not:
		return l.not(n, known)
	case tree.And:
		return l.and(n, known)
	}
	return l.or(n, known)
}

// leaf judges one test, or its negation, beside what is known.
func (l *logic) leaf(n *tree.Node, f fact, known []fact) verdict {
	if why := impossible(f.test); why != "" && !f.not {
		l.why = finding{n, why, f.test}
		return never
	}
	if f.test.Kind == kind.Constant && (len(f.test.Values) > 0) != f.not {
		l.why = finding{n, "it asks nothing of the event", f.test}
		return always
	}
	for _, k := range known {
		if why := l.conflict(k, f); why != "" {
			l.why = finding{n, why, f.test}
			return never
		}
	}
	return perhaps
}

// A negation turns never and always round, but what is known holds on both sides of it: of the events that come here, all
// satisfy it.

// not judges a negation. What is known counts for a single test; of more the negation is looked at by itself.
func (l *logic) not(n *tree.Node, known []fact) verdict {
	kid := n.Kids[0]
	if kid.Op == tree.Leaf && kid.Test.Kind != kind.Constant {
		return l.leaf(n, fact{kid.Test, true}, known)
	}
	switch l.eval(kid, nil) {
	case never: // an exception that never applies
		l.dead = append(l.dead, finding{kid, l.why.why, l.why.test})
		l.why.node = n
		return always
	case always:
		l.why.node = n
		return never
	}
	return l.ruledOut(n, kid, known)
}

// ruledOut judges the negation of a chain: not (a or b) fails where one of the parts is known to hold, not (a and b)
// where all are.
func (l *logic) ruledOut(n, kid *tree.Node, known []fact) verdict {
	held := 0
	for _, k := range kid.Kids {
		f, ok := factOf(k)
		if !ok {
			continue
		}
		f.not = !f.not
		if l.leaf(n, f, known) == never {
			held++
		}
	}
	if kid.Op == tree.Or && held > 0 || kid.Op == tree.And && held == len(kid.Kids) && held > 0 {
		return never
	}
	return perhaps
}

// and judges parts that must hold together.
func (l *logic) and(n *tree.Node, known []fact) verdict {
	var parts []*tree.Node
	// A copy: the parts of an or see the same facts, and none of them what another one added.
	facts := append([]fact(nil), known...)
	for _, k := range flat(n, tree.And) {
		f, ok := factOf(k)
		if !ok {
			parts = append(parts, k)
			continue
		}
		if l.leaf(k, f, facts) == never {
			return never
		}
		facts = append(facts, f)
	}
	open := len(facts) > len(known)
	// Chains come after the tests, in whatever order they were written: then each of them is held against all facts.
	for _, k := range parts {
		switch l.eval(k, facts) {
		case never:
			return never
		case perhaps:
			open = true
		}
	}
	if !open {
		return always // of nothing but parts that always hold, or of none
	}
	return perhaps
}

// or judges parts of which one is enough.
func (l *logic) or(n *tree.Node, known []fact) verdict {
	kids := flat(n, tree.Or)
	if len(kids) == 0 {
		l.why = finding{node: n, why: "it has no part that could hold"}
		return never
	}
	var dead []finding
	before := len(l.dead)
	for _, k := range kids {
		switch l.eval(k, known) {
		case always:
			return always
		case never:
			dead = append(dead, finding{k, l.why.why, l.why.test})
		}
	}
	// Where none of them can hold, the whole cannot, and that is told once and not for each.
	if len(dead) == len(kids) {
		l.dead = l.dead[:before]
		return never
	}
	for _, d := range dead {
		if !twin(d.node, kids) {
			l.dead = append(l.dead, d)
		}
	}
	// What covers everything among the events that come here may not do so by itself, which is what always means. The pairs
	// of a long list of values would be many, and none of them covers anything.
	if len(known) == 0 && len(kids) <= 64 && l.covers(kids) {
		return always
	}
	return perhaps
}

// twin tells whether the same is asked of another field beside: a name of Sigma that means several fields, of which some are of
// a type that cannot have the value. Whoever wrote the rule did nothing wrong.
func twin(n *tree.Node, kids []*tree.Node) bool {
	if n.Op != tree.Leaf {
		return false
	}
	return slices.ContainsFunc(kids, func(k *tree.Node) bool {
		if k.Op != tree.Leaf || k.Test.Field == n.Test.Field {
			return false
		}
		other := *k.Test
		other.Field = n.Test.Field
		return other.Equal(n.Test)
	})
}

// covers tells whether one of the parts always holds: then none of them can fail together with all others.
func (l *logic) covers(kids []*tree.Node) bool {
	var failed []fact
	for _, k := range kids {
		f, ok := factOf(k)
		if !ok {
			continue
		}
		f.not = !f.not
		for _, g := range failed {
			if why := l.conflict(g, f); why != "" {
				l.why = finding{k, "one of two of its parts holds for every event", f.test}
				return true
			}
		}
		failed = append(failed, f)
	}
	return false
}

// factOf returns the test of a leaf or of a negated one.
func factOf(n *tree.Node) (fact, bool) {
	switch {
	case n.Op == tree.Leaf && n.Test.Kind != kind.Constant:
		return fact{n.Test, false}, true
	case n.Op == tree.Not && n.Kids[0].Op == tree.Leaf && n.Kids[0].Test.Kind != kind.Constant:
		return fact{n.Kids[0].Test, true}, true
	}
	return fact{}, false
}

// flat returns the parts of a chain of one operator.
func flat(n *tree.Node, op tree.Op) []*tree.Node {
	var out []*tree.Node
	for _, k := range n.Kids {
		if k.Op == op {
			out = append(out, flat(k, op)...)
			continue
		}
		out = append(out, k)
	}
	return out
}

// conflict says why two facts cannot hold together, "" if they may.
func (l *logic) conflict(a, b fact) string {
	// Values are held against values, so long lists count by their product.
	if l.pairs++; l.pairs > maxPairs || a.test.Field != b.test.Field {
		return ""
	}
	l.pairs += len(a.test.Values) * len(b.test.Values)
	switch {
	case a.not && b.not:
		return bothMissing(a.test, b.test)
	case a.not:
		return refuted(b.test, a.test)
	case b.not:
		return refuted(a.test, b.test)
	}
	return together(a.test, b.test)
}

// bothMissing: a field is there or it is not.
func bothMissing(a, b *tree.Test) string {
	if a.Kind == kind.Exists && b.Kind == kind.Absent || a.Kind == kind.Absent && b.Kind == kind.Exists {
		return fmt.Sprintf("`%s` is either there or not", a.Field)
	}
	return ""
}

// refuted says why nothing satisfies yes and not no.
func refuted(yes, no *tree.Test) string {
	switch {
	case !implies(yes, no):
		return ""
	case yes.Equal(no):
		return fmt.Sprintf("`%s` %s is asked for and ruled out", yes.Field, words(yes))
	}
	return fmt.Sprintf("`%s` %s is asked for, and %s is ruled out", yes.Field, words(yes), words(no))
}

// together says why nothing satisfies both.
func together(a, b *tree.Test) string {
	if b.Kind == kind.Absent {
		a, b = b, a
	}
	if a.Kind == kind.Absent {
		if b.Kind == kind.Absent || b.Kind == kind.Code || b.Field == tree.Any {
			return ""
		}
		return fmt.Sprintf("`%s` must be absent and have a value", a.Field)
	}
	if !single(a.Field) || !exclusive(a, b) {
		return ""
	}
	return fmt.Sprintf("an event has one `%s`, which cannot be both %s and %s", a.Field, words(a), words(b))
}

// verbs begin the words of a test.
var verbs = map[kind.Kind]string{kind.Contains: "with ", kind.StartsWith: "beginning with ", kind.EndsWith: "ending with ", kind.Glob: "like ", kind.Regex: "matching ",
	kind.CIDR: "in ", kind.InList: "in the list ", kind.Exists: "there", kind.Absent: "absent", kind.Less: "< ", kind.LessEqual: "<= ", kind.Greater: "> ", kind.GreaterEqual: ">= "}

// words says what a test wants of its field, cut to what a sentence can hold.
func words(t *tree.Test) string {
	var list []string
	for i, v := range t.Values {
		if i == 2 && len(t.Values) > 3 {
			list = append(list, fmt.Sprintf("%d others", len(t.Values)-2))
			break
		}
		if r := []rune(v); len(r) > 40 {
			v = string(r[:40]) + "..."
		}
		if !onNumber(t) {
			v = strconv.Quote(v)
		}
		list = append(list, v)
	}
	return verbs[t.Kind] + strings.Join(list, " or ")
}
