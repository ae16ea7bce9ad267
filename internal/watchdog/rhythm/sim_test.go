package rhythm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// speaker decides whether a source speaks in the step that ends at a local time; of it, only what the source itself would
// know.
type speaker func(rnd *rand.Rand, at time.Time, step time.Duration) bool

// poisson speaks at random, so often an hour.
func poisson(perHour func(time.Time) float64) speaker {
	return func(rnd *rand.Rand, at time.Time, step time.Duration) bool {
		return rnd.Float64() < 1-math.Exp(-perHour(at)*step.Hours())
	}
}

// office is a rate in working hours, and none else.
func office(rate float64) func(time.Time) float64 {
	return func(at time.Time) float64 {
		if d := at.Weekday(); d == time.Saturday || d == time.Sunday || at.Hour() < 9 || at.Hour() >= 18 {
			return 0
		}
		return rate
	}
}

// sample is how many sources of each kind are simulated. With 120 the figures of docs/silence.md come out.
const sample = 9

// planned speaks for some minutes at a time of day, give or take a spread, on the days that on accepts.
func planned(hour int, spread, lasts time.Duration, on func(time.Time) bool) speaker {
	day, begin := -1, time.Duration(0)
	return func(rnd *rand.Rand, at time.Time, step time.Duration) bool {
		if at.YearDay() != day {
			day, begin = at.YearDay(), time.Duration(hour)*time.Hour+time.Duration((rnd.Float64()*2-1)*float64(spread))
		}
		since := time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute + time.Duration(at.Second())*time.Second
		return on(at) && since >= begin && since < begin+lasts && rnd.Float64() < 0.95
	}
}

// bursts speaks without pause for some minutes, then not for an exponential while.
func bursts(pause time.Duration) speaker {
	left, burst := time.Duration(0), false
	return func(rnd *rand.Rand, _ time.Time, step time.Duration) bool {
		if left -= step; left <= 0 {
			if burst = !burst; burst {
				left = time.Duration(rnd.IntN(9)+1) * time.Minute
			} else {
				left = time.Duration(rnd.ExpFloat64() * float64(pause))
			}
		}
		return burst
	}
}

// every speaks at a fixed interval, give or take a tenth.
func every(pause time.Duration) speaker {
	left := time.Duration(0)
	return func(rnd *rand.Rand, _ time.Time, step time.Duration) bool {
		if left -= step; left > 0 {
			return false
		}
		left += time.Duration(float64(pause) * (0.9 + 0.2*rnd.Float64()))
		return true
	}
}

func always(time.Time) bool { return true }

// kinds are the sources of the simulation.
var kinds = []struct {
	name string
	make func() speaker
	// What the simulation is held to: false alarms for each source and week, and the median and the worst delay until a
	// source that died is said. 0: no bound.
	falseAlarms     float64
	median, longest time.Duration
}{
	{"firewall, steady", func() speaker { return poisson(func(time.Time) float64 { return 72_000 }) }, 0.002, 12 * time.Minute, 20 * time.Minute},
	{"server, 60 an hour", func() speaker { return poisson(func(time.Time) float64 { return 60 }) }, 0.005, 45 * time.Minute, 2 * time.Hour},
	{"server by day, a tenth at night", func() speaker {
		return poisson(func(at time.Time) float64 {
			if at.Hour() < 7 || at.Hour() > 22 {
				return 12
			}
			return 120
		})
	}, 0.005, 2 * time.Hour, 6 * time.Hour},
	{"slow, 4 an hour", func() speaker { return poisson(func(time.Time) float64 { return 4 }) }, 0.01, 8 * time.Hour, 14 * time.Hour},
	{"office printer, 6 an hour", func() speaker { return poisson(office(6)) }, 0.01, 3 * 24 * time.Hour, 4 * 24 * time.Hour},
	{"office server, 200 an hour", func() speaker { return poisson(office(200)) }, 0.01, 3 * 24 * time.Hour, 3 * 24 * time.Hour},
	{"shop, 8 to 21 every day", func() speaker {
		return poisson(func(at time.Time) float64 {
			if at.Hour() < 8 || at.Hour() >= 21 {
				return 0
			}
			return 20
		})
	}, 0.01, 14 * time.Hour, 26 * time.Hour},
	{"nightly backup", func() speaker { return planned(2, 10*time.Minute, 5*time.Minute, always) }, 0.01, 26 * time.Hour, 40 * time.Hour},
	{"heartbeat every hour", func() speaker { return every(time.Hour) }, 0.005, 4 * time.Hour, 6 * time.Hour},
	{"heartbeat every 5 minutes", func() speaker { return every(5 * time.Minute) }, 0.005, 30 * time.Minute, time.Hour},
	{"bursts, pauses of 90 minutes", func() speaker { return bursts(90 * time.Minute) }, 0.02, 36 * time.Hour, 48 * time.Hour},
	{"weekly job", func() speaker {
		return planned(3, 10*time.Minute, 20*time.Minute, func(at time.Time) bool { return at.Weekday() == time.Sunday })
	}, 0.01, 0, 0},
}

// outcome is what the simulation found of one kind.
type outcome struct {
	weeks  float64
	alarms int
	delays []time.Duration // of sources that died; those that were never missed are left out
	died   int
}

