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
