package match

import (
	"errors"
	"strings"
	"testing"
)

// TestErrors compares whole messages: they are read by people who write rules.
func TestErrors(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, src, want string }{
		{"single =", `user.name = "x"`, "1:11: did not expect `=` here (write == to compare)"},
		{"AND", `user.name == "x" AND user.id == "y"`, "1:18: did not expect `AND` here (write and)"},
		{"misspelt operator", `user.name contans "x"`, "1:11: did not expect `contans` here (did you mean `contains`?)"},
		{"misspelt function", `icontans(user.name, "R")`, "1:1: unknown function `icontans` (did you mean `icontains`?)"},
		{"second line", "user.name == \"x\"\nand user.id = \"김\"", "2:13: did not expect `=` here (write == to compare)"},
		{"after Korean", `user.name == "김민수" = 1`, "1:20: did not expect `=` here (write == to compare)"},
		{"unclosed text", `user.name == "x`, "1:16: literal not terminated (close the text with the quote that opened it)"},
		{"unclosed group", `(user.name == "x"`, "1:17: the expression ends too early"},
		{"at sign", `@timestamp > 1`, "1:1: unrecognized character: U+0040 '@' (write $env[\"@timestamp\"], or weir.time)"},
		{"empty", ` `, "1:1: the condition is empty"},
		{"text alone", `"x"`, `1:1: "x" is neither true nor false (compare a field with it)`},
		{"function of texts", `trim(user.name)`, "1:1: this is neither true nor false: expected bool, but got string (compare it with something)"},
		{"look-ahead", `user.name matches "(?=x)"`, "1:19: the pattern cannot be used (write two conditions: one with matches, one with not matches)"},
		{"look-ahead in re", `re(user.name, "a(?!x)")`, "1:1: the pattern cannot be used (write two conditions: one with matches, one with not matches)"},
		{"back-reference", `user.name matches "(a)\\1"`, "1:19: the pattern cannot be used"},
		{"pattern from a field", `"x" + user.name matches user.id`, "1:17: matches needs its pattern written out as a text"},
		{"cidr without network", `cidr(source.ip)`, `1:1: wrong arguments (write cidr(source.ip, "10.0.0.0/8", ...))`},
		{"cidr of nonsense", `cidr(source.ip, "10.0.0.0/99")`, `1:1: "10.0.0.0/99" is no network: write 10.0.0.0/8 or 2001:db8::/32`},
		{"exists of two", `exists(user.name, user.id)`, "1:1: wrong arguments (write exists(user.name))"},
		{"number to ieq", `ieq(user.name, 5)`, "1:16: ieq takes texts after the field (write ieq(user.name, \"root\", ...))"},
		{"unknown list", `in_list(source.ip, "bad")`, "1:1: there is no list `bad` (add bad.txt to the folder of lists, one value a line)"},
		{"contains a number", `user.name contains 5`, "1:20: contains needs a text on its right (put it in quotes)"},
		{"range", `event.severity in 1..5`, "1:20: ranges are not allowed in a condition"},
		{"let", `let x = 1; x == 1`, "1:1: `let` is not allowed in a condition (write the value where it is used)"},
		{"loop in loop", `any(related.ip, any(related.ip, # == "x"))`, "1:33: a loop within a loop is not allowed in a condition"},
		{"method", `user.name.foo()`, "1:11: methods cannot be called in a condition"},
		{"two statements", `user.name == "a"; user.id == "b"`, "1:11: this form is not allowed in a condition"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Compile(tt.src)
			if err == nil || err.Error() != tt.want {
				t.Fatalf("got  %v\nwant %s", err, tt.want)
			}
			if me, ok := errors.AsType[*Error](err); !ok || me.Code == "" || me.Width < 1 {
				t.Fatalf("%#v", err)
			}
		})
	}
	for _, src := range []string{`now() > date("2026-01-01")`, `repeat("x", 9) == user.name`, `map(related.ip, {reduce(#, #acc)}) == []`} {
		if _, err := Compile(src); err == nil || !strings.Contains(err.Error(), "not allowed") {
			t.Errorf("%s: %v", src, err)
		}
	}
}
