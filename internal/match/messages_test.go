package match

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// TestMessages compares all that a mistake says, with its place: line:column+width, code, sentence | reason | what to do.
func TestMessages(t *testing.T) {
	t.Parallel()
	all := strings.Join(append(Functions(), machineFunctions()...), ", ")
	for _, tc := range []struct{ src, want string }{
		// What is not allowed on the machine, at the word itself.
		{`now() > date("2026-01-01")`, "1:1+3 expr-not-allowed: the function `now` is not allowed in a condition | its time or memory is not bounded by the event, or it reads the clock | there are: " + all},
		{`user.name == "a" and any(1..10, # == event.severity)`, "1:27+2 expr-not-allowed: ranges are not allowed in a condition |  | "},
		{`any(related.ip, any(related.user, # == "x"))`, "1:35+1 expr-not-allowed: a loop within a loop is not allowed in a condition |  | "},
		{`user.name == "a" and let x = 1; x == 2`, "1:22+3 expr-not-allowed: `let` is not allowed in a condition |  | write the value where it is used"},
		{`{"a": user.name}.a + "x" == ""`, "1:1+1 expr-not-allowed: this form is not allowed in a condition |  | "},
		{`(user.name + "x").Foo() == 1`, "1:19+3 expr-not-allowed: methods cannot be called in a condition |  | "},
		{`user.foo() == 1`, "1:6+3 expr-not-allowed: methods cannot be called in a condition |  | "},
		{`user.name matches user.id`, "1:11+7 expr-not-allowed: matches needs its pattern written out as a text |  | "},
		{`exists(user.name + "x")`, "1:1+6 expr-not-allowed: exists takes a field |  | "},
		{`len($env) > 1 + 1`, "1:5+4 expr-not-allowed: this form is not allowed in a condition |  | "},
		{`count(related.ip, {now() == #}) > 1`, "1:20+3 expr-not-allowed: the function `now` is not allowed in a condition | its time or memory is not bounded by the event, or it reads the clock | there are: " + all},
		{`(event.severity > 1 ? now() : now()) == 5`, "1:23+3 expr-not-allowed: the function `now` is not allowed in a condition | its time or memory is not bounded by the event, or it reads the clock | there are: " + all},
		{`[1..2] == related.ip[0:1]`, "1:3+2 expr-not-allowed: ranges are not allowed in a condition |  | "},

		// Fields.
		{`$env["a..b"] == 1`, "1:1+11 expr-syntax: the field name \"a..b\" has an empty part |  | "},
		{`$env["a..b"] + "" == "x"`, "1:1+11 expr-syntax: the field name \"a..b\" has an empty part |  | "},

		// Arguments of our functions, on a field and on the machine.
		{`cidr()`, "1:1+4 expr-argument: wrong arguments |  | write cidr(source.ip, \"10.0.0.0/8\", ...)"},
		{`any(related.ip, {cidr()})`, "1:18+4 expr-argument: wrong arguments |  | write cidr(source.ip, \"10.0.0.0/8\", ...)"},
		{`cidr(related.ip[0], user.name)`, "1:21+9 expr-type: cidr takes texts after the field |  | write cidr(source.ip, \"10.0.0.0/8\", ...)"},
		{`ieq(user.name)`, "1:1+13 expr-argument: wrong arguments |  | write ieq(user.name, \"root\", ...)"},
		{`exists(user.name, "x")`, "1:1+21 expr-argument: wrong arguments |  | write exists(user.name)"},
		{`exists(len(user.name))`, "1:1+20 expr-argument: wrong arguments |  | write exists(user.name)"},
		{`cidr(len(user.name), "10.0.0.0/8")`, "1:1+33 expr-argument: wrong arguments |  | write cidr(source.ip, \"10.0.0.0/8\", ...)"},
		{`in_list(user.name, "a", "b")`, "1:1+27 expr-argument: wrong arguments |  | write in_list(source.ip, \"name\")"},
		{`glob(user.name, 5)`, "1:17+1 expr-type: glob takes texts after the field |  | write glob(file.path, \"/etc/*.d/*\", ...)"},
		{`re(user.name, ["a", 5])`, "1:21+1 expr-type: re takes texts after the field |  | write re(message, \"^a+$\", ...)"},
		{`cidr(source.ip, "fe80::/10", "x/8")`, "1:1+34 expr-argument: \"x/8\" is no network: write 10.0.0.0/8 or 2001:db8::/32 |  | "},
		{`frobnicate(user.name)`, "1:1+10 expr-unknown-function: unknown function `frobnicate` |  | there are: " + strings.Join(Functions(), ", ")},
		{`iec(user.name, "x")`, "1:1+3 expr-unknown-function: unknown function `iec` |  | did you mean `ieq`?"},
		{`any(related.ip, {trin(#) == "x"})`, "1:18+4 expr-unknown-function: unknown function `trin` |  | did you mean `trim`?"},

		// Lists.
		{`in_list("nope")`, "1:1+14 rule-unknown-list: there is no list `nope` |  | add nope.txt to the folder of lists, one value a line"},
		{`any(related.ip, in_list(#, "bad-host"))`, "1:17+21 rule-unknown-list: there is no list `bad-host` |  | did you mean `bad-hosts`?"},
		{`user.name == "x" or in_list(source.ip, "bda-hosts")`, "1:21+30 rule-unknown-list: there is no list `bda-hosts` |  | did you mean `bad-hosts`?"},

		// Patterns: what people bring from Perl.
		{`re(user.name, "(")`, "1:1+17 expr-regex: the pattern cannot be used | missing closing ): `(` | "},
		{`any(related.ip, # matches "(")`, "1:27+3 expr-regex: the pattern cannot be used | missing closing ): `(` | "},
		{`user.name matches "(?=x)"`, "1:19+7 expr-regex: the pattern cannot be used | it looks ahead or behind with `(?=`, which the regular expressions used here (RE2) cannot | write two conditions: one with matches, one with not matches"},
		{`user.name matches "a++"`, "1:19+5 expr-regex: the pattern cannot be used | `++` repeats a repetition; possessive forms such as `a++` do not exist in RE2 | "},
		{`user.name matches "(a)\\1"`, "1:19+8 expr-regex: the pattern cannot be used | it refers back to a group with `\\1`, which the regular expressions used here (RE2) cannot | "},

		// Types.
		{`5`, "1:1+1 expr-type: 5 is neither true nor false |  | compare a field with it"},
		{`[1]`, "1:1+2 expr-type: [1] is neither true nor false |  | compare a field with it"},
		{`nil`, "1:1+3 expr-type: nil is neither true nor false |  | compare a field with it"},
		{`user.name == "x" and 5`, "1:22+1 expr-type: 5 is neither true nor false |  | compare a field with it"},
		{`"a" + "b" == 5`, "1:11+2 expr-type: invalid operation: == (mismatched types string and int) |  | "},
		{`len(related.ip)`, "1:1+14 expr-type: this is neither true nor false: expected bool, but got int |  | compare it with something"},
		{`lower(user.name)`, "1:1+15 expr-type: this is neither true nor false: expected bool, but got string |  | compare it with something"},
		{`any(related.ip, 5)`, "1:17+1 expr-type: predicate should return boolean (got int) |  | "},
		{`user.name in 5`, "1:11+2 expr-type: invalid operation: in (mismatched types interface {} and int) |  | "},
		{`len(1, 2) == 3`, "1:1+3 expr-type: invalid number of arguments (expected 1, got 2) |  | "},

		// Syntax, with places in letters and lines, not in bytes.
		{`"x" contains`, "1:12+1 expr-syntax: the expression ends too early |  | "},
		{`not`, "1:3+1 expr-syntax: the expression ends too early |  | "},
		{`()`, "1:2+1 expr-syntax: did not expect `)` here |  | "},
		{`user.name == "x" #`, "1:18+1 expr-syntax: did not expect `#` here |  | "},
		{`user.name == "가가가" and x y`, "1:26+1 expr-syntax: did not expect `y` here |  | "},
		{"user.name == \"a\"\n  and\n  user.id = 5", "3:11+1 expr-syntax: did not expect `=` here |  | write == to compare"},
		{"user.name == \"민\"\n\tand ieq(user.name)", "2:6+13 expr-argument: wrong arguments |  | write ieq(user.name, \"root\", ...)"},
	} {
		t.Run(tc.src, func(t *testing.T) {
			_, err := Compiler{Lists: Lists{"bad-hosts": NewList()}}.Compile(tc.src)
			e, ok := errors.AsType[*Error](err)
			if !ok {
				t.Fatalf("%v", err)
			}
			if got := fmt.Sprintf("%d:%d+%d %s: %s | %s | %s", e.Line, e.Col, e.Width, e.Code, e.Msg, e.Why, e.Do); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
			if e.Warn {
				t.Error("it is called a warning")
			}
		})
	}
}
