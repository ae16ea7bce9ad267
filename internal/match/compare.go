package match

import (
	"fmt"

	"github.com/expr-lang/expr/ast"

	"weir/event"
	"weir/event/ecs"
	"weir/internal/match/fold"
	"weir/internal/match/source"
	"weir/internal/match/tree"
	"weir/internal/match/tree/form"
	"weir/internal/match/tree/kind"
	"weir/internal/match/typed"
)

// comparison lowers a binary operator with a field on at least one side and a literal, or a field, on the other.
func (l *lowering) comparison(n *ast.BinaryNode) (*tree.Node, error) {
	// A nil node without an error, here and below, hands the part to expr's machine.
	left, lok, err := l.operand(n.Left)
	if err != nil {
		return nil, err
	}
	right, rok, err := l.operand(n.Right)
	if err != nil {
		return nil, err
	}
	switch {
	case lok && rok:
		return l.twoFields(n, left, right)
	case lok && n.Operator == "in":
		return l.inList(n, left)
	case rok && n.Operator == "in": // "x" in tags: one of the field's values is "x"
		if !right.bare() || right.any {
			return nil, nil
		}
		return l.withLiteral(n, "==", right, n.Left)
	case lok:
		return l.withLiteral(n, n.Operator, left, n.Right)
	case rok:
		if flipped, ok := map[string]string{"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}[n.Operator]; ok {
			return l.withLiteral(n, flipped, right, n.Left)
		}
	}
	return nil, nil
}

// withLiteral lowers operand operator literal.
func (l *lowering) withLiteral(n *ast.BinaryNode, operator string, o operand, literal ast.Node) (*tree.Node, error) {
	// nil stands for a field that is missing; there is nothing else that it could be compared with.
	if _, ok := literal.(*ast.NilNode); ok {
		return l.withNil(n, operator, o)
	}
	lit, ok := typed.LiteralOf(literal)
	if !ok {
		return nil, nil
	}
	if o.as != form.Plain {
		return l.withForm(n, operator, o, lit)
	}
	// $env has no types: it is text to == and its kin, and a number where the text is one.
	if sized := ordered[operator] != 0; o.any && (operator == "!=" || sized && !lit.IsNumber || !sized && !lit.IsText) {
		return nil, l.refuseAny(n)
	}
	l.doubt(n, o, lit)
	switch operator {
	case "==", "!=":
		// A moment is equal to other texts than the one that is written, so it is no text that could be looked up.
		if operator == "==" && lit.IsText && o.bare() && (o.any || !lit.IsTime) {
			return l.ask(n, tree.Test{Kind: kind.Equal, Field: o.field(), Values: []string{lit.Text}})
		}
	case "<", "<=", ">", ">=":
		// Texts and times in order are rare, and no index helps with them.
		if lit.IsNumber && o.bare() {
			return l.ask(n, tree.Test{Kind: ordered[operator], Field: o.field(), Values: []string{lit.Digits()}})
		}
	case "contains", "startsWith", "endsWith":
		s := lit.Text
		if !lit.IsText {
			from, to := source.Span(literal)
			return nil, source.At(l.src, from, to, "expr-type", "%s needs a text on its right", operator).Advise("put it in quotes")
		}
		if o.bare() {
			return l.ask(n, tree.Test{Kind: textKinds[operator], Field: o.field(), Values: []string{s}})
		}
		fn := typed.TextOps[operator]
		return l.valueCode(n, o, costText, func(v string) bool { return fn(v, s) })
	case "matches":
		return l.matches(n, o, lit)
	default:
		return nil, nil
	}
	return l.typed(n, operator, o, lit), nil
}

// twoFields lowers a comparison of two fields: it holds if any pair of their values does; != if no pair is equal.
func (l *lowering) twoFields(n *ast.BinaryNode, a, b operand) (*tree.Node, error) {
	if a.any || b.any {
		return nil, l.refuseAny(n)
	}
	if a.as != form.Plain || b.as != form.Plain {
		return nil, l.refuseForm(n)
	}
	hold := typed.Fields(n.Operator, a.form, b.form)
	if hold == nil {
		return nil, nil
	}
	return l.code(n, &node{fields: []event.Ref{a.ref, b.ref}, cost: costText, run: func(v *fold.View) bool {
		return hold(a.ref.Of(v.Event()), b.ref.Of(v.Event()))
	}}), nil
}

// The kinds of the operators of expr that a tree has.
var (
	ordered   = map[string]kind.Kind{"<": kind.Less, "<=": kind.LessEqual, ">": kind.Greater, ">=": kind.GreaterEqual}
	textKinds = map[string]kind.Kind{"contains": kind.Contains, "startsWith": kind.StartsWith, "endsWith": kind.EndsWith}
)

// typed lowers a comparison that looks at the types of values and is not said by a tree: with numbers and truths, by order,
// and of lower, upper and len.
func (l *lowering) typed(n ast.Node, operator string, o operand, lit typed.Literal) *tree.Node {
	made := &node{fields: []event.Ref{o.ref}, cost: costEqual}
	switch {
	case o.form == typed.Len:
		ref, long := o.ref, typed.Length(operator, lit)
		made.run, made.cost = func(v *fold.View) bool { return long(ref.Of(v.Event())) }, costSet
	case operator == "==":
		made.run = anyValue(o.ref, typed.To("==", o.form, lit))
	case operator == "!=":
		// Not the opposite of ==: both want the field to be there.
		made.run = noValue(o.ref, typed.To("==", o.form, lit))
	default:
		made.run, made.cost = anyValue(o.ref, typed.To(operator, o.form, lit)), costSet
	}
	return l.code(n, made)
}

