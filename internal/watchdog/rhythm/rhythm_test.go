package rhythm

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

const oneDay = 24 * time.Hour

// only makes a site of some of the kinds.
func only(t *testing.T, n int, zone *time.Location, begin time.Time, o Options, names ...string) *world {
	w := newWorld(t, n, zone, begin, time.Minute, o)
	keep := func(k int) bool {
		return slices.ContainsFunc(names, func(s string) bool { return strings.HasPrefix(kinds[k].name, s) })
	}
	out := *w
	out.list, out.speak, out.kind, out.dead = nil, nil, nil, nil
	for i, k := range w.kind {
		if keep(k) {
			out.list, out.speak = append(out.list, w.list[i]), append(out.speak, w.speak[i])
			out.kind, out.dead = append(out.kind, k), append(out.dead, w.dead[i])
		}
	}
	return &out
}

// quiet holds a world to saying nothing from here on.
func (w *world) quietly(what string) {
	w.on = func(c Change) {
		w.t.Errorf("%s: at %s: %+v", what, w.at.In(w.r.opts.Zone("")).Format("Mon 01-02 15:04"), c)
	}
}

// TestClocksChange: sources keep local hours, a job keeps UTC; neither is silent when the clocks change, in spring or in
// autumn.
func TestClocksChange(t *testing.T) {
	berlin := location(t, "Europe/Berlin")
	for _, tc := range []struct {
		name   string
		change time.Time
	}{
		{"spring", time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC)},
		{"autumn", time.Date(2026, 10, 25, 1, 0, 0, 0, time.UTC)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := only(t, 5, berlin, tc.change.Add(-4*7*oneDay-time.Hour), Options{}, "office", "nightly", "server by day", "shop")
			for i := range w.speak {
				if kinds[w.kind[i]].name != "nightly backup" {
					continue
				}
				w.speak[i] = planned(4, 10*time.Minute, 5*time.Minute, always) // an hour that every day has
				if utc := planned(1, 10*time.Minute, 5*time.Minute, always); i%2 == 0 {
					w.speak[i] = func(rnd randSource, at time.Time, step time.Duration) bool { return utc(rnd, at.UTC(), step) }
				}
			}
			w.quietly("while learning")
			w.run(4*7*oneDay, true)
			w.quietly("when the clocks change")
			w.run(9*oneDay, true)
		})
	}
}

// TestWeirStopped: a stop of three hours, or of three days, in the middle of the day or over the backup of the night, is no
// silence of anybody, and who died meanwhile is found out afterwards.
func TestWeirStopped(t *testing.T) {
	utc := time.UTC
	for _, tc := range []struct {
		name  string
		begin time.Duration // after a Monday, 0:00
		span  time.Duration
	}{
		{"by day", 10 * time.Hour, 3 * time.Hour},
		{"over the backup", time.Hour, 3 * time.Hour},
		{"for three days", 10 * time.Hour, 3 * oneDay},
		{"for a minute, every hour", 10 * time.Hour, 2 * time.Minute},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := only(t, 4, utc, monday, Options{}, "firewall", "server", "office", "nightly", "shop", "heartbeat")
			w.run(3*7*oneDay+tc.begin, true)
			w.quietly(tc.name)
			for range 5 {
				data := w.r.Encode()
				w.r = New(w.r.opts)
				if err := w.r.Decode(data); err != nil {
					t.Fatal(err)
				}
				w.run(tc.span, false)
				w.run(time.Hour, true)
			}
			w.run(3*oneDay, true)
			found := map[string]bool{}
			w.on = func(c Change) {
				if c.Kind == Silent {
					found[c.Source] = true
				}
			}
			w.run(12*time.Hour, true)
			for i := 0; i < len(w.dead); i += 4 {
				w.dead[i] = w.at
			}
			w.run(3*time.Hour, false)
			w.run(6*oneDay, true)
			for i := 0; i < len(w.dead); i += 4 {
				if !found[w.list[i].Source] {
					t.Errorf("%s %s died and was not missed", w.list[i].Source, kinds[w.kind[i]].name)
				}
			}
		})
	}
}

// TestAfterARestart: nobody is missed in the first minutes, and who is dead since is said after them.
func TestAfterARestart(t *testing.T) {
	w := only(t, 1, time.UTC, monday, Options{}, "firewall")
	w.run(14*oneDay, true)
	w.quietly("stopped")
	w.dead[0] = w.at
	w.run(3*time.Hour, false)
	begin := w.at
	w.run(9*time.Minute, true)
	var said []Change
	w.on = func(c Change) { said = append(said, c) }
	w.run(30*time.Minute, true)
	if len(said) != 1 || said[0].Kind != Silent || said[0].At.Sub(begin) > 15*time.Minute || !said[0].Since.Before(begin.Add(-3*time.Hour+time.Minute)) {
		t.Errorf("%+v", said)
	}
	w.dead[0] = time.Time{}
	w.run(time.Minute, true)
	if len(said) != 2 || said[1].Kind != Spoke || said[1].Gone {
		t.Errorf("%+v", said)
	}
}

// TestLag: counts that come an hour late are of the time in which they were made.
func TestLag(t *testing.T) {
	w := only(t, 5, time.UTC, monday, Options{}, "firewall", "server", "heartbeat")
	w.run(14*oneDay, true)
	w.quietly("lagging")
	held := slices.Clone(w.list)
	stood := w.at
	for range 60 { // the ledger says the same again and again
		w.run(time.Minute, false)
		for _, c := range w.r.Observe(stood, held) {
			w.on(c)
		}
	}
	w.run(time.Hour, true)
	w.run(oneDay, true)
}

