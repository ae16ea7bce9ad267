// Package fields counts which fields events have, how many events have each, and with which values: what stands beside the
// hits of a search.
package fields

import (
	"context"
	"runtime"
	"slices"
	"strings"
	"sync"

	"weir/event"
	"weir/internal/archive/column"
	"weir/internal/archive/search"
	"weir/internal/archive/search/tally"
)

// Request asks which fields events have. The zero value of every field but Query is useful.
type Request struct {
	search.Request // of which only Query, From, To, Classes and Revisions are looked at
	// Sample is how many of the newest matching events are looked at; 0: all.
	Sample int
	// Values is how many of the commonest values of each field are wanted; 0: none.
	Values int
	// Only limits the answer to these paths, and what lies below them; empty: all.
	Only []string
}

// Field is one field and how many events have it.
type Field struct {
	Path   string
	Events int
	// Values are the commonest values, unless each event has its own (messages, ids); Distinct is how many there are.
	Values   []search.Value
	Distinct int
	Bounded  bool // there were more values than are counted
}

// Summary is what events have, in the order of the paths.
type Summary struct {
	Events     int // that were looked at
	Sampled    bool
	Fields     []Field
	Unreadable []error
}

// maxFieldValues bounds the values that are counted of one field, maxPaths the paths below open fields.
const (
	maxFieldValues = 20_000
	maxPaths       = 5_000
)

// Count counts which fields the events of the parts have. Memory is bounded by the number of fields times maxFieldValues.
func Count(ctx context.Context, parts []search.Part, req Request, onBad func(error)) (*Summary, error) {
	c := &counter{req: req, left: req.Sample, at: map[string]*fieldTally{}}
	workers := runtime.GOMAXPROCS(0)
	if req.Sample > 0 {
		workers = 1 // one part after the other, the newest first
	}
	bad, err := search.Visit(ctx, parts, req.Request, workers, c.part, onBad)
	if err != nil {
		return nil, err
	}
	c.sum.Unreadable = bad
	return c.summary(), nil
}

// counter is one count at work.
type counter struct {
	req  Request
	left int // of the sample; used by one goroutine

	mu  sync.Mutex // guards what follows
	sum Summary
	at  map[string]*fieldTally
}

// fieldTally is one field's count.
type fieldTally struct {
	events int
	values *tally.Table // nil: not wanted
}

