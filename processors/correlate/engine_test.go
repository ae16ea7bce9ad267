package correlate

import (
	"fmt"
	"testing"
	"time"

	"weir/internal/alert"
	"weir/internal/signal"
	"weir/rules"
)

// at makes a match of a rule, so many milliseconds after base.
func at(r *rules.Rule, ms int, when, id string, group ...string) *signal.Signal {
	return &signal.Signal{Kind: signal.Match, Rule: r.ID, Hash: r.Hash, When: when, Group: group, EventID: id,
		Time: base.Add(time.Duration(ms) * time.Millisecond), Src: "weir.raw.syslog/0/" + fmt.Sprint(ms) + "/0", Dataset: "sshd",
		Values: map[string]string{"host.name": "web-1", "message": "line " + id}}
}

func counting(n int, within, fold time.Duration) *rules.Rule {
	return &rules.Rule{ID: "count", Hash: "h1", Enabled: true, Title: "counted", Level: rules.Low, When: when("event"),
		Correlate: &rules.Correlate{Kind: rules.Count, Steps: []rules.Step{{When: "event", AtLeast: n}}, By: []string{"source.ip"}, Within: within},
		Fold:      rules.Fold{By: []string{"source.ip"}, For: fold}}
}

func engine(set ...*rules.Rule) *Engine {
	en := New(Options{Lateness: 5 * time.Second})
	en.SetRules(set)
	return en
}

func TestEngine_unknownSignals(t *testing.T) {
	r := counting(1, time.Second, time.Second)
	off := counting(1, time.Second, time.Second)
	off.ID, off.Enabled = "off", false
	odd := counting(1, time.Second, time.Second)
	odd.ID = "odd"
	odd.Correlate.Steps[0].When = "nothing"
	cases := []struct {
		name string
		s    *signal.Signal
	}{
		{"rule", &signal.Signal{Kind: signal.Match, Rule: "x", Hash: "h1", When: "event", Group: []string{"g"}}},
		{"hash", &signal.Signal{Kind: signal.Match, Rule: "count", Hash: "h0", When: "event", Group: []string{"g"}}},
		{"condition", &signal.Signal{Kind: signal.Match, Rule: "count", Hash: "h1", When: "x", Group: []string{"g"}}},
		{"group", &signal.Signal{Kind: signal.Match, Rule: "count", Hash: "h1", When: "event", Group: []string{"g", "h"}}},
		{"rule that is off", &signal.Signal{Kind: signal.Match, Rule: "off", Hash: "h1", When: "event", Group: []string{"g"}}},
		{"rule without its condition", &signal.Signal{Kind: signal.Match, Rule: "odd", Hash: "h1", When: "event", Group: []string{"g"}}},
	}
	for _, c := range cases {
		en := engine(r, off, odd)
		if got := play(t, en, []*signal.Signal{c.s}); len(got) != 0 || en.Stats().Unknown != 1 || en.Stats().Matches != 0 {
			t.Errorf("%s: %d alerts, %+v", c.name, len(got), en.Stats())
		}
	}
	if err := engine(r).Apply(&signal.Signal{Kind: "x"}, nil); err == nil {
		t.Error("a signal of no kind was taken")
	}
}

func TestEngine_lateIsCounted(t *testing.T) {
	r := counting(2, time.Second, time.Second)
	en := engine(r)
	play(t, en, []*signal.Signal{mark(signal.Watermark, base.Add(time.Minute), 1), at(r, 54_999, "event", "a", "g"), at(r, 55_000, "event", "b", "g")})
	if s := en.Stats(); s.Late != 1 || s.Alerts != 1 {
		t.Errorf("%+v", s)
	}
}

func benchmark(b *testing.B, r *rules.Rule, groups int, when func(i int) string) {
	en := New(Options{MaxGroups: groups, Lateness: 5 * time.Second})
	en.SetRules([]*rules.Rule{r})
	keys := make([][]string, groups)
	for i := range keys {
		keys[i] = []string{fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255), "root"}[:len(r.Correlate.By)]
	}
	s := at(r, 0, "", "event")
	emit := func(*alert.Alert) {}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		s.Kind, s.When, s.Group, s.Time = signal.Match, when(i), keys[i%groups], base.Add(time.Duration(i)*time.Millisecond)
		if err := en.Apply(s, emit); err != nil {
			b.Fatal(err)
		}
		if i%1000 == 999 {
			s.Kind = signal.Watermark
			if err := en.Apply(s, emit); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkApply(b *testing.B) {
	event := func(int) string { return "event" }
	b.Run("count 50000 groups", func(b *testing.B) { benchmark(b, counting(10, time.Minute, time.Hour), 50_000, event) })
	b.Run("count storm of 10 groups", func(b *testing.B) { benchmark(b, counting(10, time.Minute, time.Hour), 10, event) })
	b.Run("sequence 50000 groups", func(b *testing.B) {
		benchmark(b, bruteForce(), 50_000, func(i int) string { return []string{"failed", "failed", "failed", "login"}[i/50_000%4] })
	})
}

// Whatever signals come, in whatever times, revisions follow one another, and state ends when time has passed.
func FuzzApply(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, int64(1e9))
	f.Add([]byte("the quick brown fox jumps over the lazy dog, and again, and again"), int64(-3e9))
	f.Add([]byte{255, 254, 253, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 255}, int64(1)<<61)
	f.Fuzz(func(t *testing.T, script []byte, stride int64) {
		set := testRules()
		en := New(Options{MaxGroups: 3, Lateness: 5 * time.Second})
		en.SetRules(set)
		at := base.UnixNano()
		var out []*alert.Alert
		for i, b := range script {
			at += stride * int64(b%5)
			r := set[int(b)%len(set)]
			by := r.Fold.By
			if r.Correlate != nil {
				by = r.Correlate.By
			}
			s := &signal.Signal{Kind: signal.Match, Rule: r.ID, Hash: r.Hash, When: r.When[int(b>>4)%len(r.When)].Name, Time: time.Unix(0, at),
				Group: []string{fmt.Sprint(b >> 6), "u"}[:len(by)], EventID: fmt.Sprint("e", i), Src: fmt.Sprintf("t/0/%d/0", i)}
			if b%7 == 0 {
				s = &signal.Signal{Kind: signal.Watermark, Time: time.Unix(0, at), Dataset: "d", Src: s.Src}
			}
			if err := en.Apply(s, func(a *alert.Alert) { out = append(out, a) }); err != nil {
				t.Fatal(err)
			}
		}
		end := &signal.Signal{Kind: signal.Idle, Time: time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC), Dataset: "d", Src: "t/0/99999/0"}
		if err := en.Apply(end, func(a *alert.Alert) { out = append(out, a) }); err != nil {
			t.Fatal(err)
		}
		checkRevisions(t, out)
		if len(en.dirty) != 0 {
			t.Fatalf("%d alerts have something unsaid", len(en.dirty))
		}
	})
}
