package raising

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/record"
	"weir/internal/signal"
)

// TestWarmer: matches of the past go to the partitions of their groups, marked as warm, in order; a second run of the same
// start goes on where the first ended.
func TestWarmer(t *testing.T) {
	cl := client(t)
	w := NewWarmer(cl, "weir.alerts", lanes, record.Ing{Ingester: "abc", Start: 7}, func(s *signal.Signal) []string { return s.Group })
	const runs, each = 2, 30
	for range runs {
		r := w.Begin()
		for i := range each {
			s := signal.Signal{Kind: signal.Match, Rule: "r", Group: []string{fmt.Sprint(i % 7)}, EventID: fmt.Sprint(i), Time: time.Unix(int64(i), 0)}
			if err := r.Match(&s); err != nil {
				t.Fatal(err)
			}
			if s.Warm {
				t.Fatal("the caller's signal was changed")
			}
		}
		if err := r.End(); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	highest := map[int32]record.Pos{}
	for n := 0; n < runs*each; {
		f := cl.PollFetches(ctx)
		if err := f.Err0(); err != nil {
			t.Fatalf("after %d records: %v", n, err)
		}
		f.EachRecord(func(rec *kgo.Record) {
			n++
			var s signal.Signal
			if err := signal.Decode(rec.Value, &s); err != nil || !s.Warm {
				t.Fatalf("%s: %v", rec.Value, err)
			}
			if want := signal.Partition("r", s.Group, lanes); rec.Partition != want {
				t.Errorf("group %s is on partition %d, its matches of now go to %d", s.Group, rec.Partition, want)
			}
			pos, err := record.ParsePos(string(rec.Headers[0].Value))
			if err != nil || pos.Compare(highest[rec.Partition]) <= 0 {
				t.Errorf("position %s after %s: %v", pos, highest[rec.Partition], err)
			}
			highest[rec.Partition] = pos
		})
	}
}

// TestWarmer_Fails: what Kafka does not take is said at the end at the latest.
func TestWarmer_Fails(t *testing.T) {
	cl := client(t)
	w := NewWarmer(cl, "weir.alerts", lanes, record.Ing{}, func(*signal.Signal) []string { return nil })
	cl.Close()
	r := w.Begin()
	err := r.Match(&signal.Signal{Kind: signal.Match, Rule: "r"})
	if end := r.End(); !errors.Is(end, kgo.ErrClientClosed) {
		t.Errorf("%v, %v", err, end)
	}
}
