package sigma

import (
	"fmt"
	"strings"
	"testing"
)

// searches is a detection with a few searches, up to its condition.
const searches = "a1: {User: x}\n  a2: {User: y}\n  b: {Name: z}\n  _c: {Name: c}\n  condition: "

// TestConditions says what conditions become.
func TestConditions(t *testing.T) {
	t.Parallel()
	const (
		a1, a2, b = `ieq(User, "x")`, `ieq(User, "y")`, `ieq(Name, "z")`
		and, or   = " and ", " or "
	)
	for _, tc := range []struct{ condition, want string }{
		{"a1", a1},
		{"  a1  ", a1},
		{"not a1", "not (" + a1 + ")"},
		{"not not a1", a1},
		{"a1 or a2 and b", a1 + or + a2 + and + b},
		{"(a1 or a2) and b", "(" + a1 + or + a2 + ")" + and + b},
		{"a1 and not a2 or b", a1 + and + "not (" + a2 + ")" + or + b},
		{"not a1 and b", "not (" + a1 + ")" + and + b},
		{"not (a1 and b)", "not (" + a1 + and + b + ")"},
		{"NOT a1 AND (a2 OR b)", "not (" + a1 + ")" + and + "(" + a2 + or + b + ")"},
		{"(((a1)))", a1},
		{"a1\n    or b", a1 + or + b},
		{"1 of a*", a1 + or + a2},
		{"1 OF A1", a1}, // a name in another case is a name
		{"any of a*", a1 + or + a2},
		{"all of a*", a1 + and + a2},
		{"1 of them", a1 + or + a2 + or + b},
		{"ALL of THEM", a1 + and + a2 + and + b},
		{"all of *", a1 + and + a2 + and + b},
		{"1 of *1", a1},
		{"1 of a*2", a2},
		{"1 of _*", `ieq(Name, "c")`},
		{"_c", `ieq(Name, "c")`},
		{"2 of them", a1 + and + a2 + or + a1 + and + b + or + a2 + and + b},
		{"2 of a*", a1 + and + a2},
		{"3 of them", a1 + and + a2 + and + b},
		{"not 1 of a* and b", "not (" + a1 + or + a2 + ")" + and + b},
		{"not 1 of x* and b", b},
		{"b or 1 of x*", b},
		{"b and 0 of x*", b},
		{"[a1, b]", a1 + or + b},
		{"[a1 and a2, not b]", a1 + and + a2 + or + "not (" + b + ")"},
	} {
		got := parse(detection(searches+tc.condition), Options{})
		switch {
		case tc.condition == "1 OF A1":
			if len(got.rules) != 0 {
				t.Errorf("%s: patterns are compared letter by letter", tc.condition)
			}
		case len(got.rules) != 1:
			t.Errorf("%s: %s", tc.condition, show(got.faults))
		default:
			if s := got.rules[0].Detection.String(); s != tc.want {
				t.Errorf("%s: got %s, want %s", tc.condition, s, tc.want)
			}
		}
	}
}

// TestConditionMessages says what is told about conditions, where the caret stands, and whether the rule runs.
func TestConditionMessages(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		condition string
		runs      bool
		col       int
		want      string
	}{
		{"a1 a2", false, 17, "`a2` follows without a word that joins it / join them with `and` or `or`"},
		{"a1 and", false, 20, "the condition ends where a search is expected / write the name of a search"},
		{"and a1", false, 14, "`and` stands where a search is expected / write the name of a search before it"},
		{"a1 or or a2", false, 20, "`or` stands where a search is expected / write the name of a search before it"},
		{"(a1", false, 14, "this bracket is not closed / add a )"},
		{"(a1 a2)", false, 18, "`a2` follows without a word that joins it / join them with `and` or `or`"},
		{"a1)", false, 16, "this bracket closes nothing / remove it, or add a ( before"},
		{"()", false, 15, "`)` stands where a search is expected / write the name of a search before it"},
		{"1 of", false, 18, "`of` is followed by no name / write `1 of selection*` or `1 of them`"},
		{"1 of (a1)", false, 19, "`of` is followed by no name / write `1 of selection*` or `1 of them`"},
		{"one of a*", false, 14, "`one of` does not exist / write `1 of`, `all of` or a number"},
		{"-1 of a*", false, 14, "`-1 of` does not exist / write `1 of`, `all of` or a number"},
		{"4 of them", false, 14, "`4 of them` cannot hold: there are 3 / write a number up to 3"},
		{"all of x*", false, 21, "no search is called `x*` / name searches that there are"},
		{"1 of x* or b", true, 19, "no search is called `x*`: this never holds / remove it"},
		{"a3", false, 14, "there is no search `a3` / did you mean `a1`?"},
		{"selection", false, 14, "there is no search `selection` / there are: a1, a2, b, _c"},
		{"A1", true, 14, "`A1` is taken for `a1` / write the name as it is below `detection`"},
		{"'a1 and A1'", true, 22, "`A1` is taken for `a1` / write the name as it is below `detection`"},
		{"a1, a2", false, 16, "`,` follows without a word that joins it / join them with `and` or `or`"},
		{"0 of them", false, 14, "the condition is the same for every event / "},
		{"''", false, 14, "this is no condition / write a condition such as `selection and not filter`"},
		{"null", false, 14, "this is no condition / write a condition such as `selection and not filter`"},
		{"[b, A1]", true, 14, "there are 2 conditions: the rule holds if any of them does / join them with `or`"},
		{"a1 | count() by User > 10", false, 17, "`| count() by User > 10` counts over several events, and a rule is about one / write it as a correlation: weir rules convert does it"},
		{"a1 | near b", false, 17, "`| near b` counts over several events, and a rule is about one / write it as a correlation: weir rules convert does it"},
		{"count(a1) > 10", false, 14, "`count(a1) > 10` counts over several events, and a rule is about one / write it as a correlation: weir rules convert does it"},
		{strings.Repeat("(", 101) + "a1" + strings.Repeat(")", 101), false, 114, "the condition is nested deeper than 100 / write fewer brackets within brackets"},
		{strings.Repeat("a1 or ", 2500) + "a1", false, 14, "the condition has more than 5000 words / use `1 of name*`, or split the rule"},
	} {
		got := parse(detection(searches+tc.condition), Options{})
		if runs := len(got.rules) == 1; runs != tc.runs {
			t.Errorf("%.40s: runs %v", tc.condition, runs)
		}
		if len(got.faults) == 0 {
			t.Errorf("%.40s: nothing is said", tc.condition)
			continue
		}
		e := got.faults[0]
		if s := e.What + " / " + e.Do; s != tc.want || e.Where != fmt.Sprintf("rules/a_rule.yml:10:%d", tc.col) {
			t.Errorf("%.40s: got %s %s", tc.condition, e.Where, s)
		}
	}
}

// TestReferencesAreBounded: a condition may name a large search many times.
func TestReferencesAreBounded(t *testing.T) {
	t.Parallel()
	values := "v1"
	for i := range 5000 {
		values += fmt.Sprintf(", w%d", i)
	}
	got := parse(detection("s: {User: ["+values+"]}", "condition: s and s"), Options{})
	if len(got.rules) != 1 {
		t.Error(show(got.faults))
	}
	got = parse(detection("s: {User: ["+values+"]}", "condition: s and s and not s"), Options{})
	if len(got.rules) != 0 || len(got.faults) != 1 || got.faults[0].What != "the rule comes to more than 15000 values" {
		t.Error(show(got.faults))
	}
}