// TestPresence: what is ephemeral is never missed; what is expected is, though little is known of it.
func TestPresence(t *testing.T) {
	of := map[string]Presence{"syslog/laptop": Ephemeral, "syslog/door": Expected}
	r := New(Options{After: 10 * time.Minute, Every: time.Minute, Max: 10, Presence: func(s string) Presence { return of[s] }, Zone: func(string) *time.Location { return time.UTC }})
	at, said := monday, map[string][]Kind{}
	for i := range 20 * 24 * 60 {
		at = at.Add(time.Minute)
		n := int64(min(i, 15*24*60))
		list := []Heard{{"syslog/laptop", n, at}, {"syslog/web", n, at}, {"syslog/door", 1, monday}, {"syslog/stray", 3, monday}}
		for _, c := range r.Observe(at, list) {
			said[c.Source] = append(said[c.Source], c.Kind)
		}
	}
	if len(said) != 2 || len(said["syslog/web"]) != 1 || len(said["syslog/door"]) != 1 {
		t.Errorf("%v", said)
	}
	for _, row := range r.Rows() {
		if row.Learning != (row.Source == "syslog/stray") {
			t.Errorf("%+v", row)
		}
	}
}

// TestForgedSources: who sends records from many addresses gets no alarms out of it, and no memory beyond the bound.
func TestForgedSources(t *testing.T) {
	r := New(Options{After: 10 * time.Minute, Every: time.Minute, Max: 500})
	at := monday
	var list []Heard
	for i := range 3 * 24 * 60 {
		at = at.Add(time.Minute)
		if i < 2000 {
			list = append(list, Heard{fmt.Sprintf("syslog/192.0.%d.%d", i/250, i%250), 1, at})
		}
		if said := r.Observe(at, list); len(said) > 0 {
			t.Fatalf("%+v", said)
		}
	}
	if n := len(r.Rows()); n > 500 {
		t.Errorf("%d sources", n)
	}
}

// TestForgets: a source that is gone for a month is given up, and that is said of one that was missed.
func TestForgets(t *testing.T) {
	w := only(t, 1, time.UTC, monday, Options{}, "server, 60")
	w.run(10*oneDay, true)
	var said []Change
	w.on = func(c Change) { said = append(said, c) }
	w.dead[0] = w.at
	w.run(31*oneDay, true)
	if len(said) != 2 || said[0].Kind != Silent || said[1].Kind != Spoke || !said[1].Gone || len(w.r.Rows()) != 0 {
		t.Errorf("%+v, %d sources", said, len(w.r.Rows()))
	}
}

// TestFlaps: a source that changes its ways for good is said a few times and then known.
func TestFlaps(t *testing.T) {
	rate := 2000.0
	w := newWorld(t, 0, time.UTC, monday, time.Minute, Options{})
	w.speak = []speaker{poisson(func(time.Time) float64 { return rate })}
	w.list, w.kind, w.dead = []Heard{{Source: "syslog/10.0.0.1"}}, []int{0}, []time.Time{{}}
	w.run(21*oneDay, true)
	rate = 1
	said := 0
	w.on = func(c Change) {
		if c.Kind == Silent {
			said++
		}
	}
	w.run(28*oneDay, true)
	if said == 0 || said > 15 {
		t.Errorf("said %d times in four weeks", said)
	}
}

// TestClockGoesBack: a clock that is set back, or far ahead, is no silence.
func TestClockGoesBack(t *testing.T) {
	w := only(t, 3, time.UTC, monday, Options{}, "firewall", "nightly")
	w.run(15*oneDay, true)
	w.quietly("clock")
	for _, by := range []time.Duration{-2 * time.Hour, -3 * oneDay, 5 * oneDay, -30 * time.Second} {
		w.at = w.at.Add(by)
		w.run(3*time.Hour, true)
	}
}

// TestTenThousand holds the memory of 10,000 sources, with all that a month has taught of them, to 20 MB.
func TestTenThousand(t *testing.T) {
	var before, after runtime.MemStats
	list := crowd(10_000)
	runtime.GC()
	runtime.GC() // what other tests left in pools goes with the second
	runtime.ReadMemStats(&before)
	r := New(Options{After: 10 * time.Minute, Every: 10 * time.Second, Max: 20_000})
	at := monday
	for range 100 {
		at = at.Add(10 * time.Second)
		for i := range list {
			list[i].Count++
			list[i].Last = at
		}
		if said := r.Observe(at, list); len(said) > 0 {
			t.Fatalf("%+v", said)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	used, file := int64(after.HeapAlloc)-int64(before.HeapAlloc), len(r.Encode())
	t.Logf("10,000 sources: %.1f MB in memory, %.1f MB on disk", float64(used)/1e6, float64(file)/1e6)
	if used > 20e6 || file > 20e6 {
		t.Errorf("%d bytes in memory, %d on disk", used, file)
	}
	runtime.KeepAlive(r)
}

// crowd makes the counts of n sources.
func crowd(n int) []Heard {
	list := make([]Heard, n)
	for i := range list {
		list[i] = Heard{Source: fmt.Sprintf("syslog/10.%d.%d.%d", i>>16, i>>8&255, i&255), Count: 1, Last: monday}
	}
	return list
}

func BenchmarkObserve(b *testing.B) {
	r := New(Options{After: 10 * time.Minute, Every: 10 * time.Second, Max: 20_000})
	list, at := crowd(10_000), monday
	for range 9 * 24 * 60 { // so that all of it is judged
		at = at.Add(time.Minute)
		for i := range list {
			list[i].Count++
			list[i].Last = at
		}
		if at.Minute() == 0 {
			r.Observe(at, list)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		at = at.Add(10 * time.Second)
		for i := range list {
			list[i].Count += int64(i & 1)
		}
		r.Observe(at, list)
	}
}
