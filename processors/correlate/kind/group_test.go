package kind

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"weir/rules"
	"weir/rules/correlation"
)

func TestGroup_alone(t *testing.T) {
	for _, smp := range samples() {
		t.Run(smp.name, func(t *testing.T) {
			s := mustSpec(t, &smp.c, 0, false)
			g, f := s.New(), listen(t)
			if !g.Empty() || g.Due() != LongAgo || g.Since() != Farthest || g.Progress() != 0 {
				t.Errorf("empty: %v due %d since %d progress %d", g.Empty(), g.Due(), g.Since(), g.Progress())
			}
			g.Pass(1, f)
			g = again(t, s, g)
			m := matchOf(rand.New(rand.NewPCG(1, 1)), &smp.c, "i/1/1", 1e12, 0)
			m.Value = "v"
			bad := *m
			bad.Step = 99
			g.Add(&bad, f)
			twin := *m
			g.Add(m, f)
			g.Add(&twin, f)
			if g.Empty() || g.Due() < m.T || g.Due() > m.T+2*int64(smp.c.Within) || s.Monotone() != (g.Since() == Farthest) || g.Bytes() < 100 {
				t.Errorf("one match: due %d since %d bytes %d", g.Due(), g.Since(), g.Bytes())
			}
			g = again(t, s, g)
			due := g.Due()
			if g.Pass(due, f); g.Empty() || g.Due() != due {
				t.Error("a pass that is not due did something")
			}
			for range 3 {
				g.Pass(m.T+100e9, f)
			}
			if !g.Empty() || g.Due() != LongAgo {
				t.Error("it is not let go")
			}
		})
	}
}

// flood is a stream that no group may keep whole.
type flood struct {
	name  string
	c     rules.Correlate
	value func(i int) string
	want  string // of Approximate
	most  int    // bytes
}

// TestGroup_bounded holds that a group's memory is bounded, whatever is sent, and that hits are counted all the same.
func TestGroup_bounded(t *testing.T) {
	const n = 150_000
	one := func(int) string { return "v" }
	each := func(i int) string { return fmt.Sprint("v", i) }
	for _, x := range []flood{
		{"count", rules.Correlate{Kind: correlation.Count, Bounds: bounds("gte", n)}, one, "rounded", 16 << 20},
		{"sum", rules.Correlate{Kind: correlation.Sum, Bounds: bounds("gte", n*49)}, one, "rounded", 16 << 20},
		{"one value", rules.Correlate{Kind: correlation.Distinct, Bounds: bounds("gte", 2)}, func(i int) string { return []string{"v", "w"}[i/(n-1)] }, "rounded", 16 << 20},
		{"many values", rules.Correlate{Kind: correlation.Distinct, Bounds: bounds("gte", n*9/10)}, each, "estimate", 64 << 20},
		{"few values wanted", rules.Correlate{Kind: correlation.Distinct, Bounds: bounds("lt", 3)}, each, "estimate", 16 << 20},
		{"any order", rules.Correlate{Kind: correlation.AnyOrder, Steps: []rules.Step{twice("a", n), twice("b", 1)}}, one, "rounded", 16 << 20},
		{"avg", rules.Correlate{Kind: correlation.Avg, Bounds: bounds("gt", 40)}, one, "rounded", 16 << 20},
		{"percentile in sessions", rules.Correlate{Kind: correlation.Percentile, Percent: 50, Window: correlation.Session, Bounds: bounds("gt", 40)}, one, "rounded", 16 << 20},
		{"sequence", rules.Correlate{Kind: correlation.Sequence, Steps: names("b", "a", "b")}, one, "left out", 2 << 20},
		{"not", rules.Correlate{Kind: correlation.AnyOrder, Steps: names("a", "b"), Logic: and(leaf("a"), isNot(leaf("b")))}, one, "rounded", 16 << 20},
		{"absence", rules.Correlate{Kind: correlation.Absence, Steps: names("a", "b")}, one, "rounded", 16 << 20},
		{"new value", rules.Correlate{Kind: correlation.NewValue}, each, "left out", 16 << 20},
	} {
		t.Run(x.name, func(t *testing.T) {
			x.c.Within = time.Hour
			s := mustSpec(t, &x.c, 0, false)
			g, f := s.New(), &quiet{}
			most, words := 0, ""
			for i := range n {
				at := int64(i) * int64(time.Minute) / n
				if x.c.Kind == correlation.NewValue {
					at *= 30
					g.Pass(at-1e9, f)
				}
				g.Add(event(i, 1e18+at, x.value(i)), f)
				most = max(most, g.Bytes())
				if i%1000 == 0 && !strings.Contains(words, g.Approximate()) {
					words += g.Approximate()
				}
			}
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			if words += g.Approximate(); most > x.most || !strings.Contains(words, x.want) {
				t.Errorf("up to %d bytes, %q", most, words)
			}
			if m.HeapAlloc > uint64(4*x.most) {
				t.Errorf("the heap is %d bytes", m.HeapAlloc)
			}
			b := g.Append(nil)
			read, err := s.Read(b)
			if err != nil || !bytes.Equal(read.Append(nil), b) {
				t.Fatalf("what was condensed does not read back: %v", err)
			}
			g = read
			for i := range int64(3) {
				g.Pass(2e18+i*1e15, f)
			}
			if !g.Empty() {
				t.Error("it is not let go")
			}
			monotone := s.Monotone() && x.c.Kind != correlation.AnyOrder && x.c.Kind != correlation.Sequence
			if got := f.hits + f.more; monotone && got < n*85/100 || monotone && got > n {
				t.Errorf("%d hits of %d", got, n)
			}
		})
	}
}

// FuzzGroup holds a group against the definition for whatever stream a seed makes.
func FuzzGroup(f *testing.F) {
	f.Add(uint64(1), uint8(3), uint8(1), false)
	f.Add(uint64(2), uint8(60), uint8(4), true)
	f.Fuzz(func(t *testing.T, seed uint64, which, order uint8, completes bool) {
		all := samples()
		smp, o := all[int(which)%len(all)], orders[int(order)%len(orders)]
		rnd := rand.New(rand.NewPCG(seed, 1))
		in := matches(rnd, &smp.c, !o.beyond)
		play(t, smp, completes, rnd, in, arrive(rnd, in, o), o)
	})
}
