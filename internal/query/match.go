package query

import (
	"strings"
	"time"
	"unicode/utf8"

	"weir/event"
	"weir/event/ecs"
	"weir/internal/fault"
)

// matcher is a compiled condition. in is the object that a condition inside braces is about, nil outside. Matchers
// keep no state: any goroutine may call them.
// A closure for each condition would do as well; types can be looked at by a debugger and compared by a test. What runs
// for each event lies in match and test; all else runs once, when the query is read.
type matcher interface {
	match(e *event.Event, in *event.Value) bool
}

// andMatcher is true when all are. They are tried in the order of the query: the writer puts the narrow ones first.
type andMatcher []matcher

// match stops at the first that is false.
func (m andMatcher) match(e *event.Event, in *event.Value) bool {
	for _, x := range m {
		if !x.match(e, in) {
			return false
		}
	}
	return true
}

// orMatcher is true when any is.
type orMatcher []matcher

// match stops at the first that is true.
func (m orMatcher) match(e *event.Event, in *event.Value) bool {
	for _, x := range m {
		if x.match(e, in) {
			return true
		}
	}
	return false
}

// notMatcher is true when the other is not, also for events that lack the field.
type notMatcher struct{ m matcher }

// match never stops early: there is one.
func (m notMatcher) match(e *event.Event, in *event.Value) bool { return !m.m.match(e, in) }

// always is true, or false, for every event.
type always bool

// match looks at nothing.
func (m always) match(*event.Event, *event.Value) bool { return bool(m) }

// fieldMatcher holds the values of one named field against a test.
type fieldMatcher struct {
	ref   event.Ref
	above []memberRef // lists of objects in which the field may lie
	rel   string      // inside braces: the path below the object
	test  tester
}

// memberRef is a list of objects and the path of a member in them.
type memberRef struct {
	list event.Ref
	key  string
}

// match looks into the field, then into the lists of objects above it, which hold it where a sender wrote an array.
func (m *fieldMatcher) match(e *event.Event, in *event.Value) bool {
	if m.rel != "" {
		return testBelow(*in, m.rel, m.test)
	}
	if testValue(m.ref.Of(e), m.test) {
		return true
	}
	for _, a := range m.above {
		if v := a.list.Of(e); v.Kind() == event.List && testBelow(v, a.key, m.test) {
			return true
		}
	}
	return false
}

// testValue tells whether the value, or any item or member of it, passes.
func testValue(v event.Value, t tester) bool {
	switch v.Kind() {
	case event.Absent, event.Null:
		return false
	case event.List:
		for i := range v.Len() {
			if testValue(v.Item(i), t) {
				return true
			}
		}
		return false
	case event.Object:
		for i := range v.Len() {
			if _, m := v.Member(i); testValue(m, t) {
				return true
			}
		}
		return false
	}
	return t.test(v)
}

// testBelow tells whether the member at a dotted path passes, in any object of a list.
// A key may itself have points in it, as flattened objects of many agents do: each point is tried as the end of a key.
func testBelow(v event.Value, path string, t tester) bool {
	switch v.Kind() {
	case event.List:
		for i := range v.Len() {
			if testBelow(v.Item(i), path, t) {
				return true
			}
		}
	case event.Object:
		if testValue(v.Get(path), t) {
			return true
		}
		for i := 0; i < len(path); i++ {
			if path[i] == '.' && testBelow(v.Get(path[:i]), path[i+1:], t) {
				return true
			}
		}
	}
	return false
}

// nestedMatcher tries a condition on each object below a field. Where the objects were written as one object, their
// members are fields of the event, and flat is the same condition on those.
type nestedMatcher struct {
	ref  event.Ref
	one  matcher
	flat matcher
}

// match tries the objects one by one; the event is handed on, since a condition inside may be about nothing but it.
func (m *nestedMatcher) match(e *event.Event, _ *event.Value) bool {
	v := m.ref.Of(e)
	if v.Kind() == event.Absent {
		return m.flat.match(e, nil)
	}
	for i := range v.Len() {
		item := v
		if v.Kind() == event.List {
			item = v.Item(i)
		} else if i > 0 {
			break
		}
		if item.Kind() == event.Object && m.one.match(e, &item) {
			return true
		}
	}
	return false
}

// compiler turns a tree into matchers. It is used by one Parse call.
// It refuses what no event could ever fulfil, with the place in the query: a search that silently finds nothing is worse.
type compiler struct {
	src     string
	now     time.Time
	planned map[string][]plan // by pattern of a field's name
}

// scope says where the fields of a condition lie.
type scope struct {
	base     string // path of the object that they are named from, with a point at the end
	relative bool   // look into the object at hand, else into the event
}

// compile makes the matcher of a node. Everything that can be settled once (types, numbers, dates, tokens) is settled
// here, so that match only compares.
func (c *compiler) compile(n Node, in scope) (matcher, *fault.Error) {
	switch n := n.(type) {
	case *And:
		ms, err := c.all(n.Nodes, in)
		return andMatcher(ms), err
	case *Or:
		ms, err := c.all(n.Nodes, in)
		return orMatcher(ms), err
	case *Not:
		m, err := c.compile(n.Node, in)
		return notMatcher{m}, err
	case *Exists:
		return c.exists(n.Field, in)
	case *Nested:
		return c.nested(n, in)
	// How a value is compared is settled by the type of its field, here and not for each event.
	case *Term:
		return c.condition(n.Field, n.Value, in, func(t ecs.Type) (tester, string) { return termTester(t, n.Value, c.now) })
	case *Range:
		return c.condition(n.Field, n.Value, in, func(t ecs.Type) (tester, string) { return rangeTester(t, n) })
	}
	return always(true), nil
}

