package query

import (
	"strings"
	"testing"
)

func TestFields(t *testing.T) {
	q, err := Parse(`user.name: a and (source.ip: 10.0.0.0/8 or not user.name: b) and x and h*.name: c and dns.answers:{ data: d } and source.port > 1`)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(q.Fields(), " "); got != "user.name source.ip h*.name dns.answers dns.answers.data source.port" {
		t.Error(got)
	}
}

func TestUnknown(t *testing.T) {
	has := func(path string) bool { return path == "seen.before" }
	cases := []struct{ q, where, do string }{
		{"sorce.ip: 10.0.0.1", "query, column 1", "did you mean `source.ip`?"},
		{"a and user.nmae: b", "query, column 7", "did you mean `user.name`?"},
		{"vendor.colour: red", "query, column 1", "did you mean `vendor.color`?"},
		{"xyzzy.plugh: 1", "query, column 1", "shows which fields there are"},
		{"source.ip: 10.0.0.1 and labels.any: x and weir.data.any: y and source: * and us*: z and seen.before: w and word", "", ""},
	}
	for _, c := range cases {
		q, err := Parse(c.q)
		if err != nil {
			t.Fatal(err)
		}
		list := q.Unknown(has, "vendor.color")
		if c.where == "" {
			if len(list) != 0 {
				t.Errorf("%s: %v", c.q, list[0])
			}
			continue
		}
		if len(list) != 1 || !list[0].Warn || list[0].Code != "kql-unknown-field" || list[0].Where != c.where || !strings.Contains(list[0].Do, c.do) {
			t.Errorf("%s: %+v", c.q, list)
		}
	}
}

func TestParse_bounds(t *testing.T) {
	cases := []struct{ name, q, what string }{
		{"groups", strings.Repeat("(", 101) + "a" + strings.Repeat(")", 101), "more than 100 groups"},
		{"nots", strings.Repeat("not ", 101) + "a", "more than 100 groups"},
		{"values", "a:" + strings.Repeat("(", 101) + "a" + strings.Repeat(")", 101), "more than 100 groups"},
		{"length", strings.Repeat("a ", 40<<10), "longer than 64 KiB"},
	}
	for _, c := range cases {
		if _, err := Parse(c.q); err == nil || !strings.Contains(err.Error(), c.what) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if _, err := Parse(strings.Repeat("a or ", 5000) + "a"); err != nil {
		t.Errorf("a long list of conditions: %v", err)
	}
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse("event.dataset: sshd and source.ip: 203.0.113.0/24 and not user.name: (alice or bob*)"); err != nil {
			b.Fatal(err)
		}
	}
}

// What is written around conditions: groups, keywords, encoding.
func TestParse_Mistakes(t *testing.T) {
	mistakes{
		{"a )", `user.name: root and source.ip: 203.0.113.5)`, `
this ')' closes nothing
user.name: root and source.ip: 203.0.113.5)
                                          ^
take it away, or open the group with '('`},
		{"open group", `(user.name: root`, `
the group opened here is never closed
(user.name: root
^
add ')' at the end`},
		{"open group of values", `user.name: (root or admin`, `
the group opened here is never closed
user.name: (root or admin
           ^
add ')' at the end`},
		{"open braces", `dns.answers:{ data: 1.1.1.1`, `
the group opened here is never closed
dns.answers:{ data: 1.1.1.1
            ^
add '}' at the end`},
		{"the inner one is closed, the outer is not", `(user.name: root or (source.ip: 10.0.0.1 and event.outcome: failure)`, `
the group opened here is never closed
(user.name: root or (source.ip: 10.0.0.1 and event.outcome: failure)
^
add ')' at the end`},
		{"an open group before a missing condition", `user.name: 김민수 and (source.ip: 203.0.113.5 or`, `
the group opened here is never closed
user.name: 김민수 and (source.ip: 203.0.113.5 or
                   ^
add ')' at the end`},
		{"one ) too many in the middle", `user.name: root)) or x`, `
this ')' closes nothing
user.name: root)) or x
               ^
take it away, or open the group with '('`},
		{"a ) where a } belongs", `dns.answers:{ data: 1.1.1.1 ) }`, `
this ')' closes nothing
dns.answers:{ data: 1.1.1.1 ) }
                            ^
take it away, or open the group with '('`},
		{"empty group", `a and ()`, `
this group is empty
a and ()
      ^^
put a condition into it, or leave it out`},
		{"empty group of values", `user.name: ()`, `
this group is empty
user.name: ()
           ^^
put a condition into it, or leave it out`},
		{"and at the end", `event.outcome: failure and`, `
'and' has nothing on its right
event.outcome: failure and
                       ^^^
add a condition, or write '\and' if you mean the word`},
		{"not at the end", `event.outcome: failure and not`, `
'not' has nothing on its right
event.outcome: failure and not
                           ^^^
add a condition, or write '\not' if you mean the word`},
		{"and before a )", `(event.outcome: failure and ) or x`, `
'and' has nothing on its right
(event.outcome: failure and ) or x
                        ^^^
add a condition, or write '\and' if you mean the word`},
		{"and at the start", `and user.name: root`, `
'and' has nothing on its left
and user.name: root
^^^
add a condition, or write '\and' if you mean the word`},
		{"two ands", `user.name: root and and source.ip: 10.0.0.1`, `
'and' has nothing on its left
user.name: root and and source.ip: 10.0.0.1
                    ^^^
add a condition, or write '\and' if you mean the word`},
		{"and before the end of values", `user.name: (root and)`, `
'and' has nothing on its right
user.name: (root and)
                 ^^^
add a condition, or write '\and' if you mean the word`},
		{"not alone among values", `user.name: (not)`, `
'not' has nothing on its right
user.name: (not)
            ^^^
add a condition, or write '\not' if you mean the word`},
		{"not UTF-8", "a\xff b", `
the query is not UTF-8 here
a� b
 ^
save or type it as UTF-8`},
	}.check(t)
}
