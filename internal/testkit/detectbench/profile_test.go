package main

import "testing"

func TestSharesOf(t *testing.T) {
	const traces = `File: detectbench
Type: cpu
Duration: 2.1s, Total samples = 100ms
-----------+-------------------------------------------------------
      40ms   weir/processors/parse/winevent.(*Reader).escaped
             weir/processors/parse/winevent.(*Reader).str
             main.(*loop).run
-----------+-------------------------------------------------------
      30ms   runtime.memmove
             weir/internal/match/fold.Append
             weir/internal/match/index.(*Index).Each
-----------+-------------------------------------------------------
      10ms   runtime.memmove
             bufio.(*Reader).fill
-----------+-------------------------------------------------------
      20ms   runtime.gcBgMarkWorker
-----------+-------------------------------------------------------
`
	got, err := sharesOf([]byte(traces))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]float64{"JSON": 40, "fold": 30, "read": 10, "rest": 20, "index": 0} {
		if got[name] < want-0.01 || got[name] > want+0.01 {
			t.Errorf("%s: %v %%, want %v", name, got[name], want)
		}
	}
	if _, err := sharesOf([]byte("nothing\n")); err == nil {
		t.Error("no samples, and shares")
	}
}
