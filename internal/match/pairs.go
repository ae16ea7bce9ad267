package match

import (
	"strings"

	"github.com/expr-lang/expr/ast"

	"weir/event"
)

// twoFields lowers a comparison of two fields: it holds if any pair of their values does; != if no pair is equal.
func (l *lowering) twoFields(n *ast.BinaryNode, a, b operand) (*node, error) {
	if a.form == formLen || b.form == formLen {
		return nil, nil
	}
	fn := pairOp(n.Operator)
	if fn == nil {
		return nil, nil
	}
	// != is false as soon as any pair is equal, as with a constant.
	negate := n.Operator == "!="
	leaf := &node{fields: []event.Ref{a.ref, b.ref}, cost: costText}
	leaf.test = func(e *event.Event) bool {
		x, y := a.ref.Of(e), b.ref.Of(e)
		// Also for !=: two fields of which one is missing are neither equal nor unequal.
		if !present(x) || !present(y) {
			return false
		}
		return anyPair(x, y, a.form, b.form, fn) != negate
	}
	return leaf, nil
}

// anyPair tries every value of one field with every value of the other. Lists in events are short: related.* and tags.
func anyPair(x, y event.Value, fx, fy form, fn func(x, y event.Value, fx, fy form) bool) bool {
	for i := range items(x) {
		for j := range items(y) {
			if fn(x.Item(i), y.Item(j), fx, fy) {
				return true
			}
		}
	}
	return false
}

// items returns how many values Item can be asked for.
func items(v event.Value) int {
	if v.Kind() == event.List {
		return v.Len()
	}
	return 1
}

// pairOp returns what an operator means for two single values, nil for operators that two fields cannot have.
func pairOp(operator string) func(x, y event.Value, fx, fy form) bool {
	switch operator {
	case "==", "!=", "in":
		return equalPair
	case "<", "<=", ">", ">=":
		hold := numberOrder(operator)
		return func(x, y event.Value, fx, fy form) bool {
			c, ok := comparePair(x, y, fx, fy)
			return ok && hold(float64(c), 0)
		}
	case "contains", "startsWith", "endsWith":
		op := textOps[operator]
		return func(x, y event.Value, fx, fy form) bool {
			return x.Kind() == event.String && y.Kind() == event.String && op(fx.apply(x.Str()), fy.apply(y.Str()))
		}
	}
	return nil
}

// equalPair tells whether two values are equal; truth values have no order but can be equal.
func equalPair(x, y event.Value, fx, fy form) bool {
	c, ok := comparePair(x, y, fx, fy)
	if !ok {
		return x.Kind() == event.Bool && y.Kind() == event.Bool && x.Bool() == y.Bool()
	}
	return c == 0
}

// comparePair orders two values of one kind; ok is false for values that have no order.
func comparePair(x, y event.Value, fx, fy form) (c int, ok bool) {
	number := func(v event.Value) bool { return v.Kind() == event.Int || v.Kind() == event.Float }
	switch {
	case x.Kind() == event.String && y.Kind() == event.String:
		return strings.Compare(fx.apply(x.Str()), fy.apply(y.Str())), true
	// Whole numbers and times are compared as such; a mixed pair has to meet as floats.
	case x.Kind() == event.Int && y.Kind() == event.Int, x.Kind() == event.Time && y.Kind() == event.Time:
		return compareInt(x.Int(), y.Int()), true
	case number(x) && number(y):
		switch a, b := x.Float(), y.Float(); {
		case a < b:
			return -1, true
		case a > b:
			return 1, true
		case a == b:
			return 0, true
		}
	}
	return 0, false
}
