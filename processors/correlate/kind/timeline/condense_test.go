package timeline

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"weir/processors/correlate/kind/match"
	"weir/processors/correlate/kind/spec"
	"weir/rules"
	"weir/rules/correlation"
)

// What is condensed stands for as many matches as there were, of the same sum, and within the same time.
func TestList_condensed(t *testing.T) {
	for _, w := range []correlation.Window{correlation.Sliding, correlation.Tumbling, correlation.Session} {
		t.Run(string(w), func(t *testing.T) {
			s := mustSpec(t, &rules.Correlate{Kind: correlation.Sum, Window: w, Within: time.Minute, Bounds: bounds("gte", 1_000_000_000), Steps: names("a", "b")}, 0, false)
			var l List
			rnd := rand.New(rand.NewPCG(8, 9))
			want, at := 0.0, int64(0)
			const n = 3 * spec.MaxMatches
			for i := range n {
				at += rnd.Int64N(4e7)
				if i == n/2 {
					at += 70e9 // two sessions
				}
				m := event(i, at, "")
				m.Step = int32(rnd.IntN(2))
				want += m.Number
				if l.Insert(m); l.Crowded(s) && l.Len() > spec.MaxMatches*3/4 {
					t.Fatalf("%d are left", l.Len())
				}
			}
			count, got, parts := 0, 0.0, 1
			for i := range l.Len() {
				x := s.Start(l.At(i).T)
				wt := l.Weigh(i, s)
				count += int(wt.N)
				got += wt.Number
				if l.Last(i) < l.At(i).T || w == correlation.Tumbling && s.Start(l.Last(i)) != x {
					t.Fatalf("%d stands for what is until %d", l.At(i).T, l.Last(i))
				}
				if w == correlation.Session && i > 0 && l.apart(s, i-1, i) {
					parts++
				}
			}
			if count != n || got != want || w == correlation.Session && parts != 2 || l.Rough != roughTimes {
				t.Errorf("%d matches, sum %v for %v, %d sessions, %s", count, got, want, parts, l.Rough)
			}
		})
	}
}

func TestRough(t *testing.T) {
	if got := (roughTimes | RoughLost).String(); got != "times are rounded, there were too many matches to keep each; matches were left out, there were too many to keep" || Rough(0).String() != "" {
		t.Error(got)
	}
}

// TestList_Crowded tells what goes first when there is too much: times, then values, then matches.
func TestList_Crowded(t *testing.T) {
	one := func(int) string { return "v" }
	each := func(i int) string { return event(i, 0, "").ID }
	for _, c := range []struct {
		name  string
		c     rules.Correlate
		value func(i int) string
		want  Rough
	}{
		{"alike", rules.Correlate{Kind: correlation.Count}, one, roughTimes},
		{"of different values", rules.Correlate{Kind: correlation.Distinct, Bounds: bounds("lt", 3)}, each, roughTimes | roughValues},
		{"of different values that nobody estimates", rules.Correlate{Kind: correlation.NewValue}, each, roughTimes | RoughLost},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.c.Within = time.Hour
			s := mustSpec(t, &c.c, 0, false)
			l := crowd(s, c.value)
			if l.Rough != c.want || l.Len() > s.Limit || l.Values.Made() != (c.want&roughValues != 0) {
				t.Errorf("%d matches, %q", l.Len(), l.Rough)
			}
			if c.want&RoughLost == 0 && l.At(0).ID != event(0, 0, "").ID {
				t.Error("the first one is gone")
			}
			if l.Drop(0, l.Len()); l.Rough != c.want || l.Values.Made() || l.size != 0 {
				t.Errorf("empty: %q, %d bytes", l.Rough, l.size)
			}
			if l.Insert(event(1, 1, "v")); l.Rough != 0 {
				t.Errorf("begun anew it is %q", l.Rough)
			}
		})
	}
}

// Matches at different steps, of different values, or of which one is known as a hit, are never put together.
func TestList_condense_kin(t *testing.T) {
	s := mustSpec(t, &rules.Correlate{Kind: correlation.Sum, Steps: names("a", "b"), Window: correlation.Tumbling, Within: 10}, 0, false)
	var l List
	for i, x := range []struct {
		at    int64
		step  int32
		value string
		flags uint8
	}{{1, 0, "u", 0}, {2, 0, "u", 0}, {3, 1, "u", 0}, {4, 0, "v", 0}, {5, 0, "u", SaidHit}, {9, 0, "u", 0}, {11, 0, "u", 0}} {
		m := event(i, x.at, x.value)
		m.Step = x.step
		place, _ := l.Insert(m)
		l.Live()[place].Flags = x.flags
	}
	l.condense(s, 10)
	var got []string
	for i := range l.Len() {
		got = append(got, fmt.Sprint(l.At(i).T, "-", l.Last(i), " ", l.Live()[i].More))
	}
	if want := "1-9 2, 3-3 0, 4-4 0, 5-5 0, 11-11 0"; strings.Join(got, ", ") != want {
		t.Errorf("%s, want %s", strings.Join(got, ", "), want)
	}
}

func TestList_Thin(t *testing.T) {
	for _, c := range []struct {
		name   string
		before int64
		want   int
	}{
		{"the middle half loses every second one", 0, 75}, {"what is older stays", 50, 88}, {"all is older", 1000, 100},
	} {
		t.Run(c.name, func(t *testing.T) {
			var l List
			for i := range 100 {
				l.Insert(event(i, int64(i), ""))
			}
			l.Thin(c.before)
			size := 0
			for i := range l.Len() {
				if size += match.SizeOf(l.At(i)); i > 0 && l.At(i-1).T >= l.At(i).T {
					t.Fatal("out of order")
				}
			}
			if l.Len() != c.want || l.size != size || l.At(0).T != 0 || l.At(l.Len()-1).T != 99 || l.At(24).T != 24 {
				t.Errorf("%d are left, of %d bytes, want %d of %d", l.Len(), l.size, c.want, size)
			}
		})
	}
}

// TestAlike: numbers that stand for one another are within two percent, and their order is kept.
func TestAlike(t *testing.T) {
	numbers := []float64{-1e300, -1000, -10, -1, -1e-12, 0, 1e-12, 1e-6, 0.5, 1, 1.5, 99, 100, 1e9, 1e300}
	for i, x := range numbers {
		if i > 0 && alike(numbers[i-1]) > alike(x) {
			t.Errorf("%v stands before %v", x, numbers[i-1])
		}
		if x > 1e-9 && alike(x) == alike(x*1.03) || x > 1e-9 && alike(x*1.03)-alike(x) > 2 {
			t.Errorf("%v and what is three percent more: %d and %d", x, alike(x), alike(x*1.03))
		}
	}
}
