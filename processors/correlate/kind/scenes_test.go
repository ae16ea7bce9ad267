package kind

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"weir/rules"
	"weir/rules/correlation"
)

// scene is a group that is told a few matches, and what it says then. A match is written as its step, its second, and
// after a colon its value or number: "a3:kim". "|9" lets the cut pass to 9 s. What it says is the same, in the order in
// which it is said: "a3" a hit, "(a3)" evidence, "a3=a1,a2" a completion and its parts.
type scene struct {
	name     string
	in, want string
}

// played returns what a group says.
type played struct {
	out  []string
	name func(*Match) string
}

func (p *played) Hit(m *Match, _ bool) { p.out = append(p.out, p.name(m)) }
func (p *played) Free(m *Match)        { *m = Match{T: Farthest, ID: "given back"} }
func (p *played) Part(m, _ *Match)     { p.out = append(p.out, "("+p.name(m)+")") }
func (p *played) More(_ *Match, n int, last int64) {
	p.out = append(p.out, fmt.Sprintf("+%d-%d", n, last/1e9))
}

func (p *played) Complete(m *Match) {
	var parts []string
	for _, x := range m.Parts {
		parts = append(parts, p.name(x))
	}
	p.out = append(p.out, p.name(m)+"="+strings.Join(parts, ","))
}

// tell gives a group the matches and cuts of a scene.
func tell(g Group, c *correlation.Correlate, in string, f Found) {
	for i, word := range strings.Fields(in) {
		if cut, ok := strings.CutPrefix(word, "|"); ok {
			n, _ := strconv.ParseInt(cut, 10, 64)
			g.Pass(n*1e9, f)
			continue
		}
		at, value, _ := strings.Cut(word, ":")
		n, _ := strconv.ParseInt(at[1:], 10, 64)
		step := slices.IndexFunc(c.Steps, func(s correlation.Step) bool { return s.When == at[:1] })
		number, _ := strconv.ParseFloat(value, 64)
		g.Add(&Match{T: n * 1e9, Step: int32(step), Cond: uint16(step), ID: fmt.Sprint("x/1/", i), Value: value, Number: number}, f)
	}
}

// act plays scenes of a correlation whose steps are letters.
func act(t *testing.T, c rules.Correlate, fold int, completes bool, scenes []scene) {
	t.Helper()
	if c.Within == 0 {
		c.Within = 10 * time.Second
	}
	s := mustSpec(t, &c, time.Duration(fold)*time.Second, completes)
	for _, x := range scenes {
		t.Run(x.name, func(t *testing.T) {
			g := s.New()
			f := &played{name: func(m *Match) string { return c.Steps[m.Step].When + strconv.Itoa(int(m.T/1e9)) }}
			tell(g, &c, x.in, f)
			if got := strings.Join(f.out, " "); got != x.want {
				t.Errorf("%q, want %q", got, x.want)
			}
		})
	}
}

func TestSpans(t *testing.T) {
	act(t, rules.Correlate{Kind: correlation.Count, Steps: names("a"), Bounds: bounds("gte", 3)}, 10, false, []scene{
		{"enough", "a1 a5 a11", "a1 a5 a11"},
		{"too far apart", "a1 a5 a12", ""},
		{"what follows", "a1 a2 a3 a13 a24", "a1 a2 a3 a13"},
		{"a late one makes it", "a1 a11 a5", "a1 a5 a11"},
		{"a late one reaches back", "a1 a9 a12 a14 a10", "a9 a12 a14 a10 a1"},
		{"two runs become one", "a1 a2 a3 a31 a32 a33 a12 a22", "a1 a2 a3 a31 a32 a33 a12 a22"},
		{"forgotten", "a1 a2 |13 a5", ""},
	})
	act(t, rules.Correlate{Kind: correlation.Distinct, Window: correlation.Tumbling, Bounds: bounds("gte", 2), Steps: names("a")}, 10, false, []scene{
		{"in one window", "a21:x a25:x a29:y", "a21 a25 a29"},
		{"across two", "a25:x a30:y", ""},
		{"before the first of a window that fired", "a25:x a26:y a21:x", "a25 a26 a21"},
		{"without a value", "a21:x a22 a23", ""},
	})
	act(t, rules.Correlate{Kind: correlation.Sum, Window: correlation.Session, Bounds: bounds("gt", 10), Steps: names("a")}, 10, false, []scene{
		{"a long session", "a1:4 a10:4 a20:4", "a1 a10 a20"},
		{"pauses", "a1:4 a12:4 a23:4", ""},
		{"a late one joins two", "a1:4 a20:4 a11:4", "a1 a11 a20"},
		{"negative is nothing", "a1:11 a2:-5", "a1 a2"},
		{"a late one joins the one before", "a1:4 a20:11 a11:1", "a20 a11 a1"},
	})
}