// part counts one part. It tells whether further ones are wanted.
func (f *counter) part(p *search.Found) (more bool, err error) {
	rows, err := f.newest(p)
	if err != nil {
		return true, err
	}
	inside, err := unbroken(p, rows)
	if err != nil {
		return true, err
	}
	found := map[string]*fieldTally{}
	for _, m := range p.Columns() {
		if (m.ID < 0 && m.ID != column.Unknown) || !f.wants(m.Name) {
			continue
		}
		if found[m.Name], err = f.column(p, &m, inside); err != nil {
			return true, err
		}
	}
	if err := f.loose(p, rows, found); err != nil {
		return true, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sum.Events += rows.Count()
	for path, t := range found {
		f.merge(path, t)
	}
	return f.req.Sample == 0 || f.left > 0, nil
}

// newest cuts the rows down to what is left of the sample.
func (f *counter) newest(p *search.Found) (column.Bits, error) {
	if f.req.Sample == 0 {
		return p.Rows, nil
	}
	list, err := p.InOrder()
	if err != nil {
		return nil, err
	}
	rows := p.Rows
	if over := len(list) - f.left; over > 0 {
		f.sum.Sampled = true
		rows = make(column.Bits, len(p.Rows))
		for _, row := range list[over:] {
			rows.Set(row)
		}
	}
	f.left -= min(len(list), f.left)
	return rows, nil
}

// wants tells whether a path is asked for.
func (f *counter) wants(path string) bool {
	return len(f.req.Only) == 0 || slices.ContainsFunc(f.req.Only, func(o string) bool {
		return strings.HasPrefix(path, o) && (len(path) == len(o) || path[len(o)] == '.')
	})
}

// unbroken leaves out rows whose document is kept whole: some of its fields stand in columns too.
func unbroken(p *search.Found, rows column.Bits) (column.Bits, error) {
	c, err := p.Column(column.RawName, rows)
	if err != nil || c == nil {
		return rows, err
	}
	return rows.Clone().AndNot(having(c, rows)), nil
}

// having returns the rows that have a value in a column.
func having(c *column.Column, rows column.Bits) column.Bits {
	out := make(column.Bits, len(rows))
	rows.Each(func(row int) bool {
		if code := c.Code(row); code != 0 && (c.Kind != column.List || c.Spans[code-1].Len > 0) {
			out.Set(row)
		}
		return true
	})
	return out
}

// column counts the rows that have a value in a column.
func (f *counter) column(p *search.Found, m *column.Column, rows column.Bits) (*fieldTally, error) {
	t := &fieldTally{}
	c, err := p.Column(m.Name, rows)
	if err != nil || c == nil {
		return t, err
	}
	have := having(c, rows)
	t.events = have.Count()
	if k, ok := column.KindOf(m.ID); f.req.Values > 0 && (!ok || k != column.Text || m.ID < 0) {
		if t.values, err = tally.NewBounded(maxFieldValues, m.Name).Count(onlyColumn{c}, have); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// onlyColumn is a chunk of one column, whose rows have nothing elsewhere.
type onlyColumn struct{ c *column.Column }

func (o onlyColumn) Column(string, column.Bits) (*column.Column, error) { return o.c, nil }
func (onlyColumn) Loose(_ []string, within column.Bits) (column.Bits, error) {
	return make(column.Bits, len(within)), nil
}
func (onlyColumn) Gather([]string, column.Bits) ([]*column.Column, error) { return nil, nil }

// loose counts what has no column: members of open fields by their full names, and paths that no list knows. The columns of
// the same rows are counted already; event.original is counted where it is kept in parts.
func (f *counter) loose(p *search.Found, rows column.Bits, found map[string]*fieldTally) error {
	if original := event.EventOriginal.Path(); f.wants(original) {
		head, err := p.Column(column.HeadName, rows)
		if err != nil {
			return err
		}
		if head != nil {
			if found[original] == nil {
				found[original] = &fieldTally{}
			}
			found[original].events += having(head, rows).Count()
		}
	}
	var paths []string // nil: all
	if len(f.req.Only) > 0 {
		paths = f.req.Only
	}
	open, err := p.Loose(paths, rows)
	if err != nil || open.Empty() {
		return err
	}
	var cols []*column.Column
	for _, name := range [...]string{column.RestName, column.RawName} {
		c, err := p.Column(name, open)
		if err != nil {
			return err
		}
		if c != nil {
			cols = append(cols, c)
		}
	}
	var e event.Event
	p.Each(open, func(row int) bool {
		column.Rebuild(&e, cols, row)
		seen := map[string]bool{}
		e.Each(func(fd event.Field, v event.Value) bool { f.value(found, seen, fd.Path(), v); return true })
		e.EachExtra(func(path string, v event.Value) bool { f.value(found, seen, path, v); return true })
		return true
	})
	return nil
}

// value counts one value of a rebuilt event; of an object each member under its own name.
func (f *counter) value(found map[string]*fieldTally, seen map[string]bool, path string, v event.Value) {
	switch v.Kind() {
	case event.Absent, event.Null:
		return
	case event.Object:
		for i := range v.Len() {
			key, m := v.Member(i)
			f.value(found, seen, path+"."+key, m)
		}
		return
	case event.List:
		for i := range v.Len() {
			f.value(found, seen, path, v.Item(i))
		}
		return
	}
	if !f.wants(path) {
		return
	}
	t := found[path]
	if t == nil {
		if len(found) >= maxPaths {
			return
		}
		t = &fieldTally{}
		found[strings.Clone(path)] = t
	}
	if !seen[path] {
		seen[strings.Clone(path)] = true
		t.events++
	}
	if f.req.Values == 0 {
		return
	}
	if fd, ok := event.Lookup(path); ok {
		if k, _ := column.KindOf(column.ID(fd)); k == column.Text {
			return
		}
	}
	if t.values == nil {
		t.values = tally.NewBounded(maxFieldValues, path)
	}
	if text := v.Text(); !seen[path+"\x00"+text] {
		seen[path+"\x00"+text] = true
		t.values.Add(text, 1)
	}
}

// merge adds the count of one part, whose table may lie in the part's memory and is not kept. The lock is held.
func (f *counter) merge(path string, t *fieldTally) {
	have := f.at[path]
	if have == nil {
		if len(f.at) >= maxPaths {
			return
		}
		have = &fieldTally{}
		f.at[path] = have
	}
	have.events += t.events
	if t.values == nil {
		return
	}
	if have.values == nil {
		have.values = tally.NewBounded(maxFieldValues, path)
	}
	have.values.Merge(t.values)
}

// summary puts the fields in order.
func (f *counter) summary() *Summary {
	for path, t := range f.at {
		if t.events == 0 {
			continue
		}
		c := Field{Path: path, Events: t.events}
		if t.values != nil {
			c.Distinct, c.Bounded = t.values.Len(), !t.values.Exact()
			for _, g := range t.values.Top(f.req.Values) {
				c.Values = append(c.Values, search.Value{Text: g.Values[0], Count: g.Count})
			}
		}
		f.sum.Fields = append(f.sum.Fields, c)
	}
	slices.SortFunc(f.sum.Fields, func(a, b Field) int { return strings.Compare(a.Path, b.Path) })
	f.sum.Sampled = f.sum.Sampled || f.req.Sample > 0 && f.left <= 0
	return &f.sum
}
