// Package tally counts events by the values of one to three fields. An event counts once for each different combination of
// values that it has; one that lacks a field is in no group and counted apart.
//
// A chunk is counted by the codes of its columns, which become texts only once for each combination; rows with a value that
// no column holds are rebuilt.
package tally

import (
	"cmp"
	"container/heap"
	"encoding/binary"
	"net/netip"
	"slices"
	"strings"

	"weir/event"
	"weir/event/ecs"
	"weir/internal/archive/column"
	"weir/internal/query"
)

// MaxFields is how many fields a count may be by.
const MaxFields = 3

// MaxGroups bounds the memory of one count: that many different groups are counted, further ones are not.
const MaxGroups = 200_000

// maxOfOne bounds the combinations of one event whose fields are long lists.
const maxOfOne = 10_000

// Rows is what a count needs of one chunk.
type Rows interface {
	// Column returns the column of a name, nil where there is none.
	Column(name string, within column.Bits) (*column.Column, error)
	// Loose returns the rows that may have values of the paths outside of their columns.
	Loose(paths []string, within column.Bits) (column.Bits, error)
	// Gather returns columns from which events are rebuilt that have the paths' values.
	Gather(paths []string, within column.Bits) ([]*column.Column, error)
}

// Table is a count. It belongs to one goroutine, but Count may be called by several.
type Table struct {
	names   []string
	paths   []query.Path
	ips     []bool           // by field: values are addresses
	at      map[string]int32 // by the group's key: place in list
	list    []entry
	max     int
	part    []entry // of one chunk: groups that may be there more than once, and whose keys may lie in a column's memory
	missing int
	bounded bool
}

// Group is one combination of values, in the order of the fields.
type Group struct {
	Values []string
	Count  int
}

// New begins a count by one to MaxFields fields, each a field, a key below an open one, or a path that no list knows.
func New(names ...string) *Table { return NewBounded(MaxGroups, names...) }

// NewBounded is New with another bound on the number of groups.
func NewBounded(groups int, names ...string) *Table {
	t := &Table{names: names, at: map[string]int32{}, max: groups}
	for _, n := range names {
		t.paths = append(t.paths, query.MakePath(n))
		f, ok := event.Lookup(n)
		t.ips = append(t.ips, ok && f.Type() == ecs.IP)
	}
	return t
}

// Count counts some rows of a chunk in a table of its own, which Merge takes in. It does not change t.
func (t *Table) Count(r Rows, rows column.Bits) (*Table, error) {
	out := &Table{names: t.names, paths: t.paths, ips: t.ips, at: map[string]int32{}, max: t.max}
	if rows.Empty() {
		return out, nil
	}
	open, err := r.Loose(t.names, rows)
	if err != nil {
		return nil, err
	}
	cols := make([]*column.Column, len(t.names))
	for i, n := range t.names {
		if n == event.EventOriginal.Path() { // kept in parts
			open = rows
			break
		}
		if cols[i], err = r.Column(n, rows); err != nil {
			return nil, err
		}
	}
	if len(cols) == 1 {
		out.one(cols[0], rows, open)
	} else {
		out.several(cols, rows, open)
	}
	if open.Empty() {
		return out, nil
	}
	built, err := r.Gather(t.names, open)
	if err != nil {
		return nil, err
	}
	var e event.Event
	open.Each(func(row int) bool {
		column.Rebuild(&e, built, row)
		out.event(&e)
		return true
	})
	return out, nil
}

// one counts by a single column: an array of counts is all that it takes.
func (t *Table) one(c *column.Column, rows, open column.Bits) {
	if c == nil {
		t.missing += rows.Clone().AndNot(open).Count()
		return
	}
	n := c.Entries()
	if c.Kind == column.List {
		n = len(c.Strs)
	}
	by := make([]int, n+1)
	rows.Clone().AndNot(open).Each(func(row int) bool {
		code := c.Code(row)
		switch {
		case code == 0 || c.Kind == column.List && c.Spans[code-1].Len == 0:
			t.missing++
		case c.Kind == column.List:
			items := itemsOf(c, code)
			for i, it := range items {
				if !slices.Contains(items[:i], it) {
					by[it+1]++
				}
			}
		default:
			by[code]++
		}
		return true
	})
	groups := 0
	for _, n := range by[1:] {
		if n > 0 {
			groups++
		}
	}
	t.part = make([]entry, 0, groups)
	for id, n := range by {
		if id > 0 && n > 0 {
			t.part = append(t.part, entry{t.textOf(0, c, uint32(id)), n})
		}
	}
}

