// Package search answers queries from chunks of columns: sealed segments and the memory tail. A condition on a field is
// asked once for each distinct value; the index only says where not to look; what columns cannot decide is decided by
// query.Match on the rebuilt event. The answer is always that of query.Match over every event.
//
// # Why asking column by column is right
//
// A condition on values (a term, a range, presence, free text) is true for an event if it is true for any one field of
// it alone: KQL has no condition that needs two fields, but for braces, which are left to the rebuilt event. So the
// condition is held against an event that has just that one field, once for each entry of the column's dictionary, and
// the meaning of a value is decided in package query and nowhere else. And, or and not are then operations on sets of
// rows.
//
// Two things are not asked that way, because the answer would depend on more than the value: terms on dates, which
// mean a day of the zone that the query was read in, and what stands in braces. For those a condition answers "maybe",
// and rows that the whole query still depends on are rebuilt and matched.
//
// # Where values of one field may be
//
// In its column; in Rest, if the value does not fit the column; in Raw, if the document is kept whole. A condition
// always asks all three; the index says at once that nearly always only the first has anything.
//
// # What the index may do
//
// Leave rows out that cannot fulfil a condition, and decide words of message, whose tokens it holds completely. Every
// part of it that is read is checked against a checksum; one that fails it is not used again in that search.
package search

import (
	"errors"

	"weir/internal/archive/column"
	"weir/internal/archive/index"
)

// Chunk is a run of rows with their columns: a segment, or a view of a table. It is safe for several goroutines.
type Chunk interface {
	Rows() int
	// Times returns the sort time of every row; only those of a segment ascend.
	Times() ([]int64, error)
	// Columns returns what columns there are; their content may be missing.
	Columns() []column.Column
	// Load reads a column by name, nil where there is none. Rows outside within, if it is not nil, may look empty.
	Load(name string, within column.Bits) (*column.Column, error)
}

// Part is a chunk that is opened only when it is needed.
type Part struct {
	Min, Max int64 // sort times of the first and last row
	Rows     int
	Class    string
	Segment  bool // not of the memory tail
	Epoch    int  // parts of one were stored together, those of a lower one before them
	// Claims are what revisions among its rows say of earlier ones; nil: there are none. Mask is kept as long as the
	// segment is; nil: nothing is remembered.
	Claims *Claims
	Mask   *Mask
	hidden column.Bits // rows with a newer revision; nil: none
	// Open returns the chunk, its index or nil, and what lets go of both. It is called by several goroutines, and
	// never twice at a time for one part.
	Open func() (Chunk, *index.Reader, func(), error)
}

// reach is one opened chunk while one query is evaluated on it. It belongs to one goroutine.
type reach struct {
	chunk Chunk
	ix    *index.Reader // nil: none, or found to be damaged
	metas []column.Column
	whole map[string]*column.Column // columns that were loaded for all rows
	stamp []int64                   // sort times, once they were asked for
	read  bool                      // whether a column was read
	some  map[string]bool           // by value: whether any field may have it
	onBad func(error)               // told once that the index is damaged
	done  <-chan struct{}           // closed when nobody waits for the answer any more; nil: never
}

// errStopped ends the evaluation of a chunk whose answer nobody waits for.
var errStopped = errors.New("the search was ended")

// stopped tells whether anybody still waits. Loops over many rows ask it now and then; what they leave behind is not whole.
func (r *reach) stopped() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

// stopEvery is after how many rows a loop asks. A power of two.
const stopEvery = 1024

// each calls fn for each row until it returns false or nobody waits any more.
func (r *reach) each(rows column.Bits, fn func(row int) bool) {
	n := 0
	rows.Each(func(row int) bool {
		if n++; n%stopEvery == 0 && r.stopped() {
			return false
		}
		return fn(row)
	})
}

// newReach begins the evaluation of one query on one chunk.
func newReach(c Chunk, ix *index.Reader, onBad func(error)) *reach {
	return &reach{chunk: c, ix: ix, metas: c.Columns(), whole: map[string]*column.Column{}, some: map[string]bool{}, onBad: onBad}
}

// load reads a column for some rows. Columns with few distinct values are read whole and kept: they are small, and
// several conditions may ask for them.
func (r *reach) load(name string, id column.ID, within column.Bits) (*column.Column, error) {
	if c, ok := r.whole[name]; ok {
		return c, nil
	}
	if k, ok := column.KindOf(id); id == column.Unknown || ok && k != column.Text {
		within = nil
	}
	if r.stopped() {
		return nil, errStopped
	}
	r.read = true
	c, err := r.chunk.Load(name, within)
	if err == nil && within == nil {
		r.whole[name] = c
	}
	return c, err
}

// times returns the sort time of every row.
func (r *reach) times() ([]int64, error) {
	if r.stamp != nil {
		return r.stamp, nil
	}
	r.read = true
	var err error
	r.stamp, err = r.chunk.Times()
	return r.stamp, err
}

// named reads a column by its id; nil where the chunk has none.
func (r *reach) named(id column.ID, within column.Bits) (*column.Column, error) {
	for i := range r.metas {
		if r.metas[i].ID == id {
			return r.load(r.metas[i].Name, id, within)
		}
	}
	return nil, nil
}

// drop stops using a damaged index; the query goes on without it.
func (r *reach) drop(err error) {
	r.ix = nil
	if r.onBad != nil {
		r.onBad(err)
	}
}
