package correlate

import (
	"testing"
	"time"

	"weir/internal/signal"
)

// A dataset that speaks rarely does not hold back the state of the others for ever; one that is only behind does.
func TestClock(t *testing.T) {
	wm := func(worker, set string, minutes int) *signal.Signal {
		return &signal.Signal{Kind: signal.Watermark, Src: "weir.raw.syslog/" + worker + "/7/0", Dataset: set, Time: base.Add(time.Duration(minutes) * time.Minute)}
	}
	idle := func(worker string, minutes int) *signal.Signal {
		s := wm(worker, "", minutes)
		s.Kind = signal.Idle
		return s
	}
	cases := []struct {
		name string
		in   []*signal.Signal
		want int
	}{
		{"one", []*signal.Signal{wm("0", "a", 5)}, 5},
		{"never back", []*signal.Signal{wm("0", "a", 5), wm("0", "a", 3)}, 5},
		{"the slower dataset", []*signal.Signal{wm("0", "b", 2), wm("0", "a", 5)}, 2},
		{"the slower worker", []*signal.Signal{wm("0", "a", 2), wm("1", "a", 5)}, 2},
		{"idle lifts all of its worker", []*signal.Signal{wm("0", "a", 2), wm("0", "b", 1), wm("1", "a", 9), idle("0", 8)}, 8},
		{"silent for a day", []*signal.Signal{wm("0", "a", 2), wm("0", "b", 24*60)}, 24 * 60},
	}
	for _, c := range cases {
		k := newClock()
		for _, s := range c.in {
			k.mark(s)
		}
		if want := base.Add(time.Duration(c.want) * time.Minute).UnixNano(); k.low != want {
			t.Errorf("%s: %s, want %s", c.name, moment(k.low), moment(want))
		}
	}
}
