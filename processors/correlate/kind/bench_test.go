package kind

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"weir/rules"
	"weir/rules/correlation"
)

// quiet is a Found that only counts.
type quiet struct{ hits, parts, complete, more int }

func (q *quiet) Hit(*Match, bool)              { q.hits++ }
func (q *quiet) Part(_, _ *Match)              { q.parts++ }
func (q *quiet) More(_ *Match, n int, _ int64) { q.more += n }
func (q *quiet) Complete(*Match)               { q.complete++ }
func (q *quiet) Free(*Match)                   {}

// event makes a match as the engine does: with all its texts in one piece of memory, 150 bytes in all.
func event(i int, t int64, value string) *Match {
	all := fmt.Sprintf("f3a9c1d2/17/%08dweir.raw.syslog/0/%08d/0%-24s\x01{\"user.name\":\"kim\",\"source.ip\":\"203.0.113.5\",\"event.action\":\"logon-failed\"}", i, i, value)
	id, src := len("f3a9c1d2/17/00000000"), len("weir.raw.syslog/0/00000000/0")
	end := id + src + 24
	return &Match{T: t, ID: all[:id], Src: all[id : id+src], Value: all[id+src : end][:len(value)], Shown: all[end:], Number: float64(i % 100)}
}

func mustSpec(t testing.TB, c *rules.Correlate, fold time.Duration, completes bool) *Spec {
	t.Helper()
	if c.Steps == nil {
		c.Steps = names("a")
	}
	s, err := Compile(c, fold, completes)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// BenchmarkAdd is what one match costs that comes in order, with so many in the window.
func BenchmarkAdd(b *testing.B) {
	const within = time.Hour
	for _, n := range []int{10, 1800} {
		many := bounds("gte", 2*n)
		few := bounds("lt", n/2)
		for _, c := range []rules.Correlate{
			{Kind: correlation.Count, Bounds: many},
			{Kind: correlation.Distinct, Bounds: many},
			{Kind: correlation.Sum, Bounds: bounds("gte", 1000*n)},
			{Kind: correlation.AnyOrder, Steps: names("a", "b")},
			{Kind: correlation.Distinct, Bounds: many, Window: correlation.Session},
			{Kind: correlation.Distinct, Bounds: few},
			{Kind: correlation.Avg, Bounds: bounds("gt", 1000)},
			{Kind: correlation.Percentile, Percent: 95, Bounds: bounds("gt", 1000)},
			{Kind: correlation.Sequence, Steps: names("a", "b")},
			{Kind: correlation.Absence, Steps: names("a", "b")},
			{Kind: correlation.NewValue, Learn: time.Minute},
		} {
			for _, completes := range []bool{false, true} {
				b.Run(fmt.Sprintf("%s %s %s/%d/completes=%v", c.Kind, c.Window, op(c.Bounds), n, completes), func(b *testing.B) {
					c.Within = within
					s := mustSpec(b, &c, 0, completes)
					var f quiet
					g := s.New()
					step := int64(within) / int64(n)
					next := 0
					values := make([]string, 2*n)
					for i := range values {
						values[i] = fmt.Sprint("user", i)
					}
					// Matches are made beforehand, in portions: what is measured is what the group does.
					made := make([]*Match, 0, 4096)
					b.ReportAllocs()
					for b.Loop() {
						if len(made) == 0 {
							b.StopTimer()
							for i := range cap(made) {
								k := next + cap(made) - 1 - i
								made = append(made, event(k, int64(k)*step, values[k%len(values)]))
							}
							next += cap(made)
							b.StartTimer()
						}
						m := made[len(made)-1]
						made = made[:len(made)-1]
						g.Pass(m.T-int64(time.Minute), &f)
						g.Add(m, &f)
					}
				})
			}
		}
	}
}

func op(b []rules.Bound) string {
	if len(b) == 0 {
		return ""
	}
	return b[0].Op
}

// BenchmarkStorm is what one match costs of a group that has fired.
func BenchmarkStorm(b *testing.B) {
	s := mustSpec(b, &rules.Correlate{Kind: correlation.Count, Bounds: bounds("gte", 10), Within: time.Minute}, time.Hour, false)
	for _, step := range []int64{1e6, 0} {
		b.Run(fmt.Sprint("step ", step), func(b *testing.B) {
			var f quiet
			g := s.New()
			i := 0
			made := make([]*Match, 0, 4096)
			b.ReportAllocs()
			for b.Loop() {
				if len(made) == 0 {
					b.StopTimer()
					for k := range cap(made) {
						n := i + cap(made) - 1 - k
						made = append(made, event(n, int64(n)*step, "u"))
					}
					i += cap(made)
					b.StartTimer()
				}
				m := made[len(made)-1]
				made = made[:len(made)-1]
				g.Pass(m.T-int64(time.Minute), &f)
				g.Add(m, &f)
			}
		})
	}
}

// BenchmarkLate is what a match costs that comes a little out of order.
func BenchmarkLate(b *testing.B) {
	for _, kind := range []correlation.Kind{correlation.Count, correlation.Distinct} {
		s := mustSpec(b, &rules.Correlate{Kind: kind, Bounds: bounds("gte", 4000), Within: time.Hour}, 0, false)
		b.Run(string(kind), func(b *testing.B) {
			var f quiet
			g := s.New()
			i := 0
			b.ReportAllocs()
			for b.Loop() {
				t := int64(i) * 2e9
				if i%2 == 0 {
					t += 5e9
				}
				g.Pass(t-int64(time.Minute), &f)
				g.Add(event(i, t, fmt.Sprint("u", i%1800)), &f)
				i++
			}
		})
	}
}

// BenchmarkRead is what a group with one match costs when state is read.
func BenchmarkRead(b *testing.B) {
	s := mustSpec(b, &rules.Correlate{Kind: correlation.Count, Bounds: bounds("gte", 10), Within: time.Minute}, time.Hour, false)
	g := s.New()
	g.Add(event(1, 1e18, "u"), &quiet{})
	in := g.Append(nil)
	b.ReportAllocs()
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		if _, err := s.Read(in); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	s := mustSpec(b, &rules.Correlate{Kind: correlation.Count, Bounds: bounds("gte", 10), Within: time.Minute}, time.Hour, false)
	g := s.New()
	g.Add(event(1, 1e18, "u"), &quiet{})
	var dst []byte
	b.ReportAllocs()
	for b.Loop() {
		dst = g.Append(dst[:0])
	}
}

// TestMemory_ofGroups holds that a million groups with one match are small.
func TestMemory_ofGroups(t *testing.T) {
	const n = 100_000
	s := mustSpec(t, &rules.Correlate{Kind: correlation.Count, Bounds: bounds("gte", 10), Within: time.Minute}, time.Hour, false)
	groups := make([]Group, n)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	sum := 0
	for i := range groups {
		groups[i] = s.New()
		groups[i].Add(event(i, 1e18, "kim"), &quiet{})
		sum += groups[i].Bytes()
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	each := int(after.HeapAlloc-before.HeapAlloc) / n
	if each > 300 {
		t.Errorf("a group with one match takes %d bytes", each)
	}
	if said := sum / n; said < each*8/10 || said > each*12/10 {
		t.Errorf("a group of %d bytes says %d", each, said)
	}
	runtime.KeepAlive(groups)
}
