// Package typed compares values of events as the operators of expr do: texts with texts, numbers with numbers, times with
// times, and nothing across.
package typed

import (
	"cmp"
	"strings"
	"unicode/utf8"

	"weir/event"
)

// Form is what is done to a value before an operator sees it.
type Form uint8

// The forms.
const (
	Plain Form = iota
	Lower
	Upper
	Len
)

// Forms are the functions of expr that are forms.
var Forms = map[string]Form{"lower": Lower, "upper": Upper, "len": Len}

// Apply does what the form asks of a text. Texts that are in that case already are returned without a copy.
func (f Form) Apply(s string) string {
	switch f {
	case Lower:
		return strings.ToLower(s)
	case Upper:
		return strings.ToUpper(s)
	}
	return s
}

// Present tells whether a value counts as one: neither absent nor null, nor a list without any such value.
func Present(v event.Value) bool {
	switch v.Kind() {
	case event.Absent, event.Null:
		return false
	case event.List:
		for i := range v.Len() {
			if v.Item(i).Kind() != event.Null {
				return true
			}
		}
		return false
	}
	return true
}

// Any tells whether any single value does. Nulls within a list are no values.
func Any(v event.Value, fn func(event.Value) bool) bool {
	switch v.Kind() {
	case event.Absent, event.Null:
		return false
	case event.List:
		for i := range v.Len() {
			if it := v.Item(i); it.Kind() != event.Null && fn(it) {
				return true
			}
		}
		return false
	}
	return fn(v)
}

// TextOps are the operators of expr that take two texts. Case matters to all of them.
var TextOps = map[string]func(s, sub string) bool{
	"contains": strings.Contains, "startsWith": strings.HasPrefix, "endsWith": strings.HasSuffix,
}

// Order returns the comparison that an operator stands for, nil for operators that are none. Texts and times use it on the
// sign of their own comparison.
func Order(operator string) func(a, b float64) bool {
	return map[string]func(a, b float64) bool{
		"==": func(a, b float64) bool { return a == b }, "!=": func(a, b float64) bool { return a != b },
		"<": func(a, b float64) bool { return a < b }, "<=": func(a, b float64) bool { return a <= b },
		">": func(a, b float64) bool { return a > b }, ">=": func(a, b float64) bool { return a >= b },
	}[operator]
}

// To makes the test that a single value is equal to a constant, or lies below or above it: numbers by size, texts by bytes,
// times by time. Of the operators that Order has it does not know !=, which is about all values of a field.
func To(operator string, f Form, lit Literal) func(event.Value) bool {
	if operator == "==" {
		return equalTo(f, lit)
	}
	hold := Order(operator)
	// Whole numbers never become floats on the way: those have 53 bits, and ids in events have more.
	sign := func(c int) bool { return hold(float64(c), 0) }
	return func(v event.Value) bool {
		switch v.Kind() {
		case event.Int:
			if lit.isWhole {
				return sign(cmp.Compare(v.Int(), lit.whole))
			}
			return lit.IsNumber && hold(v.Float(), lit.Number)
		case event.Float:
			return lit.IsNumber && hold(v.Float(), lit.Number)
		case event.String:
			return lit.IsText && sign(strings.Compare(f.Apply(v.Str()), lit.Text))
		case event.Time:
			return lit.IsTime && sign(cmp.Compare(v.Int(), lit.nanos))
		}
		return false
	}
}

// equalTo makes the test of one value against a constant.
func equalTo(f Form, lit Literal) func(event.Value) bool {
	switch {
	case lit.IsText:
		return func(v event.Value) bool {
			switch v.Kind() {
			case event.String:
				return f.Apply(v.Str()) == lit.Text
			case event.Time:
				return lit.IsTime && v.Int() == lit.nanos
			}
			return false
		}
	case lit.IsNumber:
		return func(v event.Value) bool {
			switch v.Kind() {
			case event.Int:
				if lit.isWhole {
					return v.Int() == lit.whole
				}
				return v.Float() == lit.Number
			case event.Float:
				return v.Float() == lit.Number
			}
			return false
		}
	}
	return func(v event.Value) bool { return v.Kind() == event.Bool && v.Bool() == lit.truth }
}

// OneOf makes the test that a single value is one of several constants. Texts are looked up at once, however many there
// are; values of other kinds are few and tried in turn.
func OneOf(f Form, lits []Literal) func(event.Value) bool {
	texts := make(map[string]struct{}, len(lits))
	var others []func(event.Value) bool
	for _, lit := range lits {
		if lit.IsText && !lit.IsTime {
			texts[lit.Text] = struct{}{}
		} else {
			others = append(others, equalTo(f, lit))
		}
	}
	return func(v event.Value) bool {
		if v.Kind() == event.String {
			if _, ok := texts[f.Apply(v.Str())]; ok {
				return true
			}
		}
		for _, eq := range others {
			if eq(v) {
				return true
			}
		}
		return false
	}
}

// Length makes the test of the number of a field's values, or of the letters of its one text.
func Length(operator string, lit Literal) func(event.Value) bool {
	hold := Order(operator)
	return func(v event.Value) bool {
		if hold == nil || !Present(v) || !lit.IsNumber {
			return false
		}
		n := v.Len()
		if v.Kind() == event.String {
			// Letters and not bytes: it is what the writer of a rule counts.
			n = utf8.RuneCountInString(v.Str())
		}
		return hold(float64(n), lit.Number)
	}
}
