// Package match turns the conditions of rules, classes and filters into predicates over one event.
//
// A condition is an expr expression over ECS fields. Its and, or, not and every comparison that the package knows are
// lowered to Go closures over the event's slots, which allocate nothing. What is left (arithmetic, ?:, any(...), trim
// and other functions of expr) runs on expr's own machine, part by part, so one such part does not slow its
// neighbours.
//
// # Meaning
//
//   - A comparison with a field that the event does not have is false, and so is one with null or an empty list. Only
//     absent(field), field == nil and not (...) hold for a missing field. "not in", "not contains" and so on are
//     not (...), so they hold; != is a comparison, so it does not.
//   - A field with several values satisfies a comparison if any of them does; != holds if none of them is equal.
//   - == and the operators of expr are case-sensitive; ieq, icontains, istartswith and iendswith fold case by Unicode's
//     simple folding.
//   - Texts compare with texts and numbers with numbers: "4625" is not 4625. A time compares with text in RFC 3339.
//   - A part that runs on expr's machine sees a missing field as nil and several values as a list; where expr reports an
//     error on an event (such as nil + 1), the part is false.
package match

import (
	"slices"

	"weir/event"
)

// Limits of one condition. They keep parsing, memory and the time for one event in proportion to what was written.
const (
	// Bytes.
	maxSource = 512 << 10
	// Of expr's tree.
	maxNodes = 20_000
	// Open brackets and leading operators.
	maxDepth = 200
	// Nodes of one part that runs on expr's machine.
	maxSlow = 500
	// Values that one such part may make for one event.
	maxBudget = 100_000

	// And fields made known, each of which copies the event table.
	maxWarnings = 100
)

// Cond is one compiled condition. It is immutable and safe for many goroutines.
type Cond struct {
	// For Explain and Needs; test is what Match runs.
	root     *node
	test     test
	fields   []string
	lists    []string
	warnings []*Error
	slow     int
}

// test is a lowered predicate.
type test func(e *event.Event) bool

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
	tree, err := parse(src)
	if err != nil {
		return nil, err
	}
	l := &lowering{src: src, lists: c.Lists, known: map[string]event.Ref{}}
	// From here on the lowering owns the tree: parts that run on the machine are rewritten in place.
	root, err := l.boolean(tree)
	if err != nil {
		return nil, err
	}
	cond := &Cond{root: root, test: root.compile(), fields: l.order, lists: l.used, warnings: l.warnings, slow: l.slow}
	if len(l.order) == 0 && len(l.used) == 0 {
		cond.warnings = append(cond.warnings, &Error{Code: "expr-constant", Msg: "the condition reads no field", Line: 1, Col: 1, Width: 1,
			Why: "it is the same for every event", Warn: true})
	}
	return cond, nil
}

// Match tells whether the condition holds for the event. It does not keep e.
func (c *Cond) Match(e *event.Event) bool { return c.test(e) }

// Fields returns the paths of the fields that the condition reads, in the order in which they are written.
func (c *Cond) Fields() []string { return slices.Clone(c.fields) }

// ListNames returns the names of the lists that the condition looks into.
func (c *Cond) ListNames() []string { return slices.Clone(c.lists) }

// Warnings returns what is doubtful about the condition: unknown fields, comparisons that can never hold.
func (c *Cond) Warnings() []*Error { return c.warnings }

// Slow returns how many parts of the condition run on expr's machine.
func (c *Cond) Slow() int { return c.slow }
