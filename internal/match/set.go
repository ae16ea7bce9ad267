package match

import (
	"weir/internal/match/fold"
	"weir/internal/match/index"
	"weir/internal/match/tree"
)

// Set is many conditions that are tried on the same events. An index spares an event the conditions that it cannot
// satisfy, which are nearly all. A Set is immutable and safe for many goroutines, each with a view of its own.
type Set struct {
	conds []*Cond
	ix    *index.Index
}

// NewSet makes a set of conditions. It keeps the list.
func NewSet(conds []*Cond) *Set {
	trees := make([]*tree.Node, len(conds))
	for i, c := range conds {
		trees[i] = c.Tree()
	}
	return &Set{conds: conds, ix: index.New(trees)}
}

// Len returns how many conditions there are.
func (s *Set) Len() int { return len(s.conds) }

// Each calls fn in ascending order with the place of every condition that holds for the event of v: the same as trying
// them all.
func (s *Set) Each(v *fold.View, fn func(i int)) {
	s.ix.Each(v, func(i int) {
		if s.conds[i].Holds(v) {
			fn(i)
		}
	})
}

// Candidates calls fn in ascending order with the place of every condition that may hold for the event of v. It is for
// who wants to know what trying them costs.
func (s *Set) Candidates(v *fold.View, fn func(i int)) { s.ix.Each(v, fn) }

// Always returns the conditions that are tried on every event, because nothing is known that an event must have to
// satisfy them.
func (s *Set) Always() []int { return s.ix.Always() }
