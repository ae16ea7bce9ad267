package spec

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"weir/rules"
	"weir/rules/correlation"
)

func TestFormula_ways(t *testing.T) {
	a, b, c, d := leaf("a"), leaf("b"), leaf("c"), leaf("d")
	for _, x := range []struct {
		name string
		in   *rules.Logic
		want string
	}{
		{"each step", nil, "[{[0 1 2 3] []}]"},
		{"or", and(a, or(b, c)), "[{[0 1] []} {[0 2] []}]"},
		{"listed order, not that of the text", and(c, a), "[{[0 2] []}]"},
		{"what another needs less for", or(a, and(a, b)), "[{[0] []}]"},
		{"twice the same", or(and(a, b), and(b, a)), "[{[0 1] []}]"},
		{"not", and(a, b, isNot(c)), "[{[0 1] [2]}]"},
		{"not of or", and(a, isNot(or(b, c))), "[{[0] [1 2]}]"},
		{"not of and", and(a, isNot(and(b, c))), "[{[0] [1]} {[0] [2]}]"},
		{"not of not", isNot(isNot(d)), "[{[3] []}]"},
		{"what can never be", or(and(a, isNot(a)), b), "[{[1] []}]"},
	} {
		t.Run(x.name, func(t *testing.T) {
			f, err := formulaOf(&rules.Correlate{Kind: correlation.Sequence, Steps: names("a", "b", "c", "d"), Logic: x.in})
			if err != nil {
				t.Fatal(err)
			}
			if got, err := f.ways(); fmt.Sprint(got) != x.want || err != nil {
				t.Errorf("%v %v, want %s", got, err, x.want)
			}
		})
	}
}

// there makes the answer to which steps are there from their letters; those behind a bar are there for a negated step.
func there(all string) func(step int, not bool) bool {
	is, near, _ := strings.Cut(all, "|")
	return func(step int, not bool) bool {
		if not {
			return strings.ContainsRune(near, rune('a'+step))
		}
		return strings.ContainsRune(is, rune('a'+step))
	}
}

func TestFormula_Holds(t *testing.T) {
	a, b, c := leaf("a"), leaf("b"), leaf("c")
	for _, x := range []struct {
		name string
		in   *correlation.Logic
		yes  []string
		no   []string
	}{
		{"each step", nil, []string{"abc", "abc|abc"}, []string{"", "ab", "ac", "|abc"}},
		{"and", and(a, b), []string{"ab", "abc"}, []string{"a", "b", "c", ""}},
		{"or", or(a, b), []string{"a", "b", "ab"}, []string{"", "c"}},
		{"not is asked of another span", and(a, isNot(c)), []string{"a", "ac"}, []string{"a|c", "", "|c"}},
		{"what spoils one part does not spoil the other", or(and(a, isNot(c)), b), []string{"a", "b|c", "ab|c"}, []string{"a|c", "", "|c"}},
		{"not of or", isNot(or(a, b)), []string{"", "ab", "|c"}, []string{"|a", "|b"}},
		{"not of and", isNot(and(a, b)), []string{"|a", "|b", ""}, []string{"|ab"}},
		{"not of not", isNot(isNot(a)), []string{"a", "ab|ab"}, []string{"|a", "b"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			f, err := formulaOf(&correlation.Correlate{Kind: correlation.AnyOrder, Steps: names("a", "b", "c"), Logic: x.in})
			if err != nil {
				t.Fatal(err)
			}
			for _, all := range x.yes {
				if !f.Holds(there(all)) {
					t.Errorf("with %q it does not hold", all)
				}
			}
			for _, all := range x.no {
				if f.Holds(there(all)) {
					t.Errorf("with %q it holds", all)
				}
			}
		})
	}
}

// A minimal set satisfies its formula, and without any one of its steps it does not.
func TestFormula_ways_areMinimal(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 3))
	letters := []string{"a", "b", "c", "d", "e"}
	var grow func(depth int) *correlation.Logic
	grow = func(depth int) *correlation.Logic {
		switch n := rnd.IntN(7); {
		case depth == 0 || n < 2:
			return leaf(letters[rnd.IntN(len(letters))])
		case n < 4:
			return and(grow(depth-1), grow(depth-1))
		case n < 6:
			return or(grow(depth-1), grow(depth-1))
		}
		return isNot(grow(depth - 1))
	}
	seen := 0
	for range 2000 {
		l := grow(4)
		f, err := formulaOf(&correlation.Correlate{Kind: correlation.Sequence, Steps: names(letters...), Logic: l})
		if err != nil {
			t.Fatal(err)
		}
		ways, err := f.ways()
		if err != nil {
			continue // it can hold without any match
		}
		for _, w := range ways {
			seen++
			// Steps that are not asked for are missing, and all that is not forbidden spoils.
			holds := func(is, without []int) bool {
				return f.Holds(func(step int, not bool) bool {
					if not {
						return !slices.Contains(without, step)
					}
					return slices.Contains(is, step)
				})
			}
			if !holds(w.Steps, w.Without) {
				t.Fatalf("%v does not satisfy", w)
			}
			for i := range w.Steps {
				if holds(slices.Delete(slices.Clone(w.Steps), i, i+1), w.Without) {
					t.Fatalf("%v needs no step %d", w, w.Steps[i])
				}
			}
			for i := range w.Without {
				if holds(w.Steps, slices.Delete(slices.Clone(w.Without), i, i+1)) {
					t.Fatalf("%v needs no absence of %d", w, w.Without[i])
				}
			}
		}
	}
	if seen < 1000 {
		t.Errorf("only %d sets were seen", seen)
	}
}

func TestFormula_negates(t *testing.T) {
	for _, x := range []struct {
		name string
		in   *correlation.Logic
		want bool
	}{
		{"none", nil, false}, {"one", and(leaf("a"), isNot(leaf("b"))), true}, {"two that undo each other", isNot(isNot(leaf("a"))), false},
	} {
		t.Run(x.name, func(t *testing.T) {
			f, err := formulaOf(&correlation.Correlate{Kind: correlation.AnyOrder, Steps: names("a", "b"), Logic: x.in})
			if err != nil || f.negates() != x.want {
				t.Errorf("negates is not %v: %v", x.want, err)
			}
		})
	}
}
