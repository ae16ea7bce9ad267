package match

import (
	"slices"

	"weir/event"
	"weir/internal/match/fold"
	"weir/internal/match/typed"
)

// anyValue holds if any value of the field does.
func anyValue(ref event.Ref, fn func(event.Value) bool) test {
	return func(v *fold.View) bool { return typed.Any(ref.Of(v.Event()), fn) }
}

// noValue holds if the field has values and none of them does.
func noValue(ref event.Ref, fn func(event.Value) bool) test {
	return func(v *fold.View) bool {
		val := ref.Of(v.Event())
		// A list of nothing but nulls holds no value that could differ.
		return typed.Present(val) && !typed.Any(val, fn)
	}
}

// Each of the functions below gives a test of a field, or of $env, from a test of one value. What fn is handed ends with the
// event: it may look and not keep.

// anyString holds if any text of the field does, or of $env any value. It is what operators see.
func (o operand) anyString(fn func(string) bool) test {
	if o.any {
		return anyText(o, fn)
	}
	ref := o.ref
	return func(v *fold.View) bool {
		val := ref.Of(v.Event())
		if val.Kind() == event.String { // by far the commonest
			return fn(val.Str())
		}
		return typed.Any(val, func(it event.Value) bool { return it.Kind() == event.String && fn(it.Str()) })
	}
}

// anyText holds if any value of the field does, as text. It is what functions see.
func anyText(o operand, fn func(string) bool) test {
	if o.any {
		return func(v *fold.View) bool {
			held := false
			v.EachText(func(s string) bool {
				held = fn(s)
				return !held
			})
			return held
		}
	}
	ref := o.ref
	return func(v *fold.View) bool { return slices.ContainsFunc(v.Texts(ref), fn) }
}

// anyFolded is anyText for what case does not count in.
func anyFolded(o operand, fn func(string) bool) test {
	if o.any {
		return func(v *fold.View) bool { return o.hasFolded(v, fn) }
	}
	ref := o.ref
	return func(v *fold.View) bool { return slices.ContainsFunc(v.Folded(ref), fn) }
}

// hasFolded is anyFolded for a predicate that is made for one event.
func (o operand) hasFolded(v *fold.View, fn func(string) bool) bool {
	if !o.any {
		return slices.ContainsFunc(v.Folded(o.ref), fn)
	}
	held := false
	v.EachFolded(func(s string) bool {
		held = fn(s)
		return !held
	})
	return held
}

// isTrue is the test of a field that stands alone: tls.established.
func isTrue(v event.Value) bool { return v.Kind() == event.Bool && v.Bool() }
