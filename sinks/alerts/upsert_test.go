package alerts

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"weir/internal/alert"
)

func TestUpsert_isIdempotent(t *testing.T) {
	s := open(t)
	put(t, s, sample("aaaa000000000001", 2), sample("bbbb000000000001", 1))
	change(t, s, "aaaa000000000001", to(alert.Closed, alert.FalsePositive, "ana", "false alarm"))
	before, err := s.List(t.Context(), Filter{})
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, sample("aaaa000000000001", 1), sample("aaaa000000000001", 2), sample("bbbb000000000001", 1)) // a replay
	after, err := s.List(t.Context(), Filter{})
	if err != nil || !reflect.DeepEqual(before, after) {
		t.Errorf("a replay changed\n%+v\nto\n%+v, %v", before, after, err)
	}
	put(t, s, sample("aaaa000000000001", 3))
	row, err := s.Get(t.Context(), "aaaa")
	if err != nil || row.Revision != 3 || row.Count != 3 || row.State != alert.Closed || row.Note != "false alarm" {
		t.Errorf("after a further revision: %+v, %v", row, err)
	}
}

func TestUpsert_merged(t *testing.T) {
	s := open(t)
	a := sample("3f9c000000000002", 2)
	a.MergedInto = "3f9c000000000001"
	for range 2 {
		put(t, s, sample("3f9c000000000002", 1), a)
	}
	row, err := s.Get(t.Context(), a.ID)
	if err != nil || row.State != alert.Closed || row.By != alert.Self || row.Verdict != alert.Duplicate || row.Version != 1 || !strings.Contains(row.Note, a.MergedInto) {
		t.Errorf("%+v, %v", row, err)
	}
}

func BenchmarkUpsert(b *testing.B) {
	s := open(b)
	batch := make([]alert.Alert, 100)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		for j := range batch {
			batch[j] = sample(fmt.Sprintf("%08x%08x", j, i/10), i)
		}
		if err := s.Upsert(context.Background(), batch); err != nil {
			b.Fatal(err)
		}
	}
}

// TestUpsert_wholeOrNothing: a batch with an alert that cannot be written stores none of the others, since the runner
// will give all of them again.
func TestUpsert_wholeOrNothing(t *testing.T) {
	s := open(t)
	bad := sample("bbbb000000000001", 1)
	bad.First = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) // no JSON has this year
	if err := s.Upsert(t.Context(), []alert.Alert{sample("aaaa000000000001", 1), bad}); err == nil || !strings.Contains(err.Error(), "alert bbbb000000000001") {
		t.Fatalf("got %v", err)
	}
	if rows, err := s.List(t.Context(), Filter{}); err != nil || len(rows) != 0 {
		t.Errorf("half of a batch is stored: %+v, %v", rows, err)
	}
	put(t, s, sample("aaaa000000000001", 1))
}

// TestUpsert_order: whichever way revisions come, the highest stays, and each alert is new once.
func TestUpsert_order(t *testing.T) {
	for name, revisions := range map[string][]int{"ascending": {1, 2, 3}, "descending": {3, 2, 1}, "doubled": {2, 2, 3, 3, 1}, "one": {3}} {
		s := open(t)
		var batch []alert.Alert
		for _, r := range revisions {
			batch = append(batch, sample("aaaa000000000001", r))
		}
		fresh, err := s.upsert(t.Context(), batch, lane{})
		if err != nil || len(fresh) != 1 {
			t.Errorf("%s: %v are new, %v", name, fresh, err)
		}
		if row, err := s.Get(t.Context(), "aaaa"); err != nil || row.Revision != 3 || row.Count != 3 || !row.Last.Equal(noon.Add(3*time.Second)) {
			t.Errorf("%s: %+v, %v", name, row, err)
		}
	}
}

// TestUpsert_mergedLater: an alert that a person has closed keeps their words when another takes it over.
func TestUpsert_mergedLater(t *testing.T) {
	s := open(t)
	put(t, s, sample("3f9c000000000002", 1))
	change(t, s, "3f9c000000000002", to(alert.Closed, alert.Benign, "ana", "false alarm"))
	last := sample("3f9c000000000002", 2)
	last.MergedInto = "3f9c000000000001"
	put(t, s, last)
	row, err := s.Get(t.Context(), last.ID)
	if err != nil || row.By != "ana" || row.Note != "false alarm" || row.Version != 1 || row.MergedInto != last.MergedInto {
		t.Errorf("%+v, %v", row, err)
	}
	if changes, err := s.Changes(t.Context(), last.ID); err != nil || len(changes) != 1 {
		t.Errorf("%+v, %v", changes, err)
	}
}
