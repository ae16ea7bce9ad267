package kind

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"weir/processors/correlate/kind/match"
	"weir/rules"
	"weir/rules/correlation"
)

// said is a Found that remembers, and sees what must not be.
type said struct {
	t        testing.TB
	hits     map[string]*Match
	parts    map[string]bool
	complete map[string]*Match
	more     int
	last     *Match
}

func listen(t testing.TB) *said {
	return &said{t: t, hits: map[string]*Match{}, parts: map[string]bool{}, complete: map[string]*Match{}}
}

func key(m *Match) string { return fmt.Sprint(m.ID, " ", m.Step) }

func (f *said) Hit(m *Match, seen bool) {
	if f.hits[key(m)] != nil {
		f.t.Fatalf("%s is a hit twice", name(m))
	}
	if seen != f.parts[key(m)] {
		f.t.Fatalf("hit %s: seen is %v", name(m), seen)
	}
	f.hits[key(m)], f.last = m, m
}

func (f *said) Part(m, hit *Match) {
	if f.parts[key(m)] || f.hits[key(m)] != nil {
		f.t.Fatalf("%s is evidence twice", name(m))
	}
	if f.hits[key(hit)] == nil {
		f.t.Fatalf("%s is evidence of %s, which is no hit", name(m), name(hit))
	}
	f.parts[key(m)] = true
}

func (f *said) More(m *Match, n int, last int64) {
	if m != f.last || n <= 0 || last < m.T {
		f.t.Fatalf("%d more of %s until %d", n, name(m), last)
	}
	f.more += n
}

// Free makes a match unreadable: whoever still looks at it says something else than what is true.
func (f *said) Free(m *Match) {
	if f.hits[key(m)] != nil || f.parts[key(m)] {
		f.t.Fatalf("%s was said, and is given back", name(m))
	}
	*m = Match{T: Farthest, Step: -1, ID: "given back"}
}

func (f *said) Complete(m *Match) {
	if f.complete[key(m)] != nil {
		f.t.Fatalf("%s completes twice", name(m))
	}
	if len(m.Parts) == 0 || len(m.Parts) > match.MaxParts || !slices.IsSortedFunc(m.Parts, Compare) {
		f.t.Fatalf("%s completes with %d parts", name(m), len(m.Parts))
	}
	f.complete[key(m)] = m
}

func names(ns ...string) (out []rules.Step) {
	for _, n := range ns {
		out = append(out, rules.Step{When: n, AtLeast: 1})
	}
	return out
}

func bounds(b ...any) (out []rules.Bound) {
	for i := 0; i < len(b); i += 2 {
		out = append(out, rules.Bound{Op: b[i].(string), Value: float64(b[i+1].(int))})
	}
	return out
}

func leaf(n string) *rules.Logic         { return &rules.Logic{Step: n} }
func and(l ...*rules.Logic) *rules.Logic { return &rules.Logic{And: l} }
func or(l ...*rules.Logic) *rules.Logic  { return &rules.Logic{Or: l} }
func isNot(l *rules.Logic) *rules.Logic  { return &rules.Logic{Not: l} }
func twice(n string, at int) rules.Step  { return rules.Step{When: n, AtLeast: at} }

// sample is a correlation to be tested, and the fold time in seconds.
type sample struct {
	name string
	fold int
	c    rules.Correlate
}

