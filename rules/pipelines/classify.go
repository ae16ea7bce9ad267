package pipelines

import (
	"slices"
	"strings"
	"sync/atomic"

	"weir/event"
)

// row says that events with some values are of some log sources.
type row struct {
	conds  []cond
	labels labels
}

// cond wants a field to have one of some values.
type cond struct {
	field  event.Field
	values []string // in lower case; none: any value at all
}

// Classify walks a tree that is built as events come: each node looks at one field, and what is left below it are the
// rows that the fields above allow. Which rows those are depends on values that rows name, never on others, so that the
// tree has as many nodes as there are kinds of events, not as many as there are texts.

// maxNodes bounds the tree, which events that mix the values of many sources could make large. Beyond it the class of an
// event of a new kind is worked out each time.
const maxNodes = 1 << 12

// maxValue is the longest value that is compared; longer ones are names of nothing.
const maxValue = 128

// node is a place in the tree. It is not looked into before an event comes by.
type node struct {
	rows []open
	got  labels
	done atomic.Pointer[branch]
}

// open is a row that may still hold, and which of its conditions have not been asked.
type open struct {
	row  *row
	left []cond
}

// branch is what a node does with an event: it looks at a field and goes on, or knows the class.
type branch struct {
	leaf  bool
	class Class
	field event.Field
	// item: the field is a list in ECS, so the question is whether values is in it. Else it has one value, and kids says
	// where each of those that rows name leads, as rows spell it and in lower case.
	item   string
	isList bool
	kids   map[string]*node
	other  *node // any other value; for a list: values is not in it
	absent *node
}

// Classify returns the class of an event. It costs a look-up for each field that tells sources apart, and no memory once
// an event of that kind has been seen.
func (s *Set) Classify(e *event.Event) Class {
	n := s.tree
	for {
		b := n.done.Load()
		if b == nil {
			if b = s.expand(n); b == nil {
				return s.byRows(e)
			}
		}
		if b.leaf {
			return b.class
		}
		n = b.next(e)
	}
}

// next returns where the branch leads for an event.
func (b *branch) next(e *event.Event) *node {
	v := e.Get(b.field)
	if b.isList {
		if holds(v, b.item) {
			return b.kids[b.item]
		}
		return b.other
	}
	text := v.Str()
	switch v.Kind() {
	case event.String:
	case event.Absent, event.Null:
		return b.absent
	case event.List:
		text = e.Str(b.field) // its first item
	}
	if n, ok := b.kids[text]; ok {
		return n
	}
	var buf [maxValue]byte
	if folded, ok := fold(buf[:0], text); ok {
		if n, ok := b.kids[string(folded)]; ok { // the compiler makes no string of it
			return n
		}
	}
	return b.other
}

// holds tells whether a value is a text, or a list with it in it.
func holds(v event.Value, text string) bool {
	if v.Kind() != event.List {
		return strings.EqualFold(v.Str(), text)
	}
	for i := range v.Len() {
		if strings.EqualFold(v.Item(i).Str(), text) {
			return true
		}
	}
	return false
}

// fold appends a text in lower case to buf. It reports false where that changes nothing, and for what is too long. Names
// of channels and datasets are ASCII.
func fold(buf []byte, text string) ([]byte, bool) {
	if len(text) > maxValue {
		return nil, false
	}
	changed := false
	for i := range len(text) {
		c := text[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
			changed = true
		}
		buf = append(buf, c)
	}
	return buf, changed
}

// plant makes the root of the tree.
func (s *Set) plant() *node {
	n := &node{}
	for i := range s.rows {
		n.rows = append(n.rows, open{&s.rows[i], s.rows[i].conds})
	}
	return n
}

// expand finds out what a node does, nil where the tree is full. Two goroutines may ask at once; the first one does it.
func (s *Set) expand(n *node) *branch {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := n.done.Load(); b != nil {
		return b
	}
	if s.grown >= maxNodes {
		return nil
	}
	s.grown++
	b := s.branch(n)
	n.done.Store(b)
	return b
}

