package match

import (
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"

	"weir/internal/match/fold"
	"weir/internal/match/source"
	"weir/internal/match/tree/kind"
)

// checking walks a part that will run on expr's machine: it refuses what could take unbounded time or memory, collects
// the fields, and replaces calls of our functions by calls of the helper with their prepared tests.
type checking struct {
	*lowering
	part  *part
	paths []envPath
	nodes int
	// Predicates that enclose the present node.
	loops int
}

// envPath is where a part looks for a field: nested maps, or for $env["path"] one key of the environment.
type envPath struct {
	path  string
	whole bool
}

// check handles one node and everything below it.
func (c *checking) check(n ast.Node) error {
	if c.nodes++; c.nodes > maxSlow {
		return c.refuse(n, fmt.Sprintf("a part that is no plain comparison may have at most %d pieces", maxSlow))
	}
	// A field before anything else: its parts are nodes too, and $env among them must not be asked for alone.
	if path, ok := source.FieldPath(n); ok {
		return c.addField(n, path)
	}
	switch n := n.(type) {
	case *ast.NilNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.StringNode, *ast.PointerNode:
		return nil
	case *ast.UnaryNode:
		return c.check(n.Node)
	case *ast.BinaryNode:
		// A range makes as many values as its two numbers say, whatever the event holds.
		if n.Operator == ".." {
			return c.refuse(n, "ranges are not allowed in a condition")
		}
		if err := c.pattern(n); err != nil {
			return err
		}
		return c.all(n.Left, n.Right)
	case *ast.ChainNode:
		return c.check(n.Node)
	case *ast.MemberNode:
		// A method would run the code of some Go type on the event's values.
		if n.Method {
			return c.refuse(n, "methods cannot be called in a condition")
		}
		return c.all(n.Node, n.Property)
	case *ast.SliceNode:
		return c.all(n.Node, n.From, n.To)
	case *ast.ConditionalNode:
		return c.all(n.Cond, n.Exp1, n.Exp2)
	case *ast.ArrayNode:
		return c.all(n.Nodes...)
	case *ast.CallNode:
		return c.ours(n)
	case *ast.BuiltinNode:
		return c.builtin(n)
	case *ast.PredicateNode:
		// One loop is as long as a list of the event; one within another would take the square of that.
		if c.loops > 0 {
			return c.refuse(n, "a loop within a loop is not allowed in a condition")
		}
		c.loops++
		defer func() { c.loops-- }()
		return c.check(n.Node)
	}
	return c.refuse(n, "this form is not allowed in a condition")
}

// all checks several nodes; those that are not there (the open end of a slice) are nil.
func (c *checking) all(nodes ...ast.Node) error {
	for _, n := range nodes {
		if n == nil {
			continue
		}
		if err := c.check(n); err != nil {
			return err
		}
	}
	return nil
}

// refuse makes the error that a form is not allowed, at the node itself.
func (c *checking) refuse(n ast.Node, why string) error {
	from, to := n.Location().From, n.Location().To
	return source.At(c.src, from, to, "expr-not-allowed", "%s", why)
}

// addField notes a field and in which form the part will ask its environment for it.
func (c *checking) addField(n ast.Node, path string) error {
	if _, err := c.field(n, path); err != nil {
		return err
	}
	p := envPath{path: path}
	if m, ok := n.(*ast.MemberNode); ok {
		id, ok := m.Node.(*ast.IdentifierNode)
		p.whole = ok && id.Value == "$env"
	}
	if !slices.Contains(c.paths, p) {
		c.paths = append(c.paths, p)
	}
	return nil
}

// pattern refuses a regular expression that is not known at load.
func (c *checking) pattern(n *ast.BinaryNode) error {
	if n.Operator != "matches" {
		return nil
	}
	s, ok := n.Right.(*ast.StringNode)
	if !ok {
		return c.refuse(n, "matches needs its pattern written out as a text")
	}
	if _, err := compileRegex(s.Value); err != nil {
		return c.placed(n.Right, err)
	}
	return nil
}

// builtin lets only the listed functions of expr pass.
func (c *checking) builtin(n *ast.BuiltinNode) error {
	if !allowed[n.Name] {
		from, to := n.Location().From, n.Location().To
		return source.At(c.src, from, to, "expr-not-allowed", "the function `%s` is not allowed in a condition", n.Name).Because("its time or memory is not bounded by the event, or it reads the clock").Advise("there are: " + strings.Join(append(Functions(), machineFunctions()...), ", "))
	}
	return c.all(n.Arguments...)
}

// ours replaces cidr(x, "10.0.0.0/8") by weir_test(number, x).
func (c *checking) ours(n *ast.CallNode) error {
	name, f, err := c.function(n)
	if err != nil {
		return err
	}
	if len(n.Arguments) == 0 {
		return c.misuse(n, f)
	}
	t, err := c.constants(n, name, f)
	if err != nil {
		return err
	}
	if t.Kind == kind.Exists || t.Kind == kind.Absent { // on the machine a missing value is nil
		return c.refuse(n, name+" takes a field")
	}
	// The machine hands over one value at a time, which no view has seen.
	fn, _, err := c.textTest(&t)
	if err != nil {
		return c.placed(n, err)
	}
	if t.Fold {
		inner := fn
		fn = func(s string) bool { return inner(fold.String(s)) }
	}
	c.part.tests = append(c.part.tests, fn)
	// expr's tree holds no Go functions: the number leads back to the test when the part runs.
	number := &ast.IntegerNode{Value: len(c.part.tests) - 1}
	subject := n.Arguments[0]
	if err := c.check(subject); err != nil {
		return err
	}
	n.Callee, n.Arguments = &ast.IdentifierNode{Value: helper}, []ast.Node{number, subject}
	return nil
}
