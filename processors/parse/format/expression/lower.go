package expression

import (
	"errors"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"

	"weir/event"
	"weir/internal/fault"
	"weir/internal/match/source"
	"weir/internal/nearest"
)

// frame is what an expression is evaluated in. It is handed by value: an evaluation costs no memory unless a function makes
// something new.
type frame struct {
	env Env
	// The item of the innermost filter, map, any, all, none or count.
	item *event.Value
}

// code is a lowered expression in both of its uses. What is naturally a truth is made as test, all else as value; join fills in
// the other one.
type code struct {
	value func(frame) event.Value
	test  func(frame) bool
	// The value where no place is read.
	konst    event.Value
	constant bool
}

// ofValue makes the code of a value.
func ofValue(v func(frame) event.Value) code {
	return code{value: v, test: func(f frame) bool { return truth(v(f)) }}
}

// ofTest makes the code of a truth.
func ofTest(t func(frame) bool) code {
	return code{test: t, value: func(f frame) event.Value { return event.Truth(t(f)) }}
}

// ofConst makes the code of a constant.
func ofConst(v event.Value) code {
	t := truth(v)
	return code{
		value: func(frame) event.Value { return v },
		test:  func(frame) bool { return t },
		konst: v, constant: true,
	}
}

// folded calculates once what reads no place. parts are all that the code depends on.
func folded(c code, parts ...code) code {
	for _, p := range parts {
		if !p.constant {
			return c
		}
	}
	return ofConst(c.value(frame{}))
}

// lowering is one compilation.
type lowering struct {
	src     string
	resolve func(path string) (int, error)
	depth   int
	// How many loops the node stands in.
	loops int
}

// fail makes an error at a node.
func (l *lowering) fail(n ast.Node, slug, format string, args ...any) *source.Error {
	from, to := source.Span(n)
	return source.At(l.src, from, to, slug, format, args...)
}

// lower turns a node into closures.
func (l *lowering) lower(n ast.Node) (code, error) {
	if l.depth++; l.depth > maxDepth {
		return code{}, l.fail(n, "expr-too-deep", "the expression is nested deeper than %d", maxDepth)
	}
	defer func() { l.depth-- }()
	if path, ok := placeOf(n); ok {
		return l.place(n, path)
	}
	switch n := n.(type) {
	case *ast.NilNode:
		return ofConst(event.Nil()), nil
	case *ast.BoolNode:
		return ofConst(event.Truth(n.Value)), nil
	case *ast.IntegerNode:
		return ofConst(event.Num(int64(n.Value))), nil
	case *ast.FloatNode:
		return ofConst(event.Real(n.Value)), nil
	case *ast.StringNode:
		return ofConst(event.Str(n.Value)), nil
	case *ast.BytesNode:
		return ofConst(event.Str(string(n.Value))), nil
	case *ast.ChainNode:
		return l.lower(n.Node)
	case *ast.UnaryNode:
		return l.unary(n)
	case *ast.BinaryNode:
		return l.binary(n)
	case *ast.ConditionalNode:
		return l.conditional(n)
	case *ast.ArrayNode:
		return l.list(n)
	case *ast.MemberNode:
		return l.member(n)
	case *ast.SliceNode:
		return l.slice(n)
	case *ast.PointerNode:
		return l.pointer(n)
	case *ast.CallNode:
		callee, ok := n.Callee.(*ast.IdentifierNode)
		if !ok {
			return code{}, l.fail(n.Callee, "expr-not-allowed", "values have no methods").Advise("write lower(x), not x.lower()")
		}
		return l.call(n, callee.Value, n.Arguments)
	case *ast.BuiltinNode:
		return l.call(n, n.Name, n.Arguments)
	}
	return code{}, l.fail(n, "expr-not-allowed", "`%s` is not allowed in an expression of a format", clip(n.String()))
}

