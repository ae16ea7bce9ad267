package search_test

import (
	"slices"
	"sync/atomic"
	"testing"

	"weir/internal/archive/column"
	"weir/internal/archive/sample"
	"weir/internal/archive/search"
	"weir/internal/query"
)

func TestVisit(t *testing.T) {
	docs := sample.Docs(15, 800)
	parts := split(t, docs)
	q, err := query.Parse("user.name: root")
	if err != nil {
		t.Fatal(err)
	}
	want := len(matching(docs, q))
	var rows, visits atomic.Int64
	bad, err := search.Visit(t.Context(), parts, search.Request{Query: q}, 2, func(f *search.Found) (bool, error) {
		visits.Add(1)
		rows.Add(int64(f.Rows.Count()))
		c, err := f.Column("user.name", f.Rows)
		if err != nil || c == nil {
			t.Errorf("no column (%v)", err)
			return true, err
		}
		f.Rows.Each(func(row int) bool {
			if s, _ := c.Str(row); s != "root" {
				t.Errorf("row %d is %q", row, s)
			}
			return true
		})
		list, err := f.InOrder()
		if err != nil || len(list) != f.Rows.Count() {
			t.Errorf("%d rows in order (%v)", len(list), err)
		}
		if none, err := f.Column("no.such", f.Rows); none != nil || err != nil {
			t.Errorf("a column that is not there: %v (%v)", none, err)
		}
		if !slices.ContainsFunc(f.Columns(), func(c column.Column) bool { return c.Name == "@timestamp" }) {
			t.Error("@timestamp is not among the columns")
		}
		return true, nil
	}, nil)
	if err != nil || len(bad) > 0 || rows.Load() != int64(want) || visits.Load() != 4 {
		t.Errorf("%d rows of %d in %d parts: %v, %v", rows.Load(), want, visits.Load(), bad, err)
	}
	visits.Store(0)
	if _, err = search.Visit(t.Context(), parts, search.Request{Query: q}, 1, func(*search.Found) (bool, error) { visits.Add(1); return false, nil }, nil); err != nil || visits.Load() != 1 {
		t.Errorf("%d parts were visited after the first was enough (%v)", visits.Load(), err)
	}
}
