package query

import (
	"strings"

	"weir/event"
	"weir/event/ecs"
)

// anyField holds a test against every field whose name fits a pattern, or for free text every field that free text
// looks into.
// A condition on many fields is the dearest that there is. Three things keep it near the price of a scan: the pattern of
// names is held against the known names once, when the query is read; of an event only the fields that have a value are
// looked at; a value meets a test only where its type can hold what is asked for.
type anyField struct {
	name  Lit                       // empty: free text
	tests [ecs.Flattened + 1]tester // by type; nil: the type cannot hold the value
	plans []plan                    // by field, of those that were known when the query was read; shared
}

// plan is what to do with one field: nothing, walk, or hold its values against the test of type plan-1.
type plan uint8

// A plan is one byte, so that the list for all fields stays in the cache while a million events go by.
const (
	skip plan = 0
	walk plan = 255 // look for members whose full names fit
)

// newAnyField makes the matcher; make gives the test for a type.
func newAnyField(name Lit, plans []plan, make func(ecs.Type) (tester, string)) *anyField {
	m := &anyField{name: name, plans: plans}
	for t := range m.tests {
		if typ := ecs.Type(t); name.Text != "" || typ != ecs.Date && typ != ecs.Boolean {
			m.tests[t], _ = make(typ)
		}
	}
	return m
}

// plans settles for each known field what to do with it: an event then costs one look-up per value. A query of many
// such conditions has one list per pattern.
func (c *compiler) plans(name Lit) []plan {
	key := strings.Join(name.Parts, "\x00") // the text alone does not tell a star from an escaped one
	if list, ok := c.planned[key]; ok {
		return list
	}
	var list []plan
	for _, f := range event.Fields() {
		for int(f) >= len(list) {
			list = append(list, skip)
		}
		list[f] = planOf(name, f)
	}
	if c.planned == nil {
		c.planned = map[string][]plan{}
	}
	c.planned[key] = list
	return list
}

// planOf settles what to do with one field.
// The original is left out of free text because it repeats the message, with all that was taken out of it.
func planOf(name Lit, f event.Field) plan {
	typ := f.Type()
	switch {
	case name.Text == "" && (f == event.EventOriginal || f == event.WeirOriginalBase64):
	case name.Text == "" || name.Match(f.Path()):
		return plan(typ) + 1
	case typ == ecs.Flattened || typ == ecs.Nested:
		return walk
	}
	return skip
}

// match asks each value once. It ends with the first hit, and keeps no state: the buffers are on the stack.
func (m *anyField) match(e *event.Event, _ *event.Value) bool {
	hit := false
	open := m.tests[ecs.Flattened]
	e.Each(func(f event.Field, v event.Value) bool {
		var p plan
		if int(f) < len(m.plans) {
			p = m.plans[f]
		} else { // registered later
			p = planOf(m.name, f)
		}
		switch {
		case p == skip:
		case p != walk:
			if t := m.tests[p-1]; t != nil {
				hit = testValue(v, t)
			}
		case open != nil:
			var buf [256]byte
			hit = m.below(append(buf[:0], f.Path()...), v, open)
		}
		return !hit
	})
	if hit || open == nil {
		return hit
	}
	// Paths that no list knows have no plan; their names are held against the pattern one by one. They are rare.
	e.EachExtra(func(path string, v event.Value) bool {
		if m.name.Text == "" || m.name.Match(path) {
			hit = testValue(v, open)
		} else if v.Kind() == event.Object || v.Kind() == event.List {
			var buf [256]byte
			hit = m.below(append(buf[:0], path...), v, open)
		}
		return !hit
	})
	return hit
}

// below tries the members below path whose full names fit.
func (m *anyField) below(path []byte, v event.Value, t tester) bool {
	switch v.Kind() {
	case event.List:
		for i := range v.Len() {
			if m.below(path, v.Item(i), t) {
				return true
			}
		}
	case event.Object:
		for i := range v.Len() {
			key, member := v.Member(i)
			full := append(append(path, '.'), key...)
			if m.fits(full) && testValue(member, t) || m.below(full, member, t) {
				return true
			}
		}
	}
	return false
}

// fits is Lit.Match on bytes, so that a name that is only passing by is not copied.
// Most patterns are one star at the end, and answered without a copy.
func (m *anyField) fits(name []byte) bool {
	parts := m.name.Parts
	if parts == nil {
		return string(name) == m.name.Text
	}
	first := parts[0]
	if len(name) < len(first) || string(name[:len(first)]) != first {
		return false
	}
	if len(parts) == 2 && parts[1] == "" {
		return true
	}
	return globMatch(parts, string(name))
}
