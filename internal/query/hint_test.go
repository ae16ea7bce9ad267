package query

import (
	"strings"
	"testing"

	"weir/internal/fault"
)

func TestParse_Failure(t *testing.T) {
	cases := []struct {
		name, q, what string
		mark, width   int
	}{
		{"the group of the manual", "user.name: 김민수 and (source.ip: 203.0.113.5 or", "the group opened here is never closed", 20, 1},
		{"group", "user.name: 김민수 and (source.ip: 203.0.113.5", "the group opened here is never closed", 20, 1},
		{"group of values", "user.name: (a or b", "the group opened here is never closed", 12, 1},
		{"empty group", "a and ()", "this group is empty", 7, 2},
		{"open at the end", "a and (", "the group opened here is never closed", 7, 1},
		{"closed too much", "a)", "this `)` closes nothing", 2, 1},
		{"quote", `message: "abc`, "the quote opened here is never closed", 10, 1},
		{"no value", "user.name:", "no value follows `user.name:`", 10, 1},
		{"no value in a group", "(user.name: )", "no value follows `user.name:`", 11, 1},
		{"and first", "and a", "`and` has nothing on its left", 1, 3},
		{"or last", "a or", "`or` has nothing on its right", 3, 2},
		{"not last", "a and not", "`not` has nothing on its right", 7, 3},
		{"not without and", "a: b not c", "`and` or `or` is missing before `not`", 6, 3},
		{"missing and", "a: b c: d", "`and` or `or` is missing before `c`", 6, 1},
		{"missing and before a field", "hello user.name: x", "`and` or `or` is missing before `user.name`", 7, 9},
		{"missing and between quotes", `"a" "b"`, "`and` or `or` is missing before `\"b\"`", 5, 3},
		{"time without quotes", "@timestamp >= 2026-11-21T00:00:00Z", "a value with `:` in it must be in quotes", 15, 20},
		{"ipv6 without quotes", "source.ip: 2001:db8::1", "a value with `:` in it must be in quotes", 12, 11},
		{"backslash", `process.executable: C\Windows`, "a backslash must be written twice outside quotes", 22, 1},
		{"colon and operator", "source.port: > 5", "a comparison is written without a colon", 12, 3},
		{"no field before an operator", "> 5", "no field stands before `>`", 1, 1},
		{"no field before a colon", ": x", "no field stands before this colon", 1, 1},
		{"operator without a value", "source.port >", "no value follows `>`", 13, 1},
		{"star in a range", "source.port > 5*", "a star has no place in the order of values", 15, 2},
		{"lucene range", "source.port: [1 TO 5]", "a range in brackets is not KQL", 14, 8},
		{"equals", "user.name = alice", "`=` is not KQL", 11, 1},
		{"ampersands", "a && b", "`&&` is not KQL", 3, 2},
		{"not a number", "source.port: http", "`source.port` is a number", 14, 4},
		{"not an address", "source.ip: web-1", "`source.ip` is an address (10.0.0.1, 10.0.0.0/8, 10.1.*)", 12, 5},
		{"star in an address", "source.ip: 10.*.1", "`source.ip` is an address: a star can only stand for its last parts, as in 10.1.*", 12, 6},
		{"not a date", "@timestamp > yesterday", "`@timestamp` is a date (2026-11-21, now-15m)", 14, 9},
		{"not a boolean", "dll.code_signature.exists: yes", "`dll.code_signature.exists` is true or false", 28, 3},
		{"order of text", "message > a", "`message` is text, which has no order", 11, 1},
		{"network in a range", "source.ip > 10.0.0.0/8", "`source.ip` is an address; a network is written as `source.ip: 10.0.0.0/8`", 13, 10},
		{"field in a group of values", "user.name: (a or b: c)", "`b` looks like a field, but a value is expected here", 18, 1},
		{"operator in a group of values", "source.port: (> 5)", "a comparison has no place in a group of values", 15, 1},
		{"braces not closed", "a:{ b: c", "the group opened here is never closed", 3, 1},
		{"braces without a field", "{ b: c }", "no field stands before `{`", 1, 1},
		{"free text in braces", "a:{ b }", "inside braces every value needs the full name of its field", 5, 1},
		{"not utf-8", "a\xff", "the query is not UTF-8 here", 2, 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse(c.q)
			f, ok := err.(*fault.Error)
			if !ok {
				t.Fatalf("%s: error is %T %v", c.q, err, err)
			}
			if f.What != c.what || f.Mark != c.mark || f.Width != c.width {
				t.Errorf("%s\n got %q at %d, %d wide\nwant %q at %d, %d wide", c.q, f.What, f.Mark, f.Width, c.what, c.mark, c.width)
			}
			if f.Code != "kql-syntax" || f.Exit != fault.ExitUsage || f.Do == "" || f.Text == "" {
				t.Errorf("%s: incomplete: %+v", c.q, f)
			}
		})
	}
}

// What to do can be typed as it stands.
func TestHint_do(t *testing.T) {
	cases := []struct{ q, do string }{
		{"user.name: 김민수 and (source.ip: 203.0.113.5 or", "add `)` at the end; KQL in one page: weir help kql"},
		{"a:{ b: c", "add `}` at the end; KQL in one page: weir help kql"},
		{"source.ip: 2001:db8::1", "write `\"2001:db8::1\"`; KQL in one page: weir help kql"},
		{"(@timestamp > 2026-11-21T07:00:00Z)", "write `\"2026-11-21T07:00:00Z\"`; KQL in one page: weir help kql"},
		{"source.port: >= 5", "write `source.port >= ...`; KQL in one page: weir help kql"},
		{"user.name != root", "write `not user.name: ...`; KQL in one page: weir help kql"},
		{"a || b", "write `or`, or put the text in quotes; KQL in one page: weir help kql"},
		{"user.name:", "`user.name: *` finds the events that have the field; KQL in one page: weir help kql"},
		{"a and", "add a condition, or write `\\and` if you mean the word; KQL in one page: weir help kql"},
	}
	for _, c := range cases {
		_, err := Parse(c.q)
		f, ok := err.(*fault.Error)
		if !ok || f.Do != c.do {
			t.Errorf("%s: %v\n got %q\nwant %q", c.q, err, f.Do, c.do)
		}
	}
	if got := shorten(strings.Repeat("김", 40)); got != strings.Repeat("김", 30)+"…" {
		t.Errorf("a long piece is shown as %s", got)
	}
}
