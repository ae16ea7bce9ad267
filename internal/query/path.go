package query

import "weir/event"

// Path finds the values that a condition on one full field name is held against: those of the field, the items of lists,
// members of lists of objects, and for the name of an open field all values below it. It is immutable.
type Path struct{ m *fieldMatcher }

// MakePath returns the path of a full field name.
func MakePath(name string) Path {
	var c compiler
	return Path{c.field(name, name, scope{}, nil)}
}

// Each calls fn for each value that e has, none of which is a list or an object, until it returns false. A value may come
// more than once.
func (p Path) Each(e *event.Event, fn func(event.Value) bool) {
	m := *p.m
	m.test = eachValue(fn)
	m.match(e, nil)
}

// eachValue is a test that looks at values and wants more.
type eachValue func(event.Value) bool

// test ends the walk as a hit would.
func (f eachValue) test(v event.Value) bool { return !f(v) }
