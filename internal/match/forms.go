package match

import (
	"slices"

	"github.com/expr-lang/expr/ast"

	"weir/event"
	"weir/internal/match/fold"
	"weir/internal/match/quantity"
	"weir/internal/match/source"
	"weir/internal/match/tree"
	"weir/internal/match/tree/form"
	"weir/internal/match/tree/kind"
	"weir/internal/match/typed"
)

// formOperand recognises number(field), hour(field) and the like.
func (l *lowering) formOperand(c *ast.CallNode) (operand, bool, error) {
	id, ok := c.Callee.(*ast.IdentifierNode)
	if !ok {
		return operand{}, false, nil
	}
	as, ok := forms[id.Value]
	if !ok {
		return operand{}, false, nil
	}
	if len(c.Arguments) != 1 {
		return operand{}, false, l.refuseForm(c)
	}
	o, ok, err := l.operand(c.Arguments[0])
	if err != nil {
		return operand{}, false, err
	}
	if !ok || !o.bare() {
		return operand{}, false, l.refuseForm(c)
	}
	o.as = as
	return o, true, nil
}

// forms are the functions that make a number of a field, which is then compared.
var forms = form.All()

// refuseForm is the error for a form that is not compared with a number.
func (l *lowering) refuseForm(n ast.Node) error {
	from, to := source.Span(n)
	return source.At(l.src, from, to, "expr-argument", "number, age, hour and the like take one field and are compared with numbers").
		Advise("write number(event.code) > 4000, or hour(file.created) in [0, 1, 2]")
}

// withForm lowers form(field) operator number.
func (l *lowering) withForm(n ast.Node, operator string, o operand, lit typed.Literal) (*tree.Node, error) {
	if !lit.IsNumber || typed.Order(operator) == nil {
		return nil, l.refuseForm(n)
	}
	asked, values := ordered[operator], []string{lit.Digits()}
	switch operator {
	case "==":
		asked = kind.Equal
	case "!=":
		return l.formUnequal(n, o, values)
	}
	return l.ask(n, tree.Test{Kind: asked, Field: o.field(), Form: o.as, Values: values})
}

// formUnequal lowers !=: the form gives numbers, and none of them is that one.
func (l *lowering) formUnequal(n ast.Node, o operand, values []string) (*tree.Node, error) {
	equal, err := l.prepare(&tree.Test{Kind: kind.Equal, Field: o.field(), Form: o.as, Values: values})
	if err != nil {
		return nil, l.placed(n, err)
	}
	// Where no value gives a number there is nothing that could differ.
	some, read := l.formed(o, func(quantity.Quantity) bool { return true })
	return l.code(n, &node{run: func(v *fold.View) bool { return some(v) && !equal.run(v) }, fields: read, cost: 2 * costSet}), nil
}

// numeric makes the leaf of a comparison of numbers: of a form of a field, or of a field's numbers by an operator.
func (l *lowering) numeric(t *tree.Test, o operand) (*node, error) {
	// Trees may come with numbers that nobody has looked at yet.
	var wanted []quantity.Quantity
	for _, s := range t.Values {
		n, ok := tree.Canonical(s)
		if !ok {
			return nil, source.Fault("expr-type", "`%s` is no number", s).Advise("compare with a number, without quotes")
		}
		q, _ := quantity.Read(n)
		wanted = append(wanted, q)
	}
	hold := func(q quantity.Quantity) bool {
		return slices.ContainsFunc(wanted, func(w quantity.Quantity) bool { return q.Compare(w) == 0 })
	}
	if t.Kind != kind.Equal { // size: one bound
		if len(wanted) != 1 {
			return nil, source.Fault("expr-argument", "a comparison by size needs one number")
		}
		below := t.Kind == kind.Less || t.Kind == kind.LessEqual
		orEqual := t.Kind == kind.LessEqual || t.Kind == kind.GreaterEqual
		hold = func(q quantity.Quantity) bool {
			c := q.Compare(wanted[0])
			return c == 0 && orEqual || c < 0 && below || c > 0 && !below
		}
	}
	run, read := l.formed(o, hold)
	return &node{run: run, ask: t, fields: read, cost: costSet}, nil
}

// formed holds if a number that the form makes of any value does. read are the fields that it looks at.
func (l *lowering) formed(o operand, hold func(quantity.Quantity) bool) (run test, read []event.Ref) {
	if !o.any {
		read = append(read, o.ref)
	}
	switch o.as {
	case form.Plain:
		if o.any { // as text, like all of $env
			return anyText(o, func(s string) bool { q, ok := quantity.Read(s); return ok && hold(q) }), read
		}
		return anyValue(o.ref, func(v event.Value) bool {
			switch v.Kind() {
			case event.Int:
				return hold(quantity.Whole(v.Int()))
			case event.Float:
				return hold(quantity.Real(v.Float()))
			}
			return false
		}), read
	case form.Number:
		return anyText(o, func(s string) bool { q, ok := quantity.Read(s); return ok && hold(q) }), read
	case form.Age:
		run, more := l.aged(o, hold)
		return run, append(read, more...)
	}
	run, more := l.clock(o, hold)
	return run, append(read, more...)
}

// clock is formed for minute, hour and the others: what the clock and the calendar showed where the event was logged.
func (l *lowering) clock(o operand, hold func(quantity.Quantity) bool) (test, []event.Ref) {
	zone, _ := l.field(nil, "event.timezone") // in the table
	part := quantity.Parts[o.as]
	return func(v *fold.View) bool {
		where := zone.Of(v.Event()).Str()
		one := func(s string) bool {
			at, ok := quantity.ReadTime(s)
			return ok && hold(quantity.Whole(int64(part(quantity.Local(at, where)))))
		}
		if !o.any {
			return slices.ContainsFunc(v.Texts(o.ref), one)
		}
		return anyText(o, one)(v)
	}, []event.Ref{zone}
}

// aged is formed for age: how many seconds the event is later than the time in the field.
func (l *lowering) aged(o operand, hold func(quantity.Quantity) bool) (test, []event.Ref) {
	// Neither fails: both are in the table.
	own, _ := l.field(nil, "weir.time")
	logged, _ := l.field(nil, "@timestamp")
	return func(v *fold.View) bool {
		now := own.Of(v.Event())
		if now.Kind() != event.Time {
			if now = logged.Of(v.Event()); now.Kind() != event.Time {
				return false
			}
		}
		one := func(s string) bool {
			at, ok := quantity.ReadTime(s)
			return ok && hold(quantity.Real(now.Time().Sub(at).Seconds()))
		}
		if !o.any {
			return slices.ContainsFunc(v.Texts(o.ref), one)
		}
		return anyText(o, one)(v)
	}, []event.Ref{own, logged}
}
