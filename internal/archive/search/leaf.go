package search

import (
	"slices"
	"strings"
	"time"
	"unsafe"

	"weir/event"
	"weir/event/ecs"
	"weir/internal/archive/column"
	"weir/internal/archive/index"
	"weir/internal/query"
)

// leaf is a condition on the values of one field, of the fields that fit a pattern, or of all (free text). It is true
// for an event if it is true for any one of the event's fields alone, so it can be asked column by column: the leaf's
// own query is held against an event that has nothing but one value of one field.
type leaf struct {
	field query.Lit
	value *query.Lit // nil: exists
	term  bool
	q     *query.Query // this condition alone; nil: it could not be made, everything is decided on the rebuilt event
	dated bool         // may look at dates, which the query reads in its own zone: q must not decide them

	isRange bool
	bounded bool // the range's value is a moment
	bound   int64
	after   bool
	probe   probe // what the index is asked
}

// newLeaf plans one condition. Its query is made by writing the condition again and parsing that, which gives the
// meaning of every value without a second reading of KQL here; what is relative to now or to a zone is not asked of it.
func newLeaf(n query.Node, field query.Lit, value *query.Lit) node {
	l := &leaf{field: field, value: value}
	op := ": "
	switch n := n.(type) {
	case *query.Term:
		l.term = true
	case *query.Range:
		l.isRange = true
		op = " " + n.Op + " "
		var t time.Time
		t, l.after, l.bounded = n.Bound()
		if l.bounded {
			l.bound = t.UnixNano()
		}
	}
	l.dated = l.mayBeDate()
	text := "*"
	if value != nil {
		text = value.Source()
	}
	if field.Text != "" || field.Wild() {
		text = field.Source() + op + text
	}
	var err error
	if l.q, err = query.Parse(text); err != nil {
		return opaque{}
	}
	l.probe = newProbe(l)
	return l
}

// free tells whether the condition is free text.
func (l *leaf) free() bool { return l.field.Text == "" && !l.field.Wild() }

// open tells whether the condition is on a field that takes any key: then it is on the keys too that have columns.
func (l *leaf) open() bool {
	f, ok := event.Lookup(l.field.Text)
	return ok && f.Type() == ecs.Flattened
}

// mayBeDate tells whether the condition may compare dates. Free text does not, and presence needs no comparison.
func (l *leaf) mayBeDate() bool {
	if l.free() || l.value == nil {
		return false
	}
	if l.field.Wild() {
		return true
	}
	f, ok := event.Lookup(l.field.Text)
	return ok && f.Type() == ecs.Date
}

// cost puts texts that have to be read last, and conditions that look into many columns after those on one.
func (l *leaf) cost() int {
	switch {
	case l.probe.scans:
		return 20
	case l.free():
		return 10
	case l.field.Wild():
		return 8
	}
	return 1
}

// reads tells whether the condition may be true for a value of the column.
func (l *leaf) reads(c *column.Column) bool {
	if c.ID == column.Rest || c.ID == column.Raw {
		return true
	}
	if c.ID == column.Head {
		return false // part of event.original
	}
	if l.free() {
		if c.ID == column.ID(event.EventOriginal) || c.ID == column.ID(event.WeirOriginalBase64) {
			return false
		}
		return c.ID == column.Unknown || c.Kind != column.Time && c.Kind != column.Bool
	}
	if l.field.Wild() {
		return l.field.Match(c.Name)
	}
	if l.value == nil || l.open() {
		return c.Name == l.field.Text || strings.HasPrefix(c.Name, l.field.Text) && c.Name[len(l.field.Text)] == '.'
	}
	return c.Name == l.field.Text
}

// eval asks first what is cheap: columns by their dictionaries, then event.original, then what has no column. Each step
// is only asked about the rows that the steps before have not decided.
func (l *leaf) eval(r *reach, within column.Bits) (answer, error) {
	a := answer{sure: make(column.Bits, len(within))}
	left := within.Clone() // rows that nothing has decided yet
	open, err := l.columns(r, a.sure, left)
	if err != nil {
		return a, err
	}
	if l.readsOriginal(r) {
		hits, err := l.original(r, left)
		if err != nil {
			return a, err
		}
		a.sure.Or(hits)
		left.AndNot(hits)
	}
	hits, more, err := l.rest(r, left)
	if err != nil {
		return a, err
	}
	a.sure.Or(hits)
	a.maybe = a.sure
	if open != nil || more != nil {
		a.maybe = a.sure.Clone()
		for _, b := range []column.Bits{open, more} {
			if b != nil {
				a.maybe.Or(b)
			}
		}
	}
	return a, nil
}

// columns asks column by column, moves the rows that fulfil the condition from left to sure, and returns the rows that
// only the rebuilt event decides, nil for none: those with a date that a term names, in whatever zone.
func (l *leaf) columns(r *reach, sure, left column.Bits) (open column.Bits, err error) {
	for i := range r.metas {
		m := &r.metas[i]
		if m.ID < 0 && m.ID != column.Unknown || !l.reads(m) {
			continue
		}
		if m.Kind == column.Time && l.term && m.ID != column.Unknown {
			more, err := l.present(r, m, left)
			if err != nil {
				return nil, err
			}
			if open == nil {
				open = make(column.Bits, len(left))
			}
			open.Or(more)
			continue
		}
		hits, err := l.column(r, m, left)
		if err != nil {
			return nil, err
		}
		if hits != nil {
			sure.Or(hits)
			left.AndNot(hits)
		}
		if left.Empty() {
			break
		}
	}
	return open, nil
}

