// Package index finds, among thousands of conditions, the few that an event may satisfy.
//
// Every condition is filed under the cheapest set of atoms (a value of a field, the last part of a path, a text in a
// value, a field that is there) of which an event that satisfies it must have at least one; where many events have
// one of these, under a second set too. So the index never misses; what it finds too much, whoever asks finds out by
// trying the condition. A condition of which nothing is known that an event must have is found for every event.
package index

import (
	"weir/event"
	"weir/internal/match/fold"
	"weir/internal/match/tree"
	"weir/internal/match/typed"
)

// Index is immutable and safe for many goroutines.
type Index struct {
	n int
	// lists has the conditions of all postings. Those that have two needs are in it with their number for the first,
	// and with second() more for the other; single has a bit for each of those that have one.
	lists  []uint32
	single []uint64
	always posting
	// What is asked of fields of the table stands in fields, byField has its place + 1. The others are in odd.
	fields  []*field
	byField []uint16
	odd     []*field
	reach   reach
	// any is asked of all values. It may be nil.
	any *field
}

// field is what conditions ask of the values of one field. Parts for which there is no atom are nil.
type field struct {
	path    string
	ref     event.Ref
	present posting
	equal   *hashed
	tail    *hashed
	grams   *grams
	rows    []rowText
	// up is the nearest field above this one of which something is asked.
	up *field
	// also is what is asked of all values and therefore of those of this field too, but for what grams has of it
	// already.
	also *field
	// least is the length of the shortest value that can have anything that is asked for, also included.
	least int
}

// hiddenField stands in byField for fields that are not among all values, and of which nothing is asked.
const hiddenField = 1<<16 - 1

// New files conditions. It takes some ten milliseconds for a thousand of them.
func New(trees []*tree.Node) *Index {
	b := builder{ix: &Index{n: len(trees), single: make([]uint64, (len(trees)+63)/64)}, w: newWeigher(trees)}
	b.file(trees)
	b.build()
	return b.ix
}

// Len returns how many conditions are filed.
func (ix *Index) Len() int { return ix.n }

// second returns what stands between the number of a condition in a list for its first need and that for its second.
func (ix *Index) second() uint32 { return uint32(64 * len(ix.single)) }

// Always returns the conditions that are found for every event, in ascending order.
func (ix *Index) Always() []int {
	var out []int
	for _, i := range ix.lists[ix.always.from:ix.always.to] {
		out = append(out, int(i))
	}
	return out
}

// Each calls fn in ascending order with every condition that the event of v may satisfy, each once. It belongs to the
// goroutine of v; fn may ask v and other indexes.
func (ix *Index) Each(v *fold.View, fn func(i int)) {
	m, _ := v.Scratch.(*marks)
	if m == nil {
		m = new(marks)
	}
	v.Scratch = nil // fn may come back with the same view
	m.begin(ix.lists, 2*len(ix.single))
	m.add(ix.always)
	ix.find(v, m)
	m.drain(ix.single, fn)
	m.lists = nil // it may outlive the index
	v.Scratch = m
}

// find marks the conditions that the values of an event ask for.
func (ix *Index) find(v *fold.View, m *marks) {
	e := v.Event()
	m.whole = m.whole[:0]
	e.Each(func(f event.Field, val event.Value) bool {
		objects := val.Kind() >= event.List && fold.HasObject(val)
		if up := ix.reach.above(f); up != nil {
			m.wants(up)
		}
		if objects {
			ix.reach.through(f.Path(), val, m)
		}
		fd := ix.of(f)
		if fd == nil {
			return true
		}
		if !fd.present.empty() && typed.Present(val) {
			m.add(fd.present)
		}
		switch {
		case val.Kind() == event.String:
			fd.ask(v, val.Str(), m) // by far the commonest
		case objects && fd == ix.any:
			v.All(val, func(s string) bool { return fd.ask(v, s, m) })
		case objects:
			fd.askAll(v, m)
		default:
			for _, s := range v.TextsField(f, val) {
				fd.ask(v, s, m)
			}
		}
		return true
	})
	for _, fd := range ix.odd {
		fd.askAll(v, m)
	}
	e.EachExtra(func(path string, val event.Value) bool {
		ix.reach.extra(path, val, m)
		return ix.any == nil || v.All(val, func(s string) bool { return ix.any.ask(v, s, m) })
	})
	for _, fd := range m.whole {
		fd.askAll(v, m)
	}
}

// askAll asks for all texts of the field, wherever the event has them, and for its being there.
func (f *field) askAll(v *fold.View, m *marks) {
	texts := v.Texts(f.ref)
	if !f.present.empty() && (len(texts) > 0 || typed.Present(f.ref.Of(v.Event()))) {
		m.add(f.present)
	}
	for _, s := range texts {
		f.ask(v, s, m)
	}
}

// of returns what is asked of a field, nil if nothing is.
func (ix *Index) of(f event.Field) *field {
	if int(f) < len(ix.byField) {
		switch at := ix.byField[f]; at {
		case 0:
			return ix.any
		case hiddenField:
			return nil
		default:
			return ix.fields[at-1]
		}
	}
	if ix.any == nil || fold.Hidden(f) { // registered since
		return nil
	}
	return ix.any
}

// ask marks what a value of the field asks for. Values that are ASCII are looked at as they are: the tables do not tell
// capitals from small letters. It returns true, for those who go through many values.
func (f *field) ask(v *fold.View, s string, m *marks) bool {
	if len(s) < f.least && isASCII(s) { // folds may be longer
		return true
	}
	if !isASCII(s) {
		s = v.Fold(s)
	}
	for ; f != nil; f = f.also {
		if f.equal != nil {
			f.equal.find(s, m)
		}
		if f.tail != nil {
			if i := lastSlash(s); i >= 0 {
				f.tail.find(s[i+1:], m)
			}
		}
		if f.grams != nil {
			f.grams.scan(s, m)
		}
		for i := range f.rows {
			if r := &f.rows[i]; r.row.in(s) {
				m.add(r.conds)
			}
		}
	}
	return true
}