func TestEnds(t *testing.T) {
	act(t, rules.Correlate{Kind: correlation.Count, Steps: names("a"), Bounds: bounds("gte", 2)}, 10, true, []scene{
		{"each that ends a window", "a1 a2 a13 a14", "a2=a1,a2 a14=a13,a14"},
		{"late", "a2 a9 a1", "a9=a2,a9 a2=a1,a2"},
	})
	act(t, rules.Correlate{Kind: correlation.Count, Steps: names("a"), Bounds: bounds("gte", 2), Window: correlation.Tumbling}, 10, true, []scene{
		{"the window up to it", "a8 a12 a19", "a19=a12,a19"},
		{"late, in an older window", "a8 a12 a9", "a9=a8,a9"},
	})
	act(t, rules.Correlate{Kind: correlation.Count, Steps: names("a"), Bounds: bounds("gte", 3), Window: correlation.Session}, 10, true, []scene{
		{"sessions that a late one joins", "a1 a20 a10", "a20=a1,a10,a20"},
	})
}

func TestSlide(t *testing.T) {
	act(t, rules.Correlate{Kind: correlation.Avg, Steps: names("a"), Bounds: bounds("gt", 5), MinValues: 2}, 10, false, []scene{
		{"when it has passed", "a1:9 a2:9 |2", ""},
		{"evidence", "a1:9 a2:9 |3", "a2 (a1)"},
		{"one time", "a1:9 a1:9 |9", "a1 a1"},
		{"too few", "a1:9 a12:9 |40", ""},
		{"dropped", "a1:9 |5 a4:9 |40", ""},
	})
	act(t, rules.Correlate{Kind: correlation.Count, Steps: names("a"), Bounds: bounds("lt", 2)}, 10, false, []scene{
		{"nothing follows", "a1 a5 |16", "a5"},
		{"not yet", "a1 |11", ""},
		{"alone", "a1 |12", "a1"},
	})
	act(t, rules.Correlate{Kind: correlation.Count, Steps: names("a"), Bounds: bounds("eq", 2)}, 10, true, []scene{
		{"completions", "a1 a5 |30", "a1=a1,a5"},
	})
}

func TestWhole(t *testing.T) {
	act(t, rules.Correlate{Kind: correlation.Median, Steps: names("a"), Bounds: bounds("gte", 5), Window: correlation.Tumbling}, 10, false, []scene{
		{"at the end", "a11:4 a12:6 |19 |20", "a11 a12"},
		{"not before", "a11:4 a12:6 |19", ""},
		{"two windows", "a11:9 a21:9 |40", "a11 a21"},
	})
	act(t, rules.Correlate{Kind: correlation.Count, Steps: names("a"), Bounds: bounds("lte", 2), Window: correlation.Session}, 10, false, []scene{
		{"when nothing can join", "a1 a11 |21 |22", "a1 a11"},
		{"too many", "a1 a11 a21 |50", ""},
		{"a late one lengthens", "a1 a11 |21 a21 |50", ""},
	})
	act(t, rules.Correlate{Kind: correlation.AnyOrder, Steps: names("a", "b"), Logic: and(leaf("a"), isNot(leaf("b"))), Window: correlation.Tumbling}, 10, true, []scene{
		{"without", "a1 a11 b12 |30", "a1=a1"},
	})
}