// byRows works out the class of an event without the tree.
func (s *Set) byRows(e *event.Event) Class {
	var l labels
	for i := range s.rows {
		if r := &s.rows[i]; !slices.ContainsFunc(r.conds, func(c cond) bool { return !c.holds(e) }) {
			l = l.add(r.labels)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.classes.id(l)
}

// holds tells whether an event satisfies the condition.
func (c cond) holds(e *event.Event) bool {
	v := e.Get(c.field)
	switch {
	case v.Kind() == event.Absent || v.Kind() == event.Null:
		return false
	case len(c.values) == 0:
		return true
	case c.field.Array():
		return slices.ContainsFunc(c.values, func(want string) bool { return holds(v, want) })
	}
	text := e.Str(c.field)
	return slices.ContainsFunc(c.values, func(want string) bool { return strings.EqualFold(text, want) })
}

// branch makes what a node does.
func (s *Set) branch(n *node) *branch {
	field, ok := nextField(n.rows)
	if !ok {
		return &branch{leaf: true, class: s.classes.id(n.got)}
	}
	b := &branch{field: field, kids: map[string]*node{}, isList: field.Array()}
	values := valuesOf(n.rows, field)
	if b.isList {
		// One value at a time: an event may have several of them.
		b.item = values[0]
		b.kids[b.item], b.other = n.item(field, b.item, true), n.item(field, b.item, false)
		return b
	}
	for _, v := range values {
		b.kids[v] = n.with(field, func(c cond) bool { return len(c.values) == 0 || slices.Contains(c.values, v) })
	}
	b.other = n.with(field, func(c cond) bool { return len(c.values) == 0 })
	b.absent = n.with(field, func(cond) bool { return false })
	return b
}

// first are the fields that tell most sources apart, in the order in which they are asked.
var first = []event.Field{event.EventDataset, event.EventModule, event.WinlogChannel, event.WinlogProviderName}

// nextField chooses the field that a node looks at: the first one that any row still wants to know.
func nextField(rows []open) (event.Field, bool) {
	best, rank := event.Field(0), -1
	for _, o := range rows {
		for _, c := range o.left {
			r := slices.Index(first, c.field)
			if r < 0 {
				r = len(first) + int(c.field)
			}
			if rank < 0 || r < rank {
				best, rank = c.field, r
			}
		}
	}
	return best, rank >= 0
}

// valuesOf returns the values that rows name for a field, sorted. For a list without any it has "*": what asks whether a
// list is there at all.
func valuesOf(rows []open, field event.Field) []string {
	var out []string
	for _, o := range rows {
		for _, c := range o.left {
			if c.field == field {
				out = append(out, c.values...)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// with returns the node for events whose value of a field satisfies the conditions that say so. A row that has no
// condition on the field stays; one whose condition does not hold is out.
func (n *node) with(field event.Field, satisfied func(cond) bool) *node {
	kid := &node{got: n.got}
	for _, o := range n.rows {
		left, out := o.left, false
		for i, c := range o.left {
			if c.field != field {
				continue
			}
			if out = !satisfied(c); !out {
				left = slices.Delete(slices.Clone(o.left), i, i+1)
			}
			break
		}
		kid.keep(o.row, left, out)
	}
	kid.prune()
	return kid
}

// item is with for a list: it tells what one value being in it, or not, means for each row.
func (n *node) item(field event.Field, value string, in bool) *node {
	kid := &node{got: n.got}
	for _, o := range n.rows {
		left, out := o.left, false
		for i, c := range o.left {
			if c.field != field || !slices.Contains(c.values, value) {
				continue
			}
			left = slices.Delete(slices.Clone(o.left), i, i+1)
			if rest := slices.DeleteFunc(slices.Clone(c.values), func(v string) bool { return v == value }); !in && len(rest) > 0 {
				left = append(left, cond{field, rest})
			} else if !in {
				out = true
			}
			break
		}
		kid.keep(o.row, left, out)
	}
	kid.prune()
	return kid
}

// keep adds a row to a node, or its labels if nothing is left to ask, or nothing if it is out.
func (n *node) keep(r *row, left []cond, out bool) {
	switch {
	case out:
	case len(left) == 0:
		n.got = n.got.add(r.labels)
	default:
		n.rows = append(n.rows, open{r, left})
	}
}

// prune drops rows that could only say what is known already, so that nothing is looked at for their sake.
func (n *node) prune() {
	n.rows = slices.DeleteFunc(n.rows, func(o open) bool {
		l := o.row.labels
		return within(l.products, n.got.products) && within(l.categories, n.got.categories) && within(l.services, n.got.services)
	})
}

// within tells whether all of a is in b.
func within(a, b []string) bool {
	return !slices.ContainsFunc(a, func(s string) bool { return !slices.Contains(b, s) })
}
