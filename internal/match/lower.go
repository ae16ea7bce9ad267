package match

import (
	"errors"
	"fmt"
	"strings"

	"github.com/expr-lang/expr/ast"

	"weir/event"
	"weir/event/ecs"
	"weir/internal/match/source"
	"weir/internal/match/tree"
	"weir/internal/match/tree/form"
	"weir/internal/match/tree/kind"
	"weir/internal/match/typed"
)

// lowering is one walk from expr's tree, or from one of ours, to what runs.
type lowering struct {
	// Empty where a tree is compiled.
	src   string
	lists Lists
	known map[string]event.Ref
	// Paths in the order of their first use.
	order []string
	// Names of lists.
	used     []string
	warnings []*Error
	slow     int
	// $env is read.
	whole bool
	// Leaves that are prepared already. For those that are Code there is no other way to their predicate.
	made map[*tree.Test]*node
}

// newLowering starts a walk. It belongs to one call of Compile and is thrown away after it.
func newLowering(src string, lists Lists) *lowering {
	return &lowering{src: src, lists: lists, known: map[string]event.Ref{}, made: map[*tree.Test]*node{}}
}

// boolean lowers an expression that is used as a truth value.
func (l *lowering) boolean(n ast.Node) (*tree.Node, error) {
	switch n := n.(type) {
	case *ast.BinaryNode:
		switch n.Operator {
		case "and", "&&":
			return l.join(tree.And, n)
		case "or", "||":
			return l.join(tree.Or, n)
		}
	case *ast.UnaryNode:
		if n.Operator == "not" || n.Operator == "!" {
			kid, err := l.boolean(n.Node)
			if err != nil {
				return nil, err
			}
			return tree.NotOf(kid), nil
		}
	}
	// In this order: a part that the machine gets is rewritten on the way.
	leaf, err := l.leaf(n)
	if leaf == nil && err == nil {
		leaf, err = l.machine(n)
	}
	return leaf, err
}

// join lowers a chain of one operator into one node with many kids: long lists of "or" are common and would nest deep.
func (l *lowering) join(o tree.Op, n *ast.BinaryNode) (*tree.Node, error) {
	out := &tree.Node{Op: o}
	// expr nests a chain to the left, as deep as it is long. Its middle parts are joined into one node here.
	var add func(ast.Node) error
	add = func(k ast.Node) error {
		if b, ok := k.(*ast.BinaryNode); ok && sameOp(b.Operator, n.Operator) {
			if err := add(b.Left); err != nil {
				return err
			}
			return add(b.Right)
		}
		kid, err := l.boolean(k)
		if err != nil {
			return err
		}
		out.Kids = append(out.Kids, kid)
		return nil
	}
	if err := add(n); err != nil {
		return nil, err
	}
	return out, nil
}

// sameOp tells whether two operators are the same under both of their names.
func sameOp(a, b string) bool {
	and := func(s string) bool { return s == "and" || s == "&&" }
	or := func(s string) bool { return s == "or" || s == "||" }
	return and(a) && and(b) || or(a) && or(b)
}

// leaf lowers one comparison, call or truth value. It returns nil and no error for what only expr's machine can do.
func (l *lowering) leaf(n ast.Node) (*tree.Node, error) {
	switch n := n.(type) {
	case *ast.BoolNode:
		return l.ask(n, *tree.Truth(n.Value).Test)
	case *ast.BinaryNode:
		return l.comparison(n)
	case *ast.CallNode:
		return l.call(n)
	case *ast.StringNode, *ast.BytesNode, *ast.IntegerNode, *ast.FloatNode, *ast.ArrayNode, *ast.NilNode:
		from, to := source.Span(n)
		return nil, source.At(l.src, from, to, "expr-type", "%s is neither true nor false", source.Spell(n)).Advise("compare a field with it")
	}
	if o, ok, err := l.operand(n); err != nil || !ok {
		return nil, err
	} else if o.form == typed.Plain && !o.any {
		return l.code(n, &node{run: anyValue(o.ref, isTrue), fields: []event.Ref{o.ref}, cost: costEqual}), nil
	}
	return nil, nil
}

// ask makes the leaf of a test, which may be several leaves where an operator takes one text only.
func (l *lowering) ask(n ast.Node, t tree.Test) (*tree.Node, error) {
	// Flat here and not only in the end, since each leaf is prepared now, while its place in the source is known.
	out := tree.LeafOf(t).Flat()
	var fault error
	out.Walk(func(k *tree.Node) bool {
		if k.Op != tree.Leaf || fault != nil {
			return fault == nil
		}
		made, err := l.prepare(k.Test)
		if err != nil {
			fault = l.placed(n, err)
		}
		l.made[k.Test] = made
		return true
	})
	return out, fault
}