// valueCode lowers an operator on lower(field) or upper(field), which sees texts alone.
func (l *lowering) valueCode(n ast.Node, o operand, cost int, fn func(string) bool) (*tree.Node, error) {
	if o.form == typed.Len {
		return nil, nil
	}
	f := o.form
	one := func(v event.Value) bool { return v.Kind() == event.String && fn(f.Apply(v.Str())) }
	return l.code(n, &node{run: anyValue(o.ref, one), fields: []event.Ref{o.ref}, cost: cost}), nil
}

// matches lowers field matches "pattern". A pattern that is not written out is refused later: it would have to be compiled
// for every event.
func (l *lowering) matches(n *ast.BinaryNode, o operand, lit typed.Literal) (*tree.Node, error) {
	s := lit.Text
	if !lit.IsText {
		return nil, nil
	}
	re, err := compileRegex(s)
	if err != nil {
		return nil, l.placed(n.Right, err)
	}
	if o.bare() {
		return l.ask(n, tree.Test{Kind: kind.Regex, Field: o.field(), Operator: true, Values: []string{s}})
	}
	return l.valueCode(n, o, costRegex, re.MatchString)
}

// withNil lowers a comparison of a field with nil.
func (l *lowering) withNil(n ast.Node, operator string, o operand) (*tree.Node, error) {
	if o.any {
		return nil, l.refuseAny(n)
	}
	if o.as != form.Plain {
		return nil, nil
	}
	switch operator {
	case "==":
		return l.ask(n, tree.Test{Kind: kind.Absent, Field: o.field()})
	case "!=":
		return l.ask(n, tree.Test{Kind: kind.Exists, Field: o.field()})
	}
	return l.code(n, &node{run: func(*fold.View) bool { return false }, fields: []event.Ref{o.ref}}), nil
}

// refuseAny is the error for $env where it would stand for something else than any value.
func (l *lowering) refuseAny(n ast.Node) error {
	from, to := source.Span(n)
	return source.At(l.src, from, to, "expr-type", "$env is any value of the event, as text").
		Advise(`write $env == "text", $env contains "text", or a function such as icontains($env, "text")`)
}

// inList lowers field in ["a", "b"].
func (l *lowering) inList(n *ast.BinaryNode, o operand) (*tree.Node, error) {
	arr, ok := n.Right.(*ast.ArrayNode)
	if !ok || o.form == typed.Len {
		return nil, nil
	}
	// One list may hold texts and numbers. What a tree can say is a list of either; the rest stays source.
	var lits []typed.Literal
	texts, numbers := o.bare(), true
	for _, item := range arr.Nodes {
		lit, ok := typed.LiteralOf(item)
		if !ok {
			return nil, nil
		}
		if o.as == form.Plain && !o.any {
			l.doubt(n, o, lit)
		}
		texts = texts && lit.IsText && (o.any || !lit.IsTime)
		numbers = numbers && lit.IsNumber
		lits = append(lits, lit)
	}
	values := make([]string, len(lits))
	for i, lit := range lits {
		if values[i] = lit.Text; o.as != form.Plain {
			values[i] = lit.Digits()
		}
	}
	switch {
	case texts:
		return l.ask(n, tree.Test{Kind: kind.Equal, Field: o.field(), Values: values})
	case o.as != form.Plain && !numbers:
		return nil, l.refuseForm(n)
	case o.as != form.Plain:
		return l.ask(n, tree.Test{Kind: kind.Equal, Field: o.field(), Form: o.as, Values: values})
	case o.any:
		return nil, l.refuseAny(n)
	}
	return l.code(n, &node{run: anyValue(o.ref, typed.OneOf(o.form, lits)), fields: []event.Ref{o.ref}, cost: costSet}), nil
}

// doubt warns where a field's type and a constant can never be equal.
func (l *lowering) doubt(n ast.Node, o operand, lit typed.Literal) {
	f, ok := o.ref.Field()
	if !ok || o.any || o.form != typed.Plain || !Known(o.ref.Path()) || len(l.warnings) >= 2*maxWarnings {
		return
	}
	number := f.Type() == ecs.Long || f.Type() == ecs.Double
	text := f.Type() == ecs.Keyword || f.Type() == ecs.Text || f.Type() == ecs.IP
	from, to := source.Span(n)
	switch {
	case number && lit.IsText:
		l.warnings = append(l.warnings, &Error{Code: "rule-type", Msg: fmt.Sprintf("`%s` holds numbers, %q is a text", o.ref.Path(), lit.Text),
			Why: "they are never equal", Do: "leave out the quotes", Warn: true})
	case text && lit.IsNumber:
		l.warnings = append(l.warnings, &Error{Code: "rule-type", Msg: fmt.Sprintf("`%s` holds texts, %v is a number", o.ref.Path(), lit.Number),
			Why: "they are never equal", Do: fmt.Sprintf("write it in quotes: \"%v\"", lit.Number), Warn: true})
	default:
		return
	}
	l.warnings[len(l.warnings)-1].Place(l.src, from, to)
}
