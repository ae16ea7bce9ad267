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

// The low time rises with the slowest that still counts, and mark says so, because a sweep follows.
func TestClock_rises(t *testing.T) {
	k := newClock()
	step := func(name string, kind signal.Kind, worker, set string, after time.Duration, rises bool) {
		s := &signal.Signal{Kind: kind, Src: "weir.raw.syslog/" + worker + "/7/0", Dataset: set, Time: base.Add(after)}
		before := k.low
		if got := k.mark(s); got != rises || (k.low > before) != rises {
			t.Errorf("%s: %v, low %s, before %s", name, got, moment(k.low), moment(before))
		}
	}
	step("the first mark", signal.Watermark, "0", "a", 0, true)
	step("a second worker that is behind", signal.Watermark, "1", "a", -time.Minute, false)
	step("it comes up, but not to the first", signal.Watermark, "1", "a", -time.Second, false)
	step("it passes the first", signal.Watermark, "1", "a", time.Minute, false)
	step("the first goes on", signal.Watermark, "0", "a", time.Second, true)
	step("the same again", signal.Watermark, "0", "a", time.Second, false)
	step("idle without a time of its own", signal.Idle, "0", "", 30*time.Second, true)
	step("a third worker begins idle", signal.Idle, "2", "", 20*time.Second, false)
}

// What is silent for longer than the bound no longer counts; on the bound it does.
func TestClock_silence(t *testing.T) {
	for _, c := range []struct {
		name string
		gap  time.Duration
		want time.Duration // low after the newest mark
	}{{"within", 6*time.Hour - 1, 0}, {"on the bound", 6 * time.Hour, 0}, {"beyond", 6*time.Hour + 1, 6*time.Hour + 1}} {
		k := newClock()
		k.mark(&signal.Signal{Kind: signal.Watermark, Src: "t/0/1/0", Dataset: "rare", Time: base})
		k.mark(&signal.Signal{Kind: signal.Watermark, Src: "t/0/2/0", Dataset: "busy", Time: base.Add(c.gap)})
		if got := moment(k.low).Sub(base); got != c.want {
			t.Errorf("%s: low at %s, want %s", c.name, got, c.want)
		}
	}
}

// A worker is a source topic and partition, whatever record of it is named.
func TestWorkerOf(t *testing.T) {
	for src, want := range map[string]string{
		"weir.raw.syslog/3/1204/0": "weir.raw.syslog/3",
		"weir.raw.syslog/3/0/17":   "weir.raw.syslog/3",
		"a/b/3/1/0":                "a/b/3",
		"odd":                      "odd",
		"":                         "",
	} {
		if got := workerOf(src); got != want {
			t.Errorf("%q: %q, want %q", src, got, want)
		}
	}
}