// samples has every kind, with windows of ten seconds.
func samples() []sample {
	a, b, c, d := leaf("a"), leaf("b"), leaf("c"), leaf("d")
	three, four := names("a", "b", "c"), names("a", "b", "c", "d")
	numeric := []sample{
		{"count", 13, rules.Correlate{Kind: correlation.Count, Steps: []rules.Step{twice("a", 4)}}},
		{"count one", 10, rules.Correlate{Kind: correlation.Count, Steps: names("a"), Bounds: bounds("gte", 1)}},
		{"count two conditions", 40, rules.Correlate{Kind: correlation.Count, Steps: names("a", "b"), Bounds: bounds("gt", 4)}},
		{"count few", 10, rules.Correlate{Kind: correlation.Count, Steps: names("a"), Bounds: bounds("lt", 3)}},
		{"count just", 10, rules.Correlate{Kind: correlation.Count, Steps: names("a", "b"), Bounds: bounds("eq", 2)}},
		{"count not", 10, rules.Correlate{Kind: correlation.Count, Steps: names("a"), Bounds: bounds("neq", 2, "gte", 2)}},
		{"distinct", 11, rules.Correlate{Kind: correlation.Distinct, Steps: names("a"), Bounds: bounds("gte", 4)}},
		{"distinct few", 10, rules.Correlate{Kind: correlation.Distinct, Steps: names("a"), Bounds: bounds("lte", 2)}},
		{"sum", 12, rules.Correlate{Kind: correlation.Sum, Steps: names("a"), Bounds: bounds("gte", 200)}},
		{"sum small", 10, rules.Correlate{Kind: correlation.Sum, Steps: names("a"), Bounds: bounds("lt", 60)}},
		{"sum between", 10, rules.Correlate{Kind: correlation.Sum, Steps: names("a"), Bounds: bounds("gt", 50, "lte", 150)}},
		{"avg", 10, rules.Correlate{Kind: correlation.Avg, Steps: names("a"), Bounds: bounds("gt", 60), MinValues: 3}},
		{"avg low", 10, rules.Correlate{Kind: correlation.Avg, Steps: names("a"), Bounds: bounds("lte", 30), MinValues: 1}},
		{"median", 10, rules.Correlate{Kind: correlation.Median, Steps: names("a"), Bounds: bounds("gte", 60), MinValues: 2}},
		{"percentile", 10, rules.Correlate{Kind: correlation.Percentile, Steps: names("a"), Bounds: bounds("gt", 90), Percent: 75, MinValues: 2}},
		{"percentile 0", 10, rules.Correlate{Kind: correlation.Percentile, Steps: names("a"), Bounds: bounds("lt", 5), MinValues: 1}},
		{"any order", 17, rules.Correlate{Kind: correlation.AnyOrder, Steps: []rules.Step{twice("a", 2), twice("b", 1), twice("c", 1)}}},
		{"any order if", 10, rules.Correlate{Kind: correlation.AnyOrder, Steps: three, Logic: and(a, or(b, c))}},
		{"any order not", 10, rules.Correlate{Kind: correlation.AnyOrder, Steps: []rules.Step{twice("a", 2), twice("b", 1), twice("c", 2)}, Logic: and(a, b, isNot(c))}},
		{"any order not or", 10, rules.Correlate{Kind: correlation.AnyOrder, Steps: three, Logic: or(and(a, isNot(c)), b)}},
	}
	var out []sample
	for _, s := range numeric {
		for _, w := range []correlation.Window{correlation.Sliding, correlation.Tumbling, correlation.Session} {
			s := s
			s.c.Window = w
			s.name += " " + string(w)
			out = append(out, s)
		}
	}
	out = append(out,
		sample{"sequence", 30, rules.Correlate{Kind: correlation.Sequence, Steps: []rules.Step{twice("a", 2), twice("b", 1)}}},
		sample{"sequence back", 10, rules.Correlate{Kind: correlation.Sequence, Steps: []rules.Step{twice("a", 1), twice("b", 1), twice("a", 2)}}},
		sample{"sequence or", 10, rules.Correlate{Kind: correlation.Sequence, Steps: three, Logic: and(a, or(b, c))}},
		sample{"sequence two of three", 10, rules.Correlate{Kind: correlation.Sequence, Steps: three, Logic: or(and(a, b), and(a, c), and(b, c))}},
		sample{"sequence not", 10, rules.Correlate{Kind: correlation.Sequence, Steps: three, Logic: and(a, b, isNot(c))}},
		sample{"sequence not either", 10, rules.Correlate{Kind: correlation.Sequence, Steps: four, Logic: and(a, or(b, isNot(or(c, d))))}},
		sample{"absence", 10, rules.Correlate{Kind: correlation.Absence, Steps: names("a", "b")}},
		sample{"absence of the same", 10, rules.Correlate{Kind: correlation.Absence, Steps: names("a", "a")}},
		sample{"new value", 10, rules.Correlate{Kind: correlation.NewValue, Steps: names("a"), Learn: 4 * time.Second}},
		sample{"new value at once", 10, rules.Correlate{Kind: correlation.NewValue, Steps: names("a")}},
		sample{"new value late", 10, rules.Correlate{Kind: correlation.NewValue, Steps: names("a", "b"), Learn: 10 * time.Second}},
	)
	for i := range out {
		out[i].c.Within = 10 * time.Second
		if out[i].c.Window == correlation.Session {
			out[i].c.Within = 3 * time.Second
		}
		if out[i].c.Window == "" {
			out[i].c.Window = correlation.Sliding
		}
	}
	return out
}