// clip shortens what an error quotes.
func clip(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// place lowers the reading of a place.
func (l *lowering) place(n ast.Node, path string) (code, error) {
	switch path {
	case "null", "None", "none", "undefined", "NULL":
		return code{}, l.fail(n, "expr-unknown-field", "`%s` is no value", path).Advise("write nil")
	}
	slot, err := l.resolve(path)
	if err != nil {
		e := l.fail(n, "expr-unknown-field", "%s", source.FirstLine(err.Error()))
		if f, ok := errors.AsType[*fault.Error](err); ok {
			e.Code, e.Msg, e.Why, e.Do, e.Warn = f.Code, f.What, f.Why, f.Do, f.Warn
		}
		return code{}, e
	}
	return code{
		value: func(f frame) event.Value { return f.env.Value(slot) },
		test:  func(f frame) bool { return truth(f.env.Value(slot)) },
	}, nil
}

// unary lowers not, ! and the signs.
func (l *lowering) unary(n *ast.UnaryNode) (code, error) {
	x, err := l.lower(n.Node)
	if err != nil {
		return code{}, err
	}
	switch n.Operator {
	case "not", "!":
		return folded(ofTest(func(f frame) bool { return !x.test(f) }), x), nil
	case "-":
		zero := number{whole: true}
		return folded(ofValue(func(f frame) event.Value {
			v, ok := numberOf(x.value(f))
			if !ok {
				return event.Value{}
			}
			return subtract(zero, v)
		}), x), nil
	case "+":
		return folded(ofValue(func(f frame) event.Value {
			v, ok := numberOf(x.value(f))
			if !ok {
				return event.Value{}
			}
			return v.value()
		}), x), nil
	}
	return code{}, l.fail(n, "expr-not-allowed", "the operator %s is not allowed in an expression of a format", n.Operator)
}

// conditional lowers c ? a : b, and if c { a } else { b }. Only the side that is taken is evaluated.
func (l *lowering) conditional(n *ast.ConditionalNode) (code, error) {
	parts, err := l.all([]ast.Node{n.Cond, n.Exp1, n.Exp2})
	if err != nil {
		return code{}, err
	}
	c, a, b := parts[0], parts[1], parts[2]
	out := code{
		value: func(f frame) event.Value {
			if c.test(f) {
				return a.value(f)
			}
			return b.value(f)
		},
		test: func(f frame) bool {
			if c.test(f) {
				return a.test(f)
			}
			return b.test(f)
		},
	}
	return folded(out, parts...), nil
}

// all lowers several nodes.
func (l *lowering) all(nodes []ast.Node) ([]code, error) {
	out := make([]code, len(nodes))
	for i, n := range nodes {
		var err error
		if out[i], err = l.lower(n); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// list lowers [a, b]. Absent items are left out. A list of lists may be one that grows with each step that writes it: it is
// bounded by all that is in it.
func (l *lowering) list(n *ast.ArrayNode) (code, error) {
	parts, err := l.all(n.Nodes)
	if err != nil {
		return code{}, err
	}
	return folded(ofValue(func(f frame) event.Value {
		out, made := make([]event.Value, 0, len(parts)), 0
		for _, p := range parts {
			if v := p.value(f); !missing(v) {
				if made = weight(v, made); made > maxMade {
					return event.Value{}
				}
				out = append(out, v)
			}
		}
		return event.Items(out...)
	}), parts...), nil
}

// member lowers x[i] and x.name of what is calculated.
func (l *lowering) member(n *ast.MemberNode) (code, error) {
	if id, ok := n.Node.(*ast.IdentifierNode); ok && (id.Value == root || id.Value == "$env") {
		return code{}, l.fail(n, "expr-not-allowed", "a place in %s[...] must be a constant text", id.Value).Advise(`write $["name"]`)
	}
	parts, err := l.all([]ast.Node{n.Node, n.Property})
	if err != nil {
		return code{}, err
	}
	x, key := parts[0], parts[1]
	return folded(ofValue(func(f frame) event.Value { return memberOf(x.value(f), key.value(f)) }), x, key), nil
}

// memberOf picks an item by number, from the end if it is negative, or a member by name. A name asked of a list is asked of
// each of its items.
func memberOf(v, key event.Value) event.Value {
	switch {
	case key.Kind() == event.Int && v.Kind() == event.List:
		i := key.Int()
		if i < 0 {
			i += int64(v.Len())
		}
		if i < 0 || i >= int64(v.Len()) {
			return event.Value{}
		}
		return v.Item(int(i))
	case v.Kind() == event.Object:
		if name, ok := textOf(key); ok {
			return v.Get(name)
		}
	case key.Kind() == event.String && v.Kind() == event.List:
		var out []event.Value
		for i := range min(v.Len(), maxItems) {
			if item := v.Item(i); item.Kind() == event.Object {
				if m := item.Get(key.Str()); !missing(m) {
					out = append(out, m)
				}
			}
		}
		if out != nil {
			return event.Items(out...)
		}
	}
	return event.Value{}
}

// slice lowers x[a:b] of texts and lists. Ends beyond the value are its ends.
func (l *lowering) slice(n *ast.SliceNode) (code, error) {
	nodes := []ast.Node{n.Node, &ast.NilNode{}, &ast.NilNode{}}
	if n.From != nil {
		nodes[1] = n.From
	}
	if n.To != nil {
		nodes[2] = n.To
	}
	parts, err := l.all(nodes)
	if err != nil {
		return code{}, err
	}
	x, from, to := parts[0], parts[1], parts[2]
	return folded(ofValue(func(f frame) event.Value { return cut(x.value(f), from.value(f), to.value(f)) }), parts...), nil
}

// cut takes items or runes from..to.
func cut(v, from, to event.Value) event.Value {
	bound := func(at event.Value, n, none int) (int, bool) {
		if missing(at) {
			return none, true
		}
		q, ok := numberOf(at)
		if !ok || !q.whole {
			return 0, false
		}
		if q.i < 0 {
			q.i += int64(n)
		}
		return int(max(0, min(q.i, int64(n)))), true
	}
	if v.Kind() == event.List {
		a, ok1 := bound(from, v.Len(), 0)
		b, ok2 := bound(to, v.Len(), v.Len())
		if !ok1 || !ok2 || a >= b {
			return event.Value{}
		}
		out := make([]event.Value, 0, b-a)
		for i := a; i < b; i++ {
			out = append(out, v.Item(i))
		}
		return event.Items(out...)
	}
	s, ok := textOf(v)
	if !ok {
		return event.Value{}
	}
	runes := []rune(s)
	a, ok1 := bound(from, len(runes), 0)
	b, ok2 := bound(to, len(runes), len(runes))
	if !ok1 || !ok2 || a >= b {
		return event.Value{}
	}
	return event.Str(string(runes[a:b]))
}

// call lowers a call of a function or a loop.
func (l *lowering) call(n ast.Node, name string, args []ast.Node) (code, error) {
	if loop, ok := loopTable[name]; ok {
		return l.loop(n, name, loop, args)
	}
	fn, ok := functions[name]
	if !ok {
		e := l.fail(n, "expr-unknown-function", "there is no function %s in expressions of a format", name)
		if near := nearest.Name(name, Functions()); near != "" {
			return code{}, e.Advise("did you mean " + near + "?")
		}
		return code{}, e.Advise("the functions are " + strings.Join(Functions(), ", "))
	}
	// expr's parser takes the second argument of find for the body of a loop.
	for i, a := range args {
		if p, ok := a.(*ast.PredicateNode); ok {
			args = slices.Clone(args)
			args[i] = p.Node
		}
	}
	if len(args) < fn.least || fn.most >= 0 && len(args) > fn.most {
		return code{}, l.fail(n, "expr-arguments", "%s is called with %d arguments", name, len(args)).Advise("write " + fn.usage)
	}
	parts, err := l.all(args)
	if err != nil {
		return code{}, err
	}
	c, err := fn.make(parts)
	if err != nil {
		if at, ok := errors.AsType[*argumentError](err); ok {
			e := l.fail(args[at.arg], at.code, "%s", at.what)
			e.Why, e.Do = at.why, at.do
			if e.Do == "" {
				e.Do = "write " + fn.usage
			}
			return code{}, e
		}
		return code{}, l.fail(n, "expr-arguments", "%s", err.Error()).Advise("write " + fn.usage)
	}
	if name == "date" {
		return c, nil // its zone and year are those of the event, also for a constant
	}
	return folded(c, parts...), nil
}
