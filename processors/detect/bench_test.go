package detect

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"weir/event"
	"weir/internal/match"
	"weir/internal/match/tree"
	"weir/internal/match/tree/kind"
	"weir/internal/record"
	"weir/rules"
)

// mutated returns the rules and so many times as many, which look for other texts: letters in their values are swapped,
// in the same way at every run. What they look for is as long and as odd as before, and in no event.
func mutated(set *rules.Set, times int) *rules.Set {
	out := *set
	out.Rules = append([]*rules.Rule{}, set.Rules...)
	for k := 1; k < times; k++ {
		for _, r := range set.Rules {
			m := *r
			m.ID = fmt.Sprintf("%s-%d", r.ID, k)
			m.When = nil
			for _, when := range r.When {
				c := when
				if when.Tree != nil {
					c.Tree = mutate(when.Tree, uint32(k))
				}
				m.When = append(m.When, c)
			}
			out.Rules = append(out.Rules, &m)
		}
	}
	return &out
}

// mutate swaps letters in the texts of a tree, in patterns only where a letter stands for itself. Numbers and networks
// stay as they are, and so does what must not be there: rules whose exceptions are none hold for every event.
func mutate(n *tree.Node, seed uint32) *tree.Node {
	if n.Op == tree.Not {
		return n
	}
	c := *n
	c.Kids = nil
	for _, k := range n.Kids {
		c.Kids = append(c.Kids, mutate(k, seed))
	}
	if n.Test == nil {
		return &c
	}
	t := *n.Test
	switch t.Kind {
	case kind.Equal, kind.Contains, kind.StartsWith, kind.EndsWith, kind.Glob:
		t.Values = nil
		for _, v := range n.Test.Values {
			t.Values = append(t.Values, swap(v, seed))
		}
	case kind.Regex:
		t.Values = nil
		for _, v := range n.Test.Values {
			t.Values = append(t.Values, words.ReplaceAllStringFunc(v, func(s string) string { return s[:2] + swap(s[2:], seed) }))
		}
	}
	c.Test = &t
	return &c
}

// words are the runs of letters in a pattern of which all but the first two, which may belong to what stands before, stand for
// themselves: classes and flags have shorter ones.
var words = regexp.MustCompile(`[A-Za-z]{6,}`)

// swap replaces each letter of a long enough text by another one, which follows from its place and the seed.
func swap(s string, seed uint32) string {
	if len(s) < 4 {
		return s
	}
	b := []byte(s)
	for i, c := range b {
		if c |= 0x20; c >= 'a' && c <= 'z' && i%2 == int(seed)%2 {
			h := (uint32(i)*2654435761 + seed*40503 + uint32(c)) >> 7
			b[i] = 'a' + byte(h%26)
		}
	}
	return string(b)
}

// scene is some events and a rule set.
type scene struct {
	name  string
	lines [][]byte
	en    *Engine
	all   bool // without routing
}

// scenes are those that the figures in the documentation are of.
func scenes(b testing.TB) []scene {
	set := sigmaHQ(b)
	en := realEngine(b, set)
	var mix, processes [][]byte
	r, e := windowsReader(), new(event.Event)
	for i, line := range realLines(b) {
		if r.Read(line, e) != nil {
			continue
		}
		if strings.Contains(en.pipes.Describe(en.pipes.Classify(e)), "process_creation") {
			processes = append(processes, line)
		}
		if i%7 == 0 { // fits the caches no better than a stream does
			mix = append(mix, line)
		}
	}
	out := []scene{{"mix", mix, en, false}, {"process_creation", processes, en, false}, {"mix-unrouted", mix, en, true}}
	ten := realEngine(b, mutated(set, 10))
	return append(out, scene{"mix-10x", mix, ten, false}, scene{"process_creation-10x", processes, ten, false})
}

// BenchmarkSigmaHQ is what an event costs with all of SigmaHQ, the reading of its JSON included.
func BenchmarkSigmaHQ(b *testing.B) {
	for _, s := range scenes(b) {
		for _, part := range []string{"read", "all"} {
			b.Run(s.name+"/"+part, func(b *testing.B) {
				size := 0
				for _, l := range s.lines {
					size += len(l)
				}
				r, e, n := windowsReader(), new(event.Event), 0
				once := func(line []byte) {
					if err := r.Read(line, e); err != nil {
						b.Fatal(err)
					}
					if part == "read" {
						return
					}
					if s.all {
						n += s.unrouted(e)
						return
					}
					n += len(s.en.Signals(e, record.Pos{}))
				}
				for _, line := range s.lines { // sets are made
					once(line)
				}
				b.SetBytes(int64(size / len(s.lines)))
				b.ReportAllocs()
				i := 0
				for b.Loop() {
					once(s.lines[i])
					if i++; i == len(s.lines) {
						i = 0
					}
				}
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
			})
		}
	}
}

// unrouted tries an event against all rules and returns how many conditions hold.
func (s *scene) unrouted(e *event.Event) (n int) {
	w := workers.Get().(*worker)
	w.view.Reset(e)
	s.en.build(0).set.Each(&w.view, func(int) { n++ })
	w.release()
	return n
}

// BenchmarkBuild is the index of all of SigmaHQ.
func BenchmarkBuild(b *testing.B) {
	en := realEngine(b, sigmaHQ(b))
	conds := make([]*match.Cond, len(en.conds))
	for i := range en.conds {
		conds[i] = en.conds[i].cond
	}
	b.ReportAllocs()
	for b.Loop() {
		match.NewSet(conds)
	}
}

// TestMutated: the copies are other rules of the same shape, and the same at every run.
func TestMutated(t *testing.T) {
	t.Parallel()
	set := &rules.Set{Rules: []*rules.Rule{{ID: "a", When: []rules.Condition{{Name: "event", Tree: tree.AllOf(
		tree.LeafOf(tree.Test{Kind: kind.Contains, Field: "message", Fold: true, Values: []string{"whoami /all", "-e"}}),
		tree.LeafOf(tree.Test{Kind: kind.Regex, Field: "message", Values: []string{"whoami"}}))}}}}}
	a, b := mutated(set, 3), mutated(set, 3)
	seen := map[string]bool{}
	for i, r := range a.Rules {
		text := r.When[0].Tree.String()
		if text != b.Rules[i].When[0].Tree.String() || seen[text] || !strings.Contains(text, "-e") || strings.Count(text, "whoami") != 2*max(0, 1-i) {
			t.Errorf("%d: %s", i, text)
		}
		seen[text] = true
	}
	if len(a.Rules) != 3 || len(set.Rules) != 1 {
		t.Error("the number of rules")
	}
}