// placed moves an error that was made without a place to its node.
func (l *lowering) placed(n ast.Node, err error) error {
	if e, ok := errors.AsType[*Error](err); ok {
		from, to := source.Span(n)
		return e.Place(l.src, from, to)
	}
	return err
}

// code makes the leaf of what a tree has no test for: the source, and what runs in its place.
func (l *lowering) code(n ast.Node, made *node) *tree.Node {
	return l.codeText(source.Spell(n), made)
}

// codeText is code for a node that does not hold the source any more.
func (l *lowering) codeText(text string, made *node) *tree.Node {
	out := tree.LeafOf(tree.Test{Kind: kind.Code, Values: []string{text}})
	made.ask = out.Test
	l.made[out.Test] = made
	return out
}

// operand is a field as one side of a comparison.
type operand struct {
	ref  event.Ref
	form typed.Form
	// One of the tree's forms; form is Plain then.
	as form.Form
	// Any value of the event. There is no ref then.
	any bool
}

// field returns the path that a test of the operand asks.
func (o operand) field() string {
	if o.any {
		return tree.Any
	}
	return o.ref.Path()
}

// bare tells whether the operand is a field or $env as it is.
func (o operand) bare() bool { return o.form == typed.Plain && o.as == form.Plain }

// operand recognises a field, $env, or a form of one.
func (l *lowering) operand(n ast.Node) (operand, bool, error) {
	if id, ok := n.(*ast.IdentifierNode); ok && id.Value == tree.Any {
		l.whole = true
		return operand{any: true}, true, nil
	}
	if path, ok := source.FieldPath(n); ok {
		ref, err := l.field(n, path)
		return operand{ref: ref}, err == nil, err
	}
	if c, ok := n.(*ast.CallNode); ok { // expr knows no such function, so they come as calls
		return l.formOperand(c)
	}
	b, ok := n.(*ast.BuiltinNode)
	if !ok || len(b.Arguments) != 1 {
		return operand{}, false, nil
	}
	// Any other function of a field is left to expr's machine.
	form, ok := typed.Forms[b.Name]
	if !ok {
		return operand{}, false, nil
	}
	path, ok := source.FieldPath(b.Arguments[0])
	if !ok {
		return operand{}, false, nil
	}
	ref, err := l.field(b.Arguments[0], path)
	return operand{ref: ref, form: form}, err == nil, err
}

// field resolves a path, once per condition, and warns about one that no list knows. n is nil where a tree is compiled.
func (l *lowering) field(n ast.Node, path string) (event.Ref, error) {
	if ref, ok := l.known[path]; ok {
		return ref, nil
	}
	from, to := 0, 1
	if n != nil {
		from, to = source.Span(n)
	}
	if strings.Contains("."+path+".", "..") {
		return event.Ref{}, source.At(l.src, from, to, "expr-syntax", "the field name %q has an empty part", path)
	}
	if !Known(path) && len(l.warnings) < maxWarnings {
		l.warnings = append(l.warnings, UnknownField(path).Place(l.src, from, to))
		// A full table is no reason to refuse: the path is then looked up among the values that no list knows.
		_, _ = event.Register(ecs.Asked, path)
	}
	ref := event.MakeRef(path)
	// Also of a field that is written twice: the order is what Fields returns.
	l.known[path], l.order = ref, append(l.order, path)
	return ref, nil
}

// Known tells whether an event may have the path: a field that a list or a format has, or a key below an open field.
func Known(path string) bool {
	if f, ok := event.Lookup(path); ok {
		return !f.Asked()
	}
	// The nearest field above decides: below labels anything goes, below source.ip nothing does.
	for i := strings.LastIndexByte(path, '.'); i > 0; i = strings.LastIndexByte(path[:i], '.') {
		if f, ok := event.Lookup(path[:i]); ok {
			return f.Type() == ecs.Flattened || f.Type() == ecs.Nested
		}
	}
	return false
}

// UnknownField is the warning about a field that no list knows, with the nearest real name.
func UnknownField(path string) *Error {
	// It may be right: a format that fills the field can be added later. So it is a warning.
	e := source.Fault("rule-unknown-field", "no format fills the field `%s`", path).Because("the rule runs but cannot match on it")
	e.Warn = true
	if below := fieldBelow(path); below != "" {
		e.Do = fmt.Sprintf("`%s` is a group of fields: name one of them, such as `%s`", path, below)
	} else if near := NearestField(path); near != "" {
		e.Do = fmt.Sprintf("did you mean `%s`?", near)
	} else {
		e.Do = "write the name of a field of ECS or of a format"
	}
	return e
}

// fieldBelow returns a field below path, "" if path is no group of fields.
func fieldBelow(path string) string {
	for _, f := range event.Fields() {
		if strings.HasPrefix(f.Path(), path+".") {
			return f.Path()
		}
	}
	return ""
}
