package match

import (
	"fmt"
	"strings"

	"github.com/expr-lang/expr/ast"

	"weir/event"
	"weir/event/ecs"
)

// lowering is one walk from expr's tree to ours.
type lowering struct {
	src   string
	lists Lists
	known map[string]event.Ref
	// Paths in the order of their first use.
	order []string
	// Names of lists.
	used     []string
	warnings []*Error
	slow     int
}

// boolean lowers an expression that is used as a truth value.
func (l *lowering) boolean(n ast.Node) (*node, error) {
	switch n := n.(type) {
	case *ast.BinaryNode:
		switch n.Operator {
		case "and", "&&":
			return l.join(opAnd, n)
		case "or", "||":
			return l.join(opOr, n)
		}
	case *ast.UnaryNode:
		if n.Operator == "not" || n.Operator == "!" {
			kid, err := l.boolean(n.Node)
			if err != nil {
				return nil, err
			}
			return &node{op: opNot, kids: []*node{kid}}, nil
		}
	}
	text := n.String() // before machine rewrites calls
	leaf, err := l.leaf(n)
	if leaf == nil && err == nil {
		leaf, err = l.machine(n)
	}
	if err != nil {
		return nil, err
	}
	leaf.text = text
	return leaf, nil
}

// join lowers a chain of one operator into one node with many kids: long lists of "or" are common and would nest deep.
func (l *lowering) join(o op, n *ast.BinaryNode) (*node, error) {
	out := &node{op: o}
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
		out.kids = append(out.kids, kid)
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
func (l *lowering) leaf(n ast.Node) (*node, error) {
	switch n := n.(type) {
	case *ast.BoolNode:
		v := n.Value
		return &node{test: func(*event.Event) bool { return v }}, nil
	case *ast.BinaryNode:
		return l.comparison(n)
	case *ast.CallNode:
		return l.call(n)
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.ArrayNode, *ast.NilNode:
		from, to := span(n)
		return nil, at(l.src, from, to, "expr-type", "%s is neither true nor false", n.String()).do("compare a field with it")
	}
	if o, ok, err := l.operand(n); err != nil || !ok {
		return nil, err
	} else if o.form == formPlain {
		return &node{test: anyValue(o.ref, isTrue), fields: []event.Ref{o.ref}, cost: costEqual}, nil
	}
	return nil, nil
}

// form says what is done with a field before it is compared.
type form uint8

const (
	formPlain form = iota
	formLower
	formUpper
	formLen
)

// operand is a field as one side of a comparison.
type operand struct {
	ref  event.Ref
	form form
}

// operand recognises a field, or lower, upper or len of one.
func (l *lowering) operand(n ast.Node) (operand, bool, error) {
	if path, ok := fieldPath(n); ok {
		ref, err := l.field(n, path)
		return operand{ref: ref}, err == nil, err
	}
	b, ok := n.(*ast.BuiltinNode)
	if !ok || len(b.Arguments) != 1 {
		return operand{}, false, nil
	}
	// Any other function of a field is left to expr's machine.
	form, ok := map[string]form{"lower": formLower, "upper": formUpper, "len": formLen}[b.Name]
	if !ok {
		return operand{}, false, nil
	}
	path, ok := fieldPath(b.Arguments[0])
	if !ok {
		return operand{}, false, nil
	}
	ref, err := l.field(b.Arguments[0], path)
	return operand{ref: ref, form: form}, err == nil, err
}

// fieldPath returns the dotted path that a node spells: user.name, user?.name, labels["a-b"], $env["@timestamp"].
func fieldPath(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		return n.Value, n.Value != "$env"
	case *ast.ChainNode:
		return fieldPath(n.Node)
	case *ast.MemberNode:
		key, ok := n.Property.(*ast.StringNode)
		if !ok || n.Method || key.Value == "" {
			return "", false
		}
		if id, ok := n.Node.(*ast.IdentifierNode); ok && id.Value == "$env" {
			return key.Value, true
		}
		above, ok := fieldPath(n.Node)
		return above + "." + key.Value, ok
	}
	return "", false
}

// field resolves a path, once per condition, and warns about one that no list knows.
func (l *lowering) field(n ast.Node, path string) (event.Ref, error) {
	if ref, ok := l.known[path]; ok {
		return ref, nil
	}
	if strings.Contains("."+path+".", "..") {
		from, to := span(n)
		return event.Ref{}, at(l.src, from, to, "expr-syntax", "the field name %q has an empty part", path)
	}
	if !Known(path) && len(l.warnings) < maxWarnings {
		from, to := span(n)
		l.warnings = append(l.warnings, UnknownField(path).place(l.src, from, to))
		// A full table is no reason to refuse: the path is then looked up among the values that no list knows.
		_, _ = event.Register(path, ecs.Keyword)
	}
	ref := event.MakeRef(path)
	// Also of a field that is written twice: the order is what Fields returns.
	l.known[path], l.order = ref, append(l.order, path)
	return ref, nil
}

// Known tells whether the event table knows the path: a field, or a key below an open field.
func Known(path string) bool {
	if _, ok := event.Lookup(path); ok {
		return true
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
	e := &Error{Code: "rule-unknown-field", Msg: fmt.Sprintf("no format fills the field `%s`", path), Line: 1, Col: 1, Width: 1,
		Why: "the rule runs but cannot match on it", Warn: true}
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

// place moves an error that was made without a source to its place.
func (e *Error) place(src string, from, to int) *Error {
	p := at(src, from, to, e.Code, "")
	e.Line, e.Col, e.Width = p.Line, p.Col, p.Width
	return e
}
