package query

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/event"
	"weir/internal/fault"
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

func TestTree(t *testing.T) {
	q, err := Parse(`a.b: x* and not (c.d >= 5 or "free text") or e.f: *`)
	if err != nil {
		t.Fatal(err)
	}
	or := q.Root().(*Or)
	and := or.Nodes[0].(*And)
	term := and.Nodes[0].(*Term)
	if term.Field.Text != "a.b" || term.Value.Text != "x*" || !term.Value.Wild() || !slices.Equal(term.Value.Parts, []string{"x", ""}) {
		t.Errorf("%+v", term)
	}
	inner := and.Nodes[1].(*Not).Node.(*Or)
	if r := inner.Nodes[0].(*Range); r.Op != ">=" || r.Value.Text != "5" || r.Field.Col != 18 {
		t.Errorf("%+v", r)
	}
	if free := inner.Nodes[1].(*Term); free.Field.Text != "" || !free.Value.Quoted || free.Value.Text != "free text" {
		t.Errorf("%+v", free)
	}
	if e := or.Nodes[1].(*Exists); e.Field.Text != "e.f" {
		t.Errorf("%+v", e)
	}
}

func TestRangeBound(t *testing.T) {
	cases := []struct {
		q     string
		want  string
		after bool
	}{
		{"@timestamp > 2026-11-21", "2026-11-21T15:00:00Z", true},
		{"@timestamp >= 2026-11-21", "2026-11-20T15:00:00Z", true},
		{"@timestamp < 2026-11-21", "2026-11-20T15:00:00Z", false},
		{"@timestamp <= 2026-11-21", "2026-11-21T15:00:00Z", false},
		{"@timestamp >= now-15m", "2026-11-21T02:45:00Z", true},
		{"@timestamp >= now-1d/d", "2026-11-19T15:00:00Z", true},
		{"@timestamp <= now/w", "2026-11-22T15:00:00Z", false},
		{"@timestamp >= 2026-11-30||+1M/M", "2026-11-30T15:00:00Z", true},
		{"@timestamp >= now/y", "2025-12-31T15:00:00Z", true},
		{"@timestamp >= now+1h/h", "2026-11-21T04:00:00Z", true},
		{"@timestamp >= now-2h+30s/m", "2026-11-21T01:00:00Z", true},
		{"@timestamp >= 1795247408412", "2026-11-21T07:50:08.412Z", true},
	}
	for _, c := range cases {
		q, err := ParseAt(c.q, noon)
		if err != nil {
			t.Fatalf("%s: %v", c.q, err)
		}
		at, after, ok := q.Root().(*Range).Bound()
		if got := at.Format(time.RFC3339Nano); got != c.want || after != c.after || !ok {
			t.Errorf("%s: %s %v %v, want %s", c.q, got, after, ok, c.want)
		}
	}
	for _, bad := range []string{"now-", "now-x", "now-15", "now*2d", "now/15m", "2026-13-01", "2026-11-21||+1", "nowish", "now-99999999999d"} {
		if _, err := ParseAt("@timestamp > "+strings.ReplaceAll(bad, "*", `\*`), noon); fault.Code(err) != "kql-syntax" {
			t.Errorf("%s is taken as a date: %v", bad, err)
		}
	}
	if at, _, ok := mustRange(t, "@timestamp > 9999").Bound(); !ok || at.Year() != 2262 {
		t.Errorf("a far year is %s, want the last moment that there is", at)
	}
}

func mustRange(t *testing.T, q string) *Range {
	t.Helper()
	p, err := ParseAt(q, noon)
	if err != nil {
		t.Fatal(err)
	}
	return p.Root().(*Range)
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

// Whatever is typed, Parse answers; what it takes is printed so that it is read as the same, and matches the same.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`user.name: 김민수 and (source.ip: 203.0.113.5 or not x)`, `a:(b or "c d" and not e*)`, `@timestamp >= now-1d/d and port<5`, `dns.answers:{ data: x }`,
		`\and\: \u0041 "q\"\\\n" *`, `weir.data.*: "two words"`, `not not a or b`, `x:\ttab\t `, `((a) or b) c`, `"\u00e9" : "x" and a**b`, `source.ip: "2001:db8::/32"`,
		`message: foo* bar "`, `:`, `a: `, `()`, "a\xff", `and`, `labels.x:*y*z*`,
	} {
		f.Add(s)
	}
	e := decode(f, doc)
	empty := new(event.Event)
	f.Fuzz(func(t *testing.T, src string) {
		q, err := ParseAt(src, noon)
		if err != nil {
			if fe, ok := err.(*fault.Error); !ok || fe.Code != "kql-syntax" || fe.What == "" || fe.Do == "" || fe.Mark < 1 || fe.Width < 1 {
				t.Fatalf("%q: %#v", src, err)
			}
			return
		}
		text := q.String()
		again, err := ParseAt(text, noon)
		if err != nil {
			t.Fatalf("%q printed as %q: %v", src, text, err)
		}
		if again.String() != text {
			t.Fatalf("%q printed as %q, then as %q", src, text, again)
		}
		if q.Match(e) != again.Match(e) || q.Match(empty) != again.Match(empty) {
			t.Fatalf("%q and %q match differently", src, text)
		}
	})
}

// wide returns an event of 40 fields, as a parsed login has.
func wide(t testing.TB) *event.Event {
	e := decode(t, doc)
	for i := range 40 - e.Len() {
		e.SetPath(fmt.Sprintf("labels.l%d", i), event.Str("value"))
	}
	n := 0
	for _, f := range event.Fields() {
		if f.Type() == event.TypeKeyword && !e.Has(f) && e.Len() < 40 {
			e.Set(f, event.Str(fmt.Sprintf("value %d", n)))
			n++
		}
	}
	return e
}

var typical = []struct{ name, q string }{
	{"keyword", "event.outcome: failure"},
	{"and", "event.dataset: sshd and event.outcome: failure and not user.name: alice"},
	{"glob", "user.name: K*"},
	{"cidr", "source.ip: 203.0.113.0/24"},
	{"range", "source.port >= 1024 and @timestamp > now-1h"},
	{"text", "message: accepted"},
	{"phrase", `message: "port 40122 ssh2"`},
	{"text glob", "message: ssh*"},
	{"open key", "weir.data.bytes > 5000"},
	{"exists", "source.ip: *"},
	{"free text", "nosuchword"},
	{"free phrase", `"no such words"`},
	{"any field", "*.name: nobody"},
}

func TestMatch_allocates(t *testing.T) {
	e := wide(t)
	for _, c := range typical {
		q, err := ParseAt(c.q, noon)
		if err != nil {
			t.Fatal(err)
		}
		if n := testing.AllocsPerRun(100, func() { q.Match(e) }); n != 0 {
			t.Errorf("%s: %v allocations an event", c.q, n)
		}
	}
}

func BenchmarkMatch(b *testing.B) {
	e := wide(b)
	for _, c := range typical {
		b.Run(c.name, func(b *testing.B) {
			q, err := ParseAt(c.q, noon)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				q.Match(e)
			}
		})
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
