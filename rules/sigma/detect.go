package sigma

import (
	"fmt"
	"strings"
	"unicode"

	"weir/internal/fault"
	"weir/internal/match/tree"
	"weir/internal/match/tree/kind"
	"weir/rules/yamlfile"
)

// maxValues bounds what one rule comes to, in tests and values: `1 of` and references repeat searches, and some modifiers
// make many values of one. What is printed has to be read again, with the bounds of expressions.
const maxValues = 15_000

// maxMade bounds what the searches of one document come to, used or not.
const maxMade = 4 * maxValues

// maxField bounds the name of a field.
const maxField = 200

// search is one search identifier: a condition with a name.
type search struct {
	pair
	tree *tree.Node
	// Tests and values of the tree, counted once: conditions may name a search thousands of times.
	size int
	// Some condition asks for it, by name or pattern.
	used bool
}

// detection reads the searches of a rule and the condition that joins them.
func (d *document) detection(body *node) *tree.Node {
	var condition *node
	for _, p := range body.keys {
		switch p.key {
		case "condition":
			condition = p.value
		case "timeframe":
			at, width := yamlfile.Extent(p.at)
			d.f.Add(at, width, fault.Error{Code: "sigma-value", What: "`timeframe` is not used", Why: "a rule is about one event; only a correlation counts over time", Warn: true})
		default:
			d.addSearch(p)
		}
	}
	// A condition over searches that were refused would only say the same in other words.
	if d.f.Refused() {
		return nil
	}
	return d.joined(body, condition)
}

// addSearch reads one search.
func (d *document) addSearch(p pair) {
	// Also those that no condition uses: a mistake in one is a mistake in the file.
	s := &search{pair: p, tree: d.search(p.value)}
	s.size = sizeOf(s.tree)
	if d.names == nil {
		d.names = map[string]*search{}
	}
	d.names[p.key] = s
	d.searches = append(d.searches, s)
}

// sizeOf counts the tests of a tree and their values.
func sizeOf(n *tree.Node) int {
	size := 0
	n.Walk(func(n *tree.Node) bool {
		if n.Op == tree.Leaf {
			size += 1 + len(n.Test.Values)
		}
		return true
	})
	return size
}

// joined returns what the condition makes of the searches.
func (d *document) joined(body, condition *node) *tree.Node {
	switch {
	case len(d.searches) == 0:
		d.fail(body, "sigma-detection", "write `selection:` with the fields below it", "`%s` has no searches", d.section())
		return nil
	case condition == nil && len(d.searches) == 1:
		s := d.searches[0]
		d.warn(body, "sigma-condition", fmt.Sprintf("add `condition: %s`", s.key), "the rule has no condition: it is taken for `%s`", s.key)
		s.used = true
		return s.tree
	case condition == nil:
		d.fail(body, "sigma-condition", "add `condition: 1 of them`, or what is meant", "there are several searches and no `condition`")
		return nil
	}
	// The specification joins several by or; a warning says so, since others make a rule of each.
	lines := condition.each()
	if len(lines) > 1 {
		d.warn(condition, "sigma-condition", "join them with `or`", "there are %d conditions: the rule holds if any of them does", len(lines))
	}
	var kids []*tree.Node
	for _, line := range lines {
		if line.sort != text || strings.TrimSpace(line.text) == "" {
			d.fail(line, "sigma-condition", "write a condition such as `selection and not filter`", "this is no condition")
			return nil
		}
		if n := d.condition(line); n != nil {
			kids = append(kids, n)
		}
		if d.f.Refused() {
			return nil
		}
	}
	// Printing and comparing want the flat form, and whoever compiles the tree makes it anyway.
	d.unused()
	return d.checked(condition, tree.AnyOf(kids...).Flat())
}

// section is the key that the searches stand below.
func (d *document) section() string {
	if d.doc.get("filter") != nil {
		return "filter"
	}
	return "detection"
}

// checked refuses a condition that asks nothing: it would fire on every event, or stand there for nothing.
func (d *document) checked(at *node, n *tree.Node) *tree.Node {
	if n.Op == tree.Leaf && n.Test.Kind == kind.Constant {
		d.fail(at, "expr-constant", "", "the condition is the same for every event")
	}
	return n
}

