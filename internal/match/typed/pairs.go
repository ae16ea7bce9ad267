package typed

import (
	"cmp"
	"strings"

	"weir/event"
)

// Fields makes the test of two fields: it holds if any pair of their values does; != if no pair is equal. nil stands for an
// operator that two fields cannot have.
func Fields(operator string, fx, fy Form) func(x, y event.Value) bool {
	pair := pairOp(operator)
	if pair == nil || fx == Len || fy == Len {
		return nil
	}
	// != is false as soon as any pair is equal, as with a constant.
	negate := operator == "!="
	return func(x, y event.Value) bool {
		// Also for !=: two fields of which one is missing are neither equal nor unequal.
		if !Present(x) || !Present(y) {
			return false
		}
		return anyPair(x, y, fx, fy, pair) != negate
	}
}

// anyPair tries every value of one field with every value of the other. Lists in events are short: related.* and tags.
func anyPair(x, y event.Value, fx, fy Form, fn func(x, y event.Value, fx, fy Form) bool) bool {
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
func pairOp(operator string) func(x, y event.Value, fx, fy Form) bool {
	switch operator {
	case "==", "!=", "in":
		return equalPair
	case "<", "<=", ">", ">=":
		hold := Order(operator)
		return func(x, y event.Value, fx, fy Form) bool {
			c, ok := comparePair(x, y, fx, fy)
			return ok && hold(float64(c), 0)
		}
	}
	op := TextOps[operator]
	if op == nil {
		return nil
	}
	return func(x, y event.Value, fx, fy Form) bool {
		return x.Kind() == event.String && y.Kind() == event.String && op(fx.Apply(x.Str()), fy.Apply(y.Str()))
	}
}

// equalPair tells whether two values are equal; truth values have no order but can be equal.
func equalPair(x, y event.Value, fx, fy Form) bool {
	c, ok := comparePair(x, y, fx, fy)
	if !ok {
		return x.Kind() == event.Bool && y.Kind() == event.Bool && x.Bool() == y.Bool()
	}
	return c == 0
}

// comparePair orders two values of one kind; ok is false for values that have no order.
func comparePair(x, y event.Value, fx, fy Form) (c int, ok bool) {
	number := func(v event.Value) bool { return v.Kind() == event.Int || v.Kind() == event.Float }
	switch {
	case x.Kind() == event.String && y.Kind() == event.String:
		return strings.Compare(fx.Apply(x.Str()), fy.Apply(y.Str())), true
	// Whole numbers and times are compared as such; a mixed pair has to meet as floats.
	case x.Kind() == event.Int && y.Kind() == event.Int, x.Kind() == event.Time && y.Kind() == event.Time:
		return cmp.Compare(x.Int(), y.Int()), true
	case number(x) && number(y):
		switch a, b := x.Float(), y.Float(); {
		case a < b:
			return -1, true
		case a > b:
			return 1, true
		case a == b: // no number is equal to itself, or to anything
			return 0, true
		}
	}
	return 0, false
}
