package lint

import (
	"fmt"
	"strings"
	"testing"

	"weir/internal/match/tree"
	"weir/internal/match/tree/kind"
	"weir/rules"
)

// shadowed returns which of the conditions, all of rules without a log source, are shadowed and by which.
func shadowed(t *testing.T, srcs ...string) string {
	t.Helper()
	s := newShadows()
	for i, src := range srcs {
		s.add(&rules.Rule{ID: string(rune('a' + i)), File: "f.yaml", Line: i + 1}, parsed(t, src))
	}
	return told(s)
}

func told(s *shadows) string {
	var out []string
	s.each(func(r *rules.Rule, why, _ string) {
		out = append(out, r.ID+" by "+strings.Split(why, "`")[1])
	})
	return strings.Join(out, ", ")
}

func TestShadows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		srcs []string
		want string
	}{
		{"the same", []string{`process.name == "a"`, `process.name == "a"`}, "b by a"},
		{"the same in other words", []string{`process.name in ["a"]`, `(process.name == "a")`}, "b by a"},
		{"one asks for more", []string{`process.name == "a"`, `process.name == "a" and user.name == "x"`}, "b by a"},
		{"whichever stands first", []string{`process.name == "a" and user.name == "x"`, `process.name == "a"`}, "a by b"},
		{"fewer values", []string{`process.name in ["a", "b", "c"]`, `process.name in ["a", "b"]`}, "b by a"},
		{"fewer values and more parts", []string{`icontains(message, "abc", "def")`, `icontains(message, "abc") and not (user.name == "x")`}, "b by a"},
		{"one exception more", []string{`process.name == "a" and not (user.name == "x")`, `process.name == "a" and not (user.name == "x" or user.name == "y")`}, "b by a"},
		{"one exception less", []string{`process.name == "a" and not (user.name == "x" or user.name == "y")`, `process.name == "a" and not (user.name == "x")`}, "a by b"},
		{"another value", []string{`process.name == "a"`, `process.name == "b"`}, ""},
		{"they overlap", []string{`process.name in ["a", "b"]`, `process.name in ["b", "c"]`}, ""},
		{"a choice that goes further", []string{`process.name == "a"`, `process.name == "a" or user.name == "x"`}, "a by b"},
		{"case", []string{`ieq(process.name, "A")`, `process.name == "a"`}, "b by a"},
		{"case the other way round", []string{`process.name == "a"`, `ieq(process.name, "a") and user.name == "x"`}, ""},
		{"a longer text", []string{`istartswith(message, "abc")`, `istartswith(message, "abc") and icontains(message, "abcdef")`}, "b by a"},
		{"different fields", []string{`process.name == "a"`, `user.name == "a"`}, ""},
	} {
		if got := shadowed(t, c.srcs...); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestShadows_sources: a rule for some events hides none for others.
func TestShadows_sources(t *testing.T) {
	t.Parallel()
	win := rules.LogSource{Product: "windows", Category: "process_creation"}
	for _, c := range []struct {
		name         string
		wide, narrow rules.LogSource
		want         string
	}{
		{"the same", win, win, "narrow by wide"},
		{"every event", rules.LogSource{}, win, "narrow by wide"},
		{"the product alone", rules.LogSource{Product: "windows"}, win, "narrow by wide"},
		{"the other way round", win, rules.LogSource{}, ""},
		{"another product", rules.LogSource{Product: "linux", Category: "process_creation"}, win, ""},
	} {
		s := newShadows()
		s.add(&rules.Rule{ID: "wide", LogSource: c.wide}, parsed(t, `process.name == "a"`))
		s.add(&rules.Rule{ID: "narrow", LogSource: c.narrow}, parsed(t, `process.name == "a" and user.name == "x"`))
		if got := told(s); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestProver_bounded: two conditions that have nothing in common but their size are given up on.
func TestProver_bounded(t *testing.T) {
	t.Parallel()
	deep := func(letter string) *tree.Node {
		var kids []*tree.Node
		for i := range 300 {
			kids = append(kids, tree.AnyOf(
				tree.LeafOf(tree.Test{Kind: kind.Contains, Field: "message", Fold: true, Values: []string{fmt.Sprint(letter, i)}}),
				tree.LeafOf(tree.Test{Kind: kind.Contains, Field: "user.name", Fold: true, Values: []string{fmt.Sprint(letter, i)}})))
		}
		return tree.AllOf(kids...)
	}
	p := prover{}
	if p.follows(deep("a"), deep("b")) {
		t.Error("one follows from the other")
	}
	if p.steps > maxSteps+maxSteps {
		t.Errorf("%d steps", p.steps)
	}
}