func TestWithout(t *testing.T) {
	act(t, rules.Correlate{Kind: correlation.AnyOrder, Steps: names("a", "b", "c"), Logic: and(leaf("a"), leaf("b"), isNot(leaf("c")))}, 10, false, []scene{
		{"both", "b1 a2 |13", "a2 (b1)"},
		{"too early", "b1 a2 |12", ""},
		{"spoilt after", "b1 a2 c12 |40", ""},
		{"spoilt before", "c1 b2 a11 |40", ""},
		{"just not spoilt", "b1 a2 c13 |40", "a2 (b1)"},
	})
	act(t, rules.Correlate{Kind: correlation.AnyOrder, Steps: names("a", "b", "c"), Logic: or(and(leaf("a"), isNot(leaf("c"))), leaf("b"))}, 10, true, []scene{
		{"the other part", "c1 b2 a3 |40", "b2=b2 a3=b2,a3"},
	})
}

func TestChain(t *testing.T) {
	act(t, rules.Correlate{Kind: correlation.Sequence, Steps: []rules.Step{twice("a", 2), twice("b", 1)}}, 10, false, []scene{
		{"in order", "a1 a2 b3", "b3 (a1) (a2)"},
		{"too few", "a1 b3", ""},
		{"wrong order", "b1 a2 a3", ""},
		{"a late one", "a1 b3 a2", "b3 (a1) (a2)"},
		{"too long", "a1 a2 b12", ""},
		{"forgotten", "a1 a2 |15 b11", ""},
		{"a second end", "a1 a2 b3 b4", "b3 (a1) (a2) b4"},
	})
	act(t, rules.Correlate{Kind: correlation.Sequence, Steps: names("a", "b", "a")}, 10, false, []scene{
		{"evidence that is a hit later", "a1 b2 a3 b4 a5", "a3 (a1) (b2) a5 (b4)"},
	})
	act(t, rules.Correlate{Kind: correlation.Sequence, Steps: names("a", "b", "c"), Logic: and(leaf("a"), or(leaf("b"), leaf("c")))}, 10, true, []scene{
		{"either", "a1 c2 b3", "c2=a1,c2 b3=a1,b3"},
	})
	act(t, rules.Correlate{Kind: correlation.Sequence, Steps: names("a", "b", "c"), Logic: and(leaf("a"), leaf("b"), isNot(leaf("c")))}, 10, false, []scene{
		{"when it has passed", "a1 b2 |12 |13", "b2 (a1)"},
		{"spoilt", "a1 b2 c12 |40", ""},
		{"not spoilt", "a1 b2 c13 |40", "b2 (a1)"},
	})
}

func TestAbsence(t *testing.T) {
	act(t, rules.Correlate{Kind: correlation.Absence, Steps: names("a", "b")}, 10, false, []scene{
		{"nothing came", "a1 |11 |12", "a1"},
		{"it came", "a1 b11 |40", ""},
		{"too late", "a1 b12 |40", "a1"},
		{"before", "b1 a2 |40", "a2"},
		{"the answer came first", "b5 a1 |40", ""},
		{"answers that stand for others", "b5 b9 b7 b3 a1 a8 a10 |40", "a10"},
	})
	act(t, rules.Correlate{Kind: correlation.Absence, Steps: names("a", "a")}, 10, true, []scene{
		{"its own kind", "a1 a5 |40", "a15=a5"},
	})
}

func TestNovel(t *testing.T) {
	act(t, rules.Correlate{Kind: correlation.NewValue, Steps: names("a"), Learn: 4 * time.Second}, 10, false, []scene{
		{"learning", "a1:x a2:y a4:z |40", ""},
		{"learned", "a1:x a5:y |5", ""},
		{"decided", "a1:x a5:y |6", "a5"},
		{"known", "a1:x a5:x |40", ""},
		{"forgotten", "a1:x a8:y a12:x |40", "a8 a12"},
		{"a group that was away", "a1:x a20:y |40", ""},
		{"late", "a1:x a7:y a6:y |40", "a6"},
	})
	long := strings.Repeat("k", 100)
	act(t, rules.Correlate{Kind: correlation.NewValue, Steps: names("a")}, 10, true, []scene{
		{"at once, and long values", "a1:" + long + "x a2:" + long + "y a3:" + long + "x |40", "a2=a2"},
	})
}
