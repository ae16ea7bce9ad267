package correlation

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"weir/internal/fault"
	"weir/rules/keys"
	"weir/rules/yamlfile"
)

// What a new value is where the file says nothing: not met for 30 days, by somebody who is known for a day.
const (
	defaultMemory = 30 * 24 * time.Hour
	defaultLearn  = 24 * time.Hour
)

// Condition is a condition of the rule, which steps may name.
type Condition struct {
	Name string
	At   yamlfile.Place
}

// Read reads what stands below `correlate` of a native rule. It runs after the conditions were read. What is wrong is
// noted in the file, which refuses the rule; mistakes are collected and reading goes on, since whoever edits a file wants
// to hear all of them at once. It returns nil where there is nothing to go on with.
func Read(f keys.Reader, n ast.Node, conds []Condition) *Correlate {
	r := &reading{f: f, conds: conds}
	root := r.node("", n, nil)
	if root == nil {
		return nil
	}
	// Names are looked up when all of them are known: a step may stand above what it names.
	r.link()
	for _, each := range r.all {
		each.check()
	}
	r.unused(root)
	return root.c
}

// reading is one correlate while it is read.
type reading struct {
	f     keys.Reader
	conds []Condition
	// Every correlation of the file, the outermost first.
	all []*node
}

// node is one correlation while it is read: what it says, and where it says it.
type node struct {
	*reading
	c *Correlate
	// The mapping that it is, and the node that it stands in.
	at     ast.Node
	within *node
	// The correlations that stand below its `of`.
	inner []*node
	// Which name each of its steps has, where that is said.
	named []mention
	// The text of `condition`, nil if there is none; steps may be left out beside it.
	logic ast.Node
	// Names of By and Field, where they stand.
	asks []mention
	// The nodes of the alias: one for each step that it speaks of, and one for the whole.
	aliases map[string]map[string]ast.Node
	bounds  ast.Node
	// The node whose match it is; nil of the outermost, and of those that nobody names.
	usedBy *node
	// Its steps were told apart, or could not be.
	linked bool
}

// mention is a name at a place. Without a text the only condition that there is is meant.
type mention struct {
	at   ast.Node
	name string
}

// reader returns what reads the value of a kind, nil for a key that is none.
func (n *node) reader(k Kind) func(ast.Node) {
	switch k {
	case AnyOrder, Sequence:
		return n.steps
	case Absence:
		return n.absence
	}
	return n.counted
}

// node reads one correlation.
func (r *reading) node(name string, v ast.Node, within *node) *node {
	where := "`correlate`"
	if name != "" {
		where = "`" + name + "`"
	}
	// What is no mapping has nothing to go on with; its name stays unknown, which the steps will say.
	list, ok := yamlfile.Mapping(v)
	if !ok {
		r.f.Fail(v, "rule-value", "write {count: {at_least: 10}, by: [source.ip], within: 5m}", "%s needs keys", where)
		return nil
	}
	n := &node{reading: r, c: &Correlate{Name: name, Window: Sliding}, at: v, within: within, aliases: map[string]map[string]ast.Node{}}
	r.all = append(r.all, n)
	var window string
	readers := map[string]func(ast.Node){
		"by":     func(v ast.Node) { n.names("by", v, &n.c.By) },
		"within": r.f.Duration("within", &n.c.Within),
		"window": r.f.OneOf("window", []string{string(Sliding), string(Tumbling), string(Session)}, &window),
		"of":     n.of,
	}
	for _, k := range kinds {
		readers[string(k)] = func(v ast.Node) {
			// The second kind is refused whichever it is: nothing says which of the two was meant.
			if n.c.Kind != "" {
				r.f.Fail(v, "rule-value", "keep one of them; correlations within one another stand below `of`", "%s has both `%s` and `%s`", where, n.c.Kind, k)
				return
			}
			n.c.Kind = k
			n.reader(k)(v)
		}
	}
	before := len(r.f.Faults())
	r.f.Keys(" in "+strings.Trim(where, "`"), list, readers)
	if window != "" {
		n.c.Window = Window(window)
	}
	// A kind that was refused has been told already; that there is none would be a second fault for one mistake.
	p, width := yamlfile.Extent(v)
	if n.c.Kind == "" && len(r.f.Faults()) == before && !r.f.Refused() {
		r.f.Add(p, width, fault.Error{Code: "rule-missing-key", What: where + " does not say what is counted", Do: "add `count:`, `sequence:` or one of: " + kindWords()})
	}
	if n.c.Within == 0 && n.c.Kind == NewValue && !keys.Has(list, "within") {
		n.c.Within = defaultMemory
	}
	if n.c.Within == 0 && !r.f.Refused() {
		r.f.Add(p, width, fault.Error{Code: "rule-missing-key", What: where + " has no `within`", Do: "add `within: 10m`"})
	}
	return n
}

// kindWords are the other kinds, for messages.
func kindWords() string {
	var words []string
	for _, k := range kinds {
		if k != Count && k != Sequence {
			words = append(words, string(k))
		}
	}
	return strings.Join(words, ", ")
}

// of reads the correlations that steps of this one may name.
func (n *node) of(v ast.Node) {
	list, ok := yamlfile.Mapping(v)
	if !ok || len(list) == 0 {
		n.f.Fail(v, "rule-value", "write of: {burst: {count: {when: failed, at_least: 10}, by: [source.ip], within: 5m}}", "`of` needs correlations with names")
		return
	}
	for _, kv := range list {
		name := yamlfile.Key(kv)
		switch {
		case !keys.IsName(name):
			n.f.Fail(kv, "rule-value", "write letters, digits and _", "`%s` cannot be the name of a correlation", name)
		case slices.ContainsFunc(n.conds, func(c Condition) bool { return c.Name == name }):
			n.f.Fail(kv, "rule-duplicate-key", "give one of them another name", "`%s` is a condition and a correlation", name)
		case slices.ContainsFunc(n.all, func(o *node) bool { return o.c.Name == name }):
			n.f.Fail(kv, "rule-duplicate-key", "give one of them another name", "the correlation `%s` is there twice", name)
		default:
			if in := n.node(name, kv.Value, n); in != nil {
				n.inner = append(n.inner, in)
			}
		}
	}
}

// title is what the node is called in messages.
func (n *node) title() string {
	if n.c.Name == "" {
		return "the rule"
	}
	return fmt.Sprintf("`%s`", n.c.Name)
}
