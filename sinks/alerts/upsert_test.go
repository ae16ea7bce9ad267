package alerts

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"weir/internal/alert"
)

func TestUpsert_isIdempotent(t *testing.T) {
	s := open(t)
	put(t, s, sample("aaaa000000000001", 2), sample("bbbb000000000001", 1))
	if _, err := s.SetState(t.Context(), "aaaa000000000001", alert.Closed, "ana", "false alarm", 0); err != nil {
		t.Fatal(err)
	}
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
	if err != nil || row.State != alert.Closed || row.By != self || row.Version != 1 || !strings.Contains(row.Note, a.MergedInto) {
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
