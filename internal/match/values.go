package match

import (
	"weir/event"
)

// anyValue holds if any value of the field does.
func anyValue(ref event.Ref, fn func(event.Value) bool) test {
	return func(e *event.Event) bool { return hasValue(ref.Of(e), fn) }
}

// hasValue is anyValue for a value that is at hand. Nulls within a list are no values.
func hasValue(v event.Value, fn func(event.Value) bool) bool {
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

// noValue holds if the field has values and none of them does.
func noValue(ref event.Ref, fn func(event.Value) bool) test {
	return func(e *event.Event) bool {
		v := ref.Of(e)
		// A list of nothing but nulls holds no value that could differ.
		return present(v) && !hasValue(v, fn)
	}
}

// anyText holds if any text of the field does, after what the operand's form asks.
func anyText(o operand, fn func(string) bool) test {
	ref, f := o.ref, o.form
	one := func(v event.Value) bool { return v.Kind() == event.String && fn(f.apply(v.Str())) }
	return anyValue(ref, one)
}

// equalText is the commonest leaf, so it has its own closure: one look-up and one comparison.
func equalText(ref event.Ref, s string) test {
	return func(e *event.Event) bool {
		v := ref.Of(e)
		if v.Kind() == event.String {
			return v.Str() == s
		}
		if v.Kind() != event.List {
			return false
		}
		for i := range v.Len() {
			if it := v.Item(i); it.Kind() == event.String && it.Str() == s {
				return true
			}
		}
		return false
	}
}

// isTrue is the test of a field that stands alone: tls.established.
func isTrue(v event.Value) bool { return v.Kind() == event.Bool && v.Bool() }
