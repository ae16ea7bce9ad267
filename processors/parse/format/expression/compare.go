package expression

import (
	"strings"

	"weir/event"
)

// missing tells whether a value counts as nil: absent, null, or the empty text, which no step writes either.
func missing(v event.Value) bool {
	switch v.Kind() {
	case event.Absent, event.Null:
		return true
	case event.String:
		return v.Str() == ""
	}
	return false
}

// truth tells whether a value is true: the boolean, or the text true in any case. A list is true if all of its one item is.
func truth(v event.Value) bool {
	switch v.Kind() {
	case event.Bool:
		return v.Bool()
	case event.String:
		return len(v.Str()) == 4 && strings.EqualFold(v.Str(), "true")
	case event.List:
		return v.Len() == 1 && v.Item(0).Kind() != event.List && truth(v.Item(0))
	}
	return false
}

// textOf returns the text of a value: numbers and truths have one too. Absent values, objects and lists of several items have
// none.
func textOf(v event.Value) (string, bool) {
	switch v.Kind() {
	case event.String:
		return v.Str(), true
	case event.Int, event.Float, event.Bool, event.Time:
		return v.Text(), true
	case event.List:
		if v.Len() == 1 && v.Item(0).Kind() != event.List {
			return textOf(v.Item(0))
		}
	}
	return "", false
}

// anyOf tells whether ok holds for the value or, of a list, for any of its items: fields that ECS has as lists are compared
// like the others.
func anyOf(v event.Value, ok func(event.Value) bool) bool {
	if v.Kind() != event.List {
		return ok(v)
	}
	for i := range v.Len() {
		if item := v.Item(i); item.Kind() != event.List && ok(item) {
			return true
		}
	}
	return false
}

// equal compares single values and lists. Values of kinds that cannot be compared, and nil, are not equal to anything.
func equal(a, b event.Value) bool {
	switch {
	case a.Kind() == event.List:
		return anyOf(a, func(x event.Value) bool { return equal(x, b) })
	case b.Kind() == event.List:
		return anyOf(b, func(y event.Value) bool { return equal(a, y) })
	case a.Kind() == event.String && b.Kind() == event.String:
		return a.Str() == b.Str()
	case a.Kind() == event.Bool || b.Kind() == event.Bool:
		x, ok1 := boolOf(a)
		y, ok2 := boolOf(b)
		return ok1 && ok2 && x == y
	case a.Kind() == event.Time || b.Kind() == event.Time:
		x, ok1 := isoTime(a)
		y, ok2 := isoTime(b)
		return ok1 && ok2 && x.Int() == y.Int()
	}
	x, ok := numberOf(a)
	if !ok {
		return false
	}
	y, ok := numberOf(b)
	return ok && compareNumbers(x, y) == 0
}

// boolOf returns what a boolean or the text of one says.
func boolOf(v event.Value) (value, ok bool) {
	switch v.Kind() {
	case event.Bool:
		return v.Bool(), true
	case event.String:
		if strings.EqualFold(v.Str(), "true") {
			return true, true
		}
		return false, strings.EqualFold(v.Str(), "false")
	}
	return false, false
}

// ordered tells whether a and b are in the order that holds asks of the sign of their comparison: texts by bytes, numbers by
// size, also against the text of a number, times by time.
func ordered(a, b event.Value, holds func(sign int) bool) bool {
	switch {
	case a.Kind() == event.List:
		return anyOf(a, func(x event.Value) bool { return ordered(x, b, holds) })
	case b.Kind() == event.List:
		return anyOf(b, func(y event.Value) bool { return ordered(a, y, holds) })
	case a.Kind() == event.String && b.Kind() == event.String:
		return !missing(a) && !missing(b) && holds(strings.Compare(a.Str(), b.Str()))
	case a.Kind() == event.Time || b.Kind() == event.Time:
		x, ok1 := isoTime(a)
		y, ok2 := isoTime(b)
		return ok1 && ok2 && holds(compareNumbers(number{i: x.Int(), whole: true}, number{i: y.Int(), whole: true}))
	}
	x, ok := numberOf(a)
	if !ok {
		return false
	}
	y, ok := numberOf(b)
	return ok && holds(compareNumbers(x, y))
}

// isOneOf tells whether x is among the items of a list, or the name of a member of an object.
func isOneOf(x, list event.Value) bool {
	switch list.Kind() {
	case event.List:
		return anyOf(x, func(x event.Value) bool {
			return !missing(x) && anyOf(list, func(y event.Value) bool { return equal(x, y) })
		})
	case event.Object:
		return anyOf(x, func(x event.Value) bool {
			name, ok := textOf(x)
			return ok && list.Get(name).Kind() != event.Absent
		})
	case event.String:
		// A list of one that was written as a single value.
		return equal(x, list)
	}
	return false
}

// oneOf makes the test that a value is one of several constants. Texts are looked up at once, however many there are.
func oneOf(list event.Value) func(event.Value) bool {
	texts := make(map[string]struct{}, list.Len())
	var others []event.Value
	numeric := false
	for i := range list.Len() {
		v := list.Item(i)
		if v.Kind() == event.String {
			texts[v.Str()] = struct{}{}
			_, ok := readNumber(v.Str())
			numeric = numeric || ok
		} else {
			others = append(others, v)
		}
	}
	rest := event.Items(others...)
	one := func(v event.Value) bool {
		if v.Kind() == event.String {
			if _, ok := texts[v.Str()]; ok {
				return true
			}
			return others != nil && isOneOf(v, rest)
		}
		// A number is also equal to the text of it.
		return others != nil && isOneOf(v, rest) || (numeric || v.Kind() == event.Bool) && isOneOf(v, list)
	}
	return func(v event.Value) bool {
		if v.Kind() == event.List {
			return anyOf(v, one)
		}
		return one(v)
	}
}
