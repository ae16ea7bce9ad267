package rhythm

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"
)

// TestMass: when the relay of 1,500 sources dies, that is said once, within minutes, and that it is over too. Who does not
// come back is said then.
func TestMass(t *testing.T) {
	w := newWorld(t, 0, time.UTC, monday, time.Minute, Options{})
	for i := range 300 {
		w.speak = append(w.speak, poisson(func(time.Time) float64 { return []float64{4000, 300, 60, 30, 10}[i%5] }))
		w.list, w.kind, w.dead = append(w.list, Heard{Source: fmt.Sprintf("syslog/10.0.%d.%d", i/250, i%250)}), append(w.kind, 0), append(w.dead, time.Time{})
	}
	w.quietly("learning")
	w.run(15*oneDay, true)
	var said []Change
	w.on = func(c Change) { said = append(said, c) }
	died := w.at
	for i := range w.dead {
		if i%20 != 7 { // some come by another way
			w.dead[i] = died
		}
	}
	w.run(2*time.Hour, true)
	kinds := map[Kind]int{}
	for _, c := range said {
		kinds[c.Kind]++
	}
	if kinds[Silent] != 0 || kinds[MassFell] != 1 || kinds[MassGrew] == 0 {
		t.Fatalf("%v", kinds)
	}
	first, last := said[0], said[len(said)-1]
	if first.Kind != MassFell || first.At.Sub(died) > 30*time.Minute || first.Since.Sub(died).Abs() > 10*time.Minute || len(first.Members) < 100 || first.Of < len(first.Members) {
		t.Errorf("%s after: since %s, %d of %d", first.At.Sub(died), first.Since, len(first.Members), first.Of)
	}
	if len(last.Members) < 270 {
		t.Errorf("at the end %d are silent", len(last.Members))
	}
	for _, row := range w.r.Rows() {
		if row.Source == "syslog/10.0.0.0" && (row.Silent || !row.Many) {
			t.Error("who is silent with the others is not listed as silent")
		}
	}
	said = nil
	for i := range w.dead {
		if i != 0 && i != 5 {
			w.dead[i] = time.Time{}
		}
	}
	w.run(oneDay, true)
	var over []string
	for _, c := range said {
		over = append(over, fmt.Sprint(c.Kind, c.Source))
	}
	if len(said) != 3 || said[0].Kind != MassOver || !slices.Contains(over, fmt.Sprint(Silent, "syslog/10.0.0.0")) || !slices.Contains(over, fmt.Sprint(Silent, "syslog/10.0.0.5")) {
		t.Errorf("%v", over)
	}
}

// TestHoliday: an office that stays at home is one word, not one for each printer, and none if the day is known.
func TestHoliday(t *testing.T) {
	free := "2026-02-18" // a Wednesday
	for _, known := range []bool{false, true} {
		t.Run(fmt.Sprint("known ", known), func(t *testing.T) {
			w := only(t, 10, time.UTC, monday, Options{QuietDay: func(day string) bool { return known && day == free }}, "firewall", "office printer", "office server")
			for i := range w.speak {
				if speak := w.speak[i]; kinds[w.kind[i]].name != "firewall, steady" {
					w.speak[i] = func(rnd randSource, at time.Time, step time.Duration) bool {
						return at.Format(time.DateOnly) != free && speak(rnd, at, step)
					}
				}
			}
			said := map[Kind]int{}
			w.on = func(c Change) { said[c.Kind]++ }
			w.run(7*7*oneDay, true)
			delete(said, MassGrew)
			want := map[Kind]int{MassFell: 1, MassOver: 1}
			if known {
				want = map[Kind]int{}
			}
			if !maps.Equal(said, want) {
				t.Errorf("said %v, want %v", said, want)
			}
		})
	}
}

// TestManyAtOnce: a rack that dies is one word, though most others are well.
func TestManyAtOnce(t *testing.T) {
	w := newWorld(t, 0, time.UTC, monday, time.Minute, Options{})
	for i := range 60 {
		w.speak = append(w.speak, poisson(func(time.Time) float64 { return 4000 }))
		w.list, w.kind, w.dead = append(w.list, Heard{Source: fmt.Sprintf("syslog/%d", i)}), append(w.kind, 0), append(w.dead, time.Time{})
	}
	w.run(10*oneDay, true)
	var said []Change
	w.on = func(c Change) { said = append(said, c) }
	for i := range 12 {
		w.dead[i] = w.at
	}
	w.run(oneDay, true)
	if len(said) != 1 || said[0].Kind != MassFell || len(said[0].Members) != 12 {
		t.Fatalf("%+v", said)
	}
	w.dead = make([]time.Time, len(w.dead))
	w.run(time.Hour, true)
	if len(said) != 2 || said[1].Kind != MassOver || !said[1].Since.Equal(said[0].Since) {
		t.Errorf("%+v", said[1:])
	}
}

func TestCohort(t *testing.T) {
	for _, tc := range []struct {
		name  string
		speak speaker
		want  Cohort
	}{
		{"an office", poisson(office(20)), Working},
		{"a machine room", poisson(func(time.Time) float64 { return 20 }), Always},
		{"a job of every night", planned(2, time.Minute, 10*time.Minute, always), Always},
		{"a job of Sundays", planned(2, time.Minute, 10*time.Minute, func(at time.Time) bool { return at.Weekday() == time.Sunday }), Always},
	} {
		w := newWorld(t, 0, time.UTC, monday, time.Minute, Options{})
		w.speak, w.list, w.kind, w.dead = []speaker{tc.speak}, []Heard{{Source: "a"}}, []int{0}, []time.Time{{}}
		w.run(15*oneDay, true)
		if got := w.r.sources["a"].part; got != tc.want {
			t.Errorf("%s is of cohort %d, want %d", tc.name, got, tc.want)
		}
	}
}
