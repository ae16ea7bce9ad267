package correlating

import (
	"context"
	"io"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/signal"
	"weir/processors/correlate"
	"weir/processors/correlate/keep"
	"weir/rules"
)

// noSnapshots keeps nothing.
type noSnapshots struct{}

func (noSnapshots) Load(context.Context, int32) ([]keep.Saved, error) { return nil, nil }
func (noSnapshots) Store(_ context.Context, _ int32, write func(io.Writer) error) error {
	return write(io.Discard)
}

func workerFor(t *testing.T, list []*rules.Rule) *correlate.Worker {
	t.Helper()
	h := &correlate.History{Number: 1, Sets: []*rules.Set{{Rules: list, Hash: "set"}}}
	w, err := correlate.NewWorker(t.Context(), correlate.WorkerOptions{Snapshots: noSnapshots{}, Rules: func() *correlate.History { return h }, Interval: time.Hour,
		Produce: func(_ context.Context, _ []correlate.Out, done func(error)) { done(nil) }}, "weir.signals", 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// TestWorkers: what workers count is summed, and stays when one is closed; what they hold goes with them.
func TestWorkers(t *testing.T) {
	list, faults := rules.Parse("r.yaml", []byte(routed), rules.Options{})
	if rules.HasErrors(faults) {
		t.Fatal(faults)
	}
	var ws Workers
	if len(ws.RuleStats()) != 0 || len(ws.LateList()) != 0 || ws.Stats() != (correlate.WorkerStats{}) {
		t.Error("nobody counts something")
	}
	for i := range 2 {
		w := ws.Add(workerFor(t, list))
		var recs []*kgo.Record
		for k, s := range []*signal.Signal{
			{Kind: signal.Watermark, Dataset: "d", Time: time.Unix(1000, 0), Src: "raw/0/1/0"},
			{Kind: signal.Match, Rule: "seq", Hash: list[0].Hash, When: "a", Group: []string{"192.0.2.1", "kim"}, EventID: "e", Dataset: "d", Time: time.Unix(990, 0), Src: "raw/0/2/0"},
		} {
			value, err := signal.Encode(s)
			if err != nil {
				t.Fatal(err)
			}
			recs = append(recs, &kgo.Record{Topic: "weir.signals", Offset: int64(k), Value: value})
		}
		if err := w.Process(t.Context(), recs, func(error) {}); err != nil {
			t.Fatal(err)
		}
		got := ws.RuleStats()
		if len(got) != 1 || got[0].Rule != "seq" || got[0].Matches != uint64(i+1) || got[0].Late != uint64(i+1) || got[0].LateBy["d"] != uint64(i+1) || got[0].Groups != 1 {
			t.Errorf("with %d workers: %+v", i+1, got)
		}
		if late := ws.LateList(); len(late) != 1 || late[0].Event != "e" || late[0].By != 10*time.Second {
			t.Errorf("late: %+v", late)
		}
		w.Close()
		w.Close()
	}
	got := ws.RuleStats()
	if len(got) != 1 || got[0].Matches != 2 || got[0].Groups != 0 || got[0].Bytes != 0 || ws.Stats().Matches != 2 || ws.Stats().Late != 2 || len(ws.LateList()) != 0 {
		t.Errorf("when all are closed: %+v, %+v", got, ws.Stats())
	}
}