// several counts combinations of codes, and names each once at the end.
func (t *Table) several(cols []*column.Column, rows, open column.Bits) {
	by := map[[MaxFields]uint32]int{}
	ids := make([][]uint32, len(cols))
	rows.Each(func(row int) bool {
		if open.Has(row) {
			return true
		}
		if !idsOf(cols, row, ids) {
			t.missing++
			return true
		}
		t.combine(ids, func(at [MaxFields]int) {
			var key [MaxFields]uint32
			for i := range ids {
				key[i] = ids[i][at[i]]
			}
			by[key]++
		})
		return true
	})
	var buf []byte
	t.part = make([]entry, 0, len(by))
	for key, n := range by {
		buf = buf[:0]
		for i, c := range cols {
			buf = appendPart(buf, t.textOf(i, c, key[i]))
		}
		t.part = append(t.part, entry{string(buf), n})
	}
}

// idsOf fills in the numbers of the values that a row has in each column; false if it lacks one.
func idsOf(cols []*column.Column, row int, ids [][]uint32) bool {
	for i, c := range cols {
		if c == nil {
			return false
		}
		code := c.Code(row)
		if code == 0 {
			return false
		}
		ids[i] = ids[i][:0]
		if c.Kind != column.List {
			ids[i] = append(ids[i], code)
			continue
		}
		for _, it := range itemsOf(c, code) {
			if !slices.Contains(ids[i], it+1) {
				ids[i] = append(ids[i], it+1)
			}
		}
		if len(ids[i]) == 0 {
			return false
		}
	}
	return true
}

// itemsOf returns the items of a list, as places in the column's texts.
func itemsOf(c *column.Column, code uint32) []uint32 {
	sp := c.Spans[code-1]
	return c.Items[sp.Off : sp.Off+sp.Len]
}

// textOf returns the text of a value of field i by its number in a column: of a list's item its place, else its code, both
// from 1.
func (t *Table) textOf(i int, c *column.Column, id uint32) string {
	if c.Kind == column.List {
		return t.plain(i, c.Strs[id-1])
	}
	v := c.Value(id)
	return t.plain(i, v.Text())
}

// plain writes an address in its one short form, as Elasticsearch does: senders have several.
func (t *Table) plain(i int, s string) string {
	if t.ips[i] && strings.IndexByte(s, ':') >= 0 {
		if a, err := netip.ParseAddr(s); err == nil {
			return a.Unmap().String()
		}
	}
	return s
}

// combine calls fn with the places of each combination of one event's values.
func (t *Table) combine(ids [][]uint32, fn func(at [MaxFields]int)) {
	var at [MaxFields]int
	for n := 0; ; n++ {
		if n == maxOfOne {
			t.bounded = true
			return
		}
		fn(at)
		i := len(ids) - 1
		for ; i >= 0; i-- {
			if at[i]++; at[i] < len(ids[i]) {
				break
			}
			at[i] = 0
		}
		if i < 0 {
			return
		}
	}
}

// event counts one rebuilt event.
func (t *Table) event(e *event.Event) {
	values := make([][]string, len(t.paths))
	ids := make([][]uint32, len(t.paths))
	for i, p := range t.paths {
		p.Each(e, func(v event.Value) bool {
			if s := t.plain(i, v.Text()); !slices.Contains(values[i], s) {
				values[i] = append(values[i], s)
				ids[i] = append(ids[i], 0)
			}
			return true
		})
		if len(values[i]) == 0 {
			t.missing++
			return
		}
	}
	if len(values) == 1 {
		for _, s := range values[0] {
			t.add(s, 1)
		}
		return
	}
	t.combine(ids, func(at [MaxFields]int) {
		var key []byte
		for i := range values {
			key = appendPart(key, values[i][at[i]])
		}
		t.add(string(key), 1)
	})
}

