package kind

import (
	"strings"
	"testing"
	"time"

	"weir/rules/correlation"
)

// TestGroup_times tells for each form of a group what it waits for: what Due says after some matches, from what time on
// Since says that hits may come, and how far it is.
func TestGroup_times(t *testing.T) {
	const none = -1
	ab := names("a", "b")
	not := and(leaf("a"), isNot(leaf("b")))
	for _, c := range []struct {
		name            string
		c               correlation.Correlate
		completes       bool
		in              string // matches as in scenes, and cuts
		due, since      int64  // seconds, none: LongAgo or Farthest
		progress, ended int    // ended: a cut, in seconds, that must be passed for the group to be empty
	}{
		{"count, one", correlation.Correlate{Kind: correlation.Count, Bounds: bounds("gte", 3)}, false, "a5", 15, none, 3, 15},
		{"count, nearly", correlation.Correlate{Kind: correlation.Count, Bounds: bounds("gte", 3)}, false, "a5 a7", 17, none, 6, 17},
		{"count, fired", correlation.Correlate{Kind: correlation.Count, Bounds: bounds("gte", 3)}, false, "a5 a7 a8", 18, none, 9, 18},
		{"count, completed", correlation.Correlate{Kind: correlation.Count, Bounds: bounds("gte", 3)}, true, "a5 a7 a8", 18, none, 9, 18},
		{"count, that may become too many", correlation.Correlate{Kind: correlation.Count, Bounds: bounds("lt", 3)}, false, "a5 a7", 15, 5, 4, 17},
		{"avg", correlation.Correlate{Kind: correlation.Avg, Bounds: bounds("gt", 3), MinValues: 4}, false, "a5:1 a7:1", 5, 5, 3, 17},
		{"avg, decided", correlation.Correlate{Kind: correlation.Avg, Bounds: bounds("gt", 3), MinValues: 4}, false, "a5:1 a7:1 |8", 17, none, 3, 17},
		{"sequence, one step", correlation.Correlate{Kind: correlation.Sequence, Steps: ab}, false, "a5", 15, none, 4, 15},
		{"sequence, done", correlation.Correlate{Kind: correlation.Sequence, Steps: ab}, false, "a5 b6", 16, none, 9, 16},
		{"sequence, in the wrong order", correlation.Correlate{Kind: correlation.Sequence, Steps: ab}, false, "b5 a6", 16, none, 8, 16},
		{"any order, with a not", correlation.Correlate{Kind: correlation.AnyOrder, Steps: ab, Logic: not}, false, "a5 a6", 15, 5, 6, 16},
		{"absence", correlation.Correlate{Kind: correlation.Absence, Steps: ab}, false, "a5 a6", 15, 5, 4, 16},
		{"absence, answered", correlation.Correlate{Kind: correlation.Absence, Steps: ab}, false, "a5 b6", 6, none, 0, 6},
		{"new value", correlation.Correlate{Kind: correlation.NewValue}, false, "a5:x a7:y", 5, 5, 0, 17},
		{"new value, learned", correlation.Correlate{Kind: correlation.NewValue}, false, "a5:x a7:y |8", 17, none, 8, 17},
		{"tumbling", correlation.Correlate{Kind: correlation.Count, Bounds: bounds("lt", 3), Window: correlation.Tumbling}, false, "a5 a7", 9, 5, 5, 9},
		{"session", correlation.Correlate{Kind: correlation.Count, Bounds: bounds("lt", 3), Window: correlation.Session}, false, "a5 a7", 15, 5, 5, 17},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.c.Within = 10 * time.Second
			s := mustSpec(t, &c.c, 0, c.completes)
			g := s.New()
			tell(g, &c.c, c.in, &quiet{})
			at := func(n int64, otherwise int64) int64 {
				if n == none {
					return otherwise
				}
				return n * 1e9
			}
			// A tumbling window ends a nanosecond before the next one begins.
			due := at(c.due, LongAgo)
			if c.c.Window == correlation.Tumbling {
				due += 1e9 - 1
			}
			if g.Due() != due || g.Since() != at(c.since, Farthest) || g.Progress() != c.progress {
				t.Errorf("due %d since %d progress %d, want %d %d %d", g.Due(), g.Since(), g.Progress(), due, at(c.since, Farthest), c.progress)
			}
			if read := again(t, s, g); read.Due() != g.Due() || read.Since() != g.Since() {
				t.Errorf("read: due %d since %d", read.Due(), read.Since())
			}
			if g.Pass(int64(c.ended)*1e9, &quiet{}); g.Empty() {
				t.Error("it is let go too early")
			}
			for range 3 {
				g.Pass(int64(c.ended+1)*1e9+1, &quiet{})
			}
			if !g.Empty() || g.Due() != LongAgo || g.Since() != Farthest || g.Progress() != 0 {
				t.Errorf("at the end: empty %v, due %d, since %d, progress %d", g.Empty(), g.Due(), g.Since(), g.Progress())
			}
		})
	}
}

// TestGroup_Add_refuses tells what is no match of a group: nothing is kept of it.
func TestGroup_Add_refuses(t *testing.T) {
	for _, c := range []struct {
		name string
		c    correlation.Correlate
		in   Match
	}{
		{"a step below all", correlation.Correlate{Kind: correlation.Count}, Match{Step: -1}},
		{"a step above all", correlation.Correlate{Kind: correlation.Count}, Match{Step: 1}},
		{"no value for distinct", correlation.Correlate{Kind: correlation.Distinct}, Match{Number: 1}},
		{"no value for new_value", correlation.Correlate{Kind: correlation.NewValue}, Match{Number: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.c.Within = time.Hour
			g := mustSpec(t, &c.c, 0, false).New()
			var f quiet
			if g.Add(&c.in, &f); !g.Empty() || f != (quiet{}) || !strings.HasPrefix(string(g.Append(nil)), string([]byte{formEmpty})) {
				t.Errorf("%d bytes are kept, and said is %+v", g.Bytes(), f)
			}
		})
	}
}
