// Package match turns the conditions of rules, classes and filters into predicates over one event.
//
// A condition is an expr expression over ECS fields, or a tree (internal/match/tree); each can be made from the other.
// What the tree can say is lowered to it and becomes Go closures over the event's values, which allocate nothing. What is
// left (arithmetic, ?:, any(...), trim and other functions of expr) runs on expr's own machine, part by part, so one such
// part does not slow its neighbours.
//
// # Meaning
//
//   - A comparison with a field that the event does not have is false, and so is one with null or an empty list. Only
//     absent(field), field == nil and not (...) hold for a missing field. "not in", "not contains" and so on are
//     not (...), so they hold; != is a comparison, so it does not.
//   - A field with several values satisfies a comparison if any of them does; != holds if none of them is equal.
//   - == and the operators of expr are case-sensitive; ieq, icontains, istartswith, iendswith and iglob fold case by
//     Unicode's simple folding.
//   - Operators see types: texts compare with texts and numbers with numbers, "4625" is not 4625. A time compares with
//     text in RFC 3339. Functions see texts: numbers and truths as they are written, times in RFC 3339.
//   - $env as the field of a function or of a comparison with texts is any value of the event, as text.
//   - A part that runs on expr's machine sees a missing field as nil and several values as a list; where expr reports an
//     error on an event (such as nil + 1), the part is false.
package match

import (
	"slices"
	"sync"

	"weir/event"
	"weir/internal/match/fold"
	"weir/internal/match/source"
	"weir/internal/match/tree"
)

// Limits of one condition, beside those on its source. They keep the time for one event in proportion to what was written.
const (
	// Nodes of one part that runs on expr's machine.
	maxSlow = 500
	// Values that one such part may make for one event.
	maxBudget = 100_000
	// Warnings of one kind. Each place is counted in the text from its start; and each field made known copies the event table.
	maxWarnings = 100
)

// Error is a mistake in a condition, or a doubt about one, with its place.
type Error = source.Error

// Cond is one compiled condition. It is immutable and safe for many goroutines.
type Cond struct {
	// For Explain and Held; test is what Holds runs.
	root     *node
	test     test
	tree     *tree.Node
	fields   []string
	lists    []string
	warnings []*Error
	slow     int
	whole    bool
}

// test is a lowered predicate.
type test func(v *fold.View) bool

// Compiler compiles conditions. The zero value knows no lists.
type Compiler struct {
	// Lists are what in_list looks into. They are read while conditions run, so they must not change; to reload lists,
	// compile again.
	Lists Lists
}

// Compile compiles one condition that uses no lists. The error is an *Error.
func Compile(src string) (*Cond, error) { return Compiler{}.Compile(src) }

// Compile compiles one condition. Fields that no list knows are warned about and made known to the event table, so that
// they work once an event carries them. The error is an *Error.
func (c Compiler) Compile(src string) (*Cond, error) {
	parsed, err := source.Parse(src, Functions())
	if err != nil {
		return nil, err
	}
	l := newLowering(src, c.Lists)
	// From here on the lowering owns the tree: parts that run on the machine are rewritten in place.
	lowered, err := l.boolean(parsed)
	if err != nil {
		return nil, err
	}
	return l.cond(lowered)
}

// CompileTree compiles a condition that is a tree. It takes exactly the trees whose printed form Compile takes, with the
// same answers. The error is an *Error; it has no place unless it is about a part that is source.
func (c Compiler) CompileTree(n *tree.Node) (*Cond, error) {
	if err := checkTree(n); err != nil {
		return nil, err
	}
	l := newLowering("", c.Lists)
	lowered, err := l.expand(n.Flat())
	if err != nil {
		return nil, err
	}
	return l.cond(lowered)
}

// cond makes the closures of a lowered tree.
func (l *lowering) cond(lowered *tree.Node) (*Cond, error) {
	flat := lowered.Flat()
	root, err := l.build(flat)
	if err != nil {
		return nil, err
	}
	run, err := l.compile(root)
	if err != nil {
		return nil, err
	}
	cond := &Cond{root: root, test: run, tree: flat, fields: l.order, lists: l.used, warnings: l.warnings, slow: l.slow, whole: l.whole}
	if len(l.order) == 0 && len(l.used) == 0 && !l.whole {
		constant := source.Fault("expr-constant", "the condition reads no field").Because("it is the same for every event")
		constant.Warn = true
		cond.warnings = append(cond.warnings, constant)
	}
	return cond, nil
}

// views are for those who have one event and one condition. A view belongs to one call of Match at a time.
var views = sync.Pool{New: func() any { return new(fold.View) }}

// Match tells whether the condition holds for the event. It does not keep e. Who tries many conditions on one event makes
// a view of it and calls Holds, so that the event's texts are folded once.
func (c *Cond) Match(e *event.Event) bool {
	v := views.Get().(*fold.View)
	v.Reset(e)
	held := c.test(v)
	v.Reset(nil)
	views.Put(v)
	return held
}

// Holds tells whether the condition holds for the event that the view shows.
func (c *Cond) Holds(v *fold.View) bool { return c.test(v) }

// Tree returns the condition as a tree in its flat form. It is not to be changed.
func (c *Cond) Tree() *tree.Node { return c.tree }

// Fields returns the paths of the fields that the condition reads, in the order in which they are written. $env is none of
// them; see Whole.
func (c *Cond) Fields() []string { return slices.Clone(c.fields) }

// Whole tells whether the condition looks at every value of an event, by $env, whatever field it is in.
func (c *Cond) Whole() bool { return c.whole }

// ListNames returns the names of the lists that the condition looks into.
func (c *Cond) ListNames() []string { return slices.Clone(c.lists) }

// Warnings returns what is doubtful about the condition: unknown fields, comparisons that can never hold.
func (c *Cond) Warnings() []*Error { return c.warnings }

// Slow returns how many parts of the condition run on expr's machine.
func (c *Cond) Slow() int { return c.slow }
