package expression

import (
	"strings"
	"time"

	"github.com/expr-lang/expr/ast"

	"weir/event"
	"weir/internal/match/source"
	"weir/internal/nearest"
)

// orders are the operators that ask for the sign of a comparison.
var orders = map[string]func(sign int) bool{
	"<":  func(s int) bool { return s < 0 },
	"<=": func(s int) bool { return s <= 0 },
	">":  func(s int) bool { return s > 0 },
	">=": func(s int) bool { return s >= 0 },
}

// textTests are the operators on two texts.
var textTests = map[string]func(s, sub string) bool{
	"contains": strings.Contains, "startsWith": strings.HasPrefix, "endsWith": strings.HasSuffix,
}

// sums are the operators on two numbers; + is one of its own.
var sums = map[string]func(a, b number) event.Value{
	"-": subtract, "*": multiply, "/": divide, "%": modulo,
}

// binary lowers an operator with two sides.
func (l *lowering) binary(n *ast.BinaryNode) (code, error) {
	parts, err := l.all([]ast.Node{n.Left, n.Right})
	if err != nil {
		return code{}, err
	}
	a, b := parts[0], parts[1]
	switch n.Operator {
	case "and", "&&":
		return folded(ofTest(func(f frame) bool { return a.test(f) && b.test(f) }), a, b), nil
	case "or", "||":
		return folded(ofTest(func(f frame) bool { return a.test(f) || b.test(f) }), a, b), nil
	case "==":
		return folded(equality(a, b, true), a, b), nil
	case "!=":
		return folded(equality(a, b, false), a, b), nil
	case "in":
		return folded(membership(a, b), a, b), nil
	case "??":
		return folded(ofValue(func(f frame) event.Value {
			if v := a.value(f); !missing(v) {
				return v
			}
			return b.value(f)
		}), a, b), nil
	case "+":
		return folded(ofValue(func(f frame) event.Value { return plus(a.value(f), b.value(f)) }), a, b), nil
	case "-":
		return folded(ofValue(func(f frame) event.Value { return minus(a.value(f), b.value(f)) }), a, b), nil
	case "matches":
		return l.matches(n, a, b)
	}
	if holds, ok := orders[n.Operator]; ok {
		return folded(ofTest(func(f frame) bool { return ordered(a.value(f), b.value(f), holds) }), a, b), nil
	}
	if test, ok := textTests[n.Operator]; ok {
		return folded(textTest(a, b, test), a, b), nil
	}
	if sum, ok := sums[n.Operator]; ok {
		return folded(ofValue(func(f frame) event.Value {
			x, ok1 := numberOf(a.value(f))
			y, ok2 := numberOf(b.value(f))
			if !ok1 || !ok2 {
				return event.Value{}
			}
			return sum(x, y)
		}), a, b), nil
	}
	e := l.fail(n, "expr-not-allowed", "the operator %s is not allowed in an expression of a format", n.Operator)
	if near := nearest.Name(n.Operator, operatorNames()); near != "" {
		return code{}, e.Advise("did you mean " + near + "?")
	}
	return code{}, e
}

// operatorNames are those that errors may propose.
func operatorNames() []string {
	return []string{"and", "or", "not", "in", "contains", "startsWith", "endsWith", "matches", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "%", "??"}
}

// equality lowers == and !=. != is what == is not, so it holds where a side is absent.
func equality(a, b code, want bool) code {
	if b.constant && !a.constant {
		a, b = b, a
	}
	switch {
	case a.constant && missing(a.konst) && a.konst.Kind() != event.String:
		return ofTest(func(f frame) bool { return missing(b.value(f)) == want })
	case a.constant && a.konst.Kind() == event.String:
		// The commonest comparison: a place with a constant text.
		text := a.konst
		s := text.Str()
		return ofTest(func(f frame) bool {
			v := b.value(f)
			if v.Kind() == event.String {
				return (v.Str() == s) == want
			}
			return equal(v, text) == want
		})
	}
	return ofTest(func(f frame) bool { return equal(a.value(f), b.value(f)) == want })
}

// membership lowers in.
func membership(a, b code) code {
	if b.constant && b.konst.Kind() == event.List {
		one := oneOf(b.konst)
		return ofTest(func(f frame) bool { return one(a.value(f)) })
	}
	return ofTest(func(f frame) bool { return isOneOf(a.value(f), b.value(f)) })
}

// textTest lowers contains, startsWith and endsWith. The right side is one text.
func textTest(a, b code, test func(s, sub string) bool) code {
	return ofTest(func(f frame) bool {
		sub, ok := textOf(b.value(f))
		if !ok {
			return false
		}
		v := a.value(f)
		if v.Kind() == event.String {
			return test(v.Str(), sub)
		}
		return anyOf(v, func(v event.Value) bool {
			s, ok := textOf(v)
			return ok && test(s, sub)
		})
	})
}

// matches lowers the operator of regular expressions.
func (l *lowering) matches(n *ast.BinaryNode, a, b code) (code, error) {
	if !b.constant || b.konst.Kind() != event.String {
		return code{}, l.fail(n.Right, "expr-type", "the pattern of matches must be a constant text")
	}
	match, err := matcher(b.konst.Str())
	if err != nil {
		from, to := source.Span(n.Right)
		return code{}, source.RegexFault(err).Place(l.src, from, to)
	}
	return folded(patternTest(a, match), a, b), nil
}

// patternTest is a test of any text of a.
func patternTest(a code, match func(string) bool) code {
	return ofTest(func(f frame) bool {
		v := a.value(f)
		if v.Kind() == event.String {
			return match(v.Str())
		}
		return anyOf(v, func(v event.Value) bool {
			s, ok := textOf(v)
			return ok && match(s)
		})
	})
}

// plus adds numbers, a time and nanoseconds, and puts texts together. A text with anything else is a text: the sum of two
// numbers that were read as texts needs int(). With nil there is no sum.
func plus(a, b event.Value) event.Value {
	if missing(a) || missing(b) {
		return event.Value{}
	}
	if a.Kind() != event.String && b.Kind() != event.String {
		switch {
		case a.Kind() == event.Time && b.Kind() == event.Int:
			return shift(a, b.Int())
		case b.Kind() == event.Time && a.Kind() == event.Int:
			return shift(b, a.Int())
		}
		x, ok1 := numberOf(a)
		y, ok2 := numberOf(b)
		if ok1 && ok2 && a.Kind() != event.List && b.Kind() != event.List {
			return add(x, y)
		}
	}
	s, ok1 := textOf(a)
	t, ok2 := textOf(b)
	if !ok1 || !ok2 || len(s)+len(t) > maxText {
		return event.Value{}
	}
	return event.Str(s + t)
}

// minus subtracts numbers, times (nanoseconds) and nanoseconds from a time.
func minus(a, b event.Value) event.Value {
	if a.Kind() == event.Time {
		switch b.Kind() {
		case event.Time:
			return subtract(number{i: a.Int(), whole: true}, number{i: b.Int(), whole: true})
		case event.Int:
			return shift(a, -b.Int())
		}
		return event.Value{}
	}
	x, ok1 := numberOf(a)
	y, ok2 := numberOf(b)
	if !ok1 || !ok2 {
		return event.Value{}
	}
	return subtract(x, y)
}

// shift moves a time.
func shift(at event.Value, ns int64) event.Value {
	return event.At(at.Time().Add(time.Duration(ns)))
}
