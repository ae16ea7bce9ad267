package query

import "weir/event"

// anyField holds a test against every field whose name fits a pattern, or for free text every field that free text
// looks into.
type anyField struct {
	name  Lit                             // empty: free text
	tests [event.TypeFlattened + 1]tester // by type; nil: the type cannot hold the value
	plans []plan                          // by field, of those that were known when the query was read
}

// plan is what to do with one field.
type plan struct {
	test tester // of its values; nil: none
	walk bool   // look for members whose full names fit
}

// newAnyField settles for each known field what to do with it: an event then costs one look-up per value. make gives
// the test for a type; types that cannot hold the value have none, and their fields are passed over.
func newAnyField(name Lit, make func(event.Type) (tester, string)) *anyField {
	m := &anyField{name: name}
	for t := range m.tests {
		if typ := event.Type(t); name.Text != "" || typ != event.TypeDate && typ != event.TypeBoolean {
			m.tests[t], _ = make(typ)
		}
	}
	for _, f := range event.Fields() {
		for int(f) >= len(m.plans) {
			m.plans = append(m.plans, plan{})
		}
		m.plans[f] = m.plan(f)
	}
	return m
}

// plan settles what to do with one field.
func (m *anyField) plan(f event.Field) plan {
	typ := f.Type()
	switch {
	case m.name.Text == "" && (f == event.EventOriginal || f == event.WeirOriginalBase64):
	case m.name.Text == "" || m.name.Match(f.Path()):
		return plan{test: m.tests[typ]}
	case typ == event.TypeFlattened || typ == event.TypeNested:
		return plan{walk: m.tests[event.TypeFlattened] != nil}
	}
	return plan{}
}

func (m *anyField) match(e *event.Event, _ *event.Value) bool {
	hit := false
	open := m.tests[event.TypeFlattened]
	e.Each(func(f event.Field, v event.Value) bool {
		var p plan
		if int(f) < len(m.plans) {
			p = m.plans[f]
		} else { // registered later
			p = m.plan(f)
		}
		switch {
		case p.test != nil:
			hit = testValue(v, p.test)
		case p.walk:
			var buf [256]byte
			hit = m.below(append(buf[:0], f.Path()...), v, open)
		}
		return !hit
	})
	if hit || open == nil {
		return hit
	}
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
