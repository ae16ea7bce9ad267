package kind

import (
	"fmt"
	"testing"

	"weir/rules"
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
			f, err := formulaOf(&rules.Correlate{Kind: rules.Sequence, Steps: names("a", "b", "c", "d"), Logic: x.in})
			if err != nil {
				t.Fatal(err)
			}
			if got, err := f.ways(); fmt.Sprint(got) != x.want || err != nil {
				t.Errorf("%v %v, want %s", got, err, x.want)
			}
		})
	}
}