// readsOriginal tells whether the condition is about event.original, and the chunk keeps it in parts.
func (l *leaf) readsOriginal(r *reach) bool {
	if !l.reads(&column.Column{ID: column.ID(event.EventOriginal), Name: event.EventOriginal.Path()}) {
		return false
	}
	return slices.ContainsFunc(r.metas, func(c column.Column) bool { return c.ID == column.Head })
}

// present returns the rows that have a value in the column.
func (l *leaf) present(r *reach, m *column.Column, within column.Bits) (column.Bits, error) {
	c, err := r.load(m.Name, m.ID, within)
	if err != nil {
		return nil, err
	}
	out := make(column.Bits, len(within))
	if c != nil {
		within.Each(func(row int) bool {
			if c.Code(row) != 0 {
				out.Set(row)
			}
			return true
		})
	}
	return out, nil
}

// column returns the rows that the condition is true for because of this column; nil for none.
func (l *leaf) column(r *reach, m *column.Column, within column.Bits) (column.Bits, error) {
	rows, done, err := l.prune(r, m, within)
	if err != nil || done {
		return rows, err
	}
	if rows.Empty() {
		return nil, nil
	}
	c, err := r.load(m.Name, m.ID, rows)
	if err != nil || c == nil {
		return nil, err
	}
	return l.entries(r, c, rows), nil
}

// entries asks once for each distinct value among the rows.
func (l *leaf) entries(r *reach, c *column.Column, rows column.Bits) column.Bits {
	t := tester{l: l, c: c, quick: l.term && l.probe.exact && c.ID == column.ID(event.Message)}
	if c.Kind != column.Text {
		t.known = make([]uint8, c.Entries())
		t.v4 = l.probe.v4 && c.Kind == column.Key && c.ID >= 0 && event.Field(c.ID).Type() == ecs.IP
	}
	out := make(column.Bits, len(rows))
	r.each(rows, func(row int) bool {
		if code := c.Code(row); code != 0 && t.test(code) {
			out.Set(row)
		}
		return true
	})
	return out
}

// tester remembers what the condition said of each entry.
type tester struct {
	l     *leaf
	c     *column.Column
	known []uint8 // by entry: 1 false, 2 true
	quick bool    // texts get a quick look first
	v4    bool    // addresses are held against a network as numbers
	e     event.Event
}

// test tells whether the entry fulfils the condition, and asks only once.
func (t *tester) test(code uint32) bool {
	if t.known != nil {
		if k := t.known[code-1]; k != 0 {
			return k == 2
		}
	}
	hit := t.ask(code)
	if t.known != nil {
		t.known[code-1] = 1
		if hit {
			t.known[code-1] = 2
		}
	}
	return hit
}

// ask holds the condition against an event that has nothing but this value. Bounds of dates are compared here: the
// query has resolved them already, in its own zone.
func (t *tester) ask(code uint32) bool {
	if t.l.isRange && t.c.Kind == column.Time && t.c.ID != column.Unknown {
		return t.l.bounded && (t.c.Nums[code-1] >= t.l.bound) == t.l.after
	}
	if t.v4 {
		if a, ok := index.V4(t.c.Strs[code-1]); ok {
			return a&t.l.probe.mask == t.l.probe.base
		}
	}
	if t.quick && !index.MayHold(t.c.Strs[code-1], t.l.probe.words, t.l.value.Quoted) {
		return false
	}
	if t.c.ID == column.Unknown {
		t.e.SetPath(t.c.Name, t.c.Value(code))
	} else {
		t.e.Set(event.Field(t.c.ID), t.c.Value(code))
	}
	return t.l.q.Match(&t.e)
}

// original asks about event.original where it is kept as what stands before message.
func (l *leaf) original(r *reach, within column.Bits) (column.Bits, error) {
	out := make(column.Bits, len(within))
	head, err := r.named(column.Head, within)
	if err != nil || head == nil {
		return out, err
	}
	msg, err := r.named(column.ID(event.Message), within)
	if err != nil {
		return out, err
	}
	var e event.Event
	r.each(within, func(row int) bool {
		if h, ok := head.Str(row); ok {
			m, _ := msg.Str(row)
			e.Set(event.EventOriginal, event.Str(h+m))
			if l.q.Match(&e) {
				out.Set(row)
			}
		}
		return true
	})
	return out, nil
}

// rest asks about what has no column. open are rows that only the whole event decides.
func (l *leaf) rest(r *reach, within column.Bits) (hits, open column.Bits, err error) {
	hits = make(column.Bits, len(within))
	rows, err := l.restRows(r, within)
	if err != nil || rows.Empty() {
		return hits, nil, err
	}
	if l.dated {
		return hits, rows, nil
	}
	var e event.Event
	for _, id := range [...]column.ID{column.Rest, column.Raw} {
		c, err := r.named(id, rows)
		if err != nil {
			return hits, nil, err
		}
		r.each(rows, func(row int) bool {
			if s, ok := c.Str(row); ok {
				_ = e.Decode(unsafe.Slice(unsafe.StringData(s), len(s))) // what can be read of it is what it holds
				if l.q.Match(&e) {
					hits.Set(row)
				}
			}
			return true
		})
	}
	return hits, nil, nil
}