// appendPart adds one value to the key of a group of several.
func appendPart(key []byte, s string) []byte {
	return append(binary.AppendUvarint(key, uint64(len(s))), s...)
}

// Add counts the group of one value n times.
func (t *Table) Add(value string, n int) { t.add(value, n) }

// add counts a group n times. Above the bound only groups that are there already are counted.
func (t *Table) add(key string, n int) {
	if i, ok := t.at[key]; ok {
		t.list[i].n += n
		return
	}
	if len(t.list) >= t.max {
		t.bounded = true
		return
	}
	key = strings.Clone(key) // a column's memory must not live on in a key
	t.at[key] = int32(len(t.list))
	t.list = append(t.list, entry{key, n})
}

// settle counts what came from a chunk.
func (t *Table) settle() {
	for _, e := range t.part {
		t.add(e.key, e.n)
	}
	t.part = nil
}

// Merge adds the counts of another table of the same fields, which is not used any more afterwards. What t has comes first
// where there are more groups than are kept, and nothing of either chunk's memory lives on in t.
func (t *Table) Merge(o *Table) {
	t.settle()
	t.missing += o.missing
	t.bounded = t.bounded || o.bounded
	for _, list := range [...][]entry{o.part, o.list} {
		for _, e := range list {
			t.add(e.key, e.n)
		}
	}
	o.at, o.list, o.part = nil, nil, nil
}

// Len is how many groups there are, Missing how many events lacked one of the fields.
func (t *Table) Len() int {
	t.settle()
	return len(t.list)
}

// Missing is how many events lacked one of the fields.
func (t *Table) Missing() int { return t.missing }

// Exact tells whether every group was counted.
func (t *Table) Exact() bool {
	t.settle()
	return !t.bounded
}

// Top returns the size largest groups; equal ones are in the order of their values, so that an answer is always the same.
func (t *Table) Top(size int) []Group {
	best := largest{t: t, size: max(size, 0)}
	t.settle()
	for _, e := range t.list {
		best.add(e)
	}
	slices.SortFunc(best.list, best.compare)
	out := make([]Group, len(best.list))
	for i, en := range best.list {
		out[i] = Group{t.values(en.key), en.n}
	}
	return out
}

// entry is a group as it is counted.
type entry struct {
	key string
	n   int
}

// largest keeps the largest groups of those that it is given: as a heap with the smallest on top once there are as many as
// are wanted.
type largest struct {
	t    *Table
	size int
	list []entry
}

// compare says which of two groups comes first. Values are taken apart for equal counts alone.
func (l *largest) compare(a, b entry) int {
	if a.n != b.n {
		return cmp.Compare(b.n, a.n)
	}
	return slices.Compare(l.t.values(a.key), l.t.values(b.key))
}

// add keeps a group while it is among the largest.
func (l *largest) add(e entry) {
	switch {
	case len(l.list) < l.size:
		if l.list = append(l.list, e); len(l.list) == l.size {
			heap.Init(l)
		}
	case l.size > 0 && e.n >= l.list[0].n && l.compare(e, l.list[0]) < 0:
		l.list[0] = e
		heap.Fix(l, 0)
	}
}

// Len is for container/heap, as the four below.
func (l *largest) Len() int { return len(l.list) }

// Less puts the group on top that would come last.
func (l *largest) Less(i, j int) bool { return l.compare(l.list[i], l.list[j]) > 0 }

// Swap changes two groups.
func (l *largest) Swap(i, j int) { l.list[i], l.list[j] = l.list[j], l.list[i] }

// Push is not called: the heap never grows.
func (l *largest) Push(any) {}

// Pop is not called: the heap never shrinks.
func (l *largest) Pop() any { return nil }

// values takes the key of a group apart.
func (t *Table) values(key string) []string {
	if len(t.names) == 1 {
		return []string{key}
	}
	out := make([]string, 0, len(t.names))
	b := []byte(key)
	for len(b) > 0 {
		n, k := binary.Uvarint(b)
		out = append(out, string(b[k:k+int(n)]))
		b = b[k+int(n):]
	}
	return out
}