// all makes the matchers of several nodes.
func (c *compiler) all(nodes []Node, in scope) ([]matcher, *fault.Error) {
	out := make([]matcher, len(nodes))
	for i, n := range nodes {
		m, err := c.compile(n, in)
		if err != nil {
			return nil, err
		}
		out[i] = m
	}
	return out, nil
}

// condition makes the matcher of a term or range; make gives the test for a type, or why there is none.
func (c *compiler) condition(field, value Lit, in scope, make func(ecs.Type) (tester, string)) (matcher, *fault.Error) {
	if field.Text == "" || field.Wild() {
		if in.base != "" {
			at := field
			if at.Text == "" {
				at = value
			}
			return nil, c.wrong(at, "inside braces every value needs the full name of its field", "write `{ name: value }`")
		}
		return newAnyField(field, c.plans(field), make), nil
	}
	path := in.base + field.Text
	typ := ecs.Flattened // of open keys and of paths that no list knows
	if f, ok := event.Lookup(path); ok {
		typ = f.Type()
	}
	t, why := make(typ)
	if t == nil {
		return nil, c.wrong(value, "`"+field.Text+"` "+why, "write a value that the field can have, or `"+field.Text+": *`")
	}
	m := c.field(field.Text, path, in, t)
	if in.relative || typ != ecs.Flattened || len(fieldsBelow(path)) == 0 {
		return m, nil
	}
	// What is asked of a field that takes any key is asked of all its keys, of those too that are fields of their own.
	below := Lit{Text: path + ".*", Parts: []string{path + ".", ""}}
	return orMatcher{m, newAnyField(below, c.plans(below), make)}, nil
}

// field makes the matcher of one named field. An array of objects is decoded as one value of its parent, so a member is
// looked for there too: dns.answers.data is a field of its own, and a key of each object of dns.answers. Of a path that
// no list knows, any parent may be such an array.
func (c *compiler) field(name, path string, in scope, t tester) *fieldMatcher {
	if in.relative {
		return &fieldMatcher{rel: name, test: t}
	}
	m := &fieldMatcher{ref: event.MakeRef(path), test: t}
	_, plain := m.ref.Field()
	if !plain && openKey(path) {
		return m // the reference walks through lists by itself
	}
	for i := strings.LastIndexByte(path, '.'); i > 0; i = strings.LastIndexByte(path[:i], '.') {
		// A key that lists know now may lie in an open field of an event that was stored before they did.
		if f, ok := event.Lookup(path[:i]); !plain && !ok || ok && (f.Type() == ecs.Nested || f.Type() == ecs.Flattened) {
			m.above = append(m.above, memberRef{event.MakeRef(path[:i]), path[i+1:]})
		}
	}
	return m
}

// exists makes the matcher of field: *, true also when a field below has a value.
func (c *compiler) exists(field Lit, in scope) (matcher, *fault.Error) {
	any := func(ecs.Type) (tester, string) { return presence{}, "" }
	if field.Wild() {
		if in.base != "" {
			return nil, c.wrong(field, "inside braces every value needs the full name of its field", "write `{ name: value }`")
		}
		return newAnyField(field, c.plans(field), any), nil
	}
	path := in.base + field.Text
	m := c.field(field.Text, path, in, presence{})
	if in.relative {
		return m, nil
	}
	below := Lit{Text: path + ".*", Parts: []string{path + ".", ""}}
	if _, known := event.Lookup(path); known && len(fieldsBelow(path)) == 0 {
		return m, nil
	}
	return orMatcher{m, newAnyField(below, c.plans(below), any)}, nil
}

// nested compiles the condition twice: for one object at hand, and for members that are fields of the event.
func (c *compiler) nested(n *Nested, in scope) (matcher, *fault.Error) {
	if n.Field.Wild() || in.base != "" {
		return nil, c.wrong(n.Field, "braces stand behind one full field name and not in other braces", "write the full name of the list of objects before them")
	}
	base := n.Field.Text + "."
	one, err := c.compile(n.Node, scope{base: base, relative: true})
	if err != nil {
		return nil, err
	}
	flat, err := c.compile(n.Node, scope{base: base})
	if err != nil {
		return nil, err
	}
	return &nestedMatcher{ref: event.MakeRef(n.Field.Text), one: one, flat: flat}, nil
}

// wrong makes an error that points at a literal.
func (c *compiler) wrong(l Lit, what, do string) *fault.Error {
	e := mistake(c.src, 0, 0, what, do)
	e.Mark = l.Col
	e.Width = max(1, utf8.RuneCountInString(l.Text))
	if left := utf8.RuneCountInString(c.src) - l.Col + 1; e.Width > left {
		e.Width = max(1, left)
	}
	return e
}

// openKey tells whether path lies below a field that takes any key.
func openKey(path string) bool {
	for i := strings.LastIndexByte(path, '.'); i > 0; i = strings.LastIndexByte(path[:i], '.') {
		if f, ok := event.Lookup(path[:i]); ok {
			return f.Type() == ecs.Flattened || f.Type() == ecs.Nested
		}
	}
	return false
}

// fieldsBelow returns the known fields whose paths lie below path.
func fieldsBelow(path string) []event.Field {
	var out []event.Field
	for _, f := range event.Fields() {
		if p := f.Path(); len(p) > len(path) && p[len(path)] == '.' && strings.HasPrefix(p, path) {
			out = append(out, f)
		}
	}
	return out
}
