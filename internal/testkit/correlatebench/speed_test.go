package main

import (
	"testing"
	"time"
)

func TestPump(t *testing.T) {
	w := workloads()[0]
	w.groups = 50 // so that they fire
	for _, encoded := range []bool{false, true} {
		var out speed
		var took time.Duration
		if err := pump(newStream(w), newEngine(w.rule), chunk+5, encoded, &took, &out); err != nil {
			t.Fatal(err)
		}
		if took == 0 || out.Alerts == 0 || (out.Bytes > 0) != encoded {
			t.Errorf("encoded %v: %+v in %s", encoded, out, took)
		}
	}
}