// arrival is what a group is told: a match, or that the cut is at now less the lateness.
type arrival struct {
	m   *Match
	at  int64
	cut int64
}

// order is in what order matches arrive.
type arrivalOrder struct {
	name      string
	late      int64 // seconds
	beyond    bool  // some come later than that
	duplicate bool
}

var orders = []arrivalOrder{
	{"in order", 0, false, false},
	{"out of order", 7, false, false},
	{"far out of order", 45, false, false},
	{"too late", 7, true, false},
	{"duplicates", 7, false, true},
}

// matches makes some: whole seconds, so that many are of one time, and events that match two conditions.
func matches(rnd *rand.Rand, c *rules.Correlate, twins bool) []*Match {
	n, span := 4+rnd.IntN(22), int64(10+rnd.IntN(80))
	if rnd.IntN(4) == 0 {
		n *= 3
	}
	var out []*Match
	for i := range n {
		t := (1000 + rnd.Int64N(span)) * 1e9
		id := fmt.Sprintf("ing/1/%d", i)
		step := rnd.IntN(len(c.Steps))
		out = append(out, matchOf(rnd, c, id, t, step))
		if rnd.IntN(6) == 0 {
			if other := rnd.IntN(len(c.Steps)); c.Steps[other].When != c.Steps[step].When {
				out = append(out, matchOf(rnd, c, id, t, other))
			}
		}
		if twins && rnd.IntN(10) == 0 { // as an inner correlation completes twice with one event
			twin := *out[len(out)-1]
			twin.Cond += 100
			out = append(out, &twin)
		}
	}
	return out
}

func matchOf(rnd *rand.Rand, c *rules.Correlate, id string, t int64, step int) *Match {
	step = slices.IndexFunc(c.Steps, func(s rules.Step) bool { return s.When == c.Steps[step].When })
	return &Match{T: t, Step: int32(step), Cond: uint16(step), ID: id, Src: "weir.raw.syslog/0/" + fmt.Sprint(rnd.IntN(100)) + "/0",
		Value: []string{"u", "v", "w", "x", "y", "z", ""}[rnd.IntN(7)], Number: float64(rnd.IntN(120) - 10), Shown: "\x01{}"}
}

// arrive puts matches into an order of arrival.
func arrive(rnd *rand.Rand, in []*Match, o arrivalOrder) []arrival {
	var out []arrival
	for _, m := range in {
		at := m.T
		if o.late > 0 {
			at += rnd.Int64N(o.late * 1e9)
		}
		if o.beyond && rnd.IntN(8) == 0 {
			at += o.late*1e9 + rnd.Int64N(60e9)
		}
		out = append(out, arrival{m: m, at: at})
		if o.duplicate && rnd.IntN(3) == 0 {
			twin := *m
			out = append(out, arrival{m: &twin, at: m.T + rnd.Int64N(o.late*1e9)})
		}
	}
	slices.SortStableFunc(out, func(a, b arrival) int { return int(min(max(a.at-b.at, -1), 1)) })
	if o.late == 0 {
		slices.SortStableFunc(out, func(a, b arrival) int { return Compare(a.m, b.m) })
	}
	for i := range out {
		out[i].cut = out[i].at - o.late*1e9
	}
	return out
}

// again writes a group and reads it, which must be the same group.
func again(t testing.TB, s *Spec, g Group) Group {
	t.Helper()
	b := g.Append(nil)
	read, err := s.Read(b)
	if err != nil {
		t.Fatalf("reading %x: %v", b, err)
	}
	if other := read.Append([]byte("x")); !bytes.Equal(other[1:], b) {
		t.Fatalf("written again\n%x is\n%x", b, other[1:])
	}
	if read.Progress() != g.Progress() || read.Empty() != g.Empty() || read.Approximate() != g.Approximate() {
		t.Fatalf("read: progress %d for %d, %q for %q", read.Progress(), g.Progress(), read.Approximate(), g.Approximate())
	}
	return read
}