// world is a simulated site.
type world struct {
	t     *testing.T
	r     *Rhythms
	at    time.Time
	step  time.Duration
	speak []speaker
	rnd   *rand.Rand
	dead  []time.Time // when each dies; zero: never
	list  []Heard
	kind  []int
	found []outcome
	on    func(Change) // nil: changes are counted
}

// newWorld makes a site of n sources of each kind.
func newWorld(t *testing.T, n int, zone *time.Location, begin time.Time, step time.Duration, o Options) *world {
	o.After, o.Every, o.Max = 10*time.Minute, step, 20_000
	o.Zone = func(string) *time.Location { return zone }
	w := &world{t: t, r: New(o), at: begin, step: step, rnd: rand.New(rand.NewPCG(1, 2)), found: make([]outcome, len(kinds))}
	for k := range kinds {
		for i := range n {
			w.speak = append(w.speak, kinds[k].make())
			w.list = append(w.list, Heard{Source: fmt.Sprintf("syslog/%d-%d", k, i)})
			w.kind, w.dead = append(w.kind, k), append(w.dead, time.Time{})
		}
	}
	return w
}

// run lets time pass. What sources say while nobody looks is lost, as it is over UDP.
func (w *world) run(span time.Duration, looking bool) {
	zone := w.r.opts.Zone("")
	for end := w.at.Add(span); w.at.Before(end); {
		w.at = w.at.Add(w.step)
		local := w.at.In(zone)
		var known []Heard
		for i := range w.list {
			spoke := w.speak[i](w.rnd, local, w.step)
			if gone := !w.dead[i].IsZero() && w.at.After(w.dead[i]); spoke && looking && !gone {
				w.list[i].Count++
				w.list[i].Last = w.at
			}
			if w.list[i].Count > 0 {
				known = append(known, w.list[i])
			}
		}
		if looking {
			for _, c := range w.r.Observe(w.at, known) {
				w.change(c)
			}
		}
	}
}

// change counts what was said.
func (w *world) change(c Change) {
	if w.on != nil {
		w.on(c)
		return
	}
	if c.Kind != Silent {
		return
	}
	var k, i int
	if _, err := fmt.Sscanf(c.Source, "syslog/%d-%d", &k, &i); err != nil {
		w.t.Fatal(err)
	}
	at := slices.IndexFunc(w.list, func(h Heard) bool { return h.Source == c.Source })
	if dead := w.dead[at]; !dead.IsZero() && w.at.After(dead) {
		w.found[k].delays = append(w.found[k].delays, w.at.Sub(dead))
		return
	}
	w.found[k].alarms++
}

// table prints the outcome of all kinds.
func (w *world) table(title string, weeks float64, bound bool) {
	w.t.Logf("%s", title)
	w.t.Logf("%-34s %8s %12s %10s %10s %8s", "source", "weeks", "false/week", "median", "longest", "missed")
	for k, o := range w.found {
		slices.Sort(o.delays)
		var median, longest time.Duration
		if n := len(o.delays); n > 0 {
			median, longest = o.delays[n/2], o.delays[n-1]
		}
		sources := 0
		for _, x := range w.kind {
			if x == k {
				sources++
			}
		}
		o.weeks = weeks * float64(sources)
		rate := float64(o.alarms) / o.weeks
		w.t.Logf("%-34s %8.0f %12.4f %10s %10s %8d", kinds[k].name, o.weeks, rate, short(median), short(longest), o.died-len(o.delays))
		if !bound {
			continue
		}
		if rate > kinds[k].falseAlarms {
			w.t.Errorf("%s: %.4f false alarms for each source and week, at most %.4f", kinds[k].name, rate, kinds[k].falseAlarms)
		}
		if kinds[k].median > 0 && (len(o.delays) < o.died || median > kinds[k].median || longest > kinds[k].longest) {
			w.t.Errorf("%s: %d of %d deaths said, after %s, at the most %s; want all after %s, at the most %s", kinds[k].name, len(o.delays), o.died, short(median), short(longest), kinds[k].median, kinds[k].longest)
		}
	}
}

// short writes a duration in minutes or hours.
func short(d time.Duration) string {
	switch {
	case d == 0:
		return "-"
	case d < 2*time.Hour:
		return fmt.Sprintf("%.0f min", d.Minutes())
	}
	return fmt.Sprintf("%.1f h", d.Hours())
}

// die lets a third of the sources die, each at a moment of its own within a span that begins now.
func (w *world) die(within time.Duration) {
	for i := 0; i < len(w.dead); i += 3 {
		w.dead[i] = w.at.Add(time.Duration(w.rnd.Float64() * float64(within)))
		w.found[w.kind[i]].died++
	}
}

var monday = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)

func TestSimulation(t *testing.T) {
	seoul := location(t, "Asia/Seoul")
	w := newWorld(t, sample, seoul, monday, time.Minute, Options{})
	w.run(8*7*24*time.Hour, true)
	w.die(14 * 24 * time.Hour)
	w.run(4*7*24*time.Hour, true)
	w.table("eight weeks, then a third of the sources die within two", 8+4*2.0/3+1.0/3, true)
}

func location(t testing.TB, name string) *time.Location {
	t.Helper()
	l, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

type randSource = *rand.Rand
