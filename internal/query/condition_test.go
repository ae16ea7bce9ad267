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

// What follows the name of a field and cannot be a value.
func TestCondition_Mistakes(t *testing.T) {
	mistakes{
		{"no value", `user.name:`, `
no value follows 'user.name:'
user.name:
         ^
'user.name: *' finds the events that have the field`},
		{"no value in a group", `(user.name: )`, `
no value follows 'user.name:'
(user.name: )
          ^
'user.name: *' finds the events that have the field`},
		{"no value at the end", `user.name: root or user.id:`, `
no value follows 'user.id:'
user.name: root or user.id:
                          ^
'user.id: *' finds the events that have the field`},
		{"two colons", `user.name:: root`, `
there is one colon too many
user.name:: root
          ^
a value that begins with a colon must be in quotes`},
		{"colon and operator", `source.port: >1024`, `
a comparison is written without a colon
source.port: >1024
           ^^^
write 'source.port > ...'`},
		{"colon and operator of two signs", `source.port: <= 1024`, `
a comparison is written without a colon
source.port: <= 1024
           ^^^^
write 'source.port <= ...'`},
		{"operator without a value", `source.port >`, `
no value follows '>'
source.port >
            ^
write a number, a date or an address after it`},
		{"operator before a keyword", `source.port > and x`, `
no value follows '>'
source.port > and x
            ^
write a number, a date or an address after it`},
		{"operator before a group", `source.port >= (1 or 2)`, `
no value follows '>='
source.port >= (1 or 2)
            ^^
write a number, a date or an address after it`},
		{"operator in a group of values", `source.port: (1 or >5)`, `
a comparison has no place in a group of values
source.port: (1 or >5)
                   ^
write 'source.port > ...' as a condition of its own`},
		{"field in a group of values", `user.name: (root or source.ip: 10.0.0.1)`, `
'source.ip' looks like a field, but a value is expected here
user.name: (root or source.ip: 10.0.0.1)
                    ^^^^^^^^^
write 'and' before it and close the group of values, or put the value in quotes`},
		{"star in a range", `source.port > 10*`, `
a star has no place in the order of values
source.port > 10*
              ^^^
compare with a whole value, or write 'source.port: 10*'`},
		{"no name", `"": root`, `
a field has no name here
"": root
^^
write the field's name before the colon`},
		{"words before the colon", `a b c: d`, `
'and' or 'or' is missing before 'c'
a b c: d
    ^
write 'and' between the two conditions`},
	}.check(t)
}
