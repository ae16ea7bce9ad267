package query

import (
	"testing"

	"weir/internal/fault"
)

// What is printed shows how a query was understood.
func TestCondition_understood(t *testing.T) {
	cases := []struct{ name, in, want string }{
		{"value", "a.b:x", "a.b: x"},
		{"blanks around the colon", "a.b : x", "a.b: x"},
		{"words", "a.b:  x  y ", "a.b: x  y"},
		{"group of values", "a.b:(x or y)", "a.b: x or a.b: y"},
		{"group with and", "a.b:(x or y and z)", "a.b: x or a.b: y and a.b: z"},
		{"group in a group", "a.b:((x or y) and not z)", "(a.b: x or a.b: y) and not a.b: z"},
		{"group of one", "a.b:(x)", "a.b: x"},
		{"group with a star", "a.b:(x or *)", "a.b: x or a.b: *"},
		{"exists", "a.b:*", "a.b: *"},
		{"exists by many stars", "a.b:***", "a.b: *"},
		{"any field", "*:x", "*: x"},
		{"all", "*:*", "*:*"},
		{"all inside", "(*) and a", "*:* and a"},
		{"quoted field", `"a.b": x`, `"a.b": x`},
		{"range", "a.b>=5", "a.b >= 5"},
		{"range with a quoted value", `a.b < "2026-11-21T07:00:00Z"`, `a.b < "2026-11-21T07:00:00Z"`},
		{"braces", "a:{ b: x and c > 1 }", "a: {b: x and c > 1}"},
		{"braces in a group", "(a:{b:x}) or y", "a: {b: x} or y"},
		{"not before a group", "not (a or b)", "not (a or b)"},
		{"needless parentheses", "((a) and ((b)))", "a and b"},
	}
	for _, c := range cases {
		q, err := Parse(c.in)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if q.String() != c.want {
			t.Errorf("%s: %s is read as %s, want %s", c.name, c.in, q, c.want)
		}
	}
}

func TestCondition_Failure(t *testing.T) {
	for _, q := range []string{
		`"": x`, "a b: c", "a:b:c", "a::b", "a:<5", "a>", "a>(5)", "a>>5", "a:(", "a:()", "a:(b c", "a:(b or)", "a:(and b)", "a:(not)", "a:(b:c)", "a:(b)c",
		"a:{", "a:{}", "a:{b}", "a:{b:c", "a:{b:c)", "a*:{b:c}", "a:{b:{c:d}}", "a:{b*:c}", "a:{b*:*}", `a:"b`, `a:"b"c`, "a:b)", "a:}", "a:{b:c}}",
	} {
		if _, err := Parse(q); fault.Code(err) != "kql-syntax" {
			t.Errorf("%s: %v", q, err)
		}
	}
}
