package match

import (
	"fmt"
	"testing"
	"time"
)

// event makes a match as the engine does, with an id of the front door.
func event(i int, t int64, value string) *Match {
	return &Match{T: t, ID: fmt.Sprintf("f3a9c1d2/17/%08d", i), Src: fmt.Sprintf("weir.raw.syslog/0/%08d/0", i), Value: value, Shown: "\x01{}"}
}

func TestNanos(t *testing.T) {
	for _, c := range []struct {
		name string
		in   time.Time
		want int64
	}{
		{"now", time.Unix(1763708400, 123), 1763708400_000000123},
		{"before 1970", time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC), 0},
		{"far", time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), Farthest},
		{"zero", time.Time{}, 0},
	} {
		if got := Nanos(c.in); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

func TestSame(t *testing.T) {
	m := event(1, 5, "v")
	for _, c := range []struct {
		name   string
		change func(x *Match)
		want   bool
	}{
		{"a copy", func(*Match) {}, true},
		{"with another value", func(x *Match) { x.Value = "w" }, true},
		{"of another condition", func(x *Match) { x.Cond = 3 }, true},
		{"another step", func(x *Match) { x.Step = 1 }, false},
		{"another time", func(x *Match) { x.T++ }, false},
		{"another event", func(x *Match) { x.ID += "0" }, false},
		{"another position", func(x *Match) { x.Src += "0" }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := *m
			if c.change(&x); Same(m, &x) != c.want || Same(&x, m) != c.want {
				t.Errorf("Same is not %v", c.want)
			}
		})
	}
}

func TestSizeOf(t *testing.T) {
	bare := SizeOf(&Match{})
	for _, c := range []struct {
		name string
		in   Match
		want int
	}{
		{"texts", Match{ID: "abc", Src: "de", Value: "f", Shown: "ghij"}, bare + 10},
		{"no numbers", Match{T: 1 << 60, Step: 7, Number: 9}, bare},
		{"parts", Match{Parts: []*Match{{ID: "ab"}, {Src: "c", Value: "d", Shown: "e"}}}, 3*bare + 2*8 + 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := SizeOf(&c.in); got != c.want {
				t.Errorf("%d, want %d", got, c.want)
			}
		})
	}
}
