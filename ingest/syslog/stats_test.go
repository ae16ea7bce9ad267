package syslog

import (
	"testing"

	"weir/ingest/syslog/frame"
)

func TestCounters_TakeOverFromFramers(t *testing.T) {
	var c counters
	for range 2 {
		f := frame.New(8)
		for rest := []byte("\n9 <1>a\n<2>bcdefghij\n"); len(rest) > 0; {
			_, n, _ := f.Next(rest, true)
			rest = rest[n:]
		}
		c.add(f)
		c.add(f) // nothing new
	}
	s := &Source{table: newTable(1)}
	s.counts.empty.Store(c.empty.Load())
	s.counts.truncated.Store(c.truncated.Load())
	s.counts.skipped.Store(c.skipped.Load())
	s.counts.wrong.Store(c.wrong.Load())
	if got, want := s.Counts(), (Counts{Empty: 2, Truncated: 2, Skipped: 8, WrongCounts: 2}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}
