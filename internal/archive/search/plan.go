package search

import (
	"slices"
	"strings"

	"weir/event"
	"weir/internal/archive/column"
	"weir/internal/query"
)

// Plan is a query made ready for chunks. It is immutable: any number of goroutines may use it.
type Plan struct {
	q    *query.Query
	root node
}

// answer says which rows fulfil a condition: all of sure do, none outside of maybe does. Where a condition is decided
// the two are the same set.
type answer struct{ sure, maybe column.Bits }

// decided is the answer of a condition that knows about every row.
func decided(b column.Bits) answer { return answer{b, b} }

// node is one condition. eval answers for the rows within, which it must not change.
type node interface {
	eval(r *reach, within column.Bits) (answer, error)
	// reads tells whether the condition may look at the column.
	reads(c *column.Column) bool
	// cost orders the parts of an and: cheap ones that leave few rows come first.
	cost() int
}

// NewPlan plans a query.
func NewPlan(q *query.Query) *Plan { return &Plan{q: q, root: plan(q.Root())} }

// All tells whether the query is true for every event, so that no row has to be looked at.
func (p *Plan) All() bool {
	_, ok := p.root.(all)
	return ok
}

// plan turns the query's tree into conditions that can be asked column by column.
func plan(n query.Node) node {
	switch n := n.(type) {
	case *query.All:
		return all{}
	case *query.And:
		a := and(planAll(n.Nodes))
		slices.SortStableFunc(a, func(x, y node) int { return x.cost() - y.cost() })
		return a
	case *query.Or:
		return or(planAll(n.Nodes))
	case *query.Not:
		return not{plan(n.Node)}
	case *query.Term:
		return newLeaf(n, n.Field, &n.Value)
	case *query.Range:
		return newLeaf(n, n.Field, &n.Value)
	case *query.Exists:
		return newLeaf(n, n.Field, nil)
	case *query.Nested:
		return opaque{n.Field.Text}
	}
	return opaque{}
}

func planAll(ns []query.Node) []node {
	out := make([]node, len(ns))
	for i, n := range ns {
		out[i] = plan(n)
	}
	return out
}

type all struct{}

func (all) eval(_ *reach, within column.Bits) (answer, error) { return decided(within), nil }
func (all) reads(*column.Column) bool                         { return false }
func (all) cost() int                                         { return 0 }

type and []node

// eval narrows the rows with each part: a later one is only asked about what the ones before have left.
func (n and) eval(r *reach, within column.Bits) (answer, error) {
	a := decided(within)
	for _, x := range n {
		if a.maybe.Empty() {
			break
		}
		b, err := x.eval(r, a.maybe)
		if err != nil {
			return b, err
		}
		a = answer{a.sure.Clone().And(b.sure), b.maybe}
	}
	return a, nil
}

func (n and) reads(c *column.Column) bool {
	return slices.ContainsFunc(n, func(x node) bool { return x.reads(c) })
}
func (n and) cost() int { return n[0].cost() }

type or []node

// eval asks each part about the rows that none before it is sure of.
func (n or) eval(r *reach, within column.Bits) (answer, error) {
	left := within.Clone()
	a := answer{make(column.Bits, len(within)), make(column.Bits, len(within))}
	for _, x := range n {
		if left.Empty() {
			break
		}
		b, err := x.eval(r, left)
		if err != nil {
			return b, err
		}
		a.sure.Or(b.sure)
		a.maybe.Or(b.maybe)
		left.AndNot(b.sure)
	}
	return a, nil
}

func (n or) reads(c *column.Column) bool { return and(n).reads(c) }

// cost is that of the dearest part, because usually all of them are asked.
func (n or) cost() int {
	most := 0
	for _, x := range n {
		most = max(most, x.cost())
	}
	return most
}

type not struct{ x node }

// eval turns the answer round: what may be true is not surely false.
func (n not) eval(r *reach, within column.Bits) (answer, error) {
	a, err := n.x.eval(r, within)
	if err != nil {
		return a, err
	}
	return answer{within.Clone().AndNot(a.maybe), within.Clone().AndNot(a.sure)}, nil
}

func (n not) reads(c *column.Column) bool { return n.x.reads(c) }
func (n not) cost() int                   { return n.x.cost() + 1 }

// opaque is a condition over several fields at once: it is decided on the rebuilt event alone.
type opaque struct{ below string }

// eval decides nothing: every row may fulfil the condition.
func (n opaque) eval(_ *reach, within column.Bits) (answer, error) {
	return answer{make(column.Bits, len(within)), within}, nil
}

func (n opaque) reads(c *column.Column) bool {
	return n.below == "" || related(n.below, c.Name)
}
func (n opaque) cost() int { return 100 }

// related tells whether one path is the other or lies below it.
func related(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	return strings.HasPrefix(b, a) && (len(a) == len(b) || b[len(a)] == '.')
}

// rows returns the rows of a chunk, out of those within, for which the query is true.
func (p *Plan) rows(r *reach, within column.Bits) (column.Bits, error) {
	if within.Empty() {
		return within, nil
	}
	a, err := p.root.eval(r, within)
	if err != nil {
		return nil, err
	}
	open := a.maybe.Clone().AndNot(a.sure)
	if open.Empty() {
		return a.sure, nil
	}
	cols, err := r.gather(open, func(c *column.Column) bool { return p.root.reads(c) })
	if err != nil {
		return nil, err
	}
	hits := a.sure.Clone()
	var e event.Event
	r.each(open, func(row int) bool {
		if column.Rebuild(&e, cols, row); p.q.Match(&e) {
			hits.Set(row)
		}
		return true
	})
	return hits, nil
}

// gather loads the chosen columns for some rows, what has no column, and what the chosen ones are made from.
func (r *reach) gather(rows column.Bits, choose func(*column.Column) bool) ([]*column.Column, error) {
	return r.loadAll(rows, choose, true)
}

// loadAll is gather; without loose what has no column is left out.
func (r *reach) loadAll(rows column.Bits, choose func(*column.Column) bool, loose bool) ([]*column.Column, error) {
	derived := choose(&column.Column{ID: column.ID(event.EventOriginal), Name: event.EventOriginal.Path()})
	var cols []*column.Column
	for i := range r.metas {
		m := &r.metas[i]
		switch m.ID {
		case column.Rest, column.Raw:
			if !loose {
				continue
			}
		case column.Head:
			if !derived {
				continue
			}
		default:
			if !choose(m) && (!derived || m.ID != column.ID(event.Message)) {
				continue
			}
		}
		c, ok := r.whole[m.Name]
		if !ok {
			if r.stopped() {
				return nil, errStopped
			}
			var err error
			r.read = true
			if c, err = r.chunk.Load(m.Name, rows); err != nil {
				return nil, err
			}
		}
		if c != nil {
			cols = append(cols, c)
		}
	}
	return cols, nil
}