// unused warns about searches that no condition asks for. Those that begin with _ are left out of `them` on purpose.
func (d *document) unused() {
	for _, s := range d.searches {
		if s.used || strings.HasPrefix(s.key, "_") {
			continue
		}
		at, width := yamlfile.Extent(s.at)
		d.f.Add(at, width, fault.Error{Code: "rule-unused-condition", What: fmt.Sprintf("the condition does not use `%s`", s.key), Do: "name it, or remove it", Warn: true})
	}
}

// search reads what one search asks: all of a mapping, any of a list, and a text alone anywhere in the event. It never
// returns nil; what is wrong is refused.
func (d *document) search(n *node) *tree.Node {
	switch {
	case n.sort == pairs && len(n.keys) > 0:
		kids := make([]*tree.Node, 0, len(n.keys))
		for _, p := range n.keys {
			kids = append(kids, d.item(p))
		}
		return tree.AllOf(kids...)
	case n.sort == list && len(n.items) > 0:
		return d.anyOf(n.items)
	case n.scalar() && n.sort != null:
		return d.keywords([]*node{n})
	}
	d.fail(n, "sigma-detection", "write fields with their values, or a list of texts to look for everywhere", "the search asks for nothing")
	return tree.Truth(false)
}

// anyOf reads a list: mappings are searches, texts are looked for everywhere.
func (d *document) anyOf(items []*node) *tree.Node {
	var kids []*tree.Node
	// All texts of a list are one test, whatever stands between them: or has no order.
	var words []*node
	for _, it := range items {
		if it.scalar() && it.sort != null {
			words = append(words, it)
			continue
		}
		kids = append(kids, d.search(it))
	}
	if len(words) > 0 {
		kids = append(kids, d.keywords(words))
	}
	return tree.AnyOf(kids...)
}

// keywords are texts that stand anywhere in any value of the event. The specification looks for them in the message as a
// whole, and an event is its values.
func (d *document) keywords(words []*node) *tree.Node {
	return d.compare(tree.Any, words, &modifiers{kind: kind.Contains})
}

// item reads one field with its modifiers and values.
func (d *document) item(p pair) *tree.Node {
	m, name, ok := d.modifiers(p)
	if !ok {
		return tree.Truth(false)
	}
	// `|all` and the like without a field are keywords.
	if name == tree.Any && m.op == "" {
		m.kind = kind.Contains
	}
	// Values that cannot be refuse the rule; what is returned then is never run.
	values, ok := d.scalars(p, nil, p.value)
	if !ok {
		return tree.Truth(false)
	}
	return d.compare(name, values, m)
}

// scalars returns the values of an item. A list within a list adds its values.
func (d *document) scalars(p pair, out []*node, n *node) ([]*node, bool) {
	if n.scalar() {
		return append(out, n), true
	}
	if n.sort == pairs || len(n.items) == 0 {
		at := n
		if n.sort == list { // an empty list has no place that says anything
			at = &node{src: p.at}
		}
		d.fail(at, "sigma-value", "write a text, a number or a list of them", "`%s` has no value to compare with", p.key)
		return nil, false
	}
	for _, it := range n.items {
		var ok bool
		if out, ok = d.scalars(p, out, it); !ok {
			return nil, false
		}
	}
	return out, true
}

// fieldName checks the name of a field; none at all is that of keywords. Blanks are taken out of it, as the specification asks for.
func (d *document) fieldName(at *node, name string) (string, bool) {
	if name == "" {
		return tree.Any, true
	}
	bare := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, name)
	// What cannot be a path of an event, and the one name that means all of them.
	bad := bare == tree.Any || len(bare) > maxField || strings.Contains("."+bare+".", "..") || strings.ContainsFunc(bare, func(r rune) bool {
		return r == unicode.ReplacementChar || !unicode.IsPrint(r)
	})
	if bad {
		d.fail(at, "sigma-field", "write the name of a field such as CommandLine", "%q is no name of a field", name)
		return "", false
	}
	if bare != name {
		d.warn(at, "sigma-field", fmt.Sprintf("write `%s`", bare), "the field `%s` is taken for `%s`", name, bare)
	}
	return bare, true
}
