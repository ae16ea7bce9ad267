package sigma

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"weir/internal/fault"
	"weir/internal/match/tree"
	"weir/internal/match/tree/kind"
)

// maxChoices bounds the ways to choose `N of` several searches: they are written out, for nothing else in an expression
// counts conditions.
const maxChoices = 500

// some reads what follows `1 of`, `all of` or `N of`.
func (p *parser) some(quantity token) *tree.Node {
	t, ok := p.peek()
	if !ok || t.text == "(" || t.text == ")" || t.text == "," {
		p.fail(t, "sigma-condition", "write `1 of selection*` or `1 of them`", "`of` is followed by no name")
		return tree.Truth(false)
	}
	p.next++
	// A name without a star is a pattern too, of one search.
	chosen := p.matching(t)
	switch {
	case quantity.is("all"):
		// All of none would always hold, and make a rule fire on everything for a slip.
		if len(chosen) == 0 {
			p.fail(t, "sigma-condition", "name searches that there are", "no search is called `%s`", t.text)
			return tree.Truth(false)
		}
		return joinAll(p.trees(t, chosen))
	case quantity.is("any"):
		quantity.text = "1"
	}
	// The specification knows 1 and all; other tools take any number, and rules use it.
	n, err := strconv.Atoi(quantity.text)
	if err != nil || n < 0 {
		p.fail(quantity, "sigma-condition", "write `1 of`, `all of` or a number", "`%s of` does not exist", quantity.text)
		return tree.Truth(false)
	}
	// None of none is common in rules that were cut down, and says what it says: it does not hold.
	if len(chosen) == 0 && n <= 1 {
		p.d.f.Add(place(p.d.f, p.n, t.at), utf8.RuneCountInString(t.text), fault.Error{Code: "sigma-condition", What: fmt.Sprintf("no search is called `%s`: this never holds", t.text), Do: "remove it", Warn: true})
		return tree.Truth(n == 0)
	}
	return p.atLeast(quantity, t, n, chosen)
}

// matching returns the searches of a pattern, in the order of the file. Those whose names begin with _ are left out of
// everything that does not begin so itself.
func (p *parser) matching(t token) []*search {
	pattern := t.text
	if t.is("them") {
		pattern = "*"
	}
	// In the order of the file, so that the printed condition reads as the file does.
	var out []*search
	for _, s := range p.d.searches {
		if strings.HasPrefix(s.key, "_") && !strings.HasPrefix(pattern, "_") {
			continue
		}
		if fits(pattern, s.key) {
			s.used = true
			out = append(out, s)
		}
	}
	return out
}

// fits tells whether a name is of a pattern, in which * is any text.
func fits(pattern, name string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == name
	}
	// The parts between stars must follow one another, so the first place of each leaves the most for the others.
	if !strings.HasPrefix(name, parts[0]) {
		return false
	}
	name = name[len(parts[0]):]
	last := parts[len(parts)-1]
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(name, part)
		if i < 0 {
			return false
		}
		name = name[i+len(part):]
	}
	return strings.HasSuffix(name, last)
}

// trees returns the trees of searches.
func (p *parser) trees(t token, list []*search) []*tree.Node {
	out := make([]*tree.Node, 0, len(list))
	for _, s := range list {
		out = append(out, p.use(t, s))
	}
	return out
}

// atLeast returns that n of the searches hold: any way of choosing n of them, all of which hold.
func (p *parser) atLeast(quantity, t token, n int, chosen []*search) *tree.Node {
	switch {
	case n == 0:
		return tree.Truth(true)
	case n == 1:
		return joinAny(p.trees(t, chosen))
	case n > len(chosen):
		p.fail(quantity, "sigma-condition", fmt.Sprintf("write a number up to %d", len(chosen)), "`%s of %s` cannot hold: there are %d", quantity.text, t.text, len(chosen))
		return tree.Truth(false)
	}
	// Trees are immutable, so the choices share those of their searches.
	var kids []*tree.Node
	for _, choice := range choices(n, len(chosen), maxChoices+1) {
		if len(kids) == maxChoices {
			p.fail(quantity, "rule-too-large", "write fewer searches, or `1 of` or `all of`", "there are more than %d ways to choose %d of %d", maxChoices, n, len(chosen))
			return tree.Truth(false)
		}
		var all []*tree.Node
		for _, i := range choice {
			all = append(all, p.use(t, chosen[i]))
		}
		if p.d.f.Refused() {
			return tree.Truth(false)
		}
		kids = append(kids, tree.AllOf(all...))
	}
	return tree.AnyOf(kids...)
}

// choices returns the ways to choose n of many, at most so many.
func choices(n, many, most int) [][]int {
	var out [][]int
	pick := make([]int, n)
	for i := range pick {
		pick[i] = i
	}
	for len(out) < most {
		out = append(out, slices.Clone(pick))
		// The last place that can still go up does, and all behind it follow closely.
		i := n - 1
		for i >= 0 && pick[i] == many-n+i {
			i--
		}
		if i < 0 {
			break
		}
		pick[i]++
		for j := i + 1; j < n; j++ {
			pick[j] = pick[j-1] + 1
		}
	}
	return out
}

// constant tells whether a tree is the same for every event, and what it is.
func constant(n *tree.Node) (holds, ok bool) {
	if n.Op != tree.Leaf || n.Test.Kind != kind.Constant {
		return false, false
	}
	return len(n.Test.Values) > 0, true
}

// joinAny is tree.AnyOf without what never holds: a part that says nothing would be shown with every alert.
func joinAny(kids []*tree.Node) *tree.Node {
	kids, decided := without(kids, true)
	if decided || len(kids) == 0 {
		return tree.Truth(decided)
	}
	return tree.AnyOf(kids...)
}

// joinAll is tree.AllOf without what always holds.
func joinAll(kids []*tree.Node) *tree.Node {
	kids, decided := without(kids, false)
	if decided || len(kids) == 0 {
		return tree.Truth(!decided)
	}
	return tree.AllOf(kids...)
}

// without takes constants out of a chain; decided, if one of them is what decides it.
func without(kids []*tree.Node, decides bool) (rest []*tree.Node, decided bool) {
	for _, k := range kids {
		if holds, ok := constant(k); !ok {
			rest = append(rest, k)
		} else if holds == decides {
			return nil, true
		}
	}
	return rest, false
}
