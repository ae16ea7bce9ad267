package raising

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/alert"
	"weir/internal/record"
)

const lanes = 3

// client returns a client of a broker of its own.
func client(t *testing.T) *kgo.Client {
	t.Helper()
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(lanes, "weir.alerts"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	cl, err := kgo.NewClient(kgo.SeedBrokers(c.ListenAddrs()...), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ConsumeTopics("weir.alerts"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cl.Close)
	return cl
}

// TestRaise: revisions of an alert are on one partition in their order, and no two records of a partition have one
// position, however many goroutines raise at once.
func TestRaise(t *testing.T) {
	cl := client(t)
	r := New(cl, "weir.alerts", lanes, record.Ing{Ingester: "abc", Start: 7})
	const alerts, revisions = 8, 5
	var wg sync.WaitGroup
	for i := range alerts {
		wg.Go(func() {
			for rev := 1; rev <= revisions; rev++ {
				if err := r.Raise(t.Context(), &alert.Alert{ID: fmt.Sprintf("%016x", i), Revision: rev, Rule: "weir-test"}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	last, lane, highest := map[string]int{}, map[string]int32{}, map[int32]record.Pos{}
	for n := 0; n < alerts*revisions; {
		f := cl.PollFetches(ctx)
		if err := f.Err0(); err != nil {
			t.Fatalf("after %d records: %v", n, err)
		}
		f.EachRecord(func(rec *kgo.Record) {
			n++
			var a alert.Alert
			if err := json.Unmarshal(rec.Value, &a); err != nil {
				t.Fatal(err)
			}
			if a.Revision != last[a.ID]+1 {
				t.Errorf("%s: revision %d after %d", a.ID, a.Revision, last[a.ID])
			}
			if at, ok := lane[a.ID]; ok && at != rec.Partition {
				t.Errorf("%s is on the partitions %d and %d", a.ID, at, rec.Partition)
			}
			last[a.ID], lane[a.ID] = a.Revision, rec.Partition
			pos, err := record.ParsePos(string(rec.Headers[0].Value))
			if err != nil || pos.Offset != 7 || pos.Compare(highest[rec.Partition]) <= 0 {
				t.Errorf("position %s after %s: %v", pos, highest[rec.Partition], err)
			}
			highest[rec.Partition] = pos
		})
	}
}

func TestRaiseRefuses(t *testing.T) {
	r := New(nil, "weir.alerts", lanes, record.Ing{})
	for _, a := range []alert.Alert{{Revision: 1}, {ID: "00"}} {
		if err := r.Raise(t.Context(), &a); err == nil {
			t.Errorf("%+v was raised", a)
		}
	}
}
