package correlate

import (
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/fault"
)

func TestWorker_duplicatesAndHoles(t *testing.T) {
	set := testRules()
	recs := topic(t, mixed(7, 40))
	var once, twice sink
	w := NewWorker(options(t.TempDir(), &once, set), "weir.signals", 3, 0)
	process(t, w, recs)
	w.Close()

	w = NewWorker(options(t.TempDir(), &twice, set), "weir.signals", 3, 0)
	for i := 0; i < len(recs); i += 10 { // normalise wrote each run of ten twice
		end := min(i+10, len(recs))
		process(t, w, recs[i:end])
		again := make([]*kgo.Record, 0, 10)
		for _, r := range recs[i:end] {
			c := *r
			c.Offset += 1000
			again = append(again, &c)
		}
		process(t, w, again)
	}
	if n := w.Stats().Duplicates; n != uint64(len(recs)) {
		t.Errorf("%d duplicates counted, want %d", n, len(recs))
	}
	w.Close()
	if !slices.Equal(once.lines, twice.lines) {
		t.Error("duplicates changed the alerts")
	}

	w = NewWorker(options(t.TempDir(), &sink{}, set), "weir.signals", 3, 0)
	process(t, w, recs[:5])
	err := w.Process(t.Context(), recs[6:7], func(error) { t.Error("a hole was answered") })
	if fault.Code(err) != "stream-hole" {
		t.Errorf("a missing record: %v", err)
	}
	w.pending = nil
	w.Close()
}