// play lets a group take a stream and holds what it says against the definition after each step. It returns how much
// there was to say.
func play(t testing.TB, smp sample, completes bool, rnd *rand.Rand, in []*Match, stream []arrival, o arrivalOrder) int {
	t.Helper()
	fold := time.Duration(smp.fold) * time.Second
	s, err := Compile(&smp.c, fold, completes)
	if err != nil {
		t.Fatal(err)
	}
	lazy, watch := rnd.IntN(2) == 0, rnd.IntN(5) == 0
	g := s.New()
	f := listen(t)
	var taken []*Match // what counts
	final := define(&smp.c, fold, in)
	if o.beyond && !s.Monotone() {
		var intime []*Match
		for _, x := range stream {
			if x.m.T >= x.cut {
				intime = append(intime, x.m)
			}
		}
		final = define(&smp.c, fold, intime)
	}
	for _, x := range stream {
		if !lazy || s.Monotone() || x.cut > g.Due() {
			g.Pass(x.cut, f)
		}
		if x.m.T < x.cut && !s.Monotone() {
			continue // the engine drops it
		}
		if rnd.IntN(4) == 0 {
			g = again(t, s, g)
		}
		g.Add(x.m.Copy(), f) // which may be given back
		taken = append(taken, x.m)
		if g.Bytes() <= 0 || g.Progress() < 0 || g.Progress() >= Levels {
			t.Fatalf("%d bytes, progress %d", g.Bytes(), g.Progress())
		}
		switch {
		case !watch:
		case s.Monotone():
			f.check(define(&smp.c, fold, taken), completes, x.cut, o.beyond)
		case !lazy:
			f.check(final, completes, x.cut, false)
		}
	}
	end := int64(1e6) * 1e9
	g = again(t, s, g)
	g.Pass(end, f)
	f.check(final, completes, end, o.beyond && s.Monotone())
	for i := 0; !g.Empty(); i++ {
		if g.Due() >= end || i == 3 {
			t.Fatalf("the group does not end: due %d", g.Due())
		}
		g.Pass(end, f)
	}
	if again(t, s, g); g.Approximate() != "" {
		t.Fatal("nothing is approximate here")
	}
	return len(f.hits) + len(f.complete)
}

// check holds what was said against what must be said when the cut is passed; only some of it, if matches came so late
// that the group had forgotten what they belong to.
func (f *said) check(a answer, completes bool, cut int64, some bool) {
	f.t.Helper()
	want, parts := map[string]bool{}, map[string]bool{}
	due := a.hits
	if completes {
		due = a.when
	}
	for m, at := range due {
		if at < cut {
			want[key(m)] = true
		}
	}
	for m := range a.parts {
		parts[key(m)] = true
	}
	got := map[string]bool{}
	for k := range f.hits {
		got[k] = true
	}
	for k := range f.complete {
		got[k] = true
	}
	if completes == (len(f.hits) > 0 && len(f.complete) == 0) && len(got) > 0 {
		f.t.Fatalf("hits %d, completions %d", len(f.hits), len(f.complete))
	}
	for k := range got {
		if !want[k] {
			f.t.Fatalf("said too early, or wrongly: %s\n got %v\nwant %v", k, slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
		}
	}
	if !some && len(got) != len(want) {
		f.t.Fatalf("cut %d\n got %v\nwant %v", cut/1e9, slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
	}
	for k := range f.parts {
		if !parts[k] {
			f.t.Fatalf("%s is no evidence", k)
		}
	}
	if !completes && !some && cut > 1e14 {
		for k := range parts {
			if !f.parts[k] && f.hits[k] == nil {
				f.t.Fatalf("%s is evidence, which was not said", k)
			}
		}
	}
	for m, at := range a.complete {
		if c := f.complete[key(m)]; c != nil && c.T != at {
			f.t.Fatalf("%s completes at %d, not %d", name(m), c.T, at)
		}
	}
}

func TestGroup_equalsDefinition(t *testing.T) {
	for _, smp := range samples() {
		for _, o := range orders {
			for _, completes := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/%s/completes=%v", smp.name, o.name, completes), func(t *testing.T) {
					found := 0

					for seed := range uint64(12) {
						rnd := rand.New(rand.NewPCG(seed, uint64(o.late)))
						in := matches(rnd, &smp.c, !o.beyond)
						stream := arrive(rnd, in, o)
						ok := t.Run(fmt.Sprint(seed), func(t *testing.T) {
							found += play(t, smp, completes, rnd, in, stream, o)
						})
						if !ok {
							for _, x := range stream {
								t.Logf("%s step %d value %q number %v at %d", name(x.m), x.m.Step, x.m.Value, x.m.Number, x.at/1e9)
							}
							t.FailNow()
						}
					}
					if found == 0 && !o.beyond {
						t.Errorf("only %d were found: the streams test nothing", found)
					}
				})
			}
		}
	}
}
