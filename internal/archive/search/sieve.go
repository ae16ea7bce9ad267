package search

import (
	"slices"

	"weir/event"
	"weir/internal/archive/column"
	"weir/internal/archive/index"
)

// Sieve is a condition in the form in which columns can narrow it: rows that it leaves out cannot satisfy it, those that
// it lets through may. It is made from conditions that KQL cannot say, whose meaning only their tests know. Exactly one
// of All, Any, Not and Test is set; a nil *Sieve lets everything through. It is immutable.
type Sieve struct {
	All []*Sieve // not nil: all of them, none holds always
	Any []*Sieve // not nil: any of them, none holds never
	Not *Sieve

	// Test looks at Fields and at nothing else of an event. It is called by one goroutine at a time for each part that
	// is read, with an event that has only those.
	Test   func(e *event.Event) bool
	Fields []string
	// Equal are values of which Fields[0] must have one as it is written, for the test to hold; nil: not known.
	Equal []string
}

// node makes the sieve a condition like those of a query.
func (s *Sieve) node() node {
	switch {
	case s == nil:
		return all{}
	case s.All != nil:
		if len(s.All) == 0 {
			return all{}
		}
		a := and(sieves(s.All))
		slices.SortStableFunc(a, func(x, y node) int { return x.cost() - y.cost() })
		return a
	case s.Any != nil:
		return or(sieves(s.Any))
	case s.Not != nil:
		return not{s.Not.node()}
	case s.Test == nil || slices.ContainsFunc(s.Fields, derived):
		return opaque{}
	}
	return &trial{Sieve: s}
}

func sieves(list []*Sieve) []node {
	out := make([]node, len(list))
	for i, s := range list {
		out[i] = s.node()
	}
	return out
}

// derived tells whether values of a path may be kept in parts (column.Head), so that no column has them.
func derived(path string) bool { return related(path, event.EventOriginal.Path()) }

// trial is a test of a sieve, asked once for each combination of values that its fields have in a chunk.
type trial struct{ *Sieve }

// cost puts texts last that have to be read row by row, and what the index may answer first.
func (t *trial) cost() int {
	most := 2 * len(t.Fields)
	if t.Equal != nil {
		most = 1
	}
	for _, path := range t.Fields {
		if f, ok := event.Lookup(path); ok {
			if k, ok := column.KindOf(column.ID(f)); ok && k == column.Text {
				most = 20
			}
		}
	}
	return most
}

// reads tells whether the test may look at the column.
func (t *trial) reads(c *column.Column) bool { return concerns(t.Fields, c.Name) }

// concerns tells whether a column may have a value of one of the paths.
func concerns(paths []string, name string) bool {
	return slices.ContainsFunc(paths, func(p string) bool { return related(p, name) })
}

// eval asks the columns. Rows where a value may also stand in what has no column are left open.
func (t *trial) eval(r *reach, within column.Bits) (answer, error) {
	var cols []*column.Column
	text := false
	for i := range r.metas {
		m := &r.metas[i]
		if m.ID == column.Rest || m.ID == column.Raw || m.ID == column.Head || !t.reads(m) || t.without(r, m) {
			continue
		}
		c, err := r.load(m.Name, m.ID, within)
		if err != nil {
			return answer{}, err
		}
		if c != nil {
			cols = append(cols, c)
			text = text || c.Kind == column.Text
		}
	}
	open, err := r.loose(t.Fields, within)
	if err != nil {
		return answer{}, err
	}
	sure := make(column.Bits, len(within))
	c := combinations{test: t.Test, cols: cols, forget: text}
	within.Each(func(row int) bool {
		if !open.Has(row) && c.holds(row) {
			sure.Set(row)
		}
		return true
	})
	return answer{sure, sure.Clone().Or(open)}, nil
}

// without asks the filter whether the column lacks all values that the test needs. Its rows are then as good as empty.
func (t *trial) without(r *reach, m *column.Column) bool {
	if t.Equal == nil || r.ix == nil || m.Name != t.Fields[0] || len(t.Fields) > 1 || !index.Whole(m.ID, m.Kind) {
		return false
	}
	for _, v := range t.Equal {
		has, err := r.has(m, v)
		if err != nil {
			r.drop(err)
			return false
		}
		if has {
			return false
		}
	}
	return true
}

// loose returns, of the rows within, those that may have a value of the paths outside of their columns: in Rest, or in
// Raw. No path means all that there are.
func (r *reach) loose(paths []string, within column.Bits) (column.Bits, error) {
	out := make(column.Bits, len(within))
	has := slices.ContainsFunc(r.metas, func(c column.Column) bool { return c.ID == column.Rest || c.ID == column.Raw })
	if !has {
		return out, nil
	}
	if r.ix != nil {
		err := r.ix.Each(index.Path, func(path string) bool { return paths == nil || concerns(paths, path) }, out)
		if err == nil {
			return out.And(within), nil
		}
		r.drop(err)
		clear(out)
	}
	for _, id := range [...]column.ID{column.Rest, column.Raw} {
		c, err := r.named(id, within)
		if err != nil {
			return nil, err
		}
		if c == nil {
			continue
		}
		within.Each(func(row int) bool {
			if c.Code(row) != 0 {
				out.Set(row)
			}
			return true
		})
	}
	return out, nil
}

// combinations remembers what a test said of the values of some columns together.
type combinations struct {
	test   func(*event.Event) bool
	cols   []*column.Column
	forget bool // values hardly ever repeat: asking is cheaper than remembering
	one    []uint8
	steps  []map[uint64]uint32 // by column: the combination so far and a code, to the number of both together
	known  []uint8             // by number of a combination: 1 false, 2 true
	e      event.Event
}

// holds asks, once for each combination.
func (c *combinations) holds(row int) bool {
	if c.forget {
		return c.ask(row)
	}
	var said *uint8
	switch len(c.cols) {
	case 0:
		if c.one == nil {
			c.one = make([]uint8, 1)
		}
		said = &c.one[0]
	case 1:
		if c.one == nil {
			c.one = make([]uint8, c.cols[0].Entries()+1)
		}
		said = &c.one[c.cols[0].Code(row)]
	default:
		said = &c.known[c.number(row)]
	}
	if *said == 0 {
		*said = 1
		if c.ask(row) {
			*said = 2
		}
	}
	return *said == 2
}

// number returns the number of the combination of values that a row has.
func (c *combinations) number(row int) uint32 {
	if c.steps == nil {
		c.steps = make([]map[uint64]uint32, len(c.cols))
		for i := range c.steps {
			c.steps[i] = map[uint64]uint32{}
		}
	}
	at := uint32(0)
	for i, col := range c.cols {
		key := uint64(at)<<32 | uint64(col.Code(row))
		next, ok := c.steps[i][key]
		if !ok {
			next = uint32(len(c.steps[i]))
			c.steps[i][key] = next
			if i == len(c.cols)-1 {
				c.known = append(c.known, 0)
			}
		}
		at = next
	}
	return at
}

// ask holds the test against an event that has nothing but these values.
func (c *combinations) ask(row int) bool {
	column.Rebuild(&c.e, c.cols, row)
	return c.test(&c.e)
}
